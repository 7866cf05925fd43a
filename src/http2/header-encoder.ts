/** Writes header blocks (RFC 7541) that leave nothing to remember: static entries and literals only. */
import { staticTable } from "./header-table.ts";

/** Values by lower-case name; several values are several fields. */
export type OutgoingHeaders = Readonly<Record<string, string | number | readonly string[]>>;

const indexOfName = new Map<string, number>();
const indexOfStatus = new Map<string, number>();
staticTable.forEach(([name, value], index) => {
  if (!indexOfName.has(name)) indexOfName.set(name, index + 1);
  if (name === ":status") indexOfStatus.set(value, index + 1);
});

/** Headers that belong to a connection of HTTP/1. */
const ofConnections = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]);

function putInteger(to: number[], pattern: number, prefixBits: number, value: number): void {
  const mask = 2 ** prefixBits - 1;
  if (value < mask) {
    to.push(pattern | value);
    return;
  }
  to.push(pattern | mask);
  let rest = value - mask;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) to.push((rest % 0x80) | 0x80);
  to.push(rest);
}

function putText(to: number[], text: string): void {
  const bytes = Buffer.from(text, "latin1");
  putInteger(to, 0, 7, bytes.length);
  for (const byte of bytes) to.push(byte);
}

function putField(to: number[], name: string, value: string): void {
  const index = indexOfName.get(name) ?? 0;
  putInteger(to, 0, 4, index);
  if (index === 0) putText(to, name);
  putText(to, value);
}

/** Longer values differ from answer to answer. */
const rememberedLength = 128;
/** What each header said last, encoded: most answers say the same again. Names are the gateway's own, and few. */
const before = new Map<string, { value: string; bytes: Uint8Array }>();

function fieldOf(name: string, value: string): Uint8Array {
  const known = before.get(name);
  if (known?.value === value) return known.bytes;
  const field: number[] = [];
  putField(field, name, value);
  const bytes = Uint8Array.from(field);
  if (value.length <= rememberedLength) before.set(name, { value, bytes });
  return bytes;
}

function statusField(status: number): Uint8Array {
  const index = indexOfStatus.get(String(status));
  return index === undefined ? fieldOf(":status", String(status)) : Uint8Array.of(0x80 | index);
}

/** @param status undefined for trailers */
export function headerBlock(status: number | undefined, headers: OutgoingHeaders): Uint8Array {
  const fields = status === undefined ? [] : [statusField(status)];
  for (const [name, value] of Object.entries(headers)) {
    if (ofConnections.has(name)) continue;
    if (typeof value === "object") for (const one of value) fields.push(fieldOf(name, one));
    else fields.push(fieldOf(name, String(value)));
  }
  return Buffer.concat(fields);
}
