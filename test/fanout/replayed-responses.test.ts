import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SubscribeResponseSchema } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { replayedResponses } from "../../src/fanout/replayed-responses.ts";
import { concat } from "../../src/log/block.ts";
import type { EventRun } from "../../src/log/event-reader.ts";
import { WireWriter } from "../../src/wire/wire-writer.ts";

/** The frame of an Event with only an offset and a long id. */
function frame(offset: number, padding: number): Uint8Array {
  const writer = new WireWriter();
  writer.number(1, offset);
  writer.text(2, "x".repeat(padding));
  const event = writer.take();
  writer.bytes(SubscribeResponseSchema.field.events.number, event);
  return writer.take();
}

function run(firstOffset: number, paddings: number[], names: boolean): EventRun {
  const frames = paddings.map((padding, index) => frame(firstOffset + index, padding));
  let end = 0;
  return {
    frames: concat(frames),
    ends: Uint32Array.from(frames, ({ length }) => (end += length)),
    offsets: Float64Array.from(paddings, (_, index) => firstOffset + index),
    matches: names ? paddings.map((_, index) => [`f${firstOffset + index}`]) : undefined,
  };
}

const runs = fc
  .tuple(
    fc.array(fc.array(fc.oneof(fc.nat(300), fc.constant(100_000), fc.constant(300_000)), { minLength: 1 })),
    fc.boolean(),
  )
  .map(([paddings, names]) => {
    let next = 1;
    return paddings.map((some) => {
      const made = run(next, some, names);
      next += some.length + 1;
      return made;
    });
  });

test("responses hold a slice's events in order, within both bounds, and the last cursor covers all of it", () => {
  fc.assert(
    fc.property(runs, fc.integer({ min: 1, max: 12 }), fc.constantFrom(8_192, 262_144), (given, events, bytesOfOne) => {
      const last = given.at(-1)?.offsets.at(-1) ?? 0;
      const slice = { runs: given, scannedTo: last + 5, done: false, blocksRead: 0 };
      const segments = [
        ...replayedResponses("proto", slice, { events, bytes: bytesOfOne }, (offset) => `e-${offset}`),
      ].flat();
      const bytes = concat(segments.map((segment) => segment.bytes));
      const responses = [];
      for (let at = 0; at < bytes.length; ) {
        const length = new DataView(bytes.buffer).getUint32(at + 1);
        responses.push({
          length,
          message: fromBinary(SubscribeResponseSchema, bytes.subarray(at + 5, at + 5 + length)),
        });
        at += 5 + length;
      }
      const offsets = responses.flatMap(({ message }) => message.events.map(({ offset }) => Number(offset)));
      expect(offsets).toEqual(given.flatMap((some) => [...some.offsets]));
      for (const { length, message } of responses) {
        expect(message.events.length).toBeLessThanOrEqual(events);
        if (message.events.length > 1) expect(length).toBeLessThanOrEqual(bytesOfOne + 1024);
        const names = message.matches.map(({ filters }) => filters[0]);
        if (names.length > 0) expect(names).toEqual(message.events.map(({ offset }) => `f${offset}`));
      }
      const cursors = responses.map(({ message }) => message.cursor);
      const ends = responses.map(({ message }) => `e-${message.events.at(-1)!.offset}`);
      expect(cursors).toEqual(responses.length === 0 ? [] : [...ends.slice(0, -1), `e-${last + 5}`]);
    }),
  );
});
