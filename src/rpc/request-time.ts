/** How long a request may take to arrive: whoever sends slower is told so, and then cut off. */
import type { IncomingMessage } from "node:http";
import { CallwireError } from "../errors/callwire-error.ts";
import type { Deadlines } from "../http2/deadlines.ts";
import type { Http2Request } from "../http2/request.ts";

/** What the client is given to read the answer. */
const farewellMs = 1_000;

/** Tells that a request is late, and cuts it off soon after. Gives a function for when it has arrived. */
export function whenLate(
  request: IncomingMessage | Http2Request,
  arrivals: Deadlines,
  tell: (error: CallwireError) => void,
): () => void {
  return arrivals.begin(() => {
    const message = `the request did not arrive within ${arrivals.afterMs} ms (limits.request_timeout)`;
    tell(new CallwireError("REQUEST_TIMEOUT", message));
    setTimeout(() => request.destroy(), farewellMs).unref();
  });
}

/** @param arrival settles when the request is whole @throws CallwireError REQUEST_TIMEOUT */
export function arrivingInTime<T>(
  request: IncomingMessage | Http2Request,
  arrival: Promise<T>,
  arrivals: Deadlines,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const arrived = whenLate(request, arrivals, reject);
    // It fails with the request when nobody waits for it any more.
    arrival.then(resolve, reject).finally(arrived);
  });
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
