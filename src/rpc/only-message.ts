/** Reads the one enveloped message of a request that has only one: as it is, or inflated; bounded in size, in time, and over all senders. */
import type { IncomingMessage } from "node:http";
import type { HeldBodies } from "../auth/held-bodies.ts";
import type { Limits } from "../config/limits.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import type { Http2Request } from "../http2/request.ts";
import { RequestMessages } from "./request-messages.ts";
import { arrivingInTime } from "./request-time.ts";

type NodeRequest = IncomingMessage | Http2Request;

/** Resolves with the message once the request is whole. @throws CallwireError */
function arriving(request: NodeRequest, messages: RequestMessages): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let isRefused = false;
    request.on("data", (chunk: Buffer) => {
      // The rest is read and dropped, so that the answer reaches a client that is still sending.
      if (isRefused) return;
      try {
        messages.add(chunk);
        messages.checkOnly();
      } catch (error) {
        isRefused = true;
        reject(error);
      }
    });
    request.on("end", () => {
      if (!isRefused) messages.only().then(resolve, reject);
    });
    request.on("error", reject);
    request.on("close", () => {
      // After its end it tells nothing new.
      if (!request.complete) reject(new CallwireError("MALFORMED_REQUEST", "the request ended too early"));
    });
  });
}

/**
 * @param encoding the compression that the request names
 * @throws CallwireError MALFORMED_REQUEST, BODY_TOO_LARGE, REQUEST_TIMEOUT, OVERLOADED or NOT_SUPPORTED
 */
export async function readOnlyMessage(
  request: NodeRequest,
  encoding: string,
  { maxPublishBytes, requestTimeoutMs }: Limits,
  bodies: HeldBodies,
): Promise<Buffer> {
  const messages = new RequestMessages(encoding, maxPublishBytes, bodies);
  try {
    return await arrivingInTime(request, arriving(request, messages), requestTimeoutMs);
  } finally {
    messages.release();
  }
}
