/** The three streaming protocols: their content types, headers and time-outs. */
import type { IncomingHttpHeaders } from "node:http";
import { parseTimeout as parseConnectTimeout } from "@connectrpc/connect/protocol-connect";
import { parseTimeout as parseGrpcTimeout } from "@connectrpc/connect/protocol-grpc";
import type { Codec } from "../fanout/segment.ts";

export interface StreamProtocol {
  name: "grpc" | "grpc-web" | "connect";
  codec: Codec;
  /** The content type of the answer: that of the request. */
  contentType: string;
  /** The header that names the compression of the request's messages. */
  encodingHeader: "grpc-encoding" | "connect-content-encoding";
}

const pattern = /^application\/(grpc-web|grpc|connect)(?:\+(proto|json))?\s*(?:;.*)?$/i;

/** Undefined when the content type is none of a streaming RPC. */
export function protocolOf(contentType: string | undefined): StreamProtocol | undefined {
  const match = pattern.exec(contentType ?? "");
  if (match === null) return undefined;
  const name = match[1]!.toLowerCase() as StreamProtocol["name"];
  if (name === "connect" && match[2] === undefined) return undefined;
  const codec = match[2]?.toLowerCase() === "json" ? "json" : "proto";
  const encodingHeader = name === "connect" ? "connect-content-encoding" : "grpc-encoding";
  return {
    name,
    codec,
    contentType: `application/${name}${match[2] === undefined ? "" : `+${codec}`}`,
    encodingHeader,
  };
}

/** The caller's deadline. A longer one than Node's timers can hold counts as none. @throws ConnectError when malformed */
export function requestTimeoutMs(protocol: StreamProtocol, headers: IncomingHttpHeaders): number | undefined {
  const header = protocol.name === "connect" ? headers["connect-timeout-ms"] : headers["grpc-timeout"];
  if (header === undefined) return undefined;
  const parse = protocol.name === "connect" ? parseConnectTimeout : parseGrpcTimeout;
  const { timeoutMs, error } = parse(String(header), Number.MAX_SAFE_INTEGER);
  if (error !== undefined) throw error;
  return timeoutMs === undefined || timeoutMs > 2 ** 31 - 1 ? undefined : timeoutMs;
}
