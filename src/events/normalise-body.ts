/** A webhook body to its events. */
import type { NormalisedBody, NormaliseLimits } from "./accepted-event.ts";
import { batchOf } from "./batch.ts";
import { decodeText, isObject, parseJson } from "./json-text.ts";
import { normaliseObject } from "./normalise-object.ts";

export function normaliseBody(bytes: Uint8Array, limits: NormaliseLimits): NormalisedBody {
  const text = decodeText(bytes);
  if (typeof text !== "string") return { ok: false, rejection: text };
  const parsed = parseJson(text, limits.maxJsonDepth);
  if ("reason" in parsed) return { ok: false, rejection: parsed };
  const batch = batchOf(parsed.value, text.trim());
  if (!batch.isBatch && !isObject(parsed.value)) {
    return { ok: false, rejection: { reason: "NO_EVENT", message: "the document is neither an object nor a batch" } };
  }
  const count = batch.items.length;
  if (count > limits.maxBodyItems) {
    const message = `the batch has ${count} events, more than ${limits.maxBodyItems} (limits.max_body_items)`;
    return { ok: false, rejection: { reason: "TOO_MANY_ITEMS", message } };
  }
  if (count === 0) return { ok: false, rejection: { reason: "NO_EVENT", message: "the batch is empty" } };
  const items = batch.items.map(({ value, raw }) => normaliseObject(value, raw, limits));
  return { ok: true, items, notes: batch.notes };
}
