/** What a request's header list says, and whether it may (RFC 9113, section 8). */
import type { IncomingHttpHeaders } from "node:http";
import type { HeaderList } from "./header-decoder.ts";
import type { HeaderField } from "./header-table.ts";

export interface RequestHead {
  method: string;
  path: string;
  authority: string;
  /** Requests that are alike share them. */
  headers: Readonly<IncomingHttpHeaders>;
  /** Bytes of the body, when they were announced. */
  contentLength: number | undefined;
  /** More headers were sent than may be; what came after those that may is left out. */
  isTruncated: boolean;
}

const token = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const badValue = /[\0\r\n]|^[ \t]|[ \t]$/;
const forbidden = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]);
/** Given twice, the first counts. */
const single = new Set(["authorization", "content-type", "host", "origin", "user-agent"]);
const pseudoNames = new Set([":method", ":scheme", ":path", ":authority"]);

function isRegular([name, value]: HeaderField): boolean {
  if (!token.test(name) || badValue.test(value) || forbidden.has(name)) return false;
  return name !== "te" || value === "trailers";
}

function join(headers: IncomingHttpHeaders, name: string, value: string): void {
  const before = headers[name];
  if (before === undefined) headers[name] = value;
  else if (!single.has(name)) headers[name] = `${String(before)}${name === "cookie" ? "; " : ", "}${value}`;
}

/** Undefined when the request is malformed. */
export function requestHead({ fields, isTooLarge }: HeaderList): RequestHead | undefined {
  const pseudo = new Map<string, string>();
  const headers = Object.create(null) as IncomingHttpHeaders;
  let hasRegular = false;
  for (const field of fields) {
    const [name, value] = field;
    if (name.startsWith(":")) {
      if (hasRegular || pseudo.has(name) || !pseudoNames.has(name) || badValue.test(value)) return undefined;
      pseudo.set(name, value);
    } else {
      if (!isRegular(field) || (name === "content-length" && headers[name] !== undefined)) return undefined;
      hasRegular = true;
      join(headers, name, value);
    }
  }
  const [method, path] = [pseudo.get(":method"), pseudo.get(":path")];
  if (!method || !path || !pseudo.get(":scheme")) return undefined;
  const length = headers["content-length"];
  if (length !== undefined && !/^\d{1,15}$/.test(length)) return undefined;
  const authority = pseudo.get(":authority") ?? headers.host ?? "localhost";
  // As Node has it: whoever judges a request by its host looks here first.
  headers[":authority"] = authority;
  const contentLength = length === undefined ? undefined : Number(length);
  return { method, path, authority, headers, contentLength, isTruncated: isTooLarge };
}

/** Whether fields after a body are those that may follow one. */
export function areTrailers(fields: readonly HeaderField[]): boolean {
  return fields.every((field) => !field[0].startsWith(":") && isRegular(field));
}
