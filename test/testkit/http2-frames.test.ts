import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameReader, MessageReader, MessageTracker } from "../../src/testkit/http2-frames.ts";

function frame(type: number, flags: number, streamId: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

function message(length: number): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, Buffer.alloc(length, 7)]);
}

/** The bytes in pieces of the given sizes, the last one with the rest. */
function pieces(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const cut: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    cut.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...cut, bytes.subarray(at)].filter(({ length }) => length > 0);
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 200 });

describe("frames", () => {
  test("are found however the bytes are cut, and are the bytes", () => {
    const frames = [frame(4, 0, 0, Buffer.alloc(0)), frame(1, 4, 1, Buffer.alloc(30)), frame(0, 1, 1, message(50))];
    const bytes = Buffer.concat(frames);
    fc.assert(
      fc.property(sizes, (cuts) => {
        const reader = new FrameReader();
        const found = pieces(bytes, cuts).flatMap((piece) => [...reader.push(piece)]);
        expect(found.map(({ type, streamId, endsStream }) => ({ type, streamId, endsStream }))).toEqual([
          { type: 4, streamId: 0, endsStream: false },
          { type: 1, streamId: 1, endsStream: false },
          { type: 0, streamId: 1, endsStream: true },
        ]);
        expect(Buffer.concat(found.map((one) => one.bytes)).equals(bytes)).toBe(true);
      }),
    );
  });

  test("with padding give their data without it", () => {
    const padded = Buffer.concat([Buffer.from([3]), Buffer.from("data"), Buffer.alloc(3)]);
    const [found] = new FrameReader().push(frame(0, 0x8, 1, padded));
    expect(found!.data.toString()).toBe("data");
    expect(found!.bytes.subarray(found!.dataAt, found!.dataAt + 4).toString()).toBe("data");
  });
});

describe("messages", () => {
  const lengths = [10, 0, 1, 300];
  const bytes = Buffer.concat(lengths.map(message));

  test("have an end each, and a middle when there is one, however the bytes are cut", () => {
    fc.assert(
      fc.property(sizes, (cuts) => {
        const tracker = new MessageTracker();
        const marks: { part: string; at: number }[] = [];
        let before = 0;
        for (const piece of pieces(bytes, cuts)) {
          for (const { part, at } of tracker.push(piece)) marks.push({ part, at: before + at });
          before += piece.length;
        }
        const ends = marks.filter(({ part }) => part === "end").map(({ at }) => at);
        expect(ends).toEqual([15, 20, 26, 331]);
        expect(marks.map(({ part }) => part)).toEqual(["middle", "end", "end", "end", "middle", "end"]);
        expect(marks.filter(({ part }) => part === "middle").map(({ at }) => at)).toEqual([10, 181]);
      }),
    );
  });

  test("are read whole, however the bytes are cut", () => {
    fc.assert(
      fc.property(sizes, (cuts) => {
        const reader = new MessageReader();
        const read = pieces(bytes, cuts).flatMap((piece) => [...reader.push(piece)]);
        expect(read.map(({ length }) => length)).toEqual(lengths);
      }),
    );
  });
});
