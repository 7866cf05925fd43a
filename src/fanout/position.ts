/** From the positions that requests name (cursors, times, ends of the journal) to offsets. */
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { ExpiredCursorPolicy, StartPosition } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { CallwireError, invalidField } from "../errors/callwire-error.ts";
import { formatCursor, parseCursor } from "../log/cursor.ts";
import type { EventReader } from "../log/event-reader.ts";
import type { LogState } from "../log/gateway-log.ts";

export type PositionField =
  | { case: "afterCursor"; value: string }
  | { case: "startTime"; value: Timestamp }
  | { case: "start"; value: StartPosition }
  | { case: undefined; value?: undefined };

export type EndField =
  | { case: "endCursor"; value: string }
  | { case: "endTime"; value: Timestamp }
  | { case: undefined; value?: undefined };

/** Events lost to retention before the position, as offsets in the sense of cursors. */
export interface LostRange {
  from: number;
  to: number;
}

/** Milliseconds of a valid Timestamp, rounded up, so that comparing whole milliseconds keeps its meaning. */
export function timestampMs(time: Timestamp, field: string): number {
  const seconds = Number(time.seconds);
  if (time.nanos < 0 || time.nanos > 999_999_999 || seconds < -62_135_596_800 || seconds > 253_402_300_799) {
    throw invalidField(field, "not a time between 0001-01-01 and 9999-12-31");
  }
  return seconds * 1000 + Math.ceil(time.nanos / 1_000_000);
}

/** The offset of a cursor within this log. @throws CallwireError INVALID_CURSOR, EPOCH_MISMATCH or CURSOR_AHEAD */
export function cursorOffset(text: string, field: string, state: LogState): number {
  const cursor = parseCursor(text);
  if (cursor === undefined) {
    const description = `${JSON.stringify(text.slice(0, 64))} is not a cursor`;
    throw new CallwireError("INVALID_CURSOR", `${field}: ${description}`, {
      fieldViolations: [{ field, description }],
    });
  }
  const forked = state.lineage.find(({ epoch }) => epoch === cursor.epoch);
  if (cursor.epoch !== state.epoch && (forked === undefined || cursor.offset > forked.upTo)) {
    const message = `${field}: the cursor is of epoch ${cursor.epoch}, the log is in epoch ${state.epoch}`;
    throw new CallwireError("EPOCH_MISMATCH", message, { metadata: { epoch: state.epoch } });
  }
  if (cursor.offset > state.headOffset) {
    const newest = formatCursor(state.epoch, state.headOffset);
    const message = `${field}: ${text} is beyond the head ${newest}`;
    throw new CallwireError("CURSOR_AHEAD", message, { metadata: { newest_cursor: newest } });
  }
  return cursor.offset;
}

export function cursorExpired(state: LogState): CallwireError {
  const oldest = formatCursor(state.epoch, state.oldestOffset);
  const message = `the position is older than what is kept; the oldest that can be resumed from is ${oldest}`;
  return new CallwireError("CURSOR_EXPIRED", message, { metadata: { oldest_cursor: oldest } });
}

/** Applies the caller's policy to a position: unchanged when it is kept, else moved with what was lost, or refused. */
export function applyRetention(
  offset: number,
  state: LogState,
  policy: ExpiredCursorPolicy,
): { offset: number; lost?: LostRange } {
  if (offset >= state.oldestOffset) return { offset };
  if (policy !== ExpiredCursorPolicy.SKIP_WITH_GAP) throw cursorExpired(state);
  return { offset: state.oldestOffset, lost: { from: offset, to: state.oldestOffset } };
}

/** The offset after which a range begins that starts at a time, as of what is committed. */
export async function offsetOfStartTime(
  reader: EventReader,
  state: LogState,
  startMs: number,
  policy: ExpiredCursorPolicy,
): Promise<{ offset: number; lost?: LostRange }> {
  const offset = await reader.offsetBefore(state.tenant, startMs);
  // At the trim point nobody can tell any more whether something trimmed belonged to the range.
  if (state.oldestOffset > 0 && offset <= state.oldestOffset) return applyRetention(0, state, policy);
  return { offset };
}

/** The offset of a request's lower bound when no time is involved. */
export function startOffset(
  position: Exclude<PositionField, { case: "startTime" }>,
  state: LogState,
  byDefault: StartPosition,
  policy: ExpiredCursorPolicy,
): { offset: number; lost?: LostRange } {
  if (position.case === "afterCursor") {
    return applyRetention(cursorOffset(position.value, "after_cursor", state), state, policy);
  }
  const given = position.case === "start" && position.value !== StartPosition.UNSPECIFIED ? position.value : byDefault;
  return { offset: given === StartPosition.EARLIEST ? state.oldestOffset : state.headOffset };
}
