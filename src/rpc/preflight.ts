/**
 * Decodes the requests of RPCs that have one before Connect does, so that what the contract does not know is refused with a typed
 * error. Connect parses before any interceptor runs, leniently or with errors of its own; so it is handed an empty message,
 * and the interceptor puts the decoded one, or the error, in its place. Nothing is decoded twice.
 */
import type { DescMessage, Message } from "@bufbuild/protobuf";
import { createContextKey, createContextValues, type HandlerContext, type Interceptor } from "@connectrpc/connect";
import { encodeEnvelope, type UniversalServerRequest } from "@connectrpc/connect/protocol";
import type { HeldBody } from "../auth/held-bodies.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import { toConnectError } from "./connect-error.ts";
import { decodeStrict, type RequestCodec } from "./decode-strict.ts";

/** `bytes`: what the message was decoded from, when that was its binary encoding. */
type Decoded = { message: Message; bytes: Uint8Array | undefined } | { error: unknown } | undefined;

const decodedKey = createContextKey<Decoded>(undefined, { description: "the strictly decoded request" });
const envelopeBytes = 5;

interface Framing {
  enveloped: boolean;
  codec: RequestCodec;
  encodingHeader: string;
}

function framingOf(contentType: string): Framing | undefined {
  const grpc = /^application\/grpc(?:-web)?(?:\+(proto|json))?(?:;|$)/i.exec(contentType);
  if (grpc !== null) {
    return { enveloped: true, codec: grpc[1] === "json" ? "json" : "proto", encodingHeader: "grpc-encoding" };
  }
  const stream = /^application\/connect\+(proto|json)(?:;|$)/i.exec(contentType);
  if (stream !== null) {
    return { enveloped: true, codec: stream[1] as RequestCodec, encodingHeader: "connect-content-encoding" };
  }
  const unary = /^application\/(proto|json)(?:;|$)/i.exec(contentType);
  if (unary === null) return undefined;
  return { enveloped: false, codec: unary[1] as RequestCodec, encodingHeader: "content-encoding" };
}

async function collect(body: AsyncIterable<Uint8Array>, maxBytes: number, held: HeldBody): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    // The rest is read and dropped, so that the answer reaches a client that is still sending.
    if (length > maxBytes + envelopeBytes) continue;
    held.take(chunk.length);
    chunks.push(chunk);
  }
  if (length > maxBytes + envelopeBytes) throw tooLarge(length, maxBytes);
  return Buffer.concat(chunks);
}

function tooLarge(bytes: number, maxBytes: number): CallwireError {
  return new CallwireError("BODY_TOO_LARGE", `${bytes} bytes, limits.max_publish_bytes is ${maxBytes}`);
}

async function inflate(bytes: Buffer, encoding: string | null, maxBytes: number, held: HeldBody): Promise<Buffer> {
  if (encoding !== "gzip") throw new CallwireError("NOT_SUPPORTED", `encoding ${encoding}; send gzip or identity`);
  try {
    return await held.inflate(bytes, maxBytes);
  } catch (cause) {
    if (cause instanceof CallwireError) throw cause;
    if (cause instanceof RangeError) throw tooLarge(maxBytes + 1, maxBytes);
    throw new CallwireError("MALFORMED_REQUEST", "the message is not valid gzip", { cause });
  }
}

/** The message's bytes without envelope and compression. */
async function messageBytes(
  body: Buffer,
  framing: Framing,
  encoding: string | null,
  maxBytes: number,
  held: HeldBody,
): Promise<Buffer> {
  if (!framing.enveloped)
    return encoding === null || encoding === "identity" ? body : inflate(body, encoding, maxBytes, held);
  if (body.length < envelopeBytes) throw new CallwireError("MALFORMED_REQUEST", "the request has no message");
  const end = envelopeBytes + body.readUInt32BE(1);
  if (body.length !== end)
    throw new CallwireError("MALFORMED_REQUEST", "the envelope's length is not that of the message");
  const bytes = body.subarray(envelopeBytes);
  return (body[0]! & 1) === 1 ? inflate(bytes, encoding, maxBytes, held) : bytes;
}

/** A request of which Connect decodes the only message, its body whole already. */
export async function wholeRequest(
  request: UniversalServerRequest,
  maxBytes: number,
  inTime: <T>(arrival: Promise<T>) => Promise<T>,
  held: HeldBody,
): Promise<UniversalServerRequest> {
  try {
    const body = await inTime(collect(request.body as AsyncIterable<Uint8Array>, maxBytes, held));
    return { ...request, body: once(body) };
  } finally {
    held.release();
  }
}

async function* once<T>(only: T): AsyncGenerator<T> {
  yield only;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function emptyMessage({ enveloped, codec }: Framing): Uint8Array {
  const message = new TextEncoder().encode(codec === "json" ? "{}" : "");
  return enveloped ? encodeEnvelope(0, message) : message;
}

/**
 * The request as Connect is to see it.
 *
 * @param inTime ends the wait for a body that does not come, with an error
 * @param held is told of the body and released once it is decoded
 */
export async function preflight(
  request: UniversalServerRequest,
  input: DescMessage,
  maxBytes: number,
  inTime: <T>(arrival: Promise<T>) => Promise<T>,
  held: HeldBody,
): Promise<UniversalServerRequest> {
  const framing = framingOf(request.header.get("content-type") ?? "");
  if (framing === undefined || request.method !== "POST") return request;
  let decoded: Decoded;
  try {
    const body = await inTime(collect(request.body as AsyncIterable<Uint8Array>, maxBytes, held));
    const encoding = request.header.get(framing.encodingHeader);
    const bytes = await messageBytes(body, framing, encoding, maxBytes, held);
    const message = decodeStrict(input, bytes, framing.codec);
    decoded = { message, bytes: framing.codec === "proto" ? bytes : undefined };
  } catch (error) {
    decoded = { error };
  } finally {
    held.release();
  }
  const header = new Headers(request.header);
  for (const name of [framing.encodingHeader, "content-length"]) header.delete(name);
  const contextValues = request.contextValues ?? createContextValues();
  contextValues.set(decodedKey, decoded);
  return { ...request, header, contextValues, body: once(emptyMessage(framing)) };
}

/** A request that is answered with an error whatever it holds: its body is not read. */
export function refused(request: UniversalServerRequest, error: unknown): UniversalServerRequest {
  const contextValues = request.contextValues ?? createContextValues();
  contextValues.set(decodedKey, { error });
  const framing = framingOf(request.header.get("content-type") ?? "");
  const header = new Headers(request.header);
  if (framing !== undefined) for (const name of [framing.encodingHeader, "content-length"]) header.delete(name);
  return { ...request, header, contextValues, body: framing === undefined ? nothing() : once(emptyMessage(framing)) };
}

/** The binary encoding in which a unary request came, when it did. */
export function requestBytes({ values }: HandlerContext): Uint8Array | undefined {
  const decoded = values.get(decodedKey);
  return decoded !== undefined && "bytes" in decoded ? decoded.bytes : undefined;
}

/** Outermost: puts the decoded request in place, and turns whatever is thrown into a typed error. */
export const strictRequests: Interceptor = (next) => async (request) => {
  try {
    const decoded = request.contextValues.get(decodedKey);
    if (decoded !== undefined && "error" in decoded) throw decoded.error;
    if (decoded === undefined) return await next(request);
    if (request.stream) return await next({ ...request, message: once(decoded.message) });
    return await next({ ...request, message: decoded.message });
  } catch (error) {
    throw toConnectError(error);
  }
};
