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

/** A key that occurs in events: one object as long as it is remembered, so that keys compare as such. */
export interface KnownKey {
  readonly text: string;
  /** The block that it occurred in last, and its number there; and the event. */
  block: number;
  number: number;
  event: number;
}

const maxKnownKeys = 65_536;

/**
 * The keys that occurred lately, by attribute and value, so that a key is put together once and not with every block. Of one
 * tenant: a key knows its number in one block at a time.
 */
export class KnownKeys {
  #byAttribute: (Map<KeyValue, KnownKey> | undefined)[] = [];
  #size = 0;
  #stamp = 0;

  /** A number that blocks and events are told apart by. */
  nextStamp(): number {
    return ++this.#stamp;
  }

  get(attribute: Attribute, value: KeyValue): KnownKey {
    const code = attribute.charCodeAt(0);
    const values = this.#byAttribute[code] ?? this.#valuesOf(code);
    const known = values.get(value);
    if (known !== undefined) return known;
    const key = { text: attribute + value, block: 0, number: 0, event: 0 };
    values.set(value, key);
    this.#size++;
    return key;
  }

  #valuesOf(code: number): Map<KeyValue, KnownKey> {
    const values = new Map<KeyValue, KnownKey>();
    this.#byAttribute[code] = values;
    return values;
  }

  /** Begins anew once there are too many; not within a block. */
  shrink(): void {
    if (this.#size <= maxKnownKeys) return;
    this.#byAttribute = [];
    this.#size = 0;
  }
}

/** Collects the keys of a block's events in order. */
export class BlockKeysBuilder implements KeySink {
  readonly #known: KnownKeys;
  readonly #block: number;
  readonly #table: string[] = [];
  readonly #starts: number[] = [0];
  readonly #ids: number[] = [];
  readonly #origins: number[] = [];
  #event: number;
  /** The keys of the event that is being added are the first so many of these. */
  readonly #eventKeys: KnownKey[] = [];
  #eventKeyCount = 0;

  constructor(known = new KnownKeys()) {
    known.shrink();
    this.#known = known;
    this.#block = known.nextStamp();
    this.#event = known.nextStamp();
  }

  add(attribute: Attribute, value: KeyValue): void {
    const key = this.#known.get(attribute, value);
    if (key.event === this.#event) return;
    key.event = this.#event;
    if (key.block !== this.#block) {
      key.block = this.#block;
      key.number = this.#table.length;
      this.#table.push(key.text);
    }
    this.#ids.push(key.number);
    this.#eventKeys[this.#eventKeyCount++] = key;
  }

  endOrigin(): void {
    this.#origins.push(this.#ids.length - this.#starts[this.#starts.length - 1]!);
  }

  /**
   * What is added from here on are keys of the next event.
   * @param taker is given those of the event that ends, which are the first so many, to be copied
   */
  endEvent(taker?: { take(keys: readonly KnownKey[], count: number): void }): void {
    while (this.#origins.length < originsPerEvent * this.#starts.length) this.endOrigin();
    this.#starts.push(this.#ids.length);
    this.#event = this.#known.nextStamp();
    taker?.take(this.#eventKeys, this.#eventKeyCount);
    this.#eventKeyCount = 0;
  }

  build(): BlockKeys {
    return {
      table: this.#table,
      starts: new Uint32Array(this.#starts),
      ids: new Uint32Array(this.#ids),
      origins: new Uint16Array(this.#origins),
    };
  }
}

/** Stored keys, their table not parsed. */
export interface StoredBlockKeys extends Omit<BlockKeys, "table"> {
  /** A JSON array of texts. */
  table: Uint8Array;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The stored form: u32 event count, u32 id count, starts, ids (u32), origins (u16; all little-endian), the table as JSON. */
export function encodeBlockKeys(keys: BlockKeys): Uint8Array {
  const table = encoder.encode(JSON.stringify(keys.table));
  const { bytes, to } = emptyBlockKeys(keys.starts.length - 1, keys.ids.length, table.length);
  to.starts.set(keys.starts);
  to.ids.set(keys.ids);
  to.origins.set(keys.origins);
  to.table.set(table);
  return bytes;
}

/** Stored keys of so many events, that name so many, to be filled in. */
export function emptyBlockKeys(
  events: number,
  ids: number,
  tableBytes: number,
): { bytes: Uint8Array; to: StoredBlockKeys } {
  const bytes = new Uint8Array(4 * (3 + events + ids) + 2 * originsPerEvent * events + tableBytes);
  new Uint32Array(bytes.buffer, 0, 2).set([events, ids]);
  return { bytes, to: openBlockKeys(bytes) };
}

export function openBlockKeys(stored: Uint8Array): StoredBlockKeys {
  const bytes = stored.byteOffset % 4 === 0 ? stored : stored.slice();
  const [count, idCount] = new Uint32Array(bytes.buffer, bytes.byteOffset, 2) as unknown as [number, number];
  const starts = new Uint32Array(bytes.buffer, bytes.byteOffset + 8, count + 1);
  const ids = new Uint32Array(bytes.buffer, bytes.byteOffset + 12 + 4 * count, idCount);
  const wordBytes = 4 * (3 + count + idCount);
  const origins = new Uint16Array(bytes.buffer, bytes.byteOffset + wordBytes, originsPerEvent * count);
  return { table: bytes.subarray(wordBytes + origins.byteLength), starts, ids, origins };
}

export function decodeBlockKeys(stored: Uint8Array): BlockKeys {
  const { table, ...rest } = openBlockKeys(stored);
  return { table: JSON.parse(decoder.decode(table)) as string[], ...rest };
}
