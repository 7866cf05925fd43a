/**
 * Waits of one length, nearly all of which are over before their time: they share a timer, since one for each would cost more
 * than what most of them wait for.
 */
interface Deadline {
  atMs: number;
  onLate: () => void;
}

export class Deadlines {
  readonly afterMs: number;
  /** The next one first. */
  readonly #deadlines = new Set<Deadline>();
  #timer: NodeJS.Timeout | undefined;

  constructor(afterMs: number) {
    this.afterMs = afterMs;
  }

  /** Calls back when the time has passed, unless the function that it gives is called before. */
  begin(onLate: () => void): () => void {
    const deadline = { atMs: performance.now() + this.afterMs, onLate };
    this.#deadlines.add(deadline);
    this.#wakeAfter(this.afterMs);
    return () => void this.#deadlines.delete(deadline);
  }

  #wakeAfter(ms: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#pass(), Math.ceil(ms)).unref();
  }

  /** The timer may have been set for one that was over in time. */
  #pass(): void {
    const nowMs = performance.now();
    for (const deadline of this.#deadlines) {
      if (deadline.atMs > nowMs) break;
      this.#deadlines.delete(deadline);
      deadline.onLate();
    }
    this.#timer = undefined;
    const [next] = this.#deadlines;
    if (next !== undefined) this.#wakeAfter(next.atMs - nowMs);
  }
}
