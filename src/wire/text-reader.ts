/**
 * Reads texts out of encoded messages. Ids, queue names, languages and addresses occur again and again: a short text that is
 * still remembered is given as the very same string, which costs no allocation, and whose hash is known to every map.
 */
const maxRemembered = 64;
const slots = 16_384;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function equals(text: string, bytes: Uint8Array, start: number): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== bytes[start + at]) return false;
  return true;
}

export class TextReader {
  /** By a hash of their bytes; another text of the same slot takes the place. */
  readonly #known = new Array<string>(slots).fill("");

  /** The hash of a text whose bytes before this one have the hash `before`; 0 at its beginning. */
  static hash(before: number, byte: number): number {
    return (Math.imul(before, 31) + byte) | 0;
  }

  /** @throws TypeError when the bytes are no UTF-8 */
  read(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length === 0) return "";
    if (length > maxRemembered) return decoder.decode(bytes.subarray(start, end));
    let hash = 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      if (byte > 0x7f) return decoder.decode(bytes.subarray(start, end));
      hash = TextReader.hash(hash, byte);
    }
    return this.readAscii(bytes, start, end, hash);
  }

  /** A text that is known to be ASCII. */
  readAscii(bytes: Buffer, start: number, end: number, hash: number): string {
    const length = end - start;
    if (length === 0) return "";
    if (length > maxRemembered) return bytes.toString("latin1", start, end);
    const mixed = hash + length;
    const slot = (mixed ^ (mixed >>> 15)) & (slots - 1);
    const known = this.#known[slot]!;
    if (known.length === length && equals(known, bytes, start)) return known;
    const text = bytes.toString("latin1", start, end);
    this.#known[slot] = text;
    return text;
  }
}
