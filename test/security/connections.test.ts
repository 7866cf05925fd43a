/** Attacks by connections: floods of frames, resets, and connections that say nothing or too little. */
import { once } from "node:events";
import { connect as connectHttp2, constants } from "node:http2";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientPreface, FrameReader } from "../../src/testkit/http2-frames.ts";
import { type RunningGateway, runningGateway } from "../interop/running-gateway.ts";

let running: RunningGateway;
beforeAll(async () => {
  running = await runningGateway("limits: {request_timeout: 2s, max_connections: 3000}\n");
});
afterAll(() => running.dispose());

function open(): Socket {
  const { hostname, port } = new URL(running.gateway.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  return socket;
}

const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once("close", () => resolve()));

async function isServing(): Promise<boolean> {
  const answer = await fetch(`${running.gateway.url}/webhooks/default/ccai`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ type: "CallState", item: { CallID: "c", State: "ringing" } }),
  });
  return answer.status === 200;
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const settings = frame(4, 0, 0, Buffer.alloc(0));
const goAway = 7;

/** Sends the same frame again and again, some at a time, until the gateway ends the connection. Gives its GOAWAYs. */
async function flood(frames: Buffer, atATime: number): Promise<{ code: number; text: string }[]> {
  const socket = open();
  const reader = new FrameReader();
  const told: { code: number; text: string }[] = [];
  socket.on("data", (chunk: Buffer) => {
    for (const { type, bytes } of reader.push(chunk)) {
      if (type === goAway) told.push({ code: bytes.readUInt32BE(13), text: bytes.subarray(17).toString() });
    }
  });
  const end = closed(socket);
  socket.write(Buffer.concat([clientPreface, settings]));
  const many = Buffer.concat(Array.from({ length: atATime }, () => frames));
  while (!socket.destroyed) {
    if (socket.write(many)) await new Promise((resolve) => setImmediate(resolve));
    else await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), end]);
  }
  await end;
  return told;
}

describe("floods are cut, by name where HTTP/2 lets it be told, and others are served meanwhile", () => {
  it.each([
    ["pings", frame(6, 0, 0, Buffer.alloc(8))],
    ["settings", settings],
  ])("of %s, sent as fast as they are answered", async (name, frames) => {
    const told = await flood(frames, 200);
    const { text } = told.find(({ code }) => code === constants.NGHTTP2_ENHANCE_YOUR_CALM)!;
    expect(text.toLowerCase()).toContain(name);
    expect(await isServing()).toBe(true);
  });

  it.each([
    ["pings", frame(6, 0, 0, Buffer.alloc(8))],
    ["settings", settings],
  ])("of %s, sent faster than they are answered", async (_, frames) => {
    await flood(frames, 5_000);
    expect(await isServing()).toBe(true);
  });

  it("of pings and settings whose answers are not read", async () => {
    const socket = open();
    socket.pause();
    socket.write(Buffer.concat([clientPreface, settings]));
    const many = Buffer.concat(
      Array.from({ length: 5_000 }, () => Buffer.concat([settings, frame(6, 0, 0, Buffer.alloc(8))])),
    );
    for (let times = 0; times < 20 && socket.writable; times++) socket.write(many);
    socket.resume();
    await closed(socket);
    expect(await isServing()).toBe(true);
  });

  it("of streams that are reset at once", async () => {
    const session = connectHttp2(running.gateway.url);
    session.on("error", () => {});
    const end = new Promise<void>((resolve) => session.once("close", () => resolve()));
    let isOver = false;
    void end.then(() => {
      isOver = true;
    });
    while (!isOver) {
      for (let burst = 0; burst < 200 && !session.destroyed && !session.closed; burst++) {
        const stream = session.request({ ":path": "/healthz" });
        stream.on("error", () => {});
        stream.close(constants.NGHTTP2_CANCEL);
      }
      await Promise.race([new Promise((resolve) => setImmediate(resolve)), end]);
    }
    expect(await isServing()).toBe(true);
  });

  it("of streams that need no credential, of which no more than a thousand are open at once", async () => {
    const session = connectHttp2(running.gateway.url);
    session.on("error", () => {});
    const others = connectHttp2(running.gateway.url);
    others.on("error", () => {});
    const watch = (on: typeof session) =>
      on.request({ ":path": "/grpc.health.v1.Health/Watch", ":method": "POST", "content-type": "application/grpc" });
    const watching = Array.from({ length: 1_000 }, () => watch(session));
    for (const stream of watching) stream.on("error", () => {}).end(Buffer.alloc(5));
    await Promise.all(watching.map((stream) => once(stream, "data")));
    const refused = watch(others);
    refused.end(Buffer.alloc(5));
    expect((await once(refused.resume(), "trailers"))[0]).toMatchObject({ "grpc-status": "8" });
    session.destroy();
    const status = async (): Promise<unknown> => {
      const check = watch(others).on("error", () => {});
      check.end(Buffer.alloc(5));
      return await Promise.race([once(check, "trailers"), once(check, "data")]).then(([first]) =>
        Buffer.isBuffer(first),
      );
    };
    await expect.poll(status).toBe(true);
    others.destroy();
  });

  it("of streams beyond the limit, which are refused", async () => {
    const session = connectHttp2(running.gateway.url);
    session.on("error", () => {});
    await new Promise<void>((resolve) => session.once("remoteSettings", () => resolve()));
    expect(session.remoteSettings.maxConcurrentStreams).toBe(1_000);
    session.destroy();
  });
});

describe("connections that never become requests", () => {
  it("two thousand half-open ones hold nobody up, and are ended", async () => {
    const beginnings = [
      "",
      "P",
      "PRI * HTTP/2.0\r\n\r\n",
      "GET / HTTP/1.1\r\nhost: x\r\nx-slow: ",
      clientPreface.toString(),
    ];
    const sockets = Array.from({ length: 2_000 }, (_, index) => {
      const socket = open();
      socket.write(beginnings[index % beginnings.length]!);
      socket.resume();
      return socket;
    });
    expect(await isServing()).toBe(true);
    await Promise.all(sockets.map(closed));
  });

  it("a body that trickles is ended by the time for a request, however often a byte comes", async () => {
    const socket = open();
    socket.write(
      "POST /webhooks/default/ccai HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n",
    );
    const trickle = setInterval(() => socket.write(" "), 50);
    let answer = "";
    socket.on("data", (chunk) => {
      answer += String(chunk);
    });
    await closed(socket);
    clearInterval(trickle);
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*limits\.request_timeout/s);
  });

  it("beyond limits.max_connections more are refused, and taken again once others have gone", async () => {
    const sockets = Array.from({ length: 3_100 }, open);
    const refused = await Promise.race([Promise.race(sockets.slice(3_000).map(closed)).then(() => true)]);
    expect(refused).toBe(true);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => isServing().catch(() => false)).toBe(true);
  });
});
