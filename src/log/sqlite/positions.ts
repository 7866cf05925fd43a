/**
 * The stored positions of a block: a Float64 with the first event's received time in milliseconds, then for each event five
 * u32: offset minus the block's first, end of its frame, received time minus the first's, and how far back its session's
 * first event and its session's event before lie: offset minus that offset plus one, 0 for none. Little-endian.
 */
import type { EncodedBlock } from "../block.ts";

export type Positions = Pick<
  EncodedBlock,
  "offsets" | "receivedMs" | "frameEnds" | "sessionOffsets" | "previousOffsets"
>;

const wordsPerEvent = 5;
const headBytes = 8;

/** Between the first event and the last of a block: received times are u32. */
export const longestSpanMs = 0xffffffff;

/** How many events stored positions of so many bytes are of. */
export function countPositions(bytes: number): number {
  return (bytes - headBytes) / (4 * wordsPerEvent);
}

/** The positions of consecutive blocks as those of one. */
export function concatPositions(blocks: readonly Positions[]): Positions {
  const count = blocks.reduce((sum, { offsets }) => sum + offsets.length, 0);
  const all: Positions = {
    offsets: new Float64Array(count),
    receivedMs: new Float64Array(count),
    frameEnds: new Uint32Array(count),
    sessionOffsets: new Float64Array(count),
    previousOffsets: new Float64Array(count),
  };
  let [at, bytes] = [0, 0];
  for (const block of blocks) {
    for (const name of ["offsets", "receivedMs", "sessionOffsets", "previousOffsets"] as const) {
      all[name].set(block[name], at);
    }
    all.frameEnds.set(
      block.frameEnds.map((end) => bytes + end),
      at,
    );
    at += block.offsets.length;
    bytes += block.frameEnds.at(-1) ?? 0;
  }
  return all;
}

function distance(from: number, to: number): number {
  return to === 0 ? 0 : from - to + 1;
}

export function encodePositions(block: Positions): Uint8Array {
  const count = block.offsets.length;
  const bytes = new Uint8Array(8 + 4 * wordsPerEvent * count);
  new Float64Array(bytes.buffer, 0, 1)[0] = block.receivedMs[0]!;
  const words = new Uint32Array(bytes.buffer, 8);
  for (let i = 0; i < count; i++) {
    const at = wordsPerEvent * i;
    const offset = block.offsets[i]!;
    words[at] = offset - block.offsets[0]!;
    words[at + 1] = block.frameEnds[i]!;
    words[at + 2] = block.receivedMs[i]! - block.receivedMs[0]!;
    words[at + 3] = distance(offset, block.sessionOffsets[i]!);
    words[at + 4] = distance(offset, block.previousOffsets[i]!);
  }
  return bytes;
}

export function decodePositions(stored: Uint8Array, firstOffset: number): Positions {
  const bytes = aligned(stored);
  const firstMs = new Float64Array(bytes.buffer, bytes.byteOffset, 1)[0]!;
  const words = positionWords(bytes);
  const count = words.length / wordsPerEvent;
  const offsets = new Float64Array(count);
  const receivedMs = new Float64Array(count);
  const frameEnds = new Uint32Array(count);
  const sessionOffsets = new Float64Array(count);
  const previousOffsets = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const at = wordsPerEvent * i;
    const offset = firstOffset + words[at]!;
    offsets[i] = offset;
    frameEnds[i] = words[at + 1]!;
    receivedMs[i] = firstMs + words[at + 2]!;
    if (words[at + 3]! > 0) sessionOffsets[i] = offset - words[at + 3]! + 1;
    if (words[at + 4]! > 0) previousOffsets[i] = offset - words[at + 4]! + 1;
  }
  return { offsets, receivedMs, frameEnds, sessionOffsets, previousOffsets };
}

/** Only where the events are and where their frames end. */
export function decodeFrameEnds(stored: Uint8Array, firstOffset: number): Pick<Positions, "offsets" | "frameEnds"> {
  const words = positionWords(stored);
  const count = words.length / wordsPerEvent;
  const offsets = new Float64Array(count);
  const frameEnds = new Uint32Array(count);
  for (let i = 0, at = 0; i < count; i++, at += wordsPerEvent) {
    offsets[i] = firstOffset + words[at]!;
    frameEnds[i] = words[at + 1]!;
  }
  return { offsets, frameEnds };
}

/** Which bytes of stored positions are of some consecutive events, and of the one before, where their first frame begins. */
export function placesBytes(firstOrdinal: number, lastOrdinal: number): { start: number; length: number } {
  const from = Math.max(firstOrdinal - 1, 0);
  return { start: headBytes + 4 * wordsPerEvent * from, length: 4 * wordsPerEvent * (lastOrdinal + 1 - from) };
}

/** Where some consecutive events of a block are. */
export class StoredPlaces {
  readonly #words: Uint32Array;
  readonly #firstOffset: number;
  /** Of the first event that there are words of. */
  readonly #from: number;

  /** @param stored the bytes that `placesBytes` names */
  constructor(stored: Uint8Array, firstOffset: number, firstOrdinal: number) {
    const bytes = aligned(stored);
    this.#words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    this.#firstOffset = firstOffset;
    this.#from = Math.max(firstOrdinal - 1, 0);
  }

  offset(ordinal: number): number {
    return this.#firstOffset + this.#words[wordsPerEvent * (ordinal - this.#from)]!;
  }

  frameStart(ordinal: number): number {
    return ordinal === 0 ? 0 : this.frameEnd(ordinal - 1);
  }

  frameEnd(ordinal: number): number {
    return this.#words[wordsPerEvent * (ordinal - this.#from) + 1]!;
  }
}

function aligned(stored: Uint8Array): Uint8Array {
  return stored.byteOffset % 8 === 0 ? stored : stored.slice();
}

function positionWords(stored: Uint8Array): Uint32Array {
  const bytes = aligned(stored);
  return new Uint32Array(bytes.buffer, bytes.byteOffset + 8, (bytes.length - 8) / 4);
}
