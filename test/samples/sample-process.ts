/** The recorder sample of one SDK, as its user runs it: killed and started again, it goes on from its checkpoint. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Sample {
  language: string;
  /** Shell, run from the root of the repository; `"$@"` of `run` are the flags. */
  build: string;
  run: string;
}

/** One for each `sdk/LANGUAGE/samples/command`: its last line runs the sample, what is before builds it. */
export function findSamples(root: string): Sample[] {
  return readdirSync(join(root, "sdk"))
    .sort()
    .map((language) => ({ language, file: join(root, "sdk", language, "samples/command") }))
    .filter(({ file }) => existsSync(file))
    .map(({ language, file }) => {
      const lines = readFileSync(file, "utf8").trim().split("\n");
      return { language, build: lines.slice(0, -1).join("\n"), run: lines.at(-1)! };
    });
}

/** None outlives the run, however that ends. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) signalGroup(child, "SIGKILL");
});

/** @throws Error when that fails */
export async function build(root: string, { build: command }: Sample): Promise<void> {
  const child = spawn("/bin/sh", ["-ec", command], { cwd: root, stdio: ["ignore", 2, 2] });
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  if (code !== 0) throw new Error(`it could not be built: ${command}: ${signal ?? code}`);
}

/** The last of what a sample said, for the report of one that ended by itself. */
const keptStderr = 2_000;

export class SampleProcess {
  readonly #sample: Sample;
  readonly #root: string;
  readonly #flags: readonly string[];
  readonly #out: string;
  #child: ChildProcess | undefined;
  #said = "";
  kills = 0;

  /** @param folder keeps the checkpoint and the lines */
  constructor(root: string, sample: Sample, url: string, folder: string) {
    this.#root = root;
    this.#sample = sample;
    this.#out = join(folder, `${sample.language}.jsonl`);
    this.#flags = ["--url", url, "--checkpoint", join(folder, `${sample.language}.checkpoint`), "--out", this.#out];
  }

  /** The whole lines that it has written. */
  get lines(): string[] {
    if (!existsSync(this.#out)) return [];
    return readFileSync(this.#out, "utf8").split("\n").slice(0, -1);
  }

  start(): void {
    const child = spawn("/bin/sh", ["-c", this.#sample.run, this.#sample.language, ...this.#flags], {
      cwd: this.#root,
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    });
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#said = (this.#said + text).slice(-keptStderr);
    });
    running.add(child);
    child.once("close", () => running.delete(child));
    this.#child = child;
  }

  /** Resolves when it has written so many lines. @throws Error when it ends before */
  async written(lines: number): Promise<void> {
    const child = this.#child!;
    const ended = once(child, "close");
    // Whatever a call does is said, so that something is said after every line that matters here.
    while (this.lines.length < lines) {
      await Promise.race([once(child.stderr!, "data"), ended]);
      if (hasEnded(child)) throw new Error(`it ended with ${child.signalCode ?? child.exitCode}: ${this.#said}`);
    }
  }

  /** As a crash does. */
  async kill(): Promise<void> {
    this.kills++;
    await this.#end("SIGKILL");
  }

  /** As its user does. @throws Error when it does not end with 0 */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
    const { exitCode, signalCode } = this.#child!;
    if (exitCode !== 0) throw new Error(`SIGTERM ended it with ${signalCode ?? exitCode}: ${this.#said}`);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || hasEnded(child)) return;
    const closed = once(child, "close");
    signalGroup(child, signal);
    await closed;
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid !== undefined && !hasEnded(child)) process.kill(-child.pid, signal);
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
