/** A transport that keeps what it is given, and passes it on only while its reader reads. */
import { fromBinary, fromJsonString } from "@bufbuild/protobuf";
import { type SubscribeResponse, SubscribeResponseSchema } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import type { CallwireError } from "../../src/errors/callwire-error.ts";
import type { StreamSink } from "../../src/fanout/outlet.ts";
import type { Codec } from "../../src/fanout/segment.ts";

export class RecordingSink implements StreamSink {
  readonly codec: Codec;
  readonly takesBack = false;
  readonly responses: SubscribeResponse[] = [];
  /** The very buffers that were written. */
  readonly buffers: Uint8Array[] = [];
  ended = false;
  error: CallwireError | undefined;
  /** Writes under way, to see that there is never more than one. */
  maxWritesUnderWay = 0;
  #writesUnderWay = 0;
  #reading = true;
  #blocked: (() => void)[] = [];
  #changed = Promise.withResolvers<void>();

  constructor(codec: Codec = "proto") {
    this.codec = codec;
  }

  write(buffers: readonly Uint8Array[], done: () => void): void {
    this.#writesUnderWay++;
    this.maxWritesUnderWay = Math.max(this.maxWritesUnderWay, this.#writesUnderWay);
    this.buffers.push(...buffers);
    this.#take(Buffer.concat(buffers));
    const passOn = (): void => {
      this.#writesUnderWay--;
      done();
    };
    if (this.#reading) setImmediate(passOn);
    else this.#blocked.push(passOn);
    this.#change();
  }

  /** Takes the messages of one write, whatever pieces they came in. */
  #take(buffer: Uint8Array): void {
    for (let at = 0; at < buffer.length; ) {
      const length = new DataView(buffer.buffer, buffer.byteOffset).getUint32(at + 1);
      const message = buffer.subarray(at + 5, at + 5 + length);
      const json = this.codec === "json";
      this.responses.push(
        json
          ? fromJsonString(SubscribeResponseSchema, new TextDecoder().decode(message))
          : fromBinary(SubscribeResponseSchema, message),
      );
      at += 5 + length;
    }
  }

  takeBack(ends: readonly number[]) {
    return { buffers: ends.at(-1)!, bytes: 0, isOwn: false };
  }

  abandon(): void {
    this.ended = true;
    this.#change();
  }

  end(error?: CallwireError): void {
    this.ended = true;
    this.error = error;
    this.#change();
  }

  stopReading(): void {
    this.#reading = false;
  }

  readAgain(): void {
    this.#reading = true;
    for (const passOn of this.#blocked.splice(0)) setImmediate(passOn);
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  get offsets(): number[] {
    return this.responses.flatMap(({ events }) => events.map(({ offset }) => Number(offset)));
  }

  notices(): (string | undefined)[] {
    return this.responses.map(({ notice }) => notice.case).filter((name) => name !== undefined);
  }

  /** Resolves once a condition holds; it is looked at whenever something arrives. */
  async until(condition: (sink: this) => boolean): Promise<void> {
    while (!condition(this)) await this.#changed.promise;
  }

  caughtUp(times = 1): Promise<void> {
    return this.until(() => this.notices().filter((name) => name === "caughtUp").length >= times);
  }
}
