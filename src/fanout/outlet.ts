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
  /** Ends the stream: with OK when there is no error. */
  end(error?: CallwireError): void;
}

/** The array for a single buffer, always the same one. */
const oneBuffer: [Uint8Array] = [new Uint8Array(0)];

export class Outlet {
  readonly #sink: StreamSink;
  readonly #budget: QueueBudget;
  readonly #maxBytes: number;
  #queue: Segment[] | undefined;
  #queuedBytes = 0;
  #reservedBytes = 0;
  #writing = false;
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
    if (segments.length > 0 && !this.#closed) this.#write(segments);
    await this.idle();
  }

  /** What every live event of every subscriber comes through. */
  #writeOne({ bytes, offset }: Segment): void {
    this.#writing = true;
    this.writtenOffset = offset;
    this.writtenBytes += bytes.length;
    oneBuffer[0] = bytes;
    this.#sink.write(oneBuffer, this.#written);
  }

  #write(segments: readonly Segment[]): void {
    this.#writing = true;
    this.writtenOffset = segments.at(-1)!.offset;
    const buffers = segments.map(({ bytes }) => bytes);
    for (const { length } of buffers) this.writtenBytes += length;
    this.#sink.write(buffers, this.#written);
  }

  readonly #written = (error?: Error | null): void => {
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

  /** Reserves room for what will be read ahead of a write, of what all subscribers may hold; once at a time. */
  reserve(bytes: number): boolean {
    if (!this.#budget.reserve(bytes)) return false;
    this.#reservedBytes = bytes;
    return true;
  }

  unreserve(): void {
    this.#budget.unreserve(this.#reservedBytes);
    this.#reservedBytes = 0;
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

  /** The stream is gone: forgets everything and lets a waiter go. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.dropQueue();
    this.unreserve();
    this.#onIdle?.();
    this.#onIdle = undefined;
  }
}
