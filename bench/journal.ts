/** A server's folder with a journal in it, filled once and kept over the rounds, or over runs. */
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Contender, newFolder, type Running, removeFolder } from "./contender.ts";
import { type PublishPlan, publish } from "./load.ts";
import type { Settings } from "./workload.ts";

/** How many events: the first journal decides unless it is given, so that all have the same. */
export class JournalSize {
  #events: number | undefined;

  constructor({ events }: Settings) {
    this.#events = events;
  }

  get events(): number {
    if (this.#events === undefined) throw new Error("the journal that decides the number of events was not filled");
    return this.#events;
  }

  volume({ fillSeconds }: Settings, decides: boolean): { total: number } | { seconds: number } {
    return this.#events === undefined && decides ? { seconds: fillSeconds } : { total: this.events };
  }

  decided(events: number): void {
    this.#events = events;
  }
}

const filling: PublishPlan = { clients: 8, pipeline: 8, batch: 100 };

/** Where a kept journal says how many events it has. */
const filledFile = "filled.json";

export class Journal {
  readonly #contender: Contender;
  readonly #size: JournalSize;
  readonly #plan: PublishPlan;
  readonly #folder: string;
  readonly #isKept: boolean;

  constructor(contender: Contender, size: JournalSize, plan: PublishPlan, { journals, events }: Settings) {
    this.#contender = contender;
    this.#size = size;
    this.#plan = plan;
    this.#isKept = journals !== undefined && events !== undefined;
    this.#folder =
      journals === undefined || events === undefined ? newFolder() : join(journals, keptName(contender, plan, events));
  }

  get events(): number {
    return this.#size.events;
  }

  /** @param decides whether this journal decides how many events all have */
  async fill(settings: Settings, decides: boolean): Promise<void> {
    const filled = join(this.#folder, filledFile);
    if (existsSync(filled)) return this.#size.decided(JSON.parse(readFileSync(filled, "utf8")).events);
    // A journal that was not filled to its end is begun anew.
    removeFolder(this.#folder);
    mkdirSync(this.#folder, { recursive: true });
    await this.serving(async (server) => {
      const over: PublishPlan = server.protocol === "grpc" ? { over: "grpc-stream" } : {};
      const volume = this.#size.volume(settings, decides);
      this.#size.decided((await publish(server, { ...filling, ...this.#plan, ...over, ...volume })).events);
    });
    writeFileSync(filled, JSON.stringify({ events: this.events }));
  }

  /**
   * Reads all files into the system's page cache, so that rounds and contenders find the same: what the system drops of a
   * journal between two rounds has nothing to do with whose it is.
   */
  readIntoCache(): void {
    const buffer = Buffer.allocUnsafe(1024 * 1024);
    for (const entry of readdirSync(this.#folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = openSync(join(entry.parentPath, entry.name), "r");
      while (readSync(file, buffer) > 0);
      closeSync(file);
    }
  }

  start(): Promise<Running> {
    return this.#contender.start(this.#folder);
  }

  async serving<R>(use: (server: Running) => Promise<R>): Promise<R> {
    const server = await this.start();
    try {
      return await use(server);
    } finally {
      await server.process.stop();
    }
  }

  remove(): void {
    if (!this.#isKept) removeFolder(this.#folder);
  }
}

/** Names what a journal holds. */
function keptName({ name }: Contender, plan: PublishPlan, events: number): string {
  const what = createHash("sha256")
    .update(JSON.stringify([name, plan, events]))
    .digest("hex")
    .slice(0, 8);
  return `${name.replaceAll(/\W+/g, "-").toLowerCase()}-${events}-${what}`;
}
