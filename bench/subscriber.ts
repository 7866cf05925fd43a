/** A subscriber that costs little: raw HTTP/2, counting events by their tags without decoding them. */
import { type ClientHttp2Session, connect } from "node:http2";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { create, toBinary } from "@bufbuild/protobuf";
import { SubscribeRequestSchema } from "../gen/ts/callwire/v1/subscription_pb.ts";

const eventsTag = 0x0a;

export interface CountingSubscriber {
  /** Events received so far. */
  readonly count: number;
  /** Resolves at the first response. */
  readonly opened: Promise<void>;
  /** Resolves once so many events were received. */
  received(count: number): Promise<void>;
  close(): void;
}

function envelope(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Number of events of a SubscribeResponse. */
function countEvents(message: Buffer): number {
  let count = 0;
  let at = 0;
  while (at < message.length && message[at] === eventsTag) {
    let length = 0;
    let shift = 0;
    do {
      at++;
      length += (message[at]! & 0x7f) << shift;
      shift += 7;
    } while (message[at]! >= 0x80);
    at += 1 + length;
    count++;
  }
  return count;
}

export function openSession(url: string): ClientHttp2Session {
  const session = connect(url, { settings: { initialWindowSize: 1024 * 1024 } });
  session.on("connect", () => session.setLocalWindowSize(16 * 1024 * 1024));
  return session;
}

export function subscribe(
  session: ClientHttp2Session,
  request: MessageInitShape<typeof SubscribeRequestSchema>,
): CountingSubscriber {
  const stream = session.request({
    ":method": "POST",
    ":path": "/callwire.v1.SubscriptionService/Subscribe",
    "content-type": "application/grpc+proto",
    te: "trailers",
  });
  const opened = Promise.withResolvers<void>();
  let waiting: { count: number; resolve: () => void }[] = [];
  let count = 0;
  let rest: Buffer = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    opened.resolve();
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt32BE(1)) {
      const end = 5 + bytes.readUInt32BE(1);
      count += countEvents(bytes.subarray(5, end));
      bytes = bytes.subarray(end);
    }
    rest = bytes;
    waiting = waiting.filter((waiter) => {
      if (count < waiter.count) return true;
      waiter.resolve();
      return false;
    });
  });
  stream.on("error", (error) => opened.reject(error));
  stream.end(envelope(toBinary(SubscribeRequestSchema, create(SubscribeRequestSchema, request))));
  return {
    get count() {
      return count;
    },
    opened: opened.promise,
    received: (wanted) =>
      count >= wanted ? Promise.resolve() : new Promise((resolve) => waiting.push({ count: wanted, resolve })),
    close: () => stream.close(),
  };
}
