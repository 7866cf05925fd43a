/**
 * Subscribe, written straight to the HTTP stream. Connect's own handlers serialise for every subscriber and pass each
 * message through async iterators; here the fan-out's shared buffers go out as they are. Everything else about the RPC is as
 * in an ordinary handler: gRPC, gRPC-Web and Connect, Protobuf and JSON, deadlines, typed errors.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { SubscribeRequestSchema } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import type { Receipt } from "../auth/audit-log.ts";
import { connectionOf, type Gate } from "../auth/gate.ts";
import type { HeldBodies } from "../auth/held-bodies.ts";
import type { OpenStreams } from "../auth/open-streams.ts";
import type { Quotas } from "../auth/quotas.ts";
import type { Limits } from "../config/limits.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import type { Fanout, OpenSubscription } from "../fanout/fanout.ts";
import { auditFacts, readSubscription } from "../fanout/subscription.ts";
import type { Deadlines } from "../http2/deadlines.ts";
import type { Http2Request } from "../http2/request.ts";
import type { Http2Response } from "../http2/response.ts";
import type { GatewayLog } from "../log/gateway-log.ts";
import { toConnectError } from "./connect-error.ts";
import { decodeStrict } from "./decode-strict.ts";
import { readOnlyMessage } from "./only-message.ts";
import { cutLater } from "./request-time.ts";
import { protocolOf, requestTimeoutMs, type StreamProtocol } from "./subscribe-protocol.ts";
import { HttpSink, rawOutputOf } from "./subscribe-sink.ts";

export type AnyRequest = IncomingMessage | Http2Request;

/** What both HTTP versions' responses have, with signatures that agree. */
export interface AnyResponse {
  readonly headersSent: boolean;
  readonly destroyed: boolean;
  setHeader(name: string, value: string): unknown;
  writeHead(status: number, headers: Record<string, string>): unknown;
  addTrailers(trailers: Record<string, string>): void;
  end(data?: Uint8Array): unknown;
  destroy(): unknown;
  once(event: "close", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

export interface SubscribeDeps {
  gate: Gate;
  streams: OpenStreams;
  quotas: Quotas;
  bodies: HeldBodies;
  arrivals: Deadlines;
  log: GatewayLog;
  fanout: Fanout;
  limits: Limits;
}

export const subscribePath = "/callwire.v1.SubscriptionService/Subscribe";

/** Refuses what is not a streaming RPC of a known protocol. */
function refuse(response: AnyResponse, status: number, headers: Record<string, string>): void {
  response.writeHead(status, headers);
  response.end();
}

type RawHandler = (request: AnyRequest, response: ServerResponse | Http2Response) => void;

export function createSubscribeHandler(deps: SubscribeDeps): RawHandler {
  return (request, rawResponse) => {
    const response = rawResponse as AnyResponse;
    if (request.method !== "POST") return refuse(response, 405, { allow: "POST" });
    const protocol = protocolOf(request.headers["content-type"]);
    if (protocol === undefined) {
      const accepted = "application/grpc, application/grpc-web, application/connect+proto, application/connect+json";
      return refuse(response, 415, { "accept-post": accepted });
    }
    if (protocol.name === "grpc" && request.httpVersionMajor < 2) return refuse(response, 505, {});
    const sink = new HttpSink(protocol, response, rawOutputOf(rawResponse));
    void serve(deps, request, response, sink, protocol);
  };
}

async function serve(
  deps: SubscribeDeps,
  request: AnyRequest,
  response: AnyResponse,
  sink: HttpSink,
  protocol: StreamProtocol,
): Promise<void> {
  let open: OpenSubscription | undefined;
  let leave: ((receipt?: Receipt) => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let gone = false;
  sink.onGone(() => {
    gone = true;
    clearTimeout(timer);
    leave?.(open?.receipt());
    open?.cancel();
  });
  try {
    const timeoutMs = requestTimeoutMs(protocol, request.headers);
    if (timeoutMs !== undefined) {
      timer = setTimeout(() => {
        const late = new CallwireError("DEADLINE_EXCEEDED", `the deadline of ${timeoutMs} ms passed`);
        if (open === undefined) sink.end(late);
        else open.cancel(late);
      }, timeoutMs);
    }
    const access = await deps.gate.admitToRpc(request, subscribePath);
    if (gone) return;
    const encoding = String(request.headers[protocol.encodingHeader] ?? "identity");
    const bytes = await readOnlyMessage(request, encoding, deps);
    if (gone) return;
    const message = decodeStrict(SubscribeRequestSchema, bytes, protocol.codec);
    const subscription = readSubscription(message, deps.log, deps.limits, access);
    const { policy } = access;
    const address = connectionOf(request).remoteAddress ?? "";
    const facts = { rpc: subscribePath, address, ...auditFacts(subscription) };
    leave = deps.streams.open(policy, facts, (error) => open?.cancel(error));
    const pauseMs = (bytes: number): number => deps.quotas.replayed(subscription.tenant, policy, bytes);
    open = deps.fanout.subscribe(subscription, sink, pauseMs);
  } catch (error) {
    request.resume();
    sink.fail(toConnectError(error));
    if (!request.complete) cutLater(request, response, deps.limits.requestTimeoutMs);
  }
}
