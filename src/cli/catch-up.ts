/** The status line of a long catch-up: how many events came, how fast, and how many of the journal lie ahead. */
import type { SubscribeResponse } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { say, statusLine } from "./output.ts";

/** Shorter catch-ups are not worth a line. */
const patienceMs = 1_000;
const refreshMs = 200;

export class CatchUp {
  #now: () => number;
  #startedAtMs: number;
  #shownAtMs = 0;
  #count = 0;
  #headOffset: bigint | undefined;
  #behind: bigint | undefined;
  #live = false;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#startedAtMs = now();
  }

  /** Tells the head of the journal before the first `progress` does. */
  aimAt(headCursor: string): void {
    this.#headOffset ??= offsetOf(headCursor);
  }

  onResponse(response: SubscribeResponse): void {
    this.#count += response.events.length;
    this.#measure(response);
    if (response.notice.case === "caughtUp") this.#finish();
    if (response.notice.case === "fellBehind") this.#restart();
    const nowMs = this.#now();
    if (this.#live || nowMs - this.#startedAtMs < patienceMs || nowMs - this.#shownAtMs < refreshMs) return;
    this.#shownAtMs = nowMs;
    statusLine.show(describeCatchUp(this.#count, nowMs - this.#startedAtMs, this.#behind));
  }

  /** `progress` comes every few seconds; between two the distance to the last known head is the best estimate. */
  #measure({ progress, cursor }: SubscribeResponse): void {
    if (progress !== undefined) {
      this.#headOffset = offsetOf(progress.headCursor);
      this.#behind = progress.eventsBehind;
      return;
    }
    const offset = offsetOf(cursor);
    if (this.#headOffset === undefined || offset === undefined) return;
    this.#behind = this.#headOffset > offset ? this.#headOffset - offset : 0n;
  }

  #finish(): void {
    if (this.#live) return;
    this.#live = true;
    const tookMs = this.#now() - this.#startedAtMs;
    if (statusLine.shown) say(`caught up: ${describeCatchUp(this.#count, tookMs, undefined)}.`);
  }

  #restart(): void {
    this.#live = false;
    this.#startedAtMs = this.#now();
    this.#count = 0;
  }
}

/** `12,345 events, 4,100/s, 880,000 behind`. */
export function describeCatchUp(count: number, tookMs: number, behind: bigint | undefined): string {
  const rate = Math.round(count / Math.max(tookMs / 1_000, 0.001));
  const lag = behind === undefined ? "" : `, ${behind.toLocaleString("en")} behind`;
  return `${count.toLocaleString("en")} events, ${rate.toLocaleString("en")}/s${lag}`;
}

function offsetOf(cursor: string): bigint | undefined {
  const digits = /-(\d+)$/.exec(cursor)?.[1];
  return digits === undefined ? undefined : BigInt(digits);
}
