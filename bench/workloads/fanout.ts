/** Live fan-out: everything to 100 subscribers, with ingest and net of what ingest alone costs on the same server. */
import { type Contender, withServer } from "../contender.ts";
import { callwire, connectHandler, grpcGo, grpcGoPrepared, grpcJs, nats } from "../contenders.ts";
import { withSubscribers } from "../load.ts";
import { DeliveryRun, ingestAlone } from "../measured.ts";
import { type Figures, own, peer, type Settings, type Workload } from "../workload.ts";

const count = 100;
const net = "deliveries/s of server CPU, net of ingest";

async function measure(contender: Contender, { seconds }: Settings): Promise<Figures> {
  return withServer(contender, async (server) => {
    const plan = { clients: 4 };
    const ingestSeconds = await ingestAlone(server, plan, seconds);
    return withSubscribers(server, { count }, async (subscribers) => {
      const run = new DeliveryRun(server, subscribers, plan, count);
      const { value, cpuSeconds, seconds: took } = await run.measure(seconds);
      const deliveries = value.published.events * count;
      return {
        "deliveries/s of server CPU": deliveries / cpuSeconds,
        [net]: deliveries / (cpuSeconds - value.published.events * ingestSeconds),
        "deliveries/s": deliveries / took,
        "cores of the server": cpuSeconds / took,
        "cores of the clients": value.clientSeconds / took,
      };
    });
  });
}

export const fanout: Workload = {
  name: "fanout",
  about: `live delivery of everything to ${count} subscribers, each on a connection of its own`,
  durable: false,
  compared: { "deliveries/s of server CPU": "more", [net]: "more" },
  measurements: (settings) => [
    own(callwire, () => measure(callwire, settings)),
    ...[nats, grpcGoPrepared, grpcGo, grpcJs, connectHandler].map((contender) =>
      peer(contender, () => measure(contender, settings)),
    ),
  ],
};
