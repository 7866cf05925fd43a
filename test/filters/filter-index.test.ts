import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallEventSchema, ParticipantSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { type Filter, FilterSchema } from "../../gen/ts/callwire/v1/filter_pb.ts";
import { Direction, EventKind, ParticipantType } from "../../gen/ts/callwire/v1/state_pb.ts";
import { attribute } from "../../src/filters/attributes.ts";
import { BlockKeysBuilder, decodeBlockKeys, encodeBlockKeys } from "../../src/filters/block-keys.ts";
import { compileFilters } from "../../src/filters/compile.ts";
import { addEventKeys } from "../../src/filters/event-keys.ts";
import { FilterIndex } from "../../src/filters/filter-index.ts";

const limits = { maxFilters: 1_000, maxFilterValues: 10_000 };
const noEmail = (): undefined => undefined;

const callArbitrary = fc.record({
  callId: fc.constantFrom("c1", "c2", "c3"),
  queue: fc.array(fc.constantFrom("support", "orders", "status"), { maxLength: 3 }),
  direction: fc.constantFrom(Direction.UNSPECIFIED, Direction.INCOMING, Direction.OUTGOING),
  parties: fc.array(
    fc.record({
      id: fc.option(fc.constantFrom<string[]>("1", "2", "agent_1", "+1555"), { nil: undefined }),
      type: fc.constantFrom(ParticipantType.AGENT, ParticipantType.EXTERNAL),
    }),
    { maxLength: 3 },
  ),
  recording: fc.option(fc.boolean(), { nil: undefined }),
});
type Call = typeof callArbitrary extends fc.Arbitrary<infer T> ? T : never;

function message(call: Call) {
  const event = create(CallEventSchema, {
    callId: call.callId,
    direction: call.direction,
    queuePathNames: call.queue,
    participants: call.parties.map(({ id, type }) => {
      const participant = create(ParticipantSchema, { type });
      if (id !== undefined) participant.participantId = id;
      return participant;
    }),
  });
  if (call.recording !== undefined) event.recordingPermitted = call.recording;
  return { case: "call" as const, value: event };
}

const filterArbitrary = fc
  .record({
    callIds: fc.subarray(["c1", "c2"]),
    queueNames: fc.subarray(["support", "support/orders", "orders", "status/"]),
    agentIds: fc.subarray(["1", "2", "agent_2", "+1555"]),
    directions: fc.subarray<Direction>([Direction.INCOMING, Direction.OUTGOING]),
    kinds: fc.subarray<EventKind>([EventKind.CALL, EventKind.AGENT]),
    recordingPermitted: fc.option(fc.boolean(), { nil: undefined }),
  })
  .filter((fields) =>
    Object.values(fields).some((value) => (Array.isArray(value) ? value.length > 0 : value !== undefined)),
  );

function filterOf({
  recordingPermitted,
  ...fields
}: typeof filterArbitrary extends fc.Arbitrary<infer T> ? T : never): Filter {
  const filter = create(FilterSchema, fields);
  if (recordingPermitted !== undefined) filter.recordingPermitted = recordingPermitted;
  return filter;
}

const bare = (id: string): string => id.replace(/^agent_/, "");

/** What the contract says, written without keys. */
function matches(filter: Filter, call: Call): boolean {
  const queue = call.queue.join("/");
  const agents = call.parties.flatMap(({ id, type }) =>
    id !== undefined && type === ParticipantType.AGENT ? [bare(id)] : [],
  );
  const clause = <T>(values: T[], holds: (value: T) => boolean): boolean => values.length === 0 || values.some(holds);
  return (
    clause(filter.callIds, (id) => id === call.callId) &&
    clause(filter.queueNames, (name) => `${queue}/`.startsWith(`${name.replace(/\/$/, "")}/`)) &&
    clause(filter.agentIds, (id) => agents.includes(bare(id))) &&
    clause(filter.directions, (direction) => direction === call.direction) &&
    clause(filter.kinds, (kind) => kind === EventKind.CALL) &&
    (filter.recordingPermitted === undefined || filter.recordingPermitted === call.recording)
  );
}

describe("FilterIndex", () => {
  it("finds exactly the matches that judging each filter on each event finds", () => {
    fc.assert(
      fc.property(
        fc.array(callArbitrary, { minLength: 1, maxLength: 8 }),
        fc.array(filterArbitrary, { minLength: 1, maxLength: 6 }),
        (calls, fields) => {
          const filters = fields.map(filterOf);
          const index = new FilterIndex<number>();
          filters.forEach((filter, owner) => index.add(owner, compileFilters({ f: filter }, limits).filters));
          const keys = new BlockKeysBuilder();
          for (const call of calls) {
            addEventKeys(keys, message(call), "ccai", noEmail);
            keys.endEvent();
          }
          const found: string[] = [];
          index.match(decodeBlockKeys(encodeBlockKeys(keys.build())), (ordinal, owner) =>
            found.push(`${ordinal}:${owner}`),
          );
          const expected = calls.flatMap((call, ordinal) =>
            filters.flatMap((filter, owner) => (matches(filter, call) ? [`${ordinal}:${owner}`] : [])),
          );
          expect(found.sort()).toEqual(expected.sort());
        },
      ),
    );
  });

  it("tells matches in the order of the events", () => {
    const index = new FilterIndex<string>();
    index.add("a", compileFilters({ f: create(FilterSchema, { callIds: ["c2"] }) }, limits).filters);
    const keys = new BlockKeysBuilder();
    for (const callId of ["c2", "c1", "c2"]) {
      keys.add(attribute.callId, callId);
      keys.endEvent();
    }
    const ordinals: number[] = [];
    index.match(keys.build(), (ordinal) => ordinals.push(ordinal));
    expect(ordinals).toEqual([0, 2]);
  });

  it("forgets an owner's filters", () => {
    const index = new FilterIndex<string>();
    const { filters } = compileFilters({ f: create(FilterSchema, { callIds: ["c1", "c2"] }) }, limits);
    index.add("a", filters);
    index.remove("a");
    const keys = new BlockKeysBuilder();
    keys.add(attribute.callId, "c1");
    keys.endEvent();
    index.match(keys.build(), () => expect.unreachable());
    expect(index.size).toBe(0);
  });

  it("forgets one of several owners who ask for the same, and no other", () => {
    const { filters } = compileFilters({ f: create(FilterSchema, { callIds: ["c1"] }) }, limits);
    const owners = ["a", "b", "c", "d"];
    const keys = new BlockKeysBuilder();
    keys.add(attribute.callId, "c1");
    keys.endEvent();
    const block = keys.build();
    for (const gone of owners) {
      const index = new FilterIndex<string>();
      for (const owner of owners) index.add(owner, filters);
      index.remove(gone);
      const found: string[] = [];
      index.match(block, (_, owner) => found.push(owner));
      expect(found.sort()).toEqual(owners.filter((owner) => owner !== gone));
    }
  });

  it("asks no filter but those that the event has the most selective key of, however many there are", () => {
    let asked = 0;
    class CountedKeys extends Set<string> {
      override has(key: string): boolean {
        asked++;
        return super.has(key);
      }
    }
    const index = new FilterIndex<number>();
    const filterCount = 10_000;
    for (let owner = 0; owner < filterCount; owner++) {
      const filter = { callIds: [`c${owner}`], directions: [Direction.INCOMING], kinds: [EventKind.CALL] };
      const { filters } = compileFilters({ f: create(FilterSchema, filter) }, limits);
      const counted = filters.map(({ name, clauses }) => ({
        name,
        clauses: clauses.map((clause) => ({ ...clause, keys: new CountedKeys(clause.keys) })),
      }));
      index.add(owner, counted);
    }
    const keys = new BlockKeysBuilder();
    for (const callId of ["c17", "c4711", "unknown"]) {
      const value = create(CallEventSchema, { callId, direction: Direction.INCOMING });
      addEventKeys(keys, { case: "call", value }, "ccai", noEmail);
      keys.endEvent();
    }
    const found: number[] = [];
    index.match(keys.build(), (_, owner) => found.push(owner));
    expect(found).toEqual([17, 4711]);
    // The two clauses beside the call's, of two filters.
    expect(asked).toBe(4);
  });
});

describe("addEventKeys", () => {
  it("finds an agent's call by e-mail once a login has told it, and never an external party by agent id", () => {
    const call = message({
      callId: "c1",
      queue: [],
      direction: Direction.INCOMING,
      recording: undefined,
      parties: [
        { id: "agent_7", type: ParticipantType.AGENT },
        { id: "8", type: ParticipantType.EXTERNAL },
      ],
    });
    const keys = new BlockKeysBuilder();
    addEventKeys(keys, call, "ccai", (id) => (id === "7" ? "a@example.com" : undefined));
    expect(
      keys
        .build()
        .table.filter((key) => "aei".includes(key[0]!))
        .sort(),
    ).toEqual(["a7", "ea@example.com", "i8", "iagent_7"]);
  });
});
