/** Makes segments of the key index from stored blocks. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { decodeBlockKeys } from "../../filters/block-keys.ts";
import { type KeySegment, OpenSegment } from "../key-segment.ts";

export class KeyIndexer {
  readonly #next: StatementSync;

  constructor(database: DatabaseSync) {
    this.#next = database.prepare(
      "SELECT last, keys FROM event_block WHERE tenant = ? AND last > ? ORDER BY last LIMIT 1",
    );
  }

  /**
   * The segment of the events after an offset; undefined when there are not enough of them.
   *
   * @param pause awaited between any two blocks, each of which takes about a millisecond
   */
  async segment(
    tenant: string,
    number: number,
    after: number,
    pause: () => Promise<void>,
  ): Promise<KeySegment | undefined> {
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
