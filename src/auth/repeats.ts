/**
 * Bounds what is told of things that happen again and again: the first of a kind in each minute are told one by one, the
 * rest as a number when the minute is over. However many kinds an attacker invents, memory and lines stay bounded.
 */
const maxKinds = 2_000;
const others = "others";

interface Kind {
  facts: object;
  times: number;
}

export class Repeats {
  readonly #each: number;
  readonly #tellRest: (facts: object, times: number) => void;
  readonly #now: () => number;
  #minute = 0;
  #kinds = new Map<string, Kind>();

  /**
   * @param each how many of a kind are told one by one
   * @param tellRest hears of a kind, by the facts of its first, how many more there were
   */
  constructor(each: number, tellRest: (facts: object, times: number) => void, now: () => number = Date.now) {
    this.#each = each;
    this.#tellRest = tellRest;
    this.#now = now;
  }

  /** Whether this one is to be told. */
  isTold(kind: string, facts: () => object): boolean {
    const minute = Math.floor(this.#now() / 60_000);
    if (minute !== this.#minute) {
      this.end();
      this.#minute = minute;
    }
    let known = this.#kinds.get(kind);
    if (known === undefined) {
      const isOther = this.#kinds.size >= maxKinds;
      known = (isOther ? this.#kinds.get(others) : undefined) ?? { facts: isOther ? {} : facts(), times: 0 };
      this.#kinds.set(isOther ? others : kind, known);
      if (isOther) known.times = Math.max(known.times, this.#each);
    }
    known.times++;
    return known.times <= this.#each;
  }

  /** The minute is over: tells what was not told. */
  end(): void {
    const kinds = this.#kinds;
    this.#kinds = new Map();
    for (const { facts, times } of kinds.values()) if (times > this.#each) this.#tellRest(facts, times - this.#each);
  }
}
