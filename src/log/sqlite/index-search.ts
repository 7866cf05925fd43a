/** Finds matching events by the key index: reads the postings of the keys asked for, then the frames of what matches. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type SegmentMatches, segmentMatches } from "../../filters/segment-matches.ts";
import type { SliceEnd, Stretch } from "./block-scan.ts";
import type { EventFrames } from "./event-frames.ts";
import { placesBytes, StoredPlaces } from "./positions.ts";
import type { PreparedPlan } from "./prepared-plan.ts";
import type { RunCollector } from "./run-collector.ts";
import type { SegmentTable, StoredSegment } from "./segment-table.ts";

/** The matches within one block of a segment, as a range of all matches. */
interface BlockMatches {
  /** Last offset of the block before, and of this one. */
  after: number;
  last: number;
  /** Ordinal within the segment of the block's first event. */
  firstOrdinal: number;
  /** Its events. */
  count: number;
  from: number;
  to: number;
}

interface PlacesRow {
  row: number;
  first: number;
  places: Uint8Array;
}

/** Plans whose matches in the segment that they have come to are kept: a segment may well be all matches. */
const maxKept = 16;

export class IndexSearch {
  readonly #segments: SegmentTable;
  readonly #frames: EventFrames;
  readonly #places: StatementSync;
  readonly #piece: StatementSync;
  /** What was found in the segment that a plan was searched in last, named by its last offset. */
  readonly #found = new Map<PreparedPlan, { last: number; matches: SegmentMatches }>();

  constructor(database: DatabaseSync, segments: SegmentTable, frames: EventFrames) {
    this.#segments = segments;
    this.#frames = frames;
    this.#places = database.prepare(
      "SELECT rowid AS row, first, substr(positions, ? + 1, ?) AS places FROM event_block WHERE tenant = ? AND last = ?",
    );
    this.#piece = database.prepare("SELECT substr(frames, ? + 1, ?) AS piece FROM event_block WHERE rowid = ?");
  }

  /** Gives the matching events of a segment that lie within a stretch, in the collector's direction; and how far it came. */
  matching(plan: PreparedPlan, segment: StoredSegment, stretch: Stretch, runs: RunCollector, isEnd: SliceEnd): number {
    const matches = this.#matchesOf(plan, stretch.tenant, segment);
    const blocks = blocksWithMatches(segment, matches.ordinals, stretch);
    const isUp = runs.direction === "up";
    if (!isUp) blocks.reverse();
    for (const block of blocks) {
      const stopped = this.#collect(plan, stretch, block, matches, runs);
      if (stopped !== undefined) return stopped;
      const position = isUp ? block.last : block.after;
      if (isUp ? position >= stretch.upTo : position <= stretch.after) break;
      if (isEnd(position)) return position;
    }
    return isUp ? Math.min(segment.last, stretch.upTo) : Math.max(segment.after, stretch.after);
  }

  #matchesOf(plan: PreparedPlan, tenant: number, segment: StoredSegment): SegmentMatches {
    const known = this.#found.get(plan);
    if (known?.last === segment.last) return known.matches;
    const events = segment.blocks.at(-1)!;
    const page = (number: number): Uint8Array => this.#segments.page(tenant, segment, number);
    const matches = segmentMatches(plan.hashedFilters, { events, page });
    this.#found.delete(plan);
    this.#found.set(plan, { last: segment.last, matches });
    if (this.#found.size > maxKept) this.#found.delete(this.#found.keys().next().value!);
    return matches;
  }

  /** Adds a block's matches; gives where the slice ends when the collector was full before the end. */
  #collect(
    plan: PreparedPlan,
    { tenant, after, upTo }: Stretch,
    block: BlockMatches,
    matches: SegmentMatches,
    runs: RunCollector,
  ): number | undefined {
    const firstOrdinal = matches.ordinals[block.from]! - block.firstOrdinal;
    const lastOrdinal = matches.ordinals[block.to - 1]! - block.firstOrdinal;
    const { start, length } = placesBytes(firstOrdinal, lastOrdinal);
    const stored = this.#places.get(start, length, tenant, block.last) as unknown as PlacesRow;
    runs.countBlock();
    const places = new StoredPlaces(stored.places, stored.first, firstOrdinal);
    const found: { ordinal: number; offset: number; match: number }[] = [];
    for (let match = block.from; match < block.to; match++) {
      const ordinal = matches.ordinals[match]! - block.firstOrdinal;
      const offset = places.offset(ordinal);
      if (offset > after && offset <= upTo) found.push({ ordinal, offset, match });
    }
    if (found.length === 0) return undefined;
    const basic = this.#framesBetween(stored.row, places, found[0]!.ordinal, found.at(-1)!.ordinal);
    const offset = (ordinal: number): number => places.offset(ordinal);
    const frame = this.#frames.of(tenant, plan, { last: block.last, count: block.count, offset, basic });
    if (runs.direction === "down") found.reverse();
    for (const one of found) {
      runs.add(frame(one.ordinal), one.offset, matches.filters[one.match]);
      if (runs.isFull() && one !== found.at(-1)) return runs.direction === "up" ? one.offset : one.offset - 1;
    }
    return undefined;
  }

  /** Reads the frames from one event of a block to another. */
  #framesBetween(
    row: number,
    places: StoredPlaces,
    firstOrdinal: number,
    lastOrdinal: number,
  ): (ordinal: number) => Uint8Array {
    const start = places.frameStart(firstOrdinal);
    const piece = this.#piece.get(start, places.frameEnd(lastOrdinal) - start, row)!.piece as Uint8Array;
    return (ordinal) => piece.subarray(places.frameStart(ordinal) - start, places.frameEnd(ordinal) - start);
  }
}

/** The blocks of a segment that lie within a stretch, as far as they have matches. */
function blocksWithMatches(
  { after: segmentAfter, blocks }: StoredSegment,
  ordinals: readonly number[],
  { after, upTo }: Stretch,
): BlockMatches[] {
  const found: BlockMatches[] = [];
  let [previousLast, firstOrdinal, from] = [segmentAfter, 0, 0];
  for (let at = 0; at < blocks.length && from < ordinals.length; at += 2) {
    const last = segmentAfter + blocks[at]!;
    const endOrdinal = blocks[at + 1]!;
    let to = from;
    while (to < ordinals.length && ordinals[to]! < endOrdinal) to++;
    if (to > from && last > after && previousLast < upTo)
      found.push({ after: previousLast, last, firstOrdinal, count: endOrdinal - firstOrdinal, from, to });
    [previousLast, firstOrdinal, from] = [last, endOrdinal, to];
  }
  return found;
}
