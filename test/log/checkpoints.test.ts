/** The WAL of a file that is written all the time stays short, or it would be read at every start and fill the disk. */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openForWriting } from "../../src/log/sqlite/database.ts";
import { Checkpoints, transaction } from "../../src/log/sqlite/transaction.ts";

it("the WAL is copied back long before it has all that was written", () => {
  const folder = mkdtempSync(join(tmpdir(), "callwire-checkpoints-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "file.db");
  const { database } = openForWriting(path, "CREATE TABLE IF NOT EXISTS blob (bytes BLOB);");
  const checkpoints = new Checkpoints(database);
  const insert = database.prepare("INSERT INTO blob (bytes) VALUES (?)");
  const bytes = new Uint8Array(256 * 1024);
  for (let change = 0; change < 200; change++) {
    transaction(database, () => insert.run(bytes));
    checkpoints.whenLong();
  }
  const wal = statSync(`${path}-wal`).size;
  database.close();
  expect(wal).toBeLessThan(24 * 1024 * 1024);
});
