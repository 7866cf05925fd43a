/**
 * The live end of one tenant's journal: takes committed blocks, finds the feeds that they match, and publishes the head up
 * to which everything has been handed on. A subscriber joins within one turn of the event loop, between two blocks.
 */
import { FilterIndex } from "../filters/filter-index.ts";
import { blockLastOffset, type EncodedBlock } from "../log/block.ts";
import { formatCursor } from "../log/cursor.ts";
import type { LogState } from "../log/gateway-log.ts";
import { Feed, type FeedShape, type FeedSubscriber, feedKey } from "./feed.ts";

export class Tail {
  /** Published up to here. Never beyond what is committed. */
  headOffset: number;
  state: LogState;
  readonly #feeds = new Map<string, Feed>();
  /** Feeds without filters. */
  readonly #unfiltered = new Set<Feed>();
  readonly #index = new FilterIndex<Feed>();
  readonly #waiting = new Set<() => void>();

  constructor(state: LogState) {
    this.state = state;
    this.headOffset = state.headOffset;
  }

  cursor(offset: number): string {
    return formatCursor(this.state.epoch, offset);
  }

  get headCursor(): string {
    return this.cursor(this.headOffset);
  }

  publish(block: EncodedBlock): void {
    const touched = new Set<Feed>(this.#unfiltered);
    for (const feed of this.#unfiltered) feed.addBlock(block);
    this.#publishFiltered(block, touched);
    this.headOffset = blockLastOffset(block);
    for (const feed of touched) feed.settle();
    this.#wake();
  }

  #publishFiltered(block: EncodedBlock, touched: Set<Feed>): void {
    if (this.#index.size === 0) return;
    let ordinal = -1;
    let names = new Map<Feed, string[]>();
    const flush = (): void => {
      for (const [feed, matched] of names) {
        feed.addEvent(block, ordinal, matched.sort());
        touched.add(feed);
      }
    };
    this.#index.match(block.keys, (at, feed, filter) => {
      if (at !== ordinal) {
        flush();
        names = new Map();
        ordinal = at;
      }
      const matched = names.get(feed);
      if (matched === undefined) names.set(feed, [filter.name]);
      else matched.push(filter.name);
    });
    flush();
  }

  /** The state changed: retention moved the oldest offset, or the head was published. */
  update(state: LogState): void {
    this.state = state;
    this.#wake();
  }

  /** Adds a subscriber that has been given everything up to the published head. */
  join(shape: FeedShape, subscriber: FeedSubscriber): Feed {
    const key = feedKey(shape);
    let feed = this.#feeds.get(key);
    if (feed === undefined) {
      feed = new Feed(shape, (offset) => this.cursor(offset));
      this.#feeds.set(key, feed);
      if (shape.filters.filters.length === 0) this.#unfiltered.add(feed);
      else this.#index.add(feed, shape.filters.filters);
    }
    // What the feed holds back lies before the head, and the newcomer has it.
    feed.flush();
    feed.subscribers.add(subscriber);
    return feed;
  }

  leave(feed: Feed, subscriber: FeedSubscriber): void {
    feed.subscribers.delete(subscriber);
    if (feed.subscribers.size > 0) return;
    feed.close();
    this.#feeds.delete(feedKey(feed.shape));
    this.#unfiltered.delete(feed);
    this.#index.remove(feed);
  }

  get feedCount(): number {
    return this.#feeds.size;
  }

  /** Calls back once, at the next change. Gives a function that withdraws it. */
  onNextChange(callback: () => void): () => void {
    const once = (): void => {
      this.#waiting.delete(once);
      callback();
    };
    this.#waiting.add(once);
    return () => this.#waiting.delete(once);
  }

  #wake(): void {
    for (const waiting of [...this.#waiting]) waiting();
  }
}
