/** CORS for browsers that call the RPCs. Webhooks get none: no web page is to post events. */
import { cors as connectCors } from "@connectrpc/connect";
import { isLocalOrigin } from "./foreign-pages.ts";
import type { AnyHttpRequest, AnyHttpResponse } from "./port.ts";

export interface CorsPolicy {
  allowedOrigins: readonly string[];
  /** Pages on this machine, while the gateway is anonymous on loopback. */
  allowsLocalPages(): boolean;
}

const allowedHeaders = [
  ...connectCors.allowedHeaders,
  "Authorization",
  "X-Api-Key",
  "Grpc-Timeout",
  "X-User-Agent",
].join(", ");
const exposedHeaders = connectCors.exposedHeaders.join(", ");
const preflightSeconds = 7_200;

/** Sets the headers that a page may read the answer by; answers a preflight itself and then gives true. */
export function applyCors(policy: CorsPolicy, request: AnyHttpRequest, response: AnyHttpResponse): boolean {
  const origin = request.headers.origin;
  if (origin === undefined) return false;
  response.setHeader("vary", "origin");
  const allowed = policy.allowedOrigins.includes(origin) || (policy.allowsLocalPages() && isLocalOrigin(origin));
  if (allowed) {
    response.setHeader("access-control-allow-origin", origin);
    response.setHeader("access-control-expose-headers", exposedHeaders);
  }
  if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) return false;
  if (allowed) {
    response.setHeader("access-control-allow-methods", connectCors.allowedMethods.join(", "));
    response.setHeader("access-control-allow-headers", allowedHeaders);
    response.setHeader("access-control-max-age", String(preflightSeconds));
  }
  response.statusCode = 204;
  response.end();
  return true;
}
