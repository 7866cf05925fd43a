/** A gateway in a process of its own, so that its CPU time and memory are its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { on, once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const ticksPerSecond = 100;

export interface ServerProcess {
  url: string;
  /** CPU seconds of all threads so far. */
  cpuSeconds(): number;
  /** Resident memory in bytes. */
  residentBytes(): number;
  stop(): Promise<void>;
}

function measured(child: ChildProcess, url: string, stop: () => Promise<void>): ServerProcess {
  return {
    url,
    cpuSeconds() {
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
      return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    },
    residentBytes() {
      const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))!;
      return Number(kilobytes) * 1024;
    },
    stop,
  };
}

async function firstLine(child: ChildProcess, output: Readable, pattern: RegExp): Promise<string> {
  let text = "";
  for await (const [chunk] of on(output, "data", { close: ["end"] })) {
    text += String(chunk);
    const match = pattern.exec(text);
    if (match !== null) return match[1]!;
  }
  throw new Error(`process ${child.pid} ended before it was ready: ${text}`);
}

/** Starts a command that writes its URL in the form of the pattern on one of its outputs. */
async function startCommand(
  command: string,
  args: string[],
  output: "stdout" | "stderr",
  pattern: RegExp,
): Promise<ServerProcess> {
  const env = { ...process.env, CALLWIRE_LOG_FORMAT: "json" };
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env });
  child.stdout!.resume();
  child.stderr!.resume();
  const url = await firstLine(child, child[output]!, pattern);
  return measured(child, url, async () => {
    child.kill("SIGTERM");
    await once(child, "exit");
  });
}

/** Starts a script that says where it listens. */
export function startScript(script: string): Promise<ServerProcess> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  return startCommand(process.execPath, [path], "stdout", /listening on (\S+)/);
}

const executable = fileURLToPath(new URL("../bin/callwire.js", import.meta.url));

/** Starts a gateway on an empty data folder, by its executable as users do. */
export async function startGatewayProcess(): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), "callwire-bench-"));
  const args = ["serve", "--listen", "127.0.0.1:0", "--data-dir", folder];
  const server = await startCommand(executable, args, "stderr", /"url":"([^"]+)".*"ready"/);
  return {
    ...server,
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
