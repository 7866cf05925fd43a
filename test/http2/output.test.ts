import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Output } from "../../src/http2/output.ts";

let near: Socket;
let far: Socket;

beforeEach(async () => {
  const listener = createServer();
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as { port: number };
  far = connect(port, "127.0.0.1");
  [near] = (await once(listener, "connection")) as [Socket];
  listener.close();
});

afterEach(() => {
  near.destroy();
  far.destroy();
});

/** Says something; whether it has been passed on. */
function say(output: Output, bytes: Uint8Array): { isPassed: boolean; passed: Promise<void> } {
  const said = { isPassed: false, passed: Promise.resolve() };
  said.passed = new Promise((resolve) => {
    output.say(bytes);
    output.whenPassed(() => {
      said.isPassed = true;
      resolve();
    });
  });
  output.flush();
  return said;
}

test("bytes are passed on once the socket has let go of them, not while it could take more", async () => {
  const output = new Output(near, () => {});
  far.pause();
  let last = say(output, new Uint8Array(1_024));
  while (near.writableLength === 0) last = say(output, new Uint8Array(1_024));
  expect(near.writableNeedDrain).toBe(false);
  expect(output.isBlocked).toBe(false);
  expect(last.isPassed).toBe(false);
  const after = say(output, new Uint8Array(1));
  expect(after.isPassed).toBe(false);
  far.resume();
  await Promise.all([last.passed, after.passed]);
  expect(near.writableLength).toBe(0);
});

test("a full socket blocks, and says when it takes more", async () => {
  const drained = new Promise<void>((resolve) => {
    const output = new Output(near, () => {
      expect(output.isBlocked).toBe(false);
      resolve();
    });
    far.pause();
    while (!output.isBlocked) say(output, new Uint8Array(64 * 1024));
  });
  far.resume();
  await drained;
});

test("what a socket still held when its connection ended was never passed on", async () => {
  const output = new Output(near, () => {});
  far.pause();
  let last = say(output, new Uint8Array(1_024));
  while (near.writableLength === 0) last = say(output, new Uint8Array(1_024));
  expect(last.isPassed).toBe(false);
  const told = new Promise<Error | undefined>((resolve) => output.whenPassed(resolve));
  output.fail(new Error("the connection is closed"));
  expect(await told).toBeInstanceOf(Error);
});

test("what can wait goes out ahead of what is said next, in its order", async () => {
  const output = new Output(near, () => {});
  output.sayWithNext(Uint8Array.of(1));
  output.say(Uint8Array.of(2));
  output.sayWithNext(Uint8Array.of(3));
  output.flush();
  const [chunk] = (await once(far, "data")) as [Buffer];
  expect([...chunk]).toEqual([1, 2, 3]);
});

test("what can wait goes out alone when nothing else is said, and no two of them wait", async () => {
  const output = new Output(near, () => {});
  output.sayWithNext(Uint8Array.of(1));
  expect([...((await once(far, "data")) as [Buffer])[0]]).toEqual([1]);
  output.sayWithNext(Uint8Array.of(2));
  output.sayWithNext(Uint8Array.of(3));
  output.flush();
  expect([...((await once(far, "data")) as [Buffer])[0]]).toEqual([2, 3]);
});
