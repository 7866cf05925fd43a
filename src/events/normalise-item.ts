/** The JSON of a PublishItem: the text of exactly one event, in any of the shapes. */
import type { NormalisedItem, NormaliseLimits, Rejection } from "./accepted-event.ts";
import { batchOf } from "./batch.ts";
import { isObject, parseJson } from "./json-text.ts";
import { normaliseObject } from "./normalise-object.ts";

export function normaliseJsonItem(json: string, limits: NormaliseLimits): NormalisedItem {
  const sent = json.toWellFormed();
  const text = (sent.startsWith("\ufeff") ? sent.slice(1) : sent).trim();
  const refuse = (rejection: Rejection): NormalisedItem => ({ ok: false, raw: sent, rejection });
  const parsed = parseJson(text, limits.maxJsonDepth);
  if ("reason" in parsed) return refuse(parsed);
  const batch = batchOf(parsed.value, text);
  if (batch.isBatch && batch.items.length !== 1) {
    const message = `an item holds one event, this batch has ${batch.items.length}`;
    return refuse({ reason: "NOT_ONE_EVENT", message });
  }
  const [item] = batch.items;
  if (!isObject(item!.value)) return refuse({ reason: "NOT_AN_EVENT", message: "it is not an object" });
  const normalised = normaliseObject(item!.value, item!.raw, limits);
  if (normalised.ok && batch.notes.length > 0) {
    normalised.event.notes = [...new Set([...normalised.event.notes, ...batch.notes])];
  }
  return normalised;
}
