/**
 * The encoding of a Session. It is written with every event, and takes a fraction of the time of the general encoder; a test
 * holds it to that encoder's bytes.
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
import { WireWriter } from "./wire-writer.ts";

const writer = new WireWriter();

function time(to: WireWriter, { seconds, nanos }: Timestamp): void {
  to.number(1, Number(seconds));
  to.number(2, nanos);
}

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
  if (span.joinedTime !== undefined) to.message(5, span.joinedTime, time);
  to.number(6, Number(span.leftOffset));
  if (span.leftTime !== undefined) to.message(7, span.leftTime, time);
  to.flag(8, span.implicitLeave);
}

function participantSpan(to: WireWriter, span: ParticipantSpan): void {
  to.number(1, span.leg);
  if (span.participantId !== undefined) to.presentText(2, span.participantId);
  to.number(3, Number(span.beginOffset));
  if (span.beginTime !== undefined) to.message(4, span.beginTime, time);
  if (span.beginEventTime !== undefined) to.message(5, span.beginEventTime, time);
  to.number(6, Number(span.endOffset));
  if (span.endTime !== undefined) to.message(7, span.endTime, time);
  if (span.endEventTime !== undefined) to.message(8, span.endEventTime, time);
}

function queueSpan(to: WireWriter, span: QueueSpan): void {
  to.texts(1, span.queuePathIds);
  to.texts(2, span.queuePathNames);
  to.text(3, span.queueUuid);
  to.number(4, Number(span.beginOffset));
  if (span.beginTime !== undefined) to.message(5, span.beginTime, time);
  to.number(6, Number(span.endOffset));
  if (span.endTime !== undefined) to.message(7, span.endTime, time);
}

function seal(to: WireWriter, of: SessionSeal): void {
  to.number(1, Number(of.eventCount));
  to.text(2, of.firstCursor);
  to.text(3, of.lastCursor);
  to.bytes(4, of.digest);
  to.packed(5, of.anomalies);
}

function spans(to: WireWriter, session: Session): void {
  for (const span of session.agents) to.message(18, span, agentSpan);
  for (const leg of session.participants) to.message(19, leg, participant);
  for (const span of session.holdSpans) to.message(20, span, participantSpan);
  for (const span of session.muteSpans) to.message(21, span, participantSpan);
  for (const span of session.redactionSpans) to.message(22, span, participantSpan);
  for (const span of session.queueSpans) to.message(23, span, queueSpan);
}

export function encodeSession(session: Session): Uint8Array {
  const to = writer;
  to.text(1, session.sessionId);
  to.number(2, session.kind);
  to.text(3, session.source);
  to.flag(4, session.open);
  to.text(5, session.state);
  to.number(6, session.lastTrigger);
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
  spans(to, session);
  to.text(24, session.disposition);
  to.number(25, Number(session.firstOffset));
  to.number(26, Number(session.lastOffset));
  if (session.firstReceivedTime !== undefined) to.message(27, session.firstReceivedTime, time);
  if (session.answeredTime !== undefined) to.message(28, session.answeredTime, time);
  if (session.endedTime !== undefined) to.message(29, session.endedTime, time);
  to.packed(30, session.anomalies);
  to.flag(31, session.truncated);
  if (session.seal !== undefined) to.message(32, session.seal, seal);
  return to.take();
}
