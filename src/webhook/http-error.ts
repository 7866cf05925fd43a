/** Errors on plain HTTP: the catalogue's reasons as JSON. */
import type { ServerResponse } from "node:http";
import { Code } from "../../gen/ts/google/rpc/code_pb.ts";
import type { CallwireError } from "../errors/callwire-error.ts";
import type { Http2Response } from "../http2/response.ts";

export type HttpResponse = ServerResponse | Http2Response;

const codeNames = new Map<number, string>(Object.entries(Code).map(([name, code]) => [code, name.toLowerCase()]));

export function sendJson(
  response: HttpResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const text = `${JSON.stringify(body)}\n`;
  const length = String(Buffer.byteLength(text));
  const typed = response as ServerResponse;
  typed.writeHead(status, { "content-type": "application/json", "content-length": length, ...headers });
  typed.end(text);
}

/** `{code, reason, message, details}`. @param details more than the error itself says */
export function errorBody(error: CallwireError, details: readonly object[] = []): object {
  const { entry, reason, message, metadata, fieldViolations } = error;
  const own: object[] = [{ action: entry.action }];
  if (Object.keys(metadata).length > 0) own.push({ metadata });
  if (fieldViolations.length > 0) own.push({ field_violations: fieldViolations });
  return { code: codeNames.get(entry.code), reason, message, details: [...own, ...details] };
}

/** An answer with `errorBody`. */
export function sendError(
  response: HttpResponse,
  error: CallwireError,
  headers: Record<string, string> = {},
  details: readonly object[] = [],
): void {
  const { entry, retryAfterMs } = error;
  const retry: Record<string, string> =
    retryAfterMs === undefined ? {} : { "retry-after": String(Math.max(1, Math.ceil(retryAfterMs / 1000))) };
  sendJson(response, entry.httpStatus, errorBody(error, details), { ...retry, ...headers });
}
