/** The embedded view: one row of `event_block` a block, and tables for duplicate keys and agents. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { encodeBlockKeys } from "../../filters/block-keys.ts";
import { blockFirstOffset, blockLastOffset, type EncodedBlock } from "../block.ts";
import type { DuplicateKey, KnownContent, View, ViewState } from "../view.ts";
import { decodePositions, encodePositions } from "./positions.ts";
import type { TenantTable } from "./tenant-table.ts";

type Statements = ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  const sql = (text: string): StatementSync => database.prepare(text);
  return {
    insertBlock: sql(
      "INSERT INTO event_block (tenant, first, last, last_ms, positions, keys, frames) VALUES (?, ?, ?, ?, ?, ?, ?)",
    ),
    advance: sql("UPDATE tenant SET applied = ?, event_count = event_count + ?, clock_ms = ? WHERE number = ?"),
    find: sql(
      "SELECT digest, event_offset AS offset FROM duplicate WHERE tenant = ? AND source = ? AND space = ? AND key = ? AND received_ms >= ?",
    ),
    remember: sql(
      "INSERT OR REPLACE INTO duplicate (tenant, source, space, key, digest, event_offset, received_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
    ),
    old: sql(
      "SELECT tenant, source, space, key, digest FROM duplicate WHERE received_ms < ? ORDER BY received_ms LIMIT ?",
    ),
    forget: sql("DELETE FROM duplicate WHERE tenant = ? AND source = ? AND space = ? AND key = ? AND digest = ?"),
    agents: sql("SELECT agent_id AS agentId, email FROM agent WHERE tenant = ?"),
    rememberAgent: sql("INSERT OR REPLACE INTO agent (tenant, agent_id, email) VALUES (?, ?, ?)"),
    upTo: sql("SELECT last, positions FROM event_block WHERE tenant = ? AND last <= ?"),
    deleteBlocks: sql("DELETE FROM event_block WHERE tenant = ? AND last <= ?"),
    uncount: sql("UPDATE tenant SET event_count = event_count - ? WHERE number = ?"),
    blockAtTime: sql(
      "SELECT first, last, positions FROM event_block WHERE tenant = ? AND last_ms >= ? ORDER BY last_ms, last LIMIT 1",
    ),
  };
}

export class SqliteView implements View {
  readonly #tenants: TenantTable;
  readonly #sql: Statements;

  constructor(database: DatabaseSync, tenants: TenantTable) {
    this.#tenants = tenants;
    this.#sql = prepare(database);
  }

  #number(tenant: string): number {
    return this.#tenants.row(tenant).number;
  }

  state(tenant: string): ViewState {
    const { applied, eventCount, clockMs } = this.#tenants.row(tenant);
    return { appliedOffset: applied, eventCount, clockMs };
  }

  apply(block: EncodedBlock): void {
    const number = this.#number(block.tenant);
    const last = blockLastOffset(block);
    const lastMs = block.receivedMs.at(-1)!;
    const keys = encodeBlockKeys(block.keys);
    this.#sql.insertBlock.run(
      number,
      blockFirstOffset(block),
      last,
      lastMs,
      encodePositions(block),
      keys,
      block.frames,
    );
    this.#sql.advance.run(last, block.offsets.length, lastMs, number);
  }

  findDuplicates(key: DuplicateKey, sinceMs: number): KnownContent[] {
    const { tenant, source, space, key: name } = key;
    return this.#sql.find.all(this.#number(tenant), source, space, name, sinceMs) as unknown as KnownContent[];
  }

  remember(key: DuplicateKey, content: KnownContent, receivedMs: number): void {
    const { tenant, source, space, key: name } = key;
    this.#sql.remember.run(this.#number(tenant), source, space, name, content.digest, content.offset, receivedMs);
  }

  forget(beforeMs: number, limit: number): void {
    for (const row of this.#sql.old.all(beforeMs, limit)) {
      this.#sql.forget.run(row.tenant!, row.source!, row.space!, row.key!, row.digest!);
    }
  }

  agentEmails(tenant: string): Map<string, string> {
    const rows = this.#sql.agents.all(this.#number(tenant)) as { agentId: string; email: string }[];
    return new Map(rows.map(({ agentId, email }) => [agentId, email]));
  }

  rememberAgent(tenant: string, agentId: string, email: string): void {
    this.#sql.rememberAgent.run(this.#number(tenant), agentId, email);
  }

  trim(tenant: string, upToOffset: number): number {
    const number = this.#number(tenant);
    let events = 0;
    let upTo = 0;
    for (const row of this.#sql.upTo.iterate(number, upToOffset)) {
      events += decodePositions(row.positions as Uint8Array, 0).offsets.length;
      upTo = Math.max(upTo, row.last as number);
    }
    this.#sql.deleteBlocks.run(number, upTo);
    this.#sql.uncount.run(events, number);
    return upTo;
  }

  offsetBefore(tenant: string, timeMs: number): number {
    const { number, applied } = this.#tenants.row(tenant);
    const row = this.#sql.blockAtTime.get(number, timeMs);
    if (row === undefined) return applied;
    const { offsets, receivedMs } = decodePositions(row.positions as Uint8Array, row.first as number);
    return offsets[receivedMs.findIndex((ms) => ms >= timeMs)]! - 1;
  }
}
