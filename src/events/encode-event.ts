/**
 * The encoding of events, which is written once for each and takes a fraction of the time of the general encoder; a test holds
 * it to that encoder's bytes.
 */
import { toBinary } from "@bufbuild/protobuf";
import { type Timestamp, type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import type { AgentEvent, CallEvent, ChatEvent, Disposition, Participant } from "../../gen/ts/callwire/v1/event_pb.ts";
import type { Trigger } from "../../gen/ts/callwire/v1/state_pb.ts";
import { WireWriter } from "../wire/wire-writer.ts";
import type { EventPayload } from "./accepted-event.ts";

/** What the BASIC view shows of an event: `callwire.v1.Event` with plain numbers for offsets. */
export interface BasicEvent {
  offset: number;
  eventId: string;
  tenant: string;
  source: string;
  eventTime: Timestamp | undefined;
  receivedTime: Timestamp;
  trigger: Trigger;
  changes: readonly Trigger[];
  synthetic: boolean;
  redactionActive: boolean;
  /** 0 for an event without a session. */
  sessionOffset: number;
  firstReceivedTime: Timestamp | undefined;
  payload: EventPayload;
  /** What `writePayload` makes of the payload, where it is at hand. */
  encodedPayload: Uint8Array | undefined;
}

function participant(to: WireWriter, party: Participant): void {
  if (party.participantId !== undefined) to.presentText(1, party.participantId);
  to.number(2, party.type);
  to.text(3, party.typeText);
  to.number(4, party.state);
  to.text(5, party.stateText);
  to.text(6, party.agentNumber);
  to.text(7, party.name);
  to.text(8, party.mediaId);
}

function disposition(to: WireWriter, { code, customCodeId, note }: Disposition): void {
  to.text(1, code);
  to.text(2, customCodeId);
  to.text(3, note);
}

/** Fields of any shape, and rare. */
function customHeaders(to: WireWriter, field: number, value: Value | undefined): void {
  if (value !== undefined) to.encoded(field, toBinary(ValueSchema, value));
}

function callEvent(to: WireWriter, call: CallEvent): void {
  to.text(1, call.callId);
  to.number(2, call.state);
  to.text(3, call.stateText);
  to.number(4, call.direction);
  to.text(5, call.directionText);
  to.text(6, call.initiator);
  to.texts(7, call.queuePathIds);
  to.texts(8, call.queuePathNames);
  to.text(9, call.language);
  to.text(10, call.queueUuid);
  if (call.recordingPermitted !== undefined) to.bool(11, call.recordingPermitted);
  customHeaders(to, 12, call.customHeaders);
  for (const party of call.participants) to.message(13, party, participant);
  to.flag(14, call.participantsOmitted);
  to.text(15, call.mediaId);
  to.text(16, call.agentNumber);
  to.time(17, call.connectedTime);
  to.time(18, call.endTime);
  if (call.disposition !== undefined) to.message(19, call.disposition, disposition);
}

function chatEvent(to: WireWriter, chat: ChatEvent): void {
  to.text(1, chat.chatId);
  to.number(2, chat.state);
  to.text(3, chat.stateText);
  to.number(4, chat.direction);
  to.text(5, chat.directionText);
  to.text(6, chat.initiator);
  to.texts(7, chat.queuePathIds);
  to.texts(8, chat.queuePathNames);
  to.text(9, chat.language);
  to.text(10, chat.queueUuid);
  to.text(11, chat.supportNumber);
  to.text(12, chat.sessionType);
  customHeaders(to, 13, chat.customHeaders);
  for (const party of chat.participants) to.message(14, party, participant);
  to.flag(15, chat.participantsOmitted);
  to.text(16, chat.mediaId);
  to.text(17, chat.agentNumber);
  to.time(18, chat.connectedTime);
  to.time(19, chat.endTime);
  if (chat.disposition !== undefined) to.message(20, chat.disposition, disposition);
}

function agentEvent(to: WireWriter, agent: AgentEvent): void {
  to.text(1, agent.participantId);
  to.text(2, agent.email);
  to.number(3, agent.state);
  to.text(4, agent.stateText);
}

const payloadFields = { agent: 14, call: 15, chat: 16 } as const;

/** The payload as a field of an Event. @param message the encoding of its message, where it is at hand */
export function writePayload(to: WireWriter, payload: EventPayload, message: Uint8Array | undefined): void {
  if (message !== undefined) return to.encoded(payloadFields[payload.case], message);
  switch (payload.case) {
    case "agent":
      to.message(payloadFields.agent, payload.value, agentEvent);
      break;
    case "call":
      to.message(payloadFields.call, payload.value, callEvent);
      break;
    case "chat":
      to.message(payloadFields.chat, payload.value, chatEvent);
  }
}

export function writeEvent(to: WireWriter, event: BasicEvent): void {
  to.number(1, event.offset);
  to.text(2, event.eventId);
  to.text(3, event.tenant);
  to.text(4, event.source);
  to.time(5, event.eventTime);
  to.time(6, event.receivedTime);
  to.number(7, event.trigger);
  to.packed(8, event.changes);
  to.flag(9, event.synthetic);
  to.flag(10, event.redactionActive);
  to.number(12, event.sessionOffset);
  to.time(13, event.firstReceivedTime);
  if (event.encodedPayload !== undefined) to.raw(event.encodedPayload);
  else writePayload(to, event.payload, undefined);
}

const writer = new WireWriter();

/** An Event that has the payload alone. @throws Error when a text of it is no Unicode */
export function encodePayload(payload: EventPayload): Uint8Array {
  writer.clear();
  writePayload(writer, payload, undefined);
  return writer.take();
}
