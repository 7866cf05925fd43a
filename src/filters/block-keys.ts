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
}

/** Takes the keys of an event. */
export interface KeySink {
  /** A key given twice counts once. */
  add(attribute: Attribute, value: KeyValue): void;
}

export type KeyValue = string | number | boolean;

/** Collects the keys of a block's events in order. Distinct values are told apart before any key is put together. */
export class BlockKeysBuilder implements KeySink {
  readonly #numbers = new Map<Attribute, Map<KeyValue, number>>();
  readonly #table: string[] = [];
  readonly #starts: number[] = [0];
  readonly #ids: number[] = [];
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

  /** What is added from here on are keys of the next event. */
  endEvent(): void {
    this.#starts.push(this.#ids.length);
  }

  build(): BlockKeys {
    return { table: this.#table, starts: Uint32Array.from(this.#starts), ids: Uint32Array.from(this.#ids) };
  }
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The stored form: u32 event count, u32 id count, starts, ids (all u32 little-endian), then the table as JSON. */
export function encodeBlockKeys(keys: BlockKeys): Uint8Array {
  const table = encoder.encode(JSON.stringify(keys.table));
  const count = keys.starts.length - 1;
  const bytes = new Uint8Array(8 + 4 * (count + 1) + 4 * keys.ids.length + table.length);
  const words = new Uint32Array(bytes.buffer, 0, 2 + count + 1 + keys.ids.length);
  words[0] = count;
  words[1] = keys.ids.length;
  words.set(keys.starts, 2);
  words.set(keys.ids, 3 + count);
  bytes.set(table, words.byteLength);
  return bytes;
}

export function decodeBlockKeys(stored: Uint8Array): BlockKeys {
  const bytes = stored.byteOffset % 4 === 0 ? stored : stored.slice();
  const [count, idCount] = new Uint32Array(bytes.buffer, bytes.byteOffset, 2) as unknown as [number, number];
  const starts = new Uint32Array(bytes.buffer, bytes.byteOffset + 8, count + 1);
  const ids = new Uint32Array(bytes.buffer, bytes.byteOffset + 12 + 4 * count, idCount);
  const table = JSON.parse(decoder.decode(bytes.subarray(12 + 4 * count + 4 * idCount))) as string[];
  return { table, starts, ids };
}
