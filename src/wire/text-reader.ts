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

  /** @throws TypeError when the bytes are no UTF-8 */
  read(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length === 0) return "";
    if (length > maxRemembered) return decoder.decode(bytes.subarray(start, end));
    let hash = length;
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      if (byte > 0x7f) return decoder.decode(bytes.subarray(start, end));
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    const slot = (hash ^ (hash >>> 15)) & (slots - 1);
    const known = this.#known[slot]!;
    if (known.length === length && equals(known, bytes, start)) return known;
    const text = bytes.toString("latin1", start, end);
    this.#known[slot] = text;
    return text;
  }
}
