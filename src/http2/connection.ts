/**
 * One connection over HTTP/2 (RFC 9113), the server's end: reads frames, keeps the windows and the peer's settings, and
 * bounds what a peer can make the gateway do or hold:
 *
 * | What a peer may try | What stops it |
 * |---|---|
 * | streams without end, rapid resets | `maxStreams`; resets, also those that it provokes, come out of an allowance |
 * | floods of PING, SETTINGS, PRIORITY, empty DATA or unknown frames | so many a second; answers wait for a peer that does not read only up to a bound |
 * | windows opened byte by byte | WINDOW_UPDATEs are earned by what was sent; others are frames that carry nothing |
 * | requests without end whose answers are not read | heads of answers wait for a full socket only up to a bound |
 * | connections that are of no use | a time to begin the first stream, one without any stream, one to give a sign of life |
 * | headers without end, in CONTINUATION frames or by tables | bounds on the block, its frames and the list that it stands for; a time to complete it |
 * | bodies that nobody reads | windows of a stream and of the connection, credited only for what was read |
 * | windows that never open | who sends keeps its own bounds: see `Http2Stream.send` |
 *
 * Priorities are read and not followed; nothing is pushed.
 */
import type { Socket } from "node:net";
import { Allowance } from "./allowance.ts";
import { dataFraming, endFrame } from "./data-framing.ts";
import {
  ConnectionError,
  defaultFrameBytes,
  defaultWindowBytes,
  type ErrorCode,
  errorCode,
  flag,
  frame,
  frameType,
  goAwayFrame,
  headBytes,
  largestWindow,
  numberFrame,
  setting,
  settingsFrame,
} from "./frame.ts";
import { HeaderDecoder, type HeaderList } from "./header-decoder.ts";
import { headerBlock, type OutgoingHeaders } from "./header-encoder.ts";
import { Output, type Passed } from "./output.ts";
import type { Http2Request } from "./request.ts";
import { areTrailers, type RequestHead, requestHead } from "./request-head.ts";
import type { Http2Response } from "./response.ts";
import { Http2Stream } from "./stream.ts";

export interface ConnectionLimits {
  /** Streams at once. */
  maxStreams: number;
  /** Of a request's headers; what is more is left out. */
  maxHeaderBytes: number;
  /** What a stream, and a connection, may send before it is read. */
  streamWindowBytes: number;
  connectionWindowBytes: number;
  /** Streams that a peer may reset, or have reset: at once, and a second. */
  resetBurst: number;
  resetsPerSecond: number;
  /** A peer has this long to begin its first stream, and to complete a block of headers. */
  requestTimeoutMs: number;
}

export type RequestHandler = (request: Http2Request, response: Http2Response) => void;

/** A peer that is silent for this long is asked for a sign of life, and has this long to give it. */
const pingEveryMs = 30_000;
const answerWithinMs = 20_000;
/** A connection without an open stream is ended after this long; clients make another when they need it. */
const idleMs = 600_000;
/** Far above what clients that measure their bandwidth by pings send, far below what a flood is. */
const pingsPerSecond = 20_000;
/** PRIORITY, and whatever else carries nothing. */
const idleFramesPerSecond = 1_000;
const maxContinuations = 64;
/** A block may be this many times as large as the list that it stands for may be, so that the list can be told to be too large. */
const maxBlockShare = 2;
/** Headers of a request. */
const maxHeaders = 128;
const maxSettings = 32;
/** Answers to frames that wait for a peer that does not read. */
const maxBlockedAnswers = 1_000;
/** SETTINGS: each may move the windows of all streams. */
const settingsPerSecond = 100;
/**
 * WINDOW_UPDATEs that may come for what was sent: for so many bytes one, and some for each message. Whoever reads what it is
 * sent needs far fewer.
 */
const bytesPerUpdate = 128;
const updatesPerMessage = 4;
const maxEarnedBytes = 100_000 * bytesPerUpdate;
/** Streams that were reset while the peer may still have been sending. */
const rememberedResets = 1_000;
const nothing: Buffer = Buffer.alloc(0);

/** A block of headers whose end has not come. */
interface OpenBlock {
  streamId: number;
  endsStream: boolean;
  pieces: Buffer[];
  bytes: number;
  sinceMs: number;
}

function protocolError(message: string): ConnectionError {
  return new ConnectionError(errorCode.protocolError, message);
}

function tooMuch(message: string): ConnectionError {
  return new ConnectionError(errorCode.enhanceYourCalm, message);
}

export class Connection {
  readonly socket: Socket;
  /** Streams that have something to say and may not yet. */
  readonly blocked = new Set<Http2Stream>();
  readonly #limits: ConnectionLimits;
  readonly #handler: RequestHandler;
  readonly #output: Output;
  readonly #decoder: HeaderDecoder;
  readonly #streams = new Map<number, Http2Stream>();
  readonly #resets: Allowance;
  readonly #pings = new Allowance(pingsPerSecond, pingsPerSecond);
  readonly #idleFrames = new Allowance(idleFramesPerSecond, idleFramesPerSecond);
  readonly #settingsFrames = new Allowance(settingsPerSecond, settingsPerSecond);
  #recentlyReset: Set<number> | undefined;
  #rest = nothing;
  #block: OpenBlock | undefined;
  #hasSettings = false;
  #lastStreamId = 0;
  /** The headers that a request had last, and what they say. */
  #list: HeaderList | undefined;
  #head: RequestHead | undefined;
  #sendWindow = defaultWindowBytes;
  #receiveWindow: number;
  #creditBytes = 0;
  #peerWindowBytes = defaultWindowBytes;
  #peerFrameBytes = defaultFrameBytes;
  #blockedAnswers = 0;
  #blockedHeads = 0;
  /** Of what was sent, the bytes that no WINDOW_UPDATE has come for. Whole numbers: fractions would be objects of their own. */
  #earnedBytes = 0;
  /** No more streams are begun; once those there are have ended, neither is anything else. */
  #isGoing = false;
  #isClosed = false;
  /** When the peer was last heard. */
  #heardMs = performance.now();
  /** When a sign of life was asked for; 0: none is awaited. */
  #pingedMs = 0;
  #closingMs = 0;
  /** Since when it has had no stream; of meaning while it has none. */
  #unusedSinceMs = this.#heardMs;

  constructor(socket: Socket, limits: ConnectionLimits, handler: RequestHandler, onClose: () => void) {
    this.socket = socket;
    this.#limits = limits;
    this.#handler = handler;
    this.#output = new Output(socket, () => this.#resume());
    this.#decoder = new HeaderDecoder(limits.maxHeaderBytes);
    this.#resets = new Allowance(limits.resetBurst, limits.resetsPerSecond);
    this.#receiveWindow = limits.connectionWindowBytes;
    socket.on("data", (chunk: Buffer) => this.receive(chunk));
    socket.on("close", () => {
      this.#fail(new Error("the connection is closed"));
      onClose();
    });
    this.#greet();
  }

  #greet(): void {
    const { maxStreams, maxHeaderBytes, streamWindowBytes, connectionWindowBytes } = this.#limits;
    this.#output.say(
      settingsFrame([
        [setting.maxConcurrentStreams, maxStreams],
        [setting.initialWindowSize, streamWindowBytes],
        [setting.maxHeaderListSize, maxHeaderBytes],
      ]),
    );
    this.#output.say(numberFrame(frameType.windowUpdate, 0, connectionWindowBytes - defaultWindowBytes));
  }

  /** Takes what the peer sent, after its preface. */
  receive(chunk: Buffer): void {
    if (this.#isClosed) return;
    this.#heardMs = performance.now();
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    try {
      while (bytes.length - at >= headBytes) {
        const length = bytes.readUIntBE(at, 3);
        if (length > defaultFrameBytes) {
          throw new ConnectionError(errorCode.frameSizeError, `a frame of ${length} bytes`);
        }
        const end = at + headBytes + length;
        if (bytes.length < end) break;
        this.#frame(
          bytes[at + 3]!,
          bytes[at + 4]!,
          bytes.readUInt32BE(at + 5) & largestWindow,
          bytes.subarray(at + headBytes, end),
        );
        if (this.#isClosed) return;
        at = end;
      }
      this.#rest = at === bytes.length ? nothing : bytes.subarray(at);
      // Nothing is under way that will be answered.
      if (this.#streams.size === 0) this.#output.sayPatient();
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.#end(error.code, error.message);
    }
  }

  #frame(type: number, flags: number, streamId: number, payload: Buffer): void {
    if (!this.#hasSettings && type !== frameType.settings) throw protocolError("the first frame is not SETTINGS");
    if (this.#block !== undefined && (type !== frameType.continuation || streamId !== this.#block.streamId)) {
      throw protocolError("a frame within a block of headers");
    }
    switch (type) {
      case frameType.data:
        return this.#data(flags, streamId, payload);
      case frameType.headers:
        return this.#headers(flags, streamId, payload);
      case frameType.priority:
        return this.#priority(streamId, payload);
      case frameType.rstStream:
        return this.#reset(streamId, payload);
      case frameType.settings:
        return this.#settings(flags, streamId, payload);
      case frameType.pushPromise:
        throw protocolError("clients do not push");
      case frameType.ping:
        return this.#ping(flags, streamId, payload);
      case frameType.goAway:
        return this.#goneAway(streamId, payload);
      case frameType.windowUpdate:
        return this.#windowUpdate(streamId, payload);
      case frameType.continuation:
        return this.#continuation(flags, payload);
      default:
        this.#idle("frames of unknown types");
    }
  }

  /** Counts a frame that carries nothing. */
  #idle(what: string): void {
    if (!this.#idleFrames.take()) throw tooMuch(`${idleFramesPerSecond} ${what} a second are too many`);
  }

  /** The payload without padding. */
  #unpadded(flags: number, payload: Buffer): Buffer {
    if ((flags & flag.padded) === 0) return payload;
    const padding = payload[0];
    if (padding === undefined || padding >= payload.length) throw protocolError("more padding than payload");
    return payload.subarray(1, payload.length - padding);
  }

  #data(flags: number, streamId: number, payload: Buffer): void {
    this.#checkBegun(streamId);
    this.#receiveWindow -= payload.length;
    if (this.#receiveWindow < 0) throw new ConnectionError(errorCode.flowControlError, "more DATA than the window");
    const data = this.#unpadded(flags, payload);
    const endsStream = (flags & flag.endStream) !== 0;
    const stream = this.#streams.get(streamId);
    if (data.length === 0 && !(endsStream && stream !== undefined)) this.#idle("empty DATA frames");
    if (stream === undefined || stream.isRemoteClosed) {
      this.credit(payload.length);
      if (this.#recentlyReset?.has(streamId)) return;
      if (stream === undefined) return this.#sendReset(streamId, errorCode.streamClosed);
      return this.resetStream(stream, errorCode.streamClosed);
    }
    this.#dataOf(stream, data, payload.length, endsStream);
  }

  #dataOf(stream: Http2Stream, data: Buffer, frameBytes: number, endsStream: boolean): void {
    stream.receiveWindow -= frameBytes;
    if (stream.receiveWindow < 0) {
      this.credit(frameBytes);
      return this.resetStream(stream, errorCode.flowControlError);
    }
    if (frameBytes > data.length) stream.credit(frameBytes - data.length);
    if (data.length > 0 && !stream.receive(data)) {
      this.credit(data.length);
      return this.resetStream(stream, errorCode.protocolError);
    }
    if (endsStream && !stream.receiveEnd()) this.resetStream(stream, errorCode.protocolError);
  }

  /** Frames of a stream come after the HEADERS that begin it. */
  #checkBegun(streamId: number): void {
    if (streamId === 0 || streamId % 2 === 0 || streamId > this.#lastStreamId) {
      throw protocolError("a frame of a stream that was not begun");
    }
  }

  #headers(flags: number, streamId: number, payload: Buffer): void {
    if (streamId % 2 === 0) throw protocolError("HEADERS of a stream that a client cannot begin");
    let fragment = this.#unpadded(flags, payload);
    let dependsOnItself = false;
    if ((flags & flag.priority) !== 0) {
      if (fragment.length < 5) throw new ConnectionError(errorCode.frameSizeError, "HEADERS without their priority");
      dependsOnItself = (fragment.readUInt32BE(0) & largestWindow) === streamId;
      fragment = fragment.subarray(5);
    }
    if (dependsOnItself) throw protocolError("a stream that depends on itself");
    const endsStream = (flags & flag.endStream) !== 0;
    this.#block = { streamId, endsStream, pieces: [fragment], bytes: fragment.length, sinceMs: this.#heardMs };
    if ((flags & flag.endHeaders) !== 0) this.#blockComplete(this.#block);
  }

  #continuation(flags: number, payload: Buffer): void {
    const block = this.#block;
    if (block === undefined) throw protocolError("CONTINUATION of nothing");
    block.pieces.push(payload);
    block.bytes += payload.length;
    const maxBlockBytes = maxBlockShare * this.#limits.maxHeaderBytes;
    if (block.bytes > maxBlockBytes) throw tooMuch(`a block of headers is larger than ${maxBlockBytes} bytes`);
    if (block.pieces.length > maxContinuations) throw tooMuch(`more than ${maxContinuations} CONTINUATION frames`);
    if ((flags & flag.endHeaders) !== 0) this.#blockComplete(block);
  }

  #blockComplete({ streamId, endsStream, pieces }: OpenBlock): void {
    this.#block = undefined;
    const list = this.#decoder.decode(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces));
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) return this.#trailersOf(stream, list, endsStream);
    if (streamId > this.#lastStreamId) return this.#begin(streamId, list, endsStream);
    if (this.#recentlyReset?.has(streamId)) return;
    throw new ConnectionError(errorCode.streamClosed, "HEADERS of a stream that is over");
  }

  #trailersOf(stream: Http2Stream, { fields, isTooLarge }: HeaderList, endsStream: boolean): void {
    if (stream.isRemoteClosed) return this.resetStream(stream, errorCode.streamClosed);
    const isValid = endsStream && !isTooLarge && areTrailers(fields);
    if (!isValid || !stream.receiveEnd()) this.resetStream(stream, errorCode.protocolError);
  }

  #begin(streamId: number, list: HeaderList, endsStream: boolean): void {
    this.#lastStreamId = streamId;
    if (this.#isGoing || this.#streams.size >= this.#limits.maxStreams) {
      return this.#refuse(streamId, errorCode.refusedStream, endsStream);
    }
    if (list.fields.length > maxHeaders) return this.#refuse(streamId, errorCode.enhanceYourCalm, endsStream);
    const head = this.#headOf(list);
    if (head === undefined) return this.#refuse(streamId, errorCode.protocolError, endsStream);
    const windows = { send: this.#peerWindowBytes, receive: this.#limits.streamWindowBytes };
    const stream = new Http2Stream(this, streamId, head, windows);
    this.#streams.set(streamId, stream);
    if (endsStream && !stream.receiveEnd()) return this.resetStream(stream, errorCode.protocolError);
    this.#handler(stream.request, stream.response);
  }

  #headOf(list: HeaderList): RequestHead | undefined {
    if (list !== this.#list) {
      this.#list = list;
      this.#head = requestHead(list);
    }
    return this.#head;
  }

  #refuse(streamId: number, code: ErrorCode, endsStream: boolean): void {
    if (!endsStream) this.#rememberReset(streamId);
    this.#sendReset(streamId, code);
  }

  /** Resets a stream from this side. */
  resetStream(stream: Http2Stream, code: ErrorCode): void {
    if (!stream.isRemoteClosed) this.#rememberReset(stream.id);
    if (code === errorCode.noError) this.#output.say(numberFrame(frameType.rstStream, stream.id, code));
    else this.#sendReset(stream.id, code);
    stream.close(code);
  }

  #sendReset(streamId: number, code: ErrorCode): void {
    if (this.#isClosed) return;
    this.#output.say(numberFrame(frameType.rstStream, streamId, code));
    // What the gateway gives up of its own accord is not the peer's doing.
    if (code !== errorCode.cancel) this.#countReset();
  }

  #countReset(): void {
    const { resetsPerSecond } = this.#limits;
    if (!this.#resets.take()) throw tooMuch(`${resetsPerSecond} resets of streams a second are too many`);
  }

  #rememberReset(streamId: number): void {
    this.#recentlyReset ??= new Set();
    this.#recentlyReset.add(streamId);
    if (this.#recentlyReset.size <= rememberedResets) return;
    const [oldest] = this.#recentlyReset;
    this.#recentlyReset.delete(oldest!);
  }

  #priority(streamId: number, payload: Buffer): void {
    this.#idle("PRIORITY frames");
    if (streamId === 0) throw protocolError("PRIORITY of the connection");
    if (payload.length !== 5) throw new ConnectionError(errorCode.frameSizeError, "PRIORITY of a wrong length");
    if ((payload.readUInt32BE(0) & largestWindow) === streamId) throw protocolError("a stream that depends on itself");
  }

  #reset(streamId: number, payload: Buffer): void {
    this.#checkBegun(streamId);
    if (payload.length !== 4) throw new ConnectionError(errorCode.frameSizeError, "RST_STREAM of a wrong length");
    this.#countReset();
    this.#streams.get(streamId)?.close(payload.readUInt32BE(0));
  }

  #settings(flags: number, streamId: number, payload: Buffer): void {
    if (streamId !== 0) throw protocolError("SETTINGS of a stream");
    if ((flags & flag.ack) !== 0) {
      if (payload.length > 0) throw new ConnectionError(errorCode.frameSizeError, "an acknowledgement with settings");
      this.#idle("acknowledgements");
      return;
    }
    if (payload.length % 6 !== 0) throw new ConnectionError(errorCode.frameSizeError, "SETTINGS of a wrong length");
    if (payload.length > 6 * maxSettings) throw tooMuch(`more than ${maxSettings} settings at once`);
    if (!this.#settingsFrames.take()) throw tooMuch(`${settingsPerSecond} SETTINGS frames a second are too many`);
    this.#hasSettings = true;
    const windowBefore = this.#peerWindowBytes;
    for (let at = 0; at < payload.length; at += 6) this.#set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
    this.#moveWindows(this.#peerWindowBytes - windowBefore);
    this.#countAnswer();
    this.#output.say(frame(frameType.settings, flag.ack, 0, nothing));
    this.#resume();
  }

  #set(id: number, value: number): void {
    if (id === setting.enablePush && value > 1) throw protocolError("ENABLE_PUSH is neither 0 nor 1");
    if (id === setting.maxFrameSize) {
      if (value < defaultFrameBytes || value > 0xff_ffff) throw protocolError("MAX_FRAME_SIZE out of its bounds");
      this.#peerFrameBytes = value;
    }
    if (id !== setting.initialWindowSize) return;
    if (value > largestWindow) throw new ConnectionError(errorCode.flowControlError, "a window that is too large");
    this.#peerWindowBytes = value;
  }

  #moveWindows(change: number): void {
    if (change === 0) return;
    for (const stream of this.#streams.values()) {
      stream.sendWindow += change;
      if (stream.sendWindow > largestWindow) {
        throw new ConnectionError(errorCode.flowControlError, "a window that is too large");
      }
    }
  }

  #ping(flags: number, streamId: number, payload: Buffer): void {
    if (streamId !== 0) throw protocolError("PING of a stream");
    if (payload.length !== 8) throw new ConnectionError(errorCode.frameSizeError, "PING of a wrong length");
    if ((flags & flag.ack) !== 0) {
      if (this.#pingedMs === 0) this.#idle("answers to no PING");
      this.#pingedMs = 0;
      return;
    }
    if (!this.#pings.take()) throw tooMuch(`${pingsPerSecond} pings a second are too many`);
    this.#countAnswer();
    // What is under way is answered soon, and clients that measure their bandwidth send one for each message.
    this.#output.sayWithNext(frame(frameType.ping, flag.ack, 0, payload));
  }

  /** The peer is owed an answer to a frame. It has to read them. */
  #countAnswer(): void {
    if (!this.#output.isBlocked) this.#blockedAnswers = 0;
    else if (++this.#blockedAnswers > maxBlockedAnswers) throw tooMuch("answers that are not read");
  }

  #goneAway(streamId: number, payload: Buffer): void {
    if (streamId !== 0) throw protocolError("GOAWAY of a stream");
    if (payload.length < 8) throw new ConnectionError(errorCode.frameSizeError, "GOAWAY of a wrong length");
    this.#idle("GOAWAY frames");
    this.#isGoing = true;
    this.#closeWhenDone();
  }

  #windowUpdate(streamId: number, payload: Buffer): void {
    if (payload.length !== 4) throw new ConnectionError(errorCode.frameSizeError, "WINDOW_UPDATE of a wrong length");
    const bytes = payload.readUInt32BE(0) & largestWindow;
    if (this.#earnedBytes >= bytesPerUpdate) this.#earnedBytes -= bytesPerUpdate;
    else this.#idle("WINDOW_UPDATE frames beyond what is sent");
    if (streamId === 0) return this.#windowOfAll(bytes);
    this.#checkBegun(streamId);
    const stream = this.#streams.get(streamId);
    if (bytes === 0) {
      if (stream !== undefined) this.resetStream(stream, errorCode.protocolError);
      return;
    }
    if (stream === undefined) return;
    stream.sendWindow += bytes;
    if (stream.sendWindow > largestWindow) return this.resetStream(stream, errorCode.flowControlError);
    stream.resume();
  }

  #windowOfAll(bytes: number): void {
    if (bytes === 0) throw protocolError("a window that opens by nothing");
    this.#sendWindow += bytes;
    if (this.#sendWindow > largestWindow) {
      throw new ConnectionError(errorCode.flowControlError, "a window that is too large");
    }
    this.#resume();
  }

  #resume(): void {
    for (const stream of this.blocked) {
      if (this.room <= 0) return;
      stream.resume();
    }
  }

  /** Bytes of DATA that may be sent now. */
  get room(): number {
    return this.#output.isBlocked ? 0 : this.#sendWindow;
  }

  /** Whether all that was said was passed on. */
  get hasPassedAll(): boolean {
    return this.#output.hasPassedAll;
  }

  /** Whether so many bytes of DATA may be sent now, after those that wait. */
  takes(bytes: number): boolean {
    return bytes <= this.#sendWindow && !this.#output.isBlocked && this.blocked.size === 0;
  }

  sendData(streamId: number, bytes: Uint8Array): void {
    this.#sendWindow -= bytes.length;
    this.#earn(bytes.length);
    dataFraming.frames(streamId, bytes, this.#peerFrameBytes, this.#output);
  }

  sendHeaders(streamId: number, status: number | undefined, headers: OutgoingHeaders, endsStream: boolean): void {
    const block = headerBlock(status, headers);
    const ends = endsStream ? flag.endStream : 0;
    if (!this.#output.isBlocked) this.#blockedHeads = 0;
    // Whoever reads has no more requests under way than it may have streams; each answer has two heads at most.
    else if (++this.#blockedHeads > 2 * this.#limits.maxStreams + maxBlockedAnswers) {
      return this.#end(errorCode.enhanceYourCalm, "answers that are not read");
    }
    let type: number = frameType.headers;
    for (let at = 0; at === 0 || at < block.length; at += this.#peerFrameBytes) {
      const isLast = at + this.#peerFrameBytes >= block.length;
      const flags = (at === 0 ? ends : 0) | (isLast ? flag.endHeaders : 0);
      this.#output.say(frame(type, flags, streamId, block.subarray(at, at + this.#peerFrameBytes)));
      type = frameType.continuation;
    }
  }

  /** The last of a stream. */
  sendEnd(streamId: number, trailers: OutgoingHeaders | undefined): void {
    if (trailers === undefined) this.#output.say(endFrame(streamId));
    else this.sendHeaders(streamId, undefined, trailers, true);
  }

  sendWindowUpdate(streamId: number, bytes: number): void {
    this.#output.say(numberFrame(frameType.windowUpdate, streamId, bytes));
  }

  #earn(bytes: number): void {
    this.#earnedBytes = Math.min(maxEarnedBytes, this.#earnedBytes + bytes);
  }

  /** A message was let out; tells once it was passed on. */
  whenPassed(passed: Passed): void {
    this.#earn(updatesPerMessage * bytesPerUpdate);
    this.#output.whenPassed(passed);
  }

  /** Credits are told when so many have come together. */
  get creditStep(): number {
    return this.#limits.streamWindowBytes / 2;
  }

  /** Bytes of bodies were dealt with: the peer may send as many again. */
  credit(bytes: number): void {
    this.#creditBytes += bytes;
    if (this.#creditBytes < this.creditStep || this.#isClosed) return;
    this.#receiveWindow += this.#creditBytes;
    this.sendWindowUpdate(0, this.#creditBytes);
    this.#creditBytes = 0;
  }

  streamClosed(stream: Http2Stream): void {
    this.#streams.delete(stream.id);
    if (this.#streams.size === 0) this.#unusedSinceMs = performance.now();
    this.#closeWhenDone();
  }

  /** Lets what is under way end, and begins nothing more. */
  close(): void {
    if (this.#isGoing || this.#isClosed) return;
    this.#isGoing = true;
    this.#output.say(goAwayFrame(this.#lastStreamId, errorCode.noError, ""));
    this.#closeWhenDone();
  }

  #closeWhenDone(): void {
    if (this.#isGoing && this.#streams.size === 0) this.#end(errorCode.noError, "");
  }

  /** Says why, and ends the connection. What the peer still sends is not read any more. */
  #end(code: ErrorCode, message: string): void {
    if (this.#isClosed) return;
    if (code !== errorCode.noError) this.#output.say(goAwayFrame(this.#lastStreamId, code, message));
    this.#output.flush();
    this.#fail(new Error(message));
    this.#closingMs = performance.now();
    this.socket.end();
  }

  #fail(error: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#rest = nothing;
    for (const stream of [...this.#streams.values()]) stream.close(errorCode.cancel);
    this.#output.fail(error);
  }

  /** Called every few seconds: asks a silent peer for a sign of life, and ends what is of no use. */
  watch(nowMs: number): void {
    const isOver = this.#closingMs > 0 && nowMs - this.#closingMs > answerWithinMs;
    const isDead = this.#pingedMs > 0 && nowMs - this.#pingedMs > answerWithinMs;
    const isSlow = this.#block !== undefined && nowMs - this.#block.sinceMs > this.#limits.requestTimeoutMs;
    if (isOver || isDead || isSlow) return void this.socket.destroy();
    if (this.#isClosed) return;
    const unusedMs = this.#lastStreamId === 0 ? this.#limits.requestTimeoutMs : idleMs;
    if (this.#streams.size === 0 && nowMs - this.#unusedSinceMs > unusedMs) return this.close();
    if (this.#pingedMs > 0 || nowMs - this.#heardMs < pingEveryMs) return;
    this.#pingedMs = nowMs;
    this.#output.say(frame(frameType.ping, 0, 0, Buffer.alloc(8)));
  }
}
