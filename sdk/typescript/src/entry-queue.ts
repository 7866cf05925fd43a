/** What was received and not handled yet, between the reader of the stream and the consumer. Bounded. */
import type { Entry } from "./entries.ts";

/** How a subscription ends without an error: a bounded one was delivered to its end, or it was closed. */
export type Outcome = "completed" | "closed";

type End = { outcome: Outcome } | { error: unknown };

export class EntryQueue {
  readonly #capacity: number;
  #entries: Entry[] = [];
  #head = 0;
  #end: End | undefined;
  #onEntry: (() => void) | undefined;
  #onRoom: (() => void) | undefined;

  constructor(capacity: number) {
    this.#capacity = Math.max(capacity, 1);
  }

  get #size(): number {
    return this.#entries.length - this.#head;
  }

  push(entries: readonly Entry[]): void {
    if (this.#end !== undefined) return;
    for (const entry of entries) {
      const last = this.#size > 0 ? this.#entries.at(-1) : undefined;
      // Positions while nothing matches replace each other, however long the consumer takes.
      if (last !== undefined && isSilent(last) && isSilent(entry)) last.state = entry.state;
      else this.#entries.push(entry);
    }
    this.#onEntry?.();
  }

  /** Resolves when there is room for another response; at once after the end. */
  async room(): Promise<void> {
    while (this.#size >= this.#capacity && this.#end === undefined) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    }
  }

  /** Nothing follows. What was received is still handed out. */
  end(end: End): void {
    this.#end ??= end;
    this.#onEntry?.();
    this.#onRoom?.();
  }

  /** Nothing follows, and what was received and not handed out is dropped. */
  endNow(end: End): void {
    this.#entries = [];
    this.#head = 0;
    this.#end = end;
    this.#onEntry?.();
    this.#onRoom?.();
  }

  /** The next entry, when it is there already and has a delivery. */
  takeDelivery(): Entry | undefined {
    return this.#entries[this.#head]?.delivery === undefined ? undefined : this.#shift();
  }

  /** The next entry, or how it ended. One caller at a time. @throws the error it ended with */
  async take(): Promise<Entry | Outcome> {
    while (this.#size === 0) {
      if (this.#end !== undefined) {
        if ("error" in this.#end) throw this.#end.error;
        return this.#end.outcome;
      }
      await new Promise<void>((resolve) => {
        this.#onEntry = resolve;
      });
    }
    return this.#shift();
  }

  #shift(): Entry {
    const entry = this.#entries[this.#head++]!;
    if (this.#head > 1_000 || this.#size === 0) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    if (this.#size < this.#capacity) this.#onRoom?.();
    return entry;
  }
}

function isSilent(entry: Entry): boolean {
  return entry.delivery === undefined && entry.status === undefined;
}
