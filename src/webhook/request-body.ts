/** Reads a webhook's body: bounded in size after decompression, and in time. */
import type { IncomingMessage } from "node:http";
import type { HeldBody } from "../auth/held-bodies.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import type { Deadlines } from "../http2/deadlines.ts";
import type { Http2Request } from "../http2/request.ts";

export type HttpRequest = IncomingMessage | Http2Request;

export interface BodyLimits {
  maxBodyBytes: number;
  requestTimeoutMs: number;
}

export interface Body {
  /** The bytes as they came. */
  raw: Buffer;
  /** Without compression. @throws CallwireError BODY_TOO_LARGE, OVERLOADED or MALFORMED_JSON (broken gzip) */
  content(): Buffer | Promise<Buffer>;
}

function tooLarge(maxBytes: number): CallwireError {
  return new CallwireError("BODY_TOO_LARGE", `the body is larger than ${maxBytes} bytes (limits.max_body_bytes)`);
}

/** @throws CallwireError UNSUPPORTED_MEDIA_TYPE */
function isGzip(request: HttpRequest): boolean {
  const encoding = String(request.headers["content-encoding"] ?? "identity")
    .trim()
    .toLowerCase();
  if (encoding === "identity") return false;
  if (encoding === "gzip" || encoding === "x-gzip") return true;
  throw new CallwireError("UNSUPPORTED_MEDIA_TYPE", `content-encoding ${JSON.stringify(encoding)}; send gzip or none`);
}

async function inflate(bytes: Buffer, maxBytes: number, held: HeldBody): Promise<Buffer> {
  try {
    return await held.inflate(bytes, maxBytes);
  } catch (cause) {
    if (cause instanceof CallwireError) throw cause;
    if (cause instanceof RangeError) throw tooLarge(maxBytes);
    throw new CallwireError("MALFORMED_JSON", "the body is not valid gzip", { cause });
  }
}

/** The bytes as they came; undefined when the client went away before they were whole. */
function collect(
  request: HttpRequest,
  limits: BodyLimits,
  held: HeldBody,
  arrivals: Deadlines,
): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let isSettled = false;
    const settle = (outcome: Buffer | undefined | CallwireError): void => {
      if (isSettled) return;
      isSettled = true;
      arrived();
      if (!(outcome instanceof CallwireError)) return resolve(outcome);
      request.removeAllListeners("data");
      reject(outcome);
    };
    const arrived = arrivals.begin(() => {
      const message = `the body did not arrive within ${limits.requestTimeoutMs} ms (limits.request_timeout)`;
      settle(new CallwireError("REQUEST_TIMEOUT", message));
    });
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > limits.maxBodyBytes) return settle(tooLarge(limits.maxBodyBytes));
      try {
        held.take(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        settle(error as CallwireError);
      }
    });
    request.on("end", () => settle(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    request.on("error", () => settle(undefined));
    request.on("close", () => settle(undefined));
  });
}

/**
 * Undefined when the client went away before the body was whole.
 *
 * @param held is told of every byte; the caller releases it
 * @throws CallwireError BODY_TOO_LARGE, REQUEST_TIMEOUT, OVERLOADED or UNSUPPORTED_MEDIA_TYPE
 */
export async function readBody(
  request: HttpRequest,
  limits: BodyLimits,
  held: HeldBody,
  arrivals: Deadlines,
): Promise<Body | undefined> {
  const zipped = isGzip(request);
  if (Number(request.headers["content-length"] ?? 0) > limits.maxBodyBytes) throw tooLarge(limits.maxBodyBytes);
  const raw = await collect(request, limits, held, arrivals);
  if (raw === undefined) return undefined;
  return { raw, content: () => (zipped ? inflate(raw, limits.maxBodyBytes, held) : raw) };
}

/**
 * Reads what is left of a request that was answered already, and forgets it: a client that sends everything before it reads would
 * lose the answer with the connection. One that does not end in time is cut off.
 */
export function discardRest(request: HttpRequest, timeoutMs: number): void {
  const timer = setTimeout(() => request.destroy(), timeoutMs);
  request.once("close", () => clearTimeout(timer));
  request.resume();
}
