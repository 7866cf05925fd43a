/** The driver of an SDK: a process that is told about runs on stdin and reports on stdout, many at a time. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type DriverLine, Transcript } from "./transcript.ts";

export interface Sdk {
  name: string;
  /** One line of shell, run from the root of the repository. */
  command: string;
  /** Not gRPC: it plays the cases that hold for any protocol. */
  isVariant: boolean;
}

const commandFile = /^command(?:-(?<variant>[a-z0-9]+))?$/;

/** The SDKs that have a driver: one for each `sdk/NAME/conformance/command`, and for each `command-VARIANT` beside it. */
export function findSdks(root: string): Sdk[] {
  const folder = join(root, "sdk");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, drivers: join(folder, name, "conformance") }))
    .filter(({ drivers }) => existsSync(drivers))
    .flatMap(({ name, drivers }) =>
      readdirSync(drivers)
        .sort()
        .flatMap((file): Sdk[] => {
          const match = commandFile.exec(file);
          if (match === null) return [];
          const variant = match.groups?.variant;
          const command = readFileSync(join(drivers, file), "utf8").trim();
          return [
            { name: variant === undefined ? name : `${name}-${variant}`, command, isVariant: variant !== undefined },
          ];
        }),
    );
}

/** The last of what a driver wrote to stderr, for the report of a driver that died. */
const keptStderr = 4_000;

export class Driver {
  readonly #child: ChildProcess;
  readonly #runs = new Map<string, Transcript>();
  readonly #closed: Promise<unknown>;
  #stderr = "";
  /** Lines that were no JSON, or of a run that nobody asked for. */
  readonly complaints: string[] = [];

  constructor({ command }: Sdk, root: string) {
    this.#child = spawn("/bin/sh", ["-c", command], {
      cwd: root,
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    this.#closed = once(this.#child, "close");
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-keptStderr);
    });
    this.#child.on("error", (error) => this.#died(error.message));
    this.#child.on("close", (code, signal) => this.#died(`it ended with ${signal ?? code}`));
    // A driver that died takes no more; its end is told by "close".
    this.#child.stdin!.on("error", () => {});
    createInterface({ input: this.#child.stdout! }).on("line", (line) => this.#receive(line));
  }

  start(id: string, run: object): Transcript {
    const transcript = new Transcript();
    this.#runs.set(id, transcript);
    this.#send({ case: id, run });
    return transcript;
  }

  tell(id: string, what: "release" | "cancel" | "close"): void {
    this.#send({ case: id, do: what });
  }

  /** Forgets a run whose output does not matter any more. */
  forget(id: string): void {
    if (this.#runs.get(id)?.done === undefined) this.tell(id, "cancel");
  }

  /** Ends stdin; a driver that does not end by itself within the time is ended. Gives what was wrong with its end. */
  async stop(graceMs: number): Promise<string[]> {
    this.#child.stdin!.end();
    const { promise: late, resolve } = Promise.withResolvers<string>();
    const timer = setTimeout(() => resolve("late"), graceMs);
    const isLate = (await Promise.race([late, this.#closed])) === "late";
    clearTimeout(timer);
    if (isLate) await this.kill();
    const { exitCode } = this.#child;
    if (isLate) return [...this.complaints, `it did not end within ${graceMs} ms of the end of its input`];
    return exitCode === 0 ? this.complaints : [...this.complaints, `its exit code was ${exitCode}: ${this.#stderr}`];
  }

  /** As a crash does: with SIGKILL, its whole process group. */
  async kill(): Promise<void> {
    if (this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null) {
      process.kill(-this.#child.pid, "SIGKILL");
    }
    await this.#closed;
  }

  #send(line: object): void {
    this.#child.stdin!.write(`${JSON.stringify(line)}\n`);
  }

  #receive(line: string): void {
    let parsed: DriverLine & { case?: string };
    try {
      parsed = JSON.parse(line) as DriverLine & { case?: string };
    } catch {
      this.complaints.push(`it printed what is no JSON: ${line.slice(0, 200)}`);
      return;
    }
    const transcript = this.#runs.get(parsed.case ?? "");
    if (transcript === undefined) this.complaints.push(`it reported on an unknown run: ${line.slice(0, 200)}`);
    else transcript.add(parsed);
  }

  #died(why: string): void {
    for (const transcript of this.#runs.values()) transcript.die(`the driver died: ${why}. ${this.#stderr.trim()}`);
  }
}
