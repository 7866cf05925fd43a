/** One source object, in any of its shapes, to an accepted event. The shape tells the feed; see docs/ccai-events.md. */
import type { EventNote, EventPayload, NormalisedItem, NormaliseLimits } from "./accepted-event.ts";
import { Fields, Refusal } from "./fields.ts";
import { isObject, type JsonObject } from "./json-text.ts";
import { agentEvent, callEvent, chatEvent } from "./payloads.ts";
import { sourceTime } from "./source-time.ts";
import { comparable } from "./vocabulary.ts";

const encoder = new TextEncoder();

function isId(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

/** `{type, item}`: QM call and agent events. Otherwise `call_id` or `chat_id` tells: QM chats, external session events. */
function payloadOf(outer: Fields, all: Fields): EventPayload {
  const type = outer.get("type");
  const item = outer.get("item");
  const kind = typeof type === "string" ? comparable(type.slice(0, 64)) : "";
  if (isObject(item) && kind === "callstate") return { case: "call", value: callEvent(all) };
  if (isObject(item) && kind === "agentstate") return { case: "agent", value: agentEvent(all) };
  if (isId(all.get("callid"))) return { case: "call", value: callEvent(all) };
  if (isId(all.get("chatid"))) return { case: "chat", value: chatEvent(all) };
  if (typeof type === "string" && isObject(item)) {
    const known = "CallState and AgentState are known";
    throw new Refusal("UNKNOWN_EVENT_TYPE", `type ${JSON.stringify(type.slice(0, 64))} is not known; ${known}`);
  }
  const missing = kind === "callstate" || kind === "agentstate" ? "item is missing or not an object" : shapes;
  throw new Refusal("NOT_AN_EVENT", missing);
}

const shapes = "it has neither type and item nor call_id nor chat_id";

/** Whether a text is over a number of bytes, without encoding what cannot be. */
function isLarger(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return true;
  return text.length * 3 > maxBytes && encoder.encode(text).length > maxBytes;
}

function accept(object: JsonObject, raw: string): NormalisedItem {
  const notes = new Set<EventNote>();
  const outer = new Fields("", notes, object);
  const item = outer.get("item");
  const all = isObject(item) ? mergedFields(object, item, outer, notes) : outer;
  const payload = payloadOf(outer, all);
  const sourceEventId = outer.id("eventid") ?? "";
  const eventTime = sourceTime(outer, "timestamp");
  return { ok: true, event: { payload, sourceEventId, eventTime, rawJson: raw, notes: [...notes] } };
}

/** In `{type, item}` the item is what counts; an external session event's own fields win over those of its `item`. */
function mergedFields(object: JsonObject, item: JsonObject, outer: Fields, notes: Set<EventNote>): Fields {
  const isQm = ["callstate", "agentstate"].includes(comparable(String(outer.get("type") ?? "").slice(0, 64)));
  if (isQm) return new Fields("item", notes, item);
  return new Fields("", notes, object, item);
}

/** @param raw the object's own text */
export function normaliseObject(value: unknown, raw: string, limits: NormaliseLimits): NormalisedItem {
  if (isLarger(raw, limits.maxEventBytes)) {
    const message = `the event is larger than ${limits.maxEventBytes} bytes (limits.max_event_bytes)`;
    return { ok: false, raw, rejection: { reason: "EVENT_TOO_LARGE", message } };
  }
  if (!isObject(value))
    return { ok: false, raw, rejection: { reason: "NOT_AN_EVENT", message: "it is not an object" } };
  try {
    return accept(value, raw);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, raw, rejection: { reason: error.reason, message: error.message } };
  }
}
