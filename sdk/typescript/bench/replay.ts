/**
 * How fast a journal is read: `replay.ts sdk|stub URL WARM_UP [connect]`. By the SDK or by the generated client alone, after
 * so many events to warm up. Run by bench/workloads/sdk.ts.
 */
import { readFileSync } from "node:fs";
import { createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { Client, StartPosition, SubscriptionService } from "../src/index.ts";

const [mode = "sdk", url = "", warmUp = "0", protocol = "grpc"] = process.argv.slice(2);

type Read = (endCursor: string, onEvent: () => void) => Promise<void>;

async function bySdk(endCursor: string, onEvent: () => void): Promise<void> {
  await using client = new Client({ url, protocol: protocol as "grpc" | "connect" });
  for await (const { kind } of client.subscribe({ start: StartPosition.EARLIEST, end: { cursor: endCursor } })) {
    if (kind === "event") onEvent();
  }
}

function transport(): Transport {
  const options = { baseUrl: url, httpVersion: "2" } as const;
  return protocol === "connect" ? createConnectTransport(options) : createGrpcTransport({ baseUrl: url });
}

async function byStub(endCursor: string, onEvent: () => void): Promise<void> {
  const responses = createClient(SubscriptionService, transport()).subscribe({
    position: { case: "start", value: StartPosition.EARLIEST },
    end: { case: "endCursor", value: endCursor },
  });
  for await (const { events } of responses) events.forEach(onEvent);
}

function residentBytes(): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))![1]) * 1024;
}

const read: Read = mode === "sdk" ? bySdk : byStub;
const { newestCursor } = await createClient(SubscriptionService, transport()).getLogInfo({});
const [epoch, newest = "0"] = newestCursor.split("-");
await read(`${epoch}-${Math.min(Number(newest), Number(warmUp))}`, () => {});

let events = 0;
let residentAtTenth = 0;
const [cpu, startedMs] = [process.cpuUsage(), performance.now()];
await read(newestCursor, () => {
  events++;
  if (events === Math.floor(Number(newest) / 10)) residentAtTenth = residentBytes();
});
const seconds = (performance.now() - startedMs) / 1_000;
const { user, system } = process.cpuUsage(cpu);
const figures = { events, seconds, cpuSeconds: (user + system) / 1e6, residentAtTenth, residentAtEnd: residentBytes() };
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
