/**
 * A block: the Events of one commit of one tenant, encoded once, as they are stored, published and sent.
 *
 * `frames` holds the BASIC encodings one after the other, each already preceded by the tag and length of
 * `SubscribeResponse.events` (and of `ListEventsResponse.events`), so that a slice of it is a piece of a response.
 * `sessions` and `contents` hold what the FULL view appends to each. Within a block offsets increase and may have holes.
 */
import type { BlockKeys } from "../filters/block-keys.ts";
import type { Mask } from "../masking/mask.ts";
import { WireWriter } from "../wire/wire-writer.ts";

export interface EncodedBlock {
  tenant: string;
  /** One entry an event. */
  offsets: Float64Array;
  /** `received_time` in milliseconds, one entry an event, never decreasing. */
  receivedMs: Float64Array;
  frames: Uint8Array;
  /** End of each event's frame within `frames`. */
  frameEnds: Uint32Array;
  /** The session after each event, as a field of the FULL view; nothing where there is none. */
  sessions: Uint8Array;
  sessionEnds: Uint32Array;
  /** What the log keeps of each event, and 1 where that is the source's JSON, which the FULL view shows. */
  contents: Uint8Array;
  contentEnds: Uint32Array;
  areJson: Uint8Array;
  /** Offset of the first event of each event's session; 0 where there is none. */
  sessionOffsets: Float64Array;
  /** Offset of the session's event before; 0 where there is none. */
  previousOffsets: Float64Array;
  keys: BlockKeys;
}

export function blockFirstOffset(block: EncodedBlock): number {
  return block.offsets[0]!;
}

export function blockLastOffset(block: EncodedBlock): number {
  return block.offsets[block.offsets.length - 1]!;
}

/** `events` of a response, and its tag. */
export const eventsField = 1;
export const eventsTag = (eventsField << 3) | 2;

/** The encoded length of a Protobuf varint. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++;
  return length;
}

/** Writes a varint at `position` and gives the position after it. */
export function writeVarint(target: Uint8Array, position: number, value: number): number {
  let at = position;
  let rest = value;
  while (rest >= 0x80) {
    target[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  target[at++] = rest;
  return at;
}

/** The event's own encoding within its frame: what follows tag and length. */
export function frameBody(frame: Uint8Array): Uint8Array {
  let at = 1;
  while (frame[at]! >= 0x80) at++;
  return frame.subarray(at + 1);
}

function pieceAt(pieces: Uint8Array, ends: Uint32Array, ordinal: number): Uint8Array {
  return pieces.subarray(ordinal === 0 ? 0 : ends[ordinal - 1]!, ends[ordinal]!);
}

export function frameAt(
  { frames, frameEnds }: Pick<EncodedBlock, "frames" | "frameEnds">,
  ordinal: number,
): Uint8Array {
  return pieceAt(frames, frameEnds, ordinal);
}

/** What the FULL view appends to an event. */
export function tailAt(block: EncodedBlock, ordinal: number): Uint8Array {
  const session = pieceAt(block.sessions, block.sessionEnds, ordinal);
  if (block.areJson[ordinal] === 0) return session;
  tailWriter.raw(session);
  tailWriter.bytes(rawJsonField, pieceAt(block.contents, block.contentEnds, ordinal));
  return tailWriter.take();
}

/** The FULL view's frame: the BASIC event's bytes with the tail appended (encodings merge), under a new length. */
export function fullFrame(frame: Uint8Array, tail: Uint8Array): Uint8Array {
  if (tail.length === 0) return frame;
  const body = frameBody(frame);
  const length = body.length + tail.length;
  const full = new Uint8Array(1 + varintLength(length) + length);
  full[0] = eventsTag;
  const at = writeVarint(full, 1, length);
  full.set(body, at);
  full.set(tail, at + body.length);
  return full;
}

/** A frame with its event masked; the same where nothing had to be. */
export function maskFrame(frame: Uint8Array, mask: Mask | undefined): Uint8Array {
  return mask === undefined ? frame : mask.event(frame, true);
}

/** What the FULL view adds to an event. */
export const sessionField = 1000;
export const rawJsonField = 1001;

export const noBytes = new Uint8Array(0);

const tailWriter = new WireWriter();

/** What the FULL view appends to an event with this session's encoding and source text; either may be empty. */
export function encodeTail(session: Uint8Array, rawJson: Uint8Array): Uint8Array {
  tailWriter.bytes(sessionField, session);
  tailWriter.bytes(rawJsonField, rawJson);
  return tailWriter.take();
}

/** Joins pieces into one buffer of its own, which can be handed to another thread. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
