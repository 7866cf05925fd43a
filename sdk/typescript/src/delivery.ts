/** What a subscription hands out, in stream order. */
import type { Event } from "../../../gen/ts/callwire/v1/event_pb.ts";
import type { Session } from "../../../gen/ts/callwire/v1/session_pb.ts";

export type Delivery = EventDelivery | GapDelivery | SnapshotDelivery | FilterChangedDelivery | GoingAwayDelivery;

/** An event that matched. */
export interface EventDelivery {
  readonly kind: "event";
  readonly event: Event;
  /** The event's own cursor, `<epoch>-<offset>`. */
  readonly cursor: string;
  /** Names of the filters that matched, sorted. Empty unless several filters were given. */
  readonly matches: readonly string[];
}

/** Events were lost to retention before they could be delivered. Only with `onExpired: SKIP_WITH_GAP`. */
export interface GapDelivery {
  readonly kind: "gap";
  /** The position before the first event lost. */
  readonly fromCursor: string;
  /** The position of the last event lost. */
  readonly toCursor: string;
}

/** The open calls and chats that match; they replace what the consumer knows. Only with `includeSnapshot`. */
export interface SnapshotDelivery {
  readonly kind: "snapshot";
  readonly sessions: readonly Session[];
  /** The position at which this is how things are. */
  readonly cursor: string;
}

/** The filters in force are not those of the position resumed from: what they newly cover before it was not delivered. */
export interface FilterChangedDelivery {
  readonly kind: "filterChanged";
  readonly previousDigest: string;
  readonly digest: string;
}

/** The gateway is about to end the stream. The subscription reconnects by itself. */
export interface GoingAwayDelivery {
  readonly kind: "goingAway";
  /** How long the gateway asks to wait before the next stream, in milliseconds. */
  readonly retryAfterMs: number;
}
