/**
 * The bodies of requests that are being received or inflated, bounded over all senders together: whoever sends slowly, or
 * sends what grows, cannot fill the gateway's memory before it is known whether the request is worth anything.
 */
import { createGunzip } from "node:zlib";
import { CallwireError } from "../errors/callwire-error.ts";

/** A body up to this is never refused for the sake of others, so that slow large ones do not keep small ones out. */
const alwaysTaken = 16 * 1024;
/** What a piece costs beside its bytes, so that a body in pieces of a byte does not take a hundred times what is counted. */
const pieceBytes = 192;

export class HeldBodies {
  readonly #maxBytes: number;
  #bytes = 0;

  /** @param maxBytes `limits.max_pending_bytes` */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** One request's body; to be released once its bytes are no longer held. */
  open(): HeldBody {
    return new HeldBody(this);
  }

  /** Holds so many bytes more of a body that is then so large in all; false, and it does not, when that is too much. */
  hold(bytes: number, ofBody: number): boolean {
    const isFull = this.#bytes + bytes > this.#maxBytes && ofBody > alwaysTaken;
    if (!isFull) this.#bytes += bytes;
    return !isFull;
  }

  letGo(bytes: number): void {
    this.#bytes -= bytes;
  }
}

export class HeldBody {
  readonly #of: HeldBodies;
  #bytes = 0;
  #isReleased = false;

  constructor(of: HeldBodies) {
    this.#of = of;
  }

  /** Takes another piece of the body. @throws CallwireError OVERLOADED when too much is held already */
  take(length: number): void {
    if (this.#isReleased) return;
    const bytes = pieceBytes + length;
    if (!this.#of.hold(bytes, this.#bytes + bytes)) {
      throw new CallwireError("OVERLOADED", "too many large bodies arrive at once (limits.max_pending_bytes)");
    }
    this.#bytes += bytes;
  }

  /** @throws RangeError when it is larger, CallwireError OVERLOADED, or zlib's error */
  inflate(zipped: Uint8Array, maxBytes: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const gunzip = createGunzip();
      gunzip.on("data", (chunk: Buffer) => {
        try {
          length += chunk.length;
          if (length > maxBytes) throw new RangeError(`larger than ${maxBytes} bytes`);
          this.take(chunk.length);
          chunks.push(chunk);
        } catch (error) {
          gunzip.destroy(error as Error);
        }
      });
      gunzip.on("error", reject);
      gunzip.on("end", () => resolve(Buffer.concat(chunks)));
      gunzip.end(zipped);
    });
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#of.letGo(this.#bytes);
  }
}
