/** Serves connections over HTTP/2 whose preface has been read. */
import type { Socket } from "node:net";
import { Connection, type ConnectionLimits, type RequestHandler } from "./connection.ts";

const watchEveryMs = 5_000;

export class Http2Server {
  readonly #handler: RequestHandler;
  readonly #limits: ConnectionLimits;
  readonly #connections = new Set<Connection>();
  readonly #timer: NodeJS.Timeout;

  constructor(handler: RequestHandler, limits: ConnectionLimits) {
    this.#handler = handler;
    this.#limits = limits;
    this.#timer = setInterval(() => this.watch(performance.now()), watchEveryMs);
    this.#timer.unref();
  }

  /** @param received what came after the preface so far */
  accept(socket: Socket, received: Buffer): void {
    const connection: Connection = new Connection(socket, this.#limits, this.#handler, () =>
      this.#connections.delete(connection),
    );
    this.#connections.add(connection);
    if (received.length > 0) connection.receive(received);
  }

  /** Asks silent peers for a sign of life, and ends connections that are of no use. Done every few seconds. */
  watch(nowMs: number): void {
    for (const connection of this.#connections) connection.watch(nowMs);
  }

  /** Tells every peer that nothing more is begun; each connection ends with its last stream. */
  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  /** Cuts what is left. */
  destroy(): void {
    clearInterval(this.#timer);
    for (const connection of this.#connections) connection.socket.destroy();
  }
}
