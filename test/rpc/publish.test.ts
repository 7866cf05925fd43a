/** Publishing over binary gRPC, which has a handler of its own: raw frames on a real port, beside what other protocols answer. */
import { type ClientHttp2Session, connect } from "node:http2";
import { gzipSync } from "node:zlib";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  IngestService,
  type PublishEventsRequest,
  PublishEventsRequestSchema,
  PublishEventsResponseSchema,
  PublishItemSchema,
  PublishStatus,
  PublishStreamRequestSchema,
  PublishStreamResponseSchema,
} from "../../gen/ts/callwire/v1/ingest_pb.ts";
import type { ItemOutcome } from "../../src/log/gateway-log.ts";
import { decodeStrict } from "../../src/rpc/decode-strict.ts";
import { encodeEventsResponse, encodeStreamResponse } from "../../src/rpc/encode-results.ts";
import { lookThrough } from "../../src/rpc/plain-request.ts";
import { type RunningGateway, runningGateway } from "../interop/running-gateway.ts";
import { anyMessage } from "../wire/any-message.ts";

let running: RunningGateway;
let session: ClientHttp2Session;
beforeAll(async () => {
  running = await runningGateway("limits: {max_publish_bytes: 100000}");
  session = connect(running.gateway.url);
});
afterAll(async () => {
  session.close();
  await running.dispose();
});

const item = (callId: string) => create(PublishItemSchema, { event: { case: "call", value: { callId, state: 4 } } });

function events(...callIds: string[]): Uint8Array {
  return toBinary(
    PublishEventsRequestSchema,
    create(PublishEventsRequestSchema, { source: "ccai", items: callIds.map(item) }),
  );
}

function batch(sequence: bigint, source: string, ...callIds: string[]): Uint8Array {
  const items = callIds.map(item);
  return toBinary(PublishStreamRequestSchema, create(PublishStreamRequestSchema, { sequence, source, items }));
}

function envelope(message: Uint8Array, flags = 0): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flags;
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

interface Answer {
  messages: Buffer[];
  status: string;
  message: string;
}

/** Sends pieces one after the other and gives what came back. */
async function call(method: string, pieces: Uint8Array[], headers: Record<string, string> = {}): Promise<Answer> {
  const path = `/callwire.v1.IngestService/${method}`;
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  const chunks: Buffer[] = [];
  let trailers: Record<string, unknown> = {};
  stream.on("response", (head) => {
    trailers = head;
  });
  stream.on("trailers", (tail) => {
    trailers = { ...trailers, ...tail };
  });
  stream.on("data", (chunk) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => stream.on("close", resolve).on("error", reject));
  for (const piece of pieces) stream.write(piece);
  stream.end();
  await ended;
  const messages: Buffer[] = [];
  for (let rest = Buffer.concat(chunks); rest.length > 0; ) {
    const end = 5 + rest.readUInt32BE(1);
    messages.push(rest.subarray(5, end));
    rest = rest.subarray(end);
  }
  return {
    messages,
    status: String(trailers["grpc-status"]),
    message: decodeURIComponent(String(trailers["grpc-message"] ?? "")),
  };
}

describe("PublishEvents over binary gRPC", () => {
  it("answers each item once it is durable, however the request is cut", async () => {
    const whole = envelope(events("a", "b"));
    for (const pieces of [[whole], Array.from(whole, (byte) => Buffer.of(byte))]) {
      const { messages, status } = await call("PublishEvents", pieces);
      expect(status).toBe("0");
      const { results } = fromBinary(PublishEventsResponseSchema, messages[0]!);
      expect(results.map((result) => result.status)).toEqual([PublishStatus.ACCEPTED, PublishStatus.ACCEPTED]);
      expect(results[1]!.cursor).toMatch(/^[0-9a-f]{8}-\d+$/);
    }
  });

  it("takes gzip", async () => {
    const pieces = [envelope(gzipSync(events("zipped")), 1)];
    expect((await call("PublishEvents", pieces, { "grpc-encoding": "gzip" })).status).toBe("0");
  });

  const refusals: [what: string, pieces: Uint8Array[], status: string, message: RegExp, encoding?: string][] = [
    ["no message", [], "3", /no message/],
    ["less than its envelope says", [envelope(events("x")).subarray(0, -1)], "3", /shorter than its envelope/],
    ["two messages", [envelope(events("x")), envelope(events("y"))], "3", /more than one message/],
    ["what is no message", [envelope(Buffer.from([0xff]))], "3", /not a callwire.v1.PublishEventsRequest/],
    [
      "an unknown field",
      [envelope(Buffer.from([0x12, 4, 0x63, 0x63, 0x61, 0x69, 0x78, 1]))],
      "3",
      /no field number 15/,
    ],
    ["no items", [envelope(events())], "3", /items/],
    ["too many bytes", [envelope(Buffer.alloc(100_001))], "8", /max_publish_bytes/],
    [
      "too many bytes after decompression",
      [envelope(gzipSync(Buffer.alloc(100_001)), 1)],
      "8",
      /max_publish_bytes/,
      "gzip",
    ],
    ["broken gzip", [envelope(Buffer.from("no gzip"), 1)], "3", /not valid gzip/, "gzip"],
    ["compression without a name", [envelope(gzipSync(events("x")), 1)], "3", /without an encoding/],
    ["an unknown compression", [envelope(events("x"), 1)], "12", /zstd/, "zstd"],
  ];
  it.each(refusals)("refuses %s", async (_, pieces, status, message, encoding) => {
    const headers = encoding === undefined ? {} : { "grpc-encoding": encoding };
    const answer = await call("PublishEvents", pieces, headers);
    expect(answer).toMatchObject({ status, messages: [], message: expect.stringMatching(message) });
  });

  it("stops waiting at the caller's deadline", async () => {
    const stream = session.request({
      ":method": "POST",
      ":path": "/callwire.v1.IngestService/PublishEvents",
      "content-type": "application/grpc",
      "grpc-timeout": "50m",
    });
    const status = new Promise((resolve) => stream.on("response", (head) => resolve(head["grpc-status"])));
    expect(await status).toBe("4");
    stream.close();
  });
});

describe("PublishStream over binary gRPC", () => {
  it("answers batches in their order, also many and compressed ones; tenant and source hold from the first on", async () => {
    const count = 40;
    const pieces = Array.from({ length: count }, (_, index) => {
      const message = batch(BigInt(index + 1), index === 0 ? "ccai" : "", `s${index}`, `t${index}`);
      return index % 3 === 0 ? envelope(gzipSync(message), 1) : envelope(message);
    });
    const { messages, status } = await call("PublishStream", [Buffer.concat(pieces)], { "grpc-encoding": "gzip" });
    expect(status).toBe("0");
    const responses = messages.map((message) => fromBinary(PublishStreamResponseSchema, message));
    expect(responses.map(({ sequence }) => Number(sequence))).toEqual(pieces.map((_, index) => index + 1));
    const offsets = responses.flatMap(({ results }) => results.map(({ cursor }) => Number(cursor.split("-")[1])));
    expect(offsets).toHaveLength(2 * count);
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
  });

  it("echoes sequences of all 64 bits", async () => {
    const sequence = 2n ** 64n - 1n;
    const { messages } = await call("PublishStream", [envelope(batch(sequence, "ccai", "big"))]);
    expect(fromBinary(PublishStreamResponseSchema, messages[0]!).sequence).toBe(sequence);
  });

  it.each([
    ["an unknown source", envelope(batch(2n, "nobody", "x")), /no source "nobody"/, "5"],
    ["what is no message", envelope(Buffer.from([0xff])), /not a callwire.v1.PublishStreamRequest/, "3"],
    ["an end within a message", envelope(batch(2n, "ccai", "x")).subarray(0, 9), /ends within a message/, "3"],
    ["too many bytes", envelope(Buffer.alloc(100_001)), /max_publish_bytes/, "8"],
  ])("ends with the error of %s after the answers before it", async (_, bad, message, status) => {
    const answer = await call("PublishStream", [envelope(batch(1n, "ccai", "good")), bad]);
    expect(answer.messages).toHaveLength(1);
    expect(answer).toMatchObject({ status, message: expect.stringMatching(message) });
  });

  it("gives what Connect gives for the same bytes", async () => {
    const transport = createConnectTransport({ baseUrl: running.gateway.url, httpVersion: "2" });
    const client = createClient(IngestService, transport);
    const both = [];
    for await (const { results } of client.publishStream(
      (async function* () {
        yield { source: "ccai", items: [item("connect"), create(PublishItemSchema)] };
      })(),
    )) {
      both.push(results);
    }
    const request = create(PublishStreamRequestSchema, {
      source: "ccai",
      items: [item("connect"), create(PublishItemSchema)],
    });
    const { messages } = await call("PublishStream", [envelope(toBinary(PublishStreamRequestSchema, request))]);
    both.push(fromBinary(PublishStreamResponseSchema, messages[0]!).results);
    const plain = both.map((results) => results.map(({ status, reason, message }) => ({ status, reason, message })));
    expect(plain[0]).toEqual(plain[1]);
  });
});

const anyRequest = anyMessage(PublishEventsRequestSchema) as fc.Arbitrary<PublishEventsRequest>;

const strictlyDecoded = (bytes: Buffer): boolean => {
  try {
    decodeStrict(PublishEventsRequestSchema, bytes, "proto");
    return true;
  } catch {
    return false;
  }
};

describe("looking through a request", () => {
  it("finds nothing plain that the strict decoder refuses, and counts what it decodes", () => {
    fc.assert(
      fc.property(anyRequest, fc.nat(), fc.option(fc.nat(255)), (message, at, byte) => {
        const bytes = Buffer.from(toBinary(PublishEventsRequestSchema, message));
        if (byte !== null && bytes.length > 0) bytes[at % bytes.length] = byte;
        const plain = lookThrough(PublishEventsRequestSchema, bytes);
        if (plain === undefined) return;
        expect(strictlyDecoded(bytes)).toBe(true);
        const { tenant, source, items } = decodeStrict(PublishEventsRequestSchema, bytes, "proto");
        expect(plain).toEqual({ tenant, source, itemCount: items.length, sequence: 0 });
      }),
      { numRuns: 1_000 },
    );
  });

  it("finds the usual request plain", () => {
    expect(lookThrough(PublishEventsRequestSchema, Buffer.from(events("a", "b")))).toMatchObject({ itemCount: 2 });
  });
});

it("writes responses as the general encoder does", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 200 });
  const anyOutcome: fc.Arbitrary<ItemOutcome> = fc.oneof(
    text.map((cursor) => ({ status: "accepted" as const, cursor })),
    text.map((cursor) => ({ status: "duplicate" as const, cursor })),
    text.map((message) => ({ status: "rejected" as const, reason: "NOT_AN_EVENT" as const, message })),
  );
  const statuses = { accepted: 1, duplicate: 2, rejected: 3 } as const;
  fc.assert(
    fc.property(
      fc.array(anyOutcome, { maxLength: 5 }),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      (outcomes, sequence) => {
        const results = outcomes.map(({ status, ...rest }) => ({ status: statuses[status], ...rest }));
        const unary = create(PublishEventsResponseSchema, { results });
        expect(encodeEventsResponse(outcomes)).toEqual(toBinary(PublishEventsResponseSchema, unary));
        const streamed = create(PublishStreamResponseSchema, { sequence, results });
        expect(encodeStreamResponse(sequence, outcomes)).toEqual(toBinary(PublishStreamResponseSchema, streamed));
      },
    ),
  );
});
