/** The HTTP end of a subscription: headers, raw writes, and the end as each protocol says it. */
import type { ServerResponse } from "node:http";
import type { ConnectError } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { endStreamFlag, endStreamToJson } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { trailerFlag, trailerSerialize } from "@connectrpc/connect/protocol-grpc-web";
import type { CallwireError } from "../errors/callwire-error.ts";
import type { Kept, StreamSink } from "../fanout/outlet.ts";
import type { Codec } from "../fanout/segment.ts";
import { Http2Response } from "../http2/response.ts";
import { errorTypes, toConnectError } from "./connect-error.ts";
import type { AnyResponse } from "./subscribe-handler.ts";
import type { StreamProtocol } from "./subscribe-protocol.ts";

/** Where messages are written: past the response's own queue, straight to its stream or connection. */
export interface RawOutput {
  /** Calls back once all was passed on, or with an error when the stream is gone. */
  send(buffers: readonly Uint8Array[], passed: (error?: Error | null) => void): void;
  /** See StreamSink. */
  readonly takesBack: boolean;
  takeBack(ends: readonly number[]): Kept;
}

export function rawOutputOf(response: ServerResponse | Http2Response): RawOutput {
  if (response instanceof Http2Response) return response.stream;
  return {
    send(buffers, passed) {
      response.cork();
      buffers.forEach((buffer, index) => {
        if (index < buffers.length - 1) response.write(buffer);
        else response.write(buffer, passed);
      });
      response.uncork();
    },
    // Over HTTP/1.1 what waits is the socket's.
    takesBack: false,
    takeBack: (ends) => ({ buffers: ends.at(-1)!, bytes: response.writableLength, isOwn: false }),
  };
}

/** As `setTrailerStatus` has it: nearly every RPC ends so. */
const ok: Record<string, string> = { "grpc-status": "0" };

export class HttpSink implements StreamSink {
  readonly codec: Codec;
  readonly #protocol: StreamProtocol;
  readonly #response: AnyResponse;
  readonly #out: RawOutput;
  #ended = false;

  constructor(protocol: StreamProtocol, response: AnyResponse, out: RawOutput) {
    this.codec = protocol.codec;
    this.#protocol = protocol;
    this.#response = response;
    this.#out = out;
  }

  /** Calls back once when the client is gone or the stream is over. */
  onGone(callback: () => void): void {
    this.#response.once("close", callback);
    // A reset is followed by "close"; without a listener it would be an uncaught error.
    this.#response.on("error", () => {});
  }

  write(buffers: readonly Uint8Array[], done: (error?: Error | null) => void): void {
    if (this.#ended || this.#response.destroyed) return;
    this.#sendHeaders();
    this.#out.send(buffers, done);
  }

  #sendHeaders(): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, { "content-type": this.#protocol.contentType, ...this.#trailerNames() });
  }

  #trailerNames(): Record<string, string> {
    return this.#protocol.name === "grpc" ? { trailer: "grpc-status, grpc-message, grpc-status-details-bin" } : {};
  }

  get takesBack(): boolean {
    return this.#out.takesBack;
  }

  takeBack(ends: readonly number[]): Kept {
    return this.#out.takeBack(ends);
  }

  abandon(): void {
    this.#response.destroy();
  }

  end(error?: CallwireError): void {
    this.fail(error === undefined ? undefined : toConnectError(error));
  }

  /** Ends the stream, with an error's status or with OK. */
  fail(error: ConnectError | undefined): void {
    if (this.#ended || this.#response.destroyed) return;
    this.#ended = true;
    switch (this.#protocol.name) {
      case "grpc":
        return this.#endGrpc(error);
      case "grpc-web":
        return this.#endWith(trailerFlag, trailerSerialize(setTrailerStatus(new Headers(), error)));
      case "connect": {
        const json = endStreamToJson(new Headers(), error, { registry: errorTypes });
        return this.#endWith(endStreamFlag, new TextEncoder().encode(JSON.stringify(json)));
      }
    }
  }

  #endGrpc(error: ConnectError | undefined): void {
    const status = error === undefined ? ok : Object.fromEntries(setTrailerStatus(new Headers(), error));
    if (this.#response.headersSent) {
      this.#response.addTrailers(status);
    } else {
      // Nothing was sent: the status goes with the headers, and these must end the stream themselves. writeHead would send
      // them at once, with an empty data frame after them, which gRPC clients take for a stream without a status.
      const headers = { "content-type": this.#protocol.contentType, ...status };
      for (const [name, value] of Object.entries(headers)) this.#response.setHeader(name, value);
    }
    this.#response.end();
  }

  #endWith(flag: number, data: Uint8Array): void {
    this.#sendHeaders();
    this.#response.end(encodeEnvelope(flag, data));
  }
}
