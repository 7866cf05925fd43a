import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultLimits } from "../../src/config/limits.ts";
import { rebuildView } from "../../src/log/rebuild-view.ts";
import { Sequencer } from "../../src/log/sequencer.ts";
import { EmbeddedStore } from "../../src/log/sqlite/embedded-store.ts";
import { journalFile } from "../../src/log/sqlite/journal-store.ts";
import { contactCentre } from "../../src/simulator/contact-centre.ts";

describe("a rebuild of the view", () => {
  let folder: string;
  let store: EmbeddedStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "callwire-rebuild-"));
    store = new EmbeddedStore(folder, defaultLimits);
    store.ensureTenant("default");
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });

  /** A contact centre's day with disorder and garbage, in groups of uneven size, with restarts of the sequencer. */
  function live(seed: number): void {
    let now = 1_700_000_000_000;
    const posts = [...contactCentre({ seed, calls: 60, duplicates: 0.1, reorder: 0.1, garbage: 0.05 })];
    for (let at = 0, size = 1; at < posts.length; at += size, size = (size * 7) % 23) {
      now += 250 * size;
      const sequencer = new Sequencer(store, defaultLimits, () => now);
      const group = posts.slice(at, at + size).map(({ source, body }) => {
        return { tenant: "default", source, form: "body" as const, bytes: Buffer.from(body) };
      });
      sequencer.run(group);
    }
  }

  /** Every row of what is folded. */
  function folded(): Record<string, unknown[]> {
    const database = new DatabaseSync(join(folder, journalFile), { readOnly: true });
    const tables = [
      "fold",
      "tenant",
      "event_block",
      "session_block",
      "session",
      "session_keys",
      "session_last",
      "agent",
    ];
    const rows = tables.map((table) => [table, database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all()]);
    database.close();
    return Object.fromEntries(rows);
  }

  it.each([1, 2, 3])("is byte for byte what was stored live (seed %i)", (seed) => {
    live(seed);
    const before = folded();
    expect(before.session!.length).toBeGreaterThan(40);
    store.group(() => rebuildView(store, "default"));
    expect(folded()).toEqual(before);
  });

  it.each([0, 99])("is made at the start when another version of the fold (%i) made what is there", (version) => {
    live(5);
    const before = folded();
    store.close();
    const other = new DatabaseSync(join(folder, journalFile));
    other.exec(`UPDATE fold SET version = ${version}; UPDATE event_block SET keys = x'00'; DELETE FROM session_last`);
    other.close();
    store = new EmbeddedStore(folder, defaultLimits);
    expect(folded()).toEqual(before);
  });

  it("is not made when this version made what is there", () => {
    live(6);
    store.close();
    const marked = new DatabaseSync(join(folder, journalFile));
    marked.exec("UPDATE event_block SET keys = x'00'");
    marked.close();
    const before = folded();
    store = new EmbeddedStore(folder, defaultLimits);
    expect(folded()).toEqual(before);
  });

  it("brings a folder of the first format up to date", () => {
    live(4);
    const before = folded();
    store.close();
    const old = new DatabaseSync(join(folder, journalFile));
    old.exec(
      "DROP TABLE session_block; DROP TABLE session; DROP TABLE session_keys; DELETE FROM event_block; PRAGMA user_version=1",
    );
    old.close();
    store = new EmbeddedStore(folder, defaultLimits);
    expect(folded()).toEqual(before);
  });
});
