/**
 * A subscription that outlives its connection. A cut stream, a gateway that goes away and a stream that has fallen silent
 * are answered by a new stream from the last cursor that the consumer has handled, after a pause with full jitter. What
 * needs a decision (an expired cursor, another epoch, a refusal) ends it with the gateway's error.
 */
import { clone } from "@bufbuild/protobuf";
import { durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import { type Client, Code, ConnectError } from "@connectrpc/connect";
import {
  type SubscribeRequest,
  SubscribeRequestSchema,
  type SubscribeResponse,
  type SubscriptionService,
} from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { reasonOf, retryAfterMs } from "./failure.ts";

export type FollowStep =
  | { kind: "response"; response: SubscribeResponse }
  /** The stream is down; the next attempt follows in `delayMs`. `error` is undefined when it had only fallen silent. */
  | { kind: "down"; error: unknown; silentMs: number; delayMs: number }
  /** The first response after an interruption is about to follow. */
  | { kind: "resumed"; cursor: string };

export type SubscribeClient = Pick<Client<typeof SubscriptionService>, "subscribe">;

export interface FollowOptions {
  signal: AbortSignal;
  /** How often the gateway gives a sign of life; a stream silent for three times as long is dead. */
  progressIntervalMs: number;
  /** Whether to keep trying when the gateway has not answered even once. */
  waitForGateway: boolean;
  random?: () => number;
  /** Waits; ends early, without an error, when the signal aborts. */
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const firstBackoffMs = 500;
const longestBackoffMs = 20_000;

export async function* follow(
  client: SubscribeClient,
  request: SubscribeRequest,
  options: FollowOptions,
): AsyncGenerator<FollowStep> {
  const next = clone(SubscribeRequestSchema, request);
  next.progressInterval ??= durationFromMs(options.progressIntervalMs);
  let answered = false;
  let interrupted = false;
  for (let attempt = 0; !options.signal.aborted; attempt++) {
    const stream = new OneStream(client, next, options);
    for await (const response of stream.responses()) {
      if (interrupted && next.position.case === "afterCursor") yield { kind: "resumed", cursor: next.position.value };
      interrupted = false;
      answered = true;
      attempt = 0;
      yield { kind: "response", response };
      if (response.cursor !== "") next.position = { case: "afterCursor", value: response.cursor };
    }
    if (options.signal.aborted || stream.complete) return;
    if (stream.error !== undefined && !canRetry(stream.error, answered || options.waitForGateway)) throw stream.error;
    const asked = stream.goingAwayMs ?? retryAfterMs(stream.error) ?? 0;
    const delayMs = asked + backoffMs(attempt, options.random ?? Math.random);
    yield { kind: "down", error: stream.error, silentMs: stream.silentMs, delayMs };
    interrupted = answered;
    await (options.pause ?? pauseFor)(delayMs, options.signal);
  }
}

/** One stream from its request to its end, and how it ended. */
class OneStream {
  /** Whether a bounded stream has been received to its end. */
  complete = false;
  /** Why it broke; undefined when it ended or fell silent. */
  error: unknown;
  /** How long the gateway that is going away asks to wait. */
  goingAwayMs: number | undefined;
  readonly silentMs: number;
  #client: SubscribeClient;
  #request: SubscribeRequest;
  #signal: AbortSignal;

  constructor(client: SubscribeClient, request: SubscribeRequest, options: FollowOptions) {
    this.#client = client;
    this.#request = request;
    this.#signal = options.signal;
    this.silentMs = 3 * options.progressIntervalMs;
  }

  async *responses(): AsyncGenerator<SubscribeResponse> {
    const silence = new SilenceWatch(this.silentMs, this.#signal);
    try {
      for await (const response of this.#client.subscribe(this.#request, { signal: silence.signal })) {
        silence.pauseWatching();
        this.goingAwayMs = goingAwayDelay(response) ?? this.goingAwayMs;
        yield response;
        silence.watch();
      }
      this.complete = this.#request.end.case !== undefined && this.goingAwayMs === undefined;
    } catch (caught) {
      if (!silence.expired) this.error = caught;
    } finally {
      silence.stop();
    }
  }
}

/** Full jitter: anything between nothing and a bound that doubles with every attempt. */
export function backoffMs(attempt: number, random: () => number): number {
  return Math.floor(random() * Math.min(longestBackoffMs, firstBackoffMs * 2 ** attempt));
}

function canRetry(error: unknown, mayBeUnreachable: boolean): boolean {
  if (!(error instanceof ConnectError)) return false;
  if (reasonOf(error) !== undefined) return error.code === Code.Unavailable || retryAfterMs(error) !== undefined;
  const cut = [Code.Unavailable, Code.Aborted, Code.Internal, Code.Unknown, Code.Canceled, Code.DeadlineExceeded];
  return mayBeUnreachable && cut.includes(error.code);
}

function goingAwayDelay({ notice }: SubscribeResponse): number | undefined {
  if (notice.case !== "goingAway") return undefined;
  return notice.value.retryAfter === undefined ? 0 : durationMs(notice.value.retryAfter);
}

/** Ends a stream on which nothing has come for too long. Time that the consumer takes does not count. */
class SilenceWatch {
  #limitMs: number;
  readonly signal: AbortSignal;
  expired = false;
  #silent = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number, outer: AbortSignal) {
    this.#limitMs = limitMs;
    this.signal = AbortSignal.any([outer, this.#silent.signal]);
    this.watch();
  }

  watch(): void {
    this.pauseWatching();
    this.#timer = setTimeout(() => {
      this.expired = true;
      this.#silent.abort();
    }, this.#limitMs);
  }

  pauseWatching(): void {
    clearTimeout(this.#timer);
  }

  stop(): void {
    this.pauseWatching();
    this.#silent.abort();
  }
}

function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}
