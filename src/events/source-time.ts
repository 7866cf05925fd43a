/** The source's times: epoch milliseconds, or ISO 8601 text. Never reads a clock or the machine's time zone. */
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { EventNote } from "./accepted-event.ts";
import type { FieldName } from "./field-names.ts";
import type { Fields } from "./fields.ts";

/** 0001-01-01T00:00:00Z and the last second of 9999, the bounds of google.protobuf.Timestamp. */
const minSeconds = -62_135_596_800;
const maxSeconds = 253_402_300_799;
const maxNanos = 999_999_999;

export function isInRange({ seconds, nanos }: Timestamp): boolean {
  return seconds >= minSeconds && seconds <= maxSeconds && nanos >= 0 && nanos <= maxNanos;
}

function timestamp(seconds: number, nanos: number): Timestamp | undefined {
  if (!(seconds >= minSeconds && seconds <= maxSeconds)) return undefined;
  return { $typeName: "google.protobuf.Timestamp", seconds: BigInt(seconds), nanos };
}

function fromEpochMs(ms: number): Timestamp | undefined {
  const seconds = Math.floor(ms / 1_000);
  const nanos = Math.round((ms - seconds * 1_000) * 1_000_000);
  // Plus zero, since a negative zero would not survive the encoding.
  return timestamp(seconds, Math.min(maxNanos, nanos) + 0);
}

const epochMs = /^[+-]?\d{1,17}(?:\.\d{1,20})?$/;
const iso8601 =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,32}))?)?\s?(?:[Zz]|([+-])(\d\d):?(\d\d)?)?)?$/;

/** A time without an offset is taken as UTC: whose zone it would be is not known. */
function fromIso8601(match: RegExpExecArray): Timestamp | undefined {
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "", sign, hours = 0, minutes = 0] =
    match;
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const local = new Date(written);
  if (Number.isNaN(local.getTime()) || local.toISOString() !== written) return undefined;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60;
  const seconds = local.getTime() / 1_000 - (sign === "-" ? -offset : offset);
  return timestamp(seconds, Number(fraction.slice(0, 9).padEnd(9, "0")));
}

/** Undefined when the value is no time, or one outside the years 1 to 9999. */
export function parseTime(value: unknown): Timestamp | undefined {
  if (typeof value === "number") return fromEpochMs(value);
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  if (epochMs.test(text)) return fromEpochMs(Number(text));
  const match = iso8601.exec(text);
  return match === null ? undefined : fromIso8601(match);
}

/** The time of the first of the names that has a value; one that is no time is noted and left unset. */
export function sourceTime(fields: Fields, whenInvalid: EventNote, ...names: FieldName[]): Timestamp | undefined {
  const value = fields.get(...names);
  if (value === undefined) return undefined;
  const time = parseTime(value);
  if (time === undefined) fields.notes.add(whenInvalid);
  return time;
}
