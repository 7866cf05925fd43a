/** A server's folder with a journal in it, filled once and kept over the rounds. */
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

export class Journal {
  readonly #contender: Contender;
  readonly #folder = newFolder();
  readonly #size: JournalSize;

  constructor(contender: Contender, size: JournalSize) {
    this.#contender = contender;
    this.#size = size;
  }

  get events(): number {
    return this.#size.events;
  }

  /** @param decides whether this journal decides how many events all have */
  async fill(settings: Settings, plan: PublishPlan, decides: boolean): Promise<void> {
    await this.serving(async (server) => {
      const over: PublishPlan = server.protocol === "grpc" ? { over: "grpc-stream" } : {};
      const volume = this.#size.volume(settings, decides);
      this.#size.decided((await publish(server, { ...filling, ...plan, ...over, ...volume })).events);
    });
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
    removeFolder(this.#folder);
  }
}
