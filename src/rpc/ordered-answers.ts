/** Answers that become ready in any order and are given out in the order in which they were added; a bounded number waits. */
export class OrderedAnswers<T> implements AsyncIterable<T> {
  readonly #maxWaiting: number;
  readonly #waiting: Promise<T>[] = [];
  #end: { error: unknown } | undefined;
  #stopped = false;
  #changed = Promise.withResolvers<void>();

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /** Resolves when there is room for another; with false when nobody takes answers any more. */
  async add(answer: Promise<T>): Promise<boolean> {
    // A failure is met when its turn comes.
    answer.catch(() => {});
    this.#waiting.push(answer);
    this.#change();
    while (this.#waiting.length >= this.#maxWaiting && !this.#stopped) await this.#changed.promise;
    return !this.#stopped;
  }

  /** Nothing more is added. The error, if any, follows the answers. */
  finish(error?: unknown): void {
    this.#end = { error };
    this.#change();
  }

  stop(): void {
    this.#stopped = true;
    this.#change();
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const next = this.#waiting[0];
      if (next !== undefined) {
        yield await next;
        this.#waiting.shift();
        this.#change();
      } else if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error;
        return;
      } else {
        await this.#changed.promise;
      }
    }
  }
}
