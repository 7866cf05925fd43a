/** A subscription's reading of the journal: slices in order, one of them ahead of need, and snapshots of sessions. */
import { fromBinary } from "@bufbuild/protobuf";
import { type Session, SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import type { EventReader, FollowedSession, ReadSlice } from "../log/event-reader.ts";
import type { Subscription } from "./subscription.ts";

/** Bytes of a slice, about: what is stored may come in whole blocks. */
export const readBytes = 1024 * 1024;
/**
 * Slices of one plan end at multiples of so many offsets, so that those who read it at the same time read the same. With
 * filters most of what lies between is never read.
 */
const meetEvery = { unfiltered: 4_096, filtered: 65_536 };
/** Sessions of a snapshot in one response. */
const snapshotSessions = 500;

export class JournalReading {
  readonly #subscription: Subscription;
  readonly #reader: EventReader;
  #plan: number | undefined;
  /** The slice after the one that is being sent. */
  #ahead: Promise<ReadSlice> | undefined;

  constructor(subscription: Subscription, reader: EventReader) {
    this.#subscription = subscription;
    this.#reader = reader;
  }

  #registered(): number {
    const { tenant, filters, scope, view, mask } = this.#subscription;
    this.#plan ??= this.#reader.register({ tenant, filters, scope, view, mask });
    return this.#plan;
  }

  /** The slice after an offset. Slices are asked for one after the other. */
  async slice(afterOffset: number, upToOffset: number): Promise<ReadSlice> {
    const ahead = this.#ahead;
    // From here on it is the caller's: forgetting it meanwhile would free its bytes under the caller's hands.
    this.#ahead = undefined;
    return await (ahead ?? this.#read(afterOffset, upToOffset));
  }

  /** The transport has passed a slice on. */
  passedOn(slice: ReadSlice): void {
    this.#reader.done(slice);
  }

  get isReadingAhead(): boolean {
    return this.#ahead !== undefined;
  }

  /** Begins to read the slice that will be asked for next. */
  readAhead(afterOffset: number, upToOffset: number): void {
    this.#ahead = this.#read(afterOffset, upToOffset);
    // Whoever asks for it sees the failure; a subscription that ends meanwhile does not care.
    this.#ahead.catch(() => {});
  }

  /** The slice that was read ahead is not needed. */
  forgetAhead(): void {
    void this.#ahead?.then(
      (slice) => this.#reader.done(slice),
      () => {},
    );
    this.#ahead = undefined;
  }

  #read(afterOffset: number, upToOffset: number): Promise<ReadSlice> {
    const { end, filters } = this.#subscription;
    const stride = filters.filters.length === 0 ? meetEvery.unfiltered : meetEvery.filtered;
    return this.#reader.read(this.#registered(), {
      afterOffset,
      upToOffset,
      ...(end !== undefined && "beforeMs" in end ? { endMs: end.beforeMs } : {}),
      direction: "up",
      maxBytes: readBytes,
      meetAt: (Math.floor(afterOffset / stride) + 1) * stride,
    });
  }

  /** The matching sessions that are open after an offset, each once, some at a time, with their encoded length. */
  async *openSessions(asOf: number): AsyncGenerator<{ sessions: Session[]; bytes: number }> {
    const seen = new Set<number>();
    let before: number | undefined = Number.MAX_SAFE_INTEGER;
    while (before !== undefined) {
      const query = { status: "open", asOf, before, limit: snapshotSessions, maxBytes: readBytes } as const;
      const page = await this.#reader.snapshot(this.#registered(), query);
      const isNew = page.firstOffsets.map((first) => !seen.has(first));
      for (const first of page.firstOffsets) seen.add(first);
      const sessions = page.sessions.filter((_, index) => isNew[index]);
      if (sessions.length > 0) {
        const bytes = sessions.reduce((sum, { length }) => sum + length, 0);
        yield { sessions: sessions.map((encoded) => fromBinary(SessionSchema, encoded)), bytes };
      }
      before = page.next;
    }
  }

  /** For scope CALL: the sessions that are followed by then. */
  followed(upToOffset: number): Promise<FollowedSession[]> {
    return this.#reader.followed(this.#registered(), upToOffset);
  }

  /** Reading is over, for now or for good. */
  release(): void {
    if (this.#plan !== undefined) this.#reader.release(this.#plan);
    this.#plan = undefined;
  }
}
