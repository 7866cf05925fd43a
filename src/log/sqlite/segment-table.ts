/** The tables of the key index: `key_segment` with a row a segment, `key_page` with its postings. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { KeySegment } from "../key-segment.ts";

/** A segment as a reader finds it. */
export interface StoredSegment {
  after: number;
  last: number;
  blocks: Uint32Array;
}

interface SegmentRow {
  after: number;
  last: number;
  blocks: Uint8Array;
}

function prepare(database: DatabaseSync) {
  const sql = (text: string): StatementSync => database.prepare(text);
  return {
    insert: sql("INSERT INTO key_segment (tenant, after, last, blocks) VALUES (?, ?, ?, ?)"),
    insertPage: sql("INSERT INTO key_page (tenant, last, page, postings) VALUES (?, ?, ?, ?)"),
    indexedUpTo: sql("SELECT max(last) AS last FROM key_segment WHERE tenant = ?"),
    holding: sql(
      "SELECT after, last, blocks FROM key_segment WHERE tenant = ? AND last >= ? AND after < ? ORDER BY last LIMIT 1",
    ),
    page: sql("SELECT postings FROM key_page WHERE tenant = ? AND last = ? AND page = ?"),
    deletePages: sql("DELETE FROM key_page WHERE tenant = ? AND last <= ?"),
    delete: sql("DELETE FROM key_segment WHERE tenant = ? AND last <= ?"),
  };
}

export class SegmentTable {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: DatabaseSync) {
    this.#sql = prepare(database);
  }

  /** The offset up to which a tenant's events are in segments; undefined when there is none. */
  indexedUpTo(tenant: number): number | undefined {
    return (this.#sql.indexedUpTo.get(tenant)!.last as number | null) ?? undefined;
  }

  add(tenant: number, { after, last, blocks, pages }: KeySegment): void {
    this.#sql.insert.run(tenant, after, last, new Uint8Array(blocks.buffer, blocks.byteOffset, blocks.byteLength));
    pages.forEach((postings, page) => this.#sql.insertPage.run(tenant, last, page, postings));
  }

  /** Drops the segments all of whose events are up to an offset. */
  trim(tenant: number, upToOffset: number): void {
    this.#sql.deletePages.run(tenant, upToOffset);
    this.#sql.delete.run(tenant, upToOffset);
  }

  /** The segment that an offset lies in. */
  holding(tenant: number, offset: number): StoredSegment | undefined {
    const row = this.#sql.holding.get(tenant, offset, offset) as unknown as SegmentRow | undefined;
    return row === undefined ? undefined : { ...row, blocks: new Uint32Array(row.blocks.slice().buffer) };
  }

  page(tenant: number, { last }: StoredSegment, page: number): Uint8Array {
    return this.#sql.page.get(tenant, last, page)!.postings as Uint8Array;
  }
}
