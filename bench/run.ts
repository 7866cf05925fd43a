/** Runs a workload: every measurement once a round, the gateway's and its peers' in turn. */
import { fsyncsPerSecond } from "./disk.ts";
import { loudly, printRatios, printRounds } from "./report.ts";
import { type Ratio, type Rounds, ratios, type Spread, summarise } from "./summary.ts";
import type { MissingTools } from "./toolchain.ts";
import type { Measurement, Settings, Workload } from "./workload.ts";

export interface WorkloadResult {
  workload: string;
  measurements: (Rounds & { figures: Record<string, Spread> })[];
  ratios: Ratio[];
  leftOut: { name: string; why: string }[];
  failures: { name: string; round: number; why: string }[];
}

/** Measured right before, since disks have bad spells. */
const diskFigure = "durable writes/s of the disk alone";

type Failures = WorkloadResult["failures"];

async function attempt<R>(failures: Failures, name: string, round: number, work: () => Promise<R>) {
  try {
    return await work();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    failures.push({ name, round, why });
    loudly(`${name} failed in round ${round}: ${why}`);
    return undefined;
  }
}

export async function runWorkload(
  workload: Workload,
  settings: Settings,
  rounds: number,
  missing: MissingTools,
): Promise<WorkloadResult> {
  console.log(`\n${workload.name}: ${workload.about}`);
  const failures: Failures = [];
  const leftOut: WorkloadResult["leftOut"] = [];
  const taking: Measurement[] = [];
  const { only } = settings;
  for (const measurement of workload.measurements(settings)) {
    if (only !== undefined && !only.includes(measurement.name)) continue;
    const why = measurement.needs && missing[measurement.needs];
    if (why === undefined) taking.push(measurement);
    else leftOut.push({ name: measurement.name, why });
  }
  for (const { name, why } of leftOut) loudly(`LEFT OUT: ${name}: ${why}`);
  const results = new Map<Measurement, Rounds>();
  try {
    for (const measurement of taking) {
      const { name, own } = measurement;
      const ready = await attempt(failures, name, 0, async () => {
        await measurement.prepare?.();
        return true;
      });
      if (ready) results.set(measurement, { name, own, rounds: [] });
    }
    for (let round = 1; round <= rounds; round++) {
      for (const [measurement, taken] of results) {
        const disk = workload.durable ? { [diskFigure]: fsyncsPerSecond() } : {};
        const figures = await attempt(failures, taken.name, round, () => measurement.measure());
        taken.rounds.push(figures && { ...figures, ...disk });
      }
    }
  } finally {
    for (const measurement of taking) await measurement.dispose?.();
  }
  const all = [...results.values()];
  const result: WorkloadResult = {
    workload: workload.name,
    measurements: all.map((taken) => ({ ...taken, figures: summarise(taken.rounds) })),
    ratios: ratios(all, workload.compared),
    leftOut,
    failures,
  };
  for (const taken of all) printRounds(taken);
  printRatios(result.ratios);
  return result;
}
