/** The parts that have rules of their own: back-off, the catalogue of errors, the checkpoint's file. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { catalogue } from "../../../src/errors/catalogue.ts";
import { callwireError } from "../src/errors.ts";
import { CallwireError, Client, FileCheckpoint } from "../src/index.ts";
import { Attempts } from "../src/retry.ts";
import { Watchdog } from "../src/watchdog.ts";

describe("the pause before an attempt", () => {
  it("is anything up to a bound that doubles, up to the greatest", () => {
    const attempts = new Attempts({ initialMs: 100, maxMs: 350 }, () => 1);
    expect([1, 2, 3, 4].map(() => attempts.next())).toEqual([100, 200, 350, 350]);
    expect(new Attempts({ initialMs: 100 }, () => 0).next()).toBe(0);
  });

  it("comes on top of what the gateway asks for", () => {
    expect(new Attempts({ initialMs: 100, maxMs: 350 }, () => 0.5).next(1_000)).toBe(1_050);
  });

  it("begins anew after something useful", () => {
    const attempts = new Attempts({ initialMs: 100, maxAttempts: 1 }, () => 1);
    attempts.next();
    expect(attempts.areUsedUp).toBe(true);
    attempts.reset();
    expect([attempts.areUsedUp, attempts.next()]).toEqual([false, 100]);
  });
});

describe("an error", () => {
  it("is retryable as the catalogue says", () => {
    for (const [reason, { retryable }] of catalogue) {
      expect([reason, new CallwireError("INTERNAL", "", { reason }).retryable]).toEqual([reason, retryable]);
    }
  });

  it("without a reason is retryable by its code, and any with a delay is", () => {
    const retryable = ["CANCELLED", "UNKNOWN", "DEADLINE_EXCEEDED", "ABORTED", "INTERNAL", "UNAVAILABLE"] as const;
    const not = ["INVALID_ARGUMENT", "NOT_FOUND", "PERMISSION_DENIED", "OUT_OF_RANGE", "UNAUTHENTICATED"] as const;
    expect(retryable.filter((code) => !new CallwireError(code, "").retryable)).toEqual([]);
    expect(not.filter((code) => new CallwireError(code, "").retryable)).toEqual([]);
    expect(new CallwireError("NOT_FOUND", "", { reason: "NEWER", retryAfterMs: 0 }).retryable).toBe(true);
    expect(new CallwireError("UNAVAILABLE", "", { reason: "NEWER" }).retryable).toBe(false);
  });

  it("of an answer cut in the middle of a message is no refusal", () => {
    const local = new ConnectError("protocol error: promised 9 bytes, received 4", Code.InvalidArgument);
    expect(callwireError(local)).toMatchObject({ code: "INTERNAL", retryable: true });
  });
});

describe("a checkpoint's file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "callwire-checkpoint-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
  });

  it("holds one JSON object, and nothing else is left beside it", async () => {
    const path = join(folder, "position.json");
    const checkpoint = new FileCheckpoint(path);
    expect(await checkpoint.load()).toBeUndefined();
    await checkpoint.save({ cursor: "0a1b2c3d-1", filterDigest: "" });
    await checkpoint.save({ cursor: "0a1b2c3d-12", filterDigest: "1111111111111111" });
    expect(readFileSync(path, "utf8")).toBe('{"cursor":"0a1b2c3d-12","filter_digest":"1111111111111111"}\n');
    expect(await checkpoint.load()).toEqual({ cursor: "0a1b2c3d-12", filterDigest: "1111111111111111" });
    expect(readdirSync(folder)).toEqual(["position.json"]);
  });

  it.each([
    "",
    "{",
    "null",
    "[]",
    '{"cursor":""}',
    '{"cursor":"12"}',
    '{"cursor":"0a1b2c3d-1","filter_digest":1}',
  ])("that holds %s is corrupt, and the error names it", async (text) => {
    const path = join(folder, "corrupt.json");
    writeFileSync(path, text);
    await expect(new FileCheckpoint(path).load()).rejects.toMatchObject({
      name: "CheckpointError",
      path,
      message: expect.stringContaining(`${path} is corrupt`),
    });
  });

  it("that cannot be read or written is an error that names it", async () => {
    const path = join(folder, "taken");
    mkdirSync(path);
    const checkpoint = new FileCheckpoint(path);
    await expect(checkpoint.load()).rejects.toThrow(`cannot read the checkpoint ${path}`);
    await expect(checkpoint.save({ cursor: "0a1b2c3d-1", filterDigest: "" })).rejects.toThrow(`cannot write`);
    expect(readdirSync(folder)).toEqual(["taken"]);
  });
});

it("the entry point for browsers needs nothing of Node", () => {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, target] of readFileSync(file, "utf8").matchAll(/(?:from|import) "([^"]+)"/g)) {
      if (target!.startsWith(".")) visit(join(dirname(file), target!));
      else expect([file, target]).toEqual([file, expect.stringMatching(/^@(bufbuild|connectrpc)\/(?!connect-node)/)]);
    }
  };
  visit(join(import.meta.dirname, "../src/web.ts"));
  expect(seen.size).toBeGreaterThan(20);
});

it("a client's address begins with http:// or https://", () => {
  expect(() => new Client({ url: "localhost:7450" })).toThrow("http://");
});

it("a stream is not called dead for what this process was held up itself", async () => {
  const watchdog = new Watchdog(40, () => {});
  const arrival = Promise.withResolvers<string>();
  const watched = watchdog.watch(arrival.promise);
  const until = performance.now() + 100;
  setImmediate(() => {
    while (performance.now() < until);
    setImmediate(() => arrival.resolve("came"));
  });
  expect([await watched, watchdog.expired]).toEqual(["came", false]);
});
