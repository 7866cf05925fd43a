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
import type { Http2Request } from "../http2/request.ts";
import { Http2Response } from "../http2/response.ts";
import { toConnectError } from "./connect-error.ts";
import { encodeEventsResponse, enveloped } from "./encode-results.ts";
import { type IngestDeps, publish, publishEventsPath, publishStreamPath } from "./publish.ts";
import { readEventsBatch } from "./publish-batch.ts";
import { PublishStream } from "./publish-stream.ts";
import { RequestMessages } from "./request-messages.ts";
import { arrivingInTime, cutLater } from "./request-time.ts";
import type { AnyResponse } from "./subscribe-handler.ts";
import { protocolOf, requestTimeoutMs, type StreamProtocol } from "./subscribe-protocol.ts";
import { HttpSink } from "./subscribe-sink.ts";

export interface PublishDeps extends IngestDeps {
  gate: Gate;
  bodies: HeldBodies;
}

type NodeRequest = IncomingMessage | Http2Request;

/** Resolves with the message once the request is whole. @throws CallwireError */
function onlyMessage(request: NodeRequest, messages: RequestMessages): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let isRefused = false;
    request.on("data", (chunk: Buffer) => {
      // The rest is read and dropped, so that the answer reaches a client that is still sending.
      if (isRefused) return;
      try {
        messages.add(chunk);
      } catch (error) {
        isRefused = true;
        reject(error);
      }
    });
    request.on("end", () => {
      if (!isRefused) messages.only().then(resolve, reject);
    });
    request.on("error", reject);
    request.on("close", () => reject(new CallwireError("MALFORMED_REQUEST", "the request ended too early")));
  });
}

async function publishEvents(deps: PublishDeps, request: NodeRequest, sink: HttpSink, access: Access): Promise<void> {
  const { limits, bodies, quotas, log } = deps;
  try {
    quotas.admitReading(access.onlyTenant(log.tenants), access.policy);
  } catch (error) {
    throw await heldBack(error);
  }
  const encoding = String(request.headers["grpc-encoding"] ?? "identity");
  const messages = new RequestMessages(encoding, limits.maxPublishBytes, bodies);
  try {
    const bytes = await arrivingInTime(request, onlyMessage(request, messages), limits.requestTimeoutMs);
    const outcomes = await publish(deps, readEventsBatch(bytes), access);
    sink.write([enveloped(encodeEventsResponse(outcomes))], () => {});
    sink.end();
  } finally {
    messages.release();
  }
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
  sink.onGone(() => clearTimeout(timer));
  try {
    const timeoutMs = requestTimeoutMs(protocol, request.headers);
    if (timeoutMs !== undefined) {
      const late = new CallwireError("DEADLINE_EXCEEDED", `the deadline of ${timeoutMs} ms passed`);
      timer = setTimeout(() => sink.end(late), timeoutMs);
    }
    const access = await deps.gate.admitToRpc(request, path);
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
