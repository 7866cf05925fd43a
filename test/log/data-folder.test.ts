import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockFolder } from "../../src/log/folder-lock.ts";
import { formatVersion } from "../../src/log/sqlite/database.ts";
import { EmbeddedStore } from "../../src/log/sqlite/embedded-store.ts";
import { journalFile } from "../../src/log/sqlite/journal-store.ts";

const limits = { maxQuarantineEntries: 3, maxQuarantineBytes: 100 };

describe("data folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "callwire-folder-"));
  });
  afterEach(() => {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true });
  });

  it("is held by one process, and a second one is told by whom", async () => {
    const script = `
      const { lockFolder } = await import(${JSON.stringify(new URL("../../src/log/folder-lock.ts", import.meta.url).href)});
      globalThis.lock = lockFolder(${JSON.stringify(folder)});
      console.log("held");
      setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");
    expect(() => lockFolder(folder)).toThrow(`is in use by process ${holder.pid} on`);
    holder.kill("SIGKILL");
    await once(holder, "exit");
    lockFolder(folder).release();
  });

  it.skipIf(!existsSync("/proc/self"))("says at once where none can be made", () => {
    expect(() => lockFolder("/proc/callwire/data")).toThrow(
      "the data folder /proc/callwire/data cannot be made: ENOENT",
    );
  });

  it("is made with those above it", () => {
    lockFolder(join(folder, "a/b/c")).release();
    expect(existsSync(join(folder, "a/b/c"))).toBe(true);
  });

  it("lets nobody but its owner and the group read what it holds", () => {
    const lock = lockFolder(folder);
    const store = new EmbeddedStore(folder, limits);
    store.ensureTenant("default");
    store.quarantineGroup(() => undefined);
    const modes = readdirSync(folder).map((file) => [file, statSync(join(folder, file)).mode & 0o777]);
    expect(modes.length).toBeGreaterThan(5);
    expect(modes.filter(([, mode]) => mode !== 0o640)).toEqual([]);
    store.close();
    lock.release();
  });

  it("refuses a file that is not SQLite", () => {
    writeFileSync(join(folder, journalFile), "not a database at all, but long enough to have a header".repeat(20));
    expect(() => new EmbeddedStore(folder, limits)).toThrow(/callwire\.db cannot be opened: .*not a database/);
  });

  it("refuses a SQLite file of another program", () => {
    const foreign = new DatabaseSync(join(folder, journalFile));
    foreign.exec("CREATE TABLE x (y)");
    foreign.close();
    expect(() => new EmbeddedStore(folder, limits)).toThrow(/is not a file of Callwire/);
  });

  it("refuses a newer format instead of damaging it", () => {
    new EmbeddedStore(folder, limits).close();
    const newer = new DatabaseSync(join(folder, journalFile));
    newer.exec(`PRAGMA user_version=${formatVersion + 1}`);
    newer.close();
    expect(() => new EmbeddedStore(folder, limits)).toThrow(
      `has format ${formatVersion + 1}, this version reads ${formatVersion}`,
    );
  });
});

describe("quarantine", () => {
  let folder: string;
  let store: EmbeddedStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "callwire-quarantine-"));
    store = new EmbeddedStore(folder, limits);
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });
  const add = (content: string, receivedMs: number): number =>
    store.quarantine.add({
      tenant: "a",
      source: "ccai",
      reason: "MALFORMED_JSON",
      message: "no",
      receivedMs,
      content: Buffer.from(content),
    });

  it("counts equal bytes as one entry", () => {
    add("x", 1);
    add("x", 5);
    expect(store.quarantine.list("a", "", "", 0, 10)).toMatchObject([
      { count: 2, firstReceivedMs: 1, lastReceivedMs: 5, sizeBytes: 1, reason: "MALFORMED_JSON" },
    ]);
  });

  it("lets the oldest go when there are too many entries, and says how many", () => {
    for (const content of ["1", "2", "3"]) expect(add(content, 1)).toBe(0);
    expect(add("4", 1)).toBe(1);
    const contents = store.quarantine
      .ids("a")
      .map((id) => Buffer.from(store.quarantine.get("a", id)!.content).toString());
    expect(contents).toEqual(["2", "3", "4"]);
  });

  it("lets the oldest go when there are too many bytes, but never the newest", () => {
    add("x".repeat(60), 1);
    expect(add("y".repeat(200), 1)).toBe(1);
    expect(store.quarantine.count("a")).toBe(1);
  });
});
