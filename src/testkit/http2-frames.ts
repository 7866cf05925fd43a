/**
 * HTTP/2 frames and the gRPC messages within them, found in the bytes of one direction of a connection. Header blocks are
 * not decoded: where an answer begins and ends shows in the frames' types and flags.
 */

export const frameType = { data: 0, headers: 1 } as const;
export const clientPreface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

const headBytes = 9;
const endStream = 0x1;
const padded = 0x8;

export interface Frame {
  type: number;
  streamId: number;
  endsStream: boolean;
  /** The whole frame, its head included. */
  bytes: Buffer;
  /** What a DATA frame carries, without padding. Empty for other frames. */
  data: Buffer;
  /** Where `data` begins in `bytes`. */
  dataAt: number;
}

/** Cuts a stream of bytes into frames; what is not whole yet waits. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  *push(chunk: Buffer): Generator<Frame> {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= headBytes) {
      const length = headBytes + bytes.readUIntBE(0, 3);
      if (bytes.length < length) break;
      yield frameOf(bytes.subarray(0, length));
      bytes = bytes.subarray(length);
    }
    this.#rest = bytes;
  }
}

function frameOf(bytes: Buffer): Frame {
  const type = bytes[3]!;
  const flags = bytes[4]!;
  const isData = type === frameType.data;
  const padding = isData && (flags & padded) !== 0 ? 1 + bytes[headBytes]! : 0;
  const dataAt = headBytes + (padding > 0 ? 1 : 0);
  const dataEnd = isData ? bytes.length - Math.max(0, padding - 1) : dataAt;
  return {
    type,
    streamId: bytes.readUInt32BE(5) & 0x7fffffff,
    endsStream: (type === frameType.data || type === frameType.headers) && (flags & endStream) !== 0,
    bytes,
    data: bytes.subarray(dataAt, dataEnd),
    dataAt,
  };
}

/** A place in a DATA frame's data: half of a message lies before it, or all of it. */
export interface MessageMark {
  part: "middle" | "end";
  at: number;
}

const prefixBytes = 5;

/** Follows the length-prefixed messages of one stream through its DATA frames. */
export class MessageTracker {
  /** Bytes of the message under way that have gone by, its prefix included. */
  #seen = 0;
  #prefix = Buffer.alloc(prefixBytes);
  #length: number | undefined;

  /** The middles and ends of messages in this data, in order. A message of less than two bytes has no middle. */
  *push(data: Buffer): Generator<MessageMark> {
    let at = 0;
    while (at < data.length) {
      if (this.#length === undefined) {
        const taken = data.copy(this.#prefix, this.#seen, at, at + prefixBytes - this.#seen);
        this.#seen += taken;
        at += taken;
        if (this.#seen < prefixBytes) return;
        this.#length = prefixBytes + this.#prefix.readUInt32BE(1);
      }
      const length = this.#length;
      const half = prefixBytes + Math.floor((length - prefixBytes) / 2);
      const left = Math.min(length - this.#seen, data.length - at);
      if (this.#seen < half && this.#seen + left >= half) yield { part: "middle", at: at + half - this.#seen };
      this.#seen += left;
      at += left;
      if (this.#seen < length) return;
      yield { part: "end", at };
      this.#seen = 0;
      this.#length = undefined;
    }
  }
}

/** Gathers the messages of one stream; for the small ones that requests are. */
export class MessageReader {
  #rest: Buffer = Buffer.alloc(0);

  /** Whole messages without their prefix. Compressed ones come as they are. */
  *push(data: Buffer): Generator<Buffer> {
    let bytes = Buffer.concat([this.#rest, data]);
    while (bytes.length >= prefixBytes) {
      const end = prefixBytes + bytes.readUInt32BE(1);
      if (bytes.length < end) break;
      yield Buffer.from(bytes.subarray(prefixBytes, end));
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
  }
}
