/** Finds single events and their sessions: decoded blocks, of which the last few are kept for walks along sessions. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { decodeBlockKeys } from "../../filters/block-keys.ts";
import { frameAt } from "../block.ts";
import type { FindBlock, StoredBlock } from "./call-scope.ts";
import { decodePositions } from "./positions.ts";
import { decodeSessions } from "./session-block.ts";
import type { TenantTable } from "./tenant-table.ts";

const maxKept = 64;

interface Kept extends StoredBlock {
  tenant: number;
  /** The BASIC frames of its events, once they were asked for. */
  frames?: Uint8Array | undefined;
  /** The sessions after its events, once they were asked for. */
  sessions?: (ordinal: number) => Uint8Array;
}

type Found = { block: Kept; ordinal: number };

export class KeptBlocks {
  readonly #tenants: TenantTable;
  readonly #block: StatementSync;
  readonly #sessions: StatementSync;
  readonly #frames: StatementSync;
  readonly #kept = new Set<Kept>();

  constructor(database: DatabaseSync, tenants: TenantTable) {
    this.#tenants = tenants;
    this.#block = database.prepare(
      "SELECT first, positions, keys FROM event_block WHERE tenant = ? AND last >= ? ORDER BY last LIMIT 1",
    );
    this.#frames = database.prepare("SELECT frames FROM event_block WHERE tenant = ? AND last = ?");
    this.#sessions = database.prepare("SELECT sessions FROM session_block WHERE tenant = ? AND last = ?");
  }

  /** The frame of an event that was found. */
  frame(tenant: string, offset: number): Uint8Array {
    const { block, ordinal } = this.find(tenant, offset)!;
    block.frames ??= this.#frames.get(block.tenant, lastOf(block))?.frames as Uint8Array | undefined;
    if (block.frames === undefined) return this.#again(block, () => this.frame(tenant, offset));
    return frameAt({ frames: block.frames, frameEnds: block.positions.frameEnds }, ordinal);
  }

  /** The event at an offset; undefined when there is none. */
  find(tenant: string, offset: number): Found | undefined {
    const number = this.#tenants.number(tenant);
    for (const block of this.#kept) {
      const { offsets } = block.positions;
      if (block.tenant === number && offset >= offsets[0]! && offset <= offsets.at(-1)!) return within(block, offset);
    }
    const row = this.#block.get(number, offset);
    if (row === undefined || (row.first as number) > offset) return undefined;
    const block: Kept = {
      tenant: number,
      positions: decodePositions(row.positions as Uint8Array, row.first as number),
      keys: decodeBlockKeys(row.keys as Uint8Array),
    };
    this.#kept.add(block);
    if (this.#kept.size > maxKept) this.#kept.delete(this.#kept.values().next().value!);
    return within(block, offset);
  }

  finderFor(tenant: string): FindBlock {
    return (offset) => this.find(tenant, offset);
  }

  /** The session of the event at an offset, as it was after it. */
  sessionAfter(tenant: string, offset: number): Uint8Array | undefined {
    const found = this.find(tenant, offset);
    if (found === undefined) return undefined;
    const { block, ordinal } = found;
    if (block.sessions === undefined) {
      const row = this.#sessions.get(block.tenant, lastOf(block));
      if (row === undefined) return this.#again(block, () => this.sessionAfter(tenant, offset));
      block.sessions = decodeSessions(row.sessions as Uint8Array, block.positions.offsets.length);
    }
    return block.sessions(ordinal);
  }

  /** A kept block is gone: it was merged with others, or trimmed. */
  #again<R>(gone: Kept, work: () => R): R {
    this.#kept.delete(gone);
    return work();
  }

  /** The sessions of a block with so many events, by ordinal. */
  sessionsOf(tenant: number, last: number, count: number): (ordinal: number) => Uint8Array {
    return decodeSessions(this.#sessions.get(tenant, last)!.sessions as Uint8Array, count);
  }
}

function lastOf({ positions }: Kept): number {
  return positions.offsets.at(-1)!;
}

function within(block: Kept, offset: number): Found | undefined {
  const ordinal = block.positions.offsets.indexOf(offset);
  return ordinal < 0 ? undefined : { block, ordinal };
}
