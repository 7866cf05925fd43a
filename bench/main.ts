/**
 * `npm run bench [-- WORKLOAD ...] [--rounds N]`: runs workloads, all by default, prints medians with the spread, and
 * writes bench/results/latest.json. The gateway runs in a process of its own; its CPU time is measured apart from the
 * clients'. See docs/performance.md.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";
import { type Figures, workloads } from "./workloads.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "3" } },
});
const rounds = Number(values.rounds);
const names = positionals.length > 0 ? positionals : Object.keys(workloads);
const unknown = names.filter((name) => workloads[name] === undefined);
if (unknown.length > 0 || !(rounds >= 1)) {
  console.error(`usage: npm run bench [-- WORKLOAD ...] [--rounds N]; workloads: ${Object.keys(workloads).join(", ")}`);
  process.exit(2);
}

/** The disk's own rate of durable commits, without which no figure of ingest means anything. */
function commitsPerSecond(): number {
  const folder = "bench/results/commit-rate.db";
  const database = new DatabaseSync(folder);
  database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS t (x)");
  const insert = database.prepare("INSERT INTO t VALUES (1)");
  const count = 300;
  const start = performance.now();
  for (let i = 0; i < count; i++) insert.run();
  const seconds = (performance.now() - start) / 1000;
  database.exec("DROP TABLE t");
  database.close();
  return count / seconds;
}

function format(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(1);
}

function summarise(all: Figures[]): Record<string, { median: number; min: number; max: number }> {
  return Object.fromEntries(
    Object.keys(all[0]!).map((figure) => {
      const sorted = all.map((figures) => figures[figure]!).sort((a, b) => a - b);
      return [figure, { median: sorted[Math.floor(sorted.length / 2)]!, min: sorted[0]!, max: sorted.at(-1)! }];
    }),
  );
}

mkdirSync("bench/results", { recursive: true });
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
console.log(`${machine.cores} × ${machine.cpu}, Node ${machine.node}, ${rounds} rounds`);
const results: Record<string, unknown> = {};
for (const name of names) {
  const all: Figures[] = [];
  const disk: number[] = [];
  for (let round = 0; round < rounds; round++) {
    disk.push(commitsPerSecond());
    all.push(await workloads[name]!());
  }
  const summary = summarise(all);
  results[name] = { summary, commitsPerSecond: disk };
  console.log(`\n${name} (disk: ${disk.map((rate) => format(rate)).join(", ")} single commits/s)`);
  for (const [figure, { median, min, max }] of Object.entries(summary)) {
    console.log(`  ${figure.padEnd(55)} ${format(median).padStart(12)}   (${format(min)} to ${format(max)})`);
  }
}
writeFileSync("bench/results/latest.json", `${JSON.stringify({ machine, rounds, results }, null, 2)}\n`);
