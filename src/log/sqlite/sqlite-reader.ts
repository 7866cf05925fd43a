/** Reads blocks of the embedded view for one reader thread. Read-only; sees committed state only. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { decodeBlockKeys, keysOfEvent } from "../../filters/block-keys.ts";
import type { CompiledFilter } from "../../filters/compile.ts";
import { FilterIndex } from "../../filters/filter-index.ts";
import { encodeTail, frameAt, fullFrame, noBytes } from "../block.ts";
import { decodeEnvelopes } from "../envelope.ts";
import type {
  FollowedSession,
  ReadPlan,
  ReadRange,
  ReadSlice,
  SessionPage,
  SessionQuery,
  StoredEvent,
} from "../event-reader.ts";
import { CallScope, type FindBlock, type StoredBlock } from "./call-scope.ts";
import { decodePositions, type Positions } from "./positions.ts";
import { RunCollector } from "./run-collector.ts";
import { decodeSessions } from "./session-block.ts";
import { SessionReader } from "./session-reader.ts";
import { SqliteView } from "./sqlite-view.ts";
import { TenantTable } from "./tenant-table.ts";

/** A slice ends after this long, whatever it has found. */
const sliceMs = 15;

interface BlockRow {
  first: number;
  last: number;
  positions: Uint8Array;
  /** Null where the plan does not look at keys. */
  keys: Uint8Array | null;
  frames: Uint8Array;
}

export interface PreparedPlan extends ReadPlan {
  index: FilterIndex<null>;
  /** Set for scope CALL. */
  callScope: CallScope | undefined;
}

/** Decoded blocks kept for walking back along sessions. */
const maxKeptBlocks = 64;
const noFilters: readonly CompiledFilter[] = [];

export class SqliteReader {
  readonly sessions: SessionReader;
  readonly #tenants: TenantTable;
  readonly #view: SqliteView;
  readonly #up: StatementSync;
  readonly #upWithKeys: StatementSync;
  readonly #downWithKeys: StatementSync;
  readonly #blockOf: StatementSync;
  readonly #envelopes: StatementSync;
  readonly #sessions: StatementSync;
  readonly #email: StatementSync;
  readonly #unsealed: StatementSync;
  readonly #kept = new Map<{ tenant: number }, StoredBlock>();

  constructor(database: DatabaseSync) {
    this.#tenants = new TenantTable(database);
    this.#view = new SqliteView(database, this.#tenants);
    const up = (keys: string): string =>
      `SELECT first, last, positions, ${keys}, frames FROM event_block WHERE tenant = ? AND last > ? ORDER BY last`;
    this.#up = database.prepare(up("NULL AS keys"));
    this.#upWithKeys = database.prepare(up("keys"));
    // Walking back along sessions goes on while blocks are iterated, so it needs a statement of its own.
    this.#blockOf = database.prepare(`${up("keys")} LIMIT 1`);
    this.#downWithKeys = database.prepare(
      "SELECT first, last, positions, keys, frames FROM event_block WHERE tenant = ? AND last >= ? AND first <= ? ORDER BY last DESC",
    );
    this.#envelopes = database.prepare("SELECT first, envelopes FROM log_block WHERE tenant = ? AND last = ?");
    this.#sessions = database.prepare("SELECT sessions FROM session_block WHERE tenant = ? AND last = ?");
    this.sessions = new SessionReader(
      database,
      this.#tenants,
      (tenant, offset) => this.#findBlock(tenant, offset),
      (tenant, offset) => this.#sessionAfter(tenant, offset),
    );
    this.#unsealed = database.prepare(
      `SELECT first, last, (SELECT keys FROM session_keys k WHERE k.tenant = s.tenant AND k.first = s.first) AS keys
       FROM session s WHERE tenant = ? AND sealed = 0 AND first <= ?`,
    );
    this.#email = database.prepare("SELECT 1 FROM agent WHERE tenant = ? AND email = ? LIMIT 1");
  }

  prepare(plan: ReadPlan): PreparedPlan {
    const index = new FilterIndex<null>();
    const { filters } = plan.filters;
    index.add(null, filters);
    const findBlock = (offset: number) => this.#findBlock(plan.tenant, offset);
    const callScope = plan.scope === "call" && filters.length > 0 ? new CallScope(filters, findBlock) : undefined;
    return { ...plan, index, callScope };
  }

  #findBlock(tenant: string, offset: number): ReturnType<FindBlock> {
    const number = this.#tenants.number(tenant);
    for (const [key, block] of this.#kept) {
      const { offsets } = block.positions;
      if (key.tenant !== number || offset < offsets[0]! || offset > offsets.at(-1)!) continue;
      return { block, ordinal: ordinalOf(block.positions, offset) };
    }
    const row = this.#blockOf.get(number, offset - 1) as unknown as BlockRow | undefined;
    if (row === undefined || row.first > offset) return undefined;
    const block = { positions: decodePositions(row.positions, row.first), keys: decodeBlockKeys(row.keys!) };
    this.#kept.set({ tenant: number }, block);
    if (this.#kept.size > maxKeptBlocks) this.#kept.delete(this.#kept.keys().next().value!);
    return { block, ordinal: ordinalOf(block.positions, offset) };
  }

  /** The sessions that may get more events and of which an event up to an offset matched, with those filters' names. */
  followed(plan: PreparedPlan, upToOffset: number): FollowedSession[] {
    const { callScope } = plan;
    if (callScope === undefined) return [];
    const number = this.#tenants.number(plan.tenant);
    const followed: FollowedSession[] = [];
    for (const row of this.#unsealed.iterate(number, upToOffset)) {
      const { first, last, keys } = row as unknown as { first: number; last: number; keys: string };
      if (!mayMatch(plan, keys)) continue;
      const filters = callScope.matchedUpTo(last, upToOffset).map(({ name }) => name);
      if (filters.length > 0) followed.push({ sessionOffset: first, filters });
    }
    return followed;
  }

  offsetBefore(tenant: string, timeMs: number): number {
    return this.#view.offsetBefore(tenant, timeMs);
  }

  unresolvedEmails(tenant: string, emails: string[]): string[] {
    const number = this.#tenants.number(tenant);
    return emails.filter((email) => this.#email.get(number, email) === undefined);
  }

  event(tenant: string, offset: number): StoredEvent | undefined {
    const row = this.#blockOf.get(this.#tenants.number(tenant), offset - 1) as unknown as BlockRow | undefined;
    if (row === undefined) return undefined;
    const { offsets, frameEnds } = decodePositions(row.positions, row.first);
    const ordinal = offsets.indexOf(offset);
    if (ordinal < 0) return undefined;
    return {
      frame: frameAt({ frames: row.frames, frameEnds }, ordinal).slice(),
      keys: keysOfEvent(decodeBlockKeys(row.keys!), ordinal),
    };
  }

  listSessions(plan: PreparedPlan, query: SessionQuery): SessionPage {
    return this.sessions.page(plan.tenant, query, ({ keys }) => isUnfiltered(plan) || mayMatch(plan, keys));
  }

  snapshot(plan: PreparedPlan, query: SessionQuery): SessionPage {
    const { filters } = plan.filters;
    const findBlock = (offset: number) => this.#findBlock(plan.tenant, offset);
    const scope = plan.callScope ?? new CallScope(filters, findBlock);
    return this.sessions.openAsOf(plan.tenant, query, ({ last, keys }, asOf) => {
      if (isUnfiltered(plan)) return true;
      if (!mayMatch(plan, keys)) return false;
      return plan.scope === "call" ? scope.matchedUpTo(last, asOf).length > 0 : scope.lastMatches(last, asOf);
    });
  }

  #sessionAfter(tenant: string, offset: number): Uint8Array | undefined {
    const found = this.#findBlock(tenant, offset);
    if (found === undefined) return undefined;
    const { block, ordinal } = found;
    const { offsets } = block.positions;
    block.sessions ??= this.#sessionsOf(this.#tenants.number(tenant), offsets.at(-1)!, offsets.length);
    return block.sessions(ordinal);
  }

  read(plan: PreparedPlan, range: ReadRange): ReadSlice {
    const { number, trimmed } = this.#tenants.row(plan.tenant);
    if (range.afterOffset < trimmed) {
      return { runs: [], scannedTo: range.afterOffset, done: false, expiredBefore: trimmed };
    }
    const runs = new RunCollector(range, plan.filters.filters.length > 1);
    const deadline = performance.now() + sliceMs;
    let position = range.direction === "up" ? range.afterOffset : range.upToOffset;
    for (const row of this.#blocks(number, plan, range, position)) {
      const end = this.#readBlock(number, plan, range, row, runs, position);
      if (end !== undefined) return { runs: runs.finish(), ...end };
      position = range.direction === "up" ? row.last : row.first - 1;
      if (runs.isFull() || performance.now() > deadline) {
        return { runs: runs.finish(), scannedTo: position, done: false };
      }
    }
    const scannedTo = range.direction === "up" ? range.upToOffset : range.afterOffset;
    return { runs: runs.finish(), scannedTo, done: true };
  }

  /** Blocks from a position on, fetched one by one: what a slice does not take is not read. */
  #blocks(tenant: number, plan: PreparedPlan, range: ReadRange, position: number): Iterable<BlockRow> {
    if (range.direction === "down") {
      return this.#downWithKeys.iterate(tenant, range.afterOffset + 1, position) as unknown as Iterable<BlockRow>;
    }
    const statement = plan.filters.filters.length === 0 ? this.#up : this.#upWithKeys;
    return statement.iterate(tenant, position) as unknown as Iterable<BlockRow>;
  }

  /** Reads what the range wants of a block; says how the slice ends when it ends within this block. */
  #readBlock(
    tenant: number,
    plan: PreparedPlan,
    range: ReadRange,
    row: BlockRow,
    runs: RunCollector,
    position: number,
  ): { scannedTo: number; done: boolean } | undefined {
    const positions = decodePositions(row.positions, row.first);
    const { from, to, ended } = ordinalsWithin(positions, range, position);
    if (from < to) {
      const stopped = this.#collect(tenant, plan, row, positions, from, to, runs);
      if (stopped !== undefined) {
        return { scannedTo: range.direction === "up" ? stopped : stopped - 1, done: false };
      }
    }
    if (!ended) return undefined;
    return { scannedTo: Math.max(range.afterOffset, to > 0 ? positions.offsets[to - 1]! : row.first - 1), done: true };
  }

  /** Adds a block's matching events; gives the last offset looked at when the collector was full before the end. */
  #collect(
    tenant: number,
    plan: PreparedPlan,
    row: BlockRow,
    positions: Positions,
    from: number,
    to: number,
    runs: RunCollector,
  ): number | undefined {
    const everything = plan.filters.filters.length === 0;
    if (everything && plan.view === "basic" && runs.takesWhole(from, to, positions, row.frames)) {
      runs.addWhole(positions, row.frames, from, to);
      return undefined;
    }
    const matched = everything ? undefined : matcher(plan, row, positions, runs.direction);
    if (matched === noMatch) return undefined;
    const frame = this.#frames(tenant, plan, row, positions);
    return runs.addEach(from, to, positions.offsets, frame, matched);
  }

  #frames(tenant: number, plan: PreparedPlan, row: BlockRow, positions: Positions): (ordinal: number) => Uint8Array {
    const source = { frames: row.frames, frameEnds: positions.frameEnds };
    if (plan.view === "basic") return (ordinal) => frameAt(source, ordinal);
    let envelopes: ReturnType<typeof decodeEnvelopes> | undefined;
    let sessions: ReturnType<typeof decodeSessions> | undefined;
    return (ordinal) => {
      envelopes ??= this.#envelopesOf(tenant, row.last);
      sessions ??= this.#sessionsOf(tenant, row.last, positions.offsets.length);
      const envelope = envelopes[positions.offsets[ordinal]! - row.first]!;
      const tail = encodeTail(sessions(ordinal), envelope.form === "json" ? envelope.content : noBytes);
      return fullFrame(frameAt(source, ordinal), tail);
    };
  }

  #sessionsOf(tenant: number, last: number, count: number): ReturnType<typeof decodeSessions> {
    const row = this.#sessions.get(tenant, last) as { sessions: Uint8Array };
    return decodeSessions(row.sessions, count);
  }

  #envelopesOf(tenant: number, last: number): ReturnType<typeof decodeEnvelopes> {
    const row = this.#envelopes.get(tenant, last) as { envelopes: Uint8Array };
    return decodeEnvelopes(row.envelopes);
  }
}

type Matcher = (ordinal: number) => readonly CompiledFilter[];

const noMatch: Matcher = () => noFilters;

/** Tells the filters by which each event of a block is delivered; `noMatch` when none is. */
function matcher(plan: PreparedPlan, row: BlockRow, positions: Positions, direction: "up" | "down"): Matcher {
  const keys = decodeBlockKeys(row.keys!);
  const { callScope } = plan;
  if (callScope !== undefined) return (ordinal) => callScope.delivers({ positions, keys }, ordinal, direction);
  const matched = new Map<number, CompiledFilter[]>();
  plan.index.match(keys, (ordinal, _, filter) => {
    const filters = matched.get(ordinal);
    if (filters === undefined) matched.set(ordinal, [filter]);
    else filters.push(filter);
  });
  return matched.size === 0 ? noMatch : (ordinal) => matched.get(ordinal) ?? noFilters;
}

/** Whether a filter could match some event of a session, going by all keys that its events ever had. */
function mayMatch(plan: PreparedPlan, keysText: string): boolean {
  const keys = new Set(JSON.parse(keysText) as string[]);
  return plan.filters.filters.some(({ clauses }) => clauses.every((clause) => !clause.keys.isDisjointFrom(keys)));
}

function isUnfiltered(plan: PreparedPlan): boolean {
  return plan.filters.filters.length === 0;
}

function ordinalOf({ offsets }: Positions, offset: number): number {
  return offsets.indexOf(offset);
}

/** The ordinals `from` (inclusive) to `to` (exclusive) that lie within the range, and whether an upper bound cut them. */
function ordinalsWithin(
  { offsets, receivedMs }: Positions,
  range: ReadRange,
  position: number,
): { from: number; to: number; ended: boolean } {
  const after = range.direction === "up" ? Math.max(range.afterOffset, position) : range.afterOffset;
  const upTo = range.direction === "up" ? range.upToOffset : Math.min(range.upToOffset, position);
  let from = 0;
  let to = offsets.length;
  while (from < to && offsets[from]! <= after) from++;
  while (to > from && offsets[to - 1]! > upTo) to--;
  const endMs = range.endMs;
  if (endMs !== undefined) while (to > from && receivedMs[to - 1]! >= endMs) to--;
  const ended = range.direction === "up" && to < offsets.length;
  return { from, to, ended };
}
