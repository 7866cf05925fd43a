/**
 * Keeps stored history quick to read, in the background: small blocks become larger ones, and the key index follows the log. A
 * reader thread makes one piece at a time, the sequencer stores it. A piece that cannot be made or stored now is tried again
 * when there are more events.
 */
import type { LogState } from "./gateway-log.ts";
import { type KeySegment, segmentOffsets } from "./key-segment.ts";
import type { MergedBlock } from "./merged-block.ts";
import type { View } from "./view.ts";

/** Something better than what is stored. */
export type Improvement = { merged: MergedBlock } | { segment: KeySegment };

/** Stores it within the current group. */
export function storeImprovement(view: View, improvement: Improvement): void {
  if ("merged" in improvement) view.replaceBlocks(improvement.merged);
  else view.addKeySegment(improvement.segment);
}

/** Its bytes, to be handed from thread to thread. */
export function improvementBuffers(improvement: Improvement): ArrayBuffer[] {
  if ("segment" in improvement) return improvement.segment.pages.map(({ buffer }) => buffer as ArrayBuffer);
  const { positions, frames, keys } = improvement.merged;
  return [positions, frames, keys].map(({ buffer }) => buffer as ArrayBuffer);
}

/** The next thing to do for a tenant, or the offset up to which all is done. */
export type NextImprovement = Improvement | { indexedUpTo: number };

export interface UpkeepDeps {
  /** @param after where to go on: the last offset of the block that was merged before */
  next(tenant: string, after: number): Promise<NextImprovement>;
  store(improvement: Improvement): Promise<void>;
}

export class Upkeep {
  readonly #deps: UpkeepDeps;
  readonly #heads = new Map<string, number>();
  readonly #indexed = new Map<string, number>();
  /** The head at which something could not be made or stored. */
  readonly #failedAt = new Map<string, number>();
  #working = false;

  constructor(deps: UpkeepDeps) {
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
        this.#indexed.set(tenant, await this.#improve(tenant));
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

  /** Merges what the next segment is made of, then stores the segment; gives the offset up to which there are segments. */
  async #improve(tenant: string): Promise<number> {
    for (let after = 0; ; ) {
      const next = await this.#deps.next(tenant, after);
      if ("indexedUpTo" in next) return next.indexedUpTo;
      await this.#deps.store(next);
      if ("segment" in next) return next.segment.last;
      after = next.merged.last;
    }
  }
}
