/**
 * What a consumer of WatchCalls has not taken yet. Its subscription is always read at once; what comes of it waits here: every
 * change while there is little, then only the latest state of each session. So what waits is bounded by the sessions there are, and
 * no response outgrows what clients take.
 */
import { create, fromBinary } from "@bufbuild/protobuf";
import { type WatchCallsResponse, WatchCallsResponseSchema } from "../../gen/ts/callwire/v1/call_pb.ts";
import type { Session } from "../../gen/ts/callwire/v1/session_pb.ts";
import { type SubscribeResponse, SubscribeResponseSchema } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import type { CallwireError } from "../errors/callwire-error.ts";
import type { StreamSink } from "../fanout/outlet.ts";
import { concat } from "../log/block.ts";
import { encodeSession } from "../sessions/encode-session.ts";

/** Responses that may wait before a change replaces what waits of its session. */
const maxWaiting = 64;
/** A response grows no further than this; a session has at most 256 KiB. */
const maxResponseBytes = 1024 * 1024;
const envelopeBytes = 5;

/** One response in the making. */
interface Waiting {
  /** By their first offsets. */
  sessions: Map<bigint, { session: Session; bytes: number }>;
  bytes: number;
  rest: Omit<WatchCallsResponse, "$typeName" | "$unknown" | "sessions">;
}

function alone(rest: Waiting["rest"]): Waiting {
  return { sessions: new Map(), bytes: 0, rest };
}

export class CallView implements StreamSink {
  readonly codec = "proto";
  readonly takesBack = false;
  #waiting: Waiting[] = [];
  #inSnapshot = false;
  #ended: { error: CallwireError | undefined } | undefined;
  #changed = Promise.withResolvers<void>();

  /** @param buffers whole messages, each in one piece or several */
  write(buffers: readonly Uint8Array[], done: () => void): void {
    const bytes = buffers.length === 1 ? buffers[0]! : concat(buffers);
    const lengths = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; ) {
      const end = at + envelopeBytes + lengths.getUint32(at + 1);
      this.#take(fromBinary(SubscribeResponseSchema, bytes.subarray(at + envelopeBytes, end)));
      at = end;
    }
    this.#changed.resolve();
    done();
  }

  /** Nothing is ever under way. */
  takeBack(ends: readonly number[]) {
    return { buffers: ends.at(-1)!, bytes: 0, isOwn: true };
  }

  abandon(): void {
    this.end();
  }

  end(error?: CallwireError): void {
    this.#ended = { error };
    this.#changed.resolve();
  }

  #take({ events, sessions, cursor, notice, progress }: SubscribeResponse): void {
    switch (notice.case) {
      case "snapshotBegin":
        this.#inSnapshot = true;
        // What waits is overtaken by the snapshot.
        this.#waiting = [alone({ cursor: "", notice })];
        return;
      case "snapshotEnd":
        this.#inSnapshot = false;
        this.#waiting.push(alone({ cursor, notice }));
        return;
      case "goingAway":
        this.#waiting.push(alone({ cursor, notice }));
        return;
    }
    for (const session of sessions) this.#change(session);
    for (const { session } of events) if (session !== undefined) this.#change(session);
    const last = this.#waiting.at(-1);
    if (last !== undefined && !this.#inSnapshot && last.sessions.size > 0) last.rest.cursor = cursor;
    else if (progress !== undefined) this.#waiting.push(alone({ cursor, notice: { case: undefined }, progress }));
  }

  /** Adds a change: to the last response, to one of its own, or, when many wait, in the place of what waits of its session. */
  #change(session: Session): void {
    const { firstOffset } = session;
    const bytes = encodeSession(session).length;
    const waits = this.#waiting.length < maxWaiting ? undefined : this.#waiting.findLast(holds(firstOffset));
    if (waits !== undefined) forget(waits, firstOffset);
    const target = [waits, this.#waiting.at(-1)].find((one) => one !== undefined && hasRoom(one, firstOffset, bytes));
    const open = target ?? alone({ cursor: "", notice: { case: undefined } });
    if (target === undefined) this.#waiting.push(open);
    open.sessions.set(firstOffset, { session, bytes });
    open.bytes += bytes;
  }

  /** What waits, one response at a time; ends with the subscription. */
  async *responses(): AsyncGenerator<WatchCallsResponse> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        const sessions = [...next.sessions.values()].map(({ session }) => session);
        yield create(WatchCallsResponseSchema, { ...next.rest, sessions });
      } else if (this.#ended !== undefined) {
        if (this.#ended.error !== undefined) throw this.#ended.error;
        return;
      } else {
        this.#changed = Promise.withResolvers();
        await this.#changed.promise;
      }
    }
  }
}

function holds(firstOffset: bigint): (waiting: Waiting) => boolean {
  return ({ sessions }) => sessions.has(firstOffset);
}

function hasRoom({ rest, sessions, bytes }: Waiting, firstOffset: bigint, more: number): boolean {
  const isOfSessions = rest.notice.case === undefined && rest.progress === undefined;
  return isOfSessions && !sessions.has(firstOffset) && bytes + more <= maxResponseBytes;
}

function forget(waiting: Waiting, firstOffset: bigint): void {
  waiting.bytes -= waiting.sessions.get(firstOffset)!.bytes;
  waiting.sessions.delete(firstOffset);
}
