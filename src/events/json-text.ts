/**
 * From bytes to a JSON value that has lost nothing: UTF-8 is checked, nesting is bounded before anything recurses, integers
 * that a double cannot hold become their text, and the text of each element of a batch can be found again.
 */
import type { Rejection } from "./accepted-event.ts";
import { syntaxError } from "./json-syntax.ts";
import { decodeUtf8, invalidByteAt } from "./utf8.ts";

export type JsonObject = { [key: string]: unknown };

const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** The text without a byte order mark. */
export function decodeText(bytes: Uint8Array): string | Rejection {
  return (
    decodeUtf8(bytes) ?? { reason: "INVALID_UTF8", message: `the body is not UTF-8 at byte ${invalidByteAt(bytes)}` }
  );
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

/** How often the character occurs, counted up to `enough`. Much faster than looking at every character. */
function occurrences(text: string, character: string, enough: number): number {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0 && count < enough; at = text.indexOf(character, at + 1)) count++;
  return count;
}

function isDeeperThan(text: string, maxDepth: number): boolean {
  const objects = occurrences(text, "{", maxDepth + 1);
  if (objects + occurrences(text, "[", maxDepth + 1 - objects) <= maxDepth) return false;
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

/** A number that a double may not hold: sixteen digits in a row, or an exponent of three. */
const suspectNumber = /[\s:,[]-?\d(?:\d{15}|[\d.]*[eE]\+?\d{3})/;
const integer = /^-?\d+$/;

function keepDigits(_: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value) || context?.source === undefined) return value;
  return !Number.isFinite(value) || integer.test(context.source) ? context.source : value;
}

/** Parses valid JSON. Integers beyond 2^53 and numbers beyond all doubles become their text. */
export function parseValidJson(text: string): unknown {
  return suspectNumber.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

/** Parses what a sender sent; its depth is checked first. */
export function parseJson(text: string, maxDepth: number): { value: unknown } | Rejection {
  if (isDeeperThan(text, maxDepth)) {
    return { reason: "TOO_DEEP", message: `nested more than ${maxDepth} levels deep (limits.max_json_depth)` };
  }
  try {
    return { value: parseValidJson(text) };
  } catch {
    return { reason: "MALFORMED_JSON", message: syntaxError(text) };
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function afterSpace(text: string, at: number): number {
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

function afterScalar(text: string, at: number): number {
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === comma || code === closeBrace || code === closeBracket || isSpace(code)) break;
  }
  return at;
}

/** Index after the value that begins at `start`, in text that is known to be JSON. */
function afterValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === quote) return afterString(text, start);
  if (first !== openBrace && first !== openBracket) return afterScalar(text, start);
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
  let at = afterSpace(text, start + 1);
  while (text.charCodeAt(at) !== closeBracket) {
    const end = afterValue(text, at);
    elements.push(text.slice(at, end));
    at = afterSpace(text, end);
    if (text[at] === ",") at = afterSpace(text, at + 1);
  }
  return elements;
}

/** Where the value of an object's member begins, in text that is known to be JSON; of equal keys the last counts. */
export function memberStart(text: string, key: string): number {
  let found = -1;
  let at = afterSpace(text, text.indexOf("{") + 1);
  while (text.charCodeAt(at) === quote) {
    const keyEnd = afterString(text, at);
    const name = JSON.parse(text.slice(at, keyEnd)) as string;
    const colon = afterSpace(text, keyEnd);
    const start = afterSpace(text, colon + 1);
    if (name === key) found = start;
    at = afterSpace(text, afterValue(text, start));
    if (text[at] === ",") at = afterSpace(text, at + 1);
  }
  return found;
}
