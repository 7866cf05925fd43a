/**
 * Which documented action an event tells of. The state of the payload names some actions by itself; others show only in
 * what a snapshot changed, since the source's "answered" and "taken off hold" are the same bytes.
 *
 * A call's table, by the state of the event. `changed`: the state differs from that of the event before.
 *
 *     waiting                 changed, or another queue              CALL_QUEUED
 *     ringing                 changed, or another agent rings        CALL_RINGING
 *     dialing                 changed                                CALL_DIALING
 *     connected               after dialing, a party answered        CALL_OUTBOUND_CONNECTED
 *                             an agent joined                        CALL_ANSWERED
 *                             a third party joined                   CALL_OUTBOUND_CONNECTED
 *     transferred             changed, somebody joined, or a queue   CALL_TRANSFERRED_COLD
 *     conferenced             changed, or somebody joined            CALL_CONFERENCED_WARM
 *     participantDisconnect   changed, or somebody left              CALL_PARTICIPANT_LEFT
 *     redirected, deflected   changed                                CALL_REDIRECTED, CALL_DEFLECTED
 *     disconnected            nobody is left connected               CALL_ENDED
 *
 * and whatever the state: a party put on hold or taken off it, muted or unmuted, redacted or unredacted; a party that left
 * while the call goes on.
 */
import { CallState, ChatState, Direction, Trigger } from "../../gen/ts/callwire/v1/state_pb.ts";
import { anyLeft, type LegChanges } from "./legs.ts";

/** What decides an action. */
export interface Evidence {
  /** CallState or ChatState of the event; 0 when it told none, or an unknown one. */
  state: number;
  /** The event told a state that nobody knows. */
  isUnknownState: boolean;
  /** That of the event before; 0 when none was told. */
  previousState: number;
  /** That of the event before. */
  previousTrigger: Trigger;
  /** The first event of the session. */
  isFirst: boolean;
  direction: Direction;
  legs: LegChanges;
  /** The payload left its participants out. */
  participantsOmitted: boolean;
  /** An agent was connected before this event. */
  agentJoinedBefore: boolean;
  /** Somebody is connected after it. */
  anyJoinedAfter: boolean;
  anyHeldBefore: boolean;
  /** The event before told a hold, and of no party that it was held. */
  wasHeldByStateAlone: boolean;
  queueChanged: boolean;
}

/** The actions of an event; `isAmbiguous` when the history does not say which it was. */
export interface Actions {
  changes: Set<Trigger>;
  isAmbiguous: boolean;
}

/** The order of `Event.changes`; the first of them is the event's `trigger`. Redaction comes first: recorders act on it. */
export const precedence: readonly Trigger[] = [
  Trigger.CALL_REDACTED,
  Trigger.CALL_UNREDACTED,
  Trigger.CALL_ENDED,
  Trigger.CALL_TRANSFERRED_COLD,
  Trigger.CALL_CONFERENCED_WARM,
  Trigger.CALL_HELD,
  Trigger.CALL_MUTED,
  Trigger.CALL_UNMUTED,
  // Behind what the source says in a word: these show in who is there, and may be news of an event that was missed.
  Trigger.CALL_ANSWERED,
  Trigger.CALL_OUTBOUND_CONNECTED,
  Trigger.CALL_UNHELD,
  // Behind what the event itself is about: a party that hung up in silence is missed with the next event, whatever it is.
  Trigger.CALL_PARTICIPANT_LEFT,
  Trigger.CALL_RINGING,
  Trigger.CALL_DIALING,
  Trigger.CALL_QUEUED,
  Trigger.CALL_REDIRECTED,
  Trigger.CALL_DEFLECTED,
  Trigger.CALL_WRAPPED_UP,
  Trigger.CALL_EXPIRED,
  Trigger.CALL_SEALED,
  Trigger.CALL_UPDATED,
  Trigger.CHAT_ENDED,
  Trigger.CHAT_TRANSFERRED,
  Trigger.CHAT_CONNECTED,
  Trigger.CHAT_ACCEPTED,
  Trigger.CHAT_STARTED,
  Trigger.CHAT_WAITING,
  Trigger.CHAT_PARTICIPANT_LEFT,
  Trigger.CHAT_WRAPPED_UP,
  Trigger.CHAT_EXPIRED,
  Trigger.CHAT_SEALED,
  Trigger.CHAT_UPDATED,
];
const rank = new Map(precedence.map((trigger, index) => [trigger, index]));

export function inOrder(changes: Iterable<Trigger>): Trigger[] {
  const unordered = [...changes];
  return unordered.length < 2 ? unordered : unordered.sort((a, b) => rank.get(a)! - rank.get(b)!);
}

type Rule = (evidence: Evidence) => Trigger | undefined;

const changed = ({ state, previousState }: Evidence): boolean => state !== previousState;
const somebodyJoined = ({ legs }: Evidence): boolean => legs.joinedAgents.length + legs.joinedExternals.length > 0;
const when =
  (holds: (evidence: Evidence) => boolean, trigger: Trigger): Rule =>
  (evidence) =>
    holds(evidence) ? trigger : undefined;

function callConnected(evidence: Evidence): Trigger | undefined {
  const { previousState, legs, participantsOmitted, agentJoinedBefore } = evidence;
  const agentJoined = legs.joinedAgents.length > 0;
  const thirdPartyJoined = legs.joinedExternals.length > 0;
  if (previousState === CallState.DIALING && (thirdPartyJoined || agentJoined || participantsOmitted)) {
    return Trigger.CALL_OUTBOUND_CONNECTED;
  }
  if (agentJoined) return Trigger.CALL_ANSWERED;
  if (thirdPartyJoined && agentJoinedBefore) return Trigger.CALL_OUTBOUND_CONNECTED;
  if (evidence.wasHeldByStateAlone) return Trigger.CALL_UNHELD;
  if (!participantsOmitted) return undefined;
  const wasOffered: number[] = [CallState.RINGING, CallState.WAITING, CallState.REDIRECTED, CallState.DEFLECTED];
  return wasOffered.includes(previousState) ? Trigger.CALL_ANSWERED : undefined;
}

const callRules: Readonly<Partial<Record<CallState, Rule>>> = {
  [CallState.WAITING]: when((e) => changed(e) || e.queueChanged, Trigger.CALL_QUEUED),
  [CallState.RINGING]: when((e) => changed(e) || e.legs.ringing.length > 0, Trigger.CALL_RINGING),
  [CallState.DIALING]: when(changed, Trigger.CALL_DIALING),
  [CallState.CONNECTED]: callConnected,
  [CallState.HELD]: when((e) => changed(e) && !e.anyHeldBefore, Trigger.CALL_HELD),
  [CallState.TRANSFERRED]: when(
    (e) => changed(e) || e.queueChanged || somebodyJoined(e),
    Trigger.CALL_TRANSFERRED_COLD,
  ),
  [CallState.CONFERENCED]: when((e) => changed(e) || somebodyJoined(e), Trigger.CALL_CONFERENCED_WARM),
  [CallState.PARTICIPANT_DISCONNECT]: when((e) => changed(e) || anyLeft(e.legs), Trigger.CALL_PARTICIPANT_LEFT),
  [CallState.REDIRECTED]: when(changed, Trigger.CALL_REDIRECTED),
  [CallState.DEFLECTED]: when(changed, Trigger.CALL_DEFLECTED),
  [CallState.DISCONNECTED]: when((e) => !e.anyJoinedAfter, Trigger.CALL_ENDED),
};

/** States in which somebody's leaving is an action of its own, and not part of another. */
const goesOn: ReadonlySet<number> = new Set([
  CallState.CONNECTED,
  CallState.HELD,
  CallState.CONFERENCED,
  CallState.PARTICIPANT_DISCONNECT,
  CallState.DISCONNECTED,
]);

/** What the facts of the parties tell of a call, whatever its state. */
function legActions({ legs, state, anyJoinedAfter }: Evidence, changes: Set<Trigger>): void {
  if (legs.redacted.length > 0) changes.add(Trigger.CALL_REDACTED);
  if (legs.unredacted.length > 0) changes.add(Trigger.CALL_UNREDACTED);
  if (legs.muted.length > 0) changes.add(Trigger.CALL_MUTED);
  if (legs.unmuted.length > 0) changes.add(Trigger.CALL_UNMUTED);
  if (legs.held.length > 0) changes.add(Trigger.CALL_HELD);
  if (legs.unheld.length > 0) changes.add(Trigger.CALL_UNHELD);
  if (anyLeft(legs) && anyJoinedAfter && goesOn.has(state)) changes.add(Trigger.CALL_PARTICIPANT_LEFT);
}

/** A call first seen connected: answered, when nothing in it speaks of an earlier part of the call that was missed. */
function firstConnected(evidence: Evidence, changes: Set<Trigger>): Actions {
  const { direction, legs, participantsOmitted } = evidence;
  if (changes.size > 0) return { changes, isAmbiguous: false };
  // Nobody has answered yet: an external party alone.
  if (!participantsOmitted && legs.joinedAgents.length === 0) return { changes, isAmbiguous: false };
  if (direction !== Direction.INCOMING) return { changes, isAmbiguous: true };
  return { changes: changes.add(Trigger.CALL_ANSWERED), isAmbiguous: false };
}

export function callActions(evidence: Evidence): Actions {
  const changes = new Set<Trigger>();
  legActions(evidence, changes);
  const { state, isFirst } = evidence;
  if (isFirst && state === CallState.CONNECTED) return firstConnected(evidence, changes);
  const action = callRules[state as CallState]?.(evidence);
  if (action !== undefined) changes.add(action);
  return { changes, isAmbiguous: isAmbiguous(evidence, changes) };
}

/** Something happened for which there is no word here. */
function isAmbiguous({ isUnknownState, legs }: Evidence, changes: ReadonlySet<Trigger>): boolean {
  return changes.size === 0 && (isUnknownState || legs.unknownState);
}

function chatConnected({
  isFirst,
  previousState,
  legs,
  participantsOmitted,
  agentJoinedBefore,
}: Evidence): Trigger | undefined {
  if (legs.joinedAgents.length > 0) return Trigger.CHAT_CONNECTED;
  if (participantsOmitted) return previousState === ChatState.CONNECTED ? undefined : Trigger.CHAT_CONNECTED;
  // `connected` before any agent is on the chat is the source's "accepted".
  const isNews = isFirst || (previousState !== ChatState.CONNECTED && previousState !== ChatState.ACCEPTED);
  return isNews && !agentJoinedBefore ? Trigger.CHAT_ACCEPTED : undefined;
}

const chatRules: Readonly<Partial<Record<ChatState, Rule>>> = {
  [ChatState.WAITING]: (e) => {
    if (e.isFirst) return Trigger.CHAT_STARTED;
    // The source sends `waiting` twice: when the chat begins, and when it waits for an agent.
    const isNews = changed(e) || e.queueChanged || e.previousTrigger === Trigger.CHAT_STARTED;
    return isNews ? Trigger.CHAT_WAITING : undefined;
  },
  [ChatState.ACCEPTED]: when(changed, Trigger.CHAT_ACCEPTED),
  [ChatState.CONNECTED]: chatConnected,
  [ChatState.CONFERENCED]: when(somebodyJoined, Trigger.CHAT_CONNECTED),
  [ChatState.TRANSFERRED]: when((e) => changed(e) || e.queueChanged || somebodyJoined(e), Trigger.CHAT_TRANSFERRED),
  [ChatState.PARTICIPANT_DISCONNECT]: when((e) => changed(e) || anyLeft(e.legs), Trigger.CHAT_PARTICIPANT_LEFT),
  [ChatState.DISCONNECTED]: when((e) => !e.anyJoinedAfter, Trigger.CHAT_ENDED),
  [ChatState.FINISHED]: () => Trigger.CHAT_ENDED,
};

/** A chat's actions. Chats have no documented hold, mute or redaction; their facts are kept all the same. */
export function chatActions(evidence: Evidence): Actions {
  const changes = new Set<Trigger>();
  const { state, legs, anyJoinedAfter } = evidence;
  if (anyLeft(legs) && anyJoinedAfter && state !== ChatState.TRANSFERRED) changes.add(Trigger.CHAT_PARTICIPANT_LEFT);
  const action = chatRules[state as ChatState]?.(evidence);
  if (action !== undefined) changes.add(action);
  return { changes, isAmbiguous: isAmbiguous(evidence, changes) };
}
