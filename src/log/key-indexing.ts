/**
 * Keeps the key index up with the log, in the background: a reader thread makes one segment at a time, the sequencer stores
 * it. A segment that cannot be made or stored now is tried again when there are more events.
 */
import type { LogState } from "./gateway-log.ts";
import { type KeySegment, segmentOffsets } from "./key-segment.ts";
import type { NextSegment } from "./reader-thread.ts";

export interface KeyIndexingDeps {
  nextSegment(tenant: string): Promise<NextSegment>;
  store(segment: KeySegment): Promise<void>;
}

export class KeyIndexing {
  readonly #deps: KeyIndexingDeps;
  readonly #heads = new Map<string, number>();
  readonly #indexed = new Map<string, number>();
  /** The head at which a segment could not be made or stored. */
  readonly #failedAt = new Map<string, number>();
  #working = false;

  constructor(deps: KeyIndexingDeps) {
    this.#deps = deps;
  }

  /** The offset up to which a tenant's events are known to be in the index. */
  indexedUpTo(tenant: string): number {
    return this.#indexed.get(tenant) ?? 0;
  }

  /** A tenant has this many events now. */
  consider({ tenant, headOffset }: LogState): void {
    this.#heads.set(tenant, headOffset);
    if (!this.#working && this.#isDue(tenant, headOffset)) void this.#work();
  }

  #isDue(tenant: string, head: number): boolean {
    return head >= this.indexedUpTo(tenant) + segmentOffsets && head > (this.#failedAt.get(tenant) ?? 0);
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let tenant = this.#due(); tenant !== undefined; tenant = this.#due()) {
      const head = this.#heads.get(tenant)!;
      try {
        this.#indexed.set(tenant, await this.#index(tenant));
      } catch {
        // Told by whoever failed: the sequencer's health, or the reads that fail like this one.
        this.#failedAt.set(tenant, head);
      }
    }
    this.#working = false;
  }

  #due(): string | undefined {
    return [...this.#heads].find(([tenant, head]) => this.#isDue(tenant, head))?.[0];
  }

  /** Makes and stores one segment, when there are enough events for it; gives the offset up to which there are segments. */
  async #index(tenant: string): Promise<number> {
    const { segment, indexedUpTo } = await this.#deps.nextSegment(tenant);
    if (segment === undefined) return indexedUpTo;
    await this.#deps.store(segment);
    return segment.last;
  }
}
