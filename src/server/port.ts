/**
 * The one port: HTTP/2 with prior knowledge and HTTP/1.1 on the same listener, told apart by a connection's first bytes and
 * handed to the server for it. Every limit of a connection is set here, on purpose.
 */
import { createServer as createHttp1Server, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { TlsConfig } from "../config/access.ts";
import type { Limits } from "../config/limits.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import { preface } from "../http2/frame.ts";
import type { Http2Request } from "../http2/request.ts";
import type { Http2Response } from "../http2/response.ts";
import { Http2Server } from "../http2/server.ts";
import { errorBody } from "../webhook/http-error.ts";
import { createTlsServer, renewCertificates } from "./tls.ts";

export type AnyHttpRequest = IncomingMessage | Http2Request;
export type AnyHttpResponse = ServerResponse | Http2Response;
export type RequestHandler = (request: AnyHttpRequest, response: AnyHttpResponse) => void;

const maxHeaderBytes = 64 * 1024;
/** While stopping, how often idle connections are looked for. */
const idleCheckMs = 100;

export interface Port {
  address: { host: string; port: number };
  /** Stops accepting, lets what is under way end within the time, then cuts it. */
  close(graceMs: number): Promise<void>;
  /** Tells of a connection that was refused for `limits.max_connections`. */
  onRefused(listener: () => void): void;
  /** Puts changed certificates in place. @throws Error; then nothing has changed */
  renew(tls: TlsConfig): void;
}

function http1Server(handler: RequestHandler, limits: Limits) {
  const server = createHttp1Server(
    {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: limits.requestTimeoutMs,
      // Bodies have a time-out of their own, which tells the reason; streams of answers have none.
      requestTimeout: 0,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: Math.min(limits.requestTimeoutMs, 5_000),
    },
    handler,
  );
  // Its connections are handed to it, so it never listens; Node keeps track of them, for the time-out of headers and for
  // ending idle ones, from this event on.
  server.emit("listening");
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable) return void socket.destroy();
    const { status, failure } = malformed(error.code);
    const body = JSON.stringify(errorBody(failure));
    const head = `HTTP/1.1 ${status}\r\nconnection: close\r\n`;
    socket.end(`${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  });
  return server;
}

const largeHeaders = `the headers are larger than ${maxHeaderBytes} bytes`;

/** What is told of a request that HTTP/1.1 cannot be read from. */
function malformed(code: string | undefined): { status: string; failure: CallwireError } {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return {
        status: "431 Request Header Fields Too Large",
        failure: new CallwireError("MALFORMED_REQUEST", largeHeaders),
      };
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return {
        status: "408 Request Timeout",
        failure: new CallwireError("REQUEST_TIMEOUT", "the headers did not arrive in time (limits.request_timeout)"),
      };
    default:
      return {
        status: "400 Bad Request",
        failure: new CallwireError("MALFORMED_REQUEST", "the HTTP request cannot be read"),
      };
  }
}

/** Answers a request whose headers are too large to be kept. */
function withSmallHeaders(handler: RequestHandler): (request: Http2Request, response: Http2Response) => void {
  return (request, response) => {
    if (!request.isTruncated) return handler(request, response);
    request.resume();
    response.writeHead(431, { "content-type": "application/json" });
    response.end(JSON.stringify(errorBody(new CallwireError("MALFORMED_REQUEST", largeHeaders))));
  };
}

function http2Server(handler: RequestHandler, limits: Limits): Http2Server {
  return new Http2Server(withSmallHeaders(handler), {
    maxStreams: limits.maxStreamsPerConnection,
    maxHeaderBytes,
    streamWindowBytes: 256 * 1024,
    connectionWindowBytes: 1024 * 1024,
    // A proxy that multiplexes many clients resets many streams; a flood is still cut off.
    resetBurst: Math.max(1_000, limits.maxStreamsPerConnection),
    resetsPerSecond: 100,
    requestTimeoutMs: limits.requestTimeoutMs,
  });
}

const connectionOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 };

class Listener {
  readonly #http1: ReturnType<typeof http1Server>;
  readonly #http2: Http2Server;
  readonly #sockets = new Set<Socket>();
  readonly #sniffTimeoutMs: number;
  readonly server: Server;

  constructor(handler: RequestHandler, limits: Limits, tls: TlsConfig | undefined) {
    this.#http1 = http1Server(handler, limits);
    this.#http2 = http2Server(handler, limits);
    this.#sniffTimeoutMs = Math.min(limits.requestTimeoutMs, 10_000);
    this.server =
      tls === undefined
        ? createServer(connectionOptions, (socket) => this.#accept(socket))
        : createTlsServer(tls, (socket) => this.#accept(socket));
    this.server.maxConnections = limits.maxConnections;
    // With TLS these are still without their handshake.
    if (tls !== undefined) this.server.on("connection", (socket) => this.#track(socket));
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    // A reset connection is no event of its own.
    socket.on("error", () => socket.destroy());
  }

  #accept(socket: Socket): void {
    this.#track(socket);
    if (socket instanceof TLSSocket && socket.alpnProtocol === "http/1.1") this.#http1.emit("connection", socket);
    else this.#sniff(socket);
  }

  /** Reads until the first bytes can be only one of the two protocols. */
  #sniff(socket: Socket): void {
    const timer = setTimeout(() => socket.destroy(), this.#sniffTimeoutMs);
    let seen = Buffer.alloc(0);
    const onReadable = (): void => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      seen = Buffer.concat([seen, chunk]);
      const length = Math.min(seen.length, preface.length);
      const mayBeHttp2 = seen.subarray(0, length).equals(preface.subarray(0, length));
      if (mayBeHttp2 && length < preface.length) return;
      settle();
      if (mayBeHttp2) return this.#http2.accept(socket, seen.subarray(preface.length));
      socket.unshift(seen);
      this.#http1.emit("connection", socket);
    };
    const settle = (): void => {
      clearTimeout(timer);
      socket.off("readable", onReadable);
      socket.off("close", settle);
    };
    socket.on("readable", onReadable);
    socket.on("close", settle);
  }

  async close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.#http2.close();
    // A connection is idle once its last answer has gone out.
    const endingIdle = setInterval(() => this.#http1.closeIdleConnections(), idleCheckMs);
    this.#http1.closeIdleConnections();
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    // Connections without a request under way would be waited for until then.
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
    await closed;
    clearTimeout(timer);
    clearInterval(endingIdle);
    this.#http1.close();
    this.#http2.destroy();
  }
}

export async function openPort(
  listen: { host: string; port: number },
  handler: RequestHandler,
  limits: Limits,
  tls?: TlsConfig,
): Promise<Port> {
  const listener = new Listener(handler, limits, tls);
  const { server } = listener;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: listen.host, port: listen.port, backlog: 4_096 }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : listen.port;
  return {
    address: { host: listen.host, port },
    close: (graceMs) => listener.close(graceMs),
    onRefused: (listener) => void server.on("drop", listener),
    renew: (changed) => renewCertificates(server, changed),
  };
}
