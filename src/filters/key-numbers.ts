/**
 * Numbers the distinct keys of stored blocks, in the order in which they first occur, by the bytes that they have in the blocks'
 * tables: `JSON.stringify` writes equal keys alike, so that most of them need not be parsed.
 */
import type { StoredBlockKeys } from "./block-keys.ts";
import { WordList } from "./word-list.ts";

const quote = 0x22;
const comma = 0x2c;
const bracketOpen = 0x5b;
const backslash = 0x5c;
const bracketClose = 0x5d;
const fnvPrime = 0x01000193;
/** Keys come from outside: nobody can choose them so that they all look for the same slot. */
const fnvBasis = Math.floor(2 ** 32 * Math.random());

const initialKeys = 8_192;
const maxKeptSlots = 1 << 18;
const maxKeptBytes = 1 << 22;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class KeyNumbers {
  /** Number of a key plus one, 0 where there is none; at most half of them are taken. A power of two. */
  #slots = new Uint32Array(2 * initialKeys);
  readonly #hashes = new WordList(initialKeys);
  /** The keys as they stand in a table, each in quotes and with a comma after it. */
  #bytes = new Uint8Array(16 * initialKeys);
  readonly #ends = new WordList(initialKeys);
  /** The numbers of those that are not in the table as they are. */
  readonly #escaped = new Set<number>();
  /** The numbers of the keys of the table that was gone through last. */
  readonly #table = new WordList(1_024);

  /** Keys so far. */
  get size(): number {
    return this.#ends.length;
  }

  /** Appends the numbers of a block's keys to a list: those of one event after those of the other. */
  append({ table, ids }: StoredBlockKeys, to: WordList): void {
    this.#read(table);
    const numbers = this.#table.values;
    const values = to.reserve(ids.length);
    let at = to.length;
    for (let index = 0; index < ids.length; index++) values[at++] = numbers[ids[index]!]!;
    to.length = at;
  }

  /** Finds the number of each key of a table. */
  #read(table: Uint8Array): void {
    this.#table.clear();
    const end = table.length - 1;
    for (let at = 1; at < end; at++) {
      const start = at++;
      let hash = fnvBasis;
      let isEscaped = false;
      for (; at < end && table[at] !== quote; at++) {
        if (table[at] === backslash) {
          isEscaped = true;
          at++;
        }
        hash = Math.imul(hash ^ table[at]!, fnvPrime);
      }
      // Past the closing quote there is a comma or the end.
      const number = this.#numberOf(table, start, ++at, hash >>> 0);
      if (isEscaped) this.#escaped.add(number);
      this.#table.push(number);
    }
  }

  /** @param start of the key in quotes within a table, up to `end` */
  #numberOf(table: Uint8Array, start: number, end: number, hash: number): number {
    const slots = this.#slots;
    const hashes = this.#hashes.values;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const number = slots[slot]! - 1;
      if (hashes[number] === hash && this.#isAt(number, table, start, end)) return number;
    }
    slots[slot] = this.size + 1;
    this.#add(table, start, end, hash);
    return this.size - 1;
  }

  #start(number: number): number {
    return number === 0 ? 0 : this.#ends.values[number - 1]!;
  }

  #isAt(number: number, table: Uint8Array, start: number, end: number): boolean {
    const bytes = this.#bytes;
    let at = this.#start(number);
    if (this.#ends.values[number]! - at !== end - start + 1) return false;
    for (let index = start; index < end; index++) if (bytes[at++] !== table[index]) return false;
    return true;
  }

  #add(table: Uint8Array, start: number, end: number, hash: number): void {
    let at = this.#start(this.size);
    this.#reserveBytes(at + end - start + 1);
    const bytes = this.#bytes;
    for (let index = start; index < end; index++) bytes[at++] = table[index]!;
    bytes[at++] = comma!;
    this.#ends.push(at);
    this.#hashes.push(hash);
    if (2 * this.size >= this.#slots.length) this.#spread(2 * this.#slots.length);
  }

  #reserveBytes(length: number): void {
    if (length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, length));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  #spread(over: number): void {
    const slots = new Uint32Array(over);
    const hashes = this.#hashes.values;
    for (let number = 0; number < this.size; number++) {
      let slot = hashes[number]! & (over - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (over - 1);
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }

  /** Gives each key in UTF-8, in the order of their numbers: some bytes, and from where to where it stands in them. */
  eachText(take: (bytes: Uint8Array, start: number, end: number) => void): void {
    const bytes = this.#bytes;
    const ends = this.#ends.values;
    for (let number = 0, start = 0; number < this.size; number++) {
      const end = ends[number]!;
      if (this.#escaped.has(number)) {
        const text = encoder.encode(JSON.parse(decoder.decode(bytes.subarray(start, end - 1))) as string);
        take(text, 0, text.length);
      } else {
        take(bytes, start + 1, end - 2);
      }
      start = end;
    }
  }

  /** Length of the table of all keys. */
  get tableBytes(): number {
    return Math.max(this.#start(this.size), 1) + 1;
  }

  /** Writes the table of all keys, in the order of their numbers. */
  writeTable(to: Uint8Array): void {
    to.set(this.#bytes.subarray(0, this.#start(this.size)), 1);
    to[0] = bracketOpen;
    to[to.length - 1] = bracketClose;
  }

  /** Forgets the keys. */
  clear(): void {
    if (this.#slots.length > maxKeptSlots) this.#slots = new Uint32Array(2 * initialKeys);
    else this.#slots.fill(0);
    if (this.#bytes.length > maxKeptBytes) this.#bytes = new Uint8Array(16 * initialKeys);
    this.#hashes.clear();
    this.#ends.clear();
    this.#escaped.clear();
  }
}
