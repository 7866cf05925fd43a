/** A real gateway in a process of its own, which cases kill, stop, start again and give another folder. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** None outlives the suite, however that ends. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export class GatewayProcess {
  readonly #root: string;
  readonly #folder: string;
  readonly #config: string;
  #child: ChildProcess | undefined;
  #generation = 0;
  url = "";

  /** @param config the configuration file, as JSON, which is YAML */
  constructor(root: string, folder: string, config: object) {
    this.#root = root;
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    this.#config = join(folder, "callwire.yaml");
    this.configure(config);
  }

  /** From the next start on. */
  configure(config: object): void {
    writeFileSync(this.#config, JSON.stringify(config));
  }

  get #data(): string {
    return join(this.#folder, `data-${this.#generation}`);
  }

  get #copy(): string {
    return join(this.#folder, "copy");
  }

  async start(): Promise<void> {
    const flags = ["serve", "--config", this.#config, "--listen", "127.0.0.1:0", "--data-dir", this.#data];
    const env = { ...process.env, CALLWIRE_LOG_FORMAT: "json" };
    const child = spawn(process.execPath, [join(this.#root, "bin/callwire.js"), ...flags], {
      stdio: ["ignore", "ignore", "pipe"],
      env,
    });
    this.#child = child;
    running.add(child);
    child.once("close", () => running.delete(child));
    const lines: string[] = [];
    for await (const line of createInterface(child.stderr!)) {
      lines.push(line);
      const url = /"url":"([^"]+)".*"msg":"ready"/.exec(line)?.[1];
      if (url === undefined) continue;
      child.stderr!.resume();
      this.url = url;
      return;
    }
    throw new Error(`the gateway did not start: ${lines.join("\n")}`);
  }

  /** SIGTERM: subscribers are told to go away. */
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill(signal);
    await closed;
  }

  /** Starts with an empty folder: another epoch. */
  async replace(): Promise<void> {
    await this.kill();
    this.#generation++;
    await this.start();
  }

  /** Copies the folder of a stopped gateway and starts it again, as a backup would. */
  async copy(): Promise<void> {
    await this.stop();
    cpSync(this.#data, this.#copy, { recursive: true });
    await this.start();
  }

  /** Starts from the copy: the journal ends earlier than consumers know it. */
  async restore(): Promise<void> {
    await this.kill();
    this.#generation++;
    cpSync(this.#copy, this.#data, { recursive: true });
    await this.start();
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
