/** A bounded map from bytes to bytes that is asked with a range, so that nothing is allocated for what is known. */
interface Entry {
  key: Uint8Array;
  value: Uint8Array;
  /** Others of the same digest, and how many. */
  next: Entry | undefined;
  others: number;
}

/** Bytes that were chosen to have one digest are forgotten before they are many. */
const maxOthers = 4;

export class RememberedBytes {
  readonly #max: number;
  #entries = new Map<number, Entry>();
  #size = 0;

  /** @param max entries; with one more all are forgotten */
  constructor(max: number) {
    this.#max = max;
  }

  get(from: Uint8Array, start: number, end: number): Uint8Array | undefined {
    let entry = this.#entries.get(digest(from, start, end));
    while (entry !== undefined && !isEqual(entry.key, from, start, end)) entry = entry.next;
    return entry?.value;
  }

  /** Both are kept as they are. */
  set(key: Uint8Array, value: Uint8Array): void {
    if (this.#size === this.#max) {
      this.#entries = new Map();
      this.#size = 0;
    }
    const place = digest(key, 0, key.length);
    const same = this.#entries.get(place);
    const next = same === undefined || same.others >= maxOthers ? undefined : same;
    this.#entries.set(place, { key, value, next, others: next === undefined ? 0 : next.others + 1 });
    this.#size++;
  }
}

/** FNV-1a. */
function digest(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let at = start; at < end; at++) value = Math.imul(value ^ bytes[at]!, 0x01000193);
  return value;
}

function isEqual(key: Uint8Array, from: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false;
  for (let at = 0; at < key.length; at++) if (key[at] !== from[start + at]) return false;
  return true;
}
