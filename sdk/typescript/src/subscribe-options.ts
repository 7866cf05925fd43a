/** What a user asks a subscription for, and the request that says so to the gateway. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, type Timestamp, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { FilterSchema } from "../../../gen/ts/callwire/v1/filter_pb.ts";
import {
  EventView,
  ExpiredCursorPolicy,
  Scope,
  type StartPosition,
  type SubscribeRequest,
  SubscribeRequestSchema,
} from "../../../gen/ts/callwire/v1/subscription_pb.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { SavePolicy } from "./checkpoint-saver.ts";
import type { RetryOptions } from "./retry.ts";
import type { SubscriptionStatus } from "./status.ts";

/** A filter as a literal: `{ queueNames: ["support"], directions: [Direction.INCOMING] }`. */
export type FilterInit = MessageInitShape<typeof FilterSchema>;

/** Where a subscription starts: an end of the journal, right after a cursor, or at a time of reception. */
export type Start = StartPosition | { readonly afterCursor: string } | { readonly time: Date | Timestamp };

/** Where a bounded subscription ends: after a cursor, inclusive, or before a time of reception. */
export type End = { readonly cursor: string } | { readonly time: Date | Timestamp };

export interface SubscribeOptions {
  /** The tenant. Needed only when the caller may read several. */
  readonly tenant?: string | undefined;
  /** Alternatives by name: an event is delivered when any matches. Nothing given means everything. */
  readonly filters?: Readonly<Record<string, FilterInit>> | undefined;
  /** Where to start when the checkpoint holds nothing. Nothing given means with the next event. */
  readonly start?: Start | undefined;
  /** Where to end. Nothing given means never. */
  readonly end?: End | undefined;
  /** Whether an event or a whole call is what matches. Default EVENT. */
  readonly scope?: Scope | undefined;
  /** How much of each event to send. Default BASIC. */
  readonly view?: EventView | undefined;
  /** Whether to deliver the open calls and chats that match first. */
  readonly includeSnapshot?: boolean | undefined;
  /** What to do when the position is older than what is kept. Default FAIL: the subscription ends with CURSOR_EXPIRED. */
  readonly onExpired?: ExpiredCursorPolicy | undefined;
  /** How often the gateway gives a sign of life, 1,000 to 300,000 ms. Three without one mean a dead stream. Default 5,000. */
  readonly progressIntervalMs?: number | undefined;
  /** Most events a response, 1 to 10,000. Default 1,000, or `buffer` when that is less. */
  readonly maxBatchEvents?: number | undefined;
  /** How long an event may wait on the gateway for others to share its response, 0 to 10,000 ms. Default 0. */
  readonly maxLingerMs?: number | undefined;

  /** Remembers how far the subscription has come. Without one it starts anew each time. */
  readonly checkpoint?: Checkpoint | undefined;
  readonly save?: SavePolicy | undefined;
  /** Reading stops when this many deliveries wait; the events of one response more may be held. Default 1,000. */
  readonly buffer?: number | undefined;
  readonly retry?: RetryOptions | undefined;
  /** Told about the connection. What it throws ends the subscription. */
  readonly onStatus?: ((status: SubscriptionStatus) => void) | undefined;
  /** Cancels the subscription. */
  readonly signal?: AbortSignal | undefined;
}

export const defaultBuffer = 1_000;
const defaultBatchEvents = 1_000;
const defaultProgressIntervalMs = 5_000;

/** No response for this long is a dead stream. */
export function silenceLimitMs({ progressIntervalMs = defaultProgressIntervalMs }: SubscribeOptions): number {
  return 3 * progressIntervalMs;
}

export function subscribeRequest(options: SubscribeOptions): SubscribeRequest {
  const { buffer = defaultBuffer, maxBatchEvents = 0, maxLingerMs, progressIntervalMs } = options;
  return create(SubscribeRequestSchema, {
    tenant: options.tenant ?? "",
    filters: { ...options.filters },
    position: position(options.start),
    end: end(options.end),
    scope: options.scope ?? Scope.UNSPECIFIED,
    view: options.view ?? EventView.UNSPECIFIED,
    includeSnapshot: options.includeSnapshot ?? false,
    onExpired: options.onExpired ?? ExpiredCursorPolicy.UNSPECIFIED,
    // A response never holds more than the buffer is meant to.
    maxBatchEvents: maxBatchEvents === 0 && buffer < defaultBatchEvents ? Math.max(buffer, 1) : maxBatchEvents,
    ...(maxLingerMs !== undefined && { maxLinger: durationFromMs(maxLingerMs) }),
    ...(progressIntervalMs !== undefined && { progressInterval: durationFromMs(progressIntervalMs) }),
  });
}

function timestamp(time: Date | Timestamp): Timestamp {
  return time instanceof Date ? timestampFromDate(time) : time;
}

function position(start: Start | undefined): SubscribeRequest["position"] {
  if (start === undefined) return { case: undefined };
  if (typeof start === "number") return { case: "start", value: start };
  if ("afterCursor" in start) return { case: "afterCursor", value: start.afterCursor };
  return { case: "startTime", value: timestamp(start.time) };
}

function end(given: End | undefined): SubscribeRequest["end"] {
  if (given === undefined) return { case: undefined };
  if ("cursor" in given) return { case: "endCursor", value: given.cursor };
  return { case: "endTime", value: timestamp(given.time) };
}
