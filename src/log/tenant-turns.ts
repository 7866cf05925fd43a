/**
 * In which order requests of several tenants become groups. While one tenant is alone it fills groups large enough to be worth
 * their commit, and small enough that one is on its way to the disk while the next is worked out. As soon as there is another,
 * each gets a small share of every group in turn, so that a request waits for a share of each other tenant and not for all that
 * one of them has sent. Those who have little waiting go first, in every second group and without the others: their answers
 * take neither the work nor the commit of what the others send, and the others lose a small commit by it. The requests of one
 * tenant keep their order.
 */
export interface Turn {
  tenant: string;
  bytes: Uint8Array;
}

/** A group takes no more than this, so that an answer never waits for an endless group. */
const maxGroupBytes = 8 * 1024 * 1024;
const maxGroupRequests = 4_096;
/** What one of several tenants gets of a group, and one that is alone: some milliseconds of work. */
const shareBytes = 16 * 1024;
const aloneBytes = 48 * 1024;
/** A tenant of which no more waits goes first. */
const littleBytes = 8 * 1024;
/** A tenant counts as present for this long after its last request. */
const presentMs = 1_000;

export class TenantTurns<T extends Turn> {
  /** Those who wait, next turn first. */
  readonly #waiting = new Map<string, T[]>();
  readonly #lastMs = new Map<string, number>();
  #waitingBytes = 0;
  /** The last group was of those who have little waiting. */
  #wasOfLittle = false;
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  add(request: T): void {
    this.#waitingBytes += request.bytes.length;
    const own = this.#waiting.get(request.tenant);
    if (own === undefined) this.#waiting.set(request.tenant, [request]);
    else own.push(request);
    this.#lastMs.set(request.tenant, this.#now());
  }

  /** The next group; empty when nothing waits. */
  take(): T[] {
    const group: T[] = [];
    const share = this.#isShared() ? shareBytes : aloneBytes;
    let bytes = 0;
    for (const [tenant, own] of this.#thoseInTurn()) {
      let count = 0;
      let taken = 0;
      while (count < own.length && taken < share && group.length + count < maxGroupRequests && bytes < maxGroupBytes) {
        const { length } = own[count++]!.bytes;
        taken += length;
        bytes += length;
      }
      if (count === 0) break;
      group.push(...own.splice(0, count));
      // Whoever had a turn goes to the end.
      this.#waiting.delete(tenant);
      if (own.length > 0) this.#waiting.set(tenant, own);
    }
    this.#waitingBytes -= bytes;
    return group;
  }

  #thoseInTurn(): [string, T[]][] {
    const all = [...this.#waiting];
    const little = this.#wasOfLittle || all.length < 2 ? [] : all.filter(([, own]) => isLittle(own));
    this.#wasOfLittle = little.length > 0 && little.length < all.length;
    return this.#wasOfLittle ? little : all;
  }

  #isShared(): boolean {
    const since = this.#now() - presentMs;
    let present = 0;
    for (const [tenant, lastMs] of this.#lastMs) {
      if (lastMs >= since || this.#waiting.has(tenant)) present++;
      else this.#lastMs.delete(tenant);
    }
    return present > 1;
  }
}

function isLittle(requests: readonly Turn[]): boolean {
  let left = littleBytes;
  for (const { bytes } of requests) {
    left -= bytes.length;
    if (left < 0) return false;
  }
  return true;
}
