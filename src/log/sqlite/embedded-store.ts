/**
 * Log, view and quarantine of a data folder. A group of changes is one transaction: it is on the disk whole when `group`
 * returns, or not at all when it throws.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { foldVersion } from "../../sessions/fold.ts";
import type { Log } from "../log.ts";
import { rebuildView } from "../rebuild-view.ts";
import type { Store } from "../store.ts";
import type { View } from "../view.ts";
import { openForWriting, setFormat, systemSchema } from "./database.ts";
import { JournalStore, journalFile } from "./journal-store.ts";
import { type QuarantineLimits, SqliteQuarantine } from "./sqlite-quarantine.ts";
import { Checkpoints, transaction } from "./transaction.ts";

export const systemFile = "system.db";

export class EmbeddedStore implements Store {
  readonly log: Log;
  readonly view: View;
  readonly quarantine: SqliteQuarantine;
  readonly #journal: JournalStore;
  readonly #system: DatabaseSync;
  readonly #systemCheckpoints: Checkpoints;
  readonly #newEpoch: () => string;

  constructor(dataDir: string, limits: QuarantineLimits, newEpoch = (): string => randomBytes(4).toString("hex")) {
    this.#newEpoch = newEpoch;
    this.#journal = new JournalStore(join(dataDir, journalFile));
    this.#system = openForWriting(join(dataDir, systemFile), systemSchema).database;
    if (this.#journal.isOld) this.#system.exec(systemSchema);
    this.#systemCheckpoints = new Checkpoints(this.#system);
    this.log = this.#journal.log;
    this.view = this.#journal.view;
    this.quarantine = new SqliteQuarantine(this.#system, limits);
    const { isOld, foldedBy } = this.#journal;
    if (isOld || (foldedBy !== undefined && foldedBy !== foldVersion)) this.#foldAgain();
    else if (foldedBy === undefined) this.#journal.noteFold(foldVersion);
  }

  /** Folds the whole log: the view of an older format, or of another fold, lacks what this one knows of events. */
  #foldAgain(): void {
    this.group(() => {
      for (const tenant of this.#journal.tenants.all()) rebuildView(this, tenant);
      this.#journal.noteFold(foldVersion);
    });
    this.#journal.isUpToDate();
    setFormat(this.#system);
  }

  /** Makes sure that a tenant has its place in the files. */
  ensureTenant(tenant: string): void {
    this.#journal.tenants.ensure(tenant, this.#newEpoch());
  }

  /** Runs changes of log and view as one durable transaction. */
  group<R>(changes: () => R): R {
    return this.#journal.group(changes);
  }

  quarantineGroup<R>(changes: () => R): R {
    try {
      return transaction(this.#system, changes);
    } catch (error) {
      this.quarantine.forgetTotals();
      throw error;
    }
  }

  /** A group is on the disk when it returns. */
  drain(): void {}

  /** Copies each WAL into its main file once it is long enough; readers are never waited for. */
  checkpointWhenLong(): void {
    this.#journal.checkpointWhenLong();
    this.#systemCheckpoints.whenLong();
  }

  /** Writes something of no consequence, to find out whether writing works. */
  writeProbe(): void {
    this.#journal.writeProbe();
    this.quarantineGroup(() => this.#system.exec("UPDATE sqlite_sequence SET seq = seq"));
  }

  close(): void {
    this.#journal.close();
    this.#system.close();
  }
}
