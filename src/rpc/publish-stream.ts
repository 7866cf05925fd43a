/**
 * One PublishStream: batches are submitted as they come and answered in their order, each once it is durable. At most so many
 * are under way, from their arrival until their answer is written; then no more is read.
 */
import type { IncomingMessage } from "node:http";
import type { Access } from "../auth/access.ts";
import type { HeldBodies } from "../auth/held-bodies.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import type { Http2Request } from "../http2/request.ts";
import { toConnectError } from "./connect-error.ts";
import { encodeStreamResponse, enveloped } from "./encode-results.ts";
import { type IngestDeps, maxBatchesUnderWay, publish, publishStreamPath } from "./publish.ts";
import { readStreamBatch } from "./publish-batch.ts";
import { RequestMessages } from "./request-messages.ts";
import type { HttpSink } from "./subscribe-sink.ts";

/** What follows what was answered before: a response once it is there, or how the stream ends. */
interface Answer {
  response?: Uint8Array;
  end?: { error: unknown };
}

export class PublishStream {
  readonly #deps: IngestDeps & { bodies: HeldBodies };
  readonly #request: IncomingMessage | Http2Request;
  readonly #sink: HttpSink;
  readonly #access: Access;
  readonly #messages: RequestMessages;
  readonly #answers: Answer[] = [];
  readonly #over = Promise.withResolvers<void>();
  /** Answers that the client has not taken yet. */
  #unwritten = 0;
  #tenant = "";
  #source = "";
  #isTaking = false;
  /** Nothing more is taken. */
  #isClosed = false;
  #hasEnded = false;

  constructor(
    deps: IngestDeps & { bodies: HeldBodies },
    request: IncomingMessage | Http2Request,
    sink: HttpSink,
    access: Access,
  ) {
    this.#deps = deps;
    this.#request = request;
    this.#sink = sink;
    this.#access = access;
    const encoding = String(request.headers["grpc-encoding"] ?? "identity");
    this.#messages = new RequestMessages(encoding, deps.limits.maxPublishBytes, deps.bodies);
  }

  /** Resolves when the stream is over. @throws CallwireError RATE_LIMITED when it cannot begin */
  async run(address: string): Promise<void> {
    const { streams, log } = this.#deps;
    const facts = { rpc: publishStreamPath, address, tenant: this.#access.onlyTenant(log.tenants) };
    const leave = streams.open(this.#access.policy, facts, (error) => this.#close(error));
    this.#sink.onGone(() => {
      this.#isClosed = true;
      this.#over.resolve();
    });
    this.#request.on("data", (chunk: Buffer) => this.#arrived(chunk));
    this.#request.on("end", () => {
      this.#hasEnded = true;
      void this.#take();
    });
    await this.#over.promise;
    this.#messages.release();
    leave();
  }

  #arrived(chunk: Buffer): void {
    if (this.#isClosed) return;
    try {
      this.#messages.add(chunk);
      void this.#take();
    } catch (error) {
      this.#close(error);
    }
  }

  get #isFull(): boolean {
    return this.#answers.length + this.#unwritten >= maxBatchesUnderWay;
  }

  /** Takes what has arrived, as far as there is room; one message after the other, also when one has to be inflated. */
  async #take(): Promise<void> {
    if (this.#isTaking) return;
    this.#isTaking = true;
    try {
      while (!this.#isClosed && !this.#isFull) {
        const message = this.#messages.next();
        if (message === undefined) break;
        this.#submit(message instanceof Promise ? await message : message);
      }
      if (this.#isFull) this.#request.pause();
      else if (this.#hasEnded && !this.#isClosed) this.#end();
    } catch (error) {
      this.#close(error);
    } finally {
      this.#isTaking = false;
    }
  }

  #end(): void {
    const isWhole = this.#messages.isAtEnd;
    this.#close(isWhole ? undefined : new CallwireError("MALFORMED_REQUEST", "the request ends within a message"));
  }

  #submit(bytes: Buffer): void {
    const { batch, sequence } = readStreamBatch(bytes);
    if (batch.tenant === "") batch.tenant = this.#tenant;
    if (batch.source === "") batch.source = this.#source;
    this.#tenant = batch.tenant;
    this.#source = batch.source;
    const answer: Answer = {};
    this.#answers.push(answer);
    publish(this.#deps, batch, this.#access).then(
      (outcomes) => {
        answer.response = enveloped(encodeStreamResponse(sequence, outcomes));
        this.#answer();
      },
      (error: unknown) => {
        answer.end = { error };
        this.#answer();
      },
    );
  }

  /** Ends the stream after what is under way, with an error's status or with OK. */
  #close(error: unknown): void {
    this.#isClosed = true;
    this.#answers.push({ end: { error } });
    this.#request.resume();
    this.#answer();
  }

  /** Gives out the answers whose turn has come. */
  #answer(): void {
    const ready: Uint8Array[] = [];
    let end: Answer["end"];
    while (end === undefined) {
      const [next] = this.#answers;
      if (next === undefined || (next.response === undefined && next.end === undefined)) break;
      this.#answers.shift();
      if (next.response !== undefined) ready.push(next.response);
      end = next.end;
    }
    if (ready.length > 0) this.#write(ready);
    if (end !== undefined) this.#finish(end.error);
  }

  #write(ready: Uint8Array[]): void {
    this.#unwritten += ready.length;
    this.#sink.write(ready, () => {
      this.#unwritten -= ready.length;
      if (this.#isClosed || this.#isFull) return;
      this.#request.resume();
      void this.#take();
    });
  }

  #finish(error: unknown): void {
    this.#isClosed = true;
    this.#answers.length = 0;
    this.#request.resume();
    this.#sink.fail(error === undefined ? undefined : toConnectError(error));
    this.#over.resolve();
  }
}
