/**
 * Puts bytes into DATA frames. What many subscribers get is the same buffer, mostly on streams of the same number, each on
 * a connection of its own: then the frames are the same bytes too, and are made once.
 */
import { flag, frameType, headBytes, putHead } from "./frame.ts";

/** Larger payloads are copied into frames only once they prove to be shared; before that they are written as they are. */
const copiedBytes = 16 * 1024;

/** Where frames go, in order. */
interface FrameSink {
  say(bytes: Uint8Array): void;
}

class DataFraming {
  #payload: Uint8Array | undefined;
  #streamId = 0;
  #maxFrameBytes = 0;
  #framed: Uint8Array | undefined;

  /** Says the frames of a payload, as one buffer or several. */
  frames(streamId: number, payload: Uint8Array, maxFrameBytes: number, out: FrameSink): void {
    const isShared = payload === this.#payload && streamId === this.#streamId && maxFrameBytes === this.#maxFrameBytes;
    if (!isShared) {
      this.#payload = payload;
      this.#streamId = streamId;
      this.#maxFrameBytes = maxFrameBytes;
      this.#framed = undefined;
      if (payload.length > copiedBytes) return pieces(streamId, payload, maxFrameBytes, out);
    }
    this.#framed ??= joined(streamId, payload, maxFrameBytes);
    out.say(this.#framed);
  }

  /** Keeps nothing alive that nobody needs. */
  forget(): void {
    this.#payload = undefined;
    this.#framed = undefined;
  }
}

function pieces(streamId: number, payload: Uint8Array, maxFrameBytes: number, out: FrameSink): void {
  for (let at = 0; at < payload.length; at += maxFrameBytes) {
    const piece = payload.subarray(at, at + maxFrameBytes);
    const head = Buffer.allocUnsafe(headBytes);
    putHead(head, 0, piece.length, frameType.data, 0, streamId);
    out.say(head);
    out.say(piece);
  }
}

function joined(streamId: number, payload: Uint8Array, maxFrameBytes: number): Uint8Array {
  const frameCount = Math.ceil(payload.length / maxFrameBytes);
  const bytes = Buffer.allocUnsafe(payload.length + frameCount * headBytes);
  let to = 0;
  for (let at = 0; at < payload.length; at += maxFrameBytes) {
    const length = Math.min(maxFrameBytes, payload.length - at);
    putHead(bytes, to, length, frameType.data, 0, streamId);
    bytes.set(length === payload.length ? payload : payload.subarray(at, at + length), to + headBytes);
    to += headBytes + length;
  }
  return bytes;
}

/** One for all connections. */
export const dataFraming = new DataFraming();

/** The empty frame that ends a stream. */
export function endFrame(streamId: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(headBytes);
  putHead(bytes, 0, 0, frameType.data, flag.endStream, streamId);
  return bytes;
}
