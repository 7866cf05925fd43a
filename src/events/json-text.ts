/**
 * From bytes to a JSON value that has lost nothing: UTF-8 is checked, nesting is bounded before anything recurses, integers
 * that a double cannot hold become their text, and the text of each element of a batch can be found again.
 */
import type { Rejection } from "./accepted-event.ts";

export type JsonObject = { [key: string]: unknown };

const decoder = new TextDecoder("utf-8", { fatal: true });

const [quote, backslash, openBrace, openBracket, closeBrace, closeBracket] = [...'"\\{[}]'].map((c) => c.charCodeAt(0));

/** The text without a byte order mark. */
export function decodeText(bytes: Uint8Array): string | Rejection {
  try {
    return decoder.decode(bytes);
  } catch {
    return { reason: "INVALID_UTF8", message: "the body is not valid UTF-8" };
  }
}

/** Index after the string that begins at `start`; strings are skipped so that braces in them do not count. */
function afterString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at++);
    if (code === backslash) at++;
    else if (code === quote) return at;
  }
  return at;
}

function isDeeperThan(text: string, maxDepth: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = afterString(text, at) - 1;
    else if (code === openBrace || code === openBracket) {
      if (++depth > maxDepth) return true;
    } else if (code === closeBrace || code === closeBracket) depth--;
  }
  return false;
}

/** A run of digits that may not fit a double. */
const longInteger = /\d{16}/;
const integer = /^-?\d+$/;

/** Keeps every digit of integers: those beyond 2^53 become their text. */
function keepDigits(_: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  return context?.source !== undefined && integer.test(context.source) ? context.source : value;
}

export function parseJson(text: string, maxDepth: number): { value: unknown } | Rejection {
  if (isDeeperThan(text, maxDepth)) {
    return { reason: "TOO_DEEP", message: `nested more than ${maxDepth} levels deep (limits.max_json_depth)` };
  }
  try {
    return { value: longInteger.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text) };
  } catch (error) {
    return { reason: "MALFORMED_JSON", message: malformedMessage(text, error as Error) };
  }
}

function malformedMessage(text: string, error: Error): string {
  if (text.trim() === "") return "the body is empty";
  const position = /at position (\d+)/.exec(error.message)?.[1];
  if (position === undefined) return "not JSON: it ends too early";
  const before = text.slice(0, Number(position));
  const line = before.split("\n").length;
  const column = before.length - before.lastIndexOf("\n");
  return `not JSON at line ${line}, column ${column}`;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const space = /[ \t\r\n]*/y;
const scalar = /[^,\]}\s]*/y;

function afterMatch(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  pattern.exec(text);
  return pattern.lastIndex;
}

/** Index after the value that begins at `start`, in text that is known to be JSON. */
function afterValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === quote) return afterString(text, start);
  if (first !== openBrace && first !== openBracket) return afterMatch(scalar, text, start);
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = afterString(text, at) - 1;
    else if (code === openBrace || code === openBracket) depth++;
    else if ((code === closeBrace || code === closeBracket) && --depth === 0) return at + 1;
  }
  return text.length;
}

/** The texts of an array's elements, in text that is known to be JSON and begins with `[` at `start`. */
export function elementTexts(text: string, start: number): string[] {
  const elements: string[] = [];
  let at = afterMatch(space, text, start + 1);
  while (text.charCodeAt(at) !== closeBracket) {
    const end = afterValue(text, at);
    elements.push(text.slice(at, end));
    at = afterMatch(space, text, end);
    if (text[at] === ",") at = afterMatch(space, text, at + 1);
  }
  return elements;
}

/** Where the value of an object's member begins, in text that is known to be JSON; of equal keys the last counts. */
export function memberStart(text: string, key: string): number {
  let found = -1;
  let at = afterMatch(space, text, text.indexOf("{") + 1);
  while (text.charCodeAt(at) === quote) {
    const keyEnd = afterString(text, at);
    const name = JSON.parse(text.slice(at, keyEnd)) as string;
    const colon = afterMatch(space, text, keyEnd);
    const start = afterMatch(space, text, colon + 1);
    if (name === key) found = start;
    at = afterMatch(space, text, afterValue(text, start));
    if (text[at] === ",") at = afterMatch(space, text, at + 1);
  }
  return found;
}
