/** Prints what a comparison with the journal has found. */
import { describeVerdict, isKept, type JournalEvents, type Tolerance, type Verdict } from "../testkit/verdict.ts";
import { AlreadyReported } from "./failure.ts";
import { print } from "./output.ts";

/** @throws AlreadyReported when a guarantee was broken */
export async function printVerdict(verdict: Verdict, journal: JournalEvents, tolerance: Tolerance): Promise<void> {
  const { delivered, repeated } = verdict;
  const kept = isKept(verdict, tolerance);
  const again = repeated.length > 0 && kept ? `, ${repeated.length} of them more than once` : "";
  const sentences = kept ? [] : describeVerdict(verdict, journal.epoch);
  const total = `${delivered} of ${journal.offsets.length} events were delivered${again}.`;
  await print(`${[...sentences, kept ? `${total} Every guarantee was kept.` : total].join("\n")}\n`);
  if (!kept) throw new AlreadyReported();
}
