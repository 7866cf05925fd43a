/**
 * Sends one subscriber slices of the journal. Of a client that does not read no more has to be held than the response that
 * has begun to go out to it: the rest can be let go, and is read again.
 */
import type { ReadSlice } from "../log/event-reader.ts";
import { type JournalReading, readBytes } from "./journal-reading.ts";
import type { Outlet } from "./outlet.ts";
import { type Replay, type ReplayBudget, sliceBytes } from "./replay-budget.ts";
import type { Segment } from "./segment.ts";

/** What is known of a slice when its bytes are gone. */
export interface SliceFacts extends Pick<ReadSlice, "scannedTo" | "done" | "expiredBefore"> {
  bytes: number;
}

type ResponsesOf = (slice: ReadSlice, maxBytes: number) => Generator<Segment[], undefined>;

export class SliceSender implements Replay {
  readonly #journal: JournalReading;
  readonly #outlet: Outlet;
  readonly #budget: ReplayBudget;
  readonly #responsesOf: ResponsesOf;
  readonly #onGivenUp: () => void;
  #slice: ReadSlice | undefined;
  #responses: Generator<Segment[], undefined> | undefined;
  #isOver = false;
  /** How much had been written when it was looked at last. */
  #lookedAtBytes = -1;

  constructor(
    journal: JournalReading,
    outlet: Outlet,
    budget: ReplayBudget,
    responsesOf: ResponsesOf,
    onGivenUp: () => void,
  ) {
    this.#journal = journal;
    this.#outlet = outlet;
    this.#budget = budget;
    this.#responsesOf = responsesOf;
    this.#onGivenUp = onGivenUp;
  }

  /** Reads the slice after an offset, to be sent next. */
  async read(afterOffset: number, upToOffset: number): Promise<SliceFacts> {
    const slice = await this.#journal.slice(afterOffset, upToOffset);
    const { scannedTo, done, expiredBefore } = slice;
    const facts = {
      scannedTo,
      done,
      bytes: sliceBytes(slice),
      ...(expiredBefore === undefined ? {} : { expiredBefore }),
    };
    if (this.#isOver || expiredBefore !== undefined) {
      this.#journal.passedOn(slice);
      return facts;
    }
    this.#slice = slice;
    this.#responses = this.#responsesOf(slice, this.#budget.responseBytes);
    this.#budget.hold(this, slice);
    const isMore = !done && scannedTo < upToOffset;
    if (isMore && this.#budget.mayReadAhead(this, readBytes)) this.#journal.readAhead(scannedTo, upToOffset);
    return facts;
  }

  /**
   * Writes on: all of the slice to a transport that it can be taken back from, else its next response. False when there is
   * none, or it was let go of. Nothing here is asynchronous: a function that is suspended would keep what it has seen alive.
   */
  writeNext(): boolean {
    this.#budget.movedOn(this);
    const responses = this.#responses;
    if (responses === undefined) return false;
    const segments = this.#outlet.takesBack ? [...responses].flat() : (responses.next().value ?? []);
    this.#outlet.write(segments);
    return segments.length > 0;
  }

  /** All that was written was passed on. False when the slice was let go of before its end. */
  finish(): boolean {
    const slice = this.#slice;
    if (!this.#journal.isReadingAhead) this.#budget.release(this);
    if (slice === undefined) return false;
    this.#slice = undefined;
    this.#responses = undefined;
    this.#journal.passedOn(slice);
    return true;
  }

  /** Called every progress interval: a client that has taken nothing since then gets no more held for it. */
  look(): void {
    const { writtenBytes, isIdle } = this.#outlet;
    if (!isIdle && writtenBytes === this.#lookedAtBytes) this.#budget.shrink(this);
    this.#lookedAtBytes = writtenBytes;
  }

  letGo(): number {
    const { bytes, isOwn } = this.#outlet.takeBack();
    if (isOwn && this.#slice !== undefined) this.#journal.passedOn(this.#slice);
    this.#slice = undefined;
    this.#responses = undefined;
    this.#journal.forgetAhead();
    return bytes;
  }

  giveUp(): void {
    this.#onGivenUp();
  }

  /** Sending is over, for now or for good. */
  release(isOver: boolean): void {
    this.#isOver = isOver;
    this.#slice = undefined;
    this.#responses = undefined;
    this.#journal.forgetAhead();
    this.#journal.release();
    this.#budget.release(this);
  }
}
