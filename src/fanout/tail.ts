/**
 * The live end of one tenant's journal: takes committed blocks, finds the feeds that they match, and publishes the head up
 * to which everything has been handed on. A subscriber joins within one turn of the event loop, between two blocks.
 */
import type { CompiledFilter } from "../filters/compile.ts";
import { FilterIndex, passesGate } from "../filters/filter-index.ts";
import { blockLastOffset, type EncodedBlock } from "../log/block.ts";
import { timestampFromMs } from "../log/block-builder.ts";
import { formatCursor } from "../log/cursor.ts";
import type { FollowedSession } from "../log/event-reader.ts";
import type { LogState } from "../log/gateway-log.ts";
import { Feed, type FeedShape, type FeedSubscriber, feedKey } from "./feed.ts";
import { FollowedSessions } from "./followed-sessions.ts";
import { MaskedFrames } from "./masked-frames.ts";
import { type Codec, responseSegment, type Segment } from "./segment.ts";

export class Tail {
  /** Published up to here. Never beyond what is committed. */
  headOffset: number;
  state: LogState;
  readonly #feeds = new Map<string, Feed>();
  /** Feeds without filters. */
  readonly #unfiltered = new Set<Feed>();
  readonly #index = new FilterIndex<Feed>();
  readonly #followed = new FollowedSessions<Feed>();
  readonly #masked = new MaskedFrames();
  readonly #waiting = new Set<() => void>();
  /** Filtered feeds that the newest block has events for. */
  readonly #touched = new Set<Feed>();
  #newest: EncodedBlock | undefined;
  /** The progress that was told last. */
  #progress: { codec: Codec; offset: number; nowMs: number; headOffset: number; segment: Segment } | undefined;

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
    this.#newest = block;
    for (const feed of this.#unfiltered) feed.addBlock(block);
    if (this.#index.size > 0) {
      if (this.#followed.isEmpty) this.#index.match(block.keys, this.#onMatch);
      else this.#publishFollowed(block);
    }
    this.headOffset = blockLastOffset(block);
    for (const feed of this.#unfiltered) feed.settle();
    for (const feed of this.#touched) feed.settle();
    this.#touched.clear();
    this.#wake();
  }

  /** A filter matches an event of the newest block. Made once: a block may have thousands of matches. */
  readonly #onMatch = (ordinal: number, feed: Feed, { name }: CompiledFilter): void => {
    feed.addMatch(this.#newest!, ordinal, name);
    this.#touched.add(feed);
  };

  /** With feeds that follow sessions an event goes also to those that earlier events of its session matched. */
  #publishFollowed(block: EncodedBlock): void {
    const events = new Map<number, Map<Feed, Set<string>>>();
    this.#index.match(block.keys, (ordinal, feed, { name }) => {
      let feeds = events.get(ordinal);
      if (feeds === undefined) {
        feeds = new Map();
        events.set(ordinal, feeds);
      }
      const names = feeds.get(feed);
      if (names === undefined) feeds.set(feed, new Set([name]));
      else names.add(name);
    });
    for (let ordinal = 0; ordinal < block.offsets.length; ordinal++) {
      const feeds = this.#withFollowers(block, ordinal, events.get(ordinal));
      for (const [feed, names] of feeds) {
        for (const name of names) feed.addMatch(block, ordinal, name);
        this.#touched.add(feed);
      }
    }
    this.#followed.forgetSealed(block);
  }

  /** Adds the feeds that follow the event's session, and lets those follow it that it matches. */
  #withFollowers(
    { sessionOffsets, keys }: EncodedBlock,
    ordinal: number,
    direct: Map<Feed, ReadonlySet<string>> = new Map(),
  ): ReadonlyMap<Feed, ReadonlySet<string>> {
    const session = sessionOffsets[ordinal]!;
    for (const [feed, names] of direct) this.#followed.follow(feed, session, names);
    for (const [feed, names] of this.#followed.of(session) ?? []) {
      if (passesGate(feed.shape.filters.gate, keys, ordinal)) direct.set(feed, names);
    }
    return direct;
  }

  /** What a consumer is told of its progress: of an offset that it can resume from. Equal ones are encoded once. */
  progress(codec: Codec, offset: number, nowMs: number): Segment {
    const told = this.#progress;
    if (
      told?.offset === offset &&
      told.nowMs === nowMs &&
      told.codec === codec &&
      told.headOffset === this.headOffset
    ) {
      return told.segment;
    }
    const bytes = responseSegment(codec, {
      cursor: this.cursor(offset),
      progress: {
        headCursor: this.headCursor,
        eventsBehind: BigInt(Math.max(this.headOffset - offset, 0)),
        serverTime: timestampFromMs(nowMs),
      },
    });
    const segment = { bytes, offset };
    this.#progress = { codec, offset, nowMs, headOffset: this.headOffset, segment };
    return segment;
  }

  /** The state changed: retention moved the oldest offset, or the head was published. */
  update(state: LogState): void {
    this.state = state;
    this.#wake();
  }

  /**
   * The feed of a shape, which sees every block from now on. One of scope CALL is ready once it knows which sessions of
   * before it follows: those that `followed` gives for the published head.
   */
  expect(
    shape: FeedShape,
    subscriber: FeedSubscriber,
    followed: (upToOffset: number) => Promise<FollowedSession[]>,
  ): Feed {
    const key = feedKey(shape);
    let feed = this.#feeds.get(key);
    if (feed === undefined) {
      feed = new Feed(shape, this.#masked, (offset) => this.cursor(offset));
      this.#feeds.set(key, feed);
      if (shape.filters.filters.length === 0) this.#unfiltered.add(feed);
      else this.#index.add(feed, shape.filters.filters);
      if (!feed.isReady) feed.readiness = this.#followOlder(feed, followed);
    }
    feed.expected.add(subscriber);
    return feed;
  }

  async #followOlder(feed: Feed, followed: (upToOffset: number) => Promise<FollowedSession[]>): Promise<void> {
    this.#followed.add(feed);
    for (const { sessionOffset, filters } of await followed(this.headOffset)) {
      this.#followed.follow(feed, sessionOffset, filters);
    }
    feed.isReady = true;
  }

  /** Adds an expected subscriber that has been given everything up to the published head. */
  join(feed: Feed, subscriber: FeedSubscriber): void {
    // What the feed holds back lies before the head, and the newcomer has it.
    feed.flush();
    feed.expected.delete(subscriber);
    feed.subscribers.add(subscriber);
  }

  leave(feed: Feed, subscriber: FeedSubscriber): void {
    feed.subscribers.delete(subscriber);
    feed.expected.delete(subscriber);
    if (feed.subscribers.size + feed.expected.size > 0) return;
    feed.close();
    this.#feeds.delete(feedKey(feed.shape));
    this.#unfiltered.delete(feed);
    this.#index.remove(feed);
    this.#followed.remove(feed);
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
