/** Transactions and the WAL of a file that is open for writing. */
import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Pages in the WAL after which it is copied back into the main file (4 KiB each). */
const checkpointPages = 4_096;
/** Looking how long the WAL is costs as much as a small change. */
const changesBetweenLooks = 8;

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

/** Copies the WAL of a file into its main file once it is long enough; readers are never waited for. */
export class Checkpoints {
  readonly #database: DatabaseSync;
  readonly #walPages: StatementSync;
  #changes = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#walPages = database.prepare("PRAGMA wal_checkpoint(NOOP)");
  }

  /** After a change. */
  whenLong(): void {
    if (++this.#changes % changesBetweenLooks !== 0) return;
    const row = this.#walPages.get() as { log?: number } | undefined;
    if (row?.log === undefined || row.log < 0 || row.log >= checkpointPages) {
      this.#database.exec("PRAGMA wal_checkpoint(PASSIVE)");
    }
  }
}
