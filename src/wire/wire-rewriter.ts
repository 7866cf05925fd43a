/**
 * Rewrites an encoded message. What is not touched is copied in ranges as long as possible, lengths of messages around a
 * change are corrected, and nothing at all is copied until something changes.
 */

const maxDepth = 100;
/** Up to so many bytes are copied one by one: a view of them, to copy them at once, costs more. */
const shortRange = 80;
const maxLengthBytes = 5;
const slabBytes = 64 * 1024;
/** At the end of a slab no more messages are begun. */
const leastRoom = 1024;

function sizeOfVarint(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) size++;
  return size;
}

export class WireRewriter {
  #from: Uint8Array = new Uint8Array(0);
  /** Where messages are written one after the other, since a buffer of its own costs more than what is in it. */
  #to = new Uint8Array(slabBytes);
  /** Where this message begins in it, and where it goes on. */
  #start = 0;
  #at = 0;
  /** Up to here the source is copied or left out. */
  #done = 0;
  #changed = false;
  /** Number of messages entered; of these, the outermost whose beginning is copied. */
  #depth = 0;
  #opened = 0;
  readonly #lengthAt = new Uint32Array(maxDepth);
  readonly #contentAt = new Uint32Array(maxDepth);
  readonly #writtenAt = new Uint32Array(maxDepth);
  #mark = -1;

  /** Begins with a message. */
  begin(bytes: Uint8Array): void {
    this.#from = bytes;
    if (this.#start + leastRoom > this.#to.length || this.#to.length > slabBytes) {
      this.#to = new Uint8Array(slabBytes);
      this.#start = 0;
    }
    this.#at = this.#start;
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
    this.#copyTo(end);
    this.#reserve(maxLengthBytes);
    this.#opened = depth;
    const start = this.#writtenAt[depth]!;
    const room = this.#contentAt[depth]! - this.#lengthAt[depth]!;
    const length = this.#at - start - room;
    const needed = sizeOfVarint(length);
    if (needed !== room) this.#to.copyWithin(start + needed, start + room, this.#at);
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
    this.#reserve(length + maxLengthBytes);
    this.#varint(length);
    for (let index = 0; index < length; index++) this.#to[this.#at++] = text[index]!;
    this.#done = to;
  }

  /** Remembers a place of the outermost message, for `insertAtMark`. */
  mark(at: number): void {
    if (this.#changed) this.#copyTo(at);
    this.#mark = this.#changed ? this.#at : this.#start + at;
  }

  /** Inserts a field at the place remembered, else at the end. */
  insertAtMark(field: Uint8Array): void {
    this.#change();
    this.#copyTo(this.#from.length);
    this.#reserve(field.length);
    const at = this.#mark < 0 ? this.#at : this.#mark;
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
    if (this.#at - this.#start > slabBytes / 4) return this.#to.slice(this.#start, this.#at);
    const written = this.#to.subarray(this.#start, this.#at);
    this.#start = this.#at;
    return written;
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
    const written = this.#to.subarray(this.#start, this.#at);
    this.#to = new Uint8Array(Math.max(slabBytes, 2 * (written.length + bytes)));
    this.#to.set(written);
    for (let depth = 0; depth < this.#opened; depth++) this.#writtenAt[depth]! -= this.#start;
    this.#mark -= this.#start;
    this.#start = 0;
    this.#at = written.length;
  }
}
