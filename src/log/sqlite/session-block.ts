/**
 * The sessions of a block as they were after each of its events, which the FULL view shows: zstd of a u32 for each event with
 * the end of its session, little-endian, then the sessions, each as a field of an Event, then what the fold remembers of
 * them (see session-memory.ts).
 */
import { concat, type EncodedBlock } from "../block.ts";
import { compress, decompress } from "../compression.ts";
import { shiftMemories } from "../session-memory.ts";

/** Bytes of the tag that is before each session, and its length. */
const tagBytes = 2;

/** What is compressed. */
export function joinSessions(
  { sessions, sessionEnds }: Pick<EncodedBlock, "sessions" | "sessionEnds">,
  memories: Uint8Array,
): Uint8Array {
  const head = sessionEnds.byteLength;
  const bytes = Buffer.allocUnsafeSlow(head + sessions.length + memories.length);
  bytes.set(new Uint8Array(sessionEnds.buffer, sessionEnds.byteOffset, head));
  bytes.set(sessions, head);
  bytes.set(memories, head + sessions.length);
  return bytes;
}

export interface StoredSessions {
  /** The session after an event; empty where there is none. */
  sessionOf(ordinal: number): Uint8Array;
  memories: Uint8Array;
}

function withoutTag(field: Uint8Array): Uint8Array {
  if (field.length === 0) return field;
  let at = tagBytes;
  while (field[at]! >= 0x80) at++;
  return field.subarray(at + 1);
}

/** @param count events of the block */
export function openSessions(stored: Uint8Array, count: number): StoredSessions {
  const bytes = decompress(stored);
  const head = 4 * count;
  const end = (ordinal: number): number => head + (ordinal < 0 ? 0 : bytes.readUInt32LE(4 * ordinal));
  return {
    sessionOf: (ordinal) => withoutTag(bytes.subarray(end(ordinal - 1), end(ordinal))),
    memories: bytes.subarray(end(count - 1)),
  };
}

/** Gives each event's session by its ordinal. */
export function decodeSessions(stored: Uint8Array, count: number): (ordinal: number) => Uint8Array {
  return openSessions(stored, count).sessionOf;
}

/** The sessions of consecutive blocks, each with its number of events, as those of one. */
export function mergeSessions(blocks: readonly { stored: Uint8Array; count: number }[]): Uint8Array {
  const ends: number[] = [];
  const sessions: Uint8Array[] = [];
  const memories: Uint8Array[] = [];
  let bytesBefore = 0;
  for (const { stored, count } of blocks) {
    const bytes = decompress(stored);
    const eventsBefore = ends.length;
    for (let ordinal = 0; ordinal < count; ordinal++) ends.push(bytesBefore + bytes.readUInt32LE(4 * ordinal));
    const sessionBytes = (ends.at(-1) ?? 0) - bytesBefore;
    sessions.push(bytes.subarray(4 * count, 4 * count + sessionBytes));
    memories.push(shiftMemories(bytes.subarray(4 * count + sessionBytes), eventsBefore));
    bytesBefore += sessionBytes;
  }
  return compress(joinSessions({ sessions: concat(sessions), sessionEnds: Uint32Array.from(ends) }, concat(memories)));
}
