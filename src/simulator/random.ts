/**
 * A small seeded source of chance (xorshift128, seeded through splitmix32). The same seed gives the same draws on every
 * machine and Node version. Not for secrets.
 */
export class Random {
  readonly #seed: number;
  readonly #state = new Uint32Array(4);

  constructor(seed: number) {
    this.#seed = seed;
    let z = seed | 0;
    for (let i = 0; i < 4; i++) {
      z = (z + 0x9e3779b9) | 0;
      let word = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
      this.#state[i] = word ^ (word >>> 15);
    }
    this.#state[0]! |= 1; // An all-zero state would stay zero.
  }

  /** An independent source: drawing from it leaves this one's draws as they were. */
  fork(name: number): Random {
    return new Random(Math.imul(this.#seed ^ 0x5bd1e995, 0x9e3779b1) + Math.imul(name, 0x85ebca6b));
  }

  #uint32(): number {
    const state = this.#state;
    let t = state[3]!;
    const first = state[0]!;
    state.copyWithin(1, 0, 3);
    t ^= t << 11;
    t ^= t >>> 8;
    state[0] = t ^ first ^ (first >>> 19);
    return state[0]!;
  }

  /** A number in [0, 1). */
  unit(): number {
    return this.#uint32() / 2 ** 32;
  }

  /** An integer from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.unit() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  choose<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new RangeError("There is nothing to choose from.");
    return items[this.int(0, items.length - 1)]!;
  }

  /** One of the items, each as likely as its weight says. */
  weighted<Item>(items: readonly (readonly [item: Item, weight: number])[]): Item {
    let left = this.unit() * items.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [item, weight] of items) {
      left -= weight;
      if (left < 0) return item;
    }
    return items.at(-1)![0];
  }

  /** A waiting time whose mean is `meanMs`, as of independent arrivals: whole milliseconds, at least 1. */
  exponentialMs(meanMs: number): number {
    return Math.max(1, Math.round(-Math.log(1 - this.unit()) * meanMs));
  }

  hex(digits: number): string {
    let text = "";
    while (text.length < digits) text += this.#uint32().toString(16).padStart(8, "0");
    return text.slice(0, digits);
  }

  digits(count: number): string {
    let text = "";
    while (text.length < count) text += this.int(0, 9);
    return text;
  }

  /** A version 4 UUID. */
  uuid(): string {
    const hex = this.hex(31);
    const variant = "89ab"[this.int(0, 3)];
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-${variant}${hex.slice(15, 18)}-${hex.slice(18, 30)}`;
  }
}
