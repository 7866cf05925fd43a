/** Positions in a journal as people type them: a cursor, an end of the journal, a time, or how long ago. */
import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { StartPosition } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { UsageError } from "./usage.ts";

export type Start =
  | { case: "afterCursor"; value: string }
  | { case: "startTime"; value: Timestamp }
  | { case: "start"; value: StartPosition };

export type End = { case: "endCursor"; value: string } | { case: "endTime"; value: Timestamp };

const cursorShape = /^[0-9a-f]{8}-\d{1,20}$/;
const agoShape = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const timeShape = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const examples = "a cursor (0a1b2c3d-42), an RFC 3339 time (2026-01-31T09:00:00Z) or how long ago (10m)";

export function isCursor(text: string): boolean {
  return cursorShape.test(text);
}

/** `--from`: `earliest`, `latest`, a cursor, a time, or how long before `now`. */
export function parseFrom(text: string, nowMs: number): Start {
  if (text === "earliest") return { case: "start", value: StartPosition.EARLIEST };
  if (text === "latest") return { case: "start", value: StartPosition.LATEST };
  if (isCursor(text)) return { case: "afterCursor", value: text };
  const time = parseTime(text, nowMs);
  if (time !== undefined) return { case: "startTime", value: time };
  throw new UsageError(`--from takes earliest, latest, ${examples}, not "${text}".`);
}

/** `--until`: a cursor (inclusive), a time (exclusive), or how long before `now`. */
export function parseUntil(text: string, nowMs: number): End {
  if (isCursor(text)) return { case: "endCursor", value: text };
  const time = parseTime(text, nowMs);
  if (time !== undefined) return { case: "endTime", value: time };
  throw new UsageError(`--until takes ${examples}, not "${text}".`);
}

function parseTime(text: string, nowMs: number): Timestamp | undefined {
  const ago = agoShape.exec(text);
  const ms = ago === null ? parseRfc3339(text) : nowMs - Number(ago[1]) * unitMs[ago[2]!]!;
  return Number.isNaN(ms) || ms < 0 ? undefined : timestampFromMs(Math.floor(ms));
}

function parseRfc3339(text: string): number {
  return timeShape.test(text) ? Date.parse(text.replace(" ", "T").toUpperCase()) : Number.NaN;
}
