/** What a live event costs, counted: nothing here is judged by the time it takes. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EventView, SubscribeRequestSchema } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { Access } from "../../src/auth/access.ts";
import { anonymous } from "../../src/auth/make-policy.ts";
import { defaultLimits } from "../../src/config/limits.ts";
import { Fanout, type OpenSubscription } from "../../src/fanout/fanout.ts";
import type { StreamSink } from "../../src/fanout/outlet.ts";
import { readSubscription } from "../../src/fanout/subscription.ts";
import { dataFraming } from "../../src/http2/data-framing.ts";
import { frame, frameType, preface, settingsFrame } from "../../src/http2/frame.ts";
import { headerBlock } from "../../src/http2/header-encoder.ts";
import type { Http2Stream } from "../../src/http2/stream.ts";
import { serving } from "../http2/serving.ts";
import { callBody, type TemporaryLog, temporaryLog } from "../log/temporary-log.ts";
import { allocatedBytes } from "./allocated-bytes.ts";

const anyone = new Access(anonymous);

let temporary: TemporaryLog;
let fanout: Fanout;
beforeAll(async () => {
  temporary = await temporaryLog();
  fanout = new Fanout(temporary.log, defaultLimits);
});
afterAll(async () => {
  await fanout.shutdown(1_000);
  await temporary.dispose();
});

/** A transport that lets go of what it is given as soon as it is told to, and keeps none of it. */
class PassingSink implements StreamSink {
  readonly codec = "proto";
  readonly takesBack = false;
  writes = 0;
  /** What was written last. */
  last: Uint8Array | undefined;
  #done: (() => void) | undefined;

  write(buffers: readonly Uint8Array[], done: () => void): void {
    this.writes++;
    this.last = buffers[0];
    this.#done = done;
  }

  passOn(): void {
    const done = this.#done;
    this.#done = undefined;
    done?.();
  }

  takeBack(ends: readonly number[]) {
    return { buffers: ends.at(-1)!, bytes: 0, isOwn: true };
  }

  abandon(): void {}

  end(): void {}
}

interface Opened {
  sinks: PassingSink[];
  close(): void;
}

/** So many live subscribers. */
async function live(count: number, request: MessageInitShape<typeof SubscribeRequestSchema>): Promise<Opened> {
  const before = fanout.stats().live;
  const sinks = Array.from({ length: count }, () => new PassingSink());
  const open: OpenSubscription[] = sinks.map((sink) => {
    const message = create(SubscribeRequestSchema, { progressInterval: durationFromMs(300_000), ...request });
    return fanout.subscribe(readSubscription(message, temporary.log, defaultLimits, anyone), sink);
  });
  while (fanout.stats().live < before + count) {
    for (const sink of sinks) sink.passOn();
    await new Promise(setImmediate);
  }
  for (const sink of sinks) sink.passOn();
  return {
    sinks,
    close() {
      for (const subscription of open) subscription.cancel();
    },
  };
}

async function publish(count: number, sinks: readonly PassingSink[]): Promise<void> {
  for (let i = 0; i < count; i++) {
    await temporary.log.submitBody("default", "ccai", callBody("c1", {}));
    for (const sink of sinks) sink.passOn();
  }
}

test("an event is encoded once a view, however many subscribers and connections there are", async () => {
  const groups = [
    await live(30, {}),
    await live(30, { view: EventView.FULL }),
    await live(30, { filters: { q: { callIds: ["c1"] } } }),
  ];
  const sinks = groups.flatMap((group) => group.sinks);
  const before = sinks.map(({ writes }) => writes);
  await publish(1, sinks);
  expect(sinks.map(({ writes }, index) => writes - before[index]!)).toEqual(sinks.map(() => 1));
  for (const group of groups) expect(new Set(group.sinks.map(({ last }) => last)).size).toBe(1);
  expect(new Set(sinks.map(({ last }) => last)).size).toBe(groups.length);
  const frames: Uint8Array[] = [];
  const framed = { say: (bytes: Uint8Array) => frames.push(bytes) };
  for (const { last } of groups[0]!.sinks) dataFraming.frames(1, last!, 16_384, framed);
  expect(frames).toHaveLength(30);
  expect(new Set(frames).size).toBe(1);
  for (const group of groups) group.close();
});

/** Deliveries are so many that what a single one allocated would be far above what the samples are off by. */
const events = 100;
const many = 1_000;
/**
 * Less than any object or function takes. What there is are numbers in boxes of their own, until the code is compiled, and
 * a place in the list of connections that have something to say, which grows anew with every turn.
 */
const maxBytesADelivery = 32;

test("an event allocates nothing for each of its subscribers on the way to their transports", async () => {
  const bytes: number[] = [];
  for (const count of [1, many]) {
    const { sinks, close } = await live(count, {});
    await publish(20, sinks);
    bytes.push(await allocatedBytes("/src/fanout/", () => publish(events, sinks)));
    close();
  }
  expect(bytes[0]).toBeGreaterThan(0);
  expect((bytes[1]! - bytes[0]!) / (events * (many - 1))).toBeLessThan(maxBytesADelivery);
});

/** A client that asks once and reads what comes. */
async function ask(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.resume();
  const head = headerBlock(undefined, { ":method": "GET", ":scheme": "http", ":path": "/", ":authority": "a" });
  const windows = settingsFrame([[4, 2 ** 24]]);
  const widened = frame(frameType.windowUpdate, 0, 0, Buffer.from([0, 0xff, 0, 0]));
  socket.write(Buffer.concat([preface, windows, widened, frame(frameType.headers, 0x5, 1, head)]));
  return socket;
}

test("bytes for many connections over HTTP/2 allocate nothing for each but what the socket does", async () => {
  const streams: Http2Stream[] = [];
  const server = await serving((_, response) => {
    response.writeHead(200);
    streams.push(response.stream);
  });
  const count = 50;
  const clients = await Promise.all(Array.from({ length: count }, () => ask(server.port)));
  while (streams.length < count) await new Promise(setImmediate);
  const send = async (times: number, to: readonly Http2Stream[]): Promise<void> => {
    for (let i = 0; i < times; i++) {
      const bytes = [Buffer.alloc(200)];
      let waiting = to.length;
      await new Promise<void>((resolve) => {
        const passed = (): void => {
          if (--waiting === 0) resolve();
        };
        for (const stream of to) stream.send(bytes, passed);
      });
    }
  };
  await send(200, streams);
  const [one, all] = [
    await allocatedBytes("/src/http2/", () => send(1_000, streams.slice(0, 1))),
    await allocatedBytes("/src/http2/", () => send(1_000, streams)),
  ];
  expect(one).toBeGreaterThan(0);
  expect((all - one) / (1_000 * (count - 1))).toBeLessThan(maxBytesADelivery);
  for (const client of clients) client.destroy();
  await server.close();
});
