/** Quotas of tenants and credentials, and the receipts of streams, tried from outside on a real gateway. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, expect, it } from "vitest";
import { StartPosition } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { ErrorInfoSchema, RetryInfoSchema } from "../../gen/ts/google/rpc/error_details_pb.ts";
import { bearer, type Caller, callerWith, reasonOf, subscribed } from "../interop/caller.ts";
import { type RunningGateway, runningGateway } from "../interop/running-gateway.ts";

const names = ["two_streams", "slow_reader", "restarter", "slow_writer", "reader", "other"];
const keys = Object.fromEntries(names.map((name) => [name, `${name}-0123456789abcdef`]));
const yaml = `
tenants:
  - {id: bounded, sources: [{id: ccai}], quotas: {publish_events_per_second: 10}}
  - {id: free, sources: [{id: ccai}]}
credentials:
  - {id: two_streams, api_key: {env: two_streams}, tenants: [free], permissions: [subscribe], quotas: {max_streams: 2}}
  - {id: slow_reader, api_key: {env: slow_reader}, tenants: [free], permissions: [subscribe], quotas: {replay_bytes_per_second: 100}}
  - {id: restarter, api_key: {env: restarter}, tenants: [free], permissions: [subscribe], quotas: {replay_bytes_per_second: 100}}
  - {id: slow_writer, api_key: {env: slow_writer}, tenants: [free], permissions: [publish], quotas: {publish_bytes_per_second: 100}}
  - {id: reader, api_key: {env: reader}, tenants: [bounded, free], permissions: [subscribe, publish]}
  - {id: other, api_key: {env: other}, tenants: [bounded, free], permissions: [subscribe, publish]}
audit: {receipts: true}
`;

let running: RunningGateway;
let callers: Record<string, Caller>;
beforeAll(async () => {
  running = await runningGateway(yaml, keys);
  callers = Object.fromEntries(names.map((name) => [name, callerWith(running.gateway.url, bearer(keys[name]!))]));
  await publish("other", "free", 50);
});
afterAll(async () => {
  for (const caller of Object.values(callers)) caller.close();
  await running.dispose();
});

let call = 0;
const newCall = (): string => JSON.stringify({ type: "CallState", item: { CallID: `c-${++call}`, State: "ringing" } });
const items = (count: number) =>
  Array.from({ length: count }, () => ({ event: { case: "json" as const, value: newCall() } }));

function publish(name: string, tenant: string, count: number): Promise<unknown> {
  return callers[name]!.ingest.publishEvents({ tenant, source: "ccai", items: items(count) });
}

/** Which quota refused it; it is told when to try again. */
async function quotaOf(outcome: Promise<unknown>): Promise<string> {
  try {
    await outcome;
    return "none";
  } catch (error) {
    const failure = ConnectError.from(error);
    expect(failure.code).toBe(Code.ResourceExhausted);
    const [retry] = failure.findDetails(RetryInfoSchema);
    expect(Number(retry?.retryDelay?.seconds) + Number(retry?.retryDelay?.nanos)).toBeGreaterThan(0);
    return failure.findDetails(ErrorInfoSchema)[0]!.metadata.quota!;
  }
}

it("a stream more than a credential may have is refused, and taken once another has ended", async () => {
  const caller = callers.two_streams!;
  await subscribed(caller);
  const second = callerWith(running.gateway.url, bearer(keys.two_streams!));
  await subscribed(second);
  const refused = async () => {
    for await (const _ of caller.subscriptions.subscribe({}));
  };
  expect(await quotaOf(refused())).toBe("max_streams");
  second.close();
  await expect.poll(() => opens(caller)).toBe(true);
});

async function opens({ subscriptions }: Caller): Promise<boolean> {
  try {
    for await (const _ of subscriptions.subscribe({})) return true;
  } catch (error) {
    if (ConnectError.from(error).code !== Code.ResourceExhausted) throw error;
  }
  return false;
}

it("events of a tenant count whoever publishes them, by RPC, by stream or by webhook, and another tenant's do not", async () => {
  const path = "/webhooks/bounded/ccai";
  const many = JSON.stringify(Array.from({ length: 500 }, () => JSON.parse(newCall())));
  expect((await running.post(many, { path })).status).toBe(200);
  const refused = await running.post(newCall(), { path });
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(1);
  for (const name of ["reader", "other"]) {
    expect(await quotaOf(publish(name, "bounded", 1))).toBe("publish_events_per_second");
    const stream = callers[name]!.ingest.publishStream(
      (async function* () {
        yield { tenant: "bounded", source: "ccai", items: items(1), sequence: 1n };
      })(),
    );
    expect(await reasonOf(stream)).toBe("RATE_LIMITED");
    expect(await quotaOf(publish(name, "free", 1))).toBe("none");
  }
});

it("bytes that a credential publishes count, and another's do not", async () => {
  expect(await quotaOf(publish("slow_writer", "free", 20))).toBe("none");
  expect(await quotaOf(publish("slow_writer", "free", 1))).toBe("publish_bytes_per_second");
  expect(await quotaOf(publish("other", "free", 1))).toBe("none");
});

it("bytes that a credential reads count: whatever it reads", async () => {
  const { subscriptions, calls } = callers.slow_reader!;
  expect(await quotaOf(subscriptions.listEvents({}))).toBe("none");
  expect(await quotaOf(subscriptions.listEvents({}))).toBe("replay_bytes_per_second");
  const { newestCursor: cursor } = await subscriptions.getLogInfo({});
  const others = await Promise.all([
    quotaOf(calls.listCalls({})),
    quotaOf(calls.getCall({ id: { case: "callId", value: "c-1" } })),
    quotaOf(calls.listAgents({})),
    quotaOf(calls.getAgent({ id: { case: "agentId", value: "1" } })),
    quotaOf(subscriptions.explainEvent({ cursor, filters: { any: { callIds: ["c-1"] } } })),
  ]);
  expect(new Set(others)).toEqual(new Set(["replay_bytes_per_second"]));
  expect(await eventsShown("slow_reader", 2)).toBe(0);
  expect((await callers.other!.subscriptions.listEvents({ tenant: "free", pageSize: 50 })).events.length).toBe(50);
});

it("replays that are broken off and begun again, and snapshots, are no way around", async () => {
  expect(await eventsShown("restarter", Number.POSITIVE_INFINITY)).toBeGreaterThan(0);
  expect(await eventsShown("restarter", 2)).toBe(0);
  const { calls } = callers.restarter!;
  let told = 0;
  const shown = async () => {
    for await (const { sessions, progress } of calls.watchCalls({ progressInterval: { seconds: 1n, nanos: 0 } })) {
      if (sessions.length > 0 || (progress !== undefined && ++told === 2)) return sessions.length;
    }
  };
  expect(await shown()).toBe(0);
});

/** Events that a replay from the beginning gets at once, or before it was so often told of its progress, which takes no reading. */
async function eventsShown(name: string, timesOfProgress: number): Promise<number> {
  const position = { case: "start", value: StartPosition.EARLIEST } as const;
  const progressInterval = { seconds: 1n, nanos: 0 };
  let told = 0;
  for await (const { events, progress } of callers[name]!.subscriptions.subscribe({ position, progressInterval })) {
    if (events.length > 0) return events.length;
    if (progress !== undefined && ++told >= timesOfProgress) break;
  }
  return 0;
}

it("the receipt of a stream tells from where to where its credential was sent events, and no event", async () => {
  const position = { case: "start", value: StartPosition.EARLIEST } as const;
  let last = "";
  const reader = callers.other!;
  const head = (await reader.subscriptions.getLogInfo({ tenant: "free" })).newestCursor;
  const end = { case: "endCursor", value: head } as const;
  for await (const { cursor } of reader.subscriptions.subscribe({ tenant: "free", position, end })) last = cursor;
  expect(last).toBe(head);
  const receipts = () =>
    readFileSync(join(running.dataDir, "audit.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { action: string; credential?: string; receipt?: Record<string, unknown> })
      .filter(({ action, credential }) => action === "stream_closed" && credential === "other")
      .flatMap(({ receipt }) => (receipt === undefined ? [] : [receipt]));
  await expect.poll(() => receipts().at(-1)).toMatchObject({ from: expect.stringMatching(/-0$/), to: head });
  expect(receipts().at(-1)!.bytes).toBeGreaterThan(1_000);
  expect(Object.keys(receipts().at(-1)!).sort()).toEqual(["bytes", "from", "to"]);
});
