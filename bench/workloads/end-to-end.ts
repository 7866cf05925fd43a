/** The canonical workload: durable ingest, live delivery to 100 subscribers, then a replay of what was stored. */
import { type Contender, withServer } from "../contender.ts";
import { callwire, jetStream, redis } from "../contenders.ts";
import { withSubscribers } from "../load.ts";
import { DeliveryRun } from "../measured.ts";
import { type Figures, own, peer, type Settings, type Workload } from "../workload.ts";
import { replayed } from "./replay.ts";

const count = 100;

async function measure(contender: Contender, { seconds }: Settings): Promise<Figures> {
  return withServer(contender, async (server) => {
    const { stored, live } = await withSubscribers(server, { count, latency: true }, async (subscribers) => {
      const run = new DeliveryRun(server, subscribers, { clients: 8 }, count);
      return { live: await run.measure(seconds), stored: run.events };
    });
    const { published, received } = live.value;
    const replay = await replayed(server, stored, 1);
    return {
      "events/s in and delivered": published.events / live.seconds,
      "deliveries/s of server CPU": (published.events * count) / live.cpuSeconds,
      "ms to the answer, p99": published.ackP99Ms,
      "ms to delivery, p50": received.p50Ms,
      "ms to delivery, p99": received.p99Ms,
      "events/s replayed": replay.perSecond,
      "cores of the clients": live.value.clientSeconds / live.seconds,
    };
  });
}

export const endToEnd: Workload = {
  name: "end-to-end",
  about: `durable ingest in batches of 100 from 8 clients, live delivery to ${count} subscribers, then one replay of it all`,
  durable: true,
  compared: {
    "events/s in and delivered": "more",
    "deliveries/s of server CPU": "more",
    "ms to delivery, p99": "less",
    "events/s replayed": "more",
  },
  measurements: (settings) => [
    own(callwire, () => measure(callwire, settings)),
    ...[jetStream, redis].map((contender) => peer(contender, () => measure(contender, settings))),
  ],
};
