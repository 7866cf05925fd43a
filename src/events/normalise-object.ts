/**
 * One source object, in any of its shapes, to an accepted event. Which feed sent it is told by the shape alone:
 *
 *     {type: "CallState" | "AgentState", item: {…}}     a QM call or agent event; its item's fields win over its own
 *     {call_id | chat_id, …}                            a QM chat event, or an external session event
 *     {…, item: {call_id | chat_id, …}}                 an external session event; its own fields win over its item's
 *
 * `ChatState` is read as `CallState` is. An external session event may have any type, since `event_id` shows what it is.
 * Beyond these discriminators no field is required.
 */
import type { AcceptedEvent, EventNote, EventPayload, NormalisedItem, NormaliseLimits } from "./accepted-event.ts";
import { checkBounds } from "./event-bounds.ts";
import { formOf } from "./field-names.ts";
import { atRoot, Fields, isLarger, type Path, Refusal } from "./fields.ts";
import { isObject, type JsonObject } from "./json-text.ts";
import { agentEvent, callEvent, chatEvent } from "./payloads.ts";
import { sourceTime } from "./source-time.ts";

function hasId(fields: Fields): boolean {
  return fields.get("callid", "chatid") !== undefined;
}

function callOrChat(isCall: boolean, fields: Fields): EventPayload {
  return isCall ? { case: "call", value: callEvent(fields) } : { case: "chat", value: chatEvent(fields) };
}

const typedItems: ReadonlySet<string> = new Set(["callstate", "chatstate", "agentstate"]);

/** What the item of a call or chat lacks may stand beside it. Not so an agent's: an `id` there is the message's. */
function itemPayload(kind: string, item: JsonObject, path: Path, outer: Fields, notes: Set<EventNote>) {
  const isAgent = kind === "agentstate";
  const hasMore = outer.understood > 2; // than type and item
  const fields = new Fields(item, path, notes, hasMore && !isAgent ? outer : undefined);
  const payload: EventPayload = isAgent
    ? { case: "agent", value: agentEvent(fields) }
    : callOrChat(kind === "callstate", fields);
  return { payload, fields };
}

/** The event's id and time may stand beside its item or inside it. */
function accepted(payload: EventPayload, fields: Fields, outer: Fields, rawJson: string): AcceptedEvent {
  const sourceEventId = outer.id("eventid") ?? fields.id("eventid") ?? "";
  const timed = outer.get("timestamp") === undefined ? fields : outer;
  const eventTime = sourceTime(timed, "EVENT_TIME_INVALID", "timestamp");
  return { payload, sourceEventId, eventTime, rawJson, encoded: undefined, notes: [...fields.notes] };
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
  const isTyped = typedItems.has(kind);
  const itemPath = () => `${outer.pathOf("item")}.`;
  if (isObject(item) && isTyped) {
    const { payload, fields } = itemPayload(kind, item, itemPath, outer, notes);
    return accepted(payload, fields, outer, raw);
  }
  if (hasId(outer) || (isObject(item) && (type === undefined || outer.get("eventid") !== undefined))) {
    const fields = isObject(item) ? new Fields(object, atRoot, notes, new Fields(item, itemPath, notes)) : outer;
    if (hasId(fields)) return accepted(callOrChat(fields.get("callid") !== undefined, fields), fields, fields, raw);
  } else if (isObject(item)) {
    throw new Refusal("UNKNOWN_EVENT_TYPE", `the type is ${shown(type)}, not CallState, ChatState or AgentState`);
  }
  throw new Refusal("NOT_AN_EVENT", isTyped ? "item is missing or not an object" : shapes);
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
    const event = accept(value, raw);
    if (!limits.wasAccepted) checkBounds(event.payload);
    return { ok: true, event };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, raw, rejection: { reason: error.reason, message: error.message } };
  }
}
