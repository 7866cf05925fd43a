/** What becomes of a text that is neither shown nor dropped, from UTF-8 to UTF-8. */
import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { RememberedBytes } from "./remembered-bytes.ts";

const star = 0x2a;
const at = 0x40;
const keptCharacters = 4;
const hashBytes = 16;
const hashPrefix = "h_";

/** The same few parties stand in event after event, and a hash takes longer than the rest of the mask. */
const maxRemembered = 10_000;

/** Whether a byte goes on with the character of the byte before it. */
function continues(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Gives the masked forms of texts, each in the same `bytes`. */
export class TextMask {
  bytes = new Uint8Array(1024);
  /** How many of the bytes are the last text's. */
  length = 0;
  readonly #key: KeyObject | undefined;
  readonly #hashes = new RememberedBytes(maxRemembered);

  constructor(hashKey: Uint8Array | undefined) {
    this.#key = hashKey === undefined ? undefined : createSecretKey(hashKey);
  }

  /** A `*` for each character but the last four; of a text of up to four, for each. */
  lastFour(from: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    let characters = 0;
    for (let index = start; index < end; index++) if (!continues(from[index]!)) characters++;
    const stars = characters > keptCharacters ? characters - keptCharacters : characters;
    this.bytes.fill(star, 0, stars);
    this.length = stars;
    if (stars === characters) return;
    let kept = end;
    for (let count = 0; count < keptCharacters; count++) while (continues(from[--kept]!));
    for (let index = kept; index < end; index++) this.bytes[this.length++] = from[index]!;
  }

  /** A text that is equal for equal texts. What may be an e-mail address is compared without regard to case. */
  hash(from: Uint8Array, start: number, end: number): void {
    const known = this.#hashes.get(from, start, end);
    const hash = known ?? this.#learn(from.slice(start, end));
    this.bytes.set(hash);
    this.length = hash.length;
  }

  #learn(content: Uint8Array): Uint8Array {
    const hash = Buffer.from(this.#hashOf(Buffer.from(content)));
    this.#hashes.set(content, hash);
    return hash;
  }

  #hashOf(content: Buffer): string {
    const value = content.includes(at) ? content.toString().toLowerCase() : content;
    const digest = createHmac("sha256", this.#key!).update(value).digest("hex");
    return hashPrefix + digest.slice(0, 2 * hashBytes);
  }

  /** Whether the masked form is other than the text was. */
  differs(from: Uint8Array, start: number, end: number): boolean {
    if (this.length !== end - start) return true;
    for (let index = 0; index < this.length; index++) if (this.bytes[index] !== from[start + index]) return true;
    return false;
  }

  #reserve(length: number): void {
    if (length > this.bytes.length) this.bytes = new Uint8Array(2 * length);
  }
}
