/** Merging small blocks changes how history is stored and nothing of what it says. */
import { hash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultLimits } from "../../src/config/limits.ts";
import { unfiltered } from "../../src/filters/compile.ts";
import { concat } from "../../src/log/block.ts";
import type { SessionPage } from "../../src/log/event-reader.ts";
import type { MergedBlock } from "../../src/log/merged-block.ts";
import { Sequencer } from "../../src/log/sequencer.ts";
import { BlockMerger } from "../../src/log/sqlite/block-merger.ts";
import { openForReading } from "../../src/log/sqlite/database.ts";
import { EmbeddedStore } from "../../src/log/sqlite/embedded-store.ts";
import { journalFile } from "../../src/log/sqlite/journal-store.ts";
import type { PreparedPlan } from "../../src/log/sqlite/prepared-plan.ts";
import { SqliteReader } from "../../src/log/sqlite/sqlite-reader.ts";
import { contactCentre } from "../../src/simulator/contact-centre.ts";

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const everyone = { gate: undefined, mask: undefined };

/** A journal filled by posts in groups of uneven size, and what reads it. */
class SmallBlocks {
  readonly folder = mkdtempSync(join(tmpdir(), "callwire-merged-"));
  readonly store = new EmbeddedStore(this.folder, defaultLimits, () => "00000001");
  readonly database: DatabaseSync;
  readonly reader: SqliteReader;
  #now = 1_700_000_000_000;

  constructor() {
    this.store.ensureTenant("default");
    this.database = openForReading(join(this.folder, journalFile));
    this.reader = new SqliteReader(this.database);
  }

  fill(seed: number): void {
    const posts = [...contactCentre({ seed, calls: 60, duplicates: 0.1, reorder: 0.1 })];
    for (let at = 0, size = 1; at < posts.length; at += size, size = (size * 7) % 23) {
      this.#now += 250 * size;
      // Each begins with what is stored alone.
      const sequencer = new Sequencer(this.store, defaultLimits, () => this.#now);
      sequencer.run(
        posts.slice(at, at + size).map(({ source, body }) => {
          return { tenant: "default", source, form: "body" as const, bytes: Buffer.from(body) };
        }),
      );
    }
  }

  get head(): number {
    return this.store.log.head("default").offset;
  }

  /** Merges all that can be; gives the number of blocks there were before, and are. */
  mergeAll(): { before: number; after: number } {
    const before = this.#blocks();
    const merger = new BlockMerger(this.database);
    let merged: MergedBlock | undefined;
    for (let after = 0; ; after = merged.last) {
      merged = merger.next("default", 1, after, this.head);
      if (merged === undefined) return { before, after: this.#blocks() };
      const { store } = this;
      const block = merged;
      store.group(() => store.view.replaceBlocks(block));
    }
  }

  #blocks(): number {
    return this.database.prepare("SELECT count(*) AS n FROM event_block").get()!.n as number;
  }

  /**
   * Digests of all that can be read: events in both views, keys with their origins, sessions as they were after some events.
   */
  everything(): Record<string, string> {
    const events = Array.from({ length: this.head }, (_, index) => {
      const { frame, keys } = this.reader.event("default", index + 1, everyone)!;
      return [base64(frame), keys];
    });
    const asOf = [10, 50, 100, this.head];
    const sessions = [this.#sessions("listSessions", this.head), ...asOf.map((one) => this.#sessions("snapshot", one))];
    const all = { basic: this.#replayed("basic"), full: this.#replayed("full"), events, sessions };
    return Object.fromEntries(
      Object.entries(all).map(([name, value]) => [name, hash("sha256", JSON.stringify(value))]),
    );
  }

  #sessions(list: "listSessions" | "snapshot", asOf: number): string[] {
    const plan = this.#plan("basic");
    const found: string[] = [];
    for (let before: number | undefined = Number.MAX_SAFE_INTEGER; before !== undefined; ) {
      const page: SessionPage = this.reader[list](plan, { status: "all", asOf, before, limit: 1_000, maxBytes: 1e9 });
      found.push(...page.sessions.map(base64));
      before = page.next;
    }
    return found;
  }

  #plan(view: "basic" | "full"): PreparedPlan {
    return this.reader.prepare({ tenant: "default", filters: unfiltered, scope: "event", view, mask: undefined });
  }

  #replayed(view: "basic" | "full"): string {
    const plan = this.#plan(view);
    const frames: Uint8Array[] = [];
    for (let done = false, afterOffset = 0; !done; ) {
      const range = { afterOffset, upToOffset: this.head, direction: "up", maxBytes: 1e9 } as const;
      const slice = this.reader.read(plan, range);
      frames.push(...slice.runs.map((run) => run.frames));
      ({ done, scannedTo: afterOffset } = slice);
    }
    return base64(concat(frames));
  }

  dispose(): void {
    this.database.close();
    this.store.close();
    rmSync(this.folder, { recursive: true });
  }
}

describe("merging small blocks", () => {
  let small: SmallBlocks;
  beforeEach(() => {
    small = new SmallBlocks();
  });
  afterEach(() => small.dispose());

  it.each([1, 2, 3])("changes nothing of what is read (seed %i)", (seed) => {
    small.fill(seed);
    const before = small.everything();
    const blocks = small.mergeAll();
    expect(blocks.after).toBeLessThan(blocks.before / 10);
    expect(small.everything()).toEqual(before);
  });

  it("changes nothing for the calls that go on", () => {
    const other = new SmallBlocks();
    for (const seed of [4, 4, 5]) {
      small.fill(seed);
      other.fill(seed);
      small.mergeAll();
    }
    expect(small.everything()).toEqual(other.everything());
    other.dispose();
  });

  it("is left out when one of the blocks was trimmed meanwhile", () => {
    small.fill(6);
    const merged = new BlockMerger(small.database).next("default", 1, 0, small.head)!;
    small.store.group(() => small.store.view.trim("default", merged.first + 20));
    const { eventCount } = small.store.view.state("default");
    small.store.group(() => small.store.view.replaceBlocks(merged));
    const left = small.database.prepare("SELECT count(*) AS n FROM event_block WHERE last = ?").get(merged.last)!.n;
    expect(left).toBe(1);
    expect(small.database.prepare("SELECT 1 FROM event_block WHERE first = ?").get(merged.first)).toBeUndefined();
    expect(small.store.view.state("default").eventCount).toBe(eventCount);
  });
});
