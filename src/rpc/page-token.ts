/** Page tokens: where a listing goes on, bound to everything else that its request says (AIP-158). */
import { CallwireError, invalidField } from "../errors/callwire-error.ts";

const tokenVersion = 1;
const defaultPageSize = 100;

export function encodePageToken(binding: string, place: string): string {
  return Buffer.from(JSON.stringify([tokenVersion, binding, place])).toString("base64url");
}

/** @throws CallwireError INVALID_PAGE_TOKEN or PAGE_TOKEN_MISMATCH */
export function decodePageToken(token: string, binding: string): string {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(token, "base64url").toString());
  } catch (cause) {
    throw new CallwireError("INVALID_PAGE_TOKEN", "page_token: not a token of this gateway", { cause });
  }
  if (!Array.isArray(parts) || parts.length !== 3 || parts[0] !== tokenVersion || typeof parts[2] !== "string") {
    throw new CallwireError("INVALID_PAGE_TOKEN", "page_token: not a token of this gateway");
  }
  if (parts[1] !== binding) {
    const message = "page_token: it belongs to a request with another tenant, log, filter, range, view or order";
    throw new CallwireError("PAGE_TOKEN_MISMATCH", message);
  }
  return parts[2];
}

/** A place that is an offset. @throws CallwireError INVALID_PAGE_TOKEN */
export function pageOffset(place: string): number {
  const offset = Number(place);
  if (/^\d+$/.test(place) && Number.isSafeInteger(offset)) return offset;
  throw new CallwireError("INVALID_PAGE_TOKEN", "page_token: not a token of this gateway");
}

/** @throws CallwireError INVALID_FIELD */
export function pageSize(given: number, maximum: number): number {
  if (given < 0) throw invalidField("page_size", `${given} is negative`);
  return given === 0 ? defaultPageSize : Math.min(given, maximum);
}
