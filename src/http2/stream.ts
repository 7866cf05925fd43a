/**
 * One stream: a request and its response. What the peer's windows or a full socket do not let out waits here; whoever sends
 * is told when it has been passed on, and keeps itself from sending more until then.
 */
import type { Socket } from "node:net";
import type { Connection } from "./connection.ts";
import { type ErrorCode, errorCode } from "./frame.ts";
import type { OutgoingHeaders } from "./header-encoder.ts";
import { heldAnswers } from "./held-answers.ts";
import type { Passed } from "./output.ts";
import { Http2Request } from "./request.ts";
import type { RequestHead } from "./request-head.ts";
import { Http2Response } from "./response.ts";

/** Something that waits to be let out: bytes with whom to tell, or the end of the stream. */
type Waiting = { bytes: Uint8Array; passed: Passed | undefined } | { trailers: OutgoingHeaders | undefined };

export class Http2Stream {
  readonly id: number;
  readonly request: Http2Request;
  readonly response: Http2Response;
  /** With which code it was reset, by either side. */
  rstCode = 0;
  /** How much the peer takes. */
  sendWindow: number;
  /** How much the peer may send. */
  receiveWindow: number;
  /** The peer has said everything. */
  isRemoteClosed = false;
  #isLocalClosed = false;
  #isClosed = false;
  readonly #connection: Connection;
  #waiting: Waiting[] | undefined;
  #creditBytes = 0;
  #bodyBytes = 0;
  readonly #contentLength: number | undefined;

  constructor(connection: Connection, id: number, head: RequestHead, windows: { send: number; receive: number }) {
    this.#connection = connection;
    this.id = id;
    this.sendWindow = windows.send;
    this.receiveWindow = windows.receive;
    this.#contentLength = head.contentLength;
    this.request = new Http2Request(head, this);
    this.response = new Http2Response(this, this.request);
  }

  get socket(): Socket {
    return this.#connection.socket;
  }

  /** Takes what a DATA frame carries. False when it is more than was announced. */
  receive(bytes: Buffer): boolean {
    this.#bodyBytes += bytes.length;
    if (this.#contentLength !== undefined && this.#bodyBytes > this.#contentLength) return false;
    this.request.receive(bytes);
    return true;
  }

  /** The peer has said everything. False when it is less than was announced. */
  receiveEnd(): boolean {
    if (this.#contentLength !== undefined && this.#bodyBytes !== this.#contentLength) return false;
    this.isRemoteClosed = true;
    this.request.receiveEnd();
    this.#closeWhenDone();
    return true;
  }

  /** Bytes of the body were dealt with: the peer may send as many again. */
  credit(bytes: number): void {
    this.#connection.credit(bytes);
    if (this.isRemoteClosed || this.#isClosed) return;
    this.#creditBytes += bytes;
    if (this.#creditBytes < this.#connection.creditStep) return;
    this.receiveWindow += this.#creditBytes;
    this.#connection.sendWindowUpdate(this.id, this.#creditBytes);
    this.#creditBytes = 0;
  }

  sendHeaders(status: number, headers: OutgoingHeaders, endsStream: boolean): void {
    if (this.#isLocalClosed) return;
    this.#connection.sendHeaders(this.id, status, headers, endsStream);
    if (endsStream) this.#closeLocally();
  }

  /** Sends bytes; calls back once all of them were passed on, or with an error. */
  send(buffers: readonly Uint8Array[], passed: Passed): void {
    if (this.#isLocalClosed) return passed(new Error("the stream is over"));
    let bytes = 0;
    for (const { length } of buffers) bytes += length;
    if (bytes === 0) return passed();
    if (this.#waiting === undefined && this.#connection.takes(bytes) && bytes <= this.sendWindow) {
      for (const buffer of buffers) this.#put(buffer);
      this.#connection.whenPassed(passed);
      return;
    }
    this.#waitAll(buffers, passed);
    this.resume();
  }

  /** Apart from `send`, which makes no function of its own on the way of what goes out at once. */
  #waitAll(buffers: readonly Uint8Array[], passed: Passed): void {
    const last = buffers.length - 1;
    buffers.forEach((buffer, index) => {
      this.#wait({ bytes: buffer, passed: index === last ? passed : undefined });
    });
  }

  /** Sends bytes of an answer that is this stream's alone: as `send`, and given up when too much waits for those who do not read. */
  answer(buffers: readonly Uint8Array[], passed: Passed): void {
    let bytes = 0;
    for (const { length } of buffers) bytes += length;
    const letGo = heldAnswers.hold(bytes, () => {
      if (!this.#isClosed) this.#connection.resetStream(this, errorCode.cancel);
    });
    this.send(buffers, (error) => {
      letGo();
      passed(error);
    });
  }

  /** Ends the stream once everything before was let out. */
  end(trailers: OutgoingHeaders | undefined): void {
    if (this.#isLocalClosed) return;
    if (this.#waiting === undefined) this.#sendEnd(trailers);
    else this.#wait({ trailers });
  }

  #put(bytes: Uint8Array): void {
    this.sendWindow -= bytes.length;
    this.#connection.sendData(this.id, bytes);
  }

  #sendEnd(trailers: OutgoingHeaders | undefined): void {
    this.#connection.sendEnd(this.id, trailers);
    this.#closeLocally();
  }

  #wait(what: Waiting): void {
    if (this.#waiting === undefined) {
      this.#waiting = [];
      this.#connection.blocked.add(this);
    }
    this.#waiting.push(what);
  }

  /** Lets out as much as may be. */
  resume(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    while (waiting.length > 0) {
      const first = waiting[0]!;
      if ("trailers" in first) {
        this.#stopWaiting();
        return this.#sendEnd(first.trailers);
      }
      if (!this.#letOut(first)) return;
      waiting.shift();
    }
    this.#stopWaiting();
  }

  /** False when some of it, or all, has to wait on. */
  #letOut(piece: { bytes: Uint8Array; passed: Passed | undefined }): boolean {
    const room = Math.min(this.sendWindow, this.#connection.room);
    if (room < piece.bytes.length) {
      if (room > 0) {
        this.#put(piece.bytes.subarray(0, room));
        piece.bytes = piece.bytes.subarray(room);
      }
      return false;
    }
    this.#put(piece.bytes);
    if (piece.passed !== undefined) this.#connection.whenPassed(piece.passed);
    return true;
  }

  get takesBack(): boolean {
    return true;
  }

  /** Takes back buffers that were sent last; see StreamSink. What the socket has it keeps. */
  takeBack(ends: readonly number[]): { buffers: number; bytes: number; isOwn: boolean } {
    const all = ends.at(-1)!;
    const pieces = (this.#waiting ?? []).filter((waiting) => "bytes" in waiting);
    const out = all - pieces.length;
    const buffers = ends.find((end) => end > out) ?? all;
    const kept = pieces.slice(0, buffers - out);
    let bytes = 0;
    for (const piece of kept) {
      piece.bytes = new Uint8Array(piece.bytes);
      bytes += piece.bytes.length;
    }
    if (kept.length < pieces.length) {
      kept.at(-1)!.passed = pieces.at(-1)!.passed;
      this.#waiting = [...kept, ...this.#waiting!.slice(pieces.length)];
    }
    return { buffers, bytes, isOwn: this.#connection.hasPassedAll };
  }

  #stopWaiting(): void {
    this.#waiting = undefined;
    this.#connection.blocked.delete(this);
  }

  #closeLocally(): void {
    this.#isLocalClosed = true;
    this.#closeWhenDone();
  }

  #closeWhenDone(): void {
    if (!this.#isLocalClosed || this.#isClosed) return;
    if (this.isRemoteClosed) return this.close(errorCode.noError);
    // The answer is complete: the rest of the request is of no use.
    this.#connection.resetStream(this, errorCode.noError);
  }

  /** The response was given up. */
  cancel(): void {
    if (!this.#isClosed) this.#connection.resetStream(this, errorCode.cancel);
  }

  /** It is over, for whatever reason. */
  close(code: ErrorCode | number): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isLocalClosed = true;
    this.rstCode = code;
    const waiting = this.#waiting ?? [];
    this.#stopWaiting();
    this.#connection.streamClosed(this);
    for (const piece of waiting) if ("passed" in piece) piece.passed?.(new Error("the stream was reset"));
    this.request.streamClosed();
    this.response.streamClosed();
  }
}
