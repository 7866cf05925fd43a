/** Takes the enveloped messages of a binary gRPC request apart, as they arrive. */
import type { HeldBodies, HeldBody } from "../auth/held-bodies.ts";
import { CallwireError } from "../errors/callwire-error.ts";

const envelopeBytes = 5;
const compressedFlag = 1;

export class RequestMessages {
  readonly #encoding: string;
  readonly #maxBytes: number;
  readonly #bodies: HeldBodies;
  /** Holds what has arrived and was not given out. */
  #held: HeldBody;
  #chunks: Buffer[] = [];
  #length = 0;

  /**
   * @param encoding the compression that the request names
   * @param maxBytes of a message, after decompression
   * @param bodies bounds what has arrived, over all senders
   */
  constructor(encoding: string, maxBytes: number, bodies: HeldBodies) {
    this.#encoding = encoding;
    this.#maxBytes = maxBytes;
    this.#bodies = bodies;
    this.#held = bodies.open();
  }

  /** @throws CallwireError BODY_TOO_LARGE as soon as it is known that the next message is, or OVERLOADED */
  add(chunk: Buffer): void {
    this.#held.take(chunk.length);
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const length = this.#nextLength();
    if (length !== undefined && length > this.#maxBytes) throw tooLarge(length, this.#maxBytes);
  }

  /** Bytes of the next message, when they are told already. */
  #nextLength(): number | undefined {
    if (this.#length < envelopeBytes) return undefined;
    const [first] = this.#chunks;
    return (first!.length < envelopeBytes ? this.#joined() : first!).readUInt32BE(1);
  }

  #joined(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }

  /** The next message, when it is whole. @throws CallwireError */
  next(): Buffer | Promise<Buffer> | undefined {
    const length = this.#nextLength();
    if (length === undefined || this.#length < envelopeBytes + length) {
      this.#letGoOfRest();
      return undefined;
    }
    const joined = this.#joined();
    const bytes = joined.subarray(envelopeBytes, envelopeBytes + length);
    const rest = joined.subarray(envelopeBytes + length);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
    this.release();
    this.#held = this.#bodies.open();
    this.#held.take(rest.length);
    if (length > this.#maxBytes) throw tooLarge(length, this.#maxBytes);
    return (joined[0]! & compressedFlag) === 0 ? bytes : this.#inflate(bytes);
  }

  /** The beginning of a message that is a small part of what it came with would keep all of that. */
  #letGoOfRest(): void {
    const [only] = this.#chunks;
    if (this.#chunks.length === 1 && 2 * only!.length < only!.buffer.byteLength) this.#chunks[0] = Buffer.from(only!);
  }

  /** Nothing more is taken. */
  release(): void {
    this.#held.release();
  }

  /** Whether everything that arrived was whole messages. */
  get isAtEnd(): boolean {
    return this.#length === 0;
  }

  /** For a request that may have only one message. @throws CallwireError as soon as more than that has arrived */
  checkOnly(): void {
    const length = this.#nextLength();
    if (length !== undefined && this.#length > envelopeBytes + length) throw moreThanOne();
  }

  /** The message of a request that has only one, once the request is whole. @throws CallwireError */
  only(): Buffer | Promise<Buffer> {
    const message = this.next();
    if (message === undefined) {
      throw malformed(this.isAtEnd ? "the request has no message" : "the message is shorter than its envelope says");
    }
    if (!this.isAtEnd) throw moreThanOne();
    return message;
  }

  async #inflate(zipped: Buffer): Promise<Buffer> {
    if (this.#encoding === "identity") throw malformed("a compressed message without an encoding");
    if (this.#encoding !== "gzip") {
      throw new CallwireError("NOT_SUPPORTED", `encoding ${this.#encoding}; send gzip or identity`);
    }
    const held = this.#bodies.open();
    try {
      return await held.inflate(zipped, this.#maxBytes);
    } catch (cause) {
      if (cause instanceof CallwireError) throw cause;
      if (cause instanceof RangeError) throw tooLarge(this.#maxBytes + 1, this.#maxBytes);
      throw new CallwireError("MALFORMED_REQUEST", "the message is not valid gzip", { cause });
    } finally {
      held.release();
    }
  }
}

function malformed(message: string): CallwireError {
  return new CallwireError("MALFORMED_REQUEST", message);
}

function moreThanOne(): CallwireError {
  return malformed("the request has more than one message");
}

function tooLarge(bytes: number, maxBytes: number): CallwireError {
  return new CallwireError("BODY_TOO_LARGE", `${bytes} bytes, limits.max_publish_bytes is ${maxBytes}`);
}
