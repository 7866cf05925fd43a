/**
 * What an event can be found by: its filter keys, from its payload. The call's context (what the payload leaves out, takes
 * away or ever had) joins here once sessions are folded.
 */

import type { AgentEvent, CallEvent, ChatEvent, Participant } from "../../gen/ts/callwire/v1/event_pb.ts";
import { Direction, EventKind, type ParticipantState, ParticipantType } from "../../gen/ts/callwire/v1/state_pb.ts";
import { type Attribute, attribute } from "./attributes.ts";
import type { KeySink } from "./block-keys.ts";
import { eachQueuePrefix } from "./queue-prefixes.ts";

type Payload =
  | { case: "agent"; value: AgentEvent }
  | { case: "call"; value: CallEvent }
  | { case: "chat"; value: ChatEvent };

/** Gives the lower-case e-mail address of an agent id (without prefix), when a login has told it. */
export type EmailOfAgent = (agentId: string) => string | undefined;

/** Agent ids compare without the prefix that chats put before them. */
export function bareAgentId(id: string): string {
  return id.startsWith("agent_") ? id.slice("agent_".length) : id;
}

function text(keys: KeySink, attr: Attribute, value: string): void {
  if (value !== "") keys.add(attr, value);
}

/** The keys of an agent: the id without prefix, and the address when a login has told it. */
export function addAgentKeys(keys: KeySink, id: string, emailOf: EmailOfAgent): void {
  if (id === "") return;
  const bare = bareAgentId(id);
  keys.add(attribute.agentId, bare);
  const email = emailOf(bare);
  if (email !== undefined) keys.add(attribute.agentEmail, email);
}

function participantKeys(keys: KeySink, participant: Participant, emailOf: EmailOfAgent): void {
  const state: ParticipantState = participant.state;
  if (state !== 0) keys.add(attribute.participantState, state);
  text(keys, attribute.mediaId, participant.mediaId);
  const id = participant.participantId;
  if (id === undefined || id === "") return;
  keys.add(attribute.participantId, id);
  if (participant.type === ParticipantType.AGENT) addAgentKeys(keys, id, emailOf);
}

/** Every segment of an id path. */
export function addQueueIdKeys(keys: KeySink, path: readonly string[]): void {
  for (const id of path) text(keys, attribute.queueId, id);
}

/** Every prefix of a name path. */
export function addQueueNameKeys(keys: KeySink, path: readonly string[]): void {
  eachQueuePrefix(path, (prefix) => text(keys, attribute.queueName, prefix));
}

export function addQueueKeys(
  keys: KeySink,
  queue: Pick<CallEvent, "queuePathIds" | "queuePathNames" | "queueUuid">,
): void {
  addQueueIdKeys(keys, queue.queuePathIds);
  addQueueNameKeys(keys, queue.queuePathNames);
  text(keys, attribute.queueUuid, queue.queueUuid);
}

function sharedKeys(keys: KeySink, session: CallEvent | ChatEvent, emailOf: EmailOfAgent): void {
  addQueueKeys(keys, session);
  text(keys, attribute.language, session.language.toLowerCase());
  text(keys, attribute.mediaId, session.mediaId);
  if (session.direction !== Direction.UNSPECIFIED) keys.add(attribute.direction, session.direction);
  for (const participant of session.participants) participantKeys(keys, participant, emailOf);
}

function callKeys(keys: KeySink, call: CallEvent, emailOf: EmailOfAgent): void {
  keys.add(attribute.kind, EventKind.CALL);
  text(keys, attribute.callId, call.callId);
  if (call.state !== 0) keys.add(attribute.callState, call.state);
  if (call.recordingPermitted !== undefined) keys.add(attribute.recordingPermitted, call.recordingPermitted);
  sharedKeys(keys, call, emailOf);
}

function chatKeys(keys: KeySink, chat: ChatEvent, emailOf: EmailOfAgent): void {
  keys.add(attribute.kind, EventKind.CHAT);
  text(keys, attribute.chatId, chat.chatId);
  if (chat.state !== 0) keys.add(attribute.chatState, chat.state);
  sharedKeys(keys, chat, emailOf);
}

function agentEventKeys(keys: KeySink, agent: AgentEvent, emailOf: EmailOfAgent): void {
  keys.add(attribute.kind, EventKind.AGENT);
  text(keys, attribute.participantId, agent.participantId);
  text(keys, attribute.agentEmail, agent.email.toLowerCase());
  addAgentKeys(keys, agent.participantId, emailOf);
}

/** Gives an event's keys to a sink. */
export function addEventKeys(keys: KeySink, payload: Payload, source: string, emailOf: EmailOfAgent): void {
  keys.add(attribute.source, source);
  switch (payload.case) {
    case "call":
      callKeys(keys, payload.value, emailOf);
      break;
    case "chat":
      chatKeys(keys, payload.value, emailOf);
      break;
    case "agent":
      agentEventKeys(keys, payload.value, emailOf);
      break;
  }
  keys.endOrigin();
}
