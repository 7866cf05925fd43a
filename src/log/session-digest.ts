/**
 * The digest of a session's seal: beginning with 32 zero bytes, for each accepted object in offset order the SHA-256 of the
 * digest so far followed by the object. The object is the source's own JSON text in UTF-8, or for a typed event the encoding of an Event with the payload
 * alone.
 * Anybody who has the events with their raw JSON can compute it.
 */
import { hash } from "node:crypto";
import { digestBytes } from "../sessions/session-state.ts";

/** Where digest and object are put together: copying is cheaper than hashing in two steps. */
let input = Buffer.allocUnsafe(16 * 1024);

/** @param digest and the result: a character a byte */
export function nextDigest(digest: string, object: Uint8Array): string {
  const length = digestBytes + object.length;
  if (length > input.length) input = Buffer.allocUnsafe(2 * length);
  input.write(digest, "latin1");
  input.set(object, digestBytes);
  return hash("sha256", input.subarray(0, length), "binary");
}
