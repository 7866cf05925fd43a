/** The named workloads. Each gives its figures for one round. */
import { create } from "@bufbuild/protobuf";
import { PublishItemSchema } from "../gen/ts/callwire/v1/ingest_pb.ts";
import { StartPosition } from "../gen/ts/callwire/v1/subscription_pb.ts";
import { measureFold } from "./fold.ts";
import { type ServerProcess, startGatewayProcess, startScript } from "./gateway-process.ts";
import { postWebhooks, publishBatches, realCall, smallCall } from "./publisher.ts";
import { openSession, subscribe } from "./subscriber.ts";

/** Figures by name; the unit is in the name. */
export type Figures = Record<string, number>;

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

async function withServer<R>(
  start: () => Promise<ServerProcess>,
  use: (server: ServerProcess) => Promise<R>,
): Promise<R> {
  const server = await start();
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

const realItem = (index: number) => create(PublishItemSchema, { event: { case: "json", value: realCall(index) } });

async function ingest(): Promise<Figures> {
  return withServer(startGatewayProcess, async ({ url }) => {
    const total = 100_000;
    await publishBatches(url, { total: 10_000, batch: 100, clients: 8, item: realItem });
    const json = await timed(() => publishBatches(url, { total, batch: 100, clients: 8, item: realItem }));
    const typed = await timed(() => publishBatches(url, { total, batch: 100, clients: 8, item: smallCall }));
    return { "json events/s": total / json, "typed events/s": total / typed };
  });
}

async function webhook(): Promise<Figures> {
  return withServer(startGatewayProcess, async ({ url }) => {
    const total = 30_000;
    await postWebhooks(url, 5_000, 64);
    return { "events/s": total / (await timed(() => postWebhooks(url, total, 64))) };
  });
}

async function replay(): Promise<Figures> {
  return withServer(startGatewayProcess, async ({ url }) => {
    const total = 300_000;
    await publishBatches(url, { total, batch: 500, clients: 8, item: smallCall });
    const session = openSession(url);
    const seconds = await timed(async () => {
      const subscriber = subscribe(session, { position: { case: "start", value: StartPosition.EARLIEST } });
      await subscriber.received(total);
      subscriber.close();
    });
    session.destroy();
    return { "events/s": total / seconds };
  });
}

const fanoutSubscribers = 100;

async function fanoutOf(start: () => Promise<ServerProcess>, total: number): Promise<number> {
  return withServer(start, async (server) => {
    const sessions = Array.from({ length: 10 }, () => openSession(server.url));
    const subscribers = Array.from({ length: fanoutSubscribers }, (_, index) => subscribe(sessions[index % 10]!, {}));
    await Promise.all(subscribers.map(({ opened }) => opened));
    const before = server.cpuSeconds();
    await publishBatches(server.url, { total, batch: 100, clients: 4, item: smallCall });
    await Promise.all(subscribers.map((subscriber) => subscriber.received(total)));
    const cpu = server.cpuSeconds() - before;
    for (const session of sessions) session.destroy();
    return (total * fanoutSubscribers) / cpu;
  });
}

async function fanout(): Promise<Figures> {
  const gateway = await fanoutOf(startGatewayProcess, 50_000);
  const peer = await fanoutOf(() => startScript("./connect-peer.ts"), 3_000);
  return {
    "deliveries/s of server CPU": gateway,
    "ordinary Connect handler, deliveries/s of server CPU": peer,
    "ratio to the ordinary Connect handler": gateway / peer,
  };
}

async function memory(): Promise<Figures> {
  return withServer(startGatewayProcess, async (server) => {
    const before = server.residentBytes();
    const count = 1_000;
    const sessions = Array.from({ length: count }, () => openSession(server.url));
    await Promise.all(sessions.map((session) => subscribe(session, {}).opened));
    const after = server.residentBytes();
    for (const session of sessions) session.destroy();
    const mebibyte = 1024 * 1024;
    return {
      "MiB resident, idle": before / mebibyte,
      "MiB resident, 1,000 idle subscribers": after / mebibyte,
      "KiB a subscriber": (after - before) / 1024 / count,
    };
  });
}

async function fold(): Promise<Figures> {
  const { fold: foldUs, encode } = measureFold();
  return { "µs an event": foldUs, "µs an event, encoding its session": encode };
}

export const workloads: Record<string, () => Promise<Figures>> = { ingest, webhook, replay, fanout, memory, fold };
