/**
 * The key index of history, made in the background: for every so many events one segment, with the postings of their filter
 * keys. Events after the last segment are found by looking at their blocks.
 */
import type { StoredBlockKeys } from "../filters/block-keys.ts";
import type { PostingsBuilder } from "../filters/postings-builder.ts";

/** A segment is closed with the block by which it spans so many offsets; a block has at most some thousand events. */
export const segmentOffsets = 8_192;

export interface KeySegment {
  tenant: string;
  /** Holds the keys of all events after this offset, up to `last`. */
  after: number;
  last: number;
  /** For each of its blocks two u32: last offset minus `after`, and the number of events up to the end of the block. */
  blocks: Uint32Array;
  /** See src/filters/postings.ts. */
  pages: Uint8Array[];
}

/** A segment in the making. */
export class OpenSegment {
  readonly #tenant: string;
  readonly #after: number;
  readonly #postings: PostingsBuilder;
  readonly #blocks: number[] = [];
  #last: number;

  /** @param postings what collects them, of no other segment meanwhile */
  constructor(tenant: string, after: number, postings: PostingsBuilder) {
    postings.clear();
    this.#postings = postings;
    this.#tenant = tenant;
    this.#after = after;
    this.#last = after;
  }

  get last(): number {
    return this.#last;
  }

  get isComplete(): boolean {
    return this.#last - this.#after >= segmentOffsets;
  }

  add(last: number, keys: StoredBlockKeys): void {
    this.#postings.add(keys);
    this.#last = last;
    this.#blocks.push(last - this.#after, this.#postings.count);
  }

  finish(): KeySegment {
    return {
      tenant: this.#tenant,
      after: this.#after,
      last: this.#last,
      blocks: Uint32Array.from(this.#blocks),
      pages: this.#postings.finish(),
    };
  }
}
