/** Arbitrary events with keys, and blocks of them. */
import fc from "fast-check";
import { type BlockKeys, BlockKeysBuilder } from "../../src/filters/block-keys.ts";

export const attributes = ["q", "n", "a", "c"] as const;

/** Few values, so that they meet; one so rare and one so common that each stored form occurs. */
export const value = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("1", "2", "support/orders", "日本", "\u{1f600}", '"]') },
  { weight: 1, arbitrary: fc.string({ maxLength: 3 }) },
);
/** Also such as JSON writes otherwise: control characters, quotes, halves of a character. */
const anyValue = fc.oneof(
  { weight: 5, arbitrary: value },
  { weight: 1, arbitrary: fc.constantFrom('"', "\\", '\\"', '","', "\n\u0000", "\ud800", "\udc00", "\u2028", "") },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 3 }) },
);

export type Keys = readonly (readonly [(typeof attributes)[number], string])[];

function events(of: fc.Arbitrary<string>): fc.Arbitrary<Keys[]> {
  return fc.array(fc.array(fc.tuple(fc.constantFrom(...attributes), of), { maxLength: 6 }), {
    minLength: 1,
    maxLength: 60,
  });
}

export const block = events(value);

/** @param everywhere whether there is a key that all of them have */
export function blockKeys(given: readonly Keys[], everywhere: boolean): BlockKeys {
  const builder = new BlockKeysBuilder();
  for (const keys of given) {
    if (everywhere) builder.add("o", "ccai");
    for (const [attribute, text] of keys) builder.add(attribute, text);
    builder.endOrigin();
    builder.add("q", "context");
    builder.endEvent();
  }
  return builder.build();
}

/** Some blocks' keys. */
export const anyBlocks: fc.Arbitrary<BlockKeys[]> = fc
  .tuple(fc.array(events(anyValue), { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([given, everywhere]) => given.map((one) => blockKeys(one, everywhere)));
