/** Reads the fields of an encoded message where they stand, without making objects of them. */
import type { Timestamp } from "@bufbuild/protobuf/wkt";

export const varint = 0;
export const fixed64 = 1;
export const delimited = 2;
export const fixed32 = 5;

/**
 * A place in encoded bytes, and the field that was read last. Nothing is allocated for a field.
 * @throws Error from each method when the bytes are no message
 */
export class WireReader {
  bytes: Uint8Array;
  /** Where the next field begins. */
  at = 0;
  /** The field's number, and how its value is written. */
  field = 0;
  wireType = 0;
  /** Where the field begins, its tag included. */
  tagAt = 0;
  /** Where its value begins: of text and messages, with the length. */
  valueAt = 0;
  /** Where its content begins: of text and messages, behind the length. */
  contentAt = 0;
  /** Where it ends. */
  end = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Begins anew at a place in any bytes. */
  moveTo(bytes: Uint8Array, at: number): void {
    this.bytes = bytes;
    this.at = at;
  }

  /** A varint's lower 32 bits: enough for tags, lengths, enums and truths. */
  #varint(): number {
    const { bytes } = this;
    let byte = bytes[this.at++]!;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; shift < 70 && this.at < bytes.length; shift += 7) {
      byte = bytes[this.at++]!;
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new Error("a number does not end");
  }

  /** Reads the next field of the message that ends at `limit`; false when there is none. */
  next(limit: number): boolean {
    if (this.at >= limit) return false;
    this.tagAt = this.at;
    const tag = this.#varint();
    this.field = tag >>> 3;
    this.wireType = tag & 7;
    this.valueAt = this.at;
    this.#skipValue(this.wireType);
    this.end = this.at;
    if (this.end > limit) throw new Error(`field ${this.field} is longer than its message`);
    return true;
  }

  #skipValue(wireType: number): void {
    this.contentAt = this.at;
    switch (wireType) {
      case varint:
        this.#varint();
        break;
      case fixed64:
        this.at += 8;
        break;
      case fixed32:
        this.at += 4;
        break;
      case delimited: {
        const length = this.#varint();
        this.contentAt = this.at;
        this.at += length;
        break;
      }
      default:
        throw new Error(`field ${this.field} has the unknown wire type ${wireType}`);
    }
  }

  /** The value of the field, a whole number of up to 2^53. */
  integer(): number {
    let value = 0;
    let scale = 1;
    for (let at = this.valueAt; at < this.end; at++, scale *= 0x80) value += (this.bytes[at]! & 0x7f) * scale;
    return value;
  }

  /** The value of the field, a signed number of 64 bits. */
  signed(): bigint {
    let value = 0n;
    for (let at = this.end - 1; at >= this.valueAt; at--) value = (value << 7n) | BigInt(this.bytes[at]! & 0x7f);
    return BigInt.asIntN(64, value);
  }

  /** The value of the field, a google.protobuf.Timestamp. The next field is the one after it. */
  time(): Timestamp {
    const time: Timestamp = { $typeName: "google.protobuf.Timestamp", seconds: 0n, nanos: 0 };
    const limit = this.end;
    this.at = this.contentAt;
    while (this.next(limit)) {
      if (this.field === 1) time.seconds = this.signed();
      else time.nanos = this.number();
    }
    return time;
  }

  /** The value of the field, an enum, a truth or a number of up to 32 bits. */
  number(): number {
    this.at = this.valueAt;
    const value = this.#varint();
    this.at = this.end;
    return value;
  }
}
