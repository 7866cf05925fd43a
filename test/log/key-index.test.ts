/** The key index of history: what it finds is what a full scan finds, and it reads little for it. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { FilterSchema } from "../../gen/ts/callwire/v1/filter_pb.ts";
import { EventKind } from "../../gen/ts/callwire/v1/state_pb.ts";
import { StartPosition, SubscribeRequestSchema } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { Access } from "../../src/auth/access.ts";
import { anonymous } from "../../src/auth/make-policy.ts";
import { defaultLimits } from "../../src/config/limits.ts";
import { Fanout } from "../../src/fanout/fanout.ts";
import { readSubscription } from "../../src/fanout/subscription.ts";
import { type CompiledFilters, compileFilters } from "../../src/filters/compile.ts";
import { filterHolds } from "../../src/filters/filter-index.ts";
import type { EncodedBlock } from "../../src/log/block.ts";
import type { ReadRange } from "../../src/log/event-reader.ts";
import { segmentOffsets } from "../../src/log/key-segment.ts";
import { RecordingSink } from "../fanout/recording-sink.ts";
import { type TemporaryLog, temporaryLog } from "./temporary-log.ts";

const events = 10 * segmentOffsets;
const perBody = 200;
/** An event of one call in a thousand; calls end, so that former agents and queues are among the keys. */
function item(index: number): object {
  const call = Math.floor(index / 8_000) * 1_000 + (index % 1_000);
  const State = Math.floor((index % 8_000) / 1_000) === 7 ? "disconnected" : "connected";
  const Participants = [{ participantID: `${index % 97}`, type: "agent", State: "connected" }];
  return { type: "CallState", item: { CallID: `c${call}`, State, Queue_path_names: `q${index % 41}/x`, Participants } };
}

let temporary: TemporaryLog;
const blocks: EncodedBlock[] = [];
beforeAll(async () => {
  temporary = await temporaryLog();
  temporary.log.onCommit((block) => blocks.push(block));
  const bodies = Array.from({ length: events / perBody }, (_, body) =>
    Buffer.from(JSON.stringify(Array.from({ length: perBody }, (_, index) => item(body * perBody + index)))),
  );
  for (const body of bodies.slice(0, -1)) void temporary.log.submitBody("default", "ccai", body);
  await temporary.log.submitBody("default", "ccai", bodies.at(-1)!);
  await vi.waitFor(() => expect(temporary.log.indexedUpTo("default")).toBeGreaterThanOrEqual(8 * segmentOffsets), {
    timeout: 120_000,
  });
});
afterAll(() => temporary.dispose());

function compiled(filters: Record<string, MessageInitShape<typeof FilterSchema>>): CompiledFilters {
  const named = Object.entries(filters).map(([name, filter]) => [name, create(FilterSchema, filter)]);
  return compileFilters(Object.fromEntries(named), defaultLimits);
}

/** Offsets and names of all matches of a range, by looking at every event. */
function scanned(filters: CompiledFilters, after: number, upTo: number): [number, string[]][] {
  return blocks.flatMap(({ offsets, keys }) =>
    Array.from(offsets, (offset, ordinal): [number, string[]] => {
      const names = filters.filters.filter((filter) => filterHolds(filter, keys, ordinal)).map(({ name }) => name);
      return [offset, offset > after && offset <= upTo ? names : []];
    }).filter(([, names]) => names.length > 0),
  );
}

async function read(filters: CompiledFilters, range: Omit<ReadRange, "maxBytes">): Promise<[number, string[]][]> {
  const { reader } = temporary.log;
  const plan = reader.register({ tenant: "default", filters, scope: "event", view: "basic", mask: undefined });
  const found: [number, string[]][] = [];
  const rest = { ...range, maxBytes: 100_000 };
  for (;;) {
    const slice = await reader.read(plan, rest);
    for (const { offsets, matches } of slice.runs) {
      found.push(...Array.from(offsets, (offset, index): [number, string[]] => [offset, matches?.[index] ?? ["f"]]));
    }
    if (rest.direction === "up") rest.afterOffset = slice.scannedTo;
    else rest.upToOffset = slice.scannedTo;
    if (slice.done) break;
  }
  reader.release(plan);
  return found;
}

const text = (prefix: string, most: number) =>
  fc.array(
    fc.nat(most).map((n) => `${prefix}${n}`),
    { minLength: 1 },
  );
const filter = fc
  .record(
    {
      queueNames: text("q", 45),
      agentIds: text("", 99),
      callIds: text("c", 10_000),
      kinds: fc.constant<EventKind[]>([EventKind.CALL]),
    },
    { requiredKeys: [] },
  )
  .filter((fields) => Object.keys(fields).length > 0);

test("finds exactly what looking at every event finds, in any range, up and down, under one filter and several", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.record({ f: filter }), fc.record({ f: filter, g: filter })),
      fc.nat(events),
      fc.nat(events),
      fc.constantFrom("up" as const, "down" as const),
      async (given, one, other, direction) => {
        const filters = compiled(given as Record<string, object>);
        const range = { afterOffset: Math.min(one, other), upToOffset: Math.max(one, other), direction };
        const expected = scanned(filters, range.afterOffset, range.upToOffset);
        if (direction === "down") expected.reverse();
        expect(await read(filters, range)).toEqual(expected);
      },
    ),
    { numRuns: 60 },
  );
});

test("reads the blocks that have matches, and those that are not indexed yet, once each, and no other", async () => {
  const filters = compiled({ f: { callIds: ["c7", "c1007", "c5555"] } });
  const indexed = temporary.log.indexedUpTo("default");
  const matching = new Set(scanned(filters, 0, events).map(([offset]) => offset));
  const expected = blocks.filter(
    ({ offsets }) => offsets[0]! > indexed || offsets.some((offset) => matching.has(offset)),
  );
  const before = temporary.log.reader.blocksRead;
  const found = await read(filters, { afterOffset: 0, upToOffset: events, direction: "up" });
  expect(found.map(([offset]) => offset)).toEqual([...matching]);
  expect(temporary.log.reader.blocksRead - before).toBe(expected.length);
});

test("a replay gives it in order, slices read ahead and all", async () => {
  const filter = create(FilterSchema, { agentIds: ["7"] });
  const request = create(SubscribeRequestSchema, {
    filters: { f: filter },
    position: { case: "start", value: StartPosition.EARLIEST },
  });
  const fanout = new Fanout(temporary.log, defaultLimits);
  const sink = new RecordingSink();
  fanout.subscribe(readSubscription(request, temporary.log, defaultLimits, new Access(anonymous)), sink);
  await sink.caughtUp();
  expect(sink.offsets).toEqual(scanned(compiled({ f: filter }), 0, events).map(([offset]) => offset));
  await fanout.shutdown(1_000);
});

test("is there after a restart, and goes on", async () => {
  const log = await temporary.reopen();
  await vi.waitFor(() => expect(log.indexedUpTo("default")).toBeGreaterThanOrEqual(8 * segmentOffsets), {
    timeout: 120_000,
  });
  const filters = compiled({ f: { agentIds: ["7"] } });
  const found = await read(filters, { afterOffset: 0, upToOffset: events, direction: "down" });
  expect(found).toEqual(scanned(filters, 0, events).reverse());
});
