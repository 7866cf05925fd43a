/** The proxy between a real gateway and a plain gRPC client, which sees each fault as it is. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { StartPosition, SubscriptionService } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { parseFault } from "../../src/testkit/fault.ts";
import { FaultProxy } from "../../src/testkit/fault-proxy.ts";
import { randomCuts } from "../../src/testkit/random-cuts.ts";
import { startTestGateway, type TestGateway } from "../../src/testkit/testkit.ts";

let gateway: TestGateway;
let cursors: string[];
const proxies: FaultProxy[] = [];
const sessions: Http2SessionManager[] = [];

beforeAll(async () => {
  gateway = await startTestGateway();
  cursors = await gateway.publish(
    Array.from({ length: 60 }, (_, index) => ({ call_id: `c${index}`, state: "ringing" })),
  );
});
afterAll(() => gateway.close());
afterEach(async () => {
  for (const session of sessions.splice(0)) session.abort();
  for (const proxy of proxies.splice(0)) await proxy.close();
});

async function proxyWith(...faults: string[]): Promise<FaultProxy> {
  const proxy = await FaultProxy.start({ target: gateway.directUrl, faults: faults.map(parseFault) });
  proxies.push(proxy);
  return proxy;
}

function clientOf({ url }: FaultProxy) {
  const sessionManager = new Http2SessionManager(url);
  sessions.push(sessionManager);
  return createClient(SubscriptionService, createGrpcTransport({ baseUrl: url, sessionManager }));
}

/** Reads the 60 events, by default ten a response; gives how many came and how it ended. */
async function replay(
  proxy: FaultProxy,
  maxBatchEvents = 10,
): Promise<{ events: number; responses: number; error?: ConnectError }> {
  const position = { case: "start" as const, value: StartPosition.EARLIEST };
  const end = { case: "endCursor" as const, value: cursors.at(-1)! };
  let events = 0;
  let responses = 0;
  try {
    for await (const response of clientOf(proxy).subscribe({ position, end, maxBatchEvents })) {
      events += response.events.length;
      responses++;
    }
    return { events, responses };
  } catch (error) {
    return { events, responses, error: ConnectError.from(error) };
  }
}

test("without faults everything passes, and is counted", async () => {
  const proxy = await proxyWith();
  expect(await replay(proxy)).toEqual({ events: 60, responses: 7 });
  expect(proxy.counts).toMatchObject({ connections: 1, requests: 1, messages: 7, faults: 0, faultsLeft: 0 });
  expect(proxy.counts.bytes).toBeGreaterThan(1_000);
});

describe("a cut", () => {
  test.each([
    ["cut@headers", 0, 0],
    ["cut@mid-message:1", 0, 0],
    ["cut@message:1", 1, 0],
    ["cut@mid-message:3", 2, 10],
    ["cut@message:3", 3, 20],
    ["cut@trailers", 7, 60],
  ])("%s lets %i responses pass", async (fault, responses, events) => {
    const proxy = await proxyWith(fault);
    const seen = await replay(proxy);
    expect(seen).toMatchObject({ responses, events });
    expect(seen.error).toBeInstanceOf(ConnectError);
    expect(proxy.counts.faults).toBe(1);
    expect(await replay(proxy)).toEqual({ events: 60, responses: 7 });
  });

  test.each([
    "cut@connect",
    "reset@connect",
    "reset@bytes:20",
    "reset@mid-message:2",
  ])("%s breaks one connection only", async (fault) => {
    const proxy = await proxyWith(fault);
    let seen = await replay(proxy);
    for (let attempt = 0; seen.error !== undefined && attempt < 3; attempt++) seen = await replay(proxy);
    expect(seen).toEqual({ events: 60, responses: 7 });
    expect(proxy.counts).toMatchObject({ faults: 1, faultsLeft: 0 });
  });

  test("at random does not keep what is larger than the bytes between two cuts from coming through for ever", async () => {
    const faults = randomCuts({ seed: 1, count: 50, minBytes: 500, maxBytes: 1_000, sparing: true });
    const proxy = await FaultProxy.start({ target: gateway.directUrl, faults });
    proxies.push(proxy);
    let whole = 0;
    for (let round = 0; round < 40; round++) if ((await replay(proxy, 1_000)).events === 60) whole++;
    expect(whole).toBeGreaterThanOrEqual(10);
  });

  test("of everything open, by the caller", async () => {
    const proxy = await proxyWith();
    const stream = clientOf(proxy).subscribe({})[Symbol.asyncIterator]();
    await stream.next();
    proxy.apply("reset");
    await expect(async () => {
      while (!(await stream.next()).done);
    }).rejects.toThrow(ConnectError);
  });
});

describe("a stall", () => {
  test("ends nothing; resumed, what waited passes", async () => {
    const proxy = await proxyWith("stall@mid-message:3");
    const replayed = replay(proxy);
    while (proxy.counts.faults === 0) await once(proxy, "change");
    expect(proxy.counts).toMatchObject({ messages: 2, open: 1 });
    proxy.resume();
    expect(await replayed).toEqual({ events: 60, responses: 7 });
  });

  test("of a consumer that leaves is over", async () => {
    const proxy = await proxyWith("stall@message:1");
    const leaving = new AbortController();
    const stream = clientOf(proxy).subscribe({}, { signal: leaving.signal })[Symbol.asyncIterator]();
    await stream.next();
    for (const session of sessions.splice(0)) session.abort();
    while (proxy.counts.open > 0) await once(proxy, "change");
  });
});

test("a half-open connection is gone for the gateway and open for the consumer", async () => {
  const accepted: Socket[] = [];
  const server = createServer((socket) => void accepted.push(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const proxy = await FaultProxy.start({ target: `127.0.0.1:${port}` });
  proxies.push(proxy);
  const consumer = connect(Number(new URL(proxy.url).port), "127.0.0.1");
  consumer.write("hello");
  const [target] = accepted.length > 0 ? accepted : ((await once(server, "connection")) as [Socket]);
  await once(target!, "data");
  proxy.apply("half-open");
  await once(target!, "close");
  expect(consumer.write("are you there?")).toBe(true);
  expect({ destroyed: consumer.destroyed, open: proxy.counts.open }).toEqual({ destroyed: false, open: 1 });
  consumer.destroy();
  while (proxy.counts.open > 0) await once(proxy, "change");
  server.close();
});

test("a delay only takes time", async () => {
  const proxy = await proxyWith("delay=120ms@headers", "delay=120ms@message:2");
  const startedMs = performance.now();
  expect(await replay(proxy)).toEqual({ events: 60, responses: 7 });
  expect(performance.now() - startedMs).toBeGreaterThan(200);
});

test("while it refuses nobody gets through, afterwards everybody", async () => {
  const proxy = await proxyWith();
  proxy.isRefusing = true;
  expect((await replay(proxy)).error?.code).toBeOneOf([Code.Unavailable, Code.Aborted, Code.Internal]);
  proxy.isRefusing = false;
  expect(await replay(proxy)).toEqual({ events: 60, responses: 7 });
});

test("HTTP/1.1 passes as it is", async () => {
  const proxy = await proxyWith();
  const response = await fetch(`${proxy.url}/webhooks/default/ccai`, {
    method: "POST",
    headers: { "content-type": "application/json", connection: "close" },
    body: JSON.stringify({ call_id: "posted", state: "ringing" }),
  });
  expect(await response.json()).toMatchObject({ accepted: 1 });
});

test("requests are told, message by message", async () => {
  const requests: Buffer[] = [];
  const proxy = await FaultProxy.start({ target: gateway.directUrl, onRequest: (message) => requests.push(message) });
  proxies.push(proxy);
  await clientOf(proxy).getLogInfo({ tenant: "default" });
  expect(requests.map(String)).toEqual(["\n\x07default"]);
});

test("an address that is none is refused", async () => {
  await expect(FaultProxy.start({ target: "ftp://example.com" })).rejects.toThrow(/no address/);
});
