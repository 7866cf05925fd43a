/**
 * Bounds what replays hold, over all of them: slices of the journal on their way out, each counted once however many share
 * it, those that are read ahead, and of replays that were made to let go of theirs the response that their client has not
 * taken.
 *
 * Nobody waits for room. When there is too much, those that moved on longest ago let go of their slices, which they read
 * again once their client reads on; so replays that move are never held up by those that do not. Responses that are not
 * taken may come to half of the bound: the more there are the smaller are further ones, and beyond it the replays that have
 * waited longest are given up.
 */
import type { ReadSlice } from "../log/event-reader.ts";

/** A replay, as the budget sees it. */
export interface Replay {
  /** Lets go of what it can read again. Gives the bytes that it still holds. */
  letGo(): number;
  /** Ends, whether or not its client reads. */
  giveUp(): void;
}

/** A response's bytes: a share of what those that are not taken may still come to, within these. */
const responseShare = 256;
const minResponseBytes = 8 * 1024;
const maxResponseBytes = 256 * 1024;

interface Holding {
  slice: ReadSlice;
  /** Of the slice after it. */
  aheadBytes: number;
}

export function sliceBytes({ runs }: Pick<ReadSlice, "runs">): number {
  return runs.reduce((sum, { frames }) => sum + frames.length, 0);
}

export class ReplayBudget {
  readonly #maxBytes: number;
  readonly #onGivenUp: () => void;
  /** The one that moved on longest ago first. */
  readonly #holding = new Map<Replay, Holding>();
  readonly #slices = new Map<ReadSlice, { bytes: number; replays: number }>();
  /** With the bytes of the response that each is left with; the one that has waited longest first. */
  readonly #waiting = new Map<Replay, number>();
  #heldBytes = 0;
  #waitingBytes = 0;

  /** @param onGivenUp is told of every replay that is given up */
  constructor(maxBytes: number, onGivenUp: () => void) {
    this.#maxBytes = maxBytes;
    this.#onGivenUp = onGivenUp;
  }

  get bytes(): number {
    return this.#heldBytes + this.#waitingBytes;
  }

  /** Most bytes of a replay's responses from now on: as much as has to be held when its client stops reading. */
  get responseBytes(): number {
    const left = this.#maxBytes / 2 - this.#waitingBytes;
    return Math.max(minResponseBytes, Math.min(Math.floor(left / responseShare), maxResponseBytes));
  }

  /** A replay has a slice to send, in the place of the one before. */
  hold(replay: Replay, slice: ReadSlice): void {
    this.release(replay);
    this.#holding.set(replay, { slice, aheadBytes: 0 });
    const known = this.#slices.get(slice);
    if (known === undefined) {
      const bytes = sliceBytes(slice);
      this.#slices.set(slice, { bytes, replays: 1 });
      this.#heldBytes += bytes;
    } else known.replays++;
    for (const oldest of this.#holding.keys()) {
      if (this.bytes <= this.#maxBytes || oldest === replay) return;
      this.shrink(oldest);
    }
  }

  /** Whether a replay that has a slice may read so many bytes ahead; they are counted then. */
  mayReadAhead(replay: Replay, bytes: number): boolean {
    const holding = this.#holding.get(replay);
    if (holding === undefined || this.bytes + bytes > this.#maxBytes) return false;
    holding.aheadBytes = bytes;
    this.#heldBytes += bytes;
    return true;
  }

  /** A response of a replay's slice was passed on. */
  movedOn(replay: Replay): void {
    const holding = this.#holding.get(replay);
    if (holding === undefined) return;
    this.#holding.delete(replay);
    this.#holding.set(replay, holding);
  }

  /** Makes a replay let go that does not move. */
  shrink(replay: Replay): void {
    if (!this.#holding.has(replay)) return;
    this.release(replay);
    const bytes = replay.letGo();
    this.#waiting.set(replay, bytes);
    this.#waitingBytes += bytes;
    for (const waiting of this.#waiting.keys()) {
      if (this.#waitingBytes <= this.#maxBytes / 2) return;
      this.release(waiting);
      waiting.giveUp();
      this.#onGivenUp();
    }
  }

  /** A replay holds nothing any more. */
  release(replay: Replay): void {
    this.#waitingBytes -= this.#waiting.get(replay) ?? 0;
    this.#waiting.delete(replay);
    const holding = this.#holding.get(replay);
    if (holding === undefined) return;
    this.#holding.delete(replay);
    this.#heldBytes -= holding.aheadBytes;
    const known = this.#slices.get(holding.slice)!;
    known.replays--;
    if (known.replays > 0) return;
    this.#slices.delete(holding.slice);
    this.#heldBytes -= known.bytes;
  }
}
