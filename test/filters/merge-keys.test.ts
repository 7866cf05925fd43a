/** Merging stored keys parses none of them, and says what numbering them one after the other says. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type BlockKeys, decodeBlockKeys, encodeBlockKeys, keysOfEvent } from "../../src/filters/block-keys.ts";
import { mergeBlockKeys } from "../../src/filters/merge-keys.ts";
import { anyBlocks } from "./arbitrary-keys.ts";

/** Each event with its keys. */
const eventsOf = (keys: BlockKeys) => Array.from(keys.starts.subarray(1), (_, ordinal) => keysOfEvent(keys, ordinal));

test("each event keeps its keys and where they come from, and a key is named once, where it first occurs", () => {
  fc.assert(
    fc.property(anyBlocks, (blocks) => {
      const stored = mergeBlockKeys(blocks.map(encodeBlockKeys));
      const merged = decodeBlockKeys(stored);
      expect(eventsOf(merged)).toEqual(blocks.flatMap(eventsOf));
      expect(merged.table).toEqual([...new Set(blocks.flatMap(({ table }) => table))]);
      expect(Buffer.from(stored)).toEqual(Buffer.from(encodeBlockKeys(merged)));
    }),
  );
});

test("events without keys are merged too", () => {
  const empty: BlockKeys = {
    table: [],
    starts: Uint32Array.of(0, 0),
    ids: Uint32Array.of(),
    origins: Uint16Array.of(0, 0, 0),
  };
  expect(decodeBlockKeys(mergeBlockKeys([empty, empty].map(encodeBlockKeys)))).toEqual({
    ...empty,
    starts: Uint32Array.of(0, 0, 0),
    origins: new Uint16Array(6),
  });
});
