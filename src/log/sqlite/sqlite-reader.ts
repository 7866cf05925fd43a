/** Reads blocks of the embedded view for one reader thread. Read-only; sees committed state only. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { decodeBlockKeys, keysOfEvent } from "../../filters/block-keys.ts";
import type { CompiledFilters } from "../../filters/compile.ts";
import { passesGate } from "../../filters/filter-index.ts";
import { maskOf } from "../../masking/mask.ts";
import { encodeTail, frameAt, fullFrame, maskFrame, noBytes } from "../block.ts";
import { decodeEnvelopes } from "../envelope.ts";
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
import { KeptBlocks } from "./kept-blocks.ts";
import { decodeFrameEnds, decodePositions, type Positions } from "./positions.ts";
import { isUnfiltered, matcher, mayMatch, noMatch, type PreparedPlan, preparePlan } from "./prepared-plan.ts";
import { RunCollector } from "./run-collector.ts";
import { SessionReader } from "./session-reader.ts";
import { SqliteView } from "./sqlite-view.ts";
import { TenantTable } from "./tenant-table.ts";
import { VisibleSessions } from "./visible-sessions.ts";

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

export class SqliteReader {
  readonly sessions: SessionReader;
  readonly #tenants: TenantTable;
  readonly #view: SqliteView;
  readonly #blocks: KeptBlocks;
  readonly #visible: VisibleSessions;
  readonly #up: StatementSync;
  readonly #upWithKeys: StatementSync;
  readonly #downWithKeys: StatementSync;
  readonly #blockOf: StatementSync;
  readonly #envelopes: StatementSync;
  readonly #email: StatementSync;
  readonly #unsealed: StatementSync;

  constructor(database: DatabaseSync) {
    this.#tenants = new TenantTable(database);
    this.#view = new SqliteView(database, this.#tenants);
    const up = (keys: string): string =>
      `SELECT first, last, positions, ${keys}, frames FROM event_block WHERE tenant = ? AND last > ? ORDER BY last`;
    this.#up = database.prepare(up("NULL AS keys"));
    this.#upWithKeys = database.prepare(up("keys"));
    this.#blockOf = database.prepare(`${up("keys")} LIMIT 1`);
    this.#downWithKeys = database.prepare(
      "SELECT first, last, positions, keys, frames FROM event_block WHERE tenant = ? AND last >= ? AND first <= ? ORDER BY last DESC",
    );
    this.#envelopes = database.prepare("SELECT first, envelopes FROM log_block WHERE tenant = ? AND last = ?");
    this.#blocks = new KeptBlocks(database, this.#tenants);
    this.#visible = new VisibleSessions(this.#blocks);
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
    const row = this.#blockOf.get(this.#tenants.number(tenant), offset - 1) as unknown as BlockRow | undefined;
    if (row === undefined) return undefined;
    const { offsets, frameEnds } = decodePositions(row.positions, row.first);
    const ordinal = offsets.indexOf(offset);
    if (ordinal < 0) return undefined;
    const keys = decodeBlockKeys(row.keys!);
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

  read(plan: PreparedPlan, range: ReadRange): ReadSlice {
    const { number, trimmed } = this.#tenants.row(plan.tenant);
    if (range.afterOffset < trimmed) {
      return { runs: [], blocksRead: 0, scannedTo: range.afterOffset, done: false, expiredBefore: trimmed };
    }
    const runs = new RunCollector(range, plan.filters.tellsNames);
    const deadline = performance.now() + sliceMs;
    if (isAsStored(plan, range)) return this.#readStored(number, range, runs, deadline);
    let position = range.direction === "up" ? range.afterOffset : range.upToOffset;
    for (const row of this.#rows(number, plan, range, position)) {
      runs.countBlock();
      const end = this.#readBlock(number, plan, range, row, runs, position);
      if (end !== undefined) return { ...runs.finish(), ...end };
      position = range.direction === "up" ? row.last : row.first - 1;
      const met = range.direction === "up" && range.meetAt !== undefined && position >= range.meetAt;
      if (runs.isFull() || met || performance.now() > deadline) {
        return { ...runs.finish(), scannedTo: position, done: false };
      }
    }
    const scannedTo = range.direction === "up" ? range.upToOffset : range.afterOffset;
    return { ...runs.finish(), scannedTo, done: true };
  }

  /** Going up, everything, as it is stored: whole blocks, of which only the first and the last are looked into. */
  #readStored(tenant: number, range: ReadRange, runs: RunCollector, deadline: number): ReadSlice {
    const { afterOffset, upToOffset, meetAt = Number.POSITIVE_INFINITY } = range;
    for (const row of this.#up.iterate(tenant, afterOffset)) {
      const { first, last, positions, frames } = row as unknown as BlockRow;
      runs.countBlock();
      if (first > afterOffset && last <= upToOffset && range.endMs === undefined) {
        const { offsets, frameEnds } = decodeFrameEnds(positions, first);
        runs.addStored(frames, frameEnds, offsets);
      } else {
        const decoded = decodePositions(positions, first);
        const { from, to, ended } = ordinalsWithin(decoded, range, afterOffset);
        if (from < to) runs.addStored(...partOfBlock(decoded, frames, from, to));
        if (ended) return { ...runs.finish(), scannedTo: lastLookedAt(decoded, range, to), done: true };
      }
      if (runs.isFull() || last >= meetAt || performance.now() > deadline) {
        return { ...runs.finish(), scannedTo: Math.min(last, upToOffset), done: last >= upToOffset };
      }
    }
    return { ...runs.finish(), scannedTo: upToOffset, done: true };
  }

  /** Blocks from a position on, fetched one by one: what a slice does not take is not read. */
  #rows(tenant: number, plan: PreparedPlan, range: ReadRange, position: number): Iterable<BlockRow> {
    if (range.direction === "down") {
      return this.#downWithKeys.iterate(tenant, range.afterOffset + 1, position) as unknown as Iterable<BlockRow>;
    }
    const statement = isUnfiltered(plan) ? this.#up : this.#upWithKeys;
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
    return { scannedTo: lastLookedAt(positions, range, to), done: true };
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
    const matched = isUnfiltered(plan) ? undefined : matcher(plan, row.keys!, positions, runs.direction);
    if (matched === noMatch) return undefined;
    const frame = this.#frames(tenant, plan, row, positions);
    for (let step = 0; step < to - from; step++) {
      const ordinal = runs.direction === "down" ? to - 1 - step : from + step;
      const filters = matched?.(ordinal);
      if (filters?.length === 0) continue;
      runs.add(frame(ordinal), positions.offsets[ordinal]!, filters);
      if (runs.isFull() && step < to - from - 1) return positions.offsets[ordinal]!;
    }
    return undefined;
  }

  #frames(tenant: number, plan: PreparedPlan, row: BlockRow, positions: Positions): (ordinal: number) => Uint8Array {
    const source = { frames: row.frames, frameEnds: positions.frameEnds };
    const { mask } = plan;
    if (plan.view === "basic") return (ordinal) => maskFrame(frameAt(source, ordinal), mask);
    const { gate } = plan.filters;
    let envelopes: ReturnType<typeof decodeEnvelopes> | undefined;
    let sessions: ReturnType<KeptBlocks["sessionsOf"]> | undefined;
    return (ordinal) => {
      envelopes ??= this.#envelopesOf(tenant, row.last);
      sessions ??= this.#blocks.sessionsOf(tenant, row.last, positions.offsets.length);
      const offset = positions.offsets[ordinal]!;
      const session = gate === undefined ? sessions(ordinal) : this.#shown(plan, offset, gate);
      const envelope = envelopes[offset - row.first]!;
      const tail = encodeTail(session, envelope.form === "json" ? envelope.content : noBytes);
      return maskFrame(fullFrame(frameAt(source, ordinal), tail), mask);
    };
  }

  /** The session after an event as far as visible events have shown it. */
  #shown(plan: PreparedPlan, offset: number, gate: NonNullable<CompiledFilters["gate"]>): Uint8Array {
    return this.#visible.session(plan.tenant, offset, offset, gate) ?? noBytes;
  }

  #envelopesOf(tenant: number, last: number): ReturnType<typeof decodeEnvelopes> {
    const row = this.#envelopes.get(tenant, last) as { envelopes: Uint8Array };
    return decodeEnvelopes(row.envelopes);
  }
}

/** Whether the plan takes all events as they are stored and the range may be given by whole blocks. */
function isAsStored(plan: PreparedPlan, range: ReadRange): boolean {
  const isPlain = isUnfiltered(plan) && plan.view === "basic" && plan.mask === undefined;
  return isPlain && range.direction === "up" && range.maxEvents === undefined;
}

function partOfBlock(
  { offsets, frameEnds }: Positions,
  frames: Uint8Array,
  from: number,
  to: number,
): [Uint8Array, Uint32Array, Float64Array] {
  const start = from === 0 ? 0 : frameEnds[from - 1]!;
  const ends = frameEnds.slice(from, to).map((end) => end - start);
  return [frames.subarray(start, frameEnds[to - 1]!), ends, offsets.slice(from, to)];
}

/** Where a range ends within a block whose events before `to` it has. */
function lastLookedAt({ offsets }: Positions, range: ReadRange, to: number): number {
  return Math.max(range.afterOffset, to > 0 ? offsets[to - 1]! : offsets[0]! - 1);
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
