/**
 * Reads the members of a source object by name, whatever spelling a feed uses: `CallID`, `call_id`, `Call ID`. When two keys
 * of one object mean the same, one that is not null wins, then the smaller key, so that order never matters.
 */
import type { EventNote, RejectReason } from "./accepted-event.ts";
import { isObject, type JsonObject } from "./json-text.ts";
import { comparable } from "./vocabulary.ts";

/** Why an object cannot be an event; caught where the object's normalising began. */
export class Refusal extends Error {
  readonly reason: RejectReason;

  constructor(reason: RejectReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

const maxIdBytes = 256;
const maxUnknownText = 1_024;
const controlCharacter = /[\u0000-\u001f\u007f]/;
const encoder = new TextEncoder();

/** Comparable forms of the keys seen; bounded, since keys are the sender's. */
const forms = new Map<string, string>();
const maxForms = 2_048;

function formOf(key: string): string {
  let form = forms.get(key);
  if (form === undefined) {
    form = comparable(key);
    if (forms.size < maxForms) forms.set(key, form);
  }
  return form;
}

/** Checks a text that is to be an id. */
export function checkId(id: string, path: string): string {
  if (controlCharacter.test(id)) throw new Refusal("INVALID_ID", `${path} has a control character`);
  if (id.length > maxIdBytes / 4 && encoder.encode(id).length > maxIdBytes) {
    throw new Refusal("INVALID_ID", `${path} is longer than ${maxIdBytes} bytes`);
  }
  return id.toWellFormed();
}

export class Fields {
  readonly #values = new Map<string, unknown>();
  readonly #path: string;
  readonly notes: Set<EventNote>;

  /** Of several objects the earlier ones win. */
  constructor(path: string, notes: Set<EventNote>, ...objects: JsonObject[]) {
    this.#path = path;
    this.notes = notes;
    for (const object of objects.toReversed()) this.#take(object);
  }

  #take(object: JsonObject): void {
    const keys = new Map<string, string>();
    for (const key of Object.keys(object)) {
      const form = formOf(key);
      const rival = keys.get(form);
      if (rival === undefined || beats(object, key, rival)) keys.set(form, key);
    }
    for (const [form, key] of keys) {
      if (object[key] !== null || !this.#values.has(form)) this.#values.set(form, object[key]);
    }
  }

  /** The first of these names that is there and not null. */
  get(...names: string[]): unknown {
    for (const name of names) {
      const value = this.#values.get(name);
      if (value !== undefined && value !== null) return value;
    }
    return undefined;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  path(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  /** An id as text; undefined when there is none. @throws Refusal INVALID_ID */
  id(...names: string[]): string | undefined {
    const value = this.get(...names);
    if (value === undefined) return undefined;
    if (typeof value === "number") return String(value);
    if (typeof value !== "string")
      throw new Refusal("INVALID_ID", `${this.path(names[0]!)} is neither text nor a number`);
    return checkId(value, this.path(names[0]!));
  }

  /** A text, with numbers and booleans as theirs; empty when there is none. */
  text(...names: string[]): string {
    const value = this.get(...names);
    switch (typeof value) {
      case "string":
        return value.toWellFormed();
      case "number":
      case "boolean":
        return String(value);
      case "undefined":
        return "";
      default:
        this.notes.add("FIELD_IGNORED");
        return "";
    }
  }

  /** A word of a vocabulary: its value, or 0 with the source's text. */
  word<E extends number>(
    words: ReadonlyMap<string, E>,
    unknown: EventNote,
    ...names: string[]
  ): { value: E; text: string } {
    const given = this.get(...names);
    if (given === undefined || given === "") return { value: 0 as E, text: "" };
    const text = typeof given === "string" ? given : JSON.stringify(given);
    const value = words.get(formOf(text.slice(0, 64)));
    if (value !== undefined && text.length <= 64) return { value, text: "" };
    this.notes.add(unknown);
    return { value: 0 as E, text: text.slice(0, maxUnknownText).toWellFormed() };
  }

  /** A path such as `1/2/3`, a list of segments, or a single number. */
  segments(...names: string[]): string[] {
    const value = this.get(...names);
    const parts = Array.isArray(value) ? value : typeof value === "string" ? value.split("/") : [value];
    const segments = parts.filter((part) => typeof part === "string" || typeof part === "number");
    if (value !== undefined && segments.length < parts.length) this.notes.add("FIELD_IGNORED");
    return segments.map((part) => String(part).toWellFormed()).filter((part) => part !== "");
  }

  object(...names: string[]): JsonObject | undefined {
    const value = this.get(...names);
    if (isObject(value)) return value;
    return Array.isArray(value) && isObject(value[0]) ? value[0] : undefined;
  }
}

function beats(object: JsonObject, key: string, rival: string): boolean {
  const isNull = object[key] === null;
  const rivalIsNull = object[rival] === null;
  return isNull === rivalIsNull ? key < rival : rivalIsNull;
}
