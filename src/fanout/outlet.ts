/**
 * The way out to one subscriber: at most one write under way, the rest waits here as references, in order and bounded.
 */
import type { CallwireError } from "../errors/callwire-error.ts";
import type { QueueBudget } from "./queue-budget.ts";
import { type Codec, detach, type Segment } from "./segment.ts";

/** A stream's transport. */
export interface StreamSink {
  readonly codec: Codec;
  /**
   * Writes enveloped messages; calls back once the transport has passed them on and more may be written, or with an error
   * when it never will. The array is the caller's, and is used again.
   */
  write(buffers: readonly Uint8Array[], done: (error?: Error | null) => void): void;
  /** Whether something of a write can be taken back. */
  readonly takesBack: boolean;
  /**
   * Takes back what waits of the write under way, but for what is up to the next of the ends, which it copies.
   *
   * @param ends the numbers of buffers after which the write may be cut, ascending; the last is all of them
   */
  takeBack(ends: readonly number[]): Kept;
  /** Ends the stream: with OK when there is no error. */
  end(error?: CallwireError): void;
  /** Ends the stream at once, without a word to a client that does not read. */
  abandon(): void;
}

/** What is kept of a write. */
export interface Kept {
  buffers: number;
  /** That wait. */
  bytes: number;
  /** Nothing refers any more to the buffers that were given. */
  isOwn: boolean;
}

/** The array for a single buffer, always the same one. */
const oneBuffer: [Uint8Array] = [new Uint8Array(0)];

export class Outlet {
  readonly #sink: StreamSink;
  readonly #budget: QueueBudget;
  readonly #maxBytes: number;
  #queue: Segment[] | undefined;
  #queuedBytes = 0;
  #writing = false;
  /** Of the write under way: the offset and the bytes of each segment, of one that waited or was read. */
  #written: { offset: number; bytes: number }[] = [];
  #closed = false;
  #onIdle: (() => void) | undefined;
  /** The offset of the newest cursor handed to the transport. */
  writtenOffset = 0;
  writtenBytes = 0;

  constructor(sink: StreamSink, budget: QueueBudget, maxBytes: number) {
    this.#sink = sink;
    this.#budget = budget;
    this.#maxBytes = maxBytes;
  }

  get isIdle(): boolean {
    return !this.#writing && this.#queue === undefined;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Sends at once or queues; false, and nothing is taken, when the consumer is too slow for that. */
  offer(segment: Segment): boolean {
    if (!this.#writing) {
      this.#writeOne(segment);
      return true;
    }
    if (this.#queuedBytes + segment.bytes.length > this.#maxBytes) return false;
    detach(segment);
    if (!this.#budget.retain(segment.bytes)) return false;
    this.#queue ??= [];
    this.#queue.push(segment);
    this.#queuedBytes += segment.bytes.length;
    return true;
  }

  /** Sends once nothing is under way; resolves when the transport has passed it on. */
  async send(segments: readonly Segment[]): Promise<void> {
    await this.idle();
    this.write(segments);
    await this.idle();
  }

  /** Sends; nothing may be under way. */
  write(segments: readonly Segment[]): void {
    if (segments.length > 0 && !this.#closed) this.#write(segments);
  }

  /** What every live event of every subscriber comes through. */
  #writeOne({ bytes, offset }: Segment): void {
    this.#writing = true;
    this.writtenOffset = offset;
    this.writtenBytes += bytes.length;
    if (this.#written.length > 0) this.#written = [];
    oneBuffer[0] = bytes;
    this.#sink.write(oneBuffer, this.#onPassed);
  }

  #write(segments: readonly Segment[]): void {
    this.#writing = true;
    this.writtenOffset = segments.at(-1)!.offset;
    const buffers = segments.map(({ bytes }) => bytes);
    this.#written = segments.map(({ offset, bytes }) => ({ offset, bytes: bytes.length }));
    for (const { length } of buffers) this.writtenBytes += length;
    this.#sink.write(buffers, this.#onPassed);
  }

  readonly #onPassed = (error?: Error | null): void => {
    // The stream is gone, and the subscription is about to be told.
    if (error) return;
    this.#writing = false;
    if (this.#closed) return;
    if (this.#queue !== undefined) {
      this.#write(this.#takeQueue());
      return;
    }
    const waiting = this.#onIdle;
    this.#onIdle = undefined;
    waiting?.();
  };

  #takeQueue(): Segment[] {
    const segments = this.#queue ?? [];
    for (const { bytes } of segments) this.#budget.release(bytes);
    this.#queue = undefined;
    this.#queuedBytes = 0;
    return segments;
  }

  get takesBack(): boolean {
    return this.#sink.takesBack;
  }

  /** Takes back what has not begun to go out, in whole responses. */
  takeBack(): Pick<Kept, "bytes" | "isOwn"> {
    if (!this.#writing) return { bytes: 0, isOwn: true };
    const written = this.#written;
    // Pieces of one response have the same offset.
    const ends = written.flatMap(({ offset }, index) => (written[index + 1]?.offset === offset ? [] : [index + 1]));
    if (ends.length === 0) return { bytes: 0, isOwn: false };
    const kept = this.#sink.takeBack(ends);
    for (const { bytes } of written.slice(kept.buffers)) this.writtenBytes -= bytes;
    this.#written = written.slice(0, kept.buffers);
    this.writtenOffset = this.#written.at(-1)!.offset;
    return kept;
  }

  /** Forgets what waits. */
  dropQueue(): void {
    this.#takeQueue();
  }

  /** Resolves when nothing is under way, or when the outlet was closed. One waiter at a time. */
  idle(): Promise<void> {
    if (this.isIdle || this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Ends the stream once. */
  end(error?: CallwireError): void {
    if (this.#closed) return;
    this.close();
    this.#sink.end(error);
  }

  /** Ends the stream without waiting for its client. */
  abandon(): void {
    if (this.#closed) return;
    this.close();
    this.#sink.abandon();
  }

  /** The stream is gone: forgets everything and lets a waiter go. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.dropQueue();
    this.#onIdle?.();
    this.#onIdle = undefined;
  }
}
