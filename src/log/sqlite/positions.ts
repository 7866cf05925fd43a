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

/** The stored positions of consecutive blocks, each with the offset of its first event, as those of one. */
export function mergePositions(blocks: readonly { positions: Uint8Array; first: number }[]): Uint8Array {
  const count = blocks.reduce((sum, { positions }) => sum + countPositions(positions.length), 0);
  const bytes = new Uint8Array(headBytes + 4 * wordsPerEvent * count);
  const { first, positions } = blocks[0]!;
  bytes.set(positions.subarray(0, headBytes));
  const to = positionWords(bytes);
  let [at, frameBytes] = [0, 0];
  for (const block of blocks) {
    const words = positionWords(block.positions);
    const offsetsBefore = block.first - first;
    const msBefore = firstMs(block.positions) - firstMs(positions);
    for (let from = 0; from < words.length; from += wordsPerEvent, at += wordsPerEvent) {
      to[at] = words[from]! + offsetsBefore;
      to[at + 1] = words[from + 1]! + frameBytes;
      to[at + 2] = words[from + 2]! + msBefore;
      to[at + 3] = words[from + 3]!;
      to[at + 4] = words[from + 4]!;
    }
    frameBytes = to[at - wordsPerEvent + 1]!;
  }
  return bytes;
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
  const ms = firstMs(stored);
  const words = positionWords(stored);
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
    receivedMs[i] = ms + words[at + 2]!;
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

function firstMs(stored: Uint8Array): number {
  return new DataView(stored.buffer, stored.byteOffset).getFloat64(0, true);
}

function positionWords(stored: Uint8Array): Uint32Array {
  const bytes = aligned(stored);
  return new Uint32Array(bytes.buffer, bytes.byteOffset + 8, (bytes.length - 8) / 4);
}
