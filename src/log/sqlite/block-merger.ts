/** Makes larger blocks of small ones, for one reader thread. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { mergeBlockKeys } from "../../filters/merge-keys.ts";
import { concat } from "../block.ts";
import { giveBack } from "../give-back.ts";
import type { MergedBlock } from "../merged-block.ts";
import { countPositions, longestSpanMs, mergePositions } from "./positions.ts";
import { mergeSessions } from "./session-block.ts";

/** A block of as many events is left as it is. */
const smallEvents = 128;
const maxEvents = 1_024;
const maxFrameBytes = 256 * 1024;
/** Rows at a time, so that neither reader nor sequencer are busy with it for more than a few milliseconds. */
const maxRows = 256;

interface Row {
  first: number;
  last: number;
  lastMs: number;
  positions: Uint8Array;
  frames: Uint8Array;
  keys: Uint8Array;
  sessions: Uint8Array;
}

export class BlockMerger {
  readonly #sizes: StatementSync;
  readonly #rows: StatementSync;

  constructor(database: DatabaseSync) {
    // Neither length looks at the bytes.
    this.#sizes = database.prepare(
      `SELECT first, last, last_ms AS lastMs, length(positions) AS positions, length(frames) AS frames
       FROM event_block WHERE tenant = ? AND last > ? AND last <= ? ORDER BY last`,
    );
    this.#rows = database.prepare(
      `SELECT e.first, e.last, e.last_ms AS lastMs, e.positions, e.frames, e.keys, s.sessions
       FROM event_block e JOIN session_block s ON s.tenant = e.tenant AND s.last = e.last
       WHERE e.tenant = ? AND e.last >= ? AND e.last <= ? ORDER BY e.last`,
    );
  }

  /** The first small blocks after an offset and up to another that can be one; undefined when there are none. */
  next(tenant: string, number: number, after: number, upTo: number): MergedBlock | undefined {
    const found = this.#find(number, after, upTo);
    if (found === undefined) return undefined;
    const rows = this.#rows.all(number, found.first, found.last) as unknown as Row[];
    return merged(tenant, rows);
  }

  #find(number: number, after: number, upTo: number): { first: number; last: number } | undefined {
    let [rows, events, bytes, first, last, startMs] = [0, 0, 0, 0, 0, 0];
    for (const row of this.#sizes.iterate(number, after, upTo)) {
      const size = row as { last: number; lastMs: number; positions: number; frames: number };
      const count = countPositions(size.positions);
      const isSmall = count < smallEvents && size.frames < maxFrameBytes;
      const fits =
        rows < maxRows &&
        events + count <= maxEvents &&
        bytes + size.frames <= maxFrameBytes &&
        size.lastMs - startMs <= longestSpanMs / 2;
      if (rows > 1 && !(isSmall && fits)) return { first, last };
      if (!isSmall) {
        rows = 0;
        continue;
      }
      if (rows === 0 || !fits) [rows, events, bytes, first, startMs] = [0, 0, 0, size.last, size.lastMs];
      rows++;
      events += count;
      bytes += size.frames;
      last = size.last;
    }
    return rows > 1 ? { first, last } : undefined;
  }
}

function merged(tenant: string, rows: readonly Row[]): MergedBlock {
  const sessions = rows.map((row) => ({ stored: row.sessions, count: countPositions(row.positions.length) }));
  const { last, lastMs } = rows.at(-1)!;
  const block = {
    tenant,
    first: rows[0]!.first,
    last,
    lastMs,
    positions: mergePositions(rows),
    frames: concat(rows.map(({ frames }) => frames)),
    keys: mergeBlockKeys(rows.map(({ keys }) => keys)),
    sessions: mergeSessions(sessions),
    replaced: rows.length,
  };
  for (const { positions, frames, keys, sessions } of rows) giveBack(positions, frames, keys, sessions);
  return block;
}
