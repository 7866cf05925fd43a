/** The known failures, and the table of a run. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import type { Result } from "./play-case.ts";

const knownFailures = z.array(z.strictObject({ sdk: z.string(), case: z.string(), why: z.string() }));
export type KnownFailure = z.output<typeof knownFailures>[number];

export function loadKnownFailures(file: string): KnownFailure[] {
  return knownFailures.parse(parse(readFileSync(file, "utf8")));
}

const marks = { passed: "ok", failed: "FAILED", known: "known", mended: "MENDED", absent: "-" } as const;
type Verdict = keyof typeof marks;

export interface Report {
  text: string;
  isGood: boolean;
}

export function reportOf(
  results: readonly Result[],
  known: readonly KnownFailure[],
  complaints: readonly string[],
): Report {
  const sdks = [...new Set(results.map(({ sdk }) => sdk))];
  const ids = [...new Set(results.map(({ id }) => id))];
  const verdictOf = (sdk: string, id: string): Verdict => {
    const result = results.find((one) => one.sdk === sdk && one.id === id);
    if (result === undefined) return "absent";
    const isKnown = known.some((failure) => failure.sdk === sdk && failure.case === id);
    if (result.problems.length === 0) return isKnown ? "mended" : "passed";
    return isKnown ? "known" : "failed";
  };
  const idWidth = Math.max(4, ...ids.map((id) => id.length));
  const row = (first: string, cells: string[]): string =>
    [first.padEnd(idWidth), ...cells.map((cell, index) => cell.padEnd(Math.max(8, sdks[index]!.length)))]
      .join("  ")
      .trimEnd();
  const lines = [
    row("case", sdks),
    ...ids.map((id) =>
      row(
        id,
        sdks.map((sdk) => marks[verdictOf(sdk, id)]),
      ),
    ),
  ];
  const verdicts = results.map(({ sdk, id }) => verdictOf(sdk, id));
  const countOf = (verdict: Verdict): number => verdicts.filter((one) => one === verdict).length;
  const details = results.flatMap(({ sdk, id, problems }) => {
    const verdict = verdictOf(sdk, id);
    if (verdict === "mended") return [`${sdk} ${id} passes: take it off the list of known failures.`];
    return verdict === "failed" ? [`${sdk} ${id}:`, ...problems.map((problem) => `    ${problem}`)] : [];
  });
  const perSdk = sdks.map((sdk) => {
    const own = results.filter((result) => result.sdk === sdk);
    return `${own.filter(({ problems }) => problems.length === 0).length}/${own.length}`;
  });
  const total = `${countOf("passed")} passed, ${countOf("failed")} failed, ${countOf("known")} known failures, ${countOf("mended")} mended`;
  const parts = [
    lines.join("\n"),
    row("passed", perSdk),
    ...(details.length === 0 ? [] : ["", ...details]),
    ...complaints,
    "",
    total,
  ];
  return { text: `${parts.join("\n")}\n`, isGood: countOf("failed") + countOf("mended") + complaints.length === 0 };
}
