/**
 * Turns the responses of one stream after another into what is handed out and what handling it means for the position.
 * An event is never repeated, a snapshot is handed out whole or not at all, and the last entry of a response moves the
 * position to the response's cursor.
 */
import { durationMs } from "@bufbuild/protobuf/wkt";
import type { Session } from "../../../gen/ts/callwire/v1/session_pb.ts";
import type { SubscribeResponse } from "../../../gen/ts/callwire/v1/subscription_pb.ts";
import type { CheckpointState } from "./checkpoint.ts";
import type { Delivery } from "./delivery.ts";
import type { SubscriptionStatus } from "./status.ts";

/** A step of the stream. One without a delivery moves the position alone. */
export interface Entry {
  delivery?: Delivery;
  /** Told when everything before it was handled. */
  status?: SubscriptionStatus;
  /** Where the subscription is once this was handled. */
  state: CheckpointState;
}

export class EntryMaker {
  /** The position of the newest entry made. */
  #state: CheckpointState;
  #lastOffset: bigint;
  #sessions: Session[] | undefined;
  #awaitsSnapshot: boolean;

  constructor(state: CheckpointState, includeSnapshot: boolean) {
    this.#state = state;
    this.#lastOffset = offsetOf(state.cursor);
    this.#awaitsSnapshot = includeSnapshot;
  }

  /** What the next stream resumes after; empty before the first cursor. */
  get cursor(): string {
    return this.#state.cursor;
  }

  /** Whether the next stream is to begin with a snapshot: none has been received whole. */
  get awaitsSnapshot(): boolean {
    return this.#awaitsSnapshot;
  }

  /** A stream begins; a snapshot that the one before did not finish is dropped. */
  beginStream(): void {
    this.#sessions = undefined;
  }

  take(response: SubscribeResponse): Entry[] {
    const entries: Entry[] = [];
    this.#filterDigest(response, entries);
    this.#noticeBefore(response, entries);
    this.#events(response, entries);
    this.#noticeAfter(response, entries);
    this.#moveTo(response.cursor, entries);
    return entries;
  }

  #filterDigest({ filterDigest }: SubscribeResponse, entries: Entry[]): void {
    const previousDigest = this.#state.filterDigest;
    if (filterDigest === "" || filterDigest === previousDigest) return;
    this.#state = { ...this.#state, filterDigest };
    if (previousDigest !== "") {
      this.#add(entries, { kind: "filterChanged", previousDigest, digest: filterDigest });
    }
  }

  #noticeBefore({ notice, sessions }: SubscribeResponse, entries: Entry[]): void {
    if (notice.case === "gap") {
      const { fromCursor, toCursor } = notice.value;
      this.#state = { ...this.#state, cursor: toCursor };
      this.#add(entries, { kind: "gap", fromCursor, toCursor });
    }
    if (notice.case === "fellBehind") {
      const { queuedBytes } = notice.value;
      entries.push({ status: { kind: "fellBehind", queuedBytes }, state: this.#state });
    }
    if (notice.case === "snapshotBegin") this.#sessions = [];
    this.#sessions?.push(...sessions);
  }

  #events({ events, matches, cursor }: SubscribeResponse, entries: Entry[]): void {
    const epoch = cursor.slice(0, cursor.indexOf("-") + 1);
    const { filterDigest } = this.#state;
    events.forEach((event, index) => {
      if (event.offset <= this.#lastOffset) return;
      this.#lastOffset = event.offset;
      const own = `${epoch}${event.offset}`;
      this.#state = { cursor: own, filterDigest };
      this.#add(entries, { kind: "event", event, cursor: own, matches: matches[index]?.filters ?? [] });
    });
  }

  #noticeAfter({ notice, cursor }: SubscribeResponse, entries: Entry[]): void {
    if (notice.case === "snapshotEnd" && this.#sessions !== undefined) {
      const sessions = this.#sessions;
      this.#sessions = undefined;
      this.#awaitsSnapshot = false;
      this.#add(entries, { kind: "snapshot", sessions, cursor });
    }
    if (notice.case === "caughtUp") entries.push({ status: { kind: "caughtUp" }, state: this.#state });
    if (notice.case === "goingAway") {
      const { retryAfter } = notice.value;
      this.#add(entries, { kind: "goingAway", retryAfterMs: retryAfter === undefined ? 0 : durationMs(retryAfter) });
    }
  }

  #add(entries: Entry[], delivery: Delivery): void {
    entries.push({ delivery, state: this.#state });
  }

  /** Handling the last of a response is handling the response. */
  #moveTo(cursor: string, entries: Entry[]): void {
    if (cursor !== "") this.#state = { ...this.#state, cursor };
    const last = entries.at(-1);
    if (last === undefined) entries.push({ state: this.#state });
    else last.state = this.#state;
  }
}

/** The offset of a cursor; 0 of what is none, which the gateway refuses. */
function offsetOf(cursor: string): bigint {
  const digits = /-(\d+)$/.exec(cursor)?.[1];
  return digits === undefined ? 0n : BigInt(digits);
}
