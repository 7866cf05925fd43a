/** Attacks by a single request: smuggling, injection, traversal, oversize, bombs. */
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CallEventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { PublishEventsRequestSchema, PublishItemSchema } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { type RunningGateway, runningGateway } from "../interop/running-gateway.ts";
import { answerTo, envelope, http2Answer } from "./raw-http.ts";

let running: RunningGateway;
beforeAll(async () => {
  running = await runningGateway("limits: {request_timeout: 2s}\n");
});
afterAll(() => running.dispose());

const webhook = "/webhooks/default/ccai";
const publish = "/callwire.v1.IngestService/PublishEvents";
const json = { "content-type": "application/json" };
const grpc = { "content-type": "application/grpc+proto" };

async function isAlive(): Promise<boolean> {
  return (await fetch(`${running.gateway.url}/healthz`)).status === 200;
}

describe("request smuggling", () => {
  const smuggled = "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n";
  const post = (headers: string): string => `POST ${webhook} HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n`;
  it.each([
    ["content-length beside transfer-encoding", post("content-length: 6\r\ntransfer-encoding: chunked"), "0\r\n\r\n"],
    ["two content-lengths", post("content-length: 3\r\ncontent-length: 4"), "abcd"],
    ["a transfer-encoding that is not chunked last", post("transfer-encoding: chunked, identity"), "0\r\n\r\n"],
    ["a space before the colon", post("transfer-encoding : chunked"), "0\r\n\r\n"],
    ["a signed content-length", post("content-length: +4"), "abcd"],
    ["a folded header", post("x-a: b\r\n c\r\ncontent-length: 4"), "abcd"],
    ["bare line feeds", post("content-length: 4").replaceAll("\r\n", "\n"), "abcd"],
    ["a null in a header", post("x-a: b\0c\r\ncontent-length: 4"), "abcd"],
  ])("%s ends the connection with 400", async (_, head, body) => {
    const answer = await answerTo(running, head + body + smuggled);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(answer).toContain("connection: close");
  });

  it("an invalid chunk size is answered with 400 and nothing of it is stored", async () => {
    const head = `POST ${webhook} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`;
    expect(await answerTo(running, `${head}zz\r\n{}\r\n0\r\n\r\n${smuggled}`)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe("header injection", () => {
  it("what a request says of itself comes back as no header of the answer", async () => {
    const path = "/callwire.v1.Nobody/%0d%0aset-cookie:%20a=b";
    const { headers } = await http2Answer(running, { path, headers: grpc, body: envelope(Buffer.alloc(0)) });
    expect(headers["set-cookie"]).toBeUndefined();
    expect(headers["grpc-message"]).toMatch(/^[\x21-\x7e]+$/);
    const answer = await answerTo(running, "GET /a\u00e9?b HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(await isAlive()).toBe(true);
  });
});

describe("path traversal", () => {
  it.each([
    "/webhooks/../metrics/x",
    "/webhooks/default/..%2f..%2fetc%2fpasswd",
    "/webhooks/%2e%2e/ccai",
    "/webhooks/default/ccai%00",
    "/webhooks//ccai",
    "/webhooks/default/ccai/../../healthz",
    "/webhooks/DEFAULT/ccai",
    `/webhooks/${"a".repeat(10_000)}/ccai`,
  ])("%s is no source", async (path) => {
    const { status, body } = await http2Answer(running, { path, headers: json, body: "{}" });
    expect(status).toBe(404);
    expect(body.length).toBeLessThan(1_000);
  });
});

describe("oversize", () => {
  it("headers of HTTP/1.1 over 64 KiB are 431 and say the limit", async () => {
    const answer = await answerTo(running, `GET /healthz HTTP/1.1\r\nhost: x\r\nx-a: ${"a".repeat(70_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 .*65536 bytes/s);
  });

  it("headers of HTTP/2 over 64 KiB are 431 and say the limit", async () => {
    const headers = { "x-a": "a".repeat(50_000), "x-b": "b".repeat(50_000) };
    const { status, body } = await http2Answer(running, { path: "/healthz", method: "GET", headers });
    expect(status).toBe(431);
    expect(body).toContain("65536 bytes");
  });

  it("more than a hundred headers are refused with ENHANCE_YOUR_CALM", async () => {
    const headers = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x-${index}`, "a"]));
    expect((await http2Answer(running, { path: "/healthz", method: "GET", headers })).resetCode).toBe(11);
  });

  it("a content type as long as a book is refused at once", async () => {
    const headers = { "content-type": `application/json${" ".repeat(50_000)}x` };
    expect((await http2Answer(running, { path: webhook, headers, body: "{}" })).status).toBe(415);
  });
});

describe("a message in pieces", () => {
  const items = [{ event: { case: "json" as const, value: '{"call_id":"c","state":"ringing"}' } }];
  const whole = (zipped: boolean): Buffer => {
    const bytes = toBinary(PublishEventsRequestSchema, create(PublishEventsRequestSchema, { source: "ccai", items }));
    return envelope(zipped ? gzipSync(bytes) : bytes, zipped);
  };

  /** Status of a PublishEvents whose body comes in these pieces, each a DATA frame of its own. */
  async function statusOf(pieces: readonly Buffer[]): Promise<string | undefined> {
    const session = connectHttp2(running.gateway.url);
    const stream = session.request({ ":path": publish, ":method": "POST", ...grpc, "grpc-encoding": "gzip" });
    let status: string | undefined;
    for (const event of ["response", "trailers"]) {
      stream.on(event, (headers: Record<string, string>) => (status = headers["grpc-status"] ?? status));
    }
    stream.resume();
    for (const piece of pieces) await new Promise((resolve) => stream.write(piece, resolve));
    stream.end();
    await once(stream, "close");
    session.destroy();
    return status;
  }

  it.each([false, true])("is the same message, wherever it is split (compressed: %s)", async (zipped) => {
    const bytes = whole(zipped);
    expect(await statusOf([...bytes].map((byte) => Buffer.from([byte])))).toBe("0");
    for (let at = 0; at <= bytes.length; at++) {
      expect(await statusOf([bytes.subarray(0, at), bytes.subarray(at)])).toBe("0");
    }
  });

  it.each([
    ["is longer than it says", (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)])],
    ["is shorter than it says", (bytes: Buffer) => bytes.subarray(0, -1)],
    ["is compressed, it says, and is not", (bytes: Buffer) => Buffer.concat([Buffer.from([1]), bytes.subarray(1)])],
  ])("that %s is INVALID_ARGUMENT", async (_, lie) => {
    expect(await statusOf([lie(whole(false))])).toBe("3");
  });

  it("whose compression ends too early is INVALID_ARGUMENT", async () => {
    const bytes = whole(true);
    const cut = bytes.subarray(5, -9);
    expect(await statusOf([envelope(cut, true)])).toBe("3");
  });
});

/** A length-delimited field. */
function field(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + (rest > 127 ? 128 : 0));
    if (rest <= 127) return Buffer.from(bytes);
  }
}

describe("bombs", () => {
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 32));

  it("JSON nested half a million deep is TOO_DEEP in a webhook and INVALID_ARGUMENT in an RPC", async () => {
    const item = `${'{"a":'.repeat(500_000)}1${"}".repeat(500_000)}`;
    const body = `{"type":"CallState","item":${item}}`;
    const hook = await http2Answer(running, { path: webhook, headers: json, body });
    expect(hook.body).toContain("TOO_DEEP");
    const headers = `${"[".repeat(500_000)}${"]".repeat(500_000)}`;
    const call = `{"source":"ccai","items":[{"call":{"callId":"c","customHeaders":${headers}}}]}`;
    expect((await http2Answer(running, { path: publish, headers: json, body: call })).status).toBe(400);
    expect(await isAlive()).toBe(true);
  });

  it.each([
    ["300,000 participants", { Participants: Array(300_000).fill({}) }],
    ["a queue path of 400,000 segments", { Queue_path_names: "a/".repeat(400_000) }],
  ])("%s in one event are refused at once", async (_, item) => {
    const body = JSON.stringify({ type: "CallState", item: { CallID: "bomb", ...item } });
    const hook = await http2Answer(running, { path: webhook, headers: json, body });
    expect(hook.body).toContain("EVENT_TOO_LARGE");
    expect(await isAlive()).toBe(true);
  });

  it("two million events in one body are refused as a whole", async () => {
    const body = `[${"0,".repeat(2_000_000)}0]`;
    const hook = await http2Answer(running, { path: webhook, headers: json, body });
    expect(hook.body).toContain("TOO_MANY_ITEMS");
    expect(await isAlive()).toBe(true);
  });

  it("Protobuf nested thirty thousand deep is INVALID_ARGUMENT", async () => {
    const listValue = 6;
    let value: Buffer = Buffer.from([0x08, 0]);
    for (let depth = 0; depth < 30_000; depth++) value = field(listValue, field(1, value));
    const call = field(CallEventSchema.field.customHeaders.number, value);
    const item = field(PublishItemSchema.field.call.number, call);
    const request = field(PublishEventsRequestSchema.field.items.number, item);
    const { headers } = await http2Answer(running, { path: publish, headers: grpc, body: envelope(request) });
    expect(headers["grpc-status"]).toBe("3");
  });

  it.each([
    ["a webhook", webhook, { ...json, "content-encoding": "gzip" }, false, (status: unknown) => status === 413],
    ["PublishEvents", publish, { ...grpc, "grpc-encoding": "gzip" }, true, undefined],
    [
      "PublishStream",
      "/callwire.v1.IngestService/PublishStream",
      { ...grpc, "grpc-encoding": "gzip" },
      true,
      undefined,
    ],
    ["WatchCalls", "/callwire.v1.CallService/WatchCalls", { ...grpc, "grpc-encoding": "gzip" }, true, undefined],
    ["Subscribe", "/callwire.v1.SubscriptionService/Subscribe", { ...grpc, "grpc-encoding": "gzip" }, true, undefined],
  ])("200 MiB in 200 KB of gzip are too large for %s", async (_, path, headers, isGrpc, isRight) => {
    const answer = await http2Answer(running, { path, headers, body: isGrpc ? envelope(bomb, true) : bomb });
    if (isRight === undefined) expect(answer.headers["grpc-status"]).toBe("8");
    else expect(isRight(answer.status)).toBe(true);
  });

  it("twenty filters of a thousand values are refused by their number", async () => {
    const queueNames = Array.from({ length: 1_000 }, (_, index) => `q${index}`);
    const filters = Object.fromEntries(queueNames.slice(0, 20).map((name) => [name, { queueNames }]));
    const path = "/callwire.v1.SubscriptionService/ListEvents";
    const { status, body } = await http2Answer(running, { path, headers: json, body: JSON.stringify({ filters }) });
    expect(status).toBe(400);
    expect(body).toContain("TOO_MANY_FILTERS");
  });
});
