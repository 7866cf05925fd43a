/** Builds the typed payloads from the fields of a source object. */
import { create, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import {
  type AgentEvent,
  AgentEventSchema,
  type CallEvent,
  CallEventSchema,
  type ChatEvent,
  ChatEventSchema,
  DispositionSchema,
} from "../../gen/ts/callwire/v1/event_pb.ts";
import { Fields } from "./fields.ts";
import { isObject } from "./json-text.ts";
import { participantsOf } from "./participants.ts";
import { sourceTime } from "./source-time.ts";
import { agentStates, callStates, chatStates, comparable, directions, recordingPermissions } from "./vocabulary.ts";

/** The value with every text well formed, as Protobuf requires. */
function wellFormed(value: unknown): JsonValue {
  if (typeof value === "string") return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (!isObject(value))
    return Number.isFinite(value) || typeof value !== "number" ? (value as JsonValue) : String(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toWellFormed(), wellFormed(item)]));
}

/** The source documents a UUID and sends a number. */
function queueUuid(fields: Fields): string {
  const value = fields.get("queueuuid", "queueid");
  if (typeof value === "string" || typeof value === "number") return String(value).toWellFormed();
  if (value !== undefined) fields.notes.add("FIELD_IGNORED");
  return "";
}

/** What calls and chats have in common. */
function fillSession(message: CallEvent | ChatEvent, fields: Fields): void {
  const direction = fields.word(directions, "UNKNOWN_DIRECTION", "direction");
  message.direction = direction.value;
  message.directionText = direction.text;
  message.initiator = fields.text("initiator");
  message.queuePathIds = fields.segments("queuepathids");
  message.queuePathNames = fields.segments("queuepathnames");
  message.language = fields.text("language");
  message.queueUuid = queueUuid(fields);
  const headers = fields.get("customheaders");
  if (headers !== undefined) message.customHeaders = fromJson(ValueSchema, wellFormed(headers));
  const { participants, omitted } = participantsOf(fields);
  message.participants = participants;
  message.participantsOmitted = omitted;
  message.mediaId = fields.text("mediaid");
  message.agentNumber = fields.text("agentnumber");
  fillExternal(message, fields);
}

/** What only external session events have. */
function fillExternal(message: CallEvent | ChatEvent, fields: Fields): void {
  const connected = sourceTime(fields, "connectedat", "connectedtime");
  if (connected !== undefined) message.connectedTime = connected;
  const ended = sourceTime(fields, "endsat", "endedat", "endtime");
  if (ended !== undefined) message.endTime = ended;
  const disposition = fields.object("dispositions", "disposition");
  if (disposition === undefined) return;
  const own = new Fields(fields.path("dispositions"), fields.notes, disposition);
  message.disposition = create(DispositionSchema, {
    code: own.text("code"),
    customCodeId: own.text("customcodeid"),
    note: own.text("note", "notes"),
  });
}

function recordingPermitted(fields: Fields): boolean | undefined {
  const value = fields.get("recordingpermitted", "recordingpermission");
  if (value === undefined) return undefined;
  const permitted = recordingPermissions.get(comparable(String(value)));
  if (permitted === undefined) fields.notes.add("FIELD_IGNORED");
  return permitted;
}

export function callEvent(fields: Fields): CallEvent {
  const call = create(CallEventSchema);
  call.callId = fields.id("callid") ?? "";
  const state = fields.word(callStates, "UNKNOWN_STATE", "state", "status");
  call.state = state.value;
  call.stateText = state.text;
  const permitted = recordingPermitted(fields);
  if (permitted !== undefined) call.recordingPermitted = permitted;
  fillSession(call, fields);
  return call;
}

export function chatEvent(fields: Fields): ChatEvent {
  const chat = create(ChatEventSchema);
  chat.chatId = fields.id("chatid") ?? "";
  const state = fields.word(chatStates, "UNKNOWN_STATE", "state", "status");
  chat.state = state.value;
  chat.stateText = state.text;
  chat.supportNumber = fields.text("supportnumber");
  chat.sessionType = fields.text("sessiontypev2", "sessiontype");
  fillSession(chat, fields);
  return chat;
}

export function agentEvent(fields: Fields): AgentEvent {
  const agent = create(AgentEventSchema);
  agent.participantId = fields.id("participantid", "agentid") ?? "";
  agent.email = fields.text("email");
  const state = fields.word(agentStates, "UNKNOWN_STATE", "state", "status");
  agent.state = state.value;
  agent.stateText = state.text;
  return agent;
}
