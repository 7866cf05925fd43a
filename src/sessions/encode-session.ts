/**
 * The encoding of a Session. It is written with every event, and takes a fraction of the time of the general encoder; a test
 * holds it to that encoder's bytes. Most of a session stays as it was from one event to the next, and is not written anew.
 */
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type {
  AgentSpan,
  ParticipantSpan,
  QueueSpan,
  Session,
  SessionParticipant,
  SessionSeal,
} from "../../gen/ts/callwire/v1/session_pb.ts";
import { WireWriter } from "../wire/wire-writer.ts";
import type { SessionState } from "./session-state.ts";

function participant(to: WireWriter, leg: SessionParticipant): void {
  to.number(1, leg.leg);
  if (leg.participantId !== undefined) to.presentText(2, leg.participantId);
  to.number(3, leg.type);
  to.flag(4, leg.virtual);
  to.number(5, leg.connection);
  to.flag(6, leg.held);
  to.flag(7, leg.muted);
  to.flag(8, leg.redacted);
}

function agentSpan(to: WireWriter, span: AgentSpan): void {
  to.text(1, span.agentId);
  to.text(2, span.email);
  to.number(3, span.leg);
  to.number(4, Number(span.joinedOffset));
  to.time(5, span.joinedTime);
  to.number(6, Number(span.leftOffset));
  to.time(7, span.leftTime);
  to.flag(8, span.implicitLeave);
  to.time(9, span.joinedEventTime);
  to.time(10, span.leftEventTime);
}

function participantSpan(to: WireWriter, span: ParticipantSpan): void {
  to.number(1, span.leg);
  if (span.participantId !== undefined) to.presentText(2, span.participantId);
  to.number(3, Number(span.beginOffset));
  to.time(4, span.beginTime);
  to.time(5, span.beginEventTime);
  to.number(6, Number(span.endOffset));
  to.time(7, span.endTime);
  to.time(8, span.endEventTime);
}

function queueSpan(to: WireWriter, span: QueueSpan): void {
  to.texts(1, span.queuePathIds);
  to.texts(2, span.queuePathNames);
  to.text(3, span.queueUuid);
  to.number(4, Number(span.beginOffset));
  to.time(5, span.beginTime);
  to.number(6, Number(span.endOffset));
  to.time(7, span.endTime);
  to.time(8, span.beginEventTime);
  to.time(9, span.endEventTime);
}

function seal(to: WireWriter, of: SessionSeal): void {
  to.number(1, Number(of.eventCount));
  to.text(2, of.firstCursor);
  to.text(3, of.lastCursor);
  to.bytes(4, of.digest);
  to.packed(5, of.anomalies);
}

function beginning(to: WireWriter, session: Session): void {
  to.text(1, session.sessionId);
  to.number(2, session.kind);
  to.text(3, session.source);
  to.flag(4, session.open);
  to.text(5, session.state);
  to.number(6, session.lastTrigger);
}

/** Nothing here changes without `SessionState.revision`. */
function factsAndAgents(to: WireWriter, session: Session): void {
  to.text(7, session.initiator);
  to.texts(8, session.queuePathIds);
  to.texts(9, session.queuePathNames);
  to.text(10, session.queueUuid);
  to.text(11, session.language);
  to.number(12, session.direction);
  if (session.recordingPermitted !== undefined) to.bool(13, session.recordingPermitted);
  to.texts(14, session.mediaIds);
  to.texts(15, session.externalIds);
  to.text(16, session.firstAgentId);
  to.text(17, session.lastAgentId);
  for (const span of session.agents) to.message(18, span, agentSpan);
}

function participants(to: WireWriter, session: Session): void {
  for (const leg of session.participants) to.message(19, leg, participant);
}

/** Nothing here changes without `SessionState.revision`. */
function spans(to: WireWriter, session: Session): void {
  for (const span of session.holdSpans) to.message(20, span, participantSpan);
  for (const span of session.muteSpans) to.message(21, span, participantSpan);
  for (const span of session.redactionSpans) to.message(22, span, participantSpan);
  for (const span of session.queueSpans) to.message(23, span, queueSpan);
  to.text(24, session.disposition);
}

function offsets(to: WireWriter, session: Session): void {
  to.number(25, Number(session.firstOffset));
  to.number(26, Number(session.lastOffset));
}

function times(to: WireWriter, session: Session): void {
  to.time(27, session.firstReceivedTime);
  to.time(28, session.answeredTime);
  to.time(29, session.endedTime);
}

function ending(to: WireWriter, session: Session): void {
  to.packed(30, session.anomalies);
  to.flag(31, session.truncated);
  if (session.seal !== undefined) to.message(32, session.seal, seal);
}

export function writeSession(to: WireWriter, session: Session): void {
  beginning(to, session);
  factsAndAgents(to, session);
  participants(to, session);
  spans(to, session);
  offsets(to, session);
  times(to, session);
  ending(to, session);
}

/**
 * Writes the session of a state that goes on, from event to event. What was the same for two events is kept in its encoding;
 * in a text with a character a byte, which takes less memory than bytes do.
 */
export class SessionEncoder {
  #revision = -1;
  #firstReceived: Timestamp | undefined;
  #answered: Timestamp | undefined;
  #ended: Timestamp | undefined;
  #isKept = false;
  #factsAndAgents = "";
  #spans = "";
  #times = "";

  /** Gives what `writeSession` does. */
  write(to: WireWriter, { session, revision }: SessionState): void {
    const isSame =
      revision === this.#revision &&
      session.firstReceivedTime === this.#firstReceived &&
      session.answeredTime === this.#answered &&
      session.endedTime === this.#ended;
    if (!isSame) {
      this.#revision = revision;
      this.#firstReceived = session.firstReceivedTime;
      this.#answered = session.answeredTime;
      this.#ended = session.endedTime;
      this.#isKept = false;
      return writeSession(to, session);
    }
    if (!this.#isKept) this.#keep(session);
    beginning(to, session);
    to.latin1Raw(this.#factsAndAgents);
    participants(to, session);
    to.latin1Raw(this.#spans);
    offsets(to, session);
    to.latin1Raw(this.#times);
    ending(to, session);
  }

  #keep(session: Session): void {
    this.#factsAndAgents = encoded(session, factsAndAgents);
    this.#spans = encoded(session, spans);
    this.#times = encoded(session, times);
    this.#isKept = true;
  }
}

function encoded(session: Session, write: (to: WireWriter, session: Session) => void): string {
  writer.clear();
  write(writer, session);
  return Buffer.from(writer.since(0)).toString("latin1");
}

const writer = new WireWriter();

export function encodeSession(session: Session): Uint8Array {
  writer.clear();
  writeSession(writer, session);
  return writer.take();
}
