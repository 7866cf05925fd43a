/** No response is larger than what clients take by default, whatever was asked for and however large the events are. */
import { once } from "node:events";
import http2 from "node:http2";
import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  AdminService,
  GetQuarantinedEventResponseSchema,
  type QuarantinedEvent,
} from "../../gen/ts/callwire/v1/admin_pb.ts";
import {
  WatchCallsRequestSchema,
  type WatchCallsResponse,
  WatchCallsResponseSchema,
} from "../../gen/ts/callwire/v1/call_pb.ts";
import { IngestService } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import {
  EventView,
  ListEventsResponseSchema,
  StartPosition,
  SubscribeResponseSchema,
  SubscriptionService,
} from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { type RunningGateway, runningGateway } from "./running-gateway.ts";

const most = 3 * 1024 * 1024;

let running: RunningGateway;
let sessionManager: Http2SessionManager;
beforeAll(async () => {
  running = await runningGateway();
  sessionManager = new Http2SessionManager(running.gateway.url);
});
afterAll(async () => {
  sessionManager.abort();
  await running.dispose();
});

const transport = () => createGrpcTransport({ baseUrl: running.gateway.url, sessionManager });
const subscriptions = () => createClient(SubscriptionService, transport());

async function publish(jsons: readonly string[]): Promise<{ first: string; last: string }> {
  const items = jsons.map((json) => ({ event: { case: "json" as const, value: json } }));
  const { results } = await createClient(IngestService, transport()).publishEvents({ source: "ccai", items });
  const cursor = results[0]!.cursor;
  const [epoch, offset] = cursor.split("-") as [string, string];
  return { first: `${epoch}-${Number(offset) - 1}`, last: results.at(-1)!.cursor };
}

function expectSmall<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): void {
  expect(toBinary(schema, message).length).toBeLessThanOrEqual(most);
}

type Request = Parameters<ReturnType<typeof subscriptions>["listEvents"]>[0];

/** Everything of a range by pages; the offsets in the order in which they came. */
async function listed(request: Request): Promise<number[]> {
  const offsets: number[] = [];
  for (let pageToken = ""; ; ) {
    const page = await subscriptions().listEvents({ ...request, pageToken });
    expectSmall(ListEventsResponseSchema, page);
    offsets.push(...page.events.map(({ offset }) => Number(offset)));
    if (Object.keys(request.filters ?? {}).length > 1) expect(page.matches.length).toBe(page.events.length);
    pageToken = page.nextPageToken;
    if (pageToken === "") return offsets;
  }
}

async function streamed(request: Parameters<ReturnType<typeof subscriptions>["subscribe"]>[0]): Promise<number[]> {
  const offsets: number[] = [];
  for await (const response of subscriptions().subscribe(request)) {
    expectSmall(SubscribeResponseSchema, response);
    offsets.push(...response.events.map(({ offset }) => Number(offset)));
  }
  return offsets;
}

const offsetOf = (cursor: string): number => Number(cursor.split("-")[1]);
const range = (from: string, to: string): number[] =>
  Array.from({ length: offsetOf(to) - offsetOf(from) }, (_, index) => offsetOf(from) + 1 + index);

describe("a response stays within 3 MiB", () => {
  it("of events whose FULL form has nearly 2 MiB each", async () => {
    const { first } = await publish(
      [0, 1, 2].map((n) => JSON.stringify({ call_id: `large-${n}`, custom_headers: "x".repeat(1_000_000) })),
    );
    const { last } = await publish([0, 1].map((n) => JSON.stringify({ call_id: `small-${n}` })));
    const bounds = {
      position: { case: "afterCursor" as const, value: first },
      end: { case: "endCursor" as const, value: last },
      view: EventView.FULL,
    };
    expect(await listed({ ...bounds, pageSize: 100 })).toEqual(range(first, last));
    expect(await listed({ ...bounds, pageSize: 100, orderBy: "offset desc" })).toEqual(range(first, last).reverse());
    expect(await streamed({ ...bounds, maxBatchEvents: 100 })).toEqual(range(first, last));
  });

  it("of many events that many filters match by long names", async () => {
    const filters = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, n) => [`${n} ${"n".repeat(100)}`, { queueNames: ["crowd"] }]),
    );
    const event = JSON.stringify({ call_id: "crowd", queue_path_names: "crowd" });
    const { first, last } = await publish(Array(100).fill(event) as string[]);
    const bounds = {
      position: { case: "afterCursor" as const, value: first },
      end: { case: "endCursor" as const, value: last },
      filters,
    };
    expect(await listed({ ...bounds, pageSize: 1_000 })).toEqual(range(first, last));
    expect(await streamed({ ...bounds, maxBatchEvents: 1_000 })).toEqual(range(first, last));
    const live: number[] = [];
    let more: { first: string; last: string } | undefined;
    const position = { case: "start" as const, value: StartPosition.LATEST };
    for await (const response of subscriptions().subscribe({ filters, position, maxBatchEvents: 1_000 })) {
      expectSmall(SubscribeResponseSchema, response);
      live.push(...response.events.map(({ offset }) => Number(offset)));
      if (response.notice.case === "caughtUp") more = await publish(Array(100).fill(event) as string[]);
      if (more !== undefined && live.at(-1) === offsetOf(more.last)) break;
    }
    expect(live).toEqual(range(more!.first, more!.last));
  });

  it("of calls that change while nobody reads, and then comes the latest state of each", async () => {
    const session = http2.connect(running.gateway.url);
    const watch = session.request({
      ":method": "POST",
      ":path": "/callwire.v1.CallService/WatchCalls",
      "content-type": "application/grpc",
      te: "trailers",
    });
    const request = create(WatchCallsRequestSchema, { filters: { q: { queueNames: ["watched"] } } });
    watch.end(encodeEnvelope(0, toBinary(WatchCallsRequestSchema, request)));
    await once(watch, "response");
    // Nobody reads: what does not fit into the stream's window waits in the gateway.
    const ids = Array.from({ length: 1_000 }, (_, n) => `watched-${n}`);
    const long = { language: "l".repeat(1_000), initiator: "i".repeat(1_000) };
    let last = "";
    for (const state of ["waiting", "ringing", "held", "connected"]) {
      const more = { state, queue_path_names: `watched/${"q".repeat(1_000)}`, ...long };
      last = (await publish(ids.map((call_id) => JSON.stringify({ call_id, ...more })))).last;
    }
    const states = new Map<string, string>();
    for await (const { sessions, cursor } of messagesOf(watch)) {
      for (const { sessionId, state } of sessions) states.set(sessionId, state);
      if (cursor === last) break;
    }
    expect(states.size).toBe(ids.length);
    expect(new Set(states.values())).toEqual(new Set(["connected"]));
    session.destroy();
  });
});

async function* messagesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<WatchCallsResponse> {
  let pending = Buffer.alloc(0);
  for await (const chunk of stream) {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 5 && pending.length >= 5 + pending.readUInt32BE(1)) {
      const end = 5 + pending.readUInt32BE(1);
      expect(end).toBeLessThanOrEqual(most);
      yield fromBinary(WatchCallsResponseSchema, pending.subarray(5, end));
      pending = pending.subarray(end);
    }
  }
}

it("a large entry of the quarantine comes in parts that clients take", async () => {
  const body = Buffer.alloc(9 * 1024 * 1024, "0123456789");
  expect((await running.post(body)).status).toBe(400);
  const admin = createClient(AdminService, transport());
  const [{ id }] = (await admin.listQuarantinedEvents({})).events as [QuarantinedEvent];
  const parts: Uint8Array[] = [];
  let contentOffset = 0n;
  do {
    const response = await admin.getQuarantinedEvent({ id, contentOffset });
    expectSmall(GetQuarantinedEventResponseSchema, response);
    expect(response.event?.sizeBytes).toBe(BigInt(body.length));
    parts.push(response.event!.content);
    contentOffset = response.nextContentOffset;
  } while (contentOffset > 0n);
  expect(parts.length).toBeGreaterThan(2);
  expect(Buffer.concat(parts).equals(body)).toBe(true);
  const beyond = admin.getQuarantinedEvent({ id, contentOffset: BigInt(body.length + 1) });
  await expect(beyond).rejects.toThrow("content_offset");
});
