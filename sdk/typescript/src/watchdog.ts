/** Ends a stream on which nothing comes for too long while somebody waits for it. */
export class Watchdog {
  readonly #limitMs: number;
  readonly #onSilence: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether it has bitten. */
  expired = false;

  constructor(limitMs: number, onSilence: () => void) {
    this.#limitMs = limitMs;
    this.#onSilence = onSilence;
  }

  /** Waits for something, watched. Time between two waits does not count. */
  async watch<T>(something: Promise<T>): Promise<T> {
    this.#begin();
    try {
      return await something;
    } finally {
      clearTimeout(this.#timer);
    }
  }

  /**
   * Two timers, one after the other: when this process was held up for longer than the limit, both do not fire at once, and
   * what had come meanwhile is read before the second does.
   */
  #begin(): void {
    const halfMs = this.#limitMs / 2;
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(() => {
        this.expired = true;
        this.#onSilence();
      }, halfMs);
    }, halfMs);
  }
}
