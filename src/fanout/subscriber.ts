/**
 * One subscription. It is in one of these states:
 *
 *     reading   fed from the journal at its own pace: on start, on replay, and whenever it was too slow for the live stream
 *     live      in a feed; what the feed flushes is handed on
 *     leaving   about to be told to go away
 *     ended     the stream is over
 *
 * A reading subscriber that has everything up to the published head joins its feed within that turn, so nothing is missed
 * and nothing repeated (invariant 2). A live one whose queue overflows forgets the queue and reads on from the newest
 * cursor that was handed to the transport (invariant 3). Bounded subscriptions never become live: they read to their end.
 */

import { EventView, ExpiredCursorPolicy, StartPosition } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import { attribute } from "../filters/attributes.ts";
import type { GatewayLog } from "../log/gateway-log.ts";
import { masksAnything } from "../masking/mask-profile.ts";
import type { Feed, FeedShape, FeedSubscriber } from "./feed.ts";
import { JournalReading } from "./journal-reading.ts";
import type { Outlet } from "./outlet.ts";
import { applyRetention, type LostRange, offsetOfStartTime, startOffset, timestampMs } from "./position.ts";
import type { ReplayBudget } from "./replay-budget.ts";
import { replayedResponses } from "./replayed-responses.ts";
import { type Codec, responseSegment, type Segment } from "./segment.ts";
import { SliceSender } from "./slice-sender.ts";
import type { Subscription } from "./subscription.ts";
import type { Tail } from "./tail.ts";

export interface SubscriberDeps {
  log: GatewayLog;
  tail: Tail;
  replays: ReplayBudget;
  now(): number;
  pauseMs: ((bytes: number) => number) | undefined;
}

type Notice = NonNullable<Parameters<typeof responseSegment>[1]["notice"]>;

export class Subscriber implements FeedSubscriber {
  readonly subscription: Subscription;
  readonly #deps: SubscriberDeps;
  readonly #outlet: Outlet;
  readonly #journal: JournalReading;
  readonly #slices: SliceSender;
  readonly #shape: FeedShape;
  readonly #onEnd: () => void;
  #state: "reading" | "live" | "leaving" | "ended" = "reading";
  /** The reading under way; settled while live. */
  #reading: Promise<void> = Promise.resolve();
  #feed: Feed | undefined;
  /** Where it began. */
  #from = 0;
  /** Reading: everything up to here was sent or did not match. */
  #position = 0;
  /** Bytes that waited when the consumer proved too slow; set until it is told. */
  #fellBehindBytes: number | undefined;
  #announcedCaughtUp = false;
  #wake: (() => void) | undefined;

  constructor(subscription: Subscription, codec: Codec, outlet: Outlet, deps: SubscriberDeps, onEnd: () => void) {
    this.subscription = subscription;
    this.#deps = deps;
    this.#outlet = outlet;
    this.#journal = new JournalReading(subscription, deps.log.reader);
    this.#onEnd = onEnd;
    const { filters, scope, view, mask, maxBatchEvents, lingerMs } = subscription;
    this.#shape = { filters, scope, view, mask, codec, maxBatchEvents, lingerMs };
    const cursor = (offset: number): string => deps.tail.cursor(offset);
    this.#slices = new SliceSender(
      this.#journal,
      outlet,
      deps.replays,
      (slice, bytes) => replayedResponses(codec, slice, { events: maxBatchEvents, bytes }, cursor),
      () => this.#abandon(),
    );
  }

  get state(): "reading" | "live" | "leaving" | "ended" {
    return this.#state;
  }

  /** Begins; call once. */
  start(): void {
    this.#reading = this.#begin().catch((error: unknown) => this.#fail(error));
  }

  async #begin(): Promise<void> {
    const lost = await this.#start();
    this.#from = this.#position;
    await this.#sendFirst();
    if (lost !== undefined) await this.#sendGap(lost);
    else await this.#sendSnapshot();
    await this.#read();
  }

  /** Finds the offset to begin after. */
  async #start(): Promise<LostRange | undefined> {
    const { position, onExpired } = this.subscription;
    const { log, tail } = this.#deps;
    if (position.case !== "startTime") {
      // The published head, not the committed one: what lies between is delivered live.
      const state = { ...log.state(tail.state.tenant), headOffset: tail.headOffset };
      const { offset, lost } = startOffset(position, state, StartPosition.LATEST, onExpired);
      this.#position = offset;
      return lost;
    }
    const startMs = timestampMs(position.value, "start_time");
    if (startMs > this.#deps.now()) return this.#startInFuture(startMs);
    const { offset, lost } = await offsetOfStartTime(log.reader, tail.state, startMs, onExpired);
    this.#position = offset;
    return lost;
  }

  async #startInFuture(startMs: number): Promise<undefined> {
    const { tail, log, now } = this.#deps;
    this.#position = tail.headOffset;
    await this.#sendFirst();
    while (this.#state === "reading" && now() < startMs) await this.#changeOrTime(startMs);
    if (this.#state === "reading") this.#position = await log.reader.offsetBefore(tail.state.tenant, startMs);
  }

  #sentFirst = false;
  /** Between `snapshot_begin` and `snapshot_end`, when there is nothing to resume from. */
  #inSnapshot = false;

  async #sendFirst(): Promise<void> {
    if (this.#sentFirst) return;
    this.#sentFirst = true;
    const { filterDigest, filters, view } = this.subscription;
    // With a gate the filters name what the caller did not, and sign-ins may be hidden from it.
    const own = filters.gate === undefined ? filters.filters : [];
    const emails = own.flatMap(({ clauses }) =>
      clauses.filter((clause) => clause.attribute === attribute.agentEmail).flatMap(({ keys }) => [...keys]),
    );
    const { log, tail } = this.#deps;
    const addresses = [...new Set(emails)].map((key) => key.slice(1));
    const unresolved = addresses.length === 0 ? [] : await log.reader.unresolvedEmails(tail.state.tenant, addresses);
    await this.#send({
      cursor: tail.cursor(this.#position),
      filterDigest,
      effectiveView: view === "full" ? EventView.FULL : EventView.BASIC,
      masked: this.subscription.mask !== undefined && masksAnything(this.subscription.mask),
      unresolvedAgentEmails: unresolved,
    });
  }

  #segment(init: Parameters<typeof responseSegment>[1], offset: number): Segment {
    return { bytes: responseSegment(this.#shape.codec, init), offset };
  }

  /** Sends a response of its own while reading. */
  async #send(init: Parameters<typeof responseSegment>[1]): Promise<void> {
    await this.#outlet.idle();
    if (this.#state !== "ended") await this.#outlet.send([this.#segment(init, this.#position)]);
  }

  #sendNotice(notice: Notice): Promise<void> {
    return this.#send({ cursor: this.#inSnapshot ? "" : this.#deps.tail.cursor(this.#position), notice });
  }

  async #sendGap({ from, to }: LostRange): Promise<void> {
    const { tail } = this.#deps;
    this.#position = to;
    await this.#sendNotice({ case: "gap", value: { fromCursor: tail.cursor(from), toCursor: tail.cursor(to) } });
    await this.#sendSnapshot();
  }

  /** The sessions that are open at the position, when they were asked for; the events after it follow. */
  async #sendSnapshot(): Promise<void> {
    if (!this.subscription.includeSnapshot) return;
    // One that has begun is not held up: no progress is told meanwhile.
    await this.#pause();
    if (this.#state !== "reading") return;
    this.#inSnapshot = true;
    await this.#sendNotice({ case: "snapshotBegin", value: {} });
    for await (const { sessions, bytes } of this.#journal.openSessions(this.#position)) {
      this.#deps.pauseMs?.(bytes);
      if (this.#state !== "reading") return;
      await this.#send({ sessions });
    }
    this.#inSnapshot = false;
    await this.#sendNotice({ case: "snapshotEnd", value: {} });
  }

  /** Reads the journal up to the published head, or to the end of a bounded subscription. */
  async #read(): Promise<void> {
    const { tail } = this.#deps;
    for (;;) {
      await this.#outlet.idle();
      await this.#tellFellBehind();
      if (this.#state !== "reading") return;
      if (this.#isAtEnd()) return this.#finish();
      if (this.#position < this.#readableTo()) {
        await this.#readSlice();
        continue;
      }
      if (this.#canGoLive && this.#position === tail.headOffset) {
        if (!(await this.#isFeedReady())) continue;
        if (this.#outlet.isIdle) return this.#goLive();
        continue;
      }
      await this.#waitAtHead();
    }
  }

  /**
   * A bounded subscription reads to its end. And what a session has shown to a caller who may see only some of its events
   * is put together by the readers, so that such a one is fed by them for good.
   */
  get #canGoLive(): boolean {
    const { end, view, filters } = this.subscription;
    return end === undefined && (view === "basic" || filters.gate === undefined);
  }

  #readableTo(): number {
    const { end } = this.subscription;
    const head = this.#deps.tail.headOffset;
    return end !== undefined && "offset" in end ? Math.min(end.offset, head) : head;
  }

  #isAtEnd(): boolean {
    const { end } = this.subscription;
    return end !== undefined && "offset" in end && this.#position >= end.offset;
  }

  async #readSlice(): Promise<void> {
    await this.#pause();
    if (this.#state !== "reading") return;
    const { scannedTo, done, expiredBefore, bytes } = await this.#slices.read(this.#position, this.#readableTo());
    this.#deps.pauseMs?.(bytes);
    if (this.#state !== "reading") return;
    if (expiredBefore !== undefined) return this.#overtaken(expiredBefore);
    // Progress may have been told meanwhile.
    await this.#outlet.idle();
    while (this.#state === "reading" && this.#slices.writeNext()) {
      await this.#outlet.idle();
      this.#position = this.#outlet.writtenOffset;
    }
    if (this.#state !== "reading") return;
    // Of a slice that was let go, the rest is read again.
    if (!this.#slices.finish()) return;
    this.#position = scannedTo;
    const { end } = this.subscription;
    if (done && end !== undefined && "beforeMs" in end && this.#position < this.#readableTo()) await this.#finish();
  }

  /** While the caller owes bytes that were read for it, by this stream or by others. */
  async #pause(): Promise<void> {
    const untilMs = this.#deps.now() + (this.#deps.pauseMs?.(0) ?? 0);
    while (this.#state === "reading" && this.#deps.now() < untilMs) await this.#changeOrTime(untilMs);
  }

  /** Retention passed the position of a running stream. */
  #overtaken(oldestOffset: number): Promise<void> | void {
    const { log, tail } = this.#deps;
    const state = { ...log.state(tail.state.tenant), oldestOffset };
    const { lost } = applyRetention(this.#position, state, this.subscription.onExpired ?? ExpiredCursorPolicy.FAIL);
    if (lost !== undefined) return this.#sendGap(lost);
  }

  /** At the head of a bounded subscription, or beyond it for a moment: waits for more, or for the end time. */
  async #waitAtHead(): Promise<void> {
    const { end } = this.subscription;
    const { tail, log, now } = this.#deps;
    if (end !== undefined && "offset" in end) return this.#changeOrTime(undefined);
    if (!this.#announcedCaughtUp) {
      this.#announcedCaughtUp = true;
      return this.#sendNotice({ case: "caughtUp", value: {} });
    }
    if (end === undefined) return this.#changeOrTime(undefined);
    if (now() < end.beforeMs) return this.#changeOrTime(end.beforeMs);
    // Whatever was given an earlier time is committed and published after this.
    await log.sync();
    if (this.#position >= tail.headOffset) await this.#finish();
  }

  /** Resolves at the next commit, at a time, or when the subscription ends. */
  #changeOrTime(timeMs: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wait = timeMs === undefined ? undefined : Math.min(Math.max(timeMs - this.#deps.now(), 1), 2 ** 31 - 1);
      const timer = wait === undefined ? undefined : setTimeout(() => this.#wake?.(), wait);
      const withdraw = this.#deps.tail.onNextChange(() => this.#wake?.());
      this.#wake = () => {
        clearTimeout(timer);
        withdraw();
        this.#wake = undefined;
        resolve();
      };
    });
  }

  /** Finds the feed; false when time went by for it to become ready, so that there may be more to read first. */
  async #isFeedReady(): Promise<boolean> {
    this.#feed ??= this.#deps.tail.expect(this.#shape, this, (upTo) => this.#journal.followed(upTo));
    if (this.#feed.isReady) return true;
    await this.#feed.readiness;
    return false;
  }

  #goLive(): void {
    this.#state = "live";
    this.#slices.release(false);
    const { tail } = this.#deps;
    tail.join(this.#feed!, this);
    const caughtUp = { cursor: tail.headCursor, notice: { case: "caughtUp" as const, value: {} } };
    this.deliver(this.#segment(caughtUp, tail.headOffset));
  }

  deliver(segment: Segment): void {
    if (this.#state !== "live" || this.#outlet.offer(segment)) return;
    this.#fellBehindBytes = this.#outlet.queuedBytes + segment.bytes.length;
    this.#outlet.dropQueue();
    this.#leaveFeed();
    this.#state = "reading";
    this.#position = this.#outlet.writtenOffset;
    this.#reading = this.#read().catch((error: unknown) => this.#fail(error));
  }

  async #tellFellBehind(): Promise<void> {
    if (this.#fellBehindBytes === undefined) return;
    const queuedBytes = BigInt(this.#fellBehindBytes);
    this.#fellBehindBytes = undefined;
    await this.#sendNotice({ case: "fellBehind", value: { queuedBytes } });
  }

  /** The newest offset that the consumer can resume from without loss. */
  get #safeOffset(): number {
    if (this.#state !== "live") return this.#position;
    if (this.#outlet.queuedBytes > 0 || this.#feed?.isHolding === true) return this.#outlet.writtenOffset;
    return this.#deps.tail.headOffset;
  }

  receipt(): { from: string; to: string; bytes: number } {
    const { tail } = this.#deps;
    const to = Math.max(this.#outlet.writtenOffset, this.#from);
    return { from: tail.cursor(this.#from), to: tail.cursor(to), bytes: this.#outlet.writtenBytes };
  }

  /** Called every progress interval. A consumer that does not read is not sent more. */
  progress(nowMs: number): void {
    if (this.#state === "reading") this.#slices.look();
    if (!this.#sentFirst || this.#inSnapshot || this.#state === "ended" || !this.#outlet.isIdle) return;
    this.#feed?.flush();
    if (!this.#outlet.isIdle) return;
    this.#outlet.offer(this.#deps.tail.progress(this.#shape.codec, this.#safeOffset, nowMs));
  }

  /** The gateway shuts down: says so with a cursor, then ends the stream. */
  async goAway(retryAfterMs: number): Promise<void> {
    if (this.#state === "ended") return;
    this.#feed?.flush();
    this.#position = this.#safeOffset;
    this.#leaveFeed();
    this.#state = "leaving";
    this.#wake?.();
    await this.#reading;
    const retryAfter = { seconds: BigInt(Math.floor(retryAfterMs / 1000)), nanos: (retryAfterMs % 1000) * 1_000_000 };
    await this.#sendNotice({ case: "goingAway", value: { retryAfter } });
    this.#end(
      new CallwireError("GOING_AWAY", "the gateway is shutting down; resume from the cursor", { retryAfterMs }),
    );
  }

  /** The end of a bounded subscription: the consumer gets the cursor of all that was looked at. */
  async #finish(): Promise<void> {
    if (this.#outlet.writtenOffset < this.#position)
      await this.#send({ cursor: this.#deps.tail.cursor(this.#position) });
    this.#end(undefined);
  }

  #fail(error: unknown): void {
    const known = error instanceof CallwireError;
    this.#end(known ? error : new CallwireError("INTERNAL", "the subscription failed", { cause: error }));
  }

  /** The client is gone, or its deadline passed. */
  cancel(error?: CallwireError): void {
    this.#end(error);
  }

  /** Too much is held for clients that do not read, and this one has not read for longest. */
  #abandon(): void {
    this.#outlet.abandon();
    this.#end(undefined);
  }

  #end(error: CallwireError | undefined): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#leaveFeed();
    this.#slices.release(true);
    this.#wake?.();
    this.#outlet.end(error);
    this.#onEnd();
  }

  #leaveFeed(): void {
    if (this.#feed !== undefined) this.#deps.tail.leave(this.#feed, this);
    this.#feed = undefined;
  }
}
