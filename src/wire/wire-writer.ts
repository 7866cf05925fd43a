/**
 * Writes Protobuf for the messages that are encoded with every event, in a fraction of the time of the general encoder. A
 * nested message is written in place after one byte for its length, and moved when it needs more.
 */
import type { Timestamp } from "@bufbuild/protobuf/wkt";

const encoder = new TextEncoder();

/** Seconds and nanoseconds, each with its tag. */
const maxTimeBytes = 22;

/** The encodings of the times that were written last. A time is written several times for its event, and for others of its group. */
class EncodedTimes {
  readonly #times: (Timestamp | undefined)[] = [undefined, undefined, undefined, undefined];
  readonly #encodings = this.#times.map(() => ({ bytes: new Uint8Array(maxTimeBytes), length: 0 }));
  #next = 0;

  /** Of this very object, which is never changed. */
  get(time: Timestamp): { bytes: Uint8Array; length: number } | undefined {
    for (let at = 0; at < this.#times.length; at++) if (this.#times[at] === time) return this.#encodings[at];
    return undefined;
  }

  /** Remembers what stands in these bytes from a place on. */
  add(time: Timestamp, bytes: Uint8Array, start: number, length: number): void {
    this.#times[this.#next] = time;
    const encoding = this.#encodings[this.#next]!;
    for (let index = 0; index < length; index++) encoding.bytes[index] = bytes[start + index]!;
    encoding.length = length;
    this.#next = (this.#next + 1) % this.#times.length;
  }
}

const encodedTimes = new EncodedTimes();

export class WireWriter {
  #bytes = new Uint8Array(16 * 1024);
  /** The same memory. */
  #buffer = Buffer.from(this.#bytes.buffer);
  #at = 0;

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#at + bytes));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#buffer = Buffer.from(larger.buffer);
  }

  /** A varint of up to 2^53. */
  #varint(value: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    let large = value;
    for (; large > 0x7fffffff; large = Math.floor(large / 0x80)) bytes[at++] = (large % 0x80) | 0x80;
    let rest = large | 0;
    for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
    bytes[at++] = rest;
    this.#at = at;
  }

  /** A number that is not its default, of 0 to 2^53, or an enum. */
  number(field: number, value: number): void {
    if (value !== 0) this.present(field, value);
  }

  /** A number of 0 to 2^53, present whatever it is. */
  present(field: number, value: number): void {
    this.#reserve(20);
    this.#varint(field << 3);
    this.#varint(value);
  }

  /** A number of 64 bits, signed or not, that is not its default. */
  long(field: number, value: bigint): void {
    const number = Number(value);
    if (number >= 0 && number <= Number.MAX_SAFE_INTEGER) return this.number(field, number);
    this.#reserve(20);
    this.#varint(field << 3);
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#at++] = Number(rest);
  }

  /** Presence is told by the caller. */
  bool(field: number, value: boolean): void {
    this.#reserve(4);
    this.#varint(field << 3);
    this.#varint(value ? 1 : 0);
  }

  flag(field: number, value: boolean): void {
    if (value) this.bool(field, true);
  }

  text(field: number, value: string): void {
    if (value !== "") this.presentText(field, value);
  }

  /** @throws Error when the text is no Unicode: it has half of a surrogate pair */
  presentText(field: number, value: string): void {
    this.#reserve(20 + 3 * value.length);
    this.#varint((field << 3) | 2);
    const start = this.#at;
    this.#at = start + 1 + this.#ascii(value, start + 1);
    if (this.#at - start - 1 < value.length) {
      if (!value.isWellFormed()) throw new Error(`field ${field} has half of a surrogate pair`);
      const { written } = encoder.encodeInto(value, this.#bytes.subarray(start + 1));
      this.#at = start + 1 + written;
    }
    this.#close(start);
  }

  /** Writes a text's characters up to the first that is not ASCII; gives their number. */
  #ascii(value: string, start: number): number {
    const bytes = this.#bytes;
    const { length } = value;
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) return index;
      bytes[start + index] = code;
    }
    return length;
  }

  texts(field: number, values: readonly string[]): void {
    for (const value of values) this.presentText(field, value);
  }

  /** Bytes, given as a text with a character for each. */
  latin1(field: number, value: string): void {
    if (value === "") return;
    this.#reserve(20 + value.length);
    this.#varint((field << 3) | 2);
    this.#varint(value.length);
    for (let index = 0; index < value.length; index++) this.#bytes[this.#at++] = value.charCodeAt(index);
  }

  /** Raw bytes, given as a text with a character for each. */
  latin1Raw(value: string): void {
    if (value === "") return;
    this.#reserve(value.length);
    this.#at += this.#buffer.write(value, this.#at, "latin1");
  }

  bytes(field: number, value: Uint8Array): void {
    if (value.length > 0) this.encoded(field, value);
  }

  /** A nested message that is encoded already, present whatever it holds. */
  encoded(field: number, value: Uint8Array): void {
    this.#reserve(20 + value.length);
    this.#varint((field << 3) | 2);
    this.#varint(value.length);
    this.raw(value);
  }

  /** Bytes as they are: fields that are encoded already, or what is no message at all. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** The UTF-8 of a text, which is well-formed, as raw bytes. */
  rawText(value: string): void {
    this.#reserve(3 * value.length);
    this.#at += encoder.encodeInto(value, this.#bytes.subarray(this.#at)).written;
  }

  /** A list of enum values. */
  packed(field: number, values: readonly number[]): void {
    if (values.length === 0) return;
    this.#reserve(20 + 10 * values.length);
    this.#varint((field << 3) | 2);
    const start = this.#at++;
    for (const value of values) this.#varint(value);
    this.#close(start);
  }

  /** A nested message, present whatever it holds. Gives its length, which is that of what was written last. */
  message<M>(field: number, message: M, write: (writer: WireWriter, message: M) => void): number {
    this.#reserve(20);
    this.#varint((field << 3) | 2);
    const start = this.#at++;
    write(this, message);
    this.#reserve(10);
    const length = this.#at - start - 1;
    this.#close(start);
    return length;
  }

  time(field: number, value: Timestamp | undefined): void {
    if (value === undefined) return;
    const known = encodedTimes.get(value);
    if (known === undefined) {
      const length = this.message(field, value, writeTime);
      encodedTimes.add(value, this.#bytes, this.#at - length, length);
      return;
    }
    const { bytes, length } = known;
    this.#reserve(20 + length);
    this.#varint((field << 3) | 2);
    this.#varint(length);
    const to = this.#bytes;
    const at = this.#at;
    for (let index = 0; index < length; index++) to[at + index] = bytes[index]!;
    this.#at = at + length;
  }

  /** Puts the length of what was written since into the byte at `start`, or moves it to make room. */
  #close(start: number): void {
    const end = this.#at;
    const length = end - start - 1;
    if (length <= 0x7f) {
      this.#bytes[start] = length;
      return;
    }
    let more = 0;
    for (let rest = length; rest > 0x7f; rest = Math.floor(rest / 0x80)) more++;
    this.#reserve(more);
    this.#bytes.copyWithin(start + 1 + more, start + 1, end);
    this.#at = start;
    this.#varint(length);
    this.#at = end + more;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#at;
  }

  /** What was written from a place on, to be used before anything else is written. */
  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.#at);
  }

  /** Forgets what was written. */
  clear(): void {
    this.#at = 0;
  }

  /** What was written, as bytes of its own; the writer begins anew. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#at);
    this.clear();
    return taken;
  }
}

function writeTime(to: WireWriter, { seconds, nanos }: Timestamp): void {
  to.long(1, seconds);
  to.number(2, nanos);
}
