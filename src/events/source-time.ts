/** The source's times: epoch milliseconds, or ISO 8601 text. Out of range or unreadable ones are noted and left unset. */
import { create } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import type { Fields } from "./fields.ts";

const minMs = -62_135_596_800_000;
const maxMs = 253_402_300_799_999;
const isoTime = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/i;
const digits = /^-?\d+(?:\.\d+)?$/;

function milliseconds(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return Number.NaN;
  const text = value.trim();
  if (digits.test(text)) return Number(text);
  const match = isoTime.exec(text);
  if (match === null) return Number.NaN;
  // Without an offset the source's clock is taken as UTC.
  return Date.parse(match[1] === undefined ? `${text.replace(" ", "T")}Z` : text.replace(" ", "T"));
}

/** Undefined, and noted, when there is a value that is no time. */
export function sourceTime(fields: Fields, ...names: string[]): Timestamp | undefined {
  const value = fields.get(...names);
  if (value === undefined || value === "") return undefined;
  const ms = milliseconds(value);
  if (!(ms >= minMs && ms <= maxMs)) {
    fields.notes.add("EVENT_TIME_INVALID");
    return undefined;
  }
  const seconds = Math.floor(ms / 1000);
  return create(TimestampSchema, { seconds: BigInt(seconds), nanos: Math.floor((ms - seconds * 1000) * 1_000_000) });
}
