/**
 * What normalising yields: an event that is understood but has no position yet, or the reason why there is none.
 *
 * The names of the reasons are those of the catalogue in `proto/callwire/v1/error.proto`.
 */
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { AgentEvent, CallEvent, ChatEvent } from "../../gen/ts/callwire/v1/event_pb.ts";

export type EventPayload =
  | { case: "agent"; value: AgentEvent }
  | { case: "call"; value: CallEvent }
  | { case: "chat"; value: ChatEvent };

/** An oddity that was tolerated; counted by name in the metrics. */
export type EventNote =
  | "EVENT_TIME_INVALID"
  | "UNKNOWN_STATE"
  | "UNKNOWN_DIRECTION"
  | "UNKNOWN_PARTICIPANT_TYPE"
  | "FIELD_IGNORED"
  | "COUNT_MISMATCH";

export interface AcceptedEvent {
  payload: EventPayload;
  /** The source's own id of the event; empty when it gave none. */
  sourceEventId: string;
  /** The source's clock; undefined when it sent none or one out of range. */
  eventTime: Timestamp | undefined;
  /** The source's own object as text, byte for byte where that is possible; empty for a typed event. */
  rawJson: string;
  /** Where they are at hand: the bytes of `rawJson`, or of a typed event the encoding of the payload's message. */
  encoded: Uint8Array | undefined;
  notes: readonly EventNote[];
}

export type RejectReason =
  | "MALFORMED_JSON"
  | "INVALID_UTF8"
  | "TOO_DEEP"
  | "NO_EVENT"
  | "NOT_AN_EVENT"
  | "UNKNOWN_EVENT_TYPE"
  | "INVALID_ID"
  | "EVENT_TOO_LARGE"
  | "NOT_ONE_EVENT"
  | "EMPTY_ITEM"
  | "TOO_MANY_ITEMS";

export interface Rejection {
  reason: RejectReason;
  /** What was wrong and where, for the sender's engineer. Never holds more than a short excerpt of the input. */
  message: string;
}

/** One item of a body: understood, or refused with the text that was refused. */
export type NormalisedItem = { ok: true; event: AcceptedEvent } | { ok: false; rejection: Rejection; raw: string };

/** A whole body: its items in order, or why the body as a whole cannot be read. `notes` concern the envelope. */
export type NormalisedBody =
  | { ok: true; items: NormalisedItem[]; notes: readonly EventNote[] }
  | { ok: false; rejection: Rejection };

export interface NormaliseLimits {
  /** Deepest nesting of objects and arrays. */
  maxJsonDepth: number;
  /** Largest single source object, in bytes of UTF-8. */
  maxEventBytes: number;
  /** Most events a webhook body. */
  maxBodyItems: number;
  /** The event was accepted before, and is whatever it has. */
  wasAccepted?: boolean;
}
