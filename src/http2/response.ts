/** A response over HTTP/2, with what Node's own responses have that the gateway's handlers use. */
import { Writable } from "node:stream";
import type { Passed } from "./output.ts";
import type { Http2Request } from "./request.ts";
import type { Http2Stream } from "./stream.ts";

type HeaderValue = string | number | readonly string[];
type Headers = Record<string, HeaderValue>;

let date = "";
let dateSecond = 0;

function httpDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    date = new Date(second * 1000).toUTCString();
  }
  return date;
}

const bodiless = new Set([204, 304]);

/** That bytes were not passed on is told to whoever wrote them; nobody has to listen. */
function ignored(): void {}

export class Http2Response extends Writable {
  readonly stream: Http2Stream;
  readonly req: Http2Request;
  statusCode = 200;
  headersSent = false;
  #headers: Headers = {};
  #trailers: Headers | undefined;

  constructor(stream: Http2Stream, request: Http2Request) {
    super({ autoDestroy: false, decodeStrings: true });
    this.stream = stream;
    this.req = request;
    this.on("error", ignored);
  }

  setHeader(name: string, value: HeaderValue): this {
    this.#headers[name.toLowerCase()] = value;
    return this;
  }

  getHeader(name: string): HeaderValue | undefined {
    return this.#headers[name.toLowerCase()];
  }

  removeHeader(name: string): void {
    delete this.#headers[name.toLowerCase()];
  }

  /** Sends the headers, these and those that were set. */
  writeHead(status: number, headers: Readonly<Headers> = {}): this {
    this.statusCode = status;
    for (const [name, value] of Object.entries(headers)) this.setHeader(name, value);
    this.flushHeaders();
    return this;
  }

  flushHeaders(): void {
    this.#sendHeaders(false);
  }

  addTrailers(trailers: Readonly<Headers>): void {
    this.#trailers ??= {};
    for (const [name, value] of Object.entries(trailers)) this.#trailers[name.toLowerCase()] = value;
  }

  #sendHeaders(endsStream: boolean): void {
    if (this.headersSent) return;
    this.headersSent = true;
    this.#headers.date ??= httpDate();
    this.stream.sendHeaders(this.statusCode, this.#headers, endsStream);
    this.#headers = {};
  }

  get #hasNoBody(): boolean {
    return this.req.method === "HEAD" || bodiless.has(this.statusCode);
  }

  override _write(chunk: Buffer, _: BufferEncoding, passed: Passed): void {
    this.#send([chunk], passed);
  }

  override _writev(chunks: { chunk: Buffer }[], passed: Passed): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      passed,
    );
  }

  #send(chunks: readonly Uint8Array[], passed: Passed): void {
    this.flushHeaders();
    if (this.#hasNoBody) passed();
    else this.stream.answer(chunks, passed);
  }

  override _final(done: (error?: Error) => void): void {
    if (!this.headersSent && this.#trailers === undefined) this.#sendHeaders(true);
    else {
      this.flushHeaders();
      this.stream.end(this.#trailers);
    }
    done();
    // What Node's responses tell whoever waits for them to be over.
    this.emit("end");
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.stream.cancel();
    done(error);
  }

  /** The stream is over, in both directions or by a reset. */
  streamClosed(): void {
    this.destroy();
  }
}
