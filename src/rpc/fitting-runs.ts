/** What of the events that were read still fits into a page: a response must not grow beyond what clients take. */
import { matchBytes } from "../fanout/segment.ts";
import type { EventRun } from "../log/event-reader.ts";

export interface FittingRuns {
  runs: EventRun[];
  events: number;
  bytes: number;
  /** Offset of the first event that does not fit; undefined when all do. */
  firstLeft: number | undefined;
}

function cut({ frames, ends, offsets, matches }: EventRun, events: number): EventRun {
  return {
    frames: frames.subarray(0, ends[events - 1]!),
    ends: ends.subarray(0, events),
    offsets: offsets.subarray(0, events),
    matches: matches?.slice(0, events),
  };
}

/** @param isEmpty the page has no event yet: then one fits, however large it is */
export function fittingRuns(runs: readonly EventRun[], room: number, isEmpty: boolean): FittingRuns {
  const fitting: FittingRuns = { runs: [], events: 0, bytes: 0, firstLeft: undefined };
  for (const run of runs) {
    for (let at = 0; at < run.offsets.length; at++) {
      const start = at === 0 ? 0 : run.ends[at - 1]!;
      const bytes = run.ends[at]! - start + (run.matches === undefined ? 0 : matchBytes(run.matches[at]!));
      if (fitting.bytes + bytes > room && !(isEmpty && fitting.events === 0)) {
        if (at > 0) fitting.runs.push(cut(run, at));
        fitting.firstLeft = run.offsets[at]!;
        return fitting;
      }
      fitting.bytes += bytes;
      fitting.events++;
    }
    fitting.runs.push(run);
  }
  return fitting;
}
