/** The table of tenants: their numbers in the file, and the counters that log and view keep there. */
import type { DatabaseSync, StatementSync } from "node:sqlite";

export interface TenantRow {
  number: number;
  epoch: string;
  head: number;
  trimmed: number;
  applied: number;
  eventCount: number;
  clockMs: number;
}

export class TenantTable {
  readonly #select: StatementSync;
  readonly #insert: StatementSync;
  readonly #ids: StatementSync;
  /** Numbers never change. */
  readonly #numbers = new Map<string, number>();

  constructor(database: DatabaseSync) {
    this.#select = database.prepare(
      "SELECT number, epoch, head, trimmed, applied, event_count AS eventCount, clock_ms AS clockMs FROM tenant WHERE id = ?",
    );
    this.#ids = database.prepare("SELECT id FROM tenant ORDER BY number");
    this.#insert = database.prepare(
      "INSERT OR IGNORE INTO tenant (id, epoch, head, trimmed, applied, event_count, clock_ms) VALUES (?, ?, 0, 0, 0, 0, 0)",
    );
  }

  /** Adds a tenant that is not known yet, with the epoch given. */
  ensure(tenant: string, epoch: string): void {
    this.#insert.run(tenant, epoch);
  }

  number(tenant: string): number {
    let number = this.#numbers.get(tenant);
    if (number === undefined) {
      number = this.row(tenant).number;
      this.#numbers.set(tenant, number);
    }
    return number;
  }

  all(): string[] {
    return this.#ids.all().map(({ id }) => id as string);
  }

  row(tenant: string): TenantRow {
    const row = this.#select.get(tenant);
    if (row === undefined) throw new Error(`tenant ${tenant} is not in the file`);
    return row as unknown as TenantRow;
  }
}
