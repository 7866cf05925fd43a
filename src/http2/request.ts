/** A request over HTTP/2, with what Node's own requests have that the gateway's handlers use. */
import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import type { RequestHead } from "./request-head.ts";
import type { Http2Stream } from "./stream.ts";

/** While nobody reads, smaller pieces are joined up to this: each for itself would cost far more than it carries. */
const joinedBytes = 4 * 1024;

/** An end before its time is told to whoever reads; nobody has to. */
function ignored(): void {}

function tellClosed(request: Http2Request): void {
  request.emit("close");
}

export class Http2Request extends Readable {
  readonly httpVersion = "2.0";
  readonly httpVersionMajor = 2;
  readonly method: string;
  readonly url: string;
  readonly authority: string;
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** Headers are left out, because they are larger than allowed: for whoever serves it to say so. */
  readonly isTruncated: boolean;
  readonly stream: Http2Stream;
  /** The body came whole. */
  complete = false;
  /** Received, and not yet asked for. */
  #unreadBytes = 0;
  /** Whoever reads has asked for more, and has not got any since. */
  #isAwaited = false;
  /** A piece that waits for others to be joined to it, and the room that they share once there are several. */
  #piece: Buffer | undefined;
  #room: Buffer | undefined;

  constructor(head: RequestHead, stream: Http2Stream) {
    // Nothing is read ahead: what nobody has asked for stays within the peer's windows.
    super({ highWaterMark: 0, autoDestroy: false, emitClose: false });
    this.method = head.method;
    this.url = head.path;
    this.authority = head.authority;
    this.headers = head.headers;
    this.isTruncated = head.isTruncated;
    this.stream = stream;
    this.on("error", ignored);
  }

  get socket(): Socket {
    return this.stream.socket;
  }

  /** Takes a piece of the body. */
  receive(bytes: Buffer): void {
    if (this.destroyed) return this.stream.credit(bytes.length);
    this.#unreadBytes += bytes.length;
    if (!this.#isAwaited && bytes.length < joinedBytes) return this.#join(bytes);
    this.#pushJoined();
    this.#push(bytes);
  }

  #push(bytes: Buffer): void {
    this.#isAwaited = false;
    // True when it was read at once.
    if (this.push(bytes)) this.#creditAll();
  }

  #join(bytes: Buffer): void {
    const first = this.#piece;
    if (first === undefined || first.length + bytes.length > joinedBytes) {
      this.#pushJoined();
      this.#piece = bytes;
      return;
    }
    if (this.#room === undefined) {
      this.#room = Buffer.allocUnsafeSlow(joinedBytes);
      this.#room.set(first);
    }
    this.#room.set(bytes, first.length);
    this.#piece = this.#room.subarray(0, first.length + bytes.length);
  }

  #pushJoined(): void {
    const bytes = this.#piece;
    if (bytes === undefined) return;
    this.#piece = undefined;
    this.#room = undefined;
    this.#push(bytes);
  }

  receiveEnd(): void {
    this.complete = true;
    if (this.destroyed) return;
    this.#pushJoined();
    this.push(null);
  }

  override _read(): void {
    this.#creditAll();
    this.#isAwaited = true;
    this.#pushJoined();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#creditAll();
    done(error);
  }

  /** Lets the peer send as much again. */
  #creditAll(): void {
    if (this.#unreadBytes === 0) return;
    const bytes = this.#unreadBytes;
    this.#unreadBytes = 0;
    this.stream.credit(bytes);
  }

  /** The stream is over, in either direction. */
  streamClosed(): void {
    if (!this.complete && !this.destroyed) {
      this.destroy(Object.assign(new Error("the request was cut off"), { code: "ECONNRESET" }));
    }
    this.#creditAll();
    process.nextTick(tellClosed, this);
  }
}
