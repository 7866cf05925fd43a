/** The fan-out: one tail a tenant, every open subscription, and the beat of their progress. */
import type { Limits } from "../config/limits.ts";
import type { CallwireError } from "../errors/callwire-error.ts";
import type { GatewayLog } from "../log/gateway-log.ts";
import { Outlet, type StreamSink } from "./outlet.ts";
import { QueueBudget } from "./queue-budget.ts";
import { ReplayBudget } from "./replay-budget.ts";
import { Subscriber } from "./subscriber.ts";
import type { Subscription } from "./subscription.ts";
import { Tail } from "./tail.ts";

/** An open subscription, as its transport sees it. */
export interface OpenSubscription {
  /** The client is gone, or its deadline passed: then the error is sent. */
  cancel(error?: CallwireError): void;
  /** What it was sent so far. */
  receipt(): { from: string; to: string; bytes: number };
}

/** Progress of one interval is spread over this many beats, so that thousands of streams are not written to at once. */
const phases = 50;
const goAwayRetryMs = 500;

/** Subscribers with one progress interval. */
class Pulse {
  readonly #members: Set<Subscriber>[] = Array.from({ length: phases }, () => new Set());
  readonly #timer: NodeJS.Timeout;
  #next = 0;
  #phase = 0;
  size = 0;

  constructor(intervalMs: number) {
    this.#timer = setInterval(() => this.#beat(), intervalMs / phases);
  }

  #beat(): void {
    this.#phase = (this.#phase + 1) % phases;
    const nowMs = Date.now();
    for (const subscriber of this.#members[this.#phase]!) subscriber.progress(nowMs);
  }

  /** Gives a function that removes the subscriber. */
  add(subscriber: Subscriber): () => void {
    const members = this.#members[this.#next]!;
    this.#next = (this.#next + 1) % phases;
    members.add(subscriber);
    this.size++;
    return () => {
      members.delete(subscriber);
      this.size--;
    };
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

export class Fanout {
  readonly #log: GatewayLog;
  readonly #limits: Limits;
  readonly #budget: QueueBudget;
  readonly #replays: ReplayBudget;
  readonly #tails: Map<string, Tail>;
  readonly #subscribers = new Set<Subscriber>();
  readonly #pulses = new Map<number, Pulse>();

  /** @param onReplayGivenUp is told of every replay that `limits.maxReplayBytes` ends */
  constructor(log: GatewayLog, limits: Limits, onReplayGivenUp: () => void = () => {}) {
    this.#log = log;
    this.#limits = limits;
    this.#budget = new QueueBudget(limits.maxFanoutQueueBytes);
    this.#replays = new ReplayBudget(limits.maxReplayBytes, onReplayGivenUp);
    this.#tails = new Map(log.tenants.map((tenant) => [tenant, new Tail(log.state(tenant))]));
    log.onCommit((block) => this.#tails.get(block.tenant)!.publish(block));
    log.onState((state) => this.#tails.get(state.tenant)!.update(state));
  }

  /** @param pauseMs is told the bytes of each reading of the journal, 0 before it; says how long to pause before the next */
  subscribe(subscription: Subscription, sink: StreamSink, pauseMs?: (bytes: number) => number): OpenSubscription {
    const outlet = new Outlet(sink, this.#budget, this.#limits.maxSubscriberQueueBytes);
    const tail = this.#tails.get(subscription.tenant)!;
    const deps = { log: this.#log, tail, replays: this.#replays, now: Date.now, pauseMs };
    const subscriber: Subscriber = new Subscriber(subscription, sink.codec, outlet, deps, () => {
      this.#subscribers.delete(subscriber);
      leavePulse();
    });
    const leavePulse = this.#joinPulse(subscriber, subscription.progressMs);
    this.#subscribers.add(subscriber);
    subscriber.start();
    return subscriber;
  }

  #joinPulse(subscriber: Subscriber, intervalMs: number): () => void {
    let pulse = this.#pulses.get(intervalMs);
    if (pulse === undefined) {
      pulse = new Pulse(intervalMs);
      this.#pulses.set(intervalMs, pulse);
    }
    const joined = pulse;
    const leave = joined.add(subscriber);
    return () => {
      leave();
      if (joined.size > 0) return;
      joined.stop();
      this.#pulses.delete(intervalMs);
    };
  }

  /** For the metrics. */
  stats(): { streams: number; live: number; feeds: number; queuedBytes: number; replayBytes: number } {
    const live = [...this.#subscribers].filter(({ state }) => state === "live").length;
    const feeds = [...this.#tails.values()].reduce((sum, tail) => sum + tail.feedCount, 0);
    const bytes = { queuedBytes: this.#budget.bytes, replayBytes: this.#replays.bytes };
    return { streams: this.#subscribers.size, live, feeds, ...bytes };
  }

  /** Tells every subscriber to go away; resolves when all were told, or could not be within the time. */
  async shutdown(timeoutMs: number): Promise<void> {
    const told = Promise.allSettled([...this.#subscribers].map((subscriber) => subscriber.goAway(goAwayRetryMs)));
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    await Promise.race([told, late]);
    clearTimeout(timer);
    for (const subscriber of [...this.#subscribers]) subscriber.cancel();
  }
}
