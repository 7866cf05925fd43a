/**
 * The watchdog of a tenant's sessions: expires those that never ended, and seals closed ones after the wrap-up time, so that
 * a consumer can prove that it has a complete call. What it does are events in the log like any other, a few at a time, and
 * none right after a start: an outage of the gateway ends no calls.
 */
import type { SessionTimes } from "../config/session-times.ts";
import type { Sequencer, Settled } from "./sequencer.ts";
import type { DueSession, SilentSince, View } from "./view.ts";

/** Sessions settled in one round, so that senders do not wait for it. */
const maxPerRound = 256;

export class Watchdog {
  readonly #tenant: string;
  readonly #times: SessionTimes;
  readonly #view: View;
  readonly #sequencer: Sequencer;
  readonly #startedMs: number;

  constructor(tenant: string, times: SessionTimes, view: View, sequencer: Sequencer, startedMs: number) {
    this.#tenant = tenant;
    this.#times = times;
    this.#view = view;
    this.#sequencer = sequencer;
    this.#startedMs = startedMs;
  }

  /** One round; nothing when nothing is due. */
  round(nowMs: number): Settled[] {
    const { expireAfterMs, expireHeldAfterMs, wrapUpMs, startGraceMs } = this.#times;
    if (nowMs < this.#startedMs + startGraceMs) return [];
    const since = { openMs: nowMs - expireAfterMs, heldMs: nowMs - expireHeldAfterMs, closedMs: nowMs - wrapUpMs };
    const due = this.#due(since);
    return due.length === 0 ? [] : [this.#sequencer.settle(this.#tenant, due)];
  }

  /** Before events received before a time are dropped: what has been silent since then is expired and sealed. */
  settleBefore(timeMs: number): Settled[] {
    const settled: Settled[] = [];
    for (;;) {
      const due = this.#due({ openMs: timeMs, heldMs: timeMs, closedMs: timeMs });
      if (due.length === 0) return settled;
      settled.push(this.#sequencer.settle(this.#tenant, due));
      const expired = due.filter(({ action }) => action === "expire").map((one) => this.#asToSeal(one));
      if (expired.length > 0) settled.push(this.#sequencer.settle(this.#tenant, expired));
    }
  }

  #asToSeal({ kind, source, id }: DueSession): DueSession {
    const { firstOffset, lastOffset } = this.#view.currentSession(this.#tenant, kind, source, id)!;
    return { action: "seal", kind, source, id, firstOffset, lastOffset };
  }

  #due(since: SilentSince): DueSession[] {
    return this.#view.dueSessions(this.#tenant, since, maxPerRound);
  }
}
