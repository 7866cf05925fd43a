/** The executable in a process of its own, for tests that end it or take its disk away. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { expect } from "vitest";
import { StartPosition, SubscriptionService } from "../../gen/ts/callwire/v1/subscription_pb.ts";

const executable = fileURLToPath(new URL("../../bin/callwire.js", import.meta.url));

export interface GatewayProcess {
  child: ChildProcess;
  url: string;
}

/** Starts a gateway; `prefix` is a command that ends by running the one that follows it, `more` are arguments. */
export async function serve(
  folder: string,
  prefix: readonly string[] = [],
  more: readonly string[] = [],
): Promise<GatewayProcess> {
  const [command, ...args] = [...prefix, process.execPath, executable, "serve", "--listen", "127.0.0.1:0"];
  const child = spawn(command!, [...args, "--data-dir", folder, ...more], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, CALLWIRE_LOG_FORMAT: "json" },
  });
  const lines: string[] = [];
  for await (const line of createInterface(child.stderr!)) {
    lines.push(line);
    const url = /"url":"([^"]+)".*"msg":"ready"/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stderr!.resume();
    return { child, url };
  }
  throw new Error(`the gateway did not start: ${lines.join("\n")}`);
}

/** Memory of the process's own; the pages of the log's files, which the system lends while they are read, are not. */
export function residentBytes(pid: number): number {
  return Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) * 1024;
}

export interface PostAnswer {
  status: number;
  body: { cursors?: string[]; reason?: string };
}

export async function postCall(url: string, id: string, padding = ""): Promise<PostAnswer> {
  const response = await fetch(`${url}/webhooks/default/ccai`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ call_id: id, state: "connected", padding }),
  });
  return { status: response.status, body: (await response.json()) as PostAnswer["body"] };
}

/** Every stored call id by its cursor. */
export async function history(url: string): Promise<Map<string, string>> {
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
