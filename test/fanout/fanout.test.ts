import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  EventView,
  ExpiredCursorPolicy,
  StartPosition,
  SubscribeRequestSchema,
} from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { Access } from "../../src/auth/access.ts";
import { anonymous } from "../../src/auth/make-policy.ts";
import { defaultLimits } from "../../src/config/limits.ts";
import { Fanout, type OpenSubscription } from "../../src/fanout/fanout.ts";
import { readSubscription } from "../../src/fanout/subscription.ts";
import { callBody, type TemporaryLog, temporaryLog } from "../log/temporary-log.ts";
import { RecordingSink } from "./recording-sink.ts";

const anyone = new Access(anonymous);

type Request = MessageInitShape<typeof SubscribeRequestSchema>;

const limits = { ...defaultLimits, maxSubscriberQueueBytes: 4_096 };
const earliest: Request["position"] = { case: "start", value: StartPosition.EARLIEST };

let temporary: TemporaryLog;
let fanout: Fanout;
let open: OpenSubscription[] = [];
beforeAll(async () => {
  temporary = await temporaryLog({ limits });
  fanout = new Fanout(temporary.log, limits);
});
afterAll(async () => {
  await fanout.shutdown(1_000);
  await temporary.dispose();
});

function subscribe(request: Request, sink = new RecordingSink()): RecordingSink {
  const subscription = readSubscription(create(SubscribeRequestSchema, request), temporary.log, limits, anyone);
  open.push(fanout.subscribe(subscription, sink));
  return sink;
}
function closeAll(): void {
  for (const subscription of open) subscription.cancel();
  open = [];
}
/** Publishes events of a call and gives their offsets. */
async function publish(count: number, callId = "c1", item: Record<string, unknown> = {}): Promise<number[]> {
  const submitted = Array.from({ length: count }, () =>
    temporary.log.submitBody("default", "ccai", callBody(callId, item)),
  );
  const outcomes = (await Promise.all(submitted)).flat();
  return outcomes.map((outcome) => Number((outcome as { cursor: string }).cursor.split("-")[1]));
}
const cursor = (offset: number): string => `${temporary.log.state("default").epoch}-${offset}`;
const head = (): number => temporary.log.state("default").headOffset;
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("Subscribe", () => {
  it("answers at once with the cursor, the digest and the view, then says that it is caught up", async () => {
    const sink = subscribe({ filters: { q: { callIds: ["nobody"] } } });
    await sink.caughtUp();
    expect(sink.responses[0]).toMatchObject({
      cursor: cursor(head()),
      filterDigest: expect.stringMatching(/^[0-9a-f]{16}$/),
      effectiveView: EventView.BASIC,
      masked: false,
    });
    closeAll();
  });

  it("hands the very same bytes to all subscribers of equal filters", async () => {
    const filters = { a: { callIds: ["shared", "other"] } };
    const swapped = { a: { callIds: ["other", "shared"] } };
    const sinks = [subscribe({ filters }), subscribe({ filters: swapped }), subscribe({ filters })];
    await Promise.all(sinks.map((sink) => sink.caughtUp()));
    const [offset] = await publish(1, "shared");
    await Promise.all(sinks.map((sink) => sink.until(({ offsets }) => offsets.includes(offset!))));
    const [first, ...others] = sinks.map((sink) => sink.buffers.at(-1));
    for (const other of others) expect(other).toBe(first);
    closeAll();
  });

  it("delivers history and live events in one sequence without gap or repeat, wherever it starts", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 5 }),
        fc.integer({ min: 1, max: 3 }),
        async (bursts, maxBatchEvents) => {
          const from = head();
          const sinks: RecordingSink[] = [];
          for (const burst of bursts) {
            const published = publish(burst);
            sinks.push(subscribe({ position: { case: "afterCursor", value: cursor(from) }, maxBatchEvents }));
            await published;
          }
          const expected = range(from + 1, head());
          for (const sink of sinks) {
            await sink.until(({ offsets }) => offsets.length >= expected.length);
            expect(sink.offsets).toEqual(expected);
            expect(Math.max(...sink.responses.map(({ events }) => events.length))).toBeLessThanOrEqual(maxBatchEvents);
            expect(sink.maxWritesUnderWay).toBe(1);
          }
          closeAll();
        },
      ),
      { numRuns: 15 },
    );
  });

  it("names the filters that matched when there are several", async () => {
    const from = head();
    await publish(1, "m1", { Queue_path_names: "support/orders" });
    await publish(1, "m2", { Queue_path_names: "support" });
    const filters = { b: { queueNames: ["support"] }, a: { callIds: ["m1"] } };
    const sink = subscribe({ filters, position: { case: "afterCursor", value: cursor(from) } });
    await sink.caughtUp();
    await publish(1, "m1", { Queue_path_names: "support" });
    await sink.until(({ offsets }) => offsets.length === 3);
    const matches = sink.responses.flatMap((response) => response.matches.map((match) => match.filters));
    expect(matches).toEqual([["a", "b"], ["b"], ["a", "b"]]);
    closeAll();
  });

  it("gives the FULL view the source's own text, from history and live", async () => {
    const from = head();
    const text = '{"call_id" : "raw",\n "state":"held"}';
    const post = (): Promise<unknown> => temporary.log.submitBody("default", "ccai", Buffer.from(` ${text}\n`));
    await post();
    const position: Request["position"] = { case: "afterCursor", value: cursor(from) };
    const sink = subscribe({ view: EventView.FULL, position });
    await sink.caughtUp();
    await post();
    await sink.until(({ offsets }) => offsets.length === 2);
    expect(sink.responses.flatMap(({ events }) => events.map(({ rawJson }) => rawJson))).toEqual([text, text]);
    closeAll();
  });

  it("speaks JSON to those who ask for it", async () => {
    const from = head();
    await publish(2);
    const sink = subscribe({ position: { case: "afterCursor", value: cursor(from) } }, new RecordingSink("json"));
    await sink.until(({ offsets }) => offsets.length === 2);
    await publish(1);
    await sink.until(({ offsets }) => offsets.length === 3);
    closeAll();
  });

  it("ends with OK after end_cursor, inclusive, and tells the last cursor also when nothing matched", async () => {
    const from = head();
    await publish(3);
    const position: Request["position"] = { case: "afterCursor", value: cursor(from) };
    const end: Request["end"] = { case: "endCursor", value: cursor(from + 2) };
    const all = subscribe({ position, end });
    const none = subscribe({ position, end, filters: { n: { callIds: ["nobody"] } } });
    await Promise.all([all, none].map((sink) => sink.until(({ ended }) => ended)));
    expect(all.offsets).toEqual([from + 1, from + 2]);
    for (const sink of [all, none]) {
      expect(sink.error).toBeUndefined();
      expect(sink.responses.at(-1)!.cursor).toBe(cursor(from + 2));
    }
  });

  it("ends before end_time once the clock has passed it", async () => {
    const from = head();
    const end = { case: "endTime" as const, value: timestampFromMs(Date.now() + 300) };
    const sink = subscribe({ position: { case: "afterCursor", value: cursor(from) }, end });
    await publish(2);
    await sink.until(({ ended }) => ended);
    expect(sink.error).toBeUndefined();
    expect(sink.offsets).toEqual([from + 1, from + 2]);
  });

  it("starts at start_time, inclusive", async () => {
    await publish(1);
    const before = temporary.log.state("default").clockMs;
    const [offset] = await publishAfter(before);
    const sink = subscribe({ position: { case: "startTime", value: timestampFromMs(before + 1) } });
    await sink.until(({ offsets }) => offsets.length > 0);
    expect(sink.offsets[0]).toBe(offset);
    closeAll();
  });

  /** Publishes until the clock has moved on; gives the first offset of the new time. */
  async function publishAfter(clockMs: number): Promise<number[]> {
    for (;;) {
      const offsets = await publish(1);
      if (temporary.log.state("default").clockMs > clockMs) return offsets;
    }
  }

  it("feeds a consumer that stopped reading from the journal, with bounded memory and nothing lost", async () => {
    const from = head();
    const slow = subscribe({});
    const quick = subscribe({});
    await Promise.all([slow.caughtUp(), quick.caughtUp()]);
    slow.stopReading();
    for (let burst = 0; burst < 20; burst++) await publish(10);
    await quick.until(({ offsets }) => offsets.length === 200);
    expect(fanout.stats().queuedBytes).toBeLessThanOrEqual(limits.maxSubscriberQueueBytes);
    expect(slow.offsets.length).toBeLessThan(200);
    slow.readAgain();
    await slow.caughtUp(2);
    expect(slow.offsets).toEqual(range(from + 1, from + 200));
    expect(slow.notices()).toEqual(["caughtUp", "fellBehind", "caughtUp"]);
    await publish(1);
    await slow.until(({ offsets }) => offsets.at(-1) === from + 201);
    closeAll();
  });

  it("waits for company as long as max_linger allows, and no longer than max_batch_events need", async () => {
    const from = head();
    const maxLinger = { seconds: 10n, nanos: 0 };
    const sink = subscribe({ maxLinger, maxBatchEvents: 4 });
    await sink.caughtUp();
    for (let event = 0; event < 4; event++) await publish(1);
    await sink.until(({ offsets }) => offsets.length === 4);
    expect(sink.responses.filter(({ events }) => events.length > 0)).toHaveLength(1);
    expect(sink.responses.at(-1)!.cursor).toBe(cursor(from + 4));
    closeAll();
  });

  it("moves the cursor while nothing matches", async () => {
    const progressInterval = { seconds: 1n, nanos: 0 };
    const sink = subscribe({ filters: { n: { callIds: ["nobody"] } }, progressInterval });
    await sink.caughtUp();
    const [offset] = await publish(1);
    await sink.until(({ responses }) => responses.some(({ progress }) => progress !== undefined));
    const { cursor: moved, progress } = sink.responses.find((response) => response.progress !== undefined)!;
    expect(moved).toBe(cursor(offset!));
    expect(progress).toMatchObject({ headCursor: cursor(offset!), eventsBehind: 0n });
    closeAll();
  });

  it("names e-mail addresses that no login has resolved", async () => {
    const login = { type: "AgentState", item: { ParticipantID: "77", Email: "Known@Example.com", State: "login" } };
    await temporary.log.submitBody("default", "ccai", Buffer.from(JSON.stringify(login)));
    const agentEmails = ["known@example.com", "Unknown@example.com"];
    const sink = subscribe({ filters: { a: { agentEmails } } });
    await sink.caughtUp();
    expect(sink.responses[0]!.unresolvedAgentEmails).toEqual(["unknown@example.com"]);
    await publish(1, "of-77", { Participants: [{ ParticipantID: "77", Type: "agent", State: "connected" }] });
    await sink.until(({ offsets }) => offsets.length === 1);
    closeAll();
  });

  it("says where to resume when it shuts down, and ends as unavailable", async () => {
    const own = new Fanout(temporary.log, limits);
    const sink = new RecordingSink();
    own.subscribe(readSubscription(create(SubscribeRequestSchema, {}), temporary.log, limits, anyone), sink);
    await sink.caughtUp();
    await own.shutdown(1_000);
    expect(sink.responses.at(-1)).toMatchObject({ cursor: cursor(head()), notice: { case: "goingAway" } });
    expect(sink.error).toMatchObject({ reason: "GOING_AWAY", retryAfterMs: expect.any(Number) });
  });

  it("shuts down in bounded time when a consumer does not read", async () => {
    const own = new Fanout(temporary.log, limits);
    const sink = new RecordingSink();
    own.subscribe(
      readSubscription(create(SubscribeRequestSchema, { position: earliest }), temporary.log, limits, anyone),
      sink,
    );
    sink.stopReading();
    await own.shutdown(50);
    expect(own.stats().streams).toBe(0);
  });
});

describe("a position that cannot be served", () => {
  const refusal = (request: Request): unknown => {
    try {
      return readSubscription(create(SubscribeRequestSchema, request), temporary.log, limits, anyone);
    } catch (error) {
      return error;
    }
  };
  const ended = async (request: Request): Promise<RecordingSink> => {
    const sink = subscribe(request);
    await sink.until((it) => it.ended);
    return sink;
  };

  it.each([
    ["an empty cursor", "", "INVALID_CURSOR"],
    ["no cursor at all", "yesterday", "INVALID_CURSOR"],
    ["a cursor of another log", "00000000-1", "EPOCH_MISMATCH"],
  ])("is refused: %s", async (_, value, reason) => {
    const sink = await ended({ position: { case: "afterCursor", value } });
    expect(sink.error).toMatchObject({ reason });
  });

  it("is refused beyond the head, for start and end alike, with the newest cursor", async () => {
    const beyond = cursor(head() + 1);
    const metadata = { newest_cursor: cursor(head()) };
    const sink = await ended({ position: { case: "afterCursor", value: beyond } });
    expect(sink.error).toMatchObject({ reason: "CURSOR_AHEAD", metadata });
    expect(refusal({ end: { case: "endCursor", value: beyond } })).toMatchObject({ reason: "CURSOR_AHEAD", metadata });
  });

  it("is refused when it is older than what is kept, or skipped with a gap", async () => {
    const trimmed = await temporaryLog({ retentionMs: 1 });
    const own = new Fanout(trimmed.log, limits);
    const run = async (request: Request): Promise<RecordingSink> => {
      const sink = new RecordingSink();
      own.subscribe(readSubscription(create(SubscribeRequestSchema, request), trimmed.log, limits, anyone), sink);
      await sink.until((it) => it.ended || it.notices().includes("caughtUp"));
      return sink;
    };
    await trimmed.log.submitBody("default", "ccai", callBody("c1"));
    await trimmed.log.submitBody("default", "ccai", callBody("c2"));
    const { promise, resolve } = Promise.withResolvers<void>();
    trimmed.log.onState(({ oldestOffset }) => oldestOffset === 2 && resolve());
    await promise;
    const { epoch } = trimmed.log.state("default");
    const position: Request["position"] = { case: "afterCursor", value: `${epoch}-1` };
    const failed = await run({ position });
    expect(failed.error).toMatchObject({ reason: "CURSOR_EXPIRED", metadata: { oldest_cursor: `${epoch}-2` } });
    const skipped = await run({ position, onExpired: ExpiredCursorPolicy.SKIP_WITH_GAP });
    const gap = skipped.responses.find(({ notice }) => notice.case === "gap")!;
    expect(gap).toMatchObject({
      cursor: `${epoch}-2`,
      notice: { value: { fromCursor: `${epoch}-1`, toCursor: `${epoch}-2` } },
    });
    expect((await run({ position: { case: "afterCursor", value: `${epoch}-2` } })).error).toBeUndefined();
    await own.shutdown(100);
    await trimmed.dispose();
  });
});
