/**
 * PublishEvents and PublishStream over binary gRPC, written straight to the HTTP stream: what comes in is looked through and
 * handed to the sequencer as it is, and answers are encoded by hand. Other protocols take Connect's way.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Access } from "../auth/access.ts";
import { connectionOf, type Gate } from "../auth/gate.ts";
import type { HeldBodies } from "../auth/held-bodies.ts";
import { heldBack } from "../auth/quotas.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import type { Deadlines } from "../http2/deadlines.ts";
import type { Http2Request } from "../http2/request.ts";
import { Http2Response } from "../http2/response.ts";
import { toConnectError } from "./connect-error.ts";
import { encodeEventsResponse, enveloped } from "./encode-results.ts";
import { readOnlyMessage } from "./only-message.ts";
import { type IngestDeps, publish, publishEventsPath, publishStreamPath } from "./publish.ts";
import { readEventsBatch } from "./publish-batch.ts";
import { PublishStream } from "./publish-stream.ts";
import { cutLater } from "./request-time.ts";
import type { AnyResponse } from "./subscribe-handler.ts";
import { protocolOf, requestTimeoutMs, type StreamProtocol } from "./subscribe-protocol.ts";
import { HttpSink } from "./subscribe-sink.ts";

export interface PublishDeps extends IngestDeps {
  gate: Gate;
  bodies: HeldBodies;
  arrivals: Deadlines;
}

type NodeRequest = IncomingMessage | Http2Request;

async function publishEvents(deps: PublishDeps, request: NodeRequest, sink: HttpSink, access: Access): Promise<void> {
  const { quotas, log } = deps;
  try {
    quotas.admitReading(access.onlyTenant(log.tenants), access.policy);
  } catch (error) {
    throw await heldBack(error);
  }
  const encoding = String(request.headers["grpc-encoding"] ?? "identity");
  const bytes = await readOnlyMessage(request, encoding, deps);
  const outcomes = await publish(deps, readEventsBatch(bytes), access);
  sink.write([enveloped(encodeEventsResponse(outcomes))], () => {});
  sink.end();
}

async function serve(
  deps: PublishDeps,
  path: string,
  request: NodeRequest,
  response: AnyResponse,
  sink: HttpSink,
  protocol: StreamProtocol,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let isGone = false;
  sink.onGone(() => {
    isGone = true;
    clearTimeout(timer);
  });
  try {
    const timeoutMs = requestTimeoutMs(protocol, request.headers);
    if (timeoutMs !== undefined) {
      const late = new CallwireError("DEADLINE_EXCEEDED", `the deadline of ${timeoutMs} ms passed`);
      timer = setTimeout(() => sink.end(late), timeoutMs);
    }
    const access = await deps.gate.admitToRpc(request, path);
    // Nobody tells a second time.
    if (isGone) return;
    if (path === publishEventsPath) await publishEvents(deps, request, sink, access);
    else {
      const address = connectionOf(request).remoteAddress ?? "";
      await new PublishStream(deps, request, sink, access).run(address);
    }
  } catch (error) {
    request.resume();
    sink.fail(toConnectError(error));
  }
  if (!request.complete) cutLater(request, response, deps.limits.requestTimeoutMs);
}

export type PublishHandler = (request: NodeRequest, response: ServerResponse | Http2Response) => boolean;

/** Gives false, and does nothing, for a request that is not one of these two over binary gRPC. */
export function createPublishHandler(deps: PublishDeps): PublishHandler {
  return (request, rawResponse) => {
    const { url } = request;
    if ((url !== publishEventsPath && url !== publishStreamPath) || !(rawResponse instanceof Http2Response))
      return false;
    const protocol = protocolOf(request.headers["content-type"]);
    if (protocol?.name !== "grpc" || protocol.codec !== "proto" || request.method !== "POST") return false;
    const response = rawResponse as AnyResponse;
    const sink = new HttpSink(protocol, response, rawResponse.stream);
    void serve(deps, url, request, response, sink, protocol);
    return true;
  };
}
