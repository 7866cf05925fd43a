/** Finds what stored history is improved by next, for one reader thread. */
import type { DatabaseSync } from "node:sqlite";
import { segmentOffsets } from "../key-segment.ts";
import type { NextImprovement } from "../upkeep.ts";
import { BlockMerger } from "./block-merger.ts";
import { KeyIndexer, type Pause } from "./key-indexer.ts";
import { SegmentTable } from "./segment-table.ts";
import { TenantTable } from "./tenant-table.ts";

export class HistoryImprover {
  readonly #tenants: TenantTable;
  readonly #segments: SegmentTable;
  readonly #merger: BlockMerger;
  readonly #indexer: KeyIndexer;

  constructor(database: DatabaseSync) {
    this.#tenants = new TenantTable(database);
    this.#segments = new SegmentTable(database);
    this.#merger = new BlockMerger(database);
    this.#indexer = new KeyIndexer(database);
  }

  /**
   * Once there are enough events for another segment: the next block that their small blocks make, then the segment.
   *
   * @param after the last offset of the block that was merged before
   * @param pause awaited every few milliseconds
   */
  async next(tenant: string, after: number, pause: Pause): Promise<NextImprovement> {
    const { number, applied, trimmed } = this.#tenants.row(tenant);
    const indexedUpTo = this.#segments.indexedUpTo(number) ?? trimmed;
    if (applied - indexedUpTo < segmentOffsets) return { indexedUpTo };
    const begun = performance.now();
    const merged = this.#merger.next(tenant, number, Math.max(after, indexedUpTo), indexedUpTo + segmentOffsets);
    await pause(performance.now() - begun);
    if (merged !== undefined) return { merged };
    const segment = await this.#indexer.segment(tenant, number, indexedUpTo, pause);
    return segment === undefined ? { indexedUpTo } : { segment };
  }
}
