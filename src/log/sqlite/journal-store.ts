/** Log and view in their file, for a thread that writes. Several threads may have it open; one writes at a time. */
import type { DatabaseSync } from "node:sqlite";
import type { Log } from "../log.ts";
import type { View } from "../view.ts";
import { foldedTables, formatVersion, journalSchema, openForWriting, setFormat } from "./database.ts";
import { SqliteLog } from "./sqlite-log.ts";
import { SqliteView } from "./sqlite-view.ts";
import { TenantTable } from "./tenant-table.ts";
import { Checkpoints, transaction } from "./transaction.ts";

export const journalFile = "callwire.db";

export class JournalStore {
  readonly log: Log;
  readonly view: View;
  readonly tenants: TenantTable;
  /** The view was made by an older version and has to be made anew: what it lacks of tables is there, empty. */
  readonly isOld: boolean;
  readonly #database: DatabaseSync;
  readonly #checkpoints: Checkpoints;

  constructor(path: string) {
    const { database, format } = openForWriting(path, journalSchema);
    this.#database = database;
    this.isOld = format < formatVersion;
    if (this.isOld)
      database.exec(`${foldedTables.map((table) => `DROP TABLE IF EXISTS ${table};`).join(" ")} ${journalSchema}`);
    this.#checkpoints = new Checkpoints(database);
    this.tenants = new TenantTable(database);
    this.log = new SqliteLog(database, this.tenants);
    this.view = new SqliteView(database, this.tenants);
  }

  /** Version of the fold that made the view; undefined while there is none. */
  get foldedBy(): number | undefined {
    return this.#database.prepare("SELECT version FROM fold").get()?.version as number | undefined;
  }

  /** Says which fold made the view. */
  noteFold(version: number): void {
    this.#database.prepare("INSERT OR REPLACE INTO fold (only, version) VALUES (1, ?)").run(version);
  }

  /** The file has the format of this version. */
  isUpToDate(): void {
    setFormat(this.#database);
  }

  /** Runs changes as one durable transaction. */
  group<R>(changes: () => R): R {
    return transaction(this.#database, changes);
  }

  /** Writes something of no consequence, to find out whether writing works. */
  writeProbe(): void {
    this.group(() => this.#database.exec("UPDATE tenant SET clock_ms = clock_ms"));
  }

  checkpointWhenLong(): void {
    this.#checkpoints.whenLong();
  }

  close(): void {
    this.#database.close();
  }
}
