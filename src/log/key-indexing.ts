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
  /** From which head on a tenant is worth looking at. */
  readonly #dueAt = new Map<string, number>();
  #working = false;

  constructor(deps: KeyIndexingDeps) {
    this.#deps = deps;
  }

  /** A tenant has this many events now. */
  consider({ tenant, headOffset }: LogState): void {
    this.#heads.set(tenant, headOffset);
    if (headOffset >= (this.#dueAt.get(tenant) ?? segmentOffsets) && !this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let tenant = this.#due(); tenant !== undefined; tenant = this.#due()) {
      const head = this.#heads.get(tenant)!;
      this.#dueAt.set(tenant, head + segmentOffsets);
      try {
        this.#dueAt.set(tenant, await this.#index(tenant));
      } catch {
        // Told by whoever failed: the sequencer's health, or the reads that fail like this one.
      }
    }
    this.#working = false;
  }

  #due(): string | undefined {
    for (const [tenant, head] of this.#heads) {
      if (head >= (this.#dueAt.get(tenant) ?? segmentOffsets)) return tenant;
    }
    return undefined;
  }

  /** Makes and stores one segment, when there are enough events for it; gives the head at which the next is due. */
  async #index(tenant: string): Promise<number> {
    const { segment, indexedUpTo } = await this.#deps.nextSegment(tenant);
    if (segment === undefined) return indexedUpTo + segmentOffsets;
    await this.#deps.store(segment);
    return segment.last + segmentOffsets;
  }
}
