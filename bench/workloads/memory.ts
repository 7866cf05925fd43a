/** Memory of idle subscribers, and what many events leave behind. */
import { setTimeout as wait } from "node:timers/promises";
import { type Contender, withServer } from "../contender.ts";
import { callwire, connectHandler, freePort, grpcGo, grpcJs, nats, startGateway } from "../contenders.ts";
import { HeapProbe } from "../heap.ts";
import { type SubscribePlan, withSubscribers } from "../load.ts";
import { DeliveryRun } from "../measured.ts";
import { type Figures, own, peer, type Settings, type Workload } from "../workload.ts";

const kibibyte = 1_024;
const mebibyte = kibibyte * kibibyte;

async function measureIdle(contender: Contender, { short }: Settings, plan: Partial<SubscribePlan>): Promise<Figures> {
  const count = short ? 200 : 1_000;
  const resident = async ({ process }: { process: { residentBytes(): number } }): Promise<number> => {
    // Until what opening took has been given back.
    await wait(short ? 300 : 1_000);
    return process.residentBytes();
  };
  return withServer(contender, (server) =>
    withSubscribers(server, { ...plan, count: 10 }, async () => {
      const before = await resident(server);
      const after = await withSubscribers(server, { ...plan, count }, () => resident(server));
      return {
        "KiB an idle subscriber": (after - before) / kibibyte / count,
        "MiB resident with 10": before / mebibyte,
        [`MiB resident with ${(count + 10).toLocaleString("en")}`]: after / mebibyte,
      };
    }),
  );
}

/** A process of its own, so that the inspector bears on no other figure. */
async function measureHeap({ seconds, events, short }: Settings): Promise<Figures> {
  const inspector = `127.0.0.1:${await freePort()}`;
  const inspected: Contender = {
    name: callwire.name,
    start: (folder) => startGateway(folder, { NODE_OPTIONS: `--inspect=${inspector}` }),
  };
  const count = 100;
  return withServer(inspected, (server) =>
    withSubscribers(server, { count }, async (subscribers) => {
      const probe = await HeapProbe.open(inspector);
      const run = new DeliveryRun(server, subscribers, {}, count);
      await run.deliver({ total: short ? 2_000 : 20_000 });
      const before = await probe.usedBytes();
      const residentBefore = server.process.residentBytes();
      const { published } = await run.deliver(events === undefined ? { seconds } : { total: events });
      const after = await probe.usedBytes();
      probe.close();
      return {
        "events delivered to 100": published.events,
        "MiB of heap before": before / mebibyte,
        "MiB of heap after": after / mebibyte,
        "MiB resident before": residentBefore / mebibyte,
        "MiB resident after": server.process.residentBytes() / mebibyte,
      };
    }),
  );
}

export const memory: Workload = {
  name: "memory",
  about: "idle subscribers on connections of their own; the main thread's heap before and after many events",
  durable: false,
  compared: { "KiB an idle subscriber": "less" },
  measurements: (settings) => [
    own(callwire, () => measureIdle(callwire, settings, {}), ", equal filters"),
    own(callwire, () => measureIdle(callwire, settings, { by: "each-queue", queues: 10_000 }), ", different filters"),
    own(callwire, () => measureHeap(settings), ", many events"),
    ...[grpcGo, grpcJs, nats, connectHandler].map((contender) =>
      peer(contender, () => measureIdle(contender, settings, {})),
    ),
  ],
};
