/**
 * Reads of history and calls that are answered at once are made a few at a time, and credentials take turns: whoever asks a
 * thousand times at once waits for itself, while others are answered in between.
 */
const atOnce = 4;

type Begin = () => void;

export class ReadingTurns<Reader extends object> {
  readonly #waiting = new Map<Reader, Begin[]>();
  #underWay = 0;

  /** Resolves when the reader's turn has come, with a function for when it is over. */
  async take(reader: Reader): Promise<() => void> {
    if (this.#underWay >= atOnce) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const own = this.#waiting.get(reader);
      if (own === undefined) this.#waiting.set(reader, [resolve]);
      else own.push(resolve);
      await promise;
    } else this.#underWay++;
    return () => this.#over();
  }

  /** Hands the turn on. */
  #over(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#underWay--;
      return;
    }
    const [reader, own] = next;
    const begin = own.shift()!;
    // Whoever had a turn goes to the end.
    this.#waiting.delete(reader);
    if (own.length > 0) this.#waiting.set(reader, own);
    begin();
  }
}
