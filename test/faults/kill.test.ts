import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { expect, it } from "vitest";
import { StartPosition, SubscriptionService } from "../../gen/ts/callwire/v1/subscription_pb.ts";

const main = fileURLToPath(new URL("../../bin/callwire.js", import.meta.url));

async function serve(folder: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [main, "serve", "--listen", "127.0.0.1:0", "--data-dir", folder], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, CALLWIRE_LOG_FORMAT: "json" },
  });
  for await (const line of createInterface(child.stderr!)) {
    const { msg, url } = JSON.parse(line) as { msg: string; url: string };
    if (msg === "ready") {
      child.stderr!.resume();
      return { child, url };
    }
  }
  throw new Error("the gateway did not start");
}

/** Posts single events until the gateway is gone; gives what was acknowledged, by cursor. */
async function postUntilDead(url: string, round: number, acknowledged: Map<string, string>): Promise<void> {
  const post = async (worker: number): Promise<void> => {
    for (let index = 0; ; index++) {
      const id = `${round}-${worker}-${index}`;
      const response = await fetch(`${url}/webhooks/default/ccai`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ call_id: id }),
      });
      const { cursors } = (await response.json()) as { cursors: string[] };
      acknowledged.set(cursors[0]!, id);
    }
  };
  await Promise.allSettled(Array.from({ length: 8 }, (_, worker) => post(worker)));
}

async function history(url: string): Promise<Map<string, string>> {
  const sessionManager = new Http2SessionManager(url);
  const client = createClient(SubscriptionService, createGrpcTransport({ baseUrl: url, sessionManager }));
  const { newestCursor, epoch } = await client.getLogInfo({});
  const stored = new Map<string, string>();
  let last = 0n;
  const position = { case: "start" as const, value: StartPosition.EARLIEST };
  for await (const { events } of client.subscribe({ position, end: { case: "endCursor", value: newestCursor } })) {
    for (const { offset, payload } of events) {
      expect(offset).toBeGreaterThan(last);
      last = offset;
      if (payload.case === "call") stored.set(`${epoch}-${offset}`, payload.value.callId);
    }
  }
  sessionManager.abort();
  return stored;
}

it("has every acknowledged event once, in order and under the same cursor, after each kill -9", async () => {
  const folder = mkdtempSync(join(tmpdir(), "callwire-kill-"));
  const acknowledged = new Map<string, string>();
  for (let round = 0; round < 4; round++) {
    const { child, url } = await serve(folder);
    const posting = postUntilDead(url, round, acknowledged);
    const before = acknowledged.size;
    while (acknowledged.size < before + 100 + round * 50) await new Promise((resolve) => setImmediate(resolve));
    child.kill("SIGKILL");
    await Promise.all([posting, once(child, "exit")]);
  }
  const { child, url } = await serve(folder);
  const stored = await history(url);
  for (const [cursor, id] of acknowledged) expect(stored.get(cursor)).toBe(id);
  expect(new Set(stored.values()).size).toBe(stored.size);
  child.kill("SIGTERM");
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(0);
  rmSync(folder, { recursive: true });
}, 60_000);
