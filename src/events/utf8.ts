const strict = new TextDecoder("utf-8", { fatal: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();
const replacement = "\ufffd";

/** The text without a byte order mark; undefined when the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The first byte that is not UTF-8: where the lenient decoding has a replacement that the bytes do not. */
export function invalidByteAt(bytes: Uint8Array): number {
  const text = lenient.decode(bytes);
  let at = 0;
  let from = 0;
  for (let to = text.indexOf(replacement); to >= 0; to = text.indexOf(replacement, from)) {
    at += encoder.encode(text.slice(from, to)).length;
    if (bytes[at] !== 0xef || bytes[at + 1] !== 0xbf || bytes[at + 2] !== 0xbd) break;
    at += 3;
    from = to + 1;
  }
  return at;
}
