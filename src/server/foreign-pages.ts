/**
 * Pages of others. While the gateway is anonymous on loopback it serves whoever is on this machine, and so does a browser on
 * it for every page that is open there: through CORS, which allows local pages alone, and past CORS by a host name that is made to
 * resolve to 127.0.0.1 once the page is loaded. Neither is served.
 */
import type { AnyHttpRequest } from "./port.ts";

const localOrigin = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;
const localHost = /^(?:127(?:\.\d{1,3}){3}|(?:.+\.)?localhost|\[::1\])(?::\d+)?$/i;

export function isLocalOrigin(origin: string): boolean {
  return localOrigin.test(origin);
}

/** Whether a page that is not of this machine sends the request. Browsers tell the origin with everything but plain reading. */
export function isForeignPage(request: AnyHttpRequest, allowedOrigins: readonly string[]): boolean {
  const { origin, host = "", ":authority": authority = host } = request.headers;
  if (origin !== undefined) return !isLocalOrigin(origin) && !allowedOrigins.includes(origin);
  // Only names with a dot can be somebody else's.
  const name = String(authority);
  return request.method === "GET" && name.includes(".") && !localHost.test(name);
}
