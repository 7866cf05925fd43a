/** A read plan as a reader thread keeps it, and which events and sessions it wants. */
import { decodeBlockKeys } from "../../filters/block-keys.ts";
import type { CompiledFilter } from "../../filters/compile.ts";
import { FilterIndex } from "../../filters/filter-index.ts";
import { type HashedFilter, hashedFilters } from "../../filters/segment-matches.ts";
import { type Mask, maskOf } from "../../masking/mask.ts";
import type { ReadPlan } from "../event-reader.ts";
import { CallScope, type FindBlock } from "./call-scope.ts";
import type { Positions } from "./positions.ts";

export interface PreparedPlan extends Omit<ReadPlan, "mask"> {
  mask: Mask | undefined;
  index: FilterIndex<null>;
  /** What the plan has found out about sessions. */
  callScope: CallScope;
  hashedFilters: readonly HashedFilter[];
}

export function preparePlan(plan: ReadPlan, findBlock: FindBlock): PreparedPlan {
  const index = new FilterIndex<null>();
  index.add(null, plan.filters.filters);
  const callScope = new CallScope(plan.filters, findBlock);
  const hashed = hashedFilters(plan.filters.filters);
  return { ...plan, mask: maskOf(plan.mask), index, callScope, hashedFilters: hashed };
}

const noFilters: readonly CompiledFilter[] = [];

export type Matcher = (ordinal: number) => readonly CompiledFilter[];

export const noMatch: Matcher = () => noFilters;

/** Tells the filters by which each event of a block is delivered; `noMatch` when none is. */
export function matcher(
  plan: PreparedPlan,
  storedKeys: Uint8Array,
  positions: Positions,
  direction: "up" | "down",
): Matcher {
  const keys = decodeBlockKeys(storedKeys);
  if (plan.scope === "call") return (ordinal) => plan.callScope.delivers({ positions, keys }, ordinal, direction);
  const matched = new Map<number, CompiledFilter[]>();
  plan.index.match(keys, (ordinal, _, filter) => {
    const filters = matched.get(ordinal);
    if (filters === undefined) matched.set(ordinal, [filter]);
    else filters.push(filter);
  });
  return matched.size === 0 ? noMatch : (ordinal) => matched.get(ordinal) ?? noFilters;
}

/** Whether a filter could match some event of a session, going by all keys that its events ever had. */
export function mayMatch(plan: PreparedPlan, keysText: string): boolean {
  const keys = new Set(JSON.parse(keysText) as string[]);
  return plan.filters.filters.some(({ clauses }) => clauses.every((clause) => !clause.keys.isDisjointFrom(keys)));
}

export function isUnfiltered(plan: PreparedPlan): boolean {
  return plan.filters.filters.length === 0;
}
