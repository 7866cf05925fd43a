/** A list of u32 that keeps its memory when it is cleared, for what is done over and over. */

/** Much more than is usual: what has become longer gives its memory back. */
const maxKeptWords = 1 << 20;

export class WordList {
  readonly #initial: number;
  #values: Uint32Array;
  length = 0;

  /** @param initial how many words it has memory for at first */
  constructor(initial: number) {
    this.#initial = initial;
    this.#values = new Uint32Array(initial);
  }

  /** The words, the first `length` of which are the list's; others once there has been more to reserve. */
  get values(): Uint32Array {
    return this.#values;
  }

  /** Makes room for so many more words, and gives all. */
  reserve(more: number): Uint32Array {
    const needed = this.length + more;
    if (needed > this.#values.length) {
      const larger = new Uint32Array(Math.max(2 * this.#values.length, needed));
      larger.set(this.#values);
      this.#values = larger;
    }
    return this.#values;
  }

  push(word: number): void {
    this.reserve(1)[this.length++] = word;
  }

  clear(): void {
    this.length = 0;
    if (this.#values.length > maxKeptWords) this.#values = new Uint32Array(this.#initial);
  }
}
