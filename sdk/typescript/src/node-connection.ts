/** Connections over HTTP/2 with Node: watched by pings, bounded in time, and replaced when one seems dead. */
import type {
  ClientHttp2Stream,
  ClientSessionRequestOptions,
  OutgoingHttpHeaders,
  SecureClientSessionOptions,
} from "node:http2";
import { Code, ConnectError, type Interceptor, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { type Connection, maxMessageBytes } from "./connection.ts";

/** Which protocol carries the calls; the gateway speaks both. */
export type NodeProtocol = "grpc" | "connect";

/** TLS of an `https://` address. Nothing given means the authorities that Node trusts and no client certificate. */
export interface TlsOptions {
  /** Authorities to trust instead of Node's, in PEM. */
  readonly ca?: string | Buffer | undefined;
  /** The client's certificate, in PEM. */
  readonly cert?: string | Buffer | undefined;
  /** The key of the client's certificate, in PEM. */
  readonly key?: string | Buffer | undefined;
}

const keepalive = { pingIntervalMs: 20_000, pingTimeoutMs: 10_000 };
const connectTimeoutMs = 10_000;

/**
 * Bytes that may be on their way to this end before it has taken them. With Node's 64 KiB a response of megabytes takes a
 * round trip for each of them.
 */
const windowBytes = 1024 * 1024;

export class NodeConnection implements Connection {
  readonly transport: Transport;
  readonly #sessions: Sessions;

  constructor(url: string, protocol: NodeProtocol, tls: TlsOptions, interceptors: Interceptor[]) {
    this.#sessions = new Sessions(url, { ...tls, settings: { initialWindowSize: windowBytes } });
    const options = { baseUrl: url, sessionManager: this.#sessions, interceptors, readMaxBytes: maxMessageBytes };
    this.transport =
      protocol === "grpc"
        ? createGrpcTransport(options)
        : createConnectTransport({ ...options, httpVersion: "2", useBinaryFormat: true });
  }

  renew(): void {
    this.#sessions.renew();
  }

  close(): void {
    this.#sessions.close();
  }
}

/** The session manager that transports see: Connect's own behind a connect time-out, and a new one when the old is dead. */
class Sessions {
  readonly authority: string;
  readonly #url: string;
  readonly #options: SecureClientSessionOptions;
  #current: Http2SessionManager;
  readonly #retired = new Set<Http2SessionManager>();

  constructor(url: string, options: SecureClientSessionOptions) {
    this.#url = url;
    this.#options = options;
    this.#current = this.#open();
    this.authority = this.#current.authority;
  }

  #open(): Http2SessionManager {
    return new Http2SessionManager(this.#url, keepalive, this.#options);
  }

  async request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    options: Omit<ClientSessionRequestOptions, "signal">,
  ): Promise<ClientHttp2Stream> {
    const sessions = this.#current;
    const message = `no connection to ${this.authority} within ${connectTimeoutMs} ms`;
    const timer = setTimeout(() => sessions.abort(new ConnectError(message, Code.Unavailable)), connectTimeoutMs);
    await sessions.connect();
    clearTimeout(timer);
    const stream = await sessions.request(method, path, headers, options);
    stream.session?.setLocalWindowSize(windowBytes);
    return stream;
  }

  notifyResponseByteRead(stream: ClientHttp2Stream): void {
    this.#current.notifyResponseByteRead(stream);
    for (const sessions of this.#retired) sessions.notifyResponseByteRead(stream);
  }

  /** Streams of the old connection go on if they can; once there are none, it is closed. */
  renew(): void {
    for (const sessions of this.#retired) {
      if (sessions.state() !== "open") this.#drop(sessions);
    }
    this.#retired.add(this.#current);
    this.#current = this.#open();
  }

  close(): void {
    for (const sessions of [this.#current, ...this.#retired]) this.#drop(sessions);
  }

  #drop(sessions: Http2SessionManager): void {
    sessions.abort();
    this.#retired.delete(sessions);
  }
}
