/**
 * Postings: which events of a segment have which filter keys. A segment is some ten thousand consecutive events, counted from
 * 0 by their ordinals. Its keys lie in pages by their hash, so that to look for a key one page is read and never an event.
 *
 * A page, all numbers little-endian:
 *
 *     u32 number of keys, then for each key, by ascending hash: u32 hash; then for each in the same order: u32 end of its entry
 *     the entries: u32 length of the key, the key in UTF-8, u8 form, then by the form
 *         0 nothing: every event has the key
 *         1 the ordinals, u16 each, ascending
 *         2 a bitmap, bit i of byte i/8 for ordinal i
 */

/** A power of two. */
export const pagesPerSegment = 16;

export const form = { all: 0, list: 1, bitmap: 2 } as const;
const encoder = new TextEncoder();

/** A key as it is looked for. */
export interface HashedKey {
  bytes: Uint8Array;
  /** FNV-1a. */
  hash: number;
}

export function hashedKey(key: string): HashedKey {
  const bytes = encoder.encode(key);
  return { bytes, hash: hashOf(bytes, 0, bytes.length) };
}

/** Of the key in UTF-8 that stands there. */
export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash >>> 0;
}

/** The page that a key is on. The low bits of FNV-1a are its best. */
export function pageOf(hash: number): number {
  return hash & (pagesPerSegment - 1);
}

/** A set of a segment's events. */
export class OrdinalSet {
  readonly size: number;
  readonly #words: Uint32Array;

  /** @param size how many events the segment has */
  constructor(size: number) {
    this.size = size;
    this.#words = new Uint32Array((size + 31) >>> 5);
  }

  add(ordinal: number): void {
    this.#words[ordinal >>> 5]! |= 1 << (ordinal & 31);
  }

  addAll(): void {
    this.#words.fill(0xffffffff);
    if (this.size % 32 !== 0) this.#words[this.#words.length - 1]! = (1 << (this.size % 32)) - 1;
  }

  addBitmap(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at++) this.#words[at >>> 2]! |= bytes[at]! << (8 * (at & 3));
  }

  /** Keeps what is in both. */
  intersect({ words }: { words: Uint32Array }): void {
    for (let at = 0; at < words.length; at++) this.#words[at]! &= words[at]!;
  }

  get words(): Uint32Array {
    return this.#words;
  }

  get isEmpty(): boolean {
    return this.#words.every((word) => word === 0);
  }

  *[Symbol.iterator](): Generator<number> {
    for (let at = 0; at < this.#words.length; at++) {
      for (let word = this.#words[at]!; word !== 0; word &= word - 1) yield 32 * at + 31 - Math.clz32(word & -word);
    }
  }
}

/** Adds the events that have a key to a set. */
export function addPosting(page: Uint8Array, key: HashedKey, to: OrdinalSet): void {
  const view = viewOf(page);
  const count = view.getUint32(0, true);
  const entriesAt = 4 + 8 * count;
  for (let index = firstWith(view, count, key.hash); index < count; index++) {
    if (view.getUint32(4 + 4 * index, true) !== key.hash) return;
    const endAt = 4 + 4 * count + 4 * index;
    const start = entriesAt + (index === 0 ? 0 : view.getUint32(endAt - 4, true));
    const keyAt = start + 4;
    const postingAt = keyAt + view.getUint32(start, true);
    if (!isAt(page, keyAt, postingAt, key.bytes)) continue;
    return addEntry(page.subarray(postingAt, entriesAt + view.getUint32(endAt, true)), to);
  }
}

let viewed: DataView<ArrayBufferLike> | undefined;

/** Keys are looked for one after the other on the same page. */
function viewOf(page: Uint8Array): DataView<ArrayBufferLike> {
  if (viewed?.buffer !== page.buffer || viewed.byteOffset !== page.byteOffset) {
    viewed = new DataView(page.buffer, page.byteOffset, page.length);
  }
  return viewed;
}

/** The first place whose hash is not below one. */
function firstWith(view: DataView, count: number, hash: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (view.getUint32(4 + 4 * middle, true) < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isAt(page: Uint8Array, start: number, end: number, key: Uint8Array): boolean {
  if (end - start !== key.length) return false;
  for (let at = 0; at < key.length; at++) if (page[start + at] !== key[at]) return false;
  return true;
}

function addEntry(posting: Uint8Array, to: OrdinalSet): void {
  switch (posting[0]) {
    case form.all:
      return to.addAll();
    case form.list:
      for (let at = 1; at < posting.length; at += 2) to.add(posting[at]! | (posting[at + 1]! << 8));
      return;
    case form.bitmap:
      return to.addBitmap(posting.subarray(1));
  }
}
