/**
 * Slices of the journal that several subscriptions read at the same time: each is read once, and its bytes are freed as soon
 * as nobody needs them. Leaving that to the garbage collector costs a collection every 64 MB that are replayed.
 */
import type { ReadRange, ReadSlice } from "./event-reader.ts";
import { giveBack } from "./give-back.ts";

/** Slices kept for those who are a little behind the first reader of them. */
const maxKeptBytes = 16 * 1024 * 1024;

interface Shared {
  key: string;
  slice: Promise<ReadSlice>;
  /** Once it is there. */
  bytes: number;
  /** How many were given it and are not done with it. */
  users: number;
  isKept: boolean;
}

export class SharedReads {
  readonly #kept = new Map<string, Shared>();
  readonly #given = new WeakMap<ReadSlice, Shared>();
  #keptBytes = 0;

  /** Reads a slice, unless it is being read or kept. @param others whether anybody else reads by this plan */
  async read(plan: number, range: ReadRange, others: boolean, read: () => Promise<ReadSlice>): Promise<ReadSlice> {
    const known = others ? this.#kept.get(keyOf(plan, range)) : undefined;
    if (known !== undefined) {
      known.users++;
      const slice = await known.slice;
      if (isWithin(slice, range)) return slice;
      this.#left(known);
    }
    const shared: Shared = { key: keyOf(plan, range), slice: read(), bytes: 0, users: 1, isKept: false };
    if (others) this.#keep(shared);
    try {
      const slice = await shared.slice;
      this.#given.set(slice, shared);
      shared.bytes = bytesOf(slice);
      if (shared.isKept) this.#keptBytes += shared.bytes;
      this.#shrink();
      return slice;
    } catch (error) {
      this.#drop(shared);
      throw error;
    }
  }

  #keep(shared: Shared): void {
    const before = this.#kept.get(shared.key);
    if (before !== undefined) this.#drop(before);
    shared.isKept = true;
    this.#kept.set(shared.key, shared);
  }

  /** One of those who were given a slice needs it no more. */
  done(slice: ReadSlice): void {
    const shared = this.#given.get(slice);
    if (shared !== undefined) this.#left(shared);
  }

  #left(shared: Shared): void {
    shared.users--;
    this.#freeWhenUnused(shared);
  }

  #shrink(): void {
    for (const shared of this.#kept.values()) {
      if (this.#keptBytes <= maxKeptBytes) return;
      this.#drop(shared);
    }
  }

  #drop(shared: Shared): void {
    if (!shared.isKept) return;
    shared.isKept = false;
    this.#kept.delete(shared.key);
    this.#keptBytes -= shared.bytes;
    this.#freeWhenUnused(shared);
  }

  #freeWhenUnused(shared: Shared): void {
    if (shared.users > 0 || shared.isKept) return;
    void shared.slice.then(free, () => {});
  }

  /** Nobody shares the slices of a plan any more. */
  forget(plan: number): void {
    for (const shared of [...this.#kept.values()]) if (shared.key.startsWith(`${plan} `)) this.#drop(shared);
  }
}

function keyOf(
  plan: number,
  { afterOffset, upToOffset, endMs, meetAt, direction, maxEvents, maxBytes }: ReadRange,
): string {
  // Where the slices of readers meet before the bound, the bound makes no difference.
  const bound = meetAt !== undefined && meetAt < upToOffset ? "" : upToOffset;
  return `${plan} ${afterOffset} ${bound} ${meetAt} ${endMs} ${direction} ${maxEvents} ${maxBytes}`;
}

/** Whether a slice that was read for another bound is what this range asks for. */
function isWithin({ scannedTo, done, expiredBefore }: ReadSlice, range: ReadRange): boolean {
  return expiredBefore === undefined && scannedTo <= range.upToOffset && (!done || scannedTo === range.upToOffset);
}

function bytesOf({ runs }: ReadSlice): number {
  return runs.reduce((sum, { frames }) => sum + frames.length, 0);
}

function free({ runs }: ReadSlice): void {
  for (const { frames, ends, offsets } of runs) giveBack(frames, ends, offsets);
}
