/**
 * Scope CALL in history: an event is delivered when it, or any earlier event of its session, matches (SEMANTICS rule 19).
 * Each event knows where its session's event before it is, so what went before is found by walking back from event to
 * event, exactly and without any state in a cursor; what a plan has found out about a session it remembers.
 */
import type { BlockKeys } from "../../filters/block-keys.ts";
import type { CompiledFilter, CompiledFilters } from "../../filters/compile.ts";
import { filterHolds, passesGate } from "../../filters/filter-index.ts";
import type { Positions } from "./positions.ts";

/** What is needed of a stored block. */
export interface StoredBlock {
  positions: Positions;
  keys: BlockKeys;
}

/** Finds the block of an offset; undefined when it was trimmed. */
export type FindBlock = (offset: number) => { block: StoredBlock; ordinal: number } | undefined;

/** The filters that a session's events have matched up to an offset. */
interface Followed {
  upTo: number;
  filters: Set<CompiledFilter>;
}

/** Sessions remembered by a plan; beyond that the oldest is found out again when it is needed. */
const maxRemembered = 100_000;

export class CallScope {
  readonly #filters: readonly CompiledFilter[];
  readonly #gate: CompiledFilters["gate"];
  readonly #findBlock: FindBlock;
  readonly #sessions = new Map<number, Followed>();

  constructor({ filters, gate }: CompiledFilters, findBlock: FindBlock) {
    this.#filters = filters;
    this.#gate = gate;
    this.#findBlock = findBlock;
  }

  /** The filters that an event itself matches. */
  #direct({ keys }: StoredBlock, ordinal: number): CompiledFilter[] {
    return this.#filters.filter((filter) => filterHolds(filter, keys, ordinal));
  }

  /** Adds what a session's events matched, from one of them back to another, which is left out. */
  #walkBack(from: number, downTo: number, filters: Set<CompiledFilter>): void {
    let offset = from;
    while (offset > downTo && filters.size < this.#filters.length) {
      const found = this.#findBlock(offset);
      if (found === undefined) return;
      for (const filter of this.#direct(found.block, found.ordinal)) filters.add(filter);
      offset = found.block.positions.previousOffsets[found.ordinal]!;
    }
  }

  /** The filters by which an event of a block is delivered. Going up, each event is asked for once and in order. */
  delivers(block: StoredBlock, ordinal: number, direction: "up" | "down"): CompiledFilter[] {
    const { offsets, sessionOffsets, previousOffsets } = block.positions;
    const session = sessionOffsets[ordinal]!;
    const direct = this.#direct(block, ordinal);
    if (session === 0) return direct;
    if (!passesGate(this.#gate, block.keys, ordinal)) return [];
    if (direction === "down") {
      const filters = new Set(direct);
      this.#walkBack(previousOffsets[ordinal]!, 0, filters);
      return [...filters];
    }
    const followed = this.#followed(session, previousOffsets[ordinal]!);
    for (const filter of direct) followed.filters.add(filter);
    followed.upTo = offsets[ordinal]!;
    return [...followed.filters];
  }

  #followed(session: number, previousOffset: number): Followed {
    let followed = this.#sessions.get(session);
    if (followed === undefined) {
      followed = { upTo: 0, filters: new Set() };
      this.#sessions.set(session, followed);
      if (this.#sessions.size > maxRemembered) this.#sessions.delete(this.#sessions.keys().next().value!);
    }
    this.#walkBack(previousOffset, followed.upTo, followed.filters);
    return followed;
  }

  /** The filters that a session's events matched up to an offset. @param lastOffset that of its very last event */
  matchedUpTo(lastOffset: number, upToOffset: number): CompiledFilter[] {
    const found = lastEventUpTo(this.#findBlock, lastOffset, upToOffset);
    const filters = new Set<CompiledFilter>();
    if (found !== undefined) this.#walkBack(found.block.positions.offsets[found.ordinal]!, 0, filters);
    return [...filters];
  }

  /** Whether a filter matches a session's last event up to an offset. */
  lastMatches(lastOffset: number, upToOffset: number): boolean {
    const found = lastEventUpTo(this.#findBlock, lastOffset, upToOffset);
    return found !== undefined && this.#direct(found.block, found.ordinal).length > 0;
  }
}

/** A session's last event up to an offset, going back from its very last; undefined when that was trimmed. */
export function lastEventUpTo(findBlock: FindBlock, lastOffset: number, upToOffset: number): ReturnType<FindBlock> {
  let found = findBlock(lastOffset);
  while (found !== undefined && found.block.positions.offsets[found.ordinal]! > upToOffset) {
    const previous = found.block.positions.previousOffsets[found.ordinal]!;
    found = previous === 0 ? undefined : findBlock(previous);
  }
  return found;
}
