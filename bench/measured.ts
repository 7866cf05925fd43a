/** Measuring a stretch of work: the time it takes, and the server's CPU for it. */
import type { Running } from "./contender.ts";
import { type PublishPlan, type PublishReport, publish, type ReceiveReport, type Subscribers } from "./load.ts";

export interface Stretch<R> {
  value: R;
  seconds: number;
  /** CPU seconds of the server, all threads; at least one tick of the system's clock. */
  cpuSeconds: number;
}

const tickSeconds = 0.01;

export async function stretch<R>({ process }: Running, work: () => Promise<R>): Promise<Stretch<R>> {
  const [cpu, start] = [process.cpuSeconds(), performance.now()];
  const value = await work();
  return {
    value,
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: Math.max(tickSeconds, process.cpuSeconds() - cpu),
  };
}

const firstTotal = 500;
const growth = 8;

/**
 * Warms a server up for the seconds, and finds out on the way how many events fit in them. Begins small, so that one
 * without backpressure is not buried. A server that compiles as it runs takes some 30,000 events to be as fast as it gets.
 */
export async function howMany(seconds: number, work: (total: number) => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  for (let total = firstTotal; ; ) {
    const start = performance.now();
    await work(total);
    const took = (performance.now() - start) / 1000;
    const fitting = (share: number): number =>
      Math.max(firstTotal, Math.round((total * seconds * share) / took / 100) * 100);
    if (took >= seconds / 4 && performance.now() - begin >= seconds * 1000) return fitting(1);
    total = Math.min(total * growth, fitting(0.5));
  }
}

/** CPU seconds of the server for an event that nobody gets. */
export async function ingestAlone(server: Running, plan: PublishPlan, seconds: number): Promise<number> {
  const total = await howMany(seconds, (events) => publish(server, { ...plan, total: events }));
  const { cpuSeconds } = await stretch(server, () => publish(server, { ...plan, total }));
  return cpuSeconds / total;
}

export interface Delivery {
  published: PublishReport;
  received: ReceiveReport;
  /** CPU seconds of the load clients. */
  clientSeconds: number;
}

/** Publishes to open subscribers, each event reaching `copies` of them, and waits until all have been delivered. */
export class DeliveryRun {
  readonly #server: Running;
  readonly #subscribers: Subscribers;
  readonly #plan: PublishPlan;
  readonly #copies: number;
  #events = 0;
  #receiverSeconds = 0;

  constructor(server: Running, subscribers: Subscribers, plan: PublishPlan, copies: number) {
    this.#server = server;
    this.#subscribers = subscribers;
    this.#plan = plan;
    this.#copies = copies;
  }

  /** Published so far. */
  get events(): number {
    return this.#events;
  }

  /** @param volume with a rate of 0 as fast as it goes, whatever the plan says */
  async deliver(volume: ({ total: number } | { seconds: number }) & { rate?: 0 }): Promise<Delivery> {
    const published = await publish(this.#server, { ...this.#plan, first: this.#events, ...volume });
    this.#events += published.events;
    const received = await this.#subscribers.received(this.#events * this.#copies);
    const receiverSeconds = received.cpuSeconds - this.#receiverSeconds;
    this.#receiverSeconds = received.cpuSeconds;
    return { published, received, clientSeconds: published.cpuSeconds + receiverSeconds };
  }

  /** As much as fits in the seconds, after a warm-up that finds out how much that is. */
  async measure(seconds: number): Promise<Stretch<Delivery>> {
    const total = await howMany(seconds, (events) => this.deliver({ total: events }));
    this.#subscribers.restartLatency();
    return stretch(this.#server, () => this.deliver({ total }));
  }
}
