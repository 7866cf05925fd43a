/** Finds the events of a parsed document: a single object, `{count, events}`, or an array. */
import type { EventNote } from "./accepted-event.ts";
import { formOf } from "./field-names.ts";
import { elementTexts, isObject, memberStart } from "./json-text.ts";

export interface Batch {
  items: { value: unknown; raw: string }[];
  /** Whether the document was an envelope or array. */
  isBatch: boolean;
  notes: EventNote[];
}

/** The key of the `events` array, in whatever spelling; of several the smallest. */
function eventsKey(document: Record<string, unknown>): string | undefined {
  return Object.keys(document)
    .filter((key) => Array.isArray(document[key]) && formOf(key) === "events")
    .sort()[0];
}

function itemsOf(values: unknown[], texts: string[]): Batch["items"] {
  return values.map((value, index) => ({ value, raw: texts[index]! }));
}

/** @param text the document's text without surrounding white space */
export function batchOf(document: unknown, text: string): Batch {
  if (Array.isArray(document)) return { items: itemsOf(document, elementTexts(text, 0)), isBatch: true, notes: [] };
  const key = isObject(document) ? eventsKey(document) : undefined;
  if (!isObject(document) || key === undefined)
    return { items: [{ value: document, raw: text }], isBatch: false, notes: [] };
  const values = document[key] as unknown[];
  const counts = Object.keys(document).filter((name) => formOf(name) === "count" && document[name] !== null);
  const mismatch = counts.some((name) => Number(document[name]) !== values.length);
  const items = itemsOf(values, elementTexts(text, memberStart(text, key)));
  return { items, isBatch: true, notes: mismatch ? ["COUNT_MISMATCH"] : [] };
}
