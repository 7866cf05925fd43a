/** Live fan-out: everything to 100 subscribers of one filter, ingest included. */
import { type Contender, withServer } from "../contender.ts";
import { callwire, connectHandler, grpcGo, grpcGoPrepared, grpcJs, nats } from "../contenders.ts";
import { withSubscribers } from "../load.ts";
import { DeliveryRun } from "../measured.ts";
import { type Figures, own, peer, type Settings, type Workload } from "../workload.ts";

const count = 100;

async function measure(contender: Contender, { seconds }: Settings): Promise<Figures> {
  return withServer(contender, (server) =>
    withSubscribers(server, { count }, async (subscribers) => {
      const run = new DeliveryRun(server, subscribers, { clients: 4 }, count);
      const { value, cpuSeconds, seconds: took } = await run.measure(seconds);
      const deliveries = value.published.events * count;
      return {
        "deliveries/s of server CPU": deliveries / cpuSeconds,
        "deliveries/s": deliveries / took,
        "cores of the server": cpuSeconds / took,
        "cores of the clients": value.clientSeconds / took,
      };
    }),
  );
}

export const fanout: Workload = {
  name: "fanout",
  about: `live delivery of everything to ${count} subscribers, each on a connection of its own`,
  durable: false,
  compared: { "deliveries/s of server CPU": "more" },
  measurements: (settings) => [
    own(callwire, () => measure(callwire, settings)),
    ...[nats, grpcGoPrepared, grpcGo, grpcJs, connectHandler].map((contender) =>
      peer(contender, () => measure(contender, settings)),
    ),
  ],
};
