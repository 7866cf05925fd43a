/** Answers to signed requests, kept as long as their signature would be accepted: a replay gets the first one's answer and stores nothing. */
const maxKept = 10_000;

export class Replays<Answer> {
  readonly #answers = new Map<string, { answer: Answer; untilMs: number }>();

  find(key: string, nowMs: number): Answer | undefined {
    const known = this.#answers.get(key);
    return known !== undefined && known.untilMs > nowMs ? known.answer : undefined;
  }

  remember(key: string, answer: Answer, untilMs: number): void {
    this.#answers.delete(key);
    this.#answers.set(key, { answer, untilMs });
    if (this.#answers.size > maxKept) this.#answers.delete(this.#answers.keys().next().value!);
  }
}
