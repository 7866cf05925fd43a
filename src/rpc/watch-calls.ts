/** WatchCalls: a subscription of scope CALL with a snapshot, told as sessions instead of events. */
import { create } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import type { WatchCallsRequest, WatchCallsResponse } from "../../gen/ts/callwire/v1/call_pb.ts";
import {
  EventView,
  ExpiredCursorPolicy,
  Scope,
  StartPosition,
  SubscribeRequestSchema,
} from "../../gen/ts/callwire/v1/subscription_pb.ts";
import type { OpenStreams } from "../auth/open-streams.ts";
import type { Quotas } from "../auth/quotas.ts";
import type { Limits } from "../config/limits.ts";
import type { Fanout } from "../fanout/fanout.ts";
import { auditFacts, readSubscription } from "../fanout/subscription.ts";
import type { GatewayLog } from "../log/gateway-log.ts";
import { CallView } from "./call-view.ts";
import { accessOf, addressOf } from "./caller.ts";
import { toConnectError } from "./connect-error.ts";

export interface WatchCallsDeps {
  log: GatewayLog;
  fanout: Fanout;
  limits: Limits;
  streams: OpenStreams;
  quotas: Quotas;
}

const watchCallsPath = "/callwire.v1.CallService/WatchCalls";
export async function* watchCalls(
  deps: WatchCallsDeps,
  request: WatchCallsRequest,
  context: HandlerContext,
): AsyncGenerator<WatchCallsResponse> {
  const { signal } = context;
  try {
    const access = accessOf(context);
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
