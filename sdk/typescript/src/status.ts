/** What a subscription tells about itself: information for logs and dashboards, never a decision. */
import type { EventView } from "../../../gen/ts/callwire/v1/subscription_pb.ts";
import type { CallwireError } from "./errors.ts";

export type SubscriptionStatus =
  | ConnectedStatus
  | ReconnectingStatus
  | ProgressStatus
  | { readonly kind: "caughtUp" }
  | FellBehindStatus;

/** A stream gave its first response. */
export interface ConnectedStatus {
  readonly kind: "connected";
  /** Identifies the filters in force. */
  readonly filterDigest: string;
  readonly effectiveView: EventView;
  /** Whether policy masks fields of this stream. */
  readonly masked: boolean;
  /** Addresses of `agentEmails` that no login has resolved to an agent yet. */
  readonly unresolvedAgentEmails: readonly string[];
}

/** A stream is down; the next one follows after a pause. */
export interface ReconnectingStatus {
  readonly kind: "reconnecting";
  /** Attempts since something useful was last received, from 1. */
  readonly attempt: number;
  /** The pause before it, in milliseconds. */
  readonly delayMs: number;
  readonly cause: CallwireError;
}

/** How far the stream is, as it was read; what waits in the buffer is not handled yet. */
export interface ProgressStatus {
  readonly kind: "progress";
  /** Everything up to here was received. */
  readonly cursor: string;
  /** The newest position of the journal. */
  readonly headCursor: string;
  /** An upper bound of the events of the journal between the two. */
  readonly eventsBehind: bigint;
}

/** The consumer was too slow for the live stream; events come from the journal until `caughtUp`, and none is lost. */
export interface FellBehindStatus {
  readonly kind: "fellBehind";
  /** Bytes that waited for the consumer. */
  readonly queuedBytes: bigint;
}
