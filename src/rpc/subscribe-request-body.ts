/** Reads the one enveloped message of a server-streaming request. */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Limits } from "../config/limits.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import { arrivingInTime } from "./request-time.ts";
import type { AnyRequest } from "./subscribe-handler.ts";
import type { StreamProtocol } from "./subscribe-protocol.ts";

const unzip = promisify(gunzip);
const compressedFlag = 1;
const envelopeBytes = 5;

async function readBody(request: AnyRequest, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new CallwireError(
        "BODY_TOO_LARGE",
        `the request is larger than limits.max_publish_bytes, ${maxBytes} bytes`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function malformed(message: string): CallwireError {
  return new CallwireError("MALFORMED_REQUEST", message);
}

async function decompress(bytes: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  if (encoding === undefined || encoding === "identity") throw malformed("a compressed message without an encoding");
  if (encoding !== "gzip") throw new CallwireError("NOT_SUPPORTED", `encoding ${encoding}; send gzip or identity`);
  try {
    return await unzip(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    const large = cause instanceof RangeError;
    if (large)
      throw new CallwireError("BODY_TOO_LARGE", `larger than limits.max_publish_bytes, ${maxBytes} bytes`, { cause });
    throw new CallwireError("MALFORMED_REQUEST", "the message is not valid gzip", { cause });
  }
}

/** @throws CallwireError MALFORMED_REQUEST, BODY_TOO_LARGE, REQUEST_TIMEOUT or NOT_SUPPORTED */
export async function readRequestMessage(
  request: AnyRequest,
  protocol: StreamProtocol,
  limits: Limits,
): Promise<Buffer> {
  const whole = readBody(request, limits.maxPublishBytes + envelopeBytes);
  const body = await arrivingInTime(request, whole, limits.requestTimeoutMs);
  if (body.length < envelopeBytes) throw malformed("the request has no message");
  const length = body.readUInt32BE(1);
  if (body.length < envelopeBytes + length) throw malformed("the message is shorter than its envelope says");
  if (body.length > envelopeBytes + length) throw malformed("the request has more than one message");
  const bytes = body.subarray(envelopeBytes);
  if ((body[0]! & compressedFlag) === 0) return bytes;
  return await decompress(bytes, request.headers[protocol.encodingHeader]?.toString(), limits.maxPublishBytes);
}
