/** Requests that are given up, never finished, or sent to be held: what they take is bounded, and given back. */
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorCode, flag, frame, frameType, numberFrame } from "../../src/http2/frame.ts";
import { RawClient } from "../http2/serving.ts";
import { bearer, type Caller, callerWith, reasonOf } from "../interop/caller.ts";
import { type RunningGateway, runningGateway } from "../interop/running-gateway.ts";
import { envelope, http2Answer } from "./raw-http.ts";

const key = "0123456789abcdef";
let running: RunningGateway;
let caller: Caller;
let port: number;
beforeAll(async () => {
  const yaml = `
limits: {max_pending_bytes: 4MiB, max_body_bytes: 4MiB, request_timeout: 20s}
credentials:
  - {id: vendor, api_key: {env: KEY}, permissions: [subscribe, publish, observe], quotas: {max_streams: 9}}
tenants: [{id: acme, sources: [{id: ccai}]}]
`;
  running = await runningGateway(yaml, { KEY: key });
  caller = callerWith(running.gateway.url, bearer(key));
  port = Number(new URL(running.gateway.url).port);
});
afterAll(async () => {
  caller.close();
  await running.dispose();
});

const publishEvents = "/callwire.v1.IngestService/PublishEvents";
const publishStream = "/callwire.v1.IngestService/PublishStream";
const subscribe = "/callwire.v1.SubscriptionService/Subscribe";
const listEvents = "/callwire.v1.SubscriptionService/ListEvents";
const watchCalls = "/callwire.v1.CallService/WatchCalls";

function post(raw: RawClient, streamId: number, path: string, headers: Record<string, string> = {}): Buffer {
  const grpc = { ":method": "POST", ":path": path, "content-type": "application/grpc+proto", ...bearer(key) };
  return raw.request(streamId, flag.endHeaders, { ...grpc, ...headers });
}

describe("a stream that is reset as soon as it is begun", () => {
  it.each([publishStream, subscribe, watchCalls])("of %s counts as no open one", async (path) => {
    const raw = await RawClient.open(port);
    for (let streamId = 1; streamId < 21; streamId += 2) {
      const whole = frame(frameType.data, flag.endStream, streamId, envelope(Buffer.alloc(0)));
      const cancel = numberFrame(frameType.rstStream, streamId, errorCode.cancel);
      raw.send(post(raw, streamId, path), path === publishStream ? Buffer.alloc(0) : whole, cancel);
    }
    raw.send(raw.request(21, flag.endHeaders | flag.endStream, { ":path": "/healthz" }));
    await raw.next(frameType.headers);
    raw.socket.destroy();
    const none = (async function* () {})();
    expect(await reasonOf(caller.ingest.publishStream(none))).toBe("OK");
  });
});

const webhook = "/webhooks/acme/ccai";
const grpc = { "content-type": "application/grpc+proto" };
const json = { "content-type": "application/json" };

/** A request whose body is begun and never ended, on a connection of its own. Resolves with how it was refused. */
function unended(path: string, body: Buffer): { refusal: Promise<string>; cut(): void } {
  const session = connectHttp2(running.gateway.url);
  session.on("error", () => {});
  const stream = session.request({
    ":path": path,
    ":method": "POST",
    ...(path === webhook ? json : grpc),
    ...bearer(key),
  });
  stream.on("error", () => {});
  stream.write(body);
  const { promise, resolve } = Promise.withResolvers<string>();
  const judge = (headers: Record<string, unknown>): void => {
    const status = headers["grpc-status"] ?? headers[":status"];
    if (status !== undefined && (path === webhook || "grpc-status" in headers)) resolve(String(status));
  };
  stream.on("response", judge);
  stream.on("trailers", judge);
  stream.resume();
  return { refusal: promise, cut: () => session.destroy() };
}

/** The beginning of a message in its envelope. */
function begun(length: number, sent: number): Buffer {
  const bytes = Buffer.alloc(5 + sent);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

describe("bodies that are large, slow and many", () => {
  const refusals: Record<string, string> = { [webhook]: "503" };
  const unavailable = "14";

  it.each([
    publishEvents,
    publishStream,
    subscribe,
    listEvents,
    watchCalls,
    webhook,
  ])("are held up to limits.max_pending_bytes for %s, and let go when they are cut", async (path) => {
    const slow = Array.from({ length: 8 }, () => unended(path, begun(4_000_000, 1_000_000)));
    const refused = refusals[path] ?? unavailable;
    expect(await Promise.race(slow.map(({ refusal }) => refusal))).toBe(refused);
    // Those that are small are taken all the same.
    expect(await reasonOf(caller.subscriptions.getLogInfo({}))).toBe("OK");
    for (const { cut } of slow) cut();
    const whole = { path, headers: { ...(path === webhook ? json : grpc), ...bearer(key) } };
    const body = path === webhook ? Buffer.alloc(3_000_000, " ") : envelope(Buffer.alloc(3_000_000));
    const answered = async (): Promise<unknown> => {
      const { headers, status } = await http2Answer(running, { ...whole, body });
      return path === webhook ? status : Number(headers["grpc-status"]);
    };
    // Nothing of it can be understood, which is found out only once it was held.
    await expect.poll(answered).toBe(path === webhook ? 400 : 3);
  });

  it.each([publishEvents, subscribe])("end %s as soon as there is more than its one message", async (path) => {
    const { refusal, cut } = unended(path, Buffer.concat([envelope(Buffer.alloc(0)), Buffer.alloc(1)]));
    expect(await refusal).toBe("3");
    cut();
  });

  it("in a million pieces are counted for what they take", async () => {
    const socket = connectTcp(port, "127.0.0.1");
    const head = `POST ${webhook} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`;
    socket.write(head + "1\r\n \r\n".repeat(1_000_000));
    let answer = "";
    for await (const chunk of socket) {
      answer += String(chunk);
      if (answer.includes("\r\n\r\n")) break;
    }
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
  });

  it.each([
    ["Subscribe", subscribe],
    ["PublishEvents", publishEvents],
    ["ListEvents", listEvents],
  ])("4 GiB in 4 MiB of gzip are refused for %s once they are over the limit", async (_, path) => {
    // Members of a gzip file follow each other: this one, a thousand times.
    const member = gzipSync(Buffer.alloc(4 * 1024 * 1024));
    const bomb = Buffer.concat(Array.from({ length: Math.floor((4 * 1024 * 1024) / member.length) }, () => member));
    const headers = { ...grpc, "grpc-encoding": "gzip", ...bearer(key) };
    const answer = await http2Answer(running, { path, headers, body: envelope(bomb, true) });
    expect(["8", "14"]).toContain(answer.headers["grpc-status"]);
    expect(await reasonOf(caller.subscriptions.getLogInfo({}))).toBe("OK");
  });
});
