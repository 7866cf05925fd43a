/** Makes the postings of a segment from its blocks' stored keys; postings.ts has their form and reads them. */
import type { StoredBlockKeys } from "./block-keys.ts";
import { KeyNumbers } from "./key-numbers.ts";
import { form, hashOf, pageOf, pagesPerSegment } from "./postings.ts";
import { WordList } from "./word-list.ts";

/** Collects the keys of a segment's events, block after block. Begins anew with the next segment, in the same memory. */
export class PostingsBuilder {
  readonly #numbers = new KeyNumbers();
  /** The numbers of the events' keys, one event after the other, and where those of each event end. */
  readonly #keys = new WordList(1 << 17);
  readonly #ends = new WordList(1 << 13);

  /** Events so far. */
  get count(): number {
    return this.#ends.length;
  }

  add(keys: StoredBlockKeys): void {
    const base = this.#keys.length;
    this.#numbers.append(keys, this.#keys);
    for (let event = 1; event < keys.starts.length; event++) this.#ends.push(base + keys.starts[event]!);
  }

  /** The pages, each in a buffer of its own. */
  finish(): Uint8Array[] {
    const keys = this.#postings();
    const order = sortedNumbers(keys.hashes);
    const pages: Uint8Array[] = [];
    for (let page = 0, from = 0; page < pagesPerSegment; page++) {
      let to = from;
      while (to < order.length && pageOf(keys.hashes[order[to]!]!) === page) to++;
      pages.push(layOutPage(keys, order.subarray(from, to)));
      from = to;
    }
    this.#writeTexts(keys, pages);
    this.#writeOrdinals(keys, pages);
    return pages;
  }

  clear(): void {
    this.#numbers.clear();
    this.#keys.clear();
    this.#ends.clear();
  }

  #postings(): Postings {
    const { size } = this.#numbers;
    const words = (): Uint32Array => new Uint32Array(size);
    const postings = { hashes: words(), textBytes: words(), bytes: words(), forms: new Uint8Array(size), at: words() };
    let number = 0;
    this.#numbers.eachText((bytes, start, end) => {
      postings.hashes[number] = hashOf(bytes, start, end);
      postings.textBytes[number++] = end - start;
    });
    const counts = this.#counts();
    for (number = 0; number < size; number++) setForm(postings, number, counts[number]!, this.count);
    return postings;
  }

  /** How many events each key has. */
  #counts(): Uint32Array {
    const counts = new Uint32Array(this.#numbers.size);
    const keys = this.#keys.values;
    for (let at = 0; at < this.#keys.length; at++) counts[keys[at]!]!++;
    return counts;
  }

  #writeTexts({ hashes, textBytes, at }: Postings, pages: readonly Uint8Array[]): void {
    let number = 0;
    this.#numbers.eachText((bytes, start, end) => {
      const page = pages[pageOf(hashes[number]!)]!;
      // Before the posting, and the byte that says its form.
      let to = at[number]! - 1 - textBytes[number]!;
      for (let from = start; from < end; from++) page[to++] = bytes[from]!;
      number++;
    });
  }

  #writeOrdinals(postings: Postings, pages: readonly Uint8Array[]): void {
    const keys = this.#keys.values;
    const ends = this.#ends.values;
    for (let ordinal = 0, start = 0; ordinal < this.count; ordinal++) {
      const end = ends[ordinal]!;
      writeOrdinal(ordinal, keys, start, end, postings, pages);
      start = end;
    }
  }
}

/** What becomes of each key, by its number. */
interface Postings {
  hashes: Uint32Array;
  textBytes: Uint32Array;
  forms: Uint8Array;
  /** Of its posting, without the byte for the form. */
  bytes: Uint32Array;
  /** Where in its page the posting begins; for a list, where it goes on. */
  at: Uint32Array;
}

/** The shortest form. */
function setForm({ forms, bytes }: Postings, number: number, count: number, events: number): void {
  const bitmapBytes = (events + 7) >>> 3;
  if (count === events) {
    forms[number] = form.all;
  } else if (2 * count <= bitmapBytes) {
    forms[number] = form.list;
    bytes[number] = 2 * count;
  } else {
    forms[number] = form.bitmap;
    bytes[number] = bitmapBytes;
  }
}

/** A page with everything but texts and postings, for which `at` is set. */
function layOutPage({ hashes, textBytes, forms, bytes, at }: Postings, numbers: Uint32Array): Uint8Array {
  const entriesAt = 4 + 8 * numbers.length;
  let length = entriesAt;
  for (const number of numbers) length += 4 + textBytes[number]! + 1 + bytes[number]!;
  const page = new Uint8Array(length);
  const view = new DataView(page.buffer);
  view.setUint32(0, numbers.length, true);
  let end = entriesAt;
  numbers.forEach((number, index) => {
    view.setUint32(end, textBytes[number]!, true);
    const formAt = end + 4 + textBytes[number]!;
    page[formAt] = forms[number]!;
    at[number] = formAt + 1;
    end = formAt + 1 + bytes[number]!;
    view.setUint32(4 + 4 * index, hashes[number]!, true);
    view.setUint32(4 + 4 * numbers.length + 4 * index, end - entriesAt, true);
  });
  return page;
}

/**
 * Adds an event to the postings of its keys, which are those from `start` to `end`. By itself, since V8 makes its best of what
 * is called often sooner than of what takes long.
 */
function writeOrdinal(
  ordinal: number,
  keys: Uint32Array,
  start: number,
  end: number,
  { hashes, forms, at }: Postings,
  pages: readonly Uint8Array[],
): void {
  for (let index = start; index < end; index++) {
    const number = keys[index]!;
    if (forms[number] === form.all) continue;
    const page = pages[pageOf(hashes[number]!)]!;
    const place = at[number]!;
    if (forms[number] === form.list) {
      page[place] = ordinal & 0xff;
      page[place + 1] = ordinal >>> 8;
      at[number] = place + 2;
    } else {
      page[place + (ordinal >>> 3)]! |= 1 << (ordinal & 7);
    }
  }
}

const digitBits = 8;
const digits = 1 << digitBits;

/** The numbers of the keys by their pages, then by hash, then in their own order: a radix sort. */
function sortedNumbers(hashes: Uint32Array): Uint32Array {
  const words = hashes.map((hash) => (pageOf(hash) << 28) | (hash >>> 4));
  let order = words.map((_, number) => number);
  let next = new Uint32Array(words.length);
  for (let shift = 0; shift < 32; shift += digitBits) {
    sortByDigit(words, shift, order, next);
    [order, next] = [next, order];
  }
  return order;
}

function sortByDigit(words: Uint32Array, shift: number, order: Uint32Array, to: Uint32Array): void {
  const places = new Uint32Array(digits + 1);
  for (let number = 0; number < words.length; number++) places[((words[number]! >>> shift) & (digits - 1)) + 1]!++;
  for (let digit = 1; digit <= digits; digit++) places[digit]! += places[digit - 1]!;
  for (let at = 0; at < order.length; at++) {
    const number = order[at]!;
    to[places[(words[number]! >>> shift) & (digits - 1)]!++] = number;
  }
}
