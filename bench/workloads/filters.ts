/**
 * Filtered fan-out: as many different filters as subscribers, one match an event, spread evenly. Each queue has a call of
 * its own: one that went from queue to queue would match both, the one that it comes to and the one that it leaves. What
 * ingest alone costs on the same server is measured first and taken off. Then the cost of matching by itself, in this process.
 */
import { type Contender, withServer } from "../contender.ts";
import { callwire, grpcGo, grpcGoIndex, nats } from "../contenders.ts";
import { withSubscribers } from "../load.ts";
import { matchingByIndex, matchingByScan } from "../matching.ts";
import { DeliveryRun, ingestAlone } from "../measured.ts";
import { type Figures, own, peer, type Settings, type Workload } from "../workload.ts";

function sizes({ short }: Settings): number[] {
  return short ? [100] : [1_000, 10_000];
}

async function measureSize(contender: Contender, seconds: number, count: number): Promise<Figures> {
  return withServer(contender, async (server) => {
    const plan = { queues: count, calls: count, clients: 4 };
    const ingestUs = (await ingestAlone(server, plan, seconds)) * 1e6;
    return withSubscribers(server, { count, by: "each-queue", queues: count }, async (subscribers) => {
      const run = new DeliveryRun(server, subscribers, plan, 1);
      const { value, cpuSeconds, seconds: took } = await run.measure(seconds);
      const { events } = value.published;
      const named = (figure: string): string => `${count.toLocaleString("en")} filters: ${figure}`;
      return {
        [named("deliveries/s of server CPU")]: events / cpuSeconds,
        [named("µs of server CPU a delivery, net of ingest")]: (cpuSeconds / events) * 1e6 - ingestUs,
        [named("µs of server CPU an event, ingest alone")]: ingestUs,
        [named("deliveries/s")]: events / took,
        [named("cores of the clients")]: value.clientSeconds / took,
      };
    });
  });
}

async function measure(contender: Contender, settings: Settings): Promise<Figures> {
  const figures: Figures = {};
  for (const count of sizes(settings)) Object.assign(figures, await measureSize(contender, settings.seconds, count));
  return figures;
}

const compared = Object.fromEntries(
  ["100", "1,000", "10,000"].flatMap((count) => [
    [`${count} filters: µs of server CPU a delivery, net of ingest`, "less" as const],
    [`${count} filters: deliveries/s of server CPU`, "more" as const],
  ]),
);

export const filters: Workload = {
  name: "filters",
  about: "as many different filters as subscribers, one match an event, each on a connection of its own",
  durable: false,
  compared: { ...compared, "µs to match an event, 10,000 filters": "less" },
  measurements: (settings) => [
    own(callwire, () => measure(callwire, settings)),
    ...[grpcGoIndex, grpcGo, nats].map((contender) => peer(contender, () => measure(contender, settings))),
    { name: "matching, by index", own: true, measure: async () => matchingByIndex() },
    { name: "matching, by scanning the filters", own: false, measure: async () => matchingByScan() },
  ],
};
