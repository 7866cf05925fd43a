import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { SubscribeResponseSchema } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { encodeTail, frameBody, fullFrame, sessionField, varintLength, writeVarint } from "../../src/log/block.ts";
import { compress } from "../../src/log/compression.ts";
import { formatCursor, parseCursor } from "../../src/log/cursor.ts";
import { compressEnvelopes, decodeEnvelopes, type Envelope, encodeEnvelopes } from "../../src/log/envelope.ts";
import { encodeMemories, memoryAt, type SessionMemory } from "../../src/log/session-memory.ts";
import {
  decodePositions,
  encodePositions,
  mergePositions,
  type Positions,
  placesBytes,
  StoredPlaces,
} from "../../src/log/sqlite/positions.ts";
import { joinSessions, openSessions } from "../../src/log/sqlite/session-block.ts";
import { WireWriter } from "../../src/wire/wire-writer.ts";

describe("cursor", () => {
  it("is parsed back to what it was made from", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.maxSafeNat(), (epoch, offset) => {
        const hex = epoch.toString(16).padStart(8, "0");
        expect(parseCursor(formatCursor(hex, offset))).toEqual({ epoch: hex, offset });
      }),
    );
  });

  it.each([
    "",
    "x",
    "1234567-1",
    "12345678",
    "12345678-",
    "12345678--1",
    "12345678-01",
    "12345678-1 ",
    "ABCDEF12-1",
    "123456789-1",
    "12345678-99999999999999999",
  ])("refuses %j", (text) => {
    expect(parseCursor(text)).toBeUndefined();
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.string(), (text) => void parseCursor(text)));
  });
});

describe("varint", () => {
  it("is what Protobuf readers read", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (value) => {
        const bytes = new Uint8Array(varintLength(value));
        expect(writeVarint(bytes, 0, value)).toBe(bytes.length);
        const decoded = bytes.reduce((sum, byte, index) => sum + (byte & 0x7f) * 128 ** index, 0);
        expect(decoded).toBe(value);
      }),
    );
  });
});

describe("frames", () => {
  it("are pieces of a response, and FULL is BASIC with the tail appended", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 300 }),
        fc.string({ unit: "grapheme", maxLength: 2_000 }),
        (id, raw) => {
          const response = create(SubscribeResponseSchema, { events: [{ eventId: id }] });
          const frame = toBinary(SubscribeResponseSchema, response);
          expect(fromBinary(EventSchema, frameBody(frame)).eventId).toBe(id);
          const session = toBinary(SessionSchema, create(SessionSchema, { sessionId: id }));
          const full = fullFrame(frame, encodeTail(session, Buffer.from(raw)));
          const [event] = fromBinary(SubscribeResponseSchema, full).events;
          expect(event).toMatchObject({ eventId: id, rawJson: raw });
          expect(event!.session?.sessionId).toBe(session.length === 0 ? undefined : id);
        },
      ),
    );
  });
});

const envelopeArbitrary: fc.Arbitrary<Envelope> = fc.record({
  source: fc.constantFrom("ccai", "ccai-external"),
  kind: fc.constantFrom("call", "agent", "chat"),
  key: fc.string(),
  sourceEventId: fc.string(),
  idempotencyKey: fc.string(),
  receivedMs: fc.maxSafeNat(),
  eventTime: fc.option(
    fc
      .tuple(fc.maxSafeInteger(), fc.nat(999_999_999))
      .map(([seconds, nanos]) => create(TimestampSchema, { seconds: BigInt(seconds), nanos })),
    { nil: undefined },
  ),
  firstReceivedMs: fc.option(fc.nat(), { nil: undefined }),
  form: fc.constantFrom("json", "typed"),
  content: fc.uint8Array({ maxLength: 200 }),
});

describe("envelopes", () => {
  it("come back as they were stored", () => {
    fc.assert(
      fc.property(fc.array(envelopeArbitrary, { minLength: 1, maxLength: 5 }), (envelopes) => {
        const plain = (list: Envelope[]) => list.map((envelope) => ({ ...envelope, content: [...envelope.content] }));
        expect(plain(decodeEnvelopes(compressEnvelopes(encodeEnvelopes(envelopes))))).toEqual(plain(envelopes));
      }),
    );
  });
});

describe("sessions of a block", () => {
  it("come back as they were stored", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 20 }),
        fc.uint8Array({ maxLength: 40 }),
        (sessions, memories) => {
          const writer = new WireWriter();
          const ends = sessions.map((session) => {
            writer.bytes(sessionField, session);
            return writer.length;
          });
          const block = { sessions: writer.take(), sessionEnds: Uint32Array.from(ends) };
          const stored = openSessions(compress(joinSessions(block, memories)), sessions.length);
          expect(sessions.map((_, ordinal) => Uint8Array.from(stored.sessionOf(ordinal)))).toEqual(sessions);
          expect(Uint8Array.from(stored.memories)).toEqual(memories);
        },
      ),
    );
  });
});

const memoryArbitrary: fc.Arbitrary<SessionMemory> = fc.record({
  eventCount: fc.maxSafeNat(),
  lastState: fc.nat(20),
  listBytes: fc.nat(),
  lastEventTime: fc.option(
    fc
      .tuple(fc.maxSafeInteger(), fc.nat(999_999_999))
      .map(([seconds, nanos]) => create(TimestampSchema, { seconds: BigInt(seconds), nanos })),
    { nil: undefined },
  ),
  endedOffset: fc.option(
    fc.maxSafeNat().map((offset) => BigInt(offset + 1)),
    { nil: undefined },
  ),
  expired: fc.boolean(),
  connectionsBefore: fc.uint8Array({ max: 16, maxLength: 8 }),
  digest: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
});

describe("what the fold remembers of sessions", () => {
  it("comes back as it was stored, by the ordinal of the session's last event", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(1_023), { maxLength: 6 }),
        fc.infiniteStream(memoryArbitrary),
        (ordinals, all) => {
          const known = ordinals.map((ordinal) => [ordinal, all.next().value as SessionMemory] as const);
          const states = known.map(
            ([ordinal, memory]) => [{ state: { ...memory, session: create(SessionSchema) } }, ordinal] as const,
          );
          const stored = encodeMemories(new Map(states));
          for (const [ordinal, memory] of known) expect(memoryAt(stored, ordinal)).toEqual(memory);
          expect(memoryAt(stored, 1_024)).toBeUndefined();
        },
      ),
    );
  });
});

/** @param rows of each event offset, received time, end of its frame, offset of its session's first */
function positionsOf(rows: readonly (readonly [number, number, number, number])[]): Positions {
  return {
    offsets: Float64Array.from(rows, (row) => row[0]),
    receivedMs: Float64Array.from(rows, (row) => row[1]),
    frameEnds: Uint32Array.from(rows, (row) => row[2]),
    sessionOffsets: Float64Array.from(rows, (row) => row[3]),
    previousOffsets: Float64Array.from(rows, () => 0),
  };
}

describe("positions", () => {
  it("come back as they were stored", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.integer({ min: 1, max: 5 }), fc.nat(1_000), fc.nat(500), fc.option(fc.nat(4_000_000_000))),
          { minLength: 1, maxLength: 20 },
        ),
        (steps) => {
          let [offset, ms, end] = [1_000_000_000_000, 1_700_000_000_000, 0];
          const rows = steps.map(
            ([byOffset, byMs, bytes, back]) =>
              [(offset += byOffset), (ms += byMs), (end += bytes), back === null ? 0 : offset - back] as const,
          );
          const positions = positionsOf(rows);
          const stored = encodePositions(positions);
          expect(decodePositions(stored, positions.offsets[0]!)).toEqual(positions);
          // So do those of its parts, merged.
          const middle = Math.ceil(rows.length / 2);
          const parts = [rows.slice(0, middle), rows.slice(middle)].filter(({ length }) => length > 0);
          const merged = parts.map((part, index) => {
            const endBefore = index === 0 ? 0 : rows[middle - 1]![2];
            const ofPart = positionsOf(
              part.map(([offset, ms, end, back]) => [offset, ms, end - endBefore, back] as const),
            );
            return { positions: encodePositions(ofPart), first: part[0]![0] };
          });
          expect(mergePositions(merged)).toEqual(stored);
          // Any of them are told by their own bytes and those of the one before.
          for (const [first, last] of [
            [0, 0],
            [Math.floor(rows.length / 2), rows.length - 1],
          ] as const) {
            const { start, length } = placesBytes(first, last);
            const places = new StoredPlaces(stored.slice(start, start + length), positions.offsets[0]!, first);
            for (let ordinal = first; ordinal <= last; ordinal++) {
              const [offset, , end] = rows[ordinal]!;
              const begin = ordinal === 0 ? 0 : rows[ordinal - 1]![2];
              expect([places.offset(ordinal), places.frameStart(ordinal), places.frameEnd(ordinal)]).toEqual([
                offset,
                begin,
                end,
              ]);
            }
          }
        },
      ),
    );
  });
});
