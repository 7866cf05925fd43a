/**
 * `npm run bench [-- WORKLOAD ...|all] [--rounds N] [--seconds N] [--events N] [--journals FOLDER] [--only NAME ...] [--server-cores LIST] [--short]
 * [--json FILE]`: the canonical workload, or those named. Servers run in processes of their own. See docs/performance.md.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { loudly } from "./report.ts";
import { runWorkload, type WorkloadResult } from "./run.ts";
import { ServerProcess } from "./server-process.ts";
import { prepareTools } from "./toolchain.ts";
import { usage } from "./usage.ts";

const { workloads, settings, rounds, json, serverCores } = usage(process.argv.slice(2));
ServerProcess.cores = serverCores;
const missing = prepareTools();
const needsGo = workloads.filter(({ name }) => name !== "fold");
if (missing.go !== undefined && needsGo.length > 0) {
  loudly(`LEFT OUT: ${needsGo.map(({ name }) => name).join(", ")}: the load clients need Go. ${missing.go}`);
}
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
const started = new Date().toISOString();
console.log(
  `${machine.cores} × ${machine.cpu}, Node ${machine.node}; rounds: ${rounds}${serverCores === undefined ? "" : `; servers on cores ${serverCores}`}`,
);
const results: WorkloadResult[] = [];
for (const workload of workloads) {
  if (missing.go !== undefined && workload.name !== "fold") continue;
  results.push(await runWorkload(workload, settings, rounds, missing));
  mkdirSync(dirname(json), { recursive: true });
  writeFileSync(
    json,
    `${JSON.stringify({ machine, started, settings, rounds, serverCores, missing, results }, null, 2)}\n`,
  );
}
console.log(`\nwritten to ${json}`);
const ownFailures = results.flatMap(({ failures, measurements }) =>
  failures.filter(({ name, round }) => round === 0 || measurements.some((taken) => taken.own && taken.name === name)),
);
process.exit(results.length < workloads.length || ownFailures.length > 0 ? 1 : 0);
