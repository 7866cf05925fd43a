/**
 * `npm run samples [-- --sdk go,python]`: runs the recorder sample of each SDK against one `callwire demo`, kills it in the
 * middle, lets it resume, and compares what it wrote with what the simulator knows. Exit code 1 when anything differs.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { demoCentre } from "../../src/cli/demo.ts";
import { type Comparison, compare } from "./comparison.ts";
import { DemoProcess } from "./demo-process.ts";
import { callEvents } from "./journal.ts";
import { build, findSamples, type Sample, SampleProcess } from "./sample-process.ts";
import { Truth } from "./truth.ts";

const root = join(import.meta.dirname, "../..");
const seed = 7;
const rate = 100;
/** Each sample is killed when it has written so many lines. Calls are open then: about one for each agent. */
const killsAfterLines = [15, 30, 45];
const linesInAll = 60;
/** A sample may have to be built first. */
const withinMs = 900_000;
const shownProblems = 6;

function chosenSamples(): Sample[] {
  const { values } = parseArgs({ options: { sdk: { type: "string" } } });
  const found = findSamples(root);
  const names = values.sdk?.split(",") ?? found.map(({ language }) => language);
  return names.map((name) => {
    const sample = found.find(({ language }) => language === name);
    if (sample === undefined) throw new Error(`the SDK ${name} has no sample: sdk/${name}/samples/command`);
    return sample;
  });
}

/** Kills a sample and starts it again until it has written all its lines. */
async function record(sample: SampleProcess): Promise<void> {
  sample.start();
  for (const lines of killsAfterLines) {
    await sample.written(lines);
    await sample.kill();
    sample.start();
  }
  await sample.written(linesInAll);
  await sample.stop();
}

/** Follows the journal until all that was written can be judged. */
async function learn(truth: Truth, url: string, calls: number): Promise<void> {
  for await (const event of callEvents(url)) {
    truth.observe(event);
    if (truth.ended.length >= calls) return;
  }
}

async function play(folder: string): Promise<Map<string, Comparison | Error>> {
  const chosen = chosenSamples();
  // One after the other: a build takes the whole machine by itself.
  for (const sample of chosen) await build(root, sample);
  const demo = await DemoProcess.start(root, { seed, rate, dataDir: join(folder, "data") });
  const samples = chosen.map((sample) => ({
    language: sample.language,
    process: new SampleProcess(root, sample, demo.url, folder),
  }));
  const ends = await Promise.allSettled(samples.map(({ process }) => record(process)));
  const truth = new Truth(demoCentre(seed));
  await learn(truth, demo.url, Math.max(...samples.map(({ process }) => process.lines.length)));
  await demo.stop();
  return new Map<string, Comparison | Error>(
    samples.map(({ language, process }, index) => {
      const end = ends[index]!;
      if (end.status === "rejected") return [language, end.reason as Error];
      return [language, compare(process.lines, truth.ended, process.kills)];
    }),
  );
}

function row(...cells: (string | number)[]): string {
  const [first, ...rest] = cells;
  return [String(first).padEnd(12), ...rest.map((cell) => String(cell).padStart(9))].join(" ");
}

function report(outcomes: ReadonlyMap<string, Comparison | Error>): boolean {
  const rows = [row("sample", "calls", "pauses", "killed", "repeated", "as known")];
  const details: string[] = [];
  for (const [language, outcome] of outcomes) {
    if (outcome instanceof Error) {
      rows.push(row(language, "-", "-", "-", "-", "FAILED"));
      details.push(`${language}: ${outcome.message}`);
      continue;
    }
    const { calls, pauses, repeated, problems } = outcome;
    const verdict = problems.length === 0 ? "yes" : "NO";
    rows.push(row(language, calls, pauses, killsAfterLines.length, repeated, verdict));
    details.push(...problems.slice(0, shownProblems).map((problem) => `${language}: ${problem}`));
  }
  process.stdout.write(`${[...rows, ...details].join("\n")}\n`);
  return details.length === 0;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
const folder = mkdtempSync(join(tmpdir(), "callwire-samples-"));
const late = setTimeout(() => {
  process.stderr.write(`samples: not ready within ${withinMs / 1_000} s\n`);
  process.exit(1);
}, withinMs);
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const isGood = report(await play(folder));
clearTimeout(late);
process.exitCode = isGood ? 0 : 1;
