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
    this.#timer = setTimeout(() => {
      this.expired = true;
      this.#onSilence();
    }, this.#limitMs);
    try {
      return await something;
    } finally {
      clearTimeout(this.#timer);
    }
  }
}
