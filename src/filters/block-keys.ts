/**
 * The filter keys of a block's events. A key is one character for the attribute followed by the value (`nsupport/orders`
 * for a queue name prefix); filters compare keys and nothing else, so that live matching and history agree.
 *
 * A block names each distinct key once; each event lists the numbers of its keys.
 */
import type { Attribute } from "./attributes.ts";

export interface BlockKeys {
  /** Distinct keys. */
  table: readonly string[];
  /** Start of each event's list within `ids`, and the end of the last: one more than there are events. */
  starts: Uint32Array;
  ids: Uint32Array;
  /**
   * Where each event's keys come from: of its list, the number of keys up to the end of the payload's, of the context's
   * and of the removed ones; what follows is history. Three entries an event. See src/sessions/context-keys.ts.
   */
  origins: Uint16Array;
}

/** Takes the keys of an event. */
export interface KeySink {
  /** A key given twice counts once. */
  add(attribute: Attribute, value: KeyValue): void;
  /** What is added from here on comes from elsewhere. */
  endOrigin(): void;
}

export type KeyValue = string | number | boolean;

/** Where an event's key comes from, in the order of its list. */
export type KeyOrigin = "payload" | "context" | "removed" | "history";

const originNames: readonly KeyOrigin[] = ["payload", "context", "removed", "history"];
const originsPerEvent = originNames.length - 1;

/** The keys of one event, each with its origin. */
export function keysOfEvent(keys: BlockKeys, ordinal: number): { key: string; origin: KeyOrigin }[] {
  const start = keys.starts[ordinal]!;
  const ends = keys.origins.subarray(originsPerEvent * ordinal, originsPerEvent * (ordinal + 1));
  return Array.from(keys.ids.subarray(start, keys.starts[ordinal + 1]!), (id, index) => {
    const origin = ends.findIndex((end) => index < end);
    return { key: keys.table[id]!, origin: originNames[origin < 0 ? originsPerEvent : origin]! };
  });
}

/** Collects the keys of a block's events in order. Distinct values are told apart before any key is put together. */
export class BlockKeysBuilder implements KeySink {
  readonly #numbers = new Map<Attribute, Map<KeyValue, number>>();
  readonly #table: string[] = [];
  readonly #starts: number[] = [0];
  readonly #ids: number[] = [];
  readonly #origins: number[] = [];
  /** The event that last had each key, counted from one. */
  readonly #lastEvent: number[] = [];

  add(attribute: Attribute, value: KeyValue): void {
    const number = this.#number(attribute, value);
    const event = this.#starts.length;
    if (this.#lastEvent[number] === event) return;
    this.#lastEvent[number] = event;
    this.#ids.push(number);
  }

  #number(attribute: Attribute, value: KeyValue): number {
    let values = this.#numbers.get(attribute);
    if (values === undefined) {
      values = new Map();
      this.#numbers.set(attribute, values);
    }
    let number = values.get(value);
    if (number === undefined) {
      number = this.#table.length;
      values.set(value, number);
      this.#table.push(attribute + value);
    }
    return number;
  }

  endOrigin(): void {
    this.#origins.push(this.#ids.length - this.#starts.at(-1)!);
  }

  /** What is added from here on are keys of the next event. */
  endEvent(): void {
    while (this.#origins.length < originsPerEvent * this.#starts.length) this.endOrigin();
    this.#starts.push(this.#ids.length);
  }

  build(): BlockKeys {
    return {
      table: this.#table,
      starts: Uint32Array.from(this.#starts),
      ids: Uint32Array.from(this.#ids),
      origins: Uint16Array.from(this.#origins),
    };
  }
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The stored form: u32 event count, u32 id count, starts, ids (u32), origins (u16; all little-endian), the table as JSON. */
export function encodeBlockKeys(keys: BlockKeys): Uint8Array {
  const table = encoder.encode(JSON.stringify(keys.table));
  const count = keys.starts.length - 1;
  const wordBytes = 4 * (3 + count + keys.ids.length);
  const bytes = new Uint8Array(wordBytes + keys.origins.byteLength + table.length);
  const words = new Uint32Array(bytes.buffer, 0, wordBytes / 4);
  words[0] = count;
  words[1] = keys.ids.length;
  words.set(keys.starts, 2);
  words.set(keys.ids, 3 + count);
  new Uint16Array(bytes.buffer, wordBytes, keys.origins.length).set(keys.origins);
  bytes.set(table, wordBytes + keys.origins.byteLength);
  return bytes;
}

export function decodeBlockKeys(stored: Uint8Array): BlockKeys {
  const bytes = stored.byteOffset % 4 === 0 ? stored : stored.slice();
  const [count, idCount] = new Uint32Array(bytes.buffer, bytes.byteOffset, 2) as unknown as [number, number];
  const starts = new Uint32Array(bytes.buffer, bytes.byteOffset + 8, count + 1);
  const ids = new Uint32Array(bytes.buffer, bytes.byteOffset + 12 + 4 * count, idCount);
  const wordBytes = 4 * (3 + count + idCount);
  const origins = new Uint16Array(bytes.buffer, bytes.byteOffset + wordBytes, originsPerEvent * count);
  const table = JSON.parse(decoder.decode(bytes.subarray(wordBytes + origins.byteLength))) as string[];
  return { table, starts, ids, origins };
}
