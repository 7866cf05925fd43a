/**
 * Bounds what waits for slow subscribers over all of them. A buffer that waits for many counts once, since they share it.
 */
export class QueueBudget {
  readonly #maxBytes: number;
  readonly #waiters = new Map<Uint8Array, number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes a buffer on for one more waiter; false when that would exceed the bound. */
  retain(buffer: Uint8Array): boolean {
    const waiters = this.#waiters.get(buffer) ?? 0;
    if (waiters === 0) {
      if (this.#bytes + buffer.length > this.#maxBytes) return false;
      this.#bytes += buffer.length;
    }
    this.#waiters.set(buffer, waiters + 1);
    return true;
  }

  release(buffer: Uint8Array): void {
    const waiters = this.#waiters.get(buffer)! - 1;
    if (waiters > 0) {
      this.#waiters.set(buffer, waiters);
      return;
    }
    this.#waiters.delete(buffer);
    this.#bytes -= buffer.length;
  }
}
