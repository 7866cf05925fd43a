/**
 * The quarantine: input that cannot be an event, kept with its bytes. Bounded by entries and bytes a tenant; when it is
 * full the oldest goes. Equal bytes of one source are one entry with a count.
 */
import { hash } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Reason } from "../../errors/catalogue.ts";
import type { QuarantineEntry } from "../gateway-log.ts";

export interface QuarantineLimits {
  maxQuarantineEntries: number;
  maxQuarantineBytes: number;
}

export interface QuarantineInput {
  tenant: string;
  source: string;
  reason: Reason;
  message: string;
  receivedMs: number;
  content: Uint8Array;
}

const columns = `id, tenant, source, reason, message, first_ms AS firstReceivedMs, last_ms AS lastReceivedMs, count,
  size AS sizeBytes`;

/** What a tenant's entries add up to. Counting them anew for each would take longer the fuller it is. */
interface Totals {
  entries: number;
  bytes: number;
}

export class SqliteQuarantine {
  readonly #totals = new Map<string, Totals>();
  readonly #limits: QuarantineLimits;
  readonly #sql: Record<"upsert" | "totals" | "oldest" | "remove" | "list" | "get" | "ids", StatementSync>;

  constructor(database: DatabaseSync, limits: QuarantineLimits) {
    this.#limits = limits;
    this.#sql = {
      upsert: database.prepare(
        `INSERT INTO quarantine (tenant, source, reason, message, first_ms, last_ms, count, size, digest, content)
         VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?)
         ON CONFLICT (tenant, source, digest) DO UPDATE SET count = count + 1, last_ms = excluded.last_ms
         RETURNING count`,
      ),
      totals: database.prepare(
        "SELECT count(*) AS entries, coalesce(sum(size), 0) AS bytes FROM quarantine WHERE tenant = ?",
      ),
      oldest: database.prepare("SELECT id, size FROM quarantine WHERE tenant = ? ORDER BY id LIMIT 1"),
      remove: database.prepare("DELETE FROM quarantine WHERE tenant = ? AND id = ? RETURNING size"),
      list: database.prepare(
        `SELECT ${columns} FROM quarantine WHERE tenant = ? AND id > ? AND (? = '' OR source = ?) AND (? = '' OR reason = ?)
         ORDER BY id LIMIT ?`,
      ),
      get: database.prepare(`SELECT ${columns}, content FROM quarantine WHERE tenant = ? AND id = ?`),
      ids: database.prepare("SELECT id FROM quarantine WHERE tenant = ? ORDER BY id"),
    };
  }

  /** Stores an entry and gives the number of older ones that had to go. */
  add(input: QuarantineInput): number {
    const { tenant, source, reason, message, receivedMs, content } = input;
    const totals = this.#totalsOf(tenant);
    const digest = hash("sha256", content);
    const size = content.length;
    const row = this.#sql.upsert.get(tenant, source, reason, message, receivedMs, receivedMs, size, digest, content);
    if (row!.count !== 1) return 0;
    totals.entries++;
    totals.bytes += size;
    return this.#displace(tenant, totals);
  }

  #displace(tenant: string, totals: Totals): number {
    const { maxQuarantineEntries, maxQuarantineBytes } = this.#limits;
    let displaced = 0;
    while (totals.entries > maxQuarantineEntries || (totals.bytes > maxQuarantineBytes && totals.entries > 1)) {
      this.remove(tenant, this.#sql.oldest.get(tenant)!.id as number);
      displaced++;
    }
    return displaced;
  }

  #totalsOf(tenant: string): Totals {
    let totals = this.#totals.get(tenant);
    if (totals === undefined) {
      totals = { ...(this.#sql.totals.get(tenant) as unknown as Totals) };
      this.#totals.set(tenant, totals);
    }
    return totals;
  }

  /** A transaction failed: what is on the disk counts. */
  forgetTotals(): void {
    this.#totals.clear();
  }

  list(tenant: string, source: string, reason: string, afterId: number, limit: number): QuarantineEntry[] {
    return this.#sql.list.all(tenant, afterId, source, source, reason, reason, limit) as unknown as QuarantineEntry[];
  }

  count(tenant: string): number {
    return this.#totalsOf(tenant).entries;
  }

  get(tenant: string, id: number): { entry: QuarantineEntry; content: Uint8Array } | undefined {
    const row = this.#sql.get.get(tenant, id);
    if (row === undefined) return undefined;
    const { content, ...entry } = row;
    return { entry: entry as unknown as QuarantineEntry, content: content as Uint8Array };
  }

  ids(tenant: string): number[] {
    return this.#sql.ids.all(tenant).map((row) => row.id as number);
  }

  remove(tenant: string, id: number): boolean {
    const totals = this.#totalsOf(tenant);
    const row = this.#sql.remove.get(tenant, id);
    if (row === undefined) return false;
    totals.entries--;
    totals.bytes -= row.size as number;
    return true;
  }
}
