/** Makes segments of the key index from stored blocks. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { openBlockKeys } from "../../filters/block-keys.ts";
import { PostingsBuilder } from "../../filters/postings-builder.ts";
import { type KeySegment, OpenSegment } from "../key-segment.ts";

/** Lets others use the thread after so many milliseconds of work. */
export type Pause = (workedMs: number) => Promise<void>;

export class KeyIndexer {
  readonly #next: StatementSync;
  readonly #postings = new PostingsBuilder();

  constructor(database: DatabaseSync) {
    this.#next = database.prepare(
      "SELECT last, keys FROM event_block WHERE tenant = ? AND last > ? ORDER BY last LIMIT 1",
    );
  }

  /**
   * The segment of the events after an offset; undefined when there are not enough of them.
   *
   * @param pause awaited after every block, each of which takes a millisecond or two
   */
  async segment(tenant: string, number: number, after: number, pause: Pause): Promise<KeySegment | undefined> {
    const segment = new OpenSegment(tenant, after, this.#postings);
    while (!segment.isComplete) {
      const begun = performance.now();
      const row = this.#next.get(number, segment.last) as { last: number; keys: Uint8Array } | undefined;
      if (row === undefined) return undefined;
      segment.add(row.last, openBlockKeys(row.keys));
      await pause(performance.now() - begun);
    }
    return segment.finish();
  }
}
