/** Makes segments of the key index from stored blocks. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { openBlockKeys } from "../../filters/block-keys.ts";
import { PostingsBuilder } from "../../filters/postings-builder.ts";
import { giveBack } from "../give-back.ts";
import { type KeySegment, OpenSegment } from "../key-segment.ts";

/** Lets others use the thread after so many milliseconds of work. */
export type Pause = (workedMs: number) => Promise<void>;

/** Blocks are gone through for so long at a time; most take a fraction of a millisecond. */
const stretchMs = 2;

export class KeyIndexer {
  readonly #next: StatementSync;
  readonly #postings = new PostingsBuilder();

  constructor(database: DatabaseSync) {
    this.#next = database.prepare(
      "SELECT last, keys FROM event_block WHERE tenant = ? AND last > ? ORDER BY last LIMIT 1",
    );
  }

  /**
   * The segment of the events after an offset; undefined when there are not enough of them. One at a time.
   *
   * @param pause awaited every few milliseconds
   */
  async segment(tenant: string, number: number, after: number, pause: Pause): Promise<KeySegment | undefined> {
    const segment = new OpenSegment(tenant, after, this.#postings);
    let begun = performance.now();
    while (!segment.isComplete) {
      const row = this.#next.get(number, segment.last) as { last: number; keys: Uint8Array } | undefined;
      if (row === undefined) return undefined;
      segment.add(row.last, openBlockKeys(row.keys));
      giveBack(row.keys);
      const workedMs = performance.now() - begun;
      if (workedMs < stretchMs) continue;
      await pause(workedMs);
      begun = performance.now();
    }
    return segment.finish();
  }
}
