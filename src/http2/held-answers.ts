/**
 * Answers that wait for clients to read them, over all connections. Beyond the bound the one that has waited longest is given
 * up: a client that asks and does not read cannot fill the memory, and those that read do not notice.
 */
const maxBytes = 128 * 1024 * 1024;

export class HeldAnswers {
  /** How to give each up; the one that has waited longest first. */
  readonly #answers = new Map<object, { bytes: number; giveUp: () => void }>();
  #bytes = 0;

  /** Gives a function for when it has been passed on, or was given up. */
  hold(bytes: number, giveUp: () => void): () => void {
    const answer = {};
    this.#answers.set(answer, { bytes, giveUp });
    this.#bytes += bytes;
    while (this.#bytes > maxBytes) {
      const [oldest] = this.#answers;
      if (oldest === undefined) break;
      this.#letGo(oldest[0]);
      oldest[1].giveUp();
    }
    return () => this.#letGo(answer);
  }

  #letGo(answer: object): void {
    this.#bytes -= this.#answers.get(answer)?.bytes ?? 0;
    this.#answers.delete(answer);
  }
}

/** One for all connections. */
export const heldAnswers = new HeldAnswers();
