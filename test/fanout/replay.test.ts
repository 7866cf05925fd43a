/** What many replays cost: properties, not times. */
import { setImmediate } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { StartPosition, SubscribeRequestSchema } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { Access } from "../../src/auth/access.ts";
import { anonymous } from "../../src/auth/make-policy.ts";
import { defaultLimits } from "../../src/config/limits.ts";
import { Fanout, type OpenSubscription } from "../../src/fanout/fanout.ts";
import { JournalReading } from "../../src/fanout/journal-reading.ts";
import { readSubscription } from "../../src/fanout/subscription.ts";
import { callBody, type TemporaryLog, temporaryLog } from "../log/temporary-log.ts";
import { RecordingSink } from "./recording-sink.ts";

const events = 12_000;
let temporary: TemporaryLog;
let fanout: Fanout;
let blocks = 0;
const open: OpenSubscription[] = [];

beforeAll(async () => {
  temporary = await temporaryLog();
  temporary.log.onCommit(() => blocks++);
  fanout = new Fanout(temporary.log, defaultLimits);
  // A body of ten events is a good deal quicker than ten bodies.
  const { type, item } = JSON.parse(String(callBody("c1"))) as { type: string; item: object };
  const body = Buffer.from(JSON.stringify(Array.from({ length: 10 }, () => ({ type, item }))));
  await Promise.all(Array.from({ length: events / 10 }, () => temporary.log.submitBody("default", "ccai", body)));
});
afterAll(async () => {
  await fanout.shutdown(1_000);
  await temporary.dispose();
});

function replay(maxBatchEvents = 0, sink = new RecordingSink()): RecordingSink {
  const position = { case: "start", value: StartPosition.EARLIEST } as const;
  const request = create(SubscribeRequestSchema, { position, maxBatchEvents });
  open.push(fanout.subscribe(readSubscription(request, temporary.log, defaultLimits, new Access(anonymous)), sink));
  return sink;
}

async function blocksReadBy(work: () => Promise<unknown>): Promise<number> {
  const before = temporary.log.reader.blocksRead;
  await work();
  for (const subscription of open.splice(0)) subscription.cancel();
  return temporary.log.reader.blocksRead - before;
}

const everything = Array.from({ length: events }, (_, index) => index + 1);

test("one replay reads every block once", async () => {
  const sink = replay();
  expect(await blocksReadBy(() => sink.caughtUp())).toBe(blocks);
  expect(sink.offsets).toEqual(everything);
});

test("twenty replays at once, of different batch sizes, read every block about once between them", async () => {
  const sinks = Array.from({ length: 20 }, (_, index) => replay(index % 2 === 0 ? 0 : 100 + index));
  const read = await blocksReadBy(() => Promise.all(sinks.map((sink) => sink.caughtUp())));
  expect(read).toBeLessThanOrEqual(1.5 * blocks);
  for (const sink of sinks) expect(sink.offsets).toEqual(everything);
});

test("a replay that began later reads what the one before it has left behind, and both get everything", async () => {
  const first = replay();
  await first.until(({ offsets }) => offsets.length > 0);
  const second = replay(7);
  await blocksReadBy(() => Promise.all([first.caughtUp(), second.caughtUp()]));
  expect(first.offsets).toEqual(everything);
  expect(second.offsets).toEqual(everything);
});

test("replays whose clients do not read let go of the journal, and get all of it once they do", async () => {
  const limits = { ...defaultLimits, maxReplayBytes: 256 * 1024 };
  const bounded = new Fanout(temporary.log, limits);
  const access = new Access(anonymous);
  const stalled = Array.from({ length: 20 }, (_, index) => {
    const position = { case: "start", value: StartPosition.EARLIEST } as const;
    const request = create(SubscribeRequestSchema, { position, maxBatchEvents: 10 + index });
    const sink = new RecordingSink();
    bounded.subscribe(readSubscription(request, temporary.log, limits, access), sink);
    return sink;
  });
  // Each stalls in the midst of another slice.
  await Promise.all(
    stalled.map((sink, index) =>
      sink.until(({ responses }) => {
        if (responses.length < 2 + 20 * index) return false;
        sink.stopReading();
        return true;
      }),
    ),
  );
  await vi.waitFor(() => expect(bounded.stats().replayBytes).toBeLessThanOrEqual(limits.maxReplayBytes));
  for (const sink of stalled) sink.readAgain();
  await Promise.all(stalled.map((sink) => sink.caughtUp()));
  for (const { offsets, maxWritesUnderWay } of stalled) {
    expect(offsets).toEqual(everything);
    expect(maxWritesUnderWay).toBe(1);
  }
  expect(bounded.stats().replayBytes).toBe(0);
  await bounded.shutdown(1_000);
});

test("a slice that is awaited is not given back by who lets go of what is read ahead", async () => {
  const request = create(SubscribeRequestSchema, { position: { case: "start", value: StartPosition.EARLIEST } });
  const subscription = readSubscription(request, temporary.log, defaultLimits, new Access(anonymous));
  const journal = new JournalReading(subscription, temporary.log.reader);
  const first = await journal.slice(0, events);
  journal.readAhead(first.scannedTo, events);
  const awaited = journal.slice(first.scannedTo, events);
  journal.forgetAhead();
  const { runs } = await awaited;
  await setImmediate();
  expect(runs.length).toBeGreaterThan(0);
  for (const { frames, ends } of runs) expect(frames.length).toBe(ends.at(-1));
  journal.release();
});
