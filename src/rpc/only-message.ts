/** Reads the one enveloped message of a request that has only one: as it is, or inflated; bounded in size, in time, and over all senders. */
import type { IncomingMessage } from "node:http";
import type { HeldBodies } from "../auth/held-bodies.ts";
import type { Limits } from "../config/limits.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import type { Deadlines } from "../http2/deadlines.ts";
import type { Http2Request } from "../http2/request.ts";
import { RequestMessages } from "./request-messages.ts";
import { whenLate } from "./request-time.ts";

type NodeRequest = IncomingMessage | Http2Request;

/** Settles with the message once the request is whole, or with why there is none. */
function receive(request: NodeRequest, messages: RequestMessages, arrival: PromiseWithResolvers<Buffer>): void {
  const { resolve, reject } = arrival;
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
    if (isRefused) return;
    try {
      resolve(messages.only());
    } catch (error) {
      reject(error);
    }
  });
  request.on("error", reject);
  request.on("close", () => {
    // After its end it tells nothing new.
    if (!request.complete) reject(new CallwireError("MALFORMED_REQUEST", "the request ended too early"));
  });
}

/**
 * @param encoding the compression that the request names
 * @throws CallwireError MALFORMED_REQUEST, BODY_TOO_LARGE, REQUEST_TIMEOUT, OVERLOADED or NOT_SUPPORTED
 */
export async function readOnlyMessage(
  request: NodeRequest,
  encoding: string,
  { limits, bodies, arrivals }: { limits: Limits; bodies: HeldBodies; arrivals: Deadlines },
): Promise<Buffer> {
  const messages = new RequestMessages(encoding, limits.maxPublishBytes, bodies);
  const arrival = Promise.withResolvers<Buffer>();
  const arrived = whenLate(request, arrivals, arrival.reject);
  try {
    receive(request, messages, arrival);
    return await arrival.promise;
  } finally {
    arrived();
    messages.release();
  }
}
