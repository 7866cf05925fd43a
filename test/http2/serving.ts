/** A server over HTTP/2 on a free port, and a client that says frames as they are. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { ConnectionLimits, RequestHandler } from "../../src/http2/connection.ts";
import { frame, frameType, preface, settingsFrame } from "../../src/http2/frame.ts";
import { headerBlock } from "../../src/http2/header-encoder.ts";
import { Http2Server } from "../../src/http2/server.ts";

export const limits: ConnectionLimits = {
  maxStreams: 100,
  maxHeaderBytes: 16 * 1024,
  streamWindowBytes: 64 * 1024,
  connectionWindowBytes: 128 * 1024,
  resetBurst: 100,
  resetsPerSecond: 1,
  requestTimeoutMs: 600_000,
};

export interface Serving {
  server: Http2Server;
  port: number;
  url: string;
  /** Connections that are open. */
  sockets: Set<Socket>;
  close(): Promise<void>;
}

/** Serves connections that begin with the preface, as the port does once it has found it. */
export async function serving(handler: RequestHandler, changed: Partial<ConnectionLimits> = {}): Promise<Serving> {
  const server = new Http2Server(handler, { ...limits, ...changed });
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    socket.once("data", (first: Buffer) => server.accept(socket, first.subarray(preface.length)));
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    server,
    port,
    url: `http://127.0.0.1:${port}`,
    sockets,
    async close() {
      server.destroy();
      listener.close();
      await once(listener, "close");
    },
  };
}

export interface ReadFrame {
  type: number;
  flags: number;
  streamId: number;
  payload: Buffer;
}

/** A client that does what it is told, well-behaved or not. */
export class RawClient {
  readonly socket: Socket;
  #rest = Buffer.alloc(0);
  readonly #frames: ReadFrame[] = [];
  #changed = Promise.withResolvers<void>();
  #isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#isClosed = true;
      this.#changed.resolve();
    });
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    const client = new RawClient(socket);
    client.send(preface, settingsFrame([]));
    return client;
  }

  send(...pieces: Uint8Array[]): void {
    this.socket.write(Buffer.concat(pieces));
  }

  /** HEADERS of a GET, with a flag or two. */
  request(streamId: number, flags: number, headers: Record<string, string> = {}): Buffer {
    const pseudo = { ":method": "GET", ":scheme": "http", ":path": "/", ":authority": "test" };
    return frame(frameType.headers, flags, streamId, headerBlock(undefined, { ...pseudo, ...headers }));
  }

  #receive(chunk: Buffer): void {
    let bytes = Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
      const end = 9 + bytes.readUIntBE(0, 3);
      const [type, flags] = [bytes[3]!, bytes[4]!];
      this.#frames.push({ type, flags, streamId: bytes.readUInt32BE(5), payload: bytes.subarray(9, end) });
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
    this.#changed.resolve();
  }

  /** The next frame of a type; those before it are passed over. Undefined when the connection ends without one. */
  async next(type: number): Promise<ReadFrame | undefined> {
    for (;;) {
      while (this.#frames.length > 0) {
        const read = this.#frames.shift()!;
        if (read.type === type) return read;
      }
      if (this.#isClosed) return undefined;
      this.#changed = Promise.withResolvers();
      await this.#changed.promise;
    }
  }

  /** Why the server ends the connection. */
  async goAway(): Promise<{ code: number; message: string } | undefined> {
    const read = await this.next(frameType.goAway);
    return read && { code: read.payload.readUInt32BE(4), message: read.payload.toString("utf8", 8) };
  }
}
