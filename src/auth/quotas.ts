/**
 * Quotas of credentials and tenants: open streams, and rates as token buckets that hold one second's worth. A request is
 * judged whole: it is let in or refused, and refusals name the quota and when it can be tried again.
 */
import type { Quotas as QuotaConfig } from "../config/access.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import type { Policy } from "./policy.ts";

/** A bucket that is filled at a rate and may owe: a request larger than a second's worth is let in when it is full. */
class Bucket {
  #level: number;
  #atMs: number;
  /** When all who were refused are served, if each comes again when it was told to. */
  #promisedUntilMs = 0;
  /** What was refused last. */
  #refused = 0;

  constructor(perSecond: number, nowMs: number) {
    this.#level = perSecond;
    this.#atMs = nowMs;
  }

  #fill(perSecond: number, nowMs: number): void {
    this.#level = Math.min(perSecond, this.#level + ((nowMs - this.#atMs) / 1000) * perSecond);
    this.#atMs = nowMs;
  }

  /** Milliseconds until an amount may be taken; 0: now. */
  waitMs(amount: number, perSecond: number, nowMs: number): number {
    this.#fill(perSecond, nowMs);
    const needed = Math.min(amount, perSecond);
    return this.#level >= needed ? 0 : Math.ceil(((needed - this.#level) / perSecond) * 1000);
  }

  take(amount: number): void {
    this.#level -= amount;
  }

  /**
   * Refuses an amount. Gives the milliseconds after which it is worth asking again: once those are served who were refused
   * before, so that they do not all come at once for what is enough for one.
   */
  refuse(amount: number, perSecond: number, nowMs: number): number {
    const ownMs = (Math.min(amount, perSecond) / perSecond) * 1000;
    const afterOthersMs = Math.min(this.#promisedUntilMs - nowMs + ownMs, longestPromiseMs);
    const retryAfterMs = Math.ceil(Math.max(this.waitMs(amount, perSecond, nowMs), afterOthersMs));
    this.#promisedUntilMs = nowMs + retryAfterMs;
    this.#refused = amount;
    return retryAfterMs;
  }

  /** Refuses whoever asks, without knowing for how much, while there is not even enough for who was refused last; 0: it is not refused. */
  refuseUnseen(perSecond: number, nowMs: number): number {
    if (this.#promisedUntilMs <= nowMs || this.waitMs(this.#refused, perSecond, nowMs) === 0) return 0;
    return this.refuse(this.#refused, perSecond, nowMs);
  }

  /** Full again: as good as a new one. */
  isFull(perSecond: number, nowMs: number): boolean {
    this.#fill(perSecond, nowMs);
    return this.#level >= perSecond;
  }
}

type Rate = Exclude<keyof QuotaConfig, "maxStreams">;

const rateNames: Record<Rate, string> = {
  publishEventsPerSecond: "publish_events_per_second",
  publishBytesPerSecond: "publish_bytes_per_second",
  replayBytesPerSecond: "replay_bytes_per_second",
  webhookRequestsPerSecond: "webhook_requests_per_second",
};

/** Whoever has quotas: a credential or a tenant. */
interface Holder {
  name: string;
  quotas: QuotaConfig;
}

/** Promises reach no further: not everybody who was refused comes again. */
const longestPromiseMs = 1_000;
const streamsRetryMs = 5_000;
/** A refusal is answered after its delay, up to this: a caller who asks again at once is paced, and costs next to nothing. */
const maxHoldMs = 250;
/** Beyond this many buckets the full ones are forgotten: subjects of tokens come and go. */
const maxBuckets = 10_000;

/** Holds the answer to a request that a quota refused. Gives the error. */
export async function heldBack(error: unknown): Promise<unknown> {
  if (!(error instanceof CallwireError) || error.reason !== "RATE_LIMITED") return error;
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, Math.min(error.retryAfterMs ?? 0, maxHoldMs));
  await promise;
  return error;
}

export class Quotas {
  readonly #buckets = new Map<string, { bucket: Bucket; perSecond: number }>();
  readonly #streams = new Map<string, number>();
  #tenants: ReadonlyMap<string, QuotaConfig>;
  readonly #now: () => number;

  constructor(tenants: readonly { id: string; quotas: QuotaConfig }[], now: () => number = () => performance.now()) {
    this.#tenants = new Map(tenants.map(({ id, quotas }) => [id, quotas]));
    this.#now = now;
  }

  replace(tenants: readonly { id: string; quotas: QuotaConfig }[]): void {
    this.#tenants = new Map(tenants.map(({ id, quotas }) => [id, quotas]));
  }

  #holders(tenant: string, policy?: Policy): Holder[] {
    const ofTenant = this.#tenants.get(tenant);
    const holders: Holder[] = ofTenant === undefined ? [] : [{ name: `tenant ${tenant}`, quotas: ofTenant }];
    if (policy !== undefined) holders.push({ name: `credential ${policy.credential}`, quotas: policy.quotas });
    return holders;
  }

  #bucket({ name }: Holder, rate: Rate, perSecond: number): Bucket {
    const key = `${name} ${rate}`;
    let known = this.#buckets.get(key);
    if (known === undefined) {
      if (this.#buckets.size >= maxBuckets) this.#forgetFull();
      known = { bucket: new Bucket(perSecond, this.#now()), perSecond };
      this.#buckets.set(key, known);
    }
    known.perSecond = perSecond;
    return known.bucket;
  }

  #forgetFull(): void {
    for (const [key, { bucket, perSecond }] of this.#buckets) {
      if (bucket.isFull(perSecond, this.#now())) this.#buckets.delete(key);
    }
  }

  #exceeded({ name, quotas }: Holder, rate: Rate, retryAfterMs: number): CallwireError {
    const quota = rateNames[rate];
    const message = `the ${name} may have ${quotas[rate]} (quotas.${quota})`;
    return new CallwireError("RATE_LIMITED", message, { retryAfterMs, metadata: { quota } });
  }

  /** Takes amounts of all holders, or of none. @throws CallwireError RATE_LIMITED */
  #take(holders: readonly Holder[], amounts: Partial<Record<Rate, () => number>>): void {
    const taken: (() => void)[] = [];
    for (const holder of holders) {
      for (const rate of Object.keys(amounts) as Rate[]) {
        const perSecond = holder.quotas[rate];
        if (perSecond === undefined) continue;
        const amount = amounts[rate]!();
        const bucket = this.#bucket(holder, rate, perSecond);
        const nowMs = this.#now();
        if (bucket.waitMs(amount, perSecond, nowMs) > 0) {
          throw this.#exceeded(holder, rate, bucket.refuse(amount, perSecond, nowMs));
        }
        taken.push(() => bucket.take(amount));
      }
    }
    for (const take of taken) take();
  }

  /** @param bytes is asked for only where it is bounded. @throws CallwireError RATE_LIMITED */
  admitPublish(tenant: string, policy: Policy, events: number, bytes: () => number): void {
    const amounts = { publishEventsPerSecond: () => events, publishBytesPerSecond: bytes };
    this.#take(this.#holders(tenant, policy), amounts);
  }

  /** Before a request to publish is read: refused while there is not enough for another that was. @throws CallwireError RATE_LIMITED */
  admitReading(tenant: string, policy: Policy): void {
    for (const holder of this.#holders(tenant, policy)) {
      for (const rate of ["publishEventsPerSecond", "publishBytesPerSecond"] as const) {
        const perSecond = holder.quotas[rate];
        if (perSecond === undefined) continue;
        const retryAfterMs =
          this.#buckets.get(`${holder.name} ${rate}`)?.bucket.refuseUnseen(perSecond, this.#now()) ?? 0;
        if (retryAfterMs > 0) throw this.#exceeded(holder, rate, retryAfterMs);
      }
    }
  }

  /** @param bytes of the body, which count as published; so does an event, as yet. @throws CallwireError RATE_LIMITED */
  admitWebhook(tenant: string, bytes: number): void {
    const amounts = {
      webhookRequestsPerSecond: () => 1,
      publishBytesPerSecond: () => bytes,
      publishEventsPerSecond: () => 1,
    };
    this.#take(this.#holders(tenant), amounts);
  }

  /** Counts the events that a webhook turned out to bring: what is more than one is owed. */
  broughtByWebhook(tenant: string, events: number): void {
    for (const holder of this.#holders(tenant)) {
      const perSecond = holder.quotas.publishEventsPerSecond;
      if (perSecond !== undefined)
        this.#bucket(holder, "publishEventsPerSecond", perSecond).take(Math.max(0, events - 1));
    }
  }

  /** Before something is read from the journal for one answer; what was read is then told by `replayed`. @throws CallwireError RATE_LIMITED */
  admitReplay(tenant: string, policy: Policy): void {
    this.#take(this.#holders(tenant, policy), { replayBytesPerSecond: () => 0 });
  }

  /** Counts bytes that were read from the journal for a stream, or none; gives how long to pause before more is read. */
  replayed(tenant: string, policy: Policy, bytes: number): number {
    return this.#holders(tenant, policy).reduce((longest, holder) => {
      const perSecond = holder.quotas.replayBytesPerSecond;
      if (perSecond === undefined) return longest;
      const bucket = this.#bucket(holder, "replayBytesPerSecond", perSecond);
      bucket.take(bytes);
      return Math.max(longest, bucket.waitMs(0, perSecond, this.#now()));
    }, 0);
  }

  /** Counts an open stream; gives a function for its end. @throws CallwireError RATE_LIMITED */
  openStream(tenant: string, policy: Policy): () => void {
    const holders = this.#holders(tenant, policy).filter(({ quotas }) => quotas.maxStreams !== undefined);
    for (const { name, quotas } of holders) {
      if ((this.#streams.get(name) ?? 0) < quotas.maxStreams!) continue;
      throw new CallwireError(
        "RATE_LIMITED",
        `the ${name} may have ${quotas.maxStreams} streams (quotas.max_streams)`,
        {
          retryAfterMs: streamsRetryMs,
          metadata: { quota: "max_streams" },
        },
      );
    }
    for (const { name } of holders) this.#streams.set(name, (this.#streams.get(name) ?? 0) + 1);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      for (const { name } of holders) {
        const left = this.#streams.get(name)! - 1;
        if (left === 0) this.#streams.delete(name);
        else this.#streams.set(name, left);
      }
    };
  }
}
