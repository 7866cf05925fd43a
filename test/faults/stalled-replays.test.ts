import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { expect, it, onTestFinished } from "vitest";
import { IngestService, PublishItemSchema } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { EventKind } from "../../gen/ts/callwire/v1/state_pb.ts";
import {
  StartPosition,
  type SubscribeResponse,
  SubscriptionService,
} from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { residentBytes, serve } from "./gateway-process.ts";

const mebibyte = 1024 * 1024;
const batches = 24;
const batchEvents = 500;
/** Each on a connection of its own. */
const replays = 150;
const maxReplayBytes = 24 * mebibyte;
/** Half of what a slice of the journal and one read ahead take for each. */
const mostGrowthBytes = replays * mebibyte;
/** Makes an event a kilobyte. */
const queuePathNames = Array.from({ length: 4 }, (_, part) => `${part}-`.padEnd(250, "x"));

/** Publishes some 12 MB of events. */
async function fill(url: string): Promise<void> {
  const sessionManager = new Http2SessionManager(url);
  const client = createClient(IngestService, createGrpcTransport({ baseUrl: url, sessionManager }));
  for (let batch = 0; batch < batches; batch++) {
    const items = Array.from({ length: batchEvents }, (_, index) => {
      const callId = String(batch * batchEvents + index);
      return create(PublishItemSchema, { event: { case: "call", value: { callId, queuePathNames } } });
    });
    await client.publishEvents({ source: "ccai", items });
  }
  sessionManager.abort();
}

async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)![1]);
}

it("replays whose clients do not read hold no more than they may, and miss nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "callwire-replays-"));
  const config = join(folder, "callwire.yaml");
  writeFileSync(config, `limits: {max_replay_bytes: ${maxReplayBytes}}\n`);
  const { child, url } = await serve(folder, [], ["--config", config]);
  const sessions: Http2SessionManager[] = [];
  onTestFinished(async () => {
    for (const session of sessions) session.abort();
    if (child.exitCode === null && child.kill("SIGKILL")) await once(child, "exit");
    rmSync(folder, { recursive: true });
  });
  await fill(url);
  /** Differently named filters: what they are given is not shared. */
  const replay = (name: string): AsyncIterator<SubscribeResponse> => {
    const sessionManager = new Http2SessionManager(url);
    sessions.push(sessionManager);
    const client = createClient(SubscriptionService, createGrpcTransport({ baseUrl: url, sessionManager }));
    const position = { case: "start", value: StartPosition.EARLIEST } as const;
    const filters = { [name]: { kinds: [EventKind.CALL] } };
    return client.subscribe({ position, filters })[Symbol.asyncIterator]();
  };
  /** Reads until it has so many events, and stops. */
  const read = async (stream: AsyncIterator<SubscribeResponse>, ids: string[], count: number): Promise<void> => {
    while (ids.length < count) {
      const { value, done } = await stream.next();
      if (done === true) throw new Error(`the stream ended after ${ids.length} events`);
      for (const { payload } of value.events) if (payload.case === "call") ids.push(payload.value.callId);
    }
  };
  const everything = batches * batchEvents;
  // The heaps have grown to work of this size, for as many who did read on, one after the other.
  for (let index = 0; index < replays; index++) {
    const stream = replay(`w${index}`);
    await read(stream, [], 1 + 50 * index);
    sessions.at(-1)!.abort();
  }
  const before = residentBytes(child.pid!);
  const stalled = Array.from({ length: replays }, (_, index) => ({
    stream: replay(`r${index}`),
    ids: [] as string[],
    index,
  }));
  // Each stops in the midst of another slice.
  for (const { stream, ids, index } of stalled) await read(stream, ids, 1 + 50 * index);
  expect(await metric(url, "callwire_replay_bytes")).toBeLessThanOrEqual(maxReplayBytes);
  expect(await metric(url, "callwire_subscriptions")).toBe(replays);
  expect(residentBytes(child.pid!) - before).toBeLessThan(mostGrowthBytes);
  for (const { stream, ids } of [stalled[0]!, stalled[replays / 2]!, stalled.at(-1)!]) {
    await read(stream, ids, everything);
    expect(ids).toEqual(Array.from({ length: everything }, (_, index) => String(index)));
  }
});
