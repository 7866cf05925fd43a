import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { expect, it, onTestFinished } from "vitest";
import { IngestService, PublishItemSchema } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { EventView, type SubscribeResponse, SubscriptionService } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { serve } from "./gateway-process.ts";

const mebibyte = 1024 * 1024;
const batches = 400;
const batchEvents = 100;
const paddingBytes = 10_000;
/** What so busy a gateway takes for itself, and less than that with all events in memory. */
const mostGrowthBytes = 480 * mebibyte;
const total = batches * batchEvents;

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) * 1024;
}

/** Publishes 400 MB of events, far more than may wait for anybody; gives the most memory that the gateway took. */
async function publishAll(url: string, pid: number): Promise<number> {
  const client = createClient(IngestService, createGrpcTransport({ baseUrl: url }));
  let peak = 0;
  for (let batch = 0; batch < batches; batch++) {
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
async function readAll(stream: AsyncIterator<SubscribeResponse>): Promise<{ ids: string[]; notices: Set<string> }> {
  const ids: string[] = [];
  const notices = new Set<string>();
  while (ids.length < total) {
    const { value, done } = await stream.next();
    if (done === true) throw new Error(`the stream ended after ${ids.length} events`);
    const { events, notice } = value;
    if (notice.case !== undefined) notices.add(notice.case);
    for (const { payload } of events) if (payload.case === "call") ids.push(payload.value.callId);
  }
  return { ids, notices };
}

it("a subscriber that stops reading costs bounded memory, slows nobody, and misses nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "callwire-stalled-"));
  const { child, url } = await serve(folder);
  onTestFinished(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });
  const sessions = [new Http2SessionManager(url), new Http2SessionManager(url)];
  const [stalled, reading] = sessions.map((sessionManager) => {
    const client = createClient(SubscriptionService, createGrpcTransport({ baseUrl: url, sessionManager }));
    return client.subscribe({ view: EventView.FULL })[Symbol.asyncIterator]();
  });
  await Promise.all([stalled!.next(), reading!.next()]);
  const before = residentBytes(child.pid!);
  const [peak, live] = await Promise.all([publishAll(url, child.pid!), readAll(reading!)]);
  const expected = Array.from({ length: total }, (_, index) => String(index));
  expect(live.ids).toEqual(expected);
  expect(peak - before).toBeLessThan(mostGrowthBytes);
  const late = await readAll(stalled!);
  expect(late.ids).toEqual(expected);
  expect(late.notices).toContain("fellBehind");
  for (const session of sessions) session.abort();
  child.kill("SIGTERM");
  expect((await once(child, "exit"))[0]).toBe(0);
}, 60_000);
