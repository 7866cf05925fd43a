/**
 * WatchCalls: a subscription of scope CALL with a snapshot, told as sessions instead of events. The subscription is always
 * read at once; what the consumer has not taken yet waits here, every change of it while there is little, then only the
 * latest state of each session.
 */
import { create, fromBinary } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import {
  type WatchCallsRequest,
  WatchCallsRequestSchema,
  type WatchCallsResponse,
  WatchCallsResponseSchema,
} from "../../gen/ts/callwire/v1/call_pb.ts";
import type { Session } from "../../gen/ts/callwire/v1/session_pb.ts";
import {
  EventView,
  ExpiredCursorPolicy,
  Scope,
  StartPosition,
  SubscribeRequestSchema,
  type SubscribeResponse,
  SubscribeResponseSchema,
} from "../../gen/ts/callwire/v1/subscription_pb.ts";
import type { OpenStreams } from "../auth/open-streams.ts";
import type { Quotas } from "../auth/quotas.ts";
import type { Limits } from "../config/limits.ts";
import type { CallwireError } from "../errors/callwire-error.ts";
import type { Fanout } from "../fanout/fanout.ts";
import type { StreamSink } from "../fanout/outlet.ts";
import { auditFacts, readSubscription } from "../fanout/subscription.ts";
import type { GatewayLog } from "../log/gateway-log.ts";
import { accessOf, addressOf } from "./caller.ts";
import { toConnectError } from "./connect-error.ts";
import { checkStrict } from "./decode-strict.ts";

export interface WatchCallsDeps {
  log: GatewayLog;
  fanout: Fanout;
  limits: Limits;
  streams: OpenStreams;
  quotas: Quotas;
}

const watchCallsPath = "/callwire.v1.CallService/WatchCalls";
/** Responses that may wait before changes are merged into the last of them. */
const maxWaiting = 64;
const envelopeBytes = 5;

/** One response in the making. */
interface Waiting {
  sessions: Map<bigint, Session>;
  rest: Omit<WatchCallsResponse, "$typeName" | "$unknown" | "sessions">;
}

class CallView implements StreamSink {
  readonly codec = "proto";
  #waiting: Waiting[] = [];
  #inSnapshot = false;
  #ended: { error: CallwireError | undefined } | undefined;
  #changed = Promise.withResolvers<void>();

  write(buffers: readonly Uint8Array[], done: () => void): void {
    for (const buffer of buffers) {
      for (let at = 0; at < buffer.length; ) {
        const end = at + envelopeBytes + new DataView(buffer.buffer, buffer.byteOffset).getUint32(at + 1);
        this.#take(fromBinary(SubscribeResponseSchema, buffer.subarray(at + envelopeBytes, end)));
        at = end;
      }
    }
    this.#changed.resolve();
    done();
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
        this.#waiting = [{ sessions: new Map(), rest: { cursor: "", notice } }];
        return;
      case "snapshotEnd":
        this.#inSnapshot = false;
        this.#waiting.push({ sessions: new Map(), rest: { cursor, notice } });
        return;
      case "goingAway":
        this.#waiting.push({ sessions: new Map(), rest: { cursor, notice } });
        return;
    }
    for (const session of sessions) this.#change(session, "");
    for (const { session } of events) if (session !== undefined) this.#change(session, "");
    const last = this.#waiting.at(-1);
    if (last !== undefined && !this.#inSnapshot && last.sessions.size > 0) last.rest.cursor = cursor;
    else if (progress !== undefined) {
      this.#waiting.push({ sessions: new Map(), rest: { cursor, notice: { case: undefined }, progress } });
    }
  }

  /** Adds a change: to the last response when that has none of the session yet, or when too many wait. */
  #change(session: Session, cursor: string): void {
    const last = this.#waiting.at(-1);
    const isOpen = last !== undefined && last.rest.notice.case === undefined && last.rest.progress === undefined;
    if (isOpen && (this.#waiting.length >= maxWaiting || !last.sessions.has(session.firstOffset))) {
      last.sessions.set(session.firstOffset, session);
      return;
    }
    const sessions = new Map([[session.firstOffset, session]]);
    this.#waiting.push({ sessions, rest: { cursor, notice: { case: undefined } } });
  }

  /** What waits, one response at a time; ends with the subscription. */
  async *responses(): AsyncGenerator<WatchCallsResponse> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        yield create(WatchCallsResponseSchema, { ...next.rest, sessions: [...next.sessions.values()] });
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

export async function* watchCalls(
  deps: WatchCallsDeps,
  request: WatchCallsRequest,
  context: HandlerContext,
): AsyncGenerator<WatchCallsResponse> {
  const { signal } = context;
  try {
    const access = accessOf(context);
    checkStrict(WatchCallsRequestSchema, request);
    const { tenant, filters, progressInterval } = request;
    const subscribe = create(SubscribeRequestSchema, {
      tenant,
      filters,
      position: { case: "start", value: StartPosition.LATEST },
      scope: Scope.CALL,
      view: EventView.FULL,
      includeSnapshot: true,
      onExpired: ExpiredCursorPolicy.SKIP_WITH_GAP,
      ...(progressInterval === undefined ? {} : { progressInterval }),
    });
    const view = new CallView();
    // Sessions are what a call is asked for: the highest view of events does not bound them.
    const asked = readSubscription(subscribe, deps.log, deps.limits, access.ofAnyView);
    const facts = { rpc: watchCallsPath, address: addressOf(context), ...auditFacts(asked) };
    const leave = deps.streams.open(access.policy, facts, (error) => view.end(error));
    const pauseMs = (bytes: number): number => deps.quotas.replayed(asked.tenant, access.policy, bytes);
    const subscription = deps.fanout.subscribe(asked, view, pauseMs);
    const cancel = (): void => {
      leave();
      subscription.cancel();
      view.end();
    };
    signal.addEventListener("abort", cancel, { once: true });
    try {
      yield* view.responses();
    } finally {
      cancel();
      signal.removeEventListener("abort", cancel);
    }
  } catch (error) {
    throw toConnectError(error);
  }
}
