/** Puts what was read of the journal into responses: stored frames go out as the pieces they are, never copied or joined. */
import type { ReadSlice } from "../log/event-reader.ts";
import { type Codec, eventPieces, matchBytes, type Segment } from "./segment.ts";

/** What a response may have. */
export interface ResponseBounds {
  events: number;
  /** Unless one event alone is larger. */
  bytes: number;
}

/** Events of one response: pieces of frames, and what they come to. */
interface Batch {
  pieces: Uint8Array[];
  bytes: number;
  events: number;
  matches: string[][] | undefined;
  lastOffset: number;
}

function emptyBatch(): Batch {
  return { pieces: [], bytes: 0, events: 0, matches: undefined, lastOffset: 0 };
}

/** The first place from `from` on by which the frames have more than `bytes`; the end when they never do. */
function placeBeyond(ends: Uint32Array, from: number, bytes: number): number {
  let [low, high] = [from, ends.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ends[middle]! <= bytes) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first place from `from` on, and no further than `to`, by which frames and matches have more than `bytes`. */
function placeBeyondMatches(
  matches: readonly string[][],
  ends: Uint32Array,
  from: number,
  to: number,
  bytes: number,
): number {
  const start = from === 0 ? 0 : ends[from - 1]!;
  let told = 0;
  for (let at = from; at < to; at++) {
    told += matchBytes(matches[at]!);
    if (ends[at]! - start + told > bytes) return at;
  }
  return to;
}

function* batches({ runs }: ReadSlice, max: ResponseBounds): Generator<Batch> {
  let batch = emptyBatch();
  for (const { frames, ends, offsets, matches } of runs) {
    for (let from = 0; from < ends.length; ) {
      const start = from === 0 ? 0 : ends[from - 1]!;
      const byBytes = placeBeyond(ends, from, start + max.bytes - batch.bytes);
      let to = Math.min(from + max.events - batch.events, byBytes);
      if (matches !== undefined) to = placeBeyondMatches(matches, ends, from, to, max.bytes - batch.bytes);
      if (to === from && batch.events === 0) to = from + 1;
      if (to > from) {
        const piece = frames.subarray(start, ends[to - 1]!);
        batch.pieces.push(piece);
        batch.bytes += piece.length;
        if (matches !== undefined) for (let at = from; at < to; at++) batch.bytes += matchBytes(matches[at]!);
        batch.events += to - from;
        batch.lastOffset = offsets[to - 1]!;
        if (matches !== undefined) (batch.matches ??= []).push(...matches.slice(from, to));
      }
      if (to < ends.length) {
        yield batch;
        batch = emptyBatch();
      }
      from = to;
    }
  }
  if (batch.events > 0) yield batch;
}

/** The responses of a slice, each in pieces; the last one's cursor covers what was looked at after it. */
export function* replayedResponses(
  codec: Codec,
  slice: ReadSlice,
  max: ResponseBounds,
  formatCursor: (offset: number) => string,
): Generator<Segment[], undefined> {
  const response = ({ pieces, matches }: Batch, offset: number): Segment[] =>
    eventPieces(codec, pieces, formatCursor(offset), matches).map((bytes) => ({ bytes, offset }));
  let batch: Batch | undefined;
  for (const next of batches(slice, max)) {
    if (batch !== undefined) yield response(batch, batch.lastOffset);
    batch = next;
  }
  if (batch !== undefined) yield response(batch, slice.scannedTo);
  return undefined;
}
