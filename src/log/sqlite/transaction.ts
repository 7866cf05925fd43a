/** Transactions and the WAL of a file that is open for writing. */
import type { DatabaseSync } from "node:sqlite";

/** Pages in the WAL after which it is copied back into the main file (4 KiB each). */
const checkpointPages = 4_096;

/** Runs changes as one transaction, on the disk when this returns, or undone when it throws. */
export function transaction<R>(database: DatabaseSync, changes: () => R): R {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = changes();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // Some errors of SQLite (a full disk among them) end the transaction by themselves.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** Copies the WAL into the main file once it is long enough; readers are never waited for. */
export function checkpointWhenLong(database: DatabaseSync): void {
  const row = database.prepare("PRAGMA wal_checkpoint(NOOP)").get() as { log?: number } | undefined;
  if (row?.log === undefined || row.log < 0 || row.log >= checkpointPages) {
    database.exec("PRAGMA wal_checkpoint(PASSIVE)");
  }
}
