/** Requests that no client library would send. */

import { type ClientHttp2Session, type ClientSessionOptions, connect as connectHttp2 } from "node:http2";
import { connect as connectTcp } from "node:net";
import type { RunningGateway } from "../interop/running-gateway.ts";

/** What a connection answers to these bytes until it ends. */
export async function answerTo({ gateway: { url } }: RunningGateway, bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connectTcp(Number(port), hostname);
  socket.write(bytes);
  let text = "";
  try {
    for await (const chunk of socket) text += String(chunk);
  } catch {
    // Reset: what came before it is the answer.
  }
  return text;
}

export interface Http2Answer {
  status: number | undefined;
  headers: Record<string, unknown>;
  body: string;
  /** Of the RST_STREAM that ended it; 0 for none. */
  resetCode: number;
}

export interface Http2Request {
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: Buffer | string;
  /** The request is not ended. */
  isOpen?: boolean;
}

/** One request on a connection of its own. */
export async function http2Answer(
  { gateway: { url } }: RunningGateway,
  request: Http2Request,
  options: ClientSessionOptions = {},
): Promise<Http2Answer> {
  const session = connectHttp2(url, { maxSendHeaderBlockLength: 1024 * 1024, ...options });
  session.on("error", () => {});
  try {
    return await exchange(session, request);
  } finally {
    session.destroy();
  }
}

function exchange(
  session: ClientHttp2Session,
  { path, method = "POST", headers = {}, body, isOpen = false }: Http2Request,
): Promise<Http2Answer> {
  return new Promise((resolve) => {
    const stream = session.request({ ":path": path, ":method": method, ...headers }, { endStream: body === undefined });
    const answer: Http2Answer = { status: undefined, headers: {}, body: "", resetCode: 0 };
    stream.on("response", (given) => {
      answer.status = Number(given[":status"]);
      answer.headers = { ...answer.headers, ...given };
    });
    stream.on("trailers", (given) => {
      answer.headers = { ...answer.headers, ...given };
    });
    stream.on("data", (chunk: Buffer) => {
      answer.body += chunk.toString();
    });
    stream.on("error", () => {});
    stream.on("close", () => resolve({ ...answer, resetCode: stream.rstCode ?? 0 }));
    if (body === undefined) return;
    stream.write(body);
    if (!isOpen) stream.end();
  });
}

/** A gRPC message in its envelope. */
export function envelope(message: Uint8Array, isCompressed = false): Buffer {
  const head = Buffer.alloc(5);
  head[0] = isCompressed ? 1 : 0;
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
