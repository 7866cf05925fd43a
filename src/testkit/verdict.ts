/**
 * Compares what a consumer recorded with what the journal has for its filters. Each guarantee has a name:
 *
 *     lost           an event of the journal was never recorded
 *     repeated       an event was recorded again
 *     out of order   an event was first recorded after a later one
 *     foreign        what was recorded is no event that the filters select
 *     other epoch    the cursor belongs to another journal
 */
import type { Recorded } from "./recording.ts";

export interface JournalEvents {
  /** Of the journal, 8 hex digits. */
  epoch: string;
  /** Of the events that the filters select, ascending. */
  offsets: readonly bigint[];
}

/** Neighbouring events of the journal that are missing. */
export interface LostRange {
  first: bigint;
  last: bigint;
  count: number;
  /** Whether nothing later was recorded: the consumer may only not have come so far. */
  isTail: boolean;
}

export interface Misplaced {
  recorded: Recorded;
  /** The latest offset recorded before it. */
  after: bigint;
}

export interface Repeated {
  recorded: Recorded;
  /** The line on which the event was recorded first. */
  firstLine: number;
}

export interface Verdict {
  lost: LostRange[];
  repeated: Repeated[];
  outOfOrder: Misplaced[];
  foreign: Recorded[];
  otherEpoch: Recorded[];
  /** Events of the journal that were recorded. */
  delivered: number;
}

export function compareWithJournal(journal: JournalEvents, recording: readonly Recorded[]): Verdict {
  const expected = new Set(journal.offsets);
  const firstLines = new Map<bigint, number>();
  const verdict: Verdict = { lost: [], repeated: [], outOfOrder: [], foreign: [], otherEpoch: [], delivered: 0 };
  let latest = 0n;
  for (const recorded of recording) {
    const { line, offset, epoch = journal.epoch } = recorded;
    const firstLine = firstLines.get(offset);
    if (epoch !== journal.epoch) verdict.otherEpoch.push(recorded);
    else if (!expected.has(offset)) verdict.foreign.push(recorded);
    else if (firstLine !== undefined) verdict.repeated.push({ recorded, firstLine });
    else {
      firstLines.set(offset, line);
      if (offset < latest) verdict.outOfOrder.push({ recorded, after: latest });
      else latest = offset;
    }
  }
  verdict.delivered = firstLines.size;
  verdict.lost = lostRanges(journal.offsets, firstLines, latest);
  return verdict;
}

function lostRanges(offsets: readonly bigint[], seen: ReadonlyMap<bigint, number>, latest: bigint): LostRange[] {
  const ranges: LostRange[] = [];
  let open: LostRange | undefined;
  for (const offset of offsets) {
    if (seen.has(offset)) open = undefined;
    else if (open === undefined)
      ranges.push((open = { first: offset, last: offset, count: 1, isTail: offset > latest }));
    else {
      open.last = offset;
      open.count++;
    }
  }
  return ranges;
}

/** A consumer that crashed may get the tail that it had not saved again; then repeats can be allowed. */
export interface Tolerance {
  allowRepeats?: boolean;
}

export function isKept(verdict: Verdict, { allowRepeats = false }: Tolerance = {}): boolean {
  const { lost, repeated, outOfOrder, foreign, otherEpoch } = verdict;
  const broken = lost.length + outOfOrder.length + foreign.length + otherEpoch.length;
  return broken === 0 && (allowRepeats || repeated.length === 0);
}

/** Findings of one kind that are told one by one. */
const toldOfEach = 10;

/** A sentence for each finding, the worst first. */
export function describeVerdict(verdict: Verdict, epoch: string): string[] {
  const at = (offset: bigint): string => `${epoch}-${offset}`;
  return [
    ...told(verdict.lost, ({ first, last, count, isTail }) => {
      const which = count === 1 ? `the event ${at(first)}` : `${count} events from ${at(first)} to ${at(last)}`;
      return `lost: ${which}${isTail ? ", the end of the journal; the consumer may not have come so far" : ""}`;
    }),
    ...told(verdict.outOfOrder, ({ recorded: { line, offset }, after }) => {
      return `out of order: line ${line} has ${at(offset)} after ${at(after)}`;
    }),
    ...told(verdict.repeated, ({ recorded: { line, offset }, firstLine }) => {
      return `repeated: line ${line} has ${at(offset)}, as line ${firstLine} had`;
    }),
    ...told(verdict.foreign, ({ line, offset }) => {
      return `foreign: line ${line} has ${at(offset)}, which is no event that the filters select`;
    }),
    ...told(verdict.otherEpoch, ({ line, offset, epoch: other }) => {
      return `other epoch: line ${line} has ${other}-${offset}, and the journal's epoch is ${epoch}`;
    }),
  ];
}

function told<Finding>(findings: readonly Finding[], describe: (finding: Finding) => string): string[] {
  const sentences = findings.slice(0, toldOfEach).map(describe);
  const rest = findings.length - sentences.length;
  if (rest > 0) sentences.push(`${sentences[0]!.split(":")[0]}: ${rest} more like these`);
  return sentences;
}
