/**
 * The sessions of a block as they were after each of its events, which the FULL view shows: zstd of a u32 for each event with
 * the end of its encoding, little-endian, then the encodings.
 */
import { zstdDecompressSync } from "node:zlib";
import { compress } from "../compression.ts";

export function encodeSessions(sessions: readonly Uint8Array[]): Uint8Array {
  const head = 4 * sessions.length;
  const total = sessions.reduce((sum, session) => sum + session.length, head);
  const bytes = Buffer.allocUnsafe(total);
  let end = 0;
  sessions.forEach((session, ordinal) => {
    bytes.set(session, head + end);
    end += session.length;
    bytes.writeUInt32LE(end, 4 * ordinal);
  });
  return compress(bytes);
}

/** Gives each event's by its ordinal. */
export function decodeSessions(stored: Uint8Array, count: number): (ordinal: number) => Uint8Array {
  const bytes = zstdDecompressSync(stored);
  const head = 4 * count;
  const end = (ordinal: number): number => (ordinal < 0 ? 0 : bytes.readUInt32LE(4 * ordinal));
  return (ordinal) => bytes.subarray(head + end(ordinal - 1), head + end(ordinal));
}
