/** The spans of a session: who was on it, what held for whom, which queue it was in; each by offset and time. */
import type { AgentSpan, ParticipantSpan, QueueSpan, SessionParticipant } from "../../gen/ts/callwire/v1/session_pb.ts";
import { ParticipantType } from "../../gen/ts/callwire/v1/state_pb.ts";
import { addBounded, boundedText, pathLength } from "./bounds.ts";
import type { LegChanges } from "./legs.ts";
import type { Moment } from "./moment.ts";
import type { SessionState } from "./session-state.ts";

/** Gives the lower-case e-mail address of an agent id, when a login has told it. */
export type EmailOf = (agentId: string) => string | undefined;

function begin(state: SessionState, spans: ParticipantSpan[], leg: SessionParticipant, at: Moment): void {
  state.revision++;
  const span: ParticipantSpan = {
    $typeName: "callwire.v1.ParticipantSpan",
    leg: leg.leg,
    participantId: leg.participantId,
    beginOffset: at.offset,
    beginTime: at.receivedTime,
    beginEventTime: at.eventTime,
    endOffset: 0n,
  };
  addBounded(state, spans, span, leg.participantId?.length ?? 0);
}

function end(state: SessionState, spans: ParticipantSpan[], leg: SessionParticipant, at: Moment): void {
  const span = spans.findLast((one) => one.leg === leg.leg && one.endOffset === 0n);
  if (span === undefined) return;
  state.revision++;
  span.endOffset = at.offset;
  span.endTime = at.receivedTime;
  if (at.eventTime !== undefined) span.endEventTime = at.eventTime;
}

function joinAgent(state: SessionState, leg: SessionParticipant, at: Moment, emailOf: EmailOf): void {
  const { session } = state;
  state.revision++;
  const agentId = leg.participantId ?? "";
  if (agentId !== "") {
    session.firstAgentId ||= agentId;
    session.lastAgentId = agentId;
  }
  const email = boundedText(state, emailOf(agentId) ?? "");
  const span: AgentSpan = {
    $typeName: "callwire.v1.AgentSpan",
    agentId,
    email,
    leg: leg.leg,
    joinedOffset: at.offset,
    joinedTime: at.receivedTime,
    joinedEventTime: at.eventTime,
    leftOffset: 0n,
    implicitLeave: false,
  };
  addBounded(state, session.agents, span, agentId.length + email.length);
}

function leaveAgent(state: SessionState, leg: SessionParticipant, at: Moment, implicit: boolean): void {
  if (leg.type !== ParticipantType.AGENT) return;
  const span = state.session.agents.findLast((one) => one.leg === leg.leg && one.leftOffset === 0n);
  if (span === undefined) return;
  state.revision++;
  span.leftOffset = at.offset;
  span.leftTime = at.receivedTime;
  if (at.eventTime !== undefined) span.leftEventTime = at.eventTime;
  span.implicitLeave = implicit;
}

/** Brings the spans up to what a snapshot changed. */
export function recordSpans(state: SessionState, changes: LegChanges, at: Moment, emailOf: EmailOf): void {
  const { session } = state;
  for (const leg of changes.joinedAgents) joinAgent(state, leg, at, emailOf);
  for (const leg of changes.leftExplicitly) leaveAgent(state, leg, at, false);
  for (const leg of changes.leftImplicitly) leaveAgent(state, leg, at, true);
  recordFact(state, session.holdSpans, changes.held, changes.unheld, changes, at);
  recordFact(state, session.muteSpans, changes.muted, changes.unmuted, changes, at);
  recordFact(state, session.redactionSpans, changes.redacted, changes.unredacted, changes, at);
}

function recordFact(
  state: SessionState,
  spans: ParticipantSpan[],
  begun: readonly SessionParticipant[],
  ended: readonly SessionParticipant[],
  { gone }: LegChanges,
  at: Moment,
): void {
  for (const leg of begun) begin(state, spans, leg, at);
  for (const leg of ended) end(state, spans, leg, at);
  // What held for a party ends with its leaving.
  if (spans.length > 0) for (const leg of gone) end(state, spans, leg, at);
}

/** Ends what still lasts, when the session does. */
export function endQueueSpan(state: SessionState, at: Moment): void {
  const last = state.session.queueSpans.at(-1);
  if (last === undefined || last.endOffset !== 0n) return;
  state.revision++;
  last.endOffset = at.offset;
  last.endTime = at.receivedTime;
  if (at.eventTime !== undefined) last.endEventTime = at.eventTime;
}

/** Begins the span of the queue that the session is in now. */
export function beginQueueSpan(state: SessionState, at: Moment): void {
  const { session } = state;
  state.revision++;
  endQueueSpan(state, at);
  const span = {
    $typeName: "callwire.v1.QueueSpan",
    queuePathIds: session.queuePathIds,
    queuePathNames: session.queuePathNames,
    queueUuid: session.queueUuid,
    beginOffset: at.offset,
    beginTime: at.receivedTime,
    beginEventTime: at.eventTime,
    endOffset: 0n,
  } as const;
  const length = pathLength(span.queuePathIds) + pathLength(span.queuePathNames) + span.queueUuid.length;
  addBounded(state, session.queueSpans, { ...span }, length);
}

function goOn(span: ParticipantSpan | QueueSpan): void {
  span.endOffset = 0n;
  span.endTime = undefined;
  span.endEventTime = undefined;
}

/** Takes back what an event ended: what held for a party holds again. */
export function continueSpans(state: SessionState, endOffset: bigint): void {
  const { session } = state;
  state.revision++;
  for (const span of session.agents) {
    if (span.leftOffset !== endOffset) continue;
    span.leftOffset = 0n;
    span.leftTime = undefined;
    span.leftEventTime = undefined;
  }
  for (const span of session.queueSpans) if (span.endOffset === endOffset) goOn(span);
  const facts = [
    [session.holdSpans, "held"],
    [session.muteSpans, "muted"],
    [session.redactionSpans, "redacted"],
  ] as const;
  for (const [spans, fact] of facts) {
    for (const span of spans) {
      if (span.endOffset !== endOffset) continue;
      goOn(span);
      const leg = session.participants.find((one) => one.leg === span.leg);
      if (leg !== undefined) leg[fact] = true;
    }
  }
}
