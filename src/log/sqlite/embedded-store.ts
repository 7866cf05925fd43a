/**
 * Log, view and quarantine of a data folder, for the one thread that writes. A group of changes is one transaction: it is
 * on the disk whole when `group` returns, or not at all when it throws.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { foldVersion } from "../../sessions/fold.ts";
import type { Log } from "../log.ts";
import { rebuildView } from "../rebuild-view.ts";
import type { View } from "../view.ts";
import { foldedTables, formatVersion, journalSchema, openForWriting, setFormat, systemSchema } from "./database.ts";
import { SqliteLog } from "./sqlite-log.ts";
import { type QuarantineLimits, SqliteQuarantine } from "./sqlite-quarantine.ts";
import { SqliteView } from "./sqlite-view.ts";
import { TenantTable } from "./tenant-table.ts";

export const journalFile = "callwire.db";
export const systemFile = "system.db";

/** Pages in the WAL after which it is copied back into the main file (4 KiB each). */
const checkpointPages = 4_096;

export class EmbeddedStore {
  readonly log: Log;
  readonly view: View;
  readonly quarantine: SqliteQuarantine;
  readonly #journal: DatabaseSync;
  readonly #system: DatabaseSync;
  readonly #newEpoch: () => string;
  readonly #tenants: TenantTable;

  constructor(dataDir: string, limits: QuarantineLimits, newEpoch = (): string => randomBytes(4).toString("hex")) {
    this.#newEpoch = newEpoch;
    const journal = openForWriting(join(dataDir, journalFile), journalSchema);
    this.#journal = journal.database;
    // The tables that an older format lacks are made, empty; the statements below need them.
    if (journal.format < formatVersion)
      this.#journal.exec(`${foldedTables.map((table) => `DROP TABLE IF EXISTS ${table};`).join(" ")} ${journalSchema}`);
    this.#system = openForWriting(join(dataDir, systemFile), systemSchema).database;
    if (journal.format < formatVersion) this.#system.exec(systemSchema);
    this.#tenants = new TenantTable(this.#journal);
    this.log = new SqliteLog(this.#journal, this.#tenants);
    this.view = new SqliteView(this.#journal, this.#tenants);
    this.quarantine = new SqliteQuarantine(this.#system, limits);
    const foldedBy = this.#journal.prepare("SELECT version FROM fold").get()?.version;
    const isOther = foldedBy !== undefined && foldedBy !== foldVersion;
    if (journal.format < formatVersion || isOther) this.#foldAgain();
    else if (foldedBy === undefined) this.#noteFold();
  }

  /** Folds the whole log: the view of an older format, or of another fold, lacks what this one knows of events. */
  #foldAgain(): void {
    this.group(() => {
      for (const tenant of this.#tenants.all()) rebuildView(this, tenant);
      this.#noteFold();
    });
    setFormat(this.#journal);
    setFormat(this.#system);
  }

  /** Says which fold made the view. */
  #noteFold(): void {
    this.#journal.prepare("INSERT OR REPLACE INTO fold (only, version) VALUES (1, ?)").run(foldVersion);
  }

  /** Makes sure that a tenant has its place in the files. */
  ensureTenant(tenant: string): void {
    this.#tenants.ensure(tenant, this.#newEpoch());
  }

  /** Runs changes of log and view as one durable transaction. */
  group<R>(changes: () => R): R {
    return transaction(this.#journal, changes);
  }

  /** Runs changes of the quarantine as one durable transaction. */
  quarantineGroup<R>(changes: () => R): R {
    try {
      return transaction(this.#system, changes);
    } catch (error) {
      this.quarantine.forgetTotals();
      throw error;
    }
  }

  /** Copies the WAL into the main file once it is long enough; readers are never waited for. */
  checkpointWhenLong(): void {
    const row = this.#journal.prepare("PRAGMA wal_checkpoint(NOOP)").get() as { log?: number } | undefined;
    if (row?.log === undefined || row.log < 0 || row.log >= checkpointPages) this.checkpoint();
  }

  /** Writes something of no consequence, to find out whether writing works. */
  writeProbe(): void {
    this.group(() => this.#journal.exec("UPDATE tenant SET clock_ms = clock_ms"));
    this.quarantineGroup(() => this.#system.exec("UPDATE sqlite_sequence SET seq = seq"));
  }

  checkpoint(): void {
    this.#journal.exec("PRAGMA wal_checkpoint(PASSIVE)");
    this.#system.exec("PRAGMA wal_checkpoint(PASSIVE)");
  }

  close(): void {
    this.#journal.close();
    this.#system.close();
  }
}

function transaction<R>(database: DatabaseSync, changes: () => R): R {
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
