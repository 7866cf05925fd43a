/** Durable ingest, normalised and folded by the gateway, raw bytes in the peers. */
import { type Contender, withServer } from "../contender.ts";
import { callwire, etcd, jetStream, redis } from "../contenders.ts";
import { type PublishPlan, publish, withSubscribers } from "../load.ts";
import { DeliveryRun, howMany, stretch } from "../measured.ts";
import { type Figures, own, peer, type Settings, type Workload } from "../workload.ts";

const batches: PublishPlan = { clients: 8, batch: 100 };
const pipelined: PublishPlan = { ...batches, pipeline: 8 };
const stream: PublishPlan = { ...pipelined, over: "grpc-stream" };

/** Also the single-event workload's. */
export async function measureIngest(contender: Contender, { seconds }: Settings, plan: PublishPlan): Promise<Figures> {
  return withServer(contender, async (server) => {
    await howMany(seconds, (total) => publish(server, { ...plan, total }));
    const { value, cpuSeconds, seconds: took } = await stretch(server, () => publish(server, { ...plan, seconds }));
    return {
      "events/s": value.events / value.seconds,
      "events/s of server CPU": value.events / cpuSeconds,
      "ms to the answer, p50": value.ackP50Ms,
      "ms to the answer, p99": value.ackP99Ms,
      "cores of the server": cpuSeconds / took,
      "cores of the clients": value.cpuSeconds / took,
    };
  });
}

/** What a live subscriber sees while ingest runs at full rate. */
async function measureDelivery({ seconds }: Settings): Promise<Figures> {
  return withServer(callwire, (server) =>
    withSubscribers(server, { count: 1, latency: true }, async (subscribers) => {
      const run = new DeliveryRun(server, subscribers, batches, 1);
      await run.deliver({ seconds });
      subscribers.restartLatency();
      const { published, received } = await run.deliver({ seconds });
      return {
        "events/s, one live subscriber": published.events / published.seconds,
        "ms to live delivery, p50": received.p50Ms,
        "ms to live delivery, p99": received.p99Ms,
      };
    }),
  );
}

export const ingest: Workload = {
  name: "ingest",
  about: "durable before the answer, batches of 100 from 8 clients; streams and pipelines with 8 batches under way",
  durable: true,
  compared: { "events/s": "more" },
  measurements: (settings) => [
    own(callwire, () => measureIngest(callwire, settings, batches), ", PublishEvents, typed"),
    own(callwire, () => measureIngest(callwire, settings, { ...batches, json: true }), ", PublishEvents, JSON"),
    own(callwire, () => measureIngest(callwire, settings, stream), ", PublishStream, typed"),
    own(callwire, () => measureIngest(callwire, settings, { ...stream, json: true }), ", PublishStream, JSON"),
    own(callwire, () => measureDelivery(settings), ", live delivery meanwhile"),
    peer(jetStream, () => measureIngest(jetStream, settings, pipelined)),
    peer(redis, () => measureIngest(redis, settings, batches), ", batches"),
    peer(redis, () => measureIngest(redis, settings, pipelined), ", pipelined"),
    peer(etcd, () => measureIngest(etcd, settings, batches), ", transactions"),
  ],
};
