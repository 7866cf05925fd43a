/**
 * Reads the members of a source object by name, whatever spelling a feed uses: `CallID`, `call_id`, `Call ID`. When two keys
 * of one object mean the same, one that has a value wins, then the smaller key, so that order never matters.
 */
import type { EventNote, RejectReason } from "./accepted-event.ts";
import { type FieldName, formOf, remember, slotCount, slotOf, slotOfKey } from "./field-names.ts";
import { isObject, type JsonObject } from "./json-text.ts";

/** Why an object cannot be an event; caught where the object's normalising began. */
export class Refusal extends Error {
  readonly reason: RejectReason;

  constructor(reason: RejectReason, message: string) {
    super(message.toWellFormed());
    this.reason = reason;
  }
}

const maxIdBytes = 256;
const maxUnknownTextBytes = 1_024;
export const controlCharacter = /[\u0000-\u001f\u007f-\u009f]/;
const encoder = new TextEncoder();

/** Whether a text is over a number of bytes of UTF-8; encodes only what could be. */
export function isLarger(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return true;
  return text.length * 3 > maxBytes && encoder.encode(text).length > maxBytes;
}

/** Checks a text that is to be an id. */
export function checkId(id: string, path: Path): string {
  if (isLarger(id, maxIdBytes)) throw new Refusal("INVALID_ID", `${path()} is longer than ${maxIdBytes} bytes`);
  if (controlCharacter.test(id)) throw new Refusal("INVALID_ID", `${path()} has a control character`);
  return id.toWellFormed();
}

function cut(text: string, maxBytes: number): string {
  return isLarger(text, maxBytes) ? text.slice(0, encoder.encodeInto(text, new Uint8Array(maxBytes)).read) : text;
}

/** Leads to an object from its event, empty or with a dot at the end. Made only for a message. */
export type Path = () => string;

export const atRoot: Path = () => "";

/** Null and the empty text are as good as absent. */
export function isAbsent(value: unknown): value is undefined | null | "" {
  return value === undefined || value === null || value === "";
}

export class Fields {
  readonly #values: unknown[] = new Array(slotCount);
  readonly #object: JsonObject;
  readonly #path: Path;
  readonly #fallback: Fields | undefined;
  readonly notes: Set<EventNote>;
  /** How many of the object's members have a name that means something. */
  readonly understood: number;

  /** `fallback` answers for the members that the object has not. */
  constructor(object: JsonObject, path: Path, notes: Set<EventNote>, fallback?: Fields) {
    this.#object = object;
    this.#path = path;
    this.notes = notes;
    this.#fallback = fallback;
    const values = this.#values;
    let contested: Set<number> | undefined;
    let understood = 0;
    for (const key of Object.keys(object)) {
      const slot = slotOfKey(key);
      if (slot < 0) continue;
      understood++;
      if (values[slot] === undefined) values[slot] = object[key];
      else contested = (contested ?? new Set()).add(slot);
    }
    this.understood = understood;
    for (const slot of contested ?? []) values[slot] = object[this.#keyOf(slot)!];
  }

  /** The key that counts for a slot. */
  #keyOf(slot: number): string | undefined {
    let best: string | undefined;
    for (const key of Object.keys(this.#object)) {
      if (slotOfKey(key) === slot && (best === undefined || beats(this.#object, key, best))) best = key;
    }
    return best;
  }

  #getOne(name: FieldName): unknown {
    const value = this.#values[slotOf[name]];
    if (!isAbsent(value)) return value;
    return this.#fallback === undefined ? undefined : this.#fallback.#getOne(name);
  }

  /** The value of the first of these names that has one. */
  get(...names: FieldName[]): unknown {
    for (const name of names) {
      const value = this.#getOne(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** Where the value of `get` stands, in the sender's spelling: `item.Participants`. */
  pathOf(...names: [FieldName, ...FieldName[]]): string {
    const name = names.find((candidate) => this.#getOne(candidate) !== undefined) ?? names[0];
    if (isAbsent(this.#values[slotOf[name]]) && this.#fallback !== undefined) return this.#fallback.pathOf(name);
    return this.#path() + (this.#keyOf(slotOf[name]) ?? name);
  }

  /** An id as text; undefined when there is none. @throws Refusal INVALID_ID */
  id(...names: [FieldName, ...FieldName[]]): string | undefined {
    const value = this.get(...names);
    if (value === undefined) return undefined;
    if (typeof value === "string") return checkId(value, () => this.pathOf(...names));
    if (typeof value === "number") return String(value);
    throw new Refusal("INVALID_ID", `${this.pathOf(...names)} is neither text nor a number`);
  }

  /** A text, with numbers and booleans as theirs; empty when there is none. */
  text(...names: FieldName[]): string {
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

  /** A word of a vocabulary: its value, or 0 with the source's text, at most 1 KiB of it. */
  word<E extends number>(
    words: ReadonlyMap<string, E>,
    unknown: EventNote,
    ...names: FieldName[]
  ): { value: E; text: string } {
    const given = this.get(...names);
    if (given === undefined) return { value: 0 as E, text: "" };
    const value = typeof given === "string" ? words.get(formOf(given)) : undefined;
    if (value !== undefined) return { value, text: "" };
    this.notes.add(unknown);
    const text = typeof given === "string" ? given : JSON.stringify(given);
    return { value: 0 as E, text: cut(text, maxUnknownTextBytes).toWellFormed() };
  }

  /** A path such as `1/2/3`, a list of segments, or a single number. */
  segments(...names: FieldName[]): string[] {
    const value = this.get(...names);
    if (value === undefined) return [];
    if (typeof value === "string") return [...segmentsOf(value)];
    const parts = Array.isArray(value) ? value : [value];
    const segments = parts.filter((part) => typeof part === "string" || typeof part === "number");
    if (segments.length < parts.length) this.notes.add("FIELD_IGNORED");
    return segments.map((part) => String(part).toWellFormed()).filter((part) => part !== "");
  }

  /** An object, also as a list of one. */
  object(...names: FieldName[]): JsonObject | undefined {
    const value = this.get(...names);
    if (value === undefined) return undefined;
    const objects = Array.isArray(value) ? value : [value];
    const first = objects.find(isObject);
    if (objects.length > 1 || (objects.length === 1 && first === undefined)) this.notes.add("FIELD_IGNORED");
    return first;
  }
}

/** Queues are few: the segments of a path are the very same texts each time, whose hashes are known to every map. */
const knownPaths = new Map<string, readonly string[]>();

const maxKnownPathLength = 256;

function segmentsOf(path: string): readonly string[] {
  const known = knownPaths.get(path);
  if (known !== undefined) return known;
  const split = path.toWellFormed().split("/");
  const segments = split.includes("") ? split.filter((segment) => segment !== "") : split;
  return path.length > maxKnownPathLength ? segments : remember(knownPaths, path, segments);
}

function beats(object: JsonObject, key: string, rival: string): boolean {
  const lacks = isAbsent(object[key]);
  const rivalLacks = isAbsent(object[rival]);
  return lacks === rivalLacks ? key < rival : rivalLacks;
}
