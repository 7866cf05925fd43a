/** Reads a webhook's body: bounded in size after decompression, and in time. */
import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { createGunzip } from "node:zlib";
import { CallwireError } from "../errors/callwire-error.ts";

export type HttpRequest = IncomingMessage | Http2ServerRequest;

export interface BodyLimits {
  maxBodyBytes: number;
  requestTimeoutMs: number;
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

/**
 * @throws CallwireError BODY_TOO_LARGE, REQUEST_TIMEOUT, UNSUPPORTED_MEDIA_TYPE or MALFORMED_JSON (broken gzip); undefined
 *   when the client went away before the body was whole
 */
export function readBody(request: HttpRequest, limits: BodyLimits): Promise<Buffer | undefined> {
  const zipped = isGzip(request);
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > limits.maxBodyBytes) return Promise.reject(tooLarge(limits.maxBodyBytes));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const source = zipped ? request.pipe(createGunzip()) : request;
    const settle = (outcome: Buffer | undefined | CallwireError): void => {
      clearTimeout(timer);
      source.removeAllListeners("data");
      if (zipped) request.unpipe();
      if (outcome instanceof CallwireError) reject(outcome);
      else resolve(outcome);
    };
    const timer = setTimeout(() => {
      const message = `the body did not arrive within ${limits.requestTimeoutMs} ms (limits.request_timeout)`;
      settle(new CallwireError("REQUEST_TIMEOUT", message));
    }, limits.requestTimeoutMs);
    source.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > limits.maxBodyBytes) settle(tooLarge(limits.maxBodyBytes));
      else chunks.push(chunk);
    });
    source.on("end", () => settle(Buffer.concat(chunks)));
    source.on("error", (cause: Error) =>
      settle(zipped ? new CallwireError("MALFORMED_JSON", "the body is not valid gzip", { cause }) : undefined),
    );
    request.on("aborted", () => settle(undefined));
    request.on("close", () => settle(undefined));
  });
}
