/** How long a request may take to arrive: whoever sends slower is told so, and then cut off. */
import type { IncomingMessage } from "node:http";
import { CallwireError } from "../errors/callwire-error.ts";
import type { Http2Request } from "../http2/request.ts";

/** What the client is given to read the answer. */
const farewellMs = 1_000;

/** @param arrival settles when the request is whole @throws CallwireError REQUEST_TIMEOUT */
export async function arrivingInTime<T>(
  request: IncomingMessage | Http2Request,
  arrival: Promise<T>,
  timeoutMs: number,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const message = `the request did not arrive within ${timeoutMs} ms (limits.request_timeout)`;
    late.reject(new CallwireError("REQUEST_TIMEOUT", message));
    setTimeout(() => request.destroy(), farewellMs).unref();
    arrival.catch(() => {}); // It fails with the request, when nobody waits for it any more.
  }, timeoutMs);
  try {
    return await Promise.race([arrival, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** A client that goes on sending after its answer has as long to end as for a request. */
export function cutLater(
  request: IncomingMessage | Http2Request,
  response: { destroy(): unknown },
  afterMs: number,
): void {
  const timer = setTimeout(() => response.destroy(), afterMs).unref();
  request.once("end", () => clearTimeout(timer));
  request.once("close", () => clearTimeout(timer));
}
