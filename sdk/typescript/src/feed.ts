/**
 * Reads one stream after another into the queue, each from where the one before was cut, until the subscription is complete,
 * stopped, or meets an error that needs a decision.
 */
import { clone } from "@bufbuild/protobuf";
import {
  type SubscribeRequest,
  SubscribeRequestSchema,
  type SubscribeResponse,
} from "../../../gen/ts/callwire/v1/subscription_pb.ts";
import type { CheckpointState } from "./checkpoint.ts";
import { type Connection, type RawClients, withAuthorization } from "./connection.ts";
import type { KeyRing } from "./credential.ts";
import { EntryMaker } from "./entries.ts";
import type { EntryQueue } from "./entry-queue.ts";
import { CallwireError, callwireError } from "./errors.ts";
import { Attempts, pause } from "./retry.ts";
import { type SubscribeOptions, silenceLimitMs, subscribeRequest } from "./subscribe-options.ts";
import { Watchdog } from "./watchdog.ts";

/** What a subscription takes from its client. */
export interface FeedSource {
  readonly connection: Connection;
  readonly raw: RawClients;
  readonly keys: KeyRing;
}

/** How a stream ended: delivered to its end, or cut. */
type StreamEnd = "complete" | { error: CallwireError; authorization: string | undefined };

export class Feed {
  readonly #source: FeedSource;
  readonly #options: SubscribeOptions;
  readonly #queue: EntryQueue;
  readonly #signal: AbortSignal;
  readonly #request: SubscribeRequest;
  readonly #entries: EntryMaker;
  readonly #attempts: Attempts;
  /** Whether the last stream was refused for its credential. */
  #wasRefused = false;
  /** What the gateway asked for when it said that it is going away. */
  #goingAwayMs: number | undefined;

  /** @param signal ends the reading */
  constructor(
    source: FeedSource,
    options: SubscribeOptions,
    start: CheckpointState,
    queue: EntryQueue,
    signal: AbortSignal,
  ) {
    this.#source = source;
    this.#options = options;
    this.#queue = queue;
    this.#signal = signal;
    this.#request = subscribeRequest(options);
    this.#entries = new EntryMaker(start, this.#request.includeSnapshot);
    this.#attempts = new Attempts(options.retry);
  }

  /** Reads until there is nothing more to read; never throws. */
  async run(): Promise<void> {
    try {
      while (!this.#signal.aborted) {
        const end = await this.#readStream();
        if (end === "complete") return this.#queue.end({ outcome: "completed" });
        if (!this.#signal.aborted) await this.#recover(end);
      }
    } catch (error) {
      this.#queue.end({ error });
    }
  }

  async #readStream(): Promise<StreamEnd> {
    const { raw, keys, connection } = this.#source;
    this.#entries.beginStream();
    this.#goingAwayMs = undefined;
    const authorization = await keys.authorization();
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#signal, stop.signal]);
    const silenceMs = silenceLimitMs(this.#options);
    const watchdog = new Watchdog(silenceMs, () => stop.abort());
    const responses = raw.subscriptions
      .subscribe(this.#nextRequest(), withAuthorization(authorization, { signal }))
      [Symbol.asyncIterator]();
    try {
      for (let first = true; ; first = false) {
        await this.#queue.room();
        const read = await watchdog.watch(responses.next()).catch(callwireError);
        if (watchdog.expired) {
          connection.renew();
          return { error: new CallwireError("UNAVAILABLE", `no sign of life for ${silenceMs} ms`), authorization };
        }
        if (read instanceof CallwireError) return { error: read, authorization };
        if (read.done === true) return this.#ended(authorization);
        this.#receive(read.value, first);
      }
    } finally {
      stop.abort();
    }
  }

  #nextRequest(): SubscribeRequest {
    const request = clone(SubscribeRequestSchema, this.#request);
    const { cursor, awaitsSnapshot } = this.#entries;
    if (cursor !== "") request.position = { case: "afterCursor", value: cursor };
    request.includeSnapshot = awaitsSnapshot;
    return request;
  }

  /** Only a bounded stream ends well, and not one that was told to resume elsewhere. */
  #ended(authorization: string | undefined): StreamEnd {
    if (this.#request.end.case !== undefined && this.#goingAwayMs === undefined) return "complete";
    return { error: new CallwireError("UNAVAILABLE", "the gateway ended the stream"), authorization };
  }

  #receive(response: SubscribeResponse, first: boolean): void {
    const before = this.#entries.cursor;
    const entries = this.#entries.take(response);
    const moved = before !== "" && this.#entries.cursor !== before;
    const told = !first && response.progress !== undefined;
    if (moved || told || entries.some(({ delivery }) => delivery?.kind === "event")) this.#attempts.reset();
    if (first) this.#connected(response);
    for (const { delivery } of entries) {
      if (delivery?.kind === "goingAway") this.#goingAwayMs = delivery.retryAfterMs;
    }
    this.#queue.push(entries);
    this.#tellProgress(response);
  }

  #connected({ filterDigest, effectiveView, masked, unresolvedAgentEmails }: SubscribeResponse): void {
    this.#wasRefused = false;
    this.#options.onStatus?.({ kind: "connected", filterDigest, effectiveView, masked, unresolvedAgentEmails });
  }

  #tellProgress({ progress }: SubscribeResponse): void {
    if (progress === undefined) return;
    const { headCursor, eventsBehind } = progress;
    this.#options.onStatus?.({ kind: "progress", cursor: this.#entries.cursor, headCursor, eventsBehind });
  }

  /** Waits for the next attempt. @throws the error when there is none to be made */
  async #recover({ error, authorization }: Exclude<StreamEnd, "complete">): Promise<void> {
    if (await this.#hasFreshKey(error, authorization)) {
      this.#reconnecting(this.#attempts.count + 1, 0, error);
      return;
    }
    if (!error.retryable || this.#attempts.areUsedUp) throw error;
    const askedMs = Math.max(error.retryAfterMs ?? 0, this.#goingAwayMs ?? 0);
    const delayMs = this.#attempts.next(askedMs);
    this.#reconnecting(this.#attempts.count, delayMs, error);
    // Stopped in the pause: there is nothing more to read, and nobody to tell.
    await pause(delayMs, this.#signal).catch(() => {});
  }

  /** A refused key is replaced once; a second refusal in a row is the user's to decide. */
  async #hasFreshKey(error: CallwireError, authorization: string | undefined): Promise<boolean> {
    if (error.code !== "UNAUTHENTICATED" || this.#wasRefused) return false;
    this.#wasRefused = true;
    return this.#source.keys.forget(authorization);
  }

  #reconnecting(attempt: number, delayMs: number, cause: CallwireError): void {
    this.#options.onStatus?.({ kind: "reconnecting", attempt, delayMs, cause });
  }
}
