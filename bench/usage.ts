/** The command line of `npm run bench`. */
import { parseArgs } from "node:util";
import type { Settings, Workload } from "./workload.ts";
import { canonical, workloads } from "./workloads.ts";

export interface Run {
  workloads: Workload[];
  settings: Settings;
  rounds: number;
  json: string;
  /** The cores that the servers may use, as `taskset` takes them; undefined for all. */
  serverCores: string | undefined;
}

const names = workloads.map(({ name }) => name);
const text = `usage: npm run bench [-- WORKLOAD ...|all] [--rounds N] [--seconds N] [--events N] [--journals FOLDER] [--only NAME ...] [--server-cores LIST] [--short] [--json FILE]
workloads: ${names.join(", ")}; without one: ${canonical.name}`;

function wrong(): never {
  console.error(text);
  process.exit(2);
}

function positive(given: string | undefined, otherwise: number): number {
  const value = given === undefined ? otherwise : Number(given);
  return value > 0 ? value : wrong();
}

/** Ends the process on wrong usage. */
export function usage(args: string[]): Run {
  const options = {
    rounds: { type: "string" },
    seconds: { type: "string" },
    events: { type: "string" },
    journals: { type: "string" },
    only: { type: "string", multiple: true },
    "server-cores": { type: "string" },
    short: { type: "boolean", default: false },
    json: { type: "string", default: "bench/results/latest.json" },
    help: { type: "boolean", default: false },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    if (values.help) wrong();
    const { short } = values;
    // What is kept is found again by the number of its events.
    if (values.journals !== undefined && values.events === undefined) wrong();
    const chosen = positionals.length === 0 ? [canonical.name] : positionals.includes("all") ? names : positionals;
    if (chosen.some((name) => !names.includes(name))) wrong();
    return {
      workloads: workloads.filter(({ name }) => chosen.includes(name)),
      rounds: Math.ceil(positive(values.rounds, short ? 1 : 3)),
      settings: {
        seconds: positive(values.seconds, short ? 0.25 : 5),
        events: values.events === undefined ? undefined : Math.ceil(positive(values.events, 1)),
        fillSeconds: short ? 0.5 : 60,
        journals: values.journals,
        only: values.only,
        short,
      },
      json: values.json,
      serverCores: values["server-cores"],
    };
  } catch {
    wrong();
  }
}
