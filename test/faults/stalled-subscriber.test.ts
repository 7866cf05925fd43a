import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { expect, it, onTestFinished } from "vitest";
import { IngestService, PublishItemSchema } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { EventView, type SubscribeResponse, SubscriptionService } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { residentBytes, serve } from "./gateway-process.ts";

const mebibyte = 1024 * 1024;
/** The gateway's heaps have grown to work of this size, for one who reads it all, before the other one stalls. */
const warmUpBatches = 200;
const batches = 400;
const batchEvents = 100;
const paddingBytes = 10_000;
/** Half of what the events take that the stalled one misses. */
const mostGrowthBytes = 200 * mebibyte;

/** Publishes 1 MB of events a batch; gives the most memory that the gateway took. */
async function publish(url: string, pid: number, from: number, end: number): Promise<number> {
  const client = createClient(IngestService, createGrpcTransport({ baseUrl: url }));
  let peak = 0;
  for (let batch = from; batch < end; batch++) {
    const items = Array.from({ length: batchEvents }, (_, index) => {
      const value = JSON.stringify({ call_id: `${batch * batchEvents + index}`, padding: "x".repeat(paddingBytes) });
      return create(PublishItemSchema, { event: { case: "json", value } });
    });
    await client.publishEvents({ source: "ccai", items });
    peak = Math.max(peak, residentBytes(pid));
  }
  return peak;
}

/** Reads on until it has so many events; gives the call ids and the notices met. */
async function read(
  stream: AsyncIterator<SubscribeResponse>,
  count: number,
): Promise<{ ids: string[]; notices: Set<string> }> {
  const ids: string[] = [];
  const notices = new Set<string>();
  while (ids.length < count) {
    const { value, done } = await stream.next();
    if (done === true) throw new Error(`the stream ended after ${ids.length} events`);
    const { events, notice } = value;
    if (notice.case !== undefined) notices.add(notice.case);
    for (const { payload } of events) if (payload.case === "call") ids.push(payload.value.callId);
  }
  return { ids, notices };
}

function ids(fromBatch: number, endBatch: number): string[] {
  return Array.from({ length: (endBatch - fromBatch) * batchEvents }, (_, index) =>
    String(fromBatch * batchEvents + index),
  );
}

it("a subscriber that stops reading costs bounded memory, slows nobody, and misses nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "callwire-stalled-"));
  const { child, url } = await serve(folder);
  onTestFinished(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });
  const sessions: Http2SessionManager[] = [];
  const subscribe = async () => {
    const sessionManager = new Http2SessionManager(url);
    sessions.push(sessionManager);
    const client = createClient(SubscriptionService, createGrpcTransport({ baseUrl: url, sessionManager }));
    const stream = client.subscribe({ view: EventView.FULL })[Symbol.asyncIterator]();
    await stream.next();
    return stream;
  };
  const end = warmUpBatches + batches;
  const reading = await subscribe();
  const live = read(reading, end * batchEvents);
  await publish(url, child.pid!, 0, warmUpBatches);
  const stalled = await subscribe();
  const before = residentBytes(child.pid!);
  const peak = await publish(url, child.pid!, warmUpBatches, end);
  expect((await live).ids).toEqual(ids(0, end));
  expect(peak - before).toBeLessThan(mostGrowthBytes);
  const late = await read(stalled, batches * batchEvents);
  expect(late.ids).toEqual(ids(warmUpBatches, end));
  expect(late.notices).toContain("fellBehind");
  for (const session of sessions) session.abort();
  child.kill("SIGTERM");
  expect((await once(child, "exit"))[0]).toBe(0);
});
