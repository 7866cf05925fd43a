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

export class SqliteQuarantine {
  readonly #limits: QuarantineLimits;
  readonly #sql: Record<"upsert" | "totals" | "oldest" | "remove" | "list" | "count" | "get" | "ids", StatementSync>;

  constructor(database: DatabaseSync, limits: QuarantineLimits) {
    this.#limits = limits;
    this.#sql = {
      upsert: database.prepare(
        `INSERT INTO quarantine (tenant, source, reason, message, first_ms, last_ms, count, size, digest, content)
         VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?)
         ON CONFLICT (tenant, source, digest) DO UPDATE SET count = count + 1, last_ms = excluded.last_ms`,
      ),
      totals: database.prepare(
        "SELECT count(*) AS entries, coalesce(sum(size), 0) AS bytes FROM quarantine WHERE tenant = ?",
      ),
      oldest: database.prepare("SELECT id, size FROM quarantine WHERE tenant = ? ORDER BY id LIMIT 1"),
      remove: database.prepare("DELETE FROM quarantine WHERE tenant = ? AND id = ?"),
      list: database.prepare(
        `SELECT ${columns} FROM quarantine WHERE tenant = ? AND id > ? AND (? = '' OR source = ?) AND (? = '' OR reason = ?)
         ORDER BY id LIMIT ?`,
      ),
      count: database.prepare("SELECT count(*) AS n FROM quarantine WHERE tenant = ?"),
      get: database.prepare(`SELECT ${columns}, content FROM quarantine WHERE tenant = ? AND id = ?`),
      ids: database.prepare("SELECT id FROM quarantine WHERE tenant = ? ORDER BY id"),
    };
  }

  /** Stores an entry and gives the number of older ones that had to go. */
  add(input: QuarantineInput): number {
    const { tenant, source, reason, message, receivedMs, content } = input;
    const digest = hash("sha256", content);
    this.#sql.upsert.run(tenant, source, reason, message, receivedMs, receivedMs, content.length, digest, content);
    return this.#displace(tenant);
  }

  #displace(tenant: string): number {
    let { entries, bytes } = this.#sql.totals.get(tenant) as { entries: number; bytes: number };
    let displaced = 0;
    while (entries > this.#limits.maxQuarantineEntries || (bytes > this.#limits.maxQuarantineBytes && entries > 1)) {
      const oldest = this.#sql.oldest.get(tenant) as { id: number; size: number };
      this.#sql.remove.run(tenant, oldest.id);
      entries--;
      bytes -= oldest.size;
      displaced++;
    }
    return displaced;
  }

  list(tenant: string, source: string, reason: string, afterId: number, limit: number): QuarantineEntry[] {
    return this.#sql.list.all(tenant, afterId, source, source, reason, reason, limit) as unknown as QuarantineEntry[];
  }

  count(tenant: string): number {
    return (this.#sql.count.get(tenant) as { n: number }).n;
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
    return this.#sql.remove.run(tenant, id).changes > 0;
  }
}
