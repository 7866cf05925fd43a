/** A subscription as its user holds it: two ways to consume, what counts as handled, and the ways to end it. */
import { type Checkpoint, type CheckpointState, MemoryCheckpoint } from "./checkpoint.ts";
import { CheckpointSaver } from "./checkpoint-saver.ts";
import type { Delivery } from "./delivery.ts";
import type { Entry } from "./entries.ts";
import { EntryQueue, type Outcome } from "./entry-queue.ts";
import { Feed, type FeedSource } from "./feed.ts";
import { cancelled } from "./retry.ts";
import { defaultBuffer, type SubscribeOptions } from "./subscribe-options.ts";

/**
 * Handles one delivery; it counts as handled when this returns.
 * @param signal aborts when the subscription is cancelled
 */
export type DeliveryHandler = (delivery: Delivery, signal: AbortSignal) => Promise<void> | void;

/**
 * A stream of deliveries that outlives its connections. Consume it once, by `run` or by `for await`; nothing is asked of the
 * gateway before. In a loop a delivery counts as handled when the next one is asked for, so one that is left by `break` or by
 * an error is delivered again after a restart; call `close()` before `break` to count it.
 */
export class Subscription implements AsyncIterable<Delivery, Outcome, undefined>, AsyncDisposable {
  readonly #source: FeedSource;
  readonly #options: SubscribeOptions;
  readonly #checkpoint: Checkpoint;
  readonly #queue: EntryQueue;
  readonly #stopReading = new AbortController();
  readonly #cancel = new AbortController();
  readonly #finished = Promise.withResolvers<void>();
  readonly #onFinished: (subscription: Subscription) => void;
  #consumption: "none" | "handler" | "loop" = "none";
  #saver: CheckpointSaver | undefined;
  #handled: CheckpointState = { cursor: "", filterDigest: "" };
  #reading: Promise<void> = Promise.resolve();
  /** The entry that the loop's body is at work on. */
  #inHand: Entry | undefined;
  #isClosing = false;
  #isFinished = false;
  #rejectHandler: ((reason: unknown) => void) | undefined;

  /** For `Client.subscribe`. */
  constructor(source: FeedSource, options: SubscribeOptions, onFinished: (subscription: Subscription) => void) {
    this.#source = source;
    this.#options = options;
    this.#checkpoint = options.checkpoint ?? new MemoryCheckpoint();
    this.#queue = new EntryQueue(options.buffer ?? defaultBuffer);
    this.#onFinished = onFinished;
    // Whoever consumes is told of an error; the promise is for `close`.
    this.#finished.promise.catch(() => {});
    options.signal?.addEventListener("abort", this.#onSignal, { once: true });
    if (options.signal?.aborted === true) this.#onSignal();
  }

  /** The cursor up to which everything was handled; empty before the first. */
  get cursor(): string {
    return this.#handled.cursor;
  }

  /**
   * Hands every delivery to `handler`, one after the other.
   * @returns "completed" when a bounded subscription is delivered to its end, "closed" after `close()`
   * @throws what the handler throws (its delivery is not handled), what the checkpoint throws, or CallwireError
   */
  async run(handler: DeliveryHandler): Promise<Outcome> {
    this.#consume("handler");
    return this.#finishing(async () => {
      await this.#start();
      for (;;) {
        // What is there already is not waited for: a turn of the promises costs as much as a delivery.
        const entry = this.#queue.takeDelivery() ?? (await this.#take());
        if (typeof entry === "string") return entry;
        const handling = handler(entry.delivery!, this.#cancel.signal);
        if (handling !== undefined) await this.#untilCancelled(handling);
        const saving = this.#commit(entry);
        if (saving !== undefined) await saving;
      }
    });
  }

  [Symbol.asyncIterator](): AsyncIterator<Delivery, Outcome, undefined> {
    let started = false;
    const next = async (committed?: Promise<void>): Promise<IteratorResult<Delivery, Outcome>> => {
      if (!started) this.#consume("loop");
      if (this.#isFinished) return { done: true, value: "closed" };
      const step = async (): Promise<Entry | Outcome> => {
        if (!started) await this.#start();
        started = true;
        await (committed ?? this.#commitInHand());
        return this.#take();
      };
      const entry = await step().catch((error: unknown) => this.#finishing(() => Promise.reject(error)));
      if (typeof entry === "string") return { done: true, value: await this.#finishing(async () => entry) };
      this.#inHand = entry;
      return { done: false, value: entry.delivery! };
    };
    return {
      // What is there already is given at once.
      next: () => {
        if (!started || this.#isFinished) return next();
        const saving = this.#commitInHand();
        const entry = saving === undefined ? this.#queue.takeDelivery() : undefined;
        if (entry === undefined) return next(saving);
        this.#inHand = entry;
        return Promise.resolve({ done: false, value: entry.delivery! });
      },
      return: async () => {
        const value = await this.#finishing(async () => {
          if (this.#isClosing) await this.#commitInHand();
          return "closed" as const;
        });
        return { done: true, value };
      },
    };
  }

  /**
   * Stops reading, lets the handler of the current delivery finish, saves the checkpoint and ends the stream. Within a
   * handler call it without awaiting it, since it waits for that handler. Within a loop it does not wait for the delivery in
   * hand, which is handled and saved when the loop goes on or is left.
   */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#queue.endNow({ outcome: "closed" });
    this.#stopReading.abort();
    if (this.#consumption === "none") return this.#release();
    if (this.#inHand !== undefined) return this.#saver?.flush();
    await this.#finished.promise;
  }

  /** Ends the subscription at once with a CallwireError CANCELLED. What was handled is saved when this returns. */
  async cancel(reason?: unknown): Promise<void> {
    const error = cancelled(reason);
    this.#cancel.abort(error);
    this.#queue.endNow({ error });
    this.#stopReading.abort();
    this.#rejectHandler?.(error);
    if (this.#consumption === "none") return this.#release();
    if (this.#inHand !== undefined) return this.#saver?.flush();
    await this.#finished.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  readonly #onSignal = (): void => {
    // A failure to save is told to whoever consumes.
    this.cancel(this.#options.signal?.reason).catch(() => {});
  };

  #consume(how: "handler" | "loop"): void {
    if (this.#consumption !== "none") throw new Error("a subscription is consumed once: subscribe again");
    this.#consumption = how;
  }

  async #start(): Promise<void> {
    const { start, save = {} } = this.#options;
    const saved = await this.#checkpoint.load();
    this.#saver = new CheckpointSaver(this.#checkpoint, save, saved, (error) => this.#queue.endNow({ error }));
    const after = typeof start === "object" && "afterCursor" in start ? start.afterCursor : "";
    if (saved !== undefined) this.#handled = saved;
    const from = saved ?? { cursor: after, filterDigest: "" };
    const feed = new Feed(this.#source, this.#options, from, this.#queue, this.#stopReading.signal);
    this.#reading = feed.run();
  }

  /** The next entry with a delivery; what comes before it and has none is handled by being met. */
  async #take(): Promise<Entry | Outcome> {
    for (;;) {
      const entry = await this.#queue.take();
      if (typeof entry === "string" || entry.delivery !== undefined) return entry;
      if (entry.status !== undefined) this.#options.onStatus?.(entry.status);
      await this.#commit(entry);
    }
  }

  #commit({ state, delivery }: Entry): Promise<void> | undefined {
    this.#handled = state;
    return this.#saver?.note(state, delivery?.kind === "event" ? 1 : 0);
  }

  /** A promise when that is waited for. */
  #commitInHand(): Promise<void> | undefined {
    const entry = this.#inHand;
    this.#inHand = undefined;
    return entry === undefined ? undefined : this.#commit(entry);
  }

  /** Waits for a handler, no longer than until the subscription is cancelled. */
  #untilCancelled(handling: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#cancel.signal.aborted) reject(this.#cancel.signal.reason);
      this.#rejectHandler = reject;
      handling.then(resolve, reject);
    });
  }

  /** Does the last of the consumption, then saves and releases everything, whatever came of it. */
  async #finishing<T>(last: () => Promise<T>): Promise<T> {
    const outcome = await last().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    const failedSave = await this.#finish();
    if ("value" in outcome && failedSave === undefined) return outcome.value;
    const errors = new Set([...("error" in outcome ? [outcome.error] : []), ...(failedSave ?? [])]);
    throw errors.size === 1
      ? [...errors][0]
      : new AggregateError(errors, "the subscription failed, and so did its save");
  }

  /** @returns the error of the last save, in a list, when it failed */
  async #finish(): Promise<[unknown] | undefined> {
    this.#isFinished = true;
    this.#inHand = undefined;
    this.#stopReading.abort();
    this.#queue.end({ outcome: "closed" });
    const failed = await (this.#saver?.flush() ?? Promise.resolve()).then(
      () => undefined,
      (error: unknown): [unknown] => [error],
    );
    await this.#reading;
    this.#release();
    if (failed === undefined) this.#finished.resolve();
    else this.#finished.reject(failed[0]);
    return failed;
  }

  #release(): void {
    this.#options.signal?.removeEventListener("abort", this.#onSignal);
    this.#onFinished(this);
  }
}
