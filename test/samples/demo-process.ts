/** `callwire demo` in a process of its own: the gateway that the samples run against. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface DemoOptions {
  seed: number;
  /** Events a second. */
  rate: number;
  dataDir: string;
}

export class DemoProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** Resolves once it has said where it runs. @throws Error when it ends before */
  static async start(root: string, { seed, rate, dataDir }: DemoOptions): Promise<DemoProcess> {
    const flags = ["--listen", "127.0.0.1:0", "--data-dir", dataDir, "--seed", String(seed), "--rate", String(rate)];
    const child = spawn(process.execPath, [join(root, "bin/callwire.js"), "demo", ...flags], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    process.once("exit", () => child.kill("SIGKILL"));
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout!)) {
      lines.push(line);
      const url = /^Callwire runs on (\S+),/.exec(line)?.[1];
      if (url === undefined) continue;
      child.stdout!.resume();
      return new DemoProcess(child, url);
    }
    throw new Error(`the demo did not start: ${lines.join("\n")}`);
  }

  /** As Ctrl-C does. */
  async stop(): Promise<void> {
    const closed = once(this.#child, "close");
    this.#child.kill("SIGINT");
    await closed;
  }
}
