/**
 * One connection through the fault proxy. Bytes towards the gateway pass as they are; bytes towards the consumer pass frame
 * by frame, so that a fault can happen between any two of them or in the middle of one. What is not HTTP/2 with prior
 * knowledge (HTTP/1.1, TLS) passes as bytes, and only faults that count bytes or connections can meet it.
 */
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, FaultAction } from "./fault.ts";
import type { FaultPlan } from "./fault-plan.ts";
import { clientPreface, type Frame, FrameReader, frameType, MessageReader, MessageTracker } from "./http2-frames.ts";

/** What the proxy is told of a connection. */
export interface ConnectionObserver {
  /** A fault of the plan has happened; a delay begins. */
  fault(fault: Fault): void;
  /** Bytes passed towards the consumer. */
  passed(bytes: number): void;
  /** A message of a request passed towards the gateway; without its prefix. */
  request(message: Buffer): void;
  /** A message of an answer passed whole. */
  message(): void;
}

export class ProxiedConnection {
  readonly #consumer: Socket;
  readonly #gateway: Socket;
  readonly #plan: FaultPlan;
  readonly #observer: ConnectionObserver;
  readonly #latencyMs: number;
  /** Pending while stalled. */
  #open: Promise<void> = Promise.resolve();
  #resume: (() => void) | undefined;
  #isHttp2 = false;
  #isHalfOpen = false;
  #messagesPassed = 0;
  readonly #answering = new Set<number>();
  readonly #messages = new Map<number, MessageTracker>();

  constructor(consumer: Socket, gateway: Socket, plan: FaultPlan, observer: ConnectionObserver, latencyMs: number) {
    this.#consumer = consumer;
    this.#gateway = gateway;
    this.#plan = plan;
    this.#observer = observer;
    this.#latencyMs = latencyMs;
    for (const socket of [consumer, gateway]) {
      socket.setNoDelay(true);
      // What becomes of a broken connection is its end, which "close" tells.
      socket.on("error", () => socket.destroy());
    }
    consumer.once("close", () => this.#end());
    gateway.once("close", () => {
      if (!this.#isHalfOpen) this.#end();
    });
  }

  /** Resolves when the connection is over. */
  async run(): Promise<void> {
    const consumerGone = new Promise((resolve) => void this.#consumer.once("close", resolve));
    const due = this.#plan.meet("connect");
    // How either direction ends does not matter; the connection is over when the consumer's end of it is.
    const begun = due === undefined ? Promise.resolve() : this.#suffer(due);
    await Promise.allSettled([begun.then(() => Promise.allSettled([this.#passRequests(), this.#passAnswers()]))]);
    await consumerGone;
  }

  /** Does it now, whatever the plan says. */
  apply(action: FaultAction["do"]): void {
    switch (action) {
      case "cut":
        return this.#end();
      case "reset":
        this.#consumer.resetAndDestroy();
        this.#gateway.resetAndDestroy();
        return;
      case "stall":
        return this.#stall();
      case "half-open":
        this.#isHalfOpen = true;
        this.#gateway.destroy();
        return;
    }
  }

  /** Ends a stall. */
  resume(): void {
    this.#resume?.();
    this.#resume = undefined;
  }

  #stall(): void {
    if (this.#resume !== undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#open = promise;
    this.#resume = resolve;
  }

  #end(): void {
    this.#consumer.destroySoon();
    this.#gateway.destroySoon();
    this.resume();
  }

  async #suffer(fault: Fault): Promise<void> {
    if (fault.do !== "delay") this.apply(fault.do);
    this.#observer.fault(fault);
    if (fault.do === "delay") return void (await sleep(fault.ms));
    if (fault.do !== "stall") throw new ConnectionOver();
    await this.#open;
  }

  /** Goes on reading while stalled, or the consumer's own end would not be seen; its HTTP/2 windows bound what waits. */
  async #passRequests(): Promise<void> {
    const frames = new FrameReader();
    const requests = new Map<number, MessageReader>();
    let preface = Buffer.alloc(0);
    let written = Promise.resolve();
    for await (const chunk of chunks(this.#consumer)) {
      if (this.#isHalfOpen) continue;
      let bytes = chunk;
      if (!this.#isHttp2 && preface.length < clientPreface.length) {
        preface = Buffer.concat([preface, chunk]);
        this.#isHttp2 = preface.subarray(0, clientPreface.length).equals(clientPreface);
        bytes = preface.subarray(clientPreface.length);
      }
      if (this.#isHttp2) for (const frame of frames.push(bytes)) this.#observeRequest(frame, requests);
      written = written.then(() => this.#open).then(() => write(this.#gateway, chunk));
      // It is awaited below, or not at all when the connection is over.
      written.catch(() => {});
      if (this.#resume === undefined) await written;
    }
    await written;
    this.#gateway.end();
  }

  #observeRequest({ type, streamId, data }: Frame, requests: Map<number, MessageReader>): void {
    if (type !== frameType.data) return;
    let reader = requests.get(streamId);
    if (reader === undefined) requests.set(streamId, (reader = new MessageReader()));
    for (const message of reader.push(data)) this.#observer.request(message);
  }

  async #passAnswers(): Promise<void> {
    const frames = new FrameReader();
    for await (const chunk of chunks(this.#gateway)) {
      if (this.#latencyMs > 0) await sleep(this.#latencyMs);
      await this.#open;
      if (!this.#isHttp2) await this.#pass(chunk);
      else for (const frame of frames.push(chunk)) await this.#passFrame(frame);
    }
    if (!this.#isHalfOpen) this.#consumer.end();
  }

  async #passFrame(frame: Frame): Promise<void> {
    const { type, streamId, bytes } = frame;
    if (type === frameType.headers) await this.#meetHeaders(frame);
    let passed = 0;
    if (type === frameType.data) {
      let tracker = this.#messages.get(streamId);
      if (tracker === undefined) this.#messages.set(streamId, (tracker = new MessageTracker()));
      for (const mark of tracker.push(frame.data)) {
        const due = this.#plan.meet(mark.part === "middle" ? "mid-message" : "message");
        if (due !== undefined || mark.part === "end") {
          const upTo = frame.dataAt + mark.at;
          await this.#pass(bytes.subarray(passed, upTo));
          passed = upTo;
        }
        if (mark.part === "end") {
          this.#messagesPassed++;
          this.#observer.message();
        }
        if (due !== undefined) await this.#suffer(due);
      }
    }
    await this.#pass(bytes.subarray(passed));
    if (frame.endsStream) this.#messages.delete(streamId);
  }

  /** The first headers of a stream begin an answer, the second are its trailers; an error may have only the first. */
  async #meetHeaders({ streamId, endsStream }: Frame): Promise<void> {
    const isFirst = !this.#answering.has(streamId);
    if (isFirst) this.#answering.add(streamId);
    const due = this.#plan.meet(isFirst ? "headers" : "trailers");
    if (endsStream) this.#answering.delete(streamId);
    if (due !== undefined) await this.#suffer(due);
  }

  async #pass(bytes: Buffer): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      // Of what is not HTTP/2 no messages are seen.
      const hasBrought = !this.#isHttp2 || this.#messagesPassed > 1;
      const piece = rest.subarray(0, this.#plan.bytesUntilFault(hasBrought));
      rest = rest.subarray(piece.length);
      await write(this.#consumer, piece);
      this.#observer.passed(piece.length);
      const due = this.#plan.passed(piece.length, hasBrought);
      if (due !== undefined) await this.#suffer(due);
    }
  }
}

class ConnectionOver extends Error {
  override name = "ConnectionOver";
}

/** What comes in. Leaving the loop does not destroy the socket: what was written to it may still be on its way. */
function chunks(socket: Socket): AsyncIterable<Buffer> {
  return socket.iterator({ destroyOnReturn: false });
}

/** Writes, and waits while the reader is slow. @throws ConnectionOver when the socket is closed or closes meanwhile */
async function write(socket: Socket, bytes: Buffer): Promise<void> {
  if (!socket.writable) throw new ConnectionOver();
  if (socket.write(bytes)) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const closed = (): void => reject(new ConnectionOver());
  socket.once("drain", resolve).once("close", closed);
  await promise.finally(() => socket.off("drain", resolve).off("close", closed));
}
