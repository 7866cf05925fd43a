/** Reads events block by block: as they are stored, or looking at each one's filter keys. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { frameAt } from "../block.ts";
import type { EventFrames } from "./event-frames.ts";
import { decodeFrameEnds, decodePositions, type Positions } from "./positions.ts";
import { isUnfiltered, matcher, noMatch, type PreparedPlan } from "./prepared-plan.ts";
import type { RunCollector } from "./run-collector.ts";

interface BlockRow {
  first: number;
  last: number;
  positions: Uint8Array;
  frames: Uint8Array;
}

/** What of the journal is to be read: after an offset, up to another. */
export interface Stretch {
  tenant: number;
  after: number;
  upTo: number;
}

/** Says, after each block, whether the slice ends here. */
export type SliceEnd = (position: number) => boolean;

export class BlockScan {
  readonly #frames: EventFrames;
  readonly #up: StatementSync;
  readonly #upWithKeys: StatementSync;
  readonly #downWithKeys: StatementSync;

  constructor(database: DatabaseSync, frames: EventFrames) {
    this.#frames = frames;
    const up = (columns: string): string =>
      `SELECT first, last, positions, ${columns} FROM event_block WHERE tenant = ? AND last > ? ORDER BY last`;
    this.#up = database.prepare(up("frames"));
    this.#upWithKeys = database.prepare(up("keys, frames"));
    this.#downWithKeys = database.prepare(
      "SELECT first, last, positions, keys, frames FROM event_block WHERE tenant = ? AND last >= ? AND first <= ? ORDER BY last DESC",
    );
  }

  /**
   * Gives everything going up, as it is stored: whole blocks, of which only the first and the last are looked into.
   * Gives the offset that it came to.
   */
  stored({ tenant, after, upTo }: Stretch, runs: RunCollector, isEnd: SliceEnd): number {
    if (after >= upTo) return after;
    for (const row of this.#up.iterate(tenant, after)) {
      const { first, last, positions, frames } = row as unknown as BlockRow;
      if (first > upTo) break;
      runs.countBlock();
      const { offsets, frameEnds } = decodeFrameEnds(positions, first);
      if (first > after && last <= upTo) runs.addStored(frames, frameEnds, offsets);
      else runs.addStored(...partOfBlock(offsets, frameEnds, frames, ordinalsWithin(offsets, after, upTo)));
      if (last >= upTo) break;
      if (isEnd(last)) return last;
    }
    return upTo;
  }

  /** Gives the matching events in the direction of the collector. Gives the offset that it came to. */
  matching(plan: PreparedPlan, stretch: Stretch, runs: RunCollector, isEnd: SliceEnd): number {
    const { tenant, after, upTo } = stretch;
    const isUp = runs.direction === "up";
    if (after >= upTo) return isUp ? upTo : after;
    const rows = isUp ? this.#rowsUp(plan, stretch) : this.#downWithKeys.iterate(tenant, after + 1, upTo);
    for (const raw of rows) {
      const row = raw as unknown as BlockRow & { keys?: Uint8Array };
      if (row.first > upTo) break;
      runs.countBlock();
      const stopped = this.#collect(tenant, plan, row, stretch, runs);
      if (stopped !== undefined) return isUp ? stopped : stopped - 1;
      const position = isUp ? row.last : row.first - 1;
      if (isUp ? position >= upTo : position <= after) break;
      if (isEnd(position)) return position;
    }
    return isUp ? upTo : after;
  }

  #rowsUp(plan: PreparedPlan, { tenant, after }: Stretch): Iterable<unknown> {
    return (isUnfiltered(plan) ? this.#up : this.#upWithKeys).iterate(tenant, after);
  }

  /** Adds a block's matching events; gives the last offset looked at when the collector was full before the end. */
  #collect(
    tenant: number,
    plan: PreparedPlan,
    row: BlockRow & { keys?: Uint8Array },
    { after, upTo }: Stretch,
    runs: RunCollector,
  ): number | undefined {
    const positions = decodePositions(row.positions, row.first);
    const { offsets } = positions;
    const { from, to } = ordinalsWithin(offsets, after, upTo);
    const matched = isUnfiltered(plan) ? undefined : matcher(plan, row.keys!, positions, runs.direction);
    if (matched === noMatch) return undefined;
    const frame = this.#frames.of(tenant, plan, {
      last: row.last,
      count: offsets.length,
      offset: (ordinal) => offsets[ordinal]!,
      basic: (ordinal) => frameIn(row, positions, ordinal),
    });
    for (let step = 0; step < to - from; step++) {
      const ordinal = runs.direction === "down" ? to - 1 - step : from + step;
      const filters = matched?.(ordinal);
      if (filters?.length === 0) continue;
      runs.add(frame(ordinal), offsets[ordinal]!, filters);
      if (runs.isFull() && step < to - from - 1) return offsets[ordinal]!;
    }
    return undefined;
  }
}

function frameIn({ frames }: BlockRow, { frameEnds }: Positions, ordinal: number): Uint8Array {
  return frameAt({ frames, frameEnds }, ordinal);
}

function partOfBlock(
  offsets: Float64Array,
  frameEnds: Uint32Array,
  frames: Uint8Array,
  { from, to }: { from: number; to: number },
): [Uint8Array, Uint32Array, Float64Array] {
  const start = from === 0 ? 0 : frameEnds[from - 1]!;
  const ends = frameEnds.slice(from, to).map((end) => end - start);
  return [frames.subarray(start, start + (ends.at(-1) ?? 0)), ends, offsets.slice(from, to)];
}

/** The ordinals `from` (inclusive) to `to` (exclusive) that lie within a stretch. */
function ordinalsWithin(offsets: Float64Array, after: number, upTo: number): { from: number; to: number } {
  let from = 0;
  let to = offsets.length;
  while (from < to && offsets[from]! <= after) from++;
  while (to > from && offsets[to - 1]! > upTo) to--;
  return { from, to };
}
