/**
 * The content of an event for telling duplicates: equal for the same JSON whatever the order of keys and the white space,
 * and for equal typed events. Never used to find duplicates, only to check what an id or key claims.
 */
import type { AcceptedEvent, EventPayload } from "./accepted-event.ts";
import { customDataJson } from "./custom-data.ts";
import { encodePayload } from "./encode-event.ts";
import { isObject, parseValidJson } from "./json-text.ts";

/** JSON with its keys in code unit order and no white space. Keeps its own stack, so that depth costs no call frames. */
export function canonicalJson(json: unknown): string {
  let out = "";
  /** What is still to be written, last first. */
  const todo: (() => void)[] = [];
  const emit = (text: string) => () => {
    out += text;
  };
  const write = (value: unknown): void => {
    if (Array.isArray(value)) {
      out += "[";
      todo.push(emit("]"));
      for (let index = value.length - 1; index >= 0; index--) {
        todo.push(() => write(value[index]));
        if (index > 0) todo.push(emit(","));
      }
    } else if (isObject(value)) {
      out += "{";
      todo.push(emit("}"));
      const keys = Object.keys(value).sort();
      for (let index = keys.length - 1; index >= 0; index--) {
        const key = keys[index]!;
        todo.push(() => write(value[key]));
        todo.push(emit(`${index > 0 ? "," : ""}${JSON.stringify(key)}:`));
      }
    } else out += JSON.stringify(value);
  };
  write(json);
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) next();
  return out;
}

/** The order of a map's entries is the encoder's accident, so custom data is compared as canonical JSON instead. */
function withoutCustomHeaders(payload: EventPayload): EventPayload {
  switch (payload.case) {
    case "agent":
      return payload;
    case "call":
      return { case: "call", value: { ...payload.value, customHeaders: undefined } };
    case "chat":
      return { case: "chat", value: { ...payload.value, customHeaders: undefined } };
  }
}

const encoder = new TextEncoder();

function typedContent(payload: EventPayload, time: string): Uint8Array {
  const headers = payload.case === "agent" ? undefined : payload.value.customHeaders;
  const encoded = encodePayload(headers === undefined ? payload : withoutCustomHeaders(payload));
  const custom = headers === undefined ? "" : canonicalJson(customDataJson(headers));
  const preamble = encoder.encode(`typed ${payload.case} ${time} ${encoded.length} ${custom} `);
  const content = new Uint8Array(preamble.length + encoded.length);
  content.set(preamble);
  content.set(encoded, preamble.length);
  return content;
}

export function contentDigestInput(event: AcceptedEvent): Uint8Array | string {
  const { eventTime } = event;
  const time = eventTime === undefined ? "" : `${eventTime.seconds}.${eventTime.nanos}`;
  if (event.rawJson === "") return typedContent(event.payload, time);
  return `json ${time} ${canonicalJson(parseValidJson(event.rawJson))}`;
}
