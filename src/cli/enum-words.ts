/** Enum values as people type and read them: `DIRECTION_INCOMING` is `incoming`. */
import type { DescEnum, EnumShape } from "@bufbuild/protobuf";
import { didYouMean, UsageError } from "./usage.ts";

/** The words of an enum without UNSPECIFIED, in the order of their numbers. */
export function wordsOf(desc: DescEnum): string[] {
  return desc.values.filter((value) => value.number !== 0).map((value) => shorten(desc, value.name));
}

/** The word of one value, or an empty text for UNSPECIFIED. */
export function wordOf(desc: DescEnum, number: number): string {
  const value = desc.value[number];
  if (number === 0) return "";
  return value === undefined ? `${desc.name} ${number}` : shorten(desc, value.name);
}

/** The number that a word names. Case, hyphens and the enum's own prefix are optional. */
export function numberOf<Desc extends DescEnum>(desc: Desc, flag: string, typed: string): EnumShape<Desc> {
  const found = findNumber(desc, typed);
  if (found !== undefined) return found;
  const words = wordsOf(desc);
  const hint = didYouMean(shorten(desc, typed), words) || ` It takes one of: ${words.join(", ")}.`;
  throw new UsageError(`${flag}: "${typed}" is not a known value.${hint}`);
}

/** As {@link numberOf}, or undefined when the enum has no such word. */
export function findNumber<Desc extends DescEnum>(desc: Desc, typed: string): EnumShape<Desc> | undefined {
  const word = shorten(desc, typed);
  const value = desc.values.find((known) => known.number !== 0 && shorten(desc, known.name) === word);
  return value?.number as EnumShape<Desc> | undefined;
}

function shorten(desc: DescEnum, name: string): string {
  const word = name.trim().toLowerCase().replaceAll("-", "_");
  const prefix = desc.sharedPrefix ?? "";
  return word.startsWith(prefix) ? word.slice(prefix.length) : word;
}
