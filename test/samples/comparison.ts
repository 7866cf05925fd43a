/** Compares the lines of a recorder with what the simulator knows. */
import { isDeepStrictEqual } from "node:util";
import type { RecordedCall, Span } from "./truth.ts";

export interface Comparison {
  calls: number;
  pauses: number;
  /** Lines that were written again after a crash. */
  repeated: number;
  problems: string[];
}

interface WrittenSpan {
  from: string;
  to: string;
}

type WrittenLine = Omit<RecordedCall, "started" | "ended" | "segments" | "paused"> & {
  started: string | null;
  ended: string;
  segments: WrittenSpan[];
  paused: WrittenSpan[];
};

/** Each language writes a time in its own way; all mean the same millisecond. */
function parse(line: string): RecordedCall {
  const { started, ended, segments, paused, ...rest } = JSON.parse(line) as WrittenLine;
  const span = ({ from, to }: WrittenSpan): Span => ({ from: Date.parse(from), to: Date.parse(to) });
  return {
    ...rest,
    started: started === null ? null : Date.parse(started),
    ended: Date.parse(ended),
    segments: segments.map(span),
    paused: paused.map(span),
  };
}

/**
 * @param kills how often the recorder was killed: after each, its last line may come again
 * @param truth at least as many calls as there are lines
 */
export function compare(lines: readonly string[], truth: readonly RecordedCall[], kills: number): Comparison {
  const distinct = lines.filter((line, index) => line !== lines[index - 1]);
  const written = distinct.map(parse);
  const problems = written.flatMap((call, index) => {
    const known = truth[index];
    if (isDeepStrictEqual(call, known)) return [];
    return [`call ${index + 1}: wrote ${JSON.stringify(call)}`, `        the truth is ${JSON.stringify(known)}`];
  });
  const repeated = lines.length - distinct.length;
  if (repeated > kills) problems.push(`${repeated} lines came again after ${kills} kills`);
  return {
    calls: written.length,
    pauses: written.reduce((sum, { paused }) => sum + paused.length, 0),
    repeated,
    problems,
  };
}
