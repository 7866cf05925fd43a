/**
 * A feed: all live subscribers whose responses are the same bytes. What it is given is encoded once and handed to each.
 */
import type { CompiledFilters } from "../filters/compile.ts";
import type { EncodedBlock } from "../log/block.ts";
import { type MaskProfile, maskKey } from "../masking/mask-profile.ts";
import type { MaskedFrames } from "./masked-frames.ts";
import { type Codec, eventSegment, nameBytes, type Segment } from "./segment.ts";

/** Everything that shapes a feed's bytes. */
export interface FeedShape {
  filters: CompiledFilters;
  scope: "event" | "call";
  view: "basic" | "full";
  mask: MaskProfile | undefined;
  codec: Codec;
  maxBatchEvents: number;
  lingerMs: number;
}

export interface FeedSubscriber {
  deliver(segment: Segment): void;
}

/** A response grows no further than this, unless one event alone is larger. */
const maxSegmentBytes = 256 * 1024;

export function feedKey(shape: FeedShape): string {
  const { filters, scope, view, mask, codec, maxBatchEvents, lingerMs } = shape;
  const masked = mask === undefined ? "" : maskKey(mask);
  return `${scope} ${view} ${codec} ${maxBatchEvents} ${lingerMs} ${filters.canonical} ${masked}`;
}

export class Feed {
  readonly shape: FeedShape;
  readonly subscribers = new Set<FeedSubscriber>();
  /** Those who are about to join. The feed sees every block meanwhile. */
  readonly expected = new Set<FeedSubscriber>();
  readonly #frame: (block: EncodedBlock, ordinal: number) => Uint8Array;
  readonly #formatCursor: (offset: number) => string;
  readonly #frames: Uint8Array[] = [];
  /** Of each event that is held, the names of the filters that matched it; only when they are told. */
  readonly #matches: string[][] = [];
  #events = 0;
  #bytes = 0;
  #lastOffset = 0;
  #timer: NodeJS.Timeout | undefined;
  /** What the sessions of before are that a feed of scope CALL follows; resolves once the feed knows. */
  readiness: Promise<void> | undefined;
  isReady: boolean;

  constructor(shape: FeedShape, masked: MaskedFrames, formatCursor: (offset: number) => string) {
    this.shape = shape;
    this.#frame = masked.frames(shape.view, shape.mask);
    this.#formatCursor = formatCursor;
    this.isReady = shape.scope === "event";
  }

  /** Whether events wait to be flushed. */
  get isHolding(): boolean {
    return this.#events > 0;
  }

  /** Takes all events of a block. */
  addBlock(block: EncodedBlock): void {
    const { view, maxBatchEvents } = this.shape;
    const plain = view === "basic" && this.shape.mask === undefined;
    const whole = plain && block.offsets.length <= maxBatchEvents && block.frames.length <= maxSegmentBytes;
    if (!whole) {
      for (let ordinal = 0; ordinal < block.offsets.length; ordinal++) this.#addEvent(block, ordinal);
      return;
    }
    this.#makeRoom(block.offsets.length, block.frames.length);
    this.#hold(block.frames, block.offsets.length, block.offsets.at(-1)!);
  }

  /** One of the filters matches an event. Events come in order, all matches of one before those of the next. */
  addMatch(block: EncodedBlock, ordinal: number, name: string): void {
    const isNew = block.offsets[ordinal]! > this.#lastOffset;
    if (isNew) this.#addEvent(block, ordinal);
    if (!this.shape.filters.tellsNames) return;
    this.#bytes += nameBytes(name);
    if (isNew) this.#matches.push([name]);
    else addName(this.#matches.at(-1)!, name);
  }

  #addEvent(block: EncodedBlock, ordinal: number): void {
    const frame = this.#frame(block, ordinal);
    this.#makeRoom(1, frame.length);
    this.#hold(frame, 1, block.offsets[ordinal]!);
  }

  #makeRoom(events: number, bytes: number): void {
    const tooMany = this.#events + events > this.shape.maxBatchEvents || this.#bytes + bytes > maxSegmentBytes;
    if (this.isHolding && tooMany) this.flush();
  }

  #hold(frames: Uint8Array, events: number, lastOffset: number): void {
    this.#frames.push(frames);
    this.#events += events;
    this.#bytes += frames.length;
    this.#lastOffset = lastOffset;
  }

  /** After a block's events: sends them, or lets them wait for company as long as the subscribers allow. */
  settle(): void {
    if (!this.isHolding) return;
    if (this.shape.lingerMs === 0 || this.#events >= this.shape.maxBatchEvents) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), this.shape.lingerMs);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.isHolding) return;
    if (this.subscribers.size === 0) return this.#forget();
    const matches = this.shape.filters.tellsNames ? this.#matches : undefined;
    const bytes = eventSegment(this.shape.codec, this.#frames, this.#formatCursor(this.#lastOffset), matches);
    const segment = { bytes, offset: this.#lastOffset };
    this.#forget();
    for (const subscriber of this.subscribers) subscriber.deliver(segment);
  }

  #forget(): void {
    this.#frames.length = 0;
    this.#matches.length = 0;
    this.#events = 0;
    this.#bytes = 0;
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

/** Names are told in their order. */
function addName(names: string[], name: string): void {
  if (names.includes(name)) return;
  names.push(name);
  names.sort();
}
