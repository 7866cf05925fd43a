/**
 * Sends posts to the webhook of a gateway, any gateway, as the platform would: many connections, one session in order.
 *
 * A request that got no answer is sent again. The gateway may have stored it all the same, so a feed whose events have
 * no id (calls, chats and agents of the QM feed) can be doubled by a broken connection; external session events cannot.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Post } from "./contact-centre.ts";
import { type WebhookAnswer, WebhookClient } from "./webhook-client.ts";

export interface PosterOptions {
  /** Base URL of the gateway, `http://127.0.0.1:7450`. */
  gateway: string;
  tenant: string;
  /** Events a second over all sessions; 0 is as fast as the gateway answers. */
  rate: number;
  /** Posts under way at a time, those that wait for their predecessor included. Default 64. */
  concurrency?: number;
  basicAuth?: { username: string; password: string };
  /** Ends the posting; what is under way counts as failed. */
  signal?: AbortSignal;
  /** How long one post is tried again after its first attempt. Default 60,000. */
  giveUpAfterMs?: number;
  /** Called with each final answer; `answer` is its parsed JSON, or its text. Not called for posts without one. */
  onResult?(post: Post, status: number, answer: unknown): void;
}

export interface Totals {
  /** Posts that got a final answer. */
  posted: number;
  /** Events that the gateway said it took. */
  accepted: number;
  /** Events that it had already. */
  duplicates: number;
  /** Events that it refused, and bodies that it could not read. */
  rejected: number;
  /** Posts without a final answer, or with one that is about the request and not its body (401, 404, 500). */
  failed: number;
}

const defaultConcurrency = 64;
const defaultGiveUpAfterMs = 60_000;
const firstBackoffMs = 50;
const maxBackoffMs = 5_000;
/** A sender that is behind its rate catches up with at most this much at once. */
const maxBurstMs = 250;
const bodyRefused: ReadonlySet<number> = new Set([400, 413, 415, 422]);

/** Resolves when every post has its answer, was given up, or the signal has aborted. Does not reject for the network. */
export async function postAll(posts: Iterable<Post>, options: PosterOptions): Promise<Totals> {
  const poster = new Poster(options);
  return poster.run(posts);
}

class Poster {
  readonly #options: PosterOptions;
  readonly #client: WebhookClient;
  readonly #signal: AbortSignal;
  readonly #totals: Totals = { posted: 0, accepted: 0, duplicates: 0, rejected: 0, failed: 0 };
  /** The last post of each session that has one under way. */
  readonly #lastOf = new Map<string, Promise<void>>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: PosterOptions) {
    const connections = options.concurrency ?? defaultConcurrency;
    this.#options = options;
    this.#client = new WebhookClient({ ...options, connections });
    this.#signal = options.signal ?? new AbortController().signal;
  }

  async run(posts: Iterable<Post>): Promise<Totals> {
    const { rate, concurrency = defaultConcurrency } = this.#options;
    let dueMs = performance.now();
    try {
      for (const post of posts) {
        if (this.#signal.aborted) break;
        if (rate > 0) {
          dueMs = Math.max(dueMs, performance.now() - maxBurstMs);
          await this.#pause(dueMs - performance.now());
          dueMs += (Math.max(1, post.events) / rate) * 1_000;
        }
        while (this.#underWay.size >= concurrency) await Promise.race(this.#underWay);
        if (this.#signal.aborted) break;
        this.#start(post);
      }
      await Promise.all(this.#underWay);
    } finally {
      this.#client.close();
    }
    return this.#totals;
  }

  #start(post: Post): void {
    const before = this.#lastOf.get(post.sessionKey);
    const delivery = this.#deliverAfter(before, post).finally(() => {
      this.#underWay.delete(delivery);
      if (this.#lastOf.get(post.sessionKey) === delivery) this.#lastOf.delete(post.sessionKey);
    });
    this.#underWay.add(delivery);
    this.#lastOf.set(post.sessionKey, delivery);
  }

  async #deliverAfter(before: Promise<void> | undefined, post: Post): Promise<void> {
    await before;
    const result = await this.#deliver(post);
    if (result === undefined) {
      this.#totals.failed++;
      return;
    }
    this.#count(result);
    this.#options.onResult?.(post, result.status, result.answer);
  }

  /** The final answer; undefined when there was none before the signal or the limit. */
  async #deliver(post: Post): Promise<WebhookAnswer | undefined> {
    const giveUpMs = performance.now() + (this.#options.giveUpAfterMs ?? defaultGiveUpAfterMs);
    for (let backoffMs = firstBackoffMs; !this.#signal.aborted; backoffMs = Math.min(2 * backoffMs, maxBackoffMs)) {
      const result = await this.#client.post(post.source, post.body, this.#signal).catch(() => undefined);
      if (result !== undefined && result.status !== 503 && result.status !== 429) return result;
      const pauseMs = result?.retryAfterMs ?? backoffMs;
      if (performance.now() + pauseMs > giveUpMs) return result;
      await this.#pause(pauseMs);
    }
    return undefined;
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, { signal: this.#signal }).catch(() => {});
  }

  #count({ status, answer }: WebhookAnswer): void {
    const totals = this.#totals;
    totals.posted++;
    if (status >= 200 && status < 300) {
      totals.accepted += countOf(answer, "accepted");
      totals.duplicates += countOf(answer, "duplicates");
      totals.rejected += countOf(answer, "rejected");
    } else if (bodyRefused.has(status)) totals.rejected++;
    else totals.failed++;
  }
}

function countOf(answer: unknown, name: string): number {
  if (typeof answer !== "object" || answer === null) return 0;
  const value = (answer as Record<string, unknown>)[name];
  return typeof value === "number" ? value : 0;
}
