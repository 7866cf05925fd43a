/**
 * What the gateway remembers of a call or chat between its events. `session` is what subscribers see; the rest is what the
 * next transition or the seal needs beside it. A state is owned by the fold, which changes it in place.
 */
import { create, fromBinary } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { type Session, SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { EventKind } from "../../gen/ts/callwire/v1/state_pb.ts";

/** Length of the digest, and of the zero bytes that it begins with. */
export const digestBytes = 32;

export const noConnections = new Uint8Array(0);

export type SessionKind = "call" | "chat";

export interface SessionState {
  session: Session;
  /** CallState or ChatState of the last event that told one; 0 before. */
  lastState: number;
  /** The newest event time of its events. */
  lastEventTime: Timestamp | undefined;
  /** What the entries of its lists may take; see bounds.ts. */
  listBytes: number;
  /** Source events so far. */
  eventCount: number;
  /** Running digest over their accepted objects, which the log computes: a character a byte. */
  digest: string;
  /** Offset of the event that closed it; undefined while it is open. */
  endedOffset: bigint | undefined;
  /** Goes up with each change of what carried.ts and spans.ts keep of the session, so that its encoding can be kept until then. */
  revision: number;
  /** Closed by the gateway for want of an end, and not by an event: a late event reopens it. */
  expired: boolean;
  /** Of an expired session, the ParticipantState that each party's connection had before, in the order of the parties. */
  connectionsBefore: Uint8Array;
}

/** A session with all members, in one order: reading objects that are all alike is several times faster. */
function withAllMembers(of: Session): Session {
  return {
    $typeName: "callwire.v1.Session",
    sessionId: of.sessionId,
    kind: of.kind,
    source: of.source,
    open: of.open,
    state: of.state,
    lastTrigger: of.lastTrigger,
    initiator: of.initiator,
    queuePathIds: of.queuePathIds,
    queuePathNames: of.queuePathNames,
    queueUuid: of.queueUuid,
    language: of.language,
    direction: of.direction,
    recordingPermitted: of.recordingPermitted,
    mediaIds: of.mediaIds,
    externalIds: of.externalIds,
    firstAgentId: of.firstAgentId,
    lastAgentId: of.lastAgentId,
    agents: of.agents,
    participants: of.participants,
    holdSpans: of.holdSpans,
    muteSpans: of.muteSpans,
    redactionSpans: of.redactionSpans,
    queueSpans: of.queueSpans,
    disposition: of.disposition,
    firstOffset: of.firstOffset,
    lastOffset: of.lastOffset,
    firstReceivedTime: of.firstReceivedTime,
    answeredTime: of.answeredTime,
    endedTime: of.endedTime,
    anomalies: of.anomalies,
    truncated: of.truncated,
    seal: of.seal,
  };
}

/** A session as it was encoded. */
export function decodeSession(encoded: Uint8Array): Session {
  return withAllMembers(fromBinary(SessionSchema, encoded));
}

export function newSession(kind: SessionKind, id: string, source: string): SessionState {
  const session = withAllMembers(
    create(SessionSchema, {
      sessionId: id,
      kind: kind === "call" ? EventKind.CALL : EventKind.CHAT,
      source,
      open: true,
    }),
  );
  return {
    session,
    lastState: 0,
    lastEventTime: undefined,
    listBytes: 0,
    eventCount: 0,
    digest: "\0".repeat(digestBytes),
    endedOffset: undefined,
    revision: 0,
    expired: false,
    connectionsBefore: noConnections,
  };
}
