import fc from "fast-check";
import { expect, test } from "vitest";
import { type BlockKeys, encodeBlockKeys, openBlockKeys } from "../../src/filters/block-keys.ts";
import type { CompiledFilter } from "../../src/filters/compile.ts";
import { filterHolds } from "../../src/filters/filter-index.ts";
import { hashedKey, pageOf, pagesPerSegment } from "../../src/filters/postings.ts";
import { PostingsBuilder } from "../../src/filters/postings-builder.ts";
import { hashedFilters, segmentMatches } from "../../src/filters/segment-matches.ts";
import { anyBlocks, attributes, block, blockKeys, value } from "./arbitrary-keys.ts";
import { plainPostings } from "./plain-postings.ts";

const filter = fc.array(fc.tuple(fc.constantFrom(...attributes, "o" as const), fc.array(value, { minLength: 1 })), {
  minLength: 1,
  maxLength: 3,
});

test("postings give exactly the events that looking at each gives, with the filters that match each", () => {
  fc.assert(
    fc.property(
      fc.array(block, { minLength: 1, maxLength: 5 }),
      fc.array(filter),
      fc.boolean(),
      (given, asked, all) => {
        const blocks = given.map((events) => blockKeys(events, all));
        const filters = asked.map(
          (clauses, index): CompiledFilter => ({
            name: `f${index}`,
            clauses: clauses.map(([attribute, values]) => ({
              field: attribute,
              attribute,
              keys: new Set(values.map((text) => attribute + (attribute === "o" ? "ccai" : text))),
            })),
          }),
        );
        const builder = new PostingsBuilder();
        for (const keys of blocks) builder.add(openBlockKeys(encodeBlockKeys(keys)));
        const pages = builder.finish();
        const found = segmentMatches(hashedFilters(filters), {
          events: builder.count,
          page: (number) => pages[number]!,
        });
        const expected = blocks
          .flatMap((keys) => Array.from({ length: keys.starts.length - 1 }, (_, ordinal) => ({ keys, ordinal })))
          .map(({ keys, ordinal }) => filters.filter((one) => filterHolds(one, keys, ordinal)))
          .map((matching, ordinal) => ({ ordinal, matching }))
          .filter(({ matching }) => matching.length > 0);
        expect(found.ordinals).toEqual(expected.map(({ ordinal }) => ordinal));
        expect(found.filters).toEqual(expected.map(({ matching }) => matching));
      },
    ),
  );
});

test("only the pages of the keys asked for are read, each once", () => {
  const builder = new PostingsBuilder();
  const keysOf1000 = blockKeys(
    Array.from({ length: 1_000 }, (_, index) => [["c", `${index}`] as const]),
    true,
  );
  builder.add(openBlockKeys(encodeBlockKeys(keysOf1000)));
  const pages = builder.finish();
  expect(pages).toHaveLength(pagesPerSegment);
  const keys = new Set(["c1", "c2", "c3", "cmissing"]);
  const read: number[] = [];
  const page = (number: number): Uint8Array => {
    read.push(number);
    return pages[number]!;
  };
  const filters = [0, 1].map(
    (n): CompiledFilter => ({
      name: `f${n}`,
      clauses: [{ field: "call_ids", attribute: "c", keys }],
    }),
  );
  expect(segmentMatches(hashedFilters(filters), { events: 1_000, page }).ordinals).toEqual([1, 2, 3]);
  expect(read.sort()).toEqual([...new Set([...keys].map((one) => pageOf(hashedKey(one).hash)))].sort());
});

function built(blocks: readonly BlockKeys[], builder = new PostingsBuilder()): Buffer[] {
  builder.clear();
  for (const keys of blocks) builder.add(openBlockKeys(encodeBlockKeys(keys)));
  return builder.finish().map((page) => Buffer.from(page));
}

test("the bytes are those of postings that are made the plain way, segment after segment", () => {
  const builder = new PostingsBuilder();
  fc.assert(
    fc.property(anyBlocks, (blocks) => {
      expect(built(blocks, builder)).toEqual(plainPostings(blocks));
    }),
  );
});

test("so they are with more keys than there are events, of which some have the same hash", () => {
  const sameHash = ["2ya8", "zki6"];
  expect(new Set(sameHash.map((one) => hashedKey(`c${one}`).hash)).size).toBe(1);
  const blocks = Array.from({ length: 8 }, (_, block) =>
    blockKeys(
      Array.from({ length: 1_000 }, (_, event) =>
        [`${block}-${event}`, `${event}`, ...sameHash, "long".repeat(event % 50)].map((id) => ["c", id] as const),
      ),
      true,
    ),
  );
  expect(built(blocks)).toEqual(plainPostings(blocks));
});
