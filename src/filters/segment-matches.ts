/** Finds the events of a segment that filters match, by postings alone. */
import type { CompiledFilter } from "./compile.ts";
import { addPosting, type HashedKey, hashedKey, OrdinalSet, pageOf } from "./postings.ts";

/** A filter with its keys ready to be looked for. */
export interface HashedFilter {
  filter: CompiledFilter;
  clauses: readonly (readonly HashedKey[])[];
}

export function hashedFilters(filters: readonly CompiledFilter[]): HashedFilter[] {
  return filters.map((filter) => ({
    filter,
    // By their pages, so that each page is gone through at once.
    clauses: filter.clauses.map(({ keys }) =>
      Array.from(keys, hashedKey).sort((a, b) => pageOf(a.hash) - pageOf(b.hash)),
    ),
  }));
}

/** A segment as it is searched. */
export interface Segment {
  events: number;
  /** Reads a page. */
  page(number: number): Uint8Array;
}

export interface SegmentMatches {
  /** Of the events that match, ascending. */
  ordinals: number[];
  /** The filters that match each of them. */
  filters: CompiledFilter[][];
}

/** Exactly what looking at every event of the segment would give. */
export function segmentMatches(filters: readonly HashedFilter[], segment: Segment): SegmentMatches {
  const pages = new Map<number, Uint8Array>();
  const page = (key: HashedKey): Uint8Array => {
    const number = pageOf(key.hash);
    const known = pages.get(number) ?? segment.page(number);
    pages.set(number, known);
    return known;
  };
  const matched = new Map<number, CompiledFilter[]>();
  for (const { filter, clauses } of filters) {
    for (const ordinal of eventsOf(clauses, segment.events, page)) {
      const known = matched.get(ordinal);
      if (known === undefined) matched.set(ordinal, [filter]);
      else known.push(filter);
    }
  }
  const ordinals = [...matched.keys()].sort((a, b) => a - b);
  return { ordinals, filters: ordinals.map((ordinal) => matched.get(ordinal)!) };
}

function eventsOf(
  clauses: HashedFilter["clauses"],
  events: number,
  page: (key: HashedKey) => Uint8Array,
): Iterable<number> {
  let all: OrdinalSet | undefined;
  for (const keys of clauses) {
    const set = new OrdinalSet(events);
    for (const key of keys) addPosting(page(key), key, set);
    if (all === undefined) all = set;
    else all.intersect(set);
    if (all.isEmpty) return [];
  }
  return all ?? [];
}
