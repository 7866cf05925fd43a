/** A server in a process of its own, so that its CPU time and memory are its own. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";

const ticksPerSecond = 100;
const readyWithinMs = 300_000;
const stopWithinMs = 30_000;

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

/** Starts a process that ends with this one at the latest. */
export function spawnBounded(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, options);
  running.add(child);
  child.on("exit", () => running.delete(child));
  return child;
}

export class ServerProcess {
  /** The cores that servers may use, as `taskset` takes them; undefined for all. */
  static cores: string | undefined;
  /** What the pattern's group found: a URL or a port. */
  readonly said: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, said: string) {
    this.#child = child;
    this.said = said;
  }

  /** Starts a command and waits until one of its outputs has the pattern. */
  static async start(
    command: string,
    args: readonly string[],
    ready: RegExp,
    env: NodeJS.ProcessEnv = {},
  ): Promise<ServerProcess> {
    const { cores } = ServerProcess;
    const pinned = cores === undefined ? [command, ...args] : ["taskset", "-c", cores, command, ...args];
    const child = spawnBounded(pinned[0]!, pinned.slice(1), {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    const said = await untilSaid(child, [child.stdout!, child.stderr!], ready);
    return new ServerProcess(child, said);
  }

  /** CPU seconds of all threads so far. */
  cpuSeconds(): number {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }

  /** Resident memory in bytes. */
  residentBytes(): number {
    const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.#child.pid}/status`, "utf8"))!;
    return Number(kilobytes) * 1024;
  }

  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill(signal);
    const late = setTimeout(() => this.#child.kill("SIGKILL"), stopWithinMs);
    await exited;
    clearTimeout(late);
  }
}

function untilSaid(child: ChildProcess, outputs: readonly Readable[], pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const fail = (why: string): void => {
      child.kill("SIGKILL");
      reject(new Error(`${child.spawnfile} ${why}: ${text.slice(-2_000)}`));
    };
    const late = setTimeout(() => fail("was not ready in time"), readyWithinMs);
    for (const output of outputs) {
      output.on("data", (chunk) => {
        if (text.length < 100_000) text += String(chunk);
        const match = pattern.exec(text);
        if (match === null) return;
        clearTimeout(late);
        resolve(match[1] ?? "");
      });
    }
    child.on("error", reject);
    child.on("exit", () => {
      clearTimeout(late);
      fail("ended before it was ready");
    });
  });
}
