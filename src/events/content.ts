/**
 * The content of an event for telling duplicates: equal for the same JSON whatever the order of keys and the white space,
 * and for equal typed events. Never used to find duplicates, only to check what an id or key claims.
 */

import { payloadBytes } from "./accept-typed.ts";
import type { AcceptedEvent } from "./accepted-event.ts";
import { isObject, parseJson } from "./json-text.ts";

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (!isObject(value)) return value;
  // Pairs instead of an object: integer-like keys would be reordered.
  return Object.keys(value)
    .sort()
    .map((key) => [key, canonical(value[key])]);
}

export function contentDigestInput(event: AcceptedEvent): string {
  const { eventTime } = event;
  const time = eventTime === undefined ? "" : `${eventTime.seconds}.${eventTime.nanos}`;
  if (event.rawJson === "") return `typed ${event.payload.case} ${time} ${payloadBytes(event.payload).join()}`;
  const parsed = parseJson(event.rawJson, Number.POSITIVE_INFINITY);
  return `json ${time} ${"value" in parsed ? JSON.stringify(canonical(parsed.value)) : event.rawJson}`;
}
