/** Replay of a whole journal. */
import type { Running } from "../contender.ts";
import { callwire, jetStreamReading, redis } from "../contenders.ts";
import { type Journal, JournalSize } from "../journal.ts";
import { withSubscribers } from "../load.ts";
import { stretch } from "../measured.ts";
import { reading } from "../reading.ts";
import type { Figures, Workload } from "../workload.ts";

const atOnce = 20;

/** Also the canonical workload's. */
export async function replayed(server: Running, events: number, count: number) {
  const { value, cpuSeconds } = await stretch(server, () =>
    withSubscribers(server, { count, earliest: true }, (subscribers) => subscribers.received(events * count)),
  );
  return { perSecond: (events * count) / value.seconds, perCpuSecond: (events * count) / cpuSeconds };
}

function measure(journal: Journal): Promise<Figures> {
  return journal.serving(async (server) => {
    const one = await replayed(server, journal.events, 1);
    const many = await replayed(server, journal.events, atOnce);
    return {
      "events/s, one subscriber": one.perSecond,
      "events/s of server CPU, one subscriber": one.perCpuSecond,
      [`events/s, ${atOnce} subscribers together`]: many.perSecond,
      [`events/s of server CPU, ${atOnce} subscribers together`]: many.perCpuSecond,
    };
  });
}

export const replay: Workload = {
  name: "replay",
  about: `the whole journal from its oldest event on, to one subscriber and to ${atOnce} at once`,
  durable: false,
  compared: { "events/s, one subscriber": "more", [`events/s, ${atOnce} subscribers together`]: "more" },
  measurements(settings) {
    const size = new JournalSize(settings);
    return [
      reading(callwire, true, settings, size, {}, measure),
      ...[jetStreamReading, redis].map((contender) => reading(contender, false, settings, size, {}, measure)),
    ];
  },
};
