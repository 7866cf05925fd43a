/** One match in a thousand, found in a long journal by queue, agent or call; and a list's first page. */
import type { Running } from "../contender.ts";
import { callwire, jetStreamReading } from "../contenders.ts";
import { type Journal, JournalSize } from "../journal.ts";
import { listNewest, type SubscribePlan, withSubscribers } from "../load.ts";
import { reading } from "../reading.ts";
import type { Figures, Workload } from "../workload.ts";

/** A call has ten events, a thousand calls are under way at once, each with a queue and an agent of its own. */
const shape = { calls: 1_000, callLength: 10, queues: 1_000, agents: 1_000 };
const chosen = 7;

async function allMatches(server: Running, events: number): Promise<Figures> {
  const matches = Math.floor((events - 1 - chosen) / 1_000) + 1;
  const figures: Figures = {};
  for (const by of ["queue", "agent", "call"] as const) {
    const values = by === "call" ? Math.ceil(events / (shape.calls * shape.callLength)) : 1;
    const plan: SubscribePlan = { ...shape, count: 1, earliest: true, by, value: chosen, values };
    const { seconds } = await withSubscribers(server, plan, (subscribers) => subscribers.received(matches));
    figures[`ms to all matches by ${by}`] = seconds * 1000;
  }
  return figures;
}

function measureGateway(journal: Journal): Promise<Figures> {
  return journal.serving(async (server) => {
    const matches = await allMatches(server, journal.events);
    const pageSize = Math.max(1, Math.min(50, Math.floor(journal.events / shape.agents)));
    const { p50Ms, maxMs, requests } = await listNewest(server, { ...shape, pages: 20, pageSize });
    return {
      ...matches,
      [`ms to an agent's newest ${pageSize}, median of 20`]: p50Ms,
      [`ms to an agent's newest ${pageSize}, longest`]: maxMs,
      "requests of ListEvents for them": requests,
    };
  });
}

const measurePeer = (journal: Journal): Promise<Figures> =>
  journal.serving((server) => allMatches(server, journal.events));

export const history: Workload = {
  name: "history",
  about: "1 match in 1,000 of a journal by queue, by agent and by as many calls as it takes; first pages of ListEvents",
  durable: false,
  compared: {
    "ms to all matches by queue": "less",
    "ms to all matches by agent": "less",
    "ms to all matches by call": "less",
  },
  measurements(settings) {
    const size = new JournalSize(settings);
    return [
      reading(callwire, true, settings, size, shape, measureGateway),
      reading(jetStreamReading, false, settings, size, { ...shape, subjectByCall: true }, measurePeer),
    ];
  },
};
