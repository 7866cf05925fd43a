/**
 * Rewrites an encoded message. What is not touched is copied in ranges as long as possible, lengths of messages around a
 * change are corrected, and nothing at all is copied until something changes.
 */

const maxDepth = 100;
const shortRange = 32;
const slabBytes = 64 * 1024;

function sizeOfVarint(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) size++;
  return size;
}

export class WireRewriter {
  #from: Uint8Array = new Uint8Array(0);
  #to = new Uint8Array(16 * 1024);
  #at = 0;
  /** Up to here the source is copied or left out. */
  #done = 0;
  #changed = false;
  /** Number of messages entered; of these, the outermost whose beginning is copied. */
  #depth = 0;
  #opened = 0;
  #slab = new Uint8Array(0);
  #slabAt = slabBytes;
  readonly #lengthAt = new Uint32Array(maxDepth);
  readonly #contentAt = new Uint32Array(maxDepth);
  readonly #writtenAt = new Uint32Array(maxDepth);
  #mark = -1;

  /** Begins with a message. */
  begin(bytes: Uint8Array): void {
    this.#from = bytes;
    this.#at = 0;
    this.#done = 0;
    this.#changed = false;
    this.#depth = 0;
    this.#opened = 0;
    this.#mark = -1;
  }

  /** Enters a message within, whose length stands at `lengthAt`. */
  enter(lengthAt: number, contentAt: number): void {
    if (this.#depth === maxDepth) throw new Error(`messages nest more than ${maxDepth} deep`);
    this.#lengthAt[this.#depth] = lengthAt;
    this.#contentAt[this.#depth++] = contentAt;
  }

  /** Leaves the message that was entered last, which ends at `end`. */
  leave(end: number): void {
    const depth = --this.#depth;
    if (this.#opened <= depth) return;
    this.#opened = depth;
    this.#copyTo(end);
    const start = this.#writtenAt[depth]!;
    const room = this.#contentAt[depth]! - this.#lengthAt[depth]!;
    const length = this.#at - start - room;
    const needed = sizeOfVarint(length);
    if (needed !== room) {
      this.#reserve(needed);
      this.#to.copyWithin(start + needed, start + room, this.#at);
    }
    this.#at = start;
    this.#varint(length);
    this.#at += length;
  }

  /** Leaves out a range. */
  cut(from: number, to: number): void {
    this.#change();
    this.#copyTo(from);
    this.#done = to;
  }

  /** Puts the first `length` bytes of a text in the place of one that stands, with its length, at `from`. */
  replaceText(from: number, to: number, text: Uint8Array, length: number): void {
    this.#change();
    this.#copyTo(from);
    this.#reserve(length + 5);
    this.#varint(length);
    for (let index = 0; index < length; index++) this.#to[this.#at++] = text[index]!;
    this.#done = to;
  }

  /** Remembers a place of the outermost message, for `insertAtMark`. */
  mark(at: number): void {
    if (this.#changed) this.#copyTo(at);
    this.#mark = this.#changed ? this.#at : at;
  }

  /** Inserts a field at the place remembered, else at the end. */
  insertAtMark(field: Uint8Array): void {
    this.#change();
    this.#copyTo(this.#from.length);
    const at = this.#mark < 0 ? this.#at : this.#mark;
    this.#reserve(field.length);
    this.#to.copyWithin(at + field.length, at, this.#at);
    this.#to.set(field, at);
    this.#at += field.length;
  }

  get changed(): boolean {
    return this.#changed;
  }

  /** The message as it is now: the very same bytes when nothing was changed. */
  finish(): Uint8Array {
    if (!this.#changed) return this.#from;
    this.#copyTo(this.#from.length);
    return this.#ofItsOwn();
  }

  /** Small messages share a slab: a buffer of its own costs more than what is in it. */
  #ofItsOwn(): Uint8Array {
    const length = this.#at;
    if (length > slabBytes / 4) return this.#to.slice(0, length);
    if (this.#slabAt + length > slabBytes) {
      this.#slab = new Uint8Array(slabBytes);
      this.#slabAt = 0;
    }
    const own = this.#slab.subarray(this.#slabAt, this.#slabAt + length);
    own.set(this.#to.subarray(0, length));
    this.#slabAt += length;
    return own;
  }

  #change(): void {
    this.#changed = true;
    for (; this.#opened < this.#depth; this.#opened++) {
      const lengthAt = this.#lengthAt[this.#opened]!;
      const contentAt = this.#contentAt[this.#opened]!;
      this.#copyTo(lengthAt);
      this.#reserve(contentAt - lengthAt);
      this.#writtenAt[this.#opened] = this.#at;
      this.#at += contentAt - lengthAt;
      this.#done = contentAt;
    }
  }

  #copyTo(end: number): void {
    const start = this.#done;
    const length = end - start;
    this.#reserve(length);
    if (length > shortRange) this.#to.set(this.#from.subarray(start, end), this.#at);
    else for (let index = 0; index < length; index++) this.#to[this.#at + index] = this.#from[start + index]!;
    this.#at += length;
    this.#done = end;
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) this.#to[this.#at++] = (rest % 0x80) | 0x80;
    this.#to[this.#at++] = rest;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#to.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#to.length, this.#at + bytes));
    larger.set(this.#to.subarray(0, this.#at));
    this.#to = larger;
  }
}
