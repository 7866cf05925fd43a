/** Reads blocks of the embedded view for one reader thread. Read-only; sees committed state only. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { decodeBlockKeys, keysOfEvent } from "../../filters/block-keys.ts";
import { passesGate } from "../../filters/filter-index.ts";
import { maskOf } from "../../masking/mask.ts";
import { frameAt, maskFrame } from "../block.ts";
import type {
  FollowedSession,
  ReadPlan,
  ReadRange,
  ReadSlice,
  SessionPage,
  SessionQuery,
  StoredEvent,
  Visibility,
} from "../event-reader.ts";
import { BlockScan, type SliceEnd, type Stretch } from "./block-scan.ts";
import { EventFrames } from "./event-frames.ts";
import { IndexSearch } from "./index-search.ts";
import { KeptBlocks } from "./kept-blocks.ts";
import { decodePositions } from "./positions.ts";
import { isUnfiltered, mayMatch, type PreparedPlan, preparePlan } from "./prepared-plan.ts";
import { RunCollector } from "./run-collector.ts";
import { SegmentTable } from "./segment-table.ts";
import { SessionReader } from "./session-reader.ts";
import { SqliteView } from "./sqlite-view.ts";
import { TenantTable } from "./tenant-table.ts";
import { VisibleSessions } from "./visible-sessions.ts";

/** A slice ends after this long, whatever it has found. */
const sliceMs = 15;

interface BlockRow {
  first: number;
  positions: Uint8Array;
  keys: Uint8Array;
  frames: Uint8Array;
}

export class SqliteReader {
  readonly sessions: SessionReader;
  readonly #database: DatabaseSync;
  readonly #tenants: TenantTable;
  readonly #view: SqliteView;
  readonly #blocks: KeptBlocks;
  readonly #visible: VisibleSessions;
  readonly #segments: SegmentTable;
  readonly #scan: BlockScan;
  readonly #search: IndexSearch;
  readonly #blockOf: StatementSync;
  readonly #email: StatementSync;
  readonly #unsealed: StatementSync;

  constructor(database: DatabaseSync) {
    this.#tenants = new TenantTable(database);
    this.#view = new SqliteView(database, this.#tenants);
    this.#database = database;
    this.#blockOf = database.prepare(
      "SELECT first, positions, keys, frames FROM event_block WHERE tenant = ? AND last >= ? ORDER BY last LIMIT 1",
    );
    this.#blocks = new KeptBlocks(database, this.#tenants);
    this.#visible = new VisibleSessions(this.#blocks);
    const frames = new EventFrames(database, this.#blocks, this.#visible);
    this.#segments = new SegmentTable(database);
    this.#scan = new BlockScan(database, frames);
    this.#search = new IndexSearch(database, this.#segments, frames);
    this.sessions = new SessionReader(database, this.#tenants, this.#blocks, this.#visible);
    this.#unsealed = database.prepare(
      `SELECT first, (SELECT last FROM session_last l WHERE l.tenant = s.tenant AND l.first = s.first) AS last,
         (SELECT keys FROM session_keys k WHERE k.tenant = s.tenant AND k.first = s.first) AS keys
       FROM session s WHERE tenant = ? AND sealed = 0 AND first <= ?`,
    );
    this.#email = database.prepare("SELECT 1 FROM agent WHERE tenant = ? AND email = ? LIMIT 1");
  }

  prepare(plan: ReadPlan): PreparedPlan {
    return preparePlan(plan, this.#blocks.finderFor(plan.tenant));
  }

  /** The sessions that may get more events and of which an event up to an offset matched, with those filters' names. */
  followed(plan: PreparedPlan, upToOffset: number): FollowedSession[] {
    const number = this.#tenants.number(plan.tenant);
    const followed: FollowedSession[] = [];
    for (const row of this.#unsealed.iterate(number, upToOffset)) {
      const { first, last, keys } = row as unknown as { first: number; last: number; keys: string };
      if (!mayMatch(plan, keys)) continue;
      const filters = plan.callScope.matchedUpTo(last, upToOffset).map(({ name }) => name);
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

  event(tenant: string, offset: number, { gate, mask }: Visibility): StoredEvent | undefined {
    const row = this.#blockOf.get(this.#tenants.number(tenant), offset) as unknown as BlockRow | undefined;
    if (row === undefined) return undefined;
    const { offsets, frameEnds } = decodePositions(row.positions, row.first);
    const ordinal = offsets.indexOf(offset);
    if (ordinal < 0) return undefined;
    const keys = decodeBlockKeys(row.keys);
    if (!passesGate(gate, keys, ordinal)) return undefined;
    const shown = gate === undefined ? undefined : this.#visible.keysShown(tenant, offset, gate);
    return {
      frame: maskFrame(frameAt({ frames: row.frames, frameEnds }, ordinal).slice(), maskOf(mask)),
      keys: keysOfEvent(keys, ordinal).filter(({ key }) => shown?.has(key) ?? true),
    };
  }

  listSessions(plan: PreparedPlan, query: SessionQuery): SessionPage {
    return this.sessions.page(plan, query, ({ keys }) => isUnfiltered(plan) || mayMatch(plan, keys));
  }

  snapshot(plan: PreparedPlan, query: SessionQuery): SessionPage {
    const { callScope, scope } = plan;
    return this.sessions.openAsOf(plan, query, ({ last, keys }, asOf) => {
      if (isUnfiltered(plan)) return true;
      if (!mayMatch(plan, keys)) return false;
      return scope === "call" ? callScope.matchedUpTo(last, asOf).length > 0 : callScope.lastMatches(last, asOf);
    });
  }

  /** Reads a slice, all of it as of one commit. */
  read(plan: PreparedPlan, range: ReadRange): ReadSlice {
    this.#database.exec("BEGIN");
    try {
      return this.#read(plan, range);
    } finally {
      this.#database.exec("COMMIT");
    }
  }

  #read(plan: PreparedPlan, range: ReadRange): ReadSlice {
    const { number, trimmed } = this.#tenants.row(plan.tenant);
    const { afterOffset, direction, endMs, meetAt } = range;
    if (afterOffset < trimmed) {
      return { runs: [], blocksRead: 0, scannedTo: afterOffset, done: false, expiredBefore: trimmed };
    }
    const before = endMs === undefined ? Number.POSITIVE_INFINITY : this.#view.offsetBefore(plan.tenant, endMs);
    const upTo = Math.max(afterOffset, Math.min(range.upToOffset, before));
    const runs = new RunCollector(range, plan.filters.tellsNames);
    const deadline = performance.now() + sliceMs;
    const isEnd: SliceEnd = (position) =>
      runs.isFull() ||
      (direction === "up" && meetAt !== undefined && position >= meetAt) ||
      performance.now() > deadline;
    const end = direction === "up" ? upTo : afterOffset;
    let position = direction === "up" ? afterOffset : upTo;
    while (position !== end) {
      const rest = direction === "up" ? { after: position, upTo } : { after: afterOffset, upTo: position };
      position = this.#readSome(plan, range, { tenant: number, ...rest }, runs, isEnd);
      if (isEnd(position)) break;
    }
    return { ...runs.finish(), scannedTo: position, done: position === end };
  }

  /** Reads on by the key index where there is one, else block by block; gives how far it came. */
  #readSome(plan: PreparedPlan, range: ReadRange, stretch: Stretch, runs: RunCollector, isEnd: SliceEnd): number {
    if (isAsStored(plan, range)) return this.#scan.stored(stretch, runs, isEnd);
    if (isUnfiltered(plan) || plan.scope === "call") return this.#scan.matching(plan, stretch, runs, isEnd);
    const { tenant, after, upTo } = stretch;
    const isUp = range.direction === "up";
    const segment = this.#segments.holding(tenant, isUp ? after + 1 : upTo);
    if (segment !== undefined) return this.#search.matching(plan, segment, stretch, runs, isEnd);
    const rest = isUp ? stretch : { ...stretch, after: Math.max(after, this.#segments.indexedUpTo(tenant) ?? 0) };
    return this.#scan.matching(plan, rest, runs, isEnd);
  }
}

/** Whether the plan takes all events as they are stored and the range may be given by whole blocks. */
function isAsStored(plan: PreparedPlan, range: ReadRange): boolean {
  const isPlain = isUnfiltered(plan) && plan.view === "basic" && plan.mask === undefined;
  return isPlain && range.direction === "up" && range.maxEvents === undefined;
}
