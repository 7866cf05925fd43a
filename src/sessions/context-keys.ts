/**
 * The filter keys that an event has beside those of its payload (invariant 5), told apart by where they come from:
 *
 *     context   what the payload leaves out and the session still has
 *     removed   what this very event takes away: the party who leaves, the queue that a transfer leaves, a changed value
 *     history   on the events that end the session, and on every later one: every party and queue that it ever had
 */
import type { CallEvent, ChatEvent } from "../../gen/ts/callwire/v1/event_pb.ts";
import type { Session, SessionParticipant } from "../../gen/ts/callwire/v1/session_pb.ts";
import { Direction, ParticipantType, type Trigger } from "../../gen/ts/callwire/v1/state_pb.ts";
import { attribute } from "../filters/attributes.ts";
import type { KeySink } from "../filters/block-keys.ts";
import { addAgentKeys, addQueueIdKeys, addQueueKeys, addQueueNameKeys } from "../filters/event-keys.ts";
import type { Replaced } from "./carried.ts";
import { isGone } from "./legs.ts";
import type { EmailOf } from "./spans.ts";

function addLeg(keys: KeySink, { participantId, type }: SessionParticipant, emailOf: EmailOf): void {
  if (participantId === undefined || participantId === "") return;
  keys.add(attribute.participantId, participantId);
  if (type === ParticipantType.AGENT) addAgentKeys(keys, participantId, emailOf);
}

/** What the payload says is among its keys already; a snapshot of the participants names all who are there. */
function addContext(keys: KeySink, session: Session, payload: CallEvent | ChatEvent, emailOf: EmailOf): void {
  if (payload.queuePathIds.length === 0) addQueueIdKeys(keys, session.queuePathIds);
  if (payload.queuePathNames.length === 0) addQueueNameKeys(keys, session.queuePathNames);
  if (payload.queueUuid === "" && session.queueUuid !== "") keys.add(attribute.queueUuid, session.queueUuid);
  if (payload.language === "" && session.language !== "") keys.add(attribute.language, session.language.toLowerCase());
  if (payload.direction === Direction.UNSPECIFIED && session.direction !== Direction.UNSPECIFIED) {
    keys.add(attribute.direction, session.direction);
  }
  if (session.recordingPermitted !== undefined) keys.add(attribute.recordingPermitted, session.recordingPermitted);
  for (const id of session.mediaIds) if (id !== payload.mediaId) keys.add(attribute.mediaId, id);
  const namesAll = !payload.participantsOmitted && payload.participants.every(({ type }) => type !== 0);
  if (namesAll) return;
  for (const leg of session.participants) if (!isGone(leg)) addLeg(keys, leg, emailOf);
}

function addReplaced(keys: KeySink, replaced: Replaced): void {
  if (replaced.queue !== undefined) addQueueKeys(keys, replaced.queue);
  if (replaced.language !== undefined) keys.add(attribute.language, replaced.language.toLowerCase());
  if (replaced.direction !== undefined) keys.add(attribute.direction, replaced.direction);
  if (replaced.recordingPermitted !== undefined) keys.add(attribute.recordingPermitted, replaced.recordingPermitted);
}

/** What of a folded event bears on its keys. */
export interface KeyFacts {
  session: Session;
  payload: CallEvent | ChatEvent;
  changes: readonly Trigger[];
  replaced: Replaced;
  /** Parties that are gone with this event. */
  gone: readonly SessionParticipant[];
}

/** Adds the keys that the payload does not give, in the order of their origins. */
export function addContextKeys(keys: KeySink, facts: KeyFacts, emailOf: EmailOf): void {
  const { session, payload, changes, replaced, gone } = facts;
  for (const trigger of changes) keys.add(attribute.trigger, trigger);
  addContext(keys, session, payload, emailOf);
  keys.endOrigin();
  for (const leg of gone) addLeg(keys, leg, emailOf);
  addReplaced(keys, replaced);
  keys.endOrigin();
  if (session.open) return;
  for (const leg of session.participants) addLeg(keys, leg, emailOf);
  for (const span of session.queueSpans) addQueueKeys(keys, span);
}
