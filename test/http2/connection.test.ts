/** What one connection does, with Node's client at the other end or one that says what it should not. */
import { once } from "node:events";
import { type ClientHttp2Session, connect, constants } from "node:http2";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { ConnectionLimits, RequestHandler } from "../../src/http2/connection.ts";
import { errorCode, flag, frame, frameType, numberFrame, settingsFrame } from "../../src/http2/frame.ts";
import { RawClient, type Serving, serving } from "./serving.ts";

const begun: Serving[] = [];
const sessions: ClientHttp2Session[] = [];

async function serve(handler: RequestHandler, changed?: Partial<ConnectionLimits>): Promise<Serving> {
  const started = await serving(handler, changed);
  begun.push(started);
  return started;
}

function client({ url }: Serving, settings: { initialWindowSize?: number; maxFrameSize?: number } = {}) {
  const session = connect(url, { settings });
  session.on("error", () => {});
  sessions.push(session);
  return session;
}

afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  for (const started of begun.splice(0)) await started.close();
});

const echo: RequestHandler = (request, response) => {
  response.writeHead(200, { "content-type": "text/plain" });
  request.pipe(response);
};

async function echoed(session: ClientHttp2Session, bytes: Buffer): Promise<Buffer> {
  const stream = session.request({ ":method": "POST", ":path": "/" });
  stream.end(bytes);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const endHeaders = flag.endHeaders | flag.endStream;

describe("bodies", () => {
  it("arrive whole in both directions, whatever the windows, the frames and the streams at once", async () => {
    const sizes = fc.array(fc.nat(200_000), { minLength: 1, maxLength: 6 });
    const windows = fc.constantFrom(1_000, 16_384, 65_535, 1_000_000);
    await fc.assert(
      fc.asyncProperty(sizes, windows, fc.constantFrom(16_384, 100_000), async (lengths, window, maxFrameSize) => {
        const server = await serve(echo);
        const session = client(server, { initialWindowSize: window, maxFrameSize });
        const bodies = lengths.map((length, index) => Buffer.alloc(length, String(index)));
        const answers = await Promise.all(bodies.map((body) => echoed(session, body)));
        expect(answers.map((answer, index) => answer.equals(bodies[index]!))).toEqual(lengths.map(() => true));
        session.close();
      }),
      { numRuns: 10 },
    );
  });

  it("are let wait when nobody reads them, and the connection goes on when they are given up", async () => {
    const waiting = Promise.withResolvers<() => void>();
    const server = await serve((request, response) => {
      if (request.url === "/unread") return waiting.resolve(() => response.writeHead(204).end());
      echo(request, response);
    });
    const session = client(server);
    const unread = session.request({ ":method": "POST", ":path": "/unread" });
    unread.on("error", () => {});
    unread.write(Buffer.alloc(500_000));
    const answer = await waiting.promise;
    expect(await echoed(session, Buffer.from("beside it"))).toEqual(Buffer.from("beside it"));
    answer();
    await once(unread, "response");
    expect((await echoed(session, Buffer.alloc(300_000))).length).toBe(300_000);
  });

  it("have the length that was announced", async () => {
    const server = await serve(echo);
    const raw = await RawClient.open(server.port);
    raw.send(
      raw.request(1, flag.endHeaders, { "content-length": "5" }),
      frame(0, flag.endStream, 1, Buffer.from("123")),
    );
    const reset = await raw.next(frameType.rstStream);
    expect(reset?.payload.readUInt32BE(0)).toBe(errorCode.protocolError);
  });
});

describe("answers", () => {
  it("have headers, body and trailers; without a body they are headers alone", async () => {
    const server = await serve((request, response) => {
      if (request.url === "/empty") return void response.setHeader("grpc-status", "5").end();
      response.setHeader("X-Kept", "yes");
      response.writeHead(201, { "x-list": ["a", "b"] });
      response.addTrailers({ "grpc-status": "0" });
      response.end("body");
    });
    const session = client(server);
    const full = session.request({ ":path": "/" });
    const [[headers], [trailers], chunks] = await Promise.all([
      once(full, "response"),
      once(full, "trailers"),
      full.toArray(),
    ]);
    expect(headers).toMatchObject({ ":status": 201, "x-kept": "yes", "x-list": "a, b", date: expect.any(String) });
    expect(trailers).toMatchObject({ "grpc-status": "0" });
    expect(String(chunks)).toBe("body");
    const empty = session.request({ ":path": "/empty" });
    const [answer, flags] = (await once(empty, "response")) as [Record<string, unknown>, number];
    expect(answer["grpc-status"]).toBe("5");
    expect(flags & constants.NGHTTP2_FLAG_END_STREAM).not.toBe(0);
  });

  it("to HEAD have no body", async () => {
    const server = await serve((_, response) => void response.writeHead(200, { "content-length": "4" }).end("body"));
    const stream = client(server).request({ ":method": "HEAD", ":path": "/" });
    expect(await stream.toArray()).toEqual([]);
  });

  it("of several streams within one turn are one write", async () => {
    const responses: Parameters<RequestHandler>[1][] = [];
    const all = Promise.withResolvers<void>();
    const server = await serve((_, response) => {
      if (responses.push(response) === 3) all.resolve();
    });
    const raw = await RawClient.open(server.port);
    raw.send(raw.request(1, endHeaders), raw.request(3, endHeaders), raw.request(5, endHeaders));
    await all.promise;
    const chunks: Buffer[] = [];
    raw.socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    for (const response of responses) response.stream.send([Buffer.from("x")], () => {});
    await raw.next(frameType.data);
    expect(chunks).toHaveLength(1);
  });
});

describe("whoever serves a request", () => {
  it("is told when the client gives it up", async () => {
    const served = Promise.withResolvers<Parameters<RequestHandler>>();
    const server = await serve((...given) => served.resolve(given));
    const stream = client(server).request({ ":method": "POST", ":path": "/" });
    stream.on("error", () => {});
    const [request, response] = await served.promise;
    const closed = Promise.all([once(request, "close"), once(response, "close")]);
    stream.close(constants.NGHTTP2_CANCEL);
    await closed;
    expect(request.stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
    expect(response.destroyed).toBe(true);
  });

  it("is told that bytes were not passed on when the connection is cut", async () => {
    const served = Promise.withResolvers<Parameters<RequestHandler>[1]>();
    const server = await serve((_, response) => served.resolve(response));
    const session = client(server, { initialWindowSize: 10 });
    session.request({ ":path": "/" }).on("error", () => {});
    const response = await served.promise;
    const passed = new Promise((resolve) => response.stream.send([Buffer.alloc(1_000)], resolve));
    session.destroy();
    expect(await passed).toBeInstanceOf(Error);
  });
});

describe("an answer that waits for the client", () => {
  it("is given up with its stream, and nothing else is", async () => {
    const answering = Promise.withResolvers<Parameters<RequestHandler>[1]>();
    const server = await serve((_, response) => {
      response.end(Buffer.alloc(100_000));
      answering.resolve(response);
    });
    const session = client(server, { initialWindowSize: 10 });
    const stream = session.request({ ":path": "/" });
    stream.on("error", () => {});
    const response = await answering.promise;
    const closed = new Promise<void>((resolve) => response.on("close", resolve));
    stream.close(constants.NGHTTP2_CANCEL);
    await closed;
    expect(response.errored).toBeInstanceOf(Error);
  });
});

describe("a peer", () => {
  const held: RequestHandler = () => {};
  const many = (count: number, make: (index: number) => Uint8Array): Uint8Array[] =>
    Array.from({ length: count }, (_, index) => make(index));

  it("that resets streams without end is told to calm down", async () => {
    const raw = await RawClient.open((await serve(held)).port);
    const cancel = (id: number): Buffer => numberFrame(frameType.rstStream, id, errorCode.cancel);
    raw.send(...many(200, (index) => Buffer.concat([raw.request(2 * index + 1, endHeaders), cancel(2 * index + 1)])));
    expect(await raw.goAway()).toEqual({ code: 11, message: expect.stringContaining("resets of streams") });
  });

  it.each([
    ["PING", () => frame(frameType.ping, 0, 0, Buffer.alloc(8))],
    ["SETTINGS", () => settingsFrame([])],
    ["PRIORITY", () => frame(frameType.priority, 0, 1, Buffer.from([0, 0, 0, 3, 0]))],
    ["frames of unknown types", () => frame(99, 0, 0, Buffer.alloc(0))],
  ])("that floods %s is told to calm down", async (_, flood) => {
    const raw = await RawClient.open((await serve(held)).port);
    raw.send(...many(50_000, flood));
    expect(await raw.goAway()).toEqual({ code: 11, message: expect.stringMatching(/a second are too many|not read/) });
  });

  it("that floods empty DATA is told to calm down", async () => {
    const raw = await RawClient.open((await serve(held)).port);
    raw.send(raw.request(1, flag.endHeaders), ...many(5_000, () => frame(frameType.data, 0, 1, Buffer.alloc(0))));
    expect(await raw.goAway()).toEqual({ code: 11, message: expect.stringContaining("empty DATA") });
  });

  it.each([
    ["that opens windows by nothing", (id: number) => numberFrame(frameType.windowUpdate, id, 0)],
    ["that opens windows too far", (id: number) => numberFrame(frameType.windowUpdate, id, 0x7fff_ffff)],
    ["that sends to streams that it has ended", (id: number) => frame(frameType.data, 0, id, Buffer.from("x"))],
  ])("%s, to have streams reset without end, is told to calm down as one who resets them", async (_, provoke) => {
    const raw = await RawClient.open((await serve(held)).port);
    raw.send(...many(200, (index) => Buffer.concat([raw.request(2 * index + 1, endHeaders), provoke(2 * index + 1)])));
    expect(await raw.goAway()).toEqual({ code: 11, message: expect.stringContaining("resets of streams") });
  });

  it("that ends a stream that is over again and again is told to calm down", async () => {
    const raw = await RawClient.open((await serve(held)).port);
    const end = frame(frameType.data, flag.endStream, 1, Buffer.alloc(0));
    const tooFar = numberFrame(frameType.windowUpdate, 1, 0x7fff_ffff);
    raw.send(raw.request(1, flag.endHeaders), tooFar, ...many(5_000, () => end));
    expect(await raw.goAway()).toEqual({ code: 11, message: expect.stringContaining("empty DATA") });
  });

  it.each([0, 1])("that opens the window of stream %i byte by byte is told to calm down", async (id) => {
    const raw = await RawClient.open((await serve((_, response) => void response.end(Buffer.alloc(500_000)))).port);
    raw.send(raw.request(1, endHeaders), ...many(10_000, () => numberFrame(frameType.windowUpdate, id, 1)));
    expect(await raw.goAway()).toEqual({ code: 11, message: expect.stringContaining("WINDOW_UPDATE") });
  });

  it("that reads a long answer through a narrow window is served to the end", async () => {
    const server = await serve((_, response) => void response.end(Buffer.alloc(3_000_000)));
    const stream = client(server, { initialWindowSize: 400 }).request({ ":path": "/" });
    let bytes = 0;
    for await (const chunk of stream) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(3_000_000);
  });

  it.each([
    { window: 0, kept: 2, waiting: 300 },
    { window: 100, kept: 2, waiting: 200 },
    { window: 299, kept: 2, waiting: 1 },
    { window: 300, kept: 4, waiting: 700 },
    { window: 301, kept: 4, waiting: 699 },
    { window: 1_000, kept: 4, waiting: 0 },
  ])("has only part of an answer taken back when its window takes $window bytes", async ({ window, kept, waiting }) => {
    const buffers = [100, 200, 300, 400].map((bytes, index) => Buffer.alloc(bytes, index + 1));
    const { promise: passed, resolve } = Promise.withResolvers<unknown>();
    const taken = Promise.withResolvers<object>();
    const server = await serve((_, response) => {
      response.writeHead(200);
      response.stream.send(buffers, resolve);
      setImmediate(() => {
        taken.resolve(response.stream.takeBack([2, 4]));
        for (const buffer of buffers) buffer.fill(0);
        void passed.then(() => response.end());
      });
    });
    const raw = await RawClient.open(server.port);
    raw.send(settingsFrame([[4, window]]), raw.request(1, endHeaders));
    expect(await taken.promise).toMatchObject({ buffers: kept, bytes: waiting });
    raw.send(numberFrame(frameType.windowUpdate, 1, 10_000));
    const bytes: number[] = [];
    for (;;) {
      const { flags, payload } = (await raw.next(frameType.data))!;
      bytes.push(...payload);
      if ((flags & flag.endStream) !== 0) break;
    }
    expect(await passed).toBeUndefined();
    const sent = [100, 200, 300, 400].slice(0, kept).flatMap((count, index) => new Array(count).fill(index + 1));
    expect(bytes).toEqual(sent);
  });

  it("that asks without end and reads no answer is cut, before they fill the memory", async () => {
    let answered = 0;
    const server = await serve((_, response) => {
      answered++;
      response.setHeader("x-long", "x".repeat(10_000)).end();
    });
    const raw = await RawClient.open(server.port);
    raw.socket.pause();
    const closed = new Promise((resolve) => [...server.sockets][0]!.once("close", resolve));
    for (let first = 1; first < 40_000 && raw.socket.writable; first += 200) {
      raw.send(...many(100, (index) => raw.request(first + 2 * index, endHeaders)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    server.server.watch(performance.now() + 60_000);
    await closed;
    expect(answered).toBeLessThan(10_000);
  });

  it("that asks for much and reads none of it has the answers given up that wait longest", async () => {
    const answer = Buffer.alloc(16 * 1024 * 1024);
    const raw = await RawClient.open((await serve((_, response) => void response.end(answer))).port);
    raw.send(settingsFrame([[4, 0]]), ...many(10, (index) => raw.request(2 * index + 1, endHeaders)));
    const reset = await raw.next(frameType.rstStream);
    expect([reset?.streamId, reset?.payload.readUInt32BE(0)]).toEqual([1, errorCode.cancel]);
    expect((await raw.next(frameType.rstStream))?.streamId).toBe(3);
  });

  it("that sends a body byte by byte has it joined while nobody reads", async () => {
    const served = Promise.withResolvers<Parameters<RequestHandler>[0]>();
    const server = await serve((request, response) => {
      if (request.method === "GET") return void response.end();
      served.resolve(request);
    });
    const raw = await RawClient.open(server.port);
    const byte = frame(frameType.data, 0, 1, Buffer.from("x"));
    raw.send(raw.request(1, flag.endHeaders, { ":method": "POST" }), ...many(40_000, () => byte));
    raw.send(frame(frameType.data, flag.endStream, 1, Buffer.from("x")), raw.request(3, endHeaders));
    await raw.next(frameType.headers);
    const chunks = (await (await served.promise).toArray()) as Buffer[];
    expect(Buffer.concat(chunks)).toHaveLength(40_001);
    expect(chunks.length).toBeLessThan(20);
  });

  it("that never ends its headers is told to calm down", async () => {
    const raw = await RawClient.open((await serve(held)).port);
    const piece = frame(frameType.continuation, 0, 1, Buffer.alloc(0));
    raw.send(raw.request(1, flag.endStream), ...many(1_000, () => piece));
    expect(await raw.goAway()).toEqual({ code: 11, message: expect.stringContaining("CONTINUATION") });
  });

  it("whose headers are too large is served without them, for that to be told, and its connection goes on", async () => {
    const server = await serve((request, response) => {
      if (!request.isTruncated) return echo(request, response);
      response.writeHead(431, { left: Object.keys(request.headers).join() }).end();
    });
    const session = client(server);
    const stream = session.request({ ":path": "/", a: "x".repeat(9_000), b: "y".repeat(9_000) });
    expect((await once(stream, "response"))[0]).toMatchObject({ ":status": 431, left: "a,:authority" });
    expect(await echoed(session, Buffer.from("on"))).toEqual(Buffer.from("on"));
  });

  it("that begins more streams than allowed has the rest refused", async () => {
    const raw = await RawClient.open((await serve(held, { maxStreams: 2 })).port);
    raw.send(raw.request(1, endHeaders), raw.request(3, endHeaders), raw.request(5, endHeaders));
    const reset = await raw.next(frameType.rstStream);
    expect([reset?.streamId, reset?.payload.readUInt32BE(0)]).toEqual([5, errorCode.refusedStream]);
  });

  it("that sends more than the window ends its stream", async () => {
    const raw = await RawClient.open((await serve(held, { connectionWindowBytes: 200_000 })).port);
    const piece = frame(frameType.data, 0, 1, Buffer.alloc(16_384));
    raw.send(raw.request(1, flag.endHeaders), ...many(8, () => piece));
    const reset = await raw.next(frameType.rstStream);
    expect(reset?.payload.readUInt32BE(0)).toBe(errorCode.flowControlError);
  });

  /** A connection that the server knows. */
  async function opened({ port }: Serving): Promise<RawClient> {
    const raw = await RawClient.open(port);
    await raw.next(frameType.settings);
    return raw;
  }

  it("that gives no sign of life is cut", async () => {
    const server = await serve(held);
    const raw = await opened(server);
    server.server.watch(performance.now() + 60_000);
    expect((await raw.next(frameType.ping))?.payload).toHaveLength(8);
    server.server.watch(performance.now() + 120_000);
    expect(await raw.next(frameType.ping)).toBeUndefined();
  });

  it("that begins no stream is let go, and so is one that has had none for long", async () => {
    const [server, busy] = [await serve(echo, { requestTimeoutMs: 1_000 }), await serve(echo)];
    const raw = await opened(server);
    server.server.watch(performance.now() + 2_000);
    expect(await raw.goAway()).toMatchObject({ code: 0 });
    const session = client(busy);
    await echoed(session, Buffer.from("x"));
    busy.server.watch(performance.now() + 20_000);
    await echoed(session, Buffer.from("y"));
    busy.server.watch(performance.now() + 700_000);
    await once(session, "close");
  });

  it("that does not complete its headers is cut", async () => {
    const server = await serve(held, { requestTimeoutMs: 10_000 });
    const raw = await opened(server);
    raw.send(frame(frameType.ping, 0, 0, Buffer.alloc(8)), raw.request(1, flag.endStream));
    await raw.next(frameType.ping);
    server.server.watch(performance.now() + 11_000);
    expect(await raw.next(frameType.ping)).toBeUndefined();
  });

  it("that answers stays, however long it has nothing to say", async () => {
    const server = await serve(held);
    const raw = await opened(server);
    for (let minute = 1; minute < 4; minute++) {
      server.server.watch(performance.now() + minute * 60_000);
      const ping = await raw.next(frameType.ping);
      raw.send(frame(frameType.ping, flag.ack, 0, ping!.payload), frame(frameType.ping, 0, 0, Buffer.alloc(8)));
      expect((await raw.next(frameType.ping))?.flags).toBe(flag.ack);
    }
    expect(server.sockets.size).toBe(1);
  });
});

it("a server that goes away lets what is under way end, and refuses what is new", async () => {
  const served = Promise.withResolvers<Parameters<RequestHandler>[1]>();
  const server = await serve((_, response) => served.resolve(response));
  const raw = await RawClient.open(server.port);
  raw.send(raw.request(1, endHeaders));
  const response = await served.promise;
  server.server.close();
  expect(await raw.goAway()).toMatchObject({ code: 0 });
  raw.send(raw.request(3, endHeaders));
  expect((await raw.next(frameType.rstStream))?.payload.readUInt32BE(0)).toBe(errorCode.refusedStream);
  response.end("done");
  expect(String((await raw.next(frameType.data))?.payload)).toBe("done");
  expect(await raw.next(frameType.rstStream)).toBeUndefined();
});
