/**
 * One source object, in any of its shapes, to an accepted event. Which feed sent it is told by the shape alone:
 *
 *     {type: "CallState" | "AgentState", item: {…}}     a QM call or agent event
 *     {call_id | chat_id, …}                            a QM chat event, or an external session event
 *     {…, item: {call_id | chat_id, …}}                 an external session event; its own fields win over its item's
 *
 * Beyond these discriminators no field is required.
 */
import type { AcceptedEvent, EventNote, EventPayload, NormalisedItem, NormaliseLimits } from "./accepted-event.ts";
import { formOf } from "./field-names.ts";
import { atRoot, Fields, isLarger, Refusal } from "./fields.ts";
import { isObject, type JsonObject } from "./json-text.ts";
import { agentEvent, callEvent, chatEvent } from "./payloads.ts";
import { sourceTime } from "./source-time.ts";

function hasId(fields: Fields): boolean {
  return [fields.get("callid"), fields.get("chatid")].some((id) => id !== undefined && id !== "");
}

function flatPayload(fields: Fields): EventPayload {
  const callId = fields.get("callid");
  if (callId !== undefined && callId !== "") return { case: "call", value: callEvent(fields) };
  return { case: "chat", value: chatEvent(fields) };
}

function itemPayload(isCall: boolean, item: Fields, outer: Fields): EventPayload {
  if (!isCall) return { case: "agent", value: agentEvent(item) };
  const value = callEvent(item);
  if (value.agentNumber === "") value.agentNumber = outer.text("agentnumber");
  return { case: "call", value };
}

/** The event's id and time may stand beside its item or inside it. */
function accepted(payload: EventPayload, fields: Fields, outer: Fields, rawJson: string): AcceptedEvent {
  const sourceEventId = fields.id("eventid") ?? outer.id("eventid") ?? "";
  const timed = fields.get("timestamp") === undefined ? outer : fields;
  const eventTime = sourceTime(timed, "EVENT_TIME_INVALID", "timestamp");
  return { payload, sourceEventId, eventTime, rawJson, notes: [...fields.notes] };
}

/** A type as a message may show it. */
function shown(type: unknown): string {
  return JSON.stringify(typeof type === "string" ? type.slice(0, 64) : type).slice(0, 70);
}

function accept(object: JsonObject, raw: string): AcceptedEvent {
  const notes = new Set<EventNote>();
  const outer = new Fields(object, atRoot, notes);
  const item = outer.get("item");
  const type = outer.get("type");
  const kind = typeof type === "string" ? formOf(type) : "";
  const isQm = kind === "callstate" || kind === "agentstate";
  const itemPath = () => `${outer.pathOf("item")}.`;
  if (isObject(item) && isQm) {
    const fields = new Fields(item, itemPath, notes);
    return accepted(itemPayload(kind === "callstate", fields, outer), fields, outer, raw);
  }
  if (hasId(outer) || (isObject(item) && type === undefined)) {
    const fields = isObject(item) ? new Fields(object, atRoot, notes, new Fields(item, itemPath, notes)) : outer;
    if (hasId(fields)) return accepted(flatPayload(fields), fields, fields, raw);
  } else if (isObject(item)) {
    throw new Refusal("UNKNOWN_EVENT_TYPE", `the type is ${shown(type)}, neither CallState nor AgentState`);
  }
  throw new Refusal("NOT_AN_EVENT", isQm ? "item is missing or not an object" : shapes);
}

const shapes = "it has neither type and item nor call_id nor chat_id";

/** @param raw the object's own text */
export function normaliseObject(value: unknown, raw: string, limits: NormaliseLimits): NormalisedItem {
  if (isLarger(raw, limits.maxEventBytes)) {
    const message = `the event is larger than ${limits.maxEventBytes} bytes (limits.max_event_bytes)`;
    return { ok: false, raw, rejection: { reason: "EVENT_TOO_LARGE", message } };
  }
  if (!isObject(value))
    return { ok: false, raw, rejection: { reason: "NOT_AN_EVENT", message: "it is not an object" } };
  try {
    return { ok: true, event: accept(value, raw) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, raw, rejection: { reason: error.reason, message: error.message } };
  }
}
