/**
 * Builds the typed payloads from the fields of a source object. Nothing is required and nothing is inferred.
 *
 * Messages are written as literals, every field named: that is several times faster than `create`, and the compiler tells
 * when the contract has a field that is missing here. What is spread comes first, which is faster too.
 */
import type { AgentEvent, CallEvent, ChatEvent, Disposition } from "../../gen/ts/callwire/v1/event_pb.ts";
import { customData } from "./custom-data.ts";
import { formOf } from "./field-names.ts";
import { Fields, isAbsent } from "./fields.ts";
import { participantsOf } from "./participants.ts";
import { sourceTime } from "./source-time.ts";
import { agentStates, callStates, chatStates, directions, recordingPermissions } from "./vocabulary.ts";

/** The source documents a UUID and sends a number. */
function queueUuid(fields: Fields): string {
  const value = fields.get("queueuuid", "queueid");
  if (typeof value === "object" || typeof value === "boolean") {
    fields.notes.add("FIELD_IGNORED");
    return "";
  }
  return fields.id("queueuuid", "queueid") ?? "";
}

function disposition(fields: Fields): Disposition | undefined {
  const given = fields.object("dispositions", "disposition");
  // A form that nobody has filled in is no wrap-up.
  if (given === undefined || Object.values(given).every(isAbsent)) return undefined;
  const own = new Fields(given, () => `${fields.pathOf("dispositions", "disposition")}.`, fields.notes);
  return {
    $typeName: "callwire.v1.Disposition",
    code: own.text("code"),
    customCodeId: own.text("customcodeid"),
    note: own.text("note", "agentnote", "notes"),
  };
}

function recordingPermitted(fields: Fields): boolean | undefined {
  const value = fields.get("recordingpermitted", "recordingpermission");
  if (value === undefined || typeof value === "boolean") return value;
  const permitted = typeof value === "string" ? recordingPermissions.get(formOf(value)) : undefined;
  if (permitted === undefined) fields.notes.add("FIELD_IGNORED");
  return permitted;
}

/** What calls and chats have in common. */
function session(fields: Fields) {
  const direction = fields.word(directions, "UNKNOWN_DIRECTION", "direction");
  const { participants, omitted } = participantsOf(fields);
  const headers = fields.get("customheaders");
  return {
    direction: direction.value,
    directionText: direction.text,
    initiator: fields.text("initiator"),
    queuePathIds: fields.segments("queuepathids"),
    queuePathNames: fields.segments("queuepathnames"),
    language: fields.text("language"),
    queueUuid: queueUuid(fields),
    customHeaders: headers === undefined ? undefined : customData(headers),
    participants,
    participantsOmitted: omitted,
    mediaId: fields.text("mediaid"),
    agentNumber: fields.text("agentnumber"),
    connectedTime: sourceTime(fields, "FIELD_IGNORED", "connectedat", "connectedtime"),
    endTime: sourceTime(fields, "FIELD_IGNORED", "endsat", "endedat", "endtime"),
    disposition: disposition(fields),
  };
}

export function callEvent(fields: Fields): CallEvent {
  const state = fields.word(callStates, "UNKNOWN_STATE", "state", "status");
  return {
    ...session(fields),
    $typeName: "callwire.v1.CallEvent",
    callId: fields.id("callid") ?? "",
    state: state.value,
    stateText: state.text,
    recordingPermitted: recordingPermitted(fields),
  };
}

export function chatEvent(fields: Fields): ChatEvent {
  const state = fields.word(chatStates, "UNKNOWN_STATE", "state", "status");
  return {
    ...session(fields),
    $typeName: "callwire.v1.ChatEvent",
    chatId: fields.id("chatid") ?? "",
    state: state.value,
    stateText: state.text,
    supportNumber: fields.text("supportnumber"),
    sessionType: fields.text("sessiontypev2", "sessiontype"),
  };
}

export function agentEvent(fields: Fields): AgentEvent {
  const state = fields.word(agentStates, "UNKNOWN_STATE", "state", "status");
  return {
    $typeName: "callwire.v1.AgentEvent",
    participantId: fields.id("participantid", "agentid", "dn", "id") ?? "",
    email: fields.text("email"),
    state: state.value,
    stateText: state.text,
  };
}
