import fc from "fast-check";
import { expect, test } from "vitest";
import { type BlockKeys, BlockKeysBuilder } from "../../src/filters/block-keys.ts";
import type { CompiledFilter } from "../../src/filters/compile.ts";
import { filterHolds } from "../../src/filters/filter-index.ts";
import { hashedKey, PostingsBuilder, pageOf, pagesPerSegment } from "../../src/filters/postings.ts";
import { hashedFilters, segmentMatches } from "../../src/filters/segment-matches.ts";

const attributes = ["q", "n", "a", "c"] as const;
/** Few values, so that they meet; one so rare and one so common that each stored form occurs. */
const value = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("1", "2", "support/orders", "日本", "\u{1f600}", '"]') },
  { weight: 1, arbitrary: fc.string({ maxLength: 3 }) },
);
const key = fc.tuple(fc.constantFrom(...attributes), value);
const block = fc.array(fc.array(key, { maxLength: 6 }), { minLength: 1, maxLength: 60 });

function blockKeys(events: (readonly [(typeof attributes)[number], string])[][], everywhere: boolean): BlockKeys {
  const builder = new BlockKeysBuilder();
  for (const keys of events) {
    if (everywhere) builder.add("o", "ccai");
    for (const [attribute, text] of keys) builder.add(attribute, text);
    builder.endEvent();
  }
  return builder.build();
}

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
        for (const keys of blocks) builder.add(keys);
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
  builder.add(
    blockKeys(
      Array.from({ length: 1_000 }, (_, index) => [["c", `${index}`] as const]),
      true,
    ),
  );
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
  expect(read.sort()).toEqual([...new Set([...keys].map((one) => pageOf(hashedKey(one))))].sort());
});
