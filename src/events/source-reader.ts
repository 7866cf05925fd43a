/**
 * Reads a source object right from its bytes, which takes a fraction of the time of parsing it and looking its members up.
 * What is met here is what a source usually sends; anything else, and whatever is wrong, is left to the general parser. A test
 * holds what is read to what that one makes of it.
 */
import { isUtf8 } from "node:buffer";
import { TextReader } from "../wire/text-reader.ts";
import { formOf, slotCount, slotOf, slotOfKey } from "./field-names.ts";
import { parseValidJson } from "./json-text.ts";

/** A source object by the slots of its members; only those that mean something are kept. */
export class SourceObject {
  readonly values: unknown[] = new Array(slotCount);
  /** How many of its members have a name that means something. */
  understood = 0;
}

/** Thrown at what is unusual, and caught where the reading began. */
const unusual = Symbol("unusual");

const maxDepth = 32;
/** So many digits are exact as a double whatever they are. */
const maxDigits = 15;

const quote = 0x22;
const comma = 0x2c;
const zero = 0x30;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Members whose objects are read by slots too; of any other the value is parsed. */
function hasFields(slot: number): boolean {
  return slot === slotOf.item || slot === slotOf.participants || slot === slotOf.participant;
}

const noBytes = Buffer.alloc(0);

class SourceReader {
  #bytes: Buffer = noBytes;
  #at = 0;
  #end = 0;
  #maxDepth = maxDepth;
  #isUtf8 = false;
  readonly #texts = new TextReader();

  /** The object that the bytes are, or undefined when something about it is unusual. */
  read(bytes: Buffer, depth: number): SourceObject | undefined {
    this.#bytes = bytes;
    this.#at = 0;
    this.#end = bytes.length;
    this.#maxDepth = Math.min(depth, maxDepth);
    this.#isUtf8 = false;
    try {
      const object = this.#object(1);
      return this.#at === this.#end ? object : undefined;
    } catch (error) {
      if (error === unusual || error instanceof SyntaxError) return undefined;
      throw error;
    } finally {
      this.#bytes = noBytes;
    }
  }

  #afterSpace(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    while (at < this.#end) {
      const byte = bytes[at]!;
      if (byte > 0x20) break;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) throw unusual;
      at++;
    }
    this.#at = at;
    return at < this.#end ? bytes[at]! : -1;
  }

  #expect(byte: number): void {
    if (this.#afterSpace() !== byte) throw unusual;
    this.#at++;
  }

  #object(depth: number): SourceObject {
    if (depth > this.#maxDepth) throw unusual;
    this.#expect(openBrace);
    const object = new SourceObject();
    if (this.#afterSpace() === closeBrace) {
      this.#at++;
      return object;
    }
    for (;;) {
      this.#member(object, depth);
      const next = this.#afterSpace();
      this.#at++;
      if (next === closeBrace) return object;
      if (next !== comma) throw unusual;
    }
  }

  #member(object: SourceObject, depth: number): void {
    if (this.#afterSpace() !== quote) throw unusual;
    const key = this.#text();
    this.#expect(colon);
    const slot = slotOfKey(key);
    if (slot < 0) {
      // The document may be a batch.
      if (this.#afterSpace() === openBracket && depth === 1 && formOf(key) === "events") throw unusual;
      return this.#skip(depth);
    }
    // Which of two members counts is the general parser's to say.
    if (object.values[slot] !== undefined) throw unusual;
    object.values[slot] = hasFields(slot) ? this.#withFields(depth) : this.#value(depth);
    object.understood++;
  }

  /** An object by its slots, or a list of such. */
  #withFields(depth: number): unknown {
    const first = this.#afterSpace();
    if (first === openBrace) return this.#object(depth + 1);
    return first === openBracket ? this.#list(depth + 1) : this.#value(depth);
  }

  #list(depth: number): unknown[] {
    if (depth > this.#maxDepth) throw unusual;
    this.#at++;
    const list: unknown[] = [];
    if (this.#afterSpace() === closeBracket) {
      this.#at++;
      return list;
    }
    for (;;) {
      list.push(this.#afterSpace() === openBrace ? this.#object(depth + 1) : this.#value(depth));
      const next = this.#afterSpace();
      this.#at++;
      if (next === closeBracket) return list;
      if (next !== comma) throw unusual;
    }
  }

  #value(depth: number): unknown {
    const first = this.#afterSpace();
    if (first === quote) return this.#text();
    const integer = this.#integer();
    if (integer !== undefined) return integer;
    const text = this.#valueText(depth);
    // A number is told from a long one by what stands before it.
    return first === openBrace || first === openBracket
      ? parseValidJson(text)
      : (parseValidJson(`[${text}]`) as unknown[])[0];
  }

  /** A text; at its first quote. */
  #text(): string {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    let at = start;
    let hash = 0;
    let all = 0;
    for (; at < this.#end; at++) {
      const byte = bytes[at]!;
      if (byte === quote) break;
      if (byte === backslash || byte < 0x20) return this.#escapedText(at);
      all |= byte;
      hash = TextReader.hash(hash, byte);
    }
    if (at === this.#end) throw unusual;
    this.#at = at + 1;
    if (all < 0x80) return this.#texts.readAscii(bytes, start, at, hash);
    this.#checkUtf8();
    return bytes.toString("utf8", start, at);
  }

  #escapedText(from: number): string {
    const start = this.#at;
    this.#afterText(from);
    this.#checkUtf8();
    return JSON.parse(this.#bytes.toString("utf8", start, this.#at)) as string;
  }

  /** Goes to the end of a text of which the bytes before `from` are looked at. */
  #afterText(from: number): void {
    const bytes = this.#bytes;
    let at = from;
    for (; at < this.#end; at++) {
      const byte = bytes[at]!;
      if (byte === quote) break;
      if (byte < 0x20) throw unusual;
      if (byte === backslash) at++;
    }
    if (at >= this.#end) throw unusual;
    this.#at = at + 1;
  }

  /** Only bytes beyond ASCII can be wrong; all are looked at with the first. */
  #checkUtf8(): void {
    this.#isUtf8 ||= isUtf8(this.#bytes);
    if (!this.#isUtf8) throw unusual;
  }

  /** A number that consists of a few digits; undefined for any other value. */
  #integer(): number | undefined {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    let value = 0;
    for (; at < this.#end; at++) {
      const digit = bytes[at]! - zero;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const digits = at - start;
    if (digits === 0 || digits > maxDigits || (digits > 1 && bytes[start] === zero) || !this.#isEnd(at))
      return undefined;
    this.#at = at;
    return value;
  }

  /** Whether a word or number ends here. */
  #isEnd(at: number): boolean {
    const byte = this.#bytes[at];
    return byte === undefined || byte <= 0x20 || byte === comma || byte === closeBrace || byte === closeBracket;
  }

  /** Passes over a value, but not unless it is right. */
  #skip(depth: number): void {
    if (this.#afterSpace() === quote) this.#text();
    else if (this.#integer() === undefined) JSON.parse(this.#valueText(depth));
  }

  /** The text of a value that is no text itself, up to where it ends if it is right. */
  #valueText(depth: number): string {
    const start = this.#at;
    const first = this.#bytes[start];
    if (first === openBrace || first === openBracket) this.#afterNested(depth);
    else while (!this.#isEnd(this.#at)) this.#at++;
    return this.#bytes.toString("utf8", start, this.#at);
  }

  #afterNested(depth: number): void {
    const bytes = this.#bytes;
    let open = 0;
    while (this.#at < this.#end) {
      const byte = bytes[this.#at]!;
      if (byte > 0x7f) throw unusual;
      if (byte === quote) {
        this.#afterText(this.#at + 1);
        continue;
      }
      this.#at++;
      if (byte === openBrace || byte === openBracket) {
        open++;
        if (depth + open > this.#maxDepth) throw unusual;
      } else if (byte === closeBrace || byte === closeBracket) {
        open--;
        if (open === 0) return this.#checkUtf8();
      }
    }
    throw unusual;
  }
}

const reader = new SourceReader();

/**
 * @param bytes of UTF-8 or not, without white space around the object
 * @param maxDepth the deepest nesting
 * @returns undefined when something about it is unusual
 */
export function readSource(bytes: Buffer, maxDepth: number): SourceObject | undefined {
  return reader.read(bytes, maxDepth);
}
