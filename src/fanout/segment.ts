/**
 * Segments: enveloped SubscribeResponses, ready to be written. Built once a feed and flush and shared by every subscriber
 * of the feed; gRPC, gRPC-Web and Connect streams use the same 5-byte envelope.
 */
import { create, fromBinary, type MessageInitShape, toBinary, toJsonString } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type SubscribeResponse, SubscribeResponseSchema } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { noBytes } from "../log/block.ts";

export type Codec = "proto" | "json";

export interface Segment {
  /** Enveloped messages, one or more; of a message in several pieces, one of these. May share memory: see `detach`. */
  bytes: Uint8Array;
  /** The offset of the response's cursor: what the consumer has seen once it handled this. */
  offset: number;
}

/**
 * Gives a segment bytes of its own, for all who share it. Small ones are made in memory that others are in too, which costs
 * a fraction; what waits for a slow subscriber must not keep that alive.
 */
export function detach(segment: Segment): void {
  const { bytes } = segment;
  if (bytes.length === bytes.buffer.byteLength) return;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  segment.bytes = own;
}

/** Fields of SubscribeResponse and FilterMatch that are written by hand. */
const cursorField = 2;
const matchesField = 10;
const filtersField = 1;

const envelopeBytes = 5;
/** Tag and length. */
const cursorHeadBytes = 2;
const encoder = new TextEncoder();

function putHead(bytes: Buffer, messageBytes: number): void {
  bytes[0] = 0;
  bytes.writeUInt32BE(messageBytes, 1);
}

function envelope(message: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(envelopeBytes + message.length);
  putHead(bytes, message.length);
  bytes.set(message, envelopeBytes);
  return bytes;
}

/** What the names of the filters that matched an event take in a response, about. */
export function matchBytes(names: readonly string[]): number {
  let bytes = 5; // Of the list itself: tag and length.
  for (const name of names) bytes += nameBytes(name);
  return bytes;
}

export function nameBytes(name: string): number {
  return 3 + Buffer.byteLength(name);
}

function matchFields(matches: readonly (readonly string[])[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const names of matches) {
    writer.tag(matchesField, WireType.LengthDelimited).fork();
    for (const name of names) writer.tag(filtersField, WireType.LengthDelimited).string(name);
    writer.join();
  }
  return writer.finish();
}

function totalLength(frames: readonly Uint8Array[]): number {
  let length = 0;
  for (const frame of frames) length += frame.length;
  return length;
}

/** Writes the cursor's field, and gives the position after it. */
function putCursor(bytes: Buffer, position: number, cursor: string): number {
  let at = position;
  bytes[at++] = (cursorField << 3) | WireType.LengthDelimited;
  // One byte: a cursor is an epoch of 8 digits and an offset of at most 16.
  bytes[at++] = cursor.length;
  return at + bytes.write(cursor, at, "latin1");
}

/** The envelope of events, cursor and matches. Written for every flush of every feed: nothing else is made on the way. */
function eventEnvelope(frames: readonly Uint8Array[], cursor: string, matches: Uint8Array): Uint8Array {
  const length = totalLength(frames) + cursorHeadBytes + cursor.length + matches.length;
  const bytes = Buffer.allocUnsafe(envelopeBytes + length);
  putHead(bytes, length);
  let at = envelopeBytes;
  for (const frame of frames) {
    bytes.set(frame, at);
    at += frame.length;
  }
  bytes.set(matches, putCursor(bytes, at, cursor));
  return bytes;
}

/**
 * A response with events, from frames that already carry their tag and length.
 *
 * @param frames runs of frames, in order
 * @param matches one entry an event, or undefined when the subscription has at most one filter
 */
export function eventSegment(
  codec: Codec,
  frames: readonly Uint8Array[],
  cursor: string,
  matches: readonly (readonly string[])[] | undefined,
): Uint8Array {
  const binary = eventEnvelope(frames, cursor, matches === undefined ? noBytes : matchFields(matches));
  if (codec === "proto") return binary;
  return jsonEnvelope(fromBinary(SubscribeResponseSchema, binary.subarray(envelopeBytes)));
}

/** The same in pieces to be written one after the other: in the binary codec the frames themselves are among them. */
export function eventPieces(
  codec: Codec,
  frames: readonly Uint8Array[],
  cursor: string,
  matches: readonly (readonly string[])[] | undefined,
): Uint8Array[] {
  if (codec === "json") return [eventSegment(codec, frames, cursor, matches)];
  const names = matches === undefined ? noBytes : matchFields(matches);
  const rest = Buffer.allocUnsafeSlow(cursorHeadBytes + cursor.length + names.length);
  rest.set(names, putCursor(rest, 0, cursor));
  const head = Buffer.allocUnsafeSlow(envelopeBytes);
  putHead(head, totalLength(frames) + rest.length);
  return [head, ...frames, rest];
}

function jsonEnvelope(response: SubscribeResponse): Uint8Array {
  return envelope(encoder.encode(toJsonString(SubscribeResponseSchema, response)));
}

/** Any other response. */
export function responseSegment(codec: Codec, init: MessageInitShape<typeof SubscribeResponseSchema>): Uint8Array {
  const response = create(SubscribeResponseSchema, init);
  return codec === "json" ? jsonEnvelope(response) : envelope(toBinary(SubscribeResponseSchema, response));
}
