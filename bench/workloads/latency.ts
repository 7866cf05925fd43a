/** From publishing to delivery, at rates that leave the server room. */
import { type Contender, withServer } from "../contender.ts";
import { callwire, grpcGo, grpcGoPrepared, nats, redis } from "../contenders.ts";
import { type PublishPlan, type SubscribePlan, withSubscribers } from "../load.ts";
import { DeliveryRun, howMany } from "../measured.ts";
import { type Figures, own, peer, type Settings, type Workload } from "../workload.ts";

interface Situation {
  name: string;
  subscribe: SubscribePlan;
  publish: PublishPlan;
  /** How many subscribers get each event. */
  copies: number;
}

const busy = (count: number, rate: number): Situation => ({
  name: `${rate.toLocaleString("en")} events/s to ${count} subscribers`,
  subscribe: { count },
  publish: { clients: 8, batch: Math.ceil(rate / 1_000), rate },
  copies: count,
});

/** Only the first subscriber's queue has events. */
const quiet = (idle: number, rate: number): Situation => ({
  name: `${rate} events/s to one beside ${idle.toLocaleString("en")} idle ones`,
  subscribe: { count: idle + 1, by: "each-queue", queues: idle + 1 },
  publish: { clients: 8, batch: 1, rate, queues: 1 },
  copies: 1,
});

/** What is slow at first is owed for long at a fixed rate. */
const warmUpSeconds = 1;

async function measure(contender: Contender, { seconds }: Settings, situations: Situation[]): Promise<Figures> {
  const figures: Figures = {};
  for (const situation of situations) {
    await withServer(contender, (server) =>
      withSubscribers(server, { ...situation.subscribe, latency: true }, async (subscribers) => {
        const run = new DeliveryRun(server, subscribers, situation.publish, situation.copies);
        // A server that compiles as it runs has to have seen many events, which takes minutes at a low rate.
        await howMany(seconds, (total) => run.deliver({ total, rate: 0 }));
        await run.deliver({ seconds: Math.max(warmUpSeconds, seconds) });
        subscribers.restartLatency();
        const { received, published } = await run.deliver({ seconds });
        figures[`${situation.name}: p50 ms`] = received.p50Ms;
        figures[`${situation.name}: p99 ms`] = received.p99Ms;
        figures[`${situation.name}: events/s`] = published.events / published.seconds;
      }),
    );
  }
  return figures;
}

const full = [busy(100, 10_000), quiet(1_000, 100)];
const short = [busy(10, 1_000), quiet(100, 100)];

export const latency: Workload = {
  name: "latency",
  about: "publishing to delivery; the gateway and Redis durable, the others not",
  durable: true,
  compared: Object.fromEntries(
    [...full, ...short].flatMap(({ name }) => [
      [`${name}: p50 ms`, "less" as const],
      [`${name}: p99 ms`, "less" as const],
    ]),
  ),
  measurements(settings) {
    const situations = settings.short ? short : full;
    return [
      own(callwire, () => measure(callwire, settings, situations)),
      // Readers of one stream that are idle: Redis has no such thing.
      peer(redis, () => measure(redis, settings, [situations[0]!])),
      ...[nats, grpcGoPrepared, grpcGo].map((contender) =>
        peer(contender, () => measure(contender, settings, situations)),
      ),
    ];
  },
};
