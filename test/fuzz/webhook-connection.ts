/** A keep-alive HTTP/1.1 connection for webhooks that costs next to nothing: requests are bytes made beforehand. */
import { connect, type Socket } from "node:net";

export interface WebhookAnswer {
  status: number;
  text: string;
}

export function webhookRequest(url: URL, body: Buffer): Buffer {
  const head = [`POST ${url.pathname} HTTP/1.1`, `host: ${url.host}`, "content-type: application/json"];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\ncontent-length: ${body.length}\r\n\r\n`), body]);
}

/** The response that the bytes begin with and its length, or undefined while it is not whole. */
function parseResponse(bytes: Buffer): { answer: WebhookAnswer; length: number } | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const head = bytes.toString("latin1", 0, headEnd);
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(head)!;
  const length = headEnd + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(head)![1]);
  if (length > bytes.length) return undefined;
  return { answer: { status: Number(status), text: bytes.toString("utf8", headEnd + 4, length) }, length };
}

export class WebhookConnection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #waiting: PromiseWithResolvers<WebhookAnswer> | undefined;

  constructor(url: URL) {
    this.#socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    this.#socket.on("data", (chunk) => this.#receive(chunk));
    this.#socket.on("error", (error) => this.#waiting?.reject(error));
    this.#socket.on("close", () => this.#waiting?.reject(new Error("the gateway closed the connection")));
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const response = parseResponse(this.#received);
    if (response === undefined) return;
    this.#received = this.#received.subarray(response.length);
    this.#waiting?.resolve(response.answer);
  }

  /** One at a time. */
  send(request: Buffer): Promise<WebhookAnswer> {
    this.#waiting = Promise.withResolvers();
    this.#socket.write(request);
    return this.#waiting.promise;
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }
}
