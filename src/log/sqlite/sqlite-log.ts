/** The embedded log: one row of `log_block` an append. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { compressEnvelopes, decodeEnvelopes, type EncodedEnvelopes } from "../envelope.ts";
import type { Log, LogHead, LogRecord } from "../log.ts";
import type { TenantTable } from "./tenant-table.ts";

export class SqliteLog implements Log {
  readonly #tenants: TenantTable;
  readonly #insert: StatementSync;
  readonly #advance: StatementSync;
  readonly #after: StatementSync;
  readonly #lastUpTo: StatementSync;
  readonly #delete: StatementSync;
  readonly #setTrimmed: StatementSync;
  readonly #setEpoch: StatementSync;
  readonly #addLineage: StatementSync;
  readonly #lineage: StatementSync;

  constructor(database: DatabaseSync, tenants: TenantTable) {
    this.#tenants = tenants;
    this.#insert = database.prepare("INSERT INTO log_block (tenant, first, last, envelopes) VALUES (?, ?, ?, ?)");
    this.#advance = database.prepare("UPDATE tenant SET head = head + ? WHERE number = ? RETURNING head");
    this.#after = database.prepare(
      "SELECT first, last, envelopes FROM log_block WHERE tenant = ? AND last > ? ORDER BY last LIMIT 16",
    );
    this.#lastUpTo = database.prepare("SELECT max(last) AS last FROM log_block WHERE tenant = ? AND last <= ?");
    this.#delete = database.prepare("DELETE FROM log_block WHERE tenant = ? AND last <= ?");
    this.#setTrimmed = database.prepare("UPDATE tenant SET trimmed = ? WHERE number = ?");
    this.#setEpoch = database.prepare("UPDATE tenant SET epoch = ? WHERE number = ?");
    this.#addLineage = database.prepare("INSERT INTO lineage (tenant, epoch, up_to) VALUES (?, ?, ?)");
    this.#lineage = database.prepare("SELECT epoch, up_to AS upTo FROM lineage WHERE tenant = ? ORDER BY up_to");
  }

  head(tenant: string): LogHead {
    const { epoch, head, trimmed } = this.#tenants.row(tenant);
    return { epoch, offset: head, trimmedTo: trimmed };
  }

  append(tenant: string, envelopes: EncodedEnvelopes): number {
    const number = this.#tenants.number(tenant);
    const last = this.#advance.get(envelopes.count, number)!.head as number;
    const first = last - envelopes.count + 1;
    this.#insert.run(number, first, last, compressEnvelopes(envelopes));
    return first;
  }

  read(tenant: string, afterOffset: number, limit: number): LogRecord[] {
    const records: LogRecord[] = [];
    for (const row of this.#after.iterate(this.#tenants.number(tenant), afterOffset)) {
      const first = row.first as number;
      decodeEnvelopes(row.envelopes as Uint8Array).forEach((envelope, index) => {
        if (first + index > afterOffset) records.push({ offset: first + index, envelope });
      });
      if (records.length >= limit) break;
    }
    return records;
  }

  trim(tenant: string, upToOffset: number): void {
    const number = this.#tenants.number(tenant);
    const { last } = this.#lastUpTo.get(number, upToOffset) as { last: number | null };
    if (last === null) return;
    this.#delete.run(number, last);
    this.#setTrimmed.run(last, number);
  }

  beginEpoch(tenant: string, epoch: string): void {
    const { number, head, epoch: old } = this.#tenants.row(tenant);
    this.#addLineage.run(number, old, head);
    this.#setEpoch.run(epoch, number);
  }

  lineage(tenant: string): { epoch: string; upTo: number }[] {
    return this.#lineage.all(this.#tenants.number(tenant)) as { epoch: string; upTo: number }[];
  }
}
