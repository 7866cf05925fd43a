/** Makes segments of the key index from stored blocks, for one reader thread. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { decodeBlockKeys } from "../../filters/block-keys.ts";
import { type KeySegment, OpenSegment, segmentOffsets } from "../key-segment.ts";
import { SegmentTable } from "./segment-table.ts";
import { TenantTable } from "./tenant-table.ts";

export class KeyIndexer {
  readonly #tenants: TenantTable;
  readonly #segments: SegmentTable;
  readonly #next: StatementSync;

  constructor(database: DatabaseSync) {
    this.#tenants = new TenantTable(database);
    this.#segments = new SegmentTable(database);
    this.#next = database.prepare(
      "SELECT last, keys FROM event_block WHERE tenant = ? AND last > ? ORDER BY last LIMIT 1",
    );
  }

  /** The offset up to which a tenant's events are in segments, or were trimmed. */
  indexedUpTo(tenant: string): number {
    const { number, trimmed } = this.#tenants.row(tenant);
    return Math.max(this.#segments.indexedUpTo(number) ?? 0, trimmed);
  }

  /**
   * Makes the segment that follows the last stored one; undefined when there are not enough events for it.
   *
   * @param pause lets others use the thread: each block takes about a millisecond
   */
  async nextSegment(tenant: string, pause: () => Promise<void>): Promise<KeySegment | undefined> {
    const { number, applied, trimmed } = this.#tenants.row(tenant);
    const after = this.#segments.indexedUpTo(number) ?? trimmed;
    if (applied - after < segmentOffsets) return undefined;
    const segment = new OpenSegment(tenant, after);
    while (!segment.isComplete) {
      await pause();
      const row = this.#next.get(number, segment.last) as { last: number; keys: Uint8Array } | undefined;
      if (row === undefined) return undefined;
      segment.add(row.last, decodeBlockKeys(row.keys));
    }
    return segment.finish();
  }
}
