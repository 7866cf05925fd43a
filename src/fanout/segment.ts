/**
 * Segments: enveloped SubscribeResponses, ready to be written. Built once a feed and flush and shared by every subscriber
 * of the feed; gRPC, gRPC-Web and Connect streams use the same 5-byte envelope.
 */
import { create, fromBinary, type MessageInitShape, toBinary, toJsonString } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type SubscribeResponse, SubscribeResponseSchema } from "../../gen/ts/callwire/v1/subscription_pb.ts";

export type Codec = "proto" | "json";

export interface Segment {
  /** Enveloped messages, one or more; of a message in several pieces, one of these. */
  bytes: Uint8Array;
  /** The offset of the response's cursor: what the consumer has seen once it handled this. */
  offset: number;
}

/** Fields of SubscribeResponse and FilterMatch that are written by hand. */
const cursorField = 2;
const matchesField = 10;
const filtersField = 1;

const encoder = new TextEncoder();

const headBytes = 5;

function envelopeHead(length: number, message = headBytes): Uint8Array {
  const bytes = new Uint8Array(message);
  new DataView(bytes.buffer).setUint32(1, length);
  return bytes;
}

function envelope(pieces: readonly Uint8Array[]): Uint8Array {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const bytes = envelopeHead(length, headBytes + length);
  let at = headBytes;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function trailingFields(cursor: string, matches: readonly (readonly string[])[] | undefined): Uint8Array {
  const writer = new BinaryWriter().tag(cursorField, WireType.LengthDelimited).string(cursor);
  for (const names of matches ?? []) {
    writer.tag(matchesField, WireType.LengthDelimited).fork();
    for (const name of names) writer.tag(filtersField, WireType.LengthDelimited).string(name);
    writer.join();
  }
  return writer.finish();
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
  const binary = envelope([...frames, trailingFields(cursor, matches)]);
  if (codec === "proto") return binary;
  return jsonEnvelope(fromBinary(SubscribeResponseSchema, binary.subarray(5)));
}

/** The same in pieces to be written one after the other: in the binary codec the frames themselves are among them. */
export function eventPieces(
  codec: Codec,
  frames: readonly Uint8Array[],
  cursor: string,
  matches: readonly (readonly string[])[] | undefined,
): Uint8Array[] {
  if (codec === "json") return [eventSegment(codec, frames, cursor, matches)];
  const rest = trailingFields(cursor, matches);
  const length = frames.reduce((sum, frame) => sum + frame.length, rest.length);
  return [envelopeHead(length), ...frames, rest];
}

function jsonEnvelope(response: SubscribeResponse): Uint8Array {
  return envelope([encoder.encode(toJsonString(SubscribeResponseSchema, response))]);
}

/** Any other response. */
export function responseSegment(codec: Codec, init: MessageInitShape<typeof SubscribeResponseSchema>): Uint8Array {
  const response = create(SubscribeResponseSchema, init);
  return codec === "json" ? jsonEnvelope(response) : envelope([toBinary(SubscribeResponseSchema, response)]);
}
