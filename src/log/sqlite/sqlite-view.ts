/** The embedded view: one row of `event_block` a block, and tables for duplicate keys and agents. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SessionKind } from "../../sessions/session-state.ts";
import type { StoredAgent } from "../agent-directory.ts";
import { compressForNow } from "../compression.ts";
import type { KeySegment } from "../key-segment.ts";
import type { MergedBlock } from "../merged-block.ts";
import { memoryAt, type SessionMemory } from "../session-memory.ts";
import type { StoredBlock } from "../stored-block.ts";
import type {
  DueSession,
  DuplicateKey,
  KnownContent,
  LoadedSession,
  SilentSince,
  StoredSession,
  View,
  ViewState,
} from "../view.ts";
import { lastEventFields } from "../view.ts";
import { foldedTables, waitingFor } from "./database.ts";
import { countPositions, decodePositions } from "./positions.ts";
import { SegmentTable } from "./segment-table.ts";
import { openSessions, type StoredSessions } from "./session-block.ts";
import type { TenantTable } from "./tenant-table.ts";

interface SessionRow {
  first: number;
  last: number;
  lastMs: number;
  sealed: 0 | 1;
  keys: string;
}

const minuteMs = 60_000;
/** Sessions of the current minute that a search for due ones looks at; the others are found once it is over. */
const maxLookedAt = 4_096;

/** Last events that one statement saves: a statement costs more than a row. */
const lastEventsAtOnce = 64;

function saveLastEvents(rows: number): string {
  const values = new Array<string>(rows).fill("(?, ?, ?, ?)").join(", ");
  return `INSERT OR REPLACE INTO session_last (tenant, first, last, last_ms) VALUES ${values}`;
}

const sealedUpTo = `SELECT s.first FROM session s JOIN session_last l ON l.tenant = s.tenant AND l.first = s.first
  WHERE s.tenant = ?1 AND last <= ?2 AND sealed = 1`;

type Statements = ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  const sql = (text: string): StatementSync => database.prepare(text);
  return {
    insertBlock: sql(
      "INSERT INTO event_block (tenant, first, last, last_ms, positions, keys, frames) VALUES (?, ?, ?, ?, ?, ?, ?)",
    ),
    advance: sql("UPDATE tenant SET applied = ?, event_count = event_count + ?, clock_ms = ? WHERE number = ?"),
    insertSessions: sql("INSERT INTO session_block (tenant, last, sessions) VALUES (?, ?, ?)"),
    currentSession: sql(
      `SELECT s.first, last, last_ms AS lastMs, sealed,
         (SELECT keys FROM session_keys k WHERE k.tenant = s.tenant AND k.first = s.first) AS keys
       FROM session s JOIN session_last l ON l.tenant = s.tenant AND l.first = s.first
       WHERE s.tenant = ? AND kind = ? AND id = ? AND source = ? ORDER BY s.first DESC LIMIT 1`,
    ),
    saveSession: sql(
      `INSERT INTO session (tenant, first, kind, source, id, silent_minute, ended, sealed, held)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (tenant, first) DO UPDATE SET
         silent_minute = excluded.silent_minute, ended = excluded.ended, sealed = excluded.sealed, held = excluded.held`,
    ),
    saveLastEvent: sql(saveLastEvents(1)),
    saveLastEvents: sql(saveLastEvents(lastEventsAtOnce)),
    saveKeys: sql("INSERT OR REPLACE INTO session_keys (tenant, first, keys) VALUES (?, ?, ?)"),
    due: sql(
      `SELECT kind, source, id, s.first AS firstOffset, last AS lastOffset FROM
         (SELECT * FROM session WHERE tenant = ? AND sealed = 0 AND ${waitingFor} = ? AND silent_minute <= ?
          ORDER BY silent_minute LIMIT ${maxLookedAt}) s
         JOIN session_last l ON l.tenant = s.tenant AND l.first = s.first
       WHERE last_ms < ? LIMIT ?`,
    ),
    sessionsOf: sql(
      `SELECT e.first, e.positions, s.sessions FROM event_block e JOIN session_block s ON s.tenant = e.tenant AND s.last = e.last
       WHERE e.tenant = ? AND e.last >= ? ORDER BY e.last LIMIT 1`,
    ),
    oldestUnsealed: sql("SELECT min(first) AS first FROM session WHERE tenant = ? AND sealed = 0"),
    deleteSessionBlocks: sql("DELETE FROM session_block WHERE tenant = ? AND last <= ?"),
    deleteKeys: sql(`DELETE FROM session_keys WHERE tenant = ?1 AND first IN (${sealedUpTo})`),
    deleteSessions: sql(`DELETE FROM session WHERE tenant = ?1 AND first IN (${sealedUpTo})`),
    deleteLastEvents: sql(
      `DELETE FROM session_last AS l WHERE tenant = ?1 AND last <= ?2
         AND NOT EXISTS (SELECT 1 FROM session s WHERE s.tenant = ?1 AND s.first = l.first)`,
    ),
    reset: sql("UPDATE tenant SET applied = trimmed, event_count = 0 WHERE number = ?"),
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
    agents: sql(
      "SELECT agent_id AS agentId, email, state, state_offset AS stateOffset, state_ms AS stateMs, source FROM agent WHERE tenant = ?",
    ),
    saveAgent: sql(
      "INSERT OR REPLACE INTO agent (tenant, agent_id, email, state, state_offset, state_ms, source) VALUES (?, ?, ?, ?, ?, ?, ?)",
    ),
    blocksBetween: sql(
      "SELECT count(*) AS blocks, min(first) AS begin FROM event_block WHERE tenant = ? AND last >= ? AND last <= ?",
    ),
    deleteBlocksBetween: sql("DELETE FROM event_block WHERE tenant = ? AND last >= ? AND last <= ?"),
    deleteSessionsBetween: sql("DELETE FROM session_block WHERE tenant = ? AND last >= ? AND last <= ?"),
    upTo: sql("SELECT last, length(positions) AS bytes FROM event_block WHERE tenant = ? AND last <= ?"),
    deleteBlocks: sql("DELETE FROM event_block WHERE tenant = ? AND last <= ?"),
    uncount: sql("UPDATE tenant SET event_count = event_count - ? WHERE number = ?"),
    blockAtTime: sql(
      "SELECT first, last, positions FROM event_block WHERE tenant = ? AND last_ms >= ? ORDER BY last_ms, last LIMIT 1",
    ),
  };
}

/** A block of sessions, decompressed. */
interface SessionBlock extends StoredSessions {
  /** Of its tenant. */
  number: number;
  offsets: Float64Array;
}

export class SqliteView implements View {
  readonly #database: DatabaseSync;
  /** The one read last: sessions that ended together are settled together. */
  #sessionBlock: SessionBlock | undefined;
  readonly #tenants: TenantTable;
  readonly #segments: SegmentTable;
  readonly #sql: Statements;

  constructor(database: DatabaseSync, tenants: TenantTable) {
    this.#database = database;
    this.#tenants = tenants;
    this.#segments = new SegmentTable(database);
    this.#sql = prepare(database);
  }

  #number(tenant: string): number {
    return this.#tenants.number(tenant);
  }

  state(tenant: string): ViewState {
    const { applied, eventCount, clockMs } = this.#tenants.row(tenant);
    return { appliedOffset: applied, eventCount, clockMs };
  }

  apply({ tenant, first, last, lastMs, count, positions, keys, frames, sessions }: StoredBlock): void {
    const number = this.#number(tenant);
    this.#sql.insertBlock.run(number, first, last, lastMs, positions, keys, frames);
    this.#sql.insertSessions.run(number, last, compressForNow(sessions));
    this.#sql.advance.run(last, count, lastMs, number);
  }

  clear(tenant: string): void {
    this.#sessionBlock = undefined;
    const number = this.#number(tenant);
    for (const table of foldedTables) {
      this.#database.prepare(`DELETE FROM ${table} WHERE tenant = ?`).run(number);
    }
    this.#sql.reset.run(number);
  }

  currentSession(tenant: string, kind: SessionKind, source: string, id: string): LoadedSession | undefined {
    const row = this.#sql.currentSession.get(this.#number(tenant), kind, id, source) as SessionRow | undefined;
    if (row === undefined || row.sealed === 1) return undefined;
    const { first: firstOffset, last: lastOffset, lastMs, keys } = row;
    return { firstOffset, lastOffset, lastMs, keys, ...this.#sessionAt(tenant, lastOffset) };
  }

  /** The session of an event that is its last, as it was after it. */
  #sessionAt(tenant: string, offset: number): { session: Uint8Array; memory: SessionMemory } {
    const number = this.#number(tenant);
    const known = this.#sessionBlock;
    const block =
      known?.number === number && known.offsets.includes(offset) ? known : this.#readSessions(number, offset);
    this.#sessionBlock = block;
    const ordinal = block.offsets.indexOf(offset);
    const memory = memoryAt(block.memories, ordinal);
    if (memory === undefined) throw new Error(`the event ${offset} has no session`);
    return { session: block.sessionOf(ordinal), memory };
  }

  #readSessions(number: number, offset: number): SessionBlock {
    const row = this.#sql.sessionsOf.get(number, offset) as { first: number } & Record<string, Uint8Array>;
    const { offsets } = decodePositions(row.positions!, row.first);
    return { number, offsets, ...openSessions(row.sessions!, offsets.length) };
  }

  saveSession(tenant: string, stored: StoredSession): void {
    const { kind, source, id, firstOffset, silentMinute, endedOffset = null, isSealed, isHeld } = stored;
    const flags = [isSealed ? 1 : 0, isHeld ? 1 : 0];
    const place = [this.#number(tenant), firstOffset, kind, source, id];
    this.#sql.saveSession.run(...place, silentMinute, endedOffset, ...flags);
  }

  saveSessionKeys(tenant: string, firstOffset: number, keys: string): void {
    this.#sql.saveKeys.run(this.#number(tenant), firstOffset, keys);
  }

  saveLastEvents(tenant: string, events: Float64Array): void {
    const number = this.#number(tenant);
    const { saveLastEvent, saveLastEvents } = this.#sql;
    const values: number[] = [];
    const atOnce = lastEventsAtOnce * lastEventFields;
    for (let at = 0; at < events.length; at += lastEventFields) {
      values.push(number, events[at]!, events[at + 1]!, events[at + 2]!);
      if ((at + lastEventFields) % atOnce !== 0) continue;
      saveLastEvents.run(...values);
      values.length = 0;
    }
    for (let at = 0; at < values.length; at += 1 + lastEventFields) {
      saveLastEvent.run(...values.slice(at, at + 1 + lastEventFields));
    }
  }

  dueSessions(tenant: string, { openMs, heldMs, closedMs }: SilentSince, limit: number): DueSession[] {
    const due: DueSession[] = [];
    [openMs, heldMs, closedMs].forEach((beforeMs, waiting) => {
      const minute = Math.floor(beforeMs / minuteMs);
      const rows = this.#sql.due.all(this.#number(tenant), waiting, minute, beforeMs, limit - due.length);
      const action = waiting === 2 ? "seal" : "expire";
      for (const row of rows) due.push({ action, ...row } as DueSession);
    });
    return due;
  }

  oldestUnsealed(tenant: string): number | undefined {
    return (this.#sql.oldestUnsealed.get(this.#number(tenant))!.first as number | null) ?? undefined;
  }

  findDuplicates(key: DuplicateKey, sinceMs: number): KnownContent[] {
    const { tenant, source, space, key: name } = key;
    return this.#sql.find.all(this.#number(tenant), source, space, name, sinceMs) as unknown as KnownContent[];
  }

  remember(key: DuplicateKey, content: KnownContent, receivedMs: number): void {
    const { tenant, source, space, key: name } = key;
    this.#sql.remember.run(this.#number(tenant), source, space, name, content.digest, content.offset, receivedMs);
  }

  forget(beforeMs: number, limit: number): number {
    const old = this.#sql.old.all(beforeMs, limit);
    for (const row of old) this.#sql.forget.run(row.tenant!, row.source!, row.space!, row.key!, row.digest!);
    return old.length;
  }

  agents(tenant: string): StoredAgent[] {
    return this.#sql.agents.all(this.#number(tenant)) as unknown as StoredAgent[];
  }

  saveAgent(tenant: string, { agentId, email, state, stateOffset, stateMs, source }: StoredAgent): void {
    this.#sql.saveAgent.run(this.#number(tenant), agentId, email, state, stateOffset, stateMs, source);
  }

  replaceBlocks({ tenant, first, last, lastMs, positions, frames, keys, sessions, replaced }: MergedBlock): void {
    const number = this.#number(tenant);
    const { blocks, begin } = this.#sql.blocksBetween.get(number, first, last) as { blocks: number; begin: number };
    if (blocks !== replaced || begin !== first) return;
    this.#sql.deleteBlocksBetween.run(number, first, last);
    this.#sql.deleteSessionsBetween.run(number, first, last);
    this.#sql.insertBlock.run(number, first, last, lastMs, positions, keys, frames);
    this.#sql.insertSessions.run(number, last, sessions);
    this.#sessionBlock = undefined;
  }

  addKeySegment(segment: KeySegment): void {
    const { number, trimmed } = this.#tenants.row(segment.tenant);
    const indexedUpTo = this.#segments.indexedUpTo(number);
    const goesOn = indexedUpTo === undefined ? segment.after <= trimmed : segment.after === indexedUpTo;
    if (goesOn) this.#segments.add(number, segment);
  }

  trim(tenant: string, upToOffset: number): number {
    const number = this.#number(tenant);
    let events = 0;
    let upTo = 0;
    for (const row of this.#sql.upTo.iterate(number, upToOffset)) {
      events += countPositions(row.bytes as number);
      upTo = Math.max(upTo, row.last as number);
    }
    this.#sql.deleteBlocks.run(number, upTo);
    this.#segments.trim(number, upTo);
    this.#sql.deleteSessionBlocks.run(number, upTo);
    this.#sql.deleteKeys.run(number, upTo);
    this.#sql.deleteSessions.run(number, upTo);
    this.#sql.deleteLastEvents.run(number, upTo);
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
