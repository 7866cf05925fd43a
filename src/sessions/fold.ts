/**
 * The fold: (what is known of a session, its next event) → (what is known after it, what the event means). Run in offset
 * order by the sequencer and by every rebuild. Deterministic (invariant 4): no clock, no randomness, no I/O; and total:
 * no sequence of events is refused, an impossible one is kept and flagged.
 */
import type { CallEvent, ChatEvent } from "../../gen/ts/callwire/v1/event_pb.ts";
import { type Session, SessionAnomaly, type SessionParticipant } from "../../gen/ts/callwire/v1/session_pb.ts";
import {
  AgentState,
  CallState,
  ChatState,
  EventKind,
  ParticipantState,
  ParticipantType,
  Trigger,
} from "../../gen/ts/callwire/v1/state_pb.ts";
import { wordOfCallState, wordOfChatState } from "../events/vocabulary.ts";
import { carry, type Replaced } from "./carried.ts";
import { applySnapshot, endHold, isGone, isJoined, type LegChanges, leave, noLegChanges } from "./legs.ts";
import { isOlder, type Moment } from "./moment.ts";
import { noConnections, type SessionState } from "./session-state.ts";
import { continueSpans, type EmailOf, endQueueSpan, recordSpans } from "./spans.ts";
import { type Actions, callActions, chatActions, type Evidence, inOrder } from "./triggers.ts";

/**
 * Raised with every change by which the same log gives another view: what events mean, the keys that filters find them by,
 * how they are encoded. A view that another version made is folded again at the start.
 */
export const foldVersion = 1;

/** What an event means. */
export interface Meaning {
  /** The first of `changes`, or unspecified when the history does not say. */
  trigger: Trigger;
  changes: Trigger[];
  replaced: Replaced;
  /** Parties that are gone with this event. */
  gone: readonly SessionParticipant[];
}

export type SessionEvent = CallEvent | ChatEvent;

const noneGone: readonly SessionParticipant[] = [];

function isCall(event: SessionEvent): event is CallEvent {
  return event.$typeName === "callwire.v1.CallEvent";
}

function flag(session: Session, anomaly: SessionAnomaly): void {
  if (!session.anomalies.includes(anomaly)) session.anomalies.push(anomaly);
}

function isEndState(event: SessionEvent): boolean {
  if (isCall(event)) return event.state === CallState.DISCONNECTED;
  return event.state === ChatState.DISCONNECTED || event.state === ChatState.FINISHED;
}

function updated(event: SessionEvent): Trigger {
  return isCall(event) ? Trigger.CALL_UPDATED : Trigger.CHAT_UPDATED;
}

function isUnknownState({ state, stateText }: SessionEvent): boolean {
  return state === 0 && stateText !== "";
}

/** Notes that the session had this event, whatever it means. */
function attach(state: SessionState, event: SessionEvent, at: Moment): void {
  const { session } = state;
  if (state.eventCount === 0) {
    session.firstOffset = at.offset;
    session.firstReceivedTime = at.receivedTime;
  }
  state.eventCount++;
  session.lastOffset = at.offset;
  if (isUnknownState(event)) flag(session, SessionAnomaly.UNKNOWN_STATE);
  const { eventTime } = at;
  if (eventTime !== undefined && (state.lastEventTime === undefined || isOlder(state.lastEventTime, eventTime))) {
    state.lastEventTime = eventTime;
  }
}

function meaning(
  event: SessionEvent,
  { changes, isAmbiguous }: Actions,
  replaced: Replaced,
  legs: LegChanges,
): Meaning {
  if (changes.size === 0 && isAmbiguous)
    return { trigger: Trigger.UNSPECIFIED, changes: [], replaced, gone: legs.gone };
  const ordered = changes.size === 0 ? [updated(event)] : inOrder(changes);
  return { trigger: ordered[0]!, changes: ordered, replaced, gone: legs.gone };
}

/** An event that its own time puts before another: it may add what nobody told, and changes nothing. */
function foldLate(state: SessionState, event: SessionEvent, at: Moment): Meaning {
  flag(state.session, SessionAnomaly.OUT_OF_ORDER);
  carry(state, event, at, true);
  return { trigger: Trigger.UNSPECIFIED, changes: [], replaced: {}, gone: noneGone };
}

function submitsDisposition(event: SessionEvent): boolean {
  return (
    event.disposition !== undefined ||
    event.participants.some(({ state }) => state === ParticipantState.DISPOSITION_SUBMITTED)
  );
}

/** After the end only the wrap-up is expected. Nothing reopens the session, and nobody joins it. */
function foldAfterEnd(state: SessionState, event: SessionEvent, at: Moment): Meaning {
  const { session } = state;
  carry(state, event, at, true);
  endQueueSpan(state, at);
  const wrapsUp = submitsDisposition(event);
  if (!wrapsUp) flag(session, SessionAnomaly.EVENT_AFTER_END);
  const wrappedUp = isCall(event) ? Trigger.CALL_WRAPPED_UP : Trigger.CHAT_WRAPPED_UP;
  const trigger = wrapsUp && session.lastTrigger !== wrappedUp ? wrappedUp : updated(event);
  return { trigger, changes: [trigger], replaced: {}, gone: noneGone };
}

/** States that a session cannot begin with. */
const callsMidway: ReadonlySet<CallState> = new Set([
  CallState.HELD,
  CallState.TRANSFERRED,
  CallState.CONFERENCED,
  CallState.PARTICIPANT_DISCONNECT,
  CallState.DISCONNECTED,
]);
const chatsMidway: ReadonlySet<ChatState> = new Set([
  ChatState.CONNECTED,
  ChatState.HELD,
  ChatState.TRANSFERRED,
  ChatState.CONFERENCED,
  ChatState.PARTICIPANT_DISCONNECT,
  ChatState.DISCONNECTED,
  ChatState.FINISHED,
]);

function flagFirst(session: Session, event: SessionEvent, trigger: Trigger, evidence: Evidence): void {
  const { legs } = evidence;
  const flagged = legs.held.length + legs.muted.length + legs.unmuted.length + legs.redacted.length;
  if (isCall(event) ? callsMidway.has(event.state) : chatsMidway.has(event.state)) {
    flag(session, SessionAnomaly.FIRST_SEEN_MIDWAY);
  } else if (isCall(event) && event.state === CallState.CONNECTED) {
    if (flagged + legs.unredacted.length > 0) flag(session, SessionAnomaly.FIRST_SEEN_MIDWAY);
    else if (trigger === Trigger.CALL_ANSWERED || trigger === Trigger.UNSPECIFIED) {
      flag(session, SessionAnomaly.FIRST_SEEN_CONNECTED);
    }
  }
}

function flagSequence(session: Session, event: SessionEvent, evidence: Evidence): void {
  const { legs, anyJoinedAfter } = evidence;
  if (legs.unknownState) flag(session, SessionAnomaly.UNKNOWN_STATE);
  if (legs.impossible) flag(session, SessionAnomaly.IMPOSSIBLE_TRANSITION);
  if (legs.leftImplicitly.length > 0) flag(session, SessionAnomaly.IMPLICIT_LEAVE);
  if (isEndState(event) && anyJoinedAfter) flag(session, SessionAnomaly.DISCONNECTED_WHILE_CONNECTED);
}

function leaveAll(session: Session, legs: LegChanges): void {
  for (const leg of session.participants) {
    if (!isGone(leg)) leave(leg, ParticipantState.DISCONNECTED, legs, false);
  }
}

function snapshot(state: SessionState, event: SessionEvent): LegChanges {
  const { session } = state;
  if (!event.participantsOmitted) {
    return applySnapshot(state, event.participants, {
      isHeld: isCall(event) && event.state === CallState.HELD,
      isDialing: isCall(event) && event.state === CallState.DIALING,
    });
  }
  const legs = noLegChanges();
  // Nothing in it says that anybody is still there.
  if (isEndState(event)) leaveAll(session, legs);
  else if (isCall(event) && event.state === CallState.CONNECTED && state.lastState === CallState.HELD) {
    for (const leg of session.participants) endHold(leg, legs);
  }
  return legs;
}

const answers: ReadonlySet<Trigger> = new Set([
  Trigger.CALL_ANSWERED,
  Trigger.CALL_OUTBOUND_CONNECTED,
  Trigger.CHAT_CONNECTED,
]);

function close(state: SessionState, legs: LegChanges, at: Moment): void {
  const { session } = state;
  leaveAll(session, legs);
  endQueueSpan(state, at);
  session.open = false;
  state.endedOffset = at.offset;
  session.endedTime = at.receivedTime;
}

/** The usual event of an open session. */
function foldOpen(state: SessionState, event: SessionEvent, at: Moment, emailOf: EmailOf): Meaning {
  const { session } = state;
  const wasHeld = isCall(event) && state.lastState === CallState.HELD;
  let anyLegHeld = false;
  let agentJoinedBefore = false;
  for (const leg of session.participants) {
    if (leg.held) anyLegHeld = true;
    if (isJoined(leg) && leg.type === ParticipantType.AGENT) agentJoinedBefore = true;
  }
  const replaced = carry(state, event, at, false);
  const legs = snapshot(state, event);
  const evidence: Evidence = {
    state: event.state,
    isUnknownState: isUnknownState(event),
    previousTrigger: session.lastTrigger,
    previousState: state.lastState,
    isFirst: state.eventCount === 1,
    direction: session.direction,
    legs,
    participantsOmitted: event.participantsOmitted,
    agentJoinedBefore,
    anyJoinedAfter: session.participants.some(isJoined),
    anyHeldBefore: wasHeld || anyLegHeld,
    wasHeldByStateAlone: wasHeld && !anyLegHeld,
    queueChanged: replaced.queue !== undefined,
  };
  const actions = isCall(event) ? callActions(evidence) : chatActions(evidence);
  flagSequence(session, event, evidence);
  if (actions.changes.has(Trigger.CALL_ENDED) || actions.changes.has(Trigger.CHAT_ENDED)) close(state, legs, at);
  recordSpans(state, legs, at, emailOf);
  const result = meaning(event, actions, replaced, legs);
  if (evidence.isFirst) flagFirst(session, event, result.trigger, evidence);
  if (session.answeredTime === undefined && result.changes.some((change) => answers.has(change))) {
    session.answeredTime = at.receivedTime;
  }
  recordState(state, event);
  return result;
}

function recordState(state: SessionState, event: SessionEvent): void {
  const word = isCall(event) ? wordOfCallState.get(event.state) : wordOfChatState.get(event.state);
  if (word === undefined && event.stateText === "") return;
  state.lastState = event.state;
  state.session.state = word ?? event.stateText;
}

/** An expiry was the gateway's own judgement: the source knows better, and nothing of it remains but the anomaly. */
function reopen(state: SessionState): void {
  const { session, endedOffset, connectionsBefore } = state;
  session.participants.forEach((leg, index) => {
    leg.connection = (connectionsBefore[index] as ParticipantState | undefined) ?? leg.connection;
  });
  if (endedOffset !== undefined && connectionsBefore.length > 0) continueSpans(state, endedOffset);
  state.connectionsBefore = noConnections;
  state.expired = false;
  state.endedOffset = undefined;
  session.open = true;
  session.endedTime = undefined;
}

/** Folds a call's or chat's next event into its state, which it changes. */
export function foldSessionEvent(state: SessionState, event: SessionEvent, at: Moment, emailOf: EmailOf): Meaning {
  const { session, lastEventTime } = state;
  const isLate = at.eventTime !== undefined && lastEventTime !== undefined && isOlder(at.eventTime, lastEventTime);
  attach(state, event, at);
  if (state.expired && !isLate) reopen(state);
  let result: Meaning;
  if (isLate) result = foldLate(state, event, at);
  else if (!session.open) result = foldAfterEnd(state, event, at);
  else result = foldOpen(state, event, at, emailOf);
  session.lastTrigger = result.trigger;
  return result;
}

/** Closes a session that has been silent for too long. It is the gateway's judgement, and the event says so. */
export function expireSession(state: SessionState, at: Moment, emailOf: EmailOf): Meaning {
  const { session } = state;
  const trigger = session.kind === EventKind.CHAT ? Trigger.CHAT_EXPIRED : Trigger.CALL_EXPIRED;
  const legs = noLegChanges();
  session.lastOffset = at.offset;
  session.lastTrigger = trigger;
  state.expired = true;
  state.connectionsBefore = Uint8Array.from(session.participants, ({ connection }) => connection);
  flag(session, SessionAnomaly.EXPIRED);
  close(state, legs, at);
  recordSpans(state, legs, at, emailOf);
  return { trigger, changes: [trigger], replaced: {}, gone: legs.gone };
}

/** Says that a session is complete. @param cursorOf the printed form of an offset */
export function sealSession(state: SessionState, at: Moment, cursorOf: (offset: bigint) => string): Meaning {
  const { session, eventCount, digest } = state;
  const trigger = session.kind === EventKind.CHAT ? Trigger.CHAT_SEALED : Trigger.CALL_SEALED;
  session.seal = {
    $typeName: "callwire.v1.SessionSeal",
    eventCount: BigInt(eventCount),
    firstCursor: cursorOf(session.firstOffset),
    lastCursor: cursorOf(session.lastOffset),
    digest: Uint8Array.from(digest, (character) => character.charCodeAt(0)),
    anomalies: [...session.anomalies],
  };
  session.lastOffset = at.offset;
  session.lastTrigger = trigger;
  return { trigger, changes: [trigger], replaced: {}, gone: noneGone };
}

export function agentTrigger(state: AgentState): Trigger {
  if (state === AgentState.LOGIN) return Trigger.AGENT_LOGIN;
  return state === AgentState.LOGOUT ? Trigger.AGENT_LOGOUT : Trigger.UNSPECIFIED;
}

/** What a recorder acts upon. */
export function isRedactionActive({ participants }: Session): boolean {
  return participants.some(({ redacted }) => redacted);
}
