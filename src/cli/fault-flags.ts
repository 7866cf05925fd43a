/** The flags that say how the fault proxy breaks connections. */
import type { Command } from "commander";
import { type Fault, faultSyntax, parseFault } from "../testkit/fault.ts";
import { randomCuts } from "../testkit/random-cuts.ts";
import { freshSeed, seedNumber } from "./simulate.ts";
import { gather, UsageError, wholeNumber } from "./usage.ts";

export interface FaultFlags {
  fault?: string[];
  randomCuts?: number;
  cutEvery: { minBytes: number; maxBytes: number };
  seed?: number;
}

export function addFaultFlags(command: Command): Command {
  return command
    .option("--fault <spec>", `a fault, after those given before it: ${faultSyntax}`, gather)
    .option("--random-cuts <n>", "so many cuts at random, after the faults", wholeNumber("--random-cuts", 1))
    .option("--cut-every <bytes>", "bytes between two random cuts, MIN-MAX", byteRange, {
      minBytes: 2_000,
      maxBytes: 20_000,
    })
    .option("--seed <n>", "the same seed gives the same run (default: another each time)", seedNumber);
}

function byteRange(text: string): FaultFlags["cutEvery"] {
  const [, min, max] = /^(\d{1,9})-(\d{1,9})$/.exec(text) ?? [];
  if (min === undefined || Number(min) < 1 || Number(min) > Number(max)) {
    throw new UsageError(`--cut-every takes a range of bytes such as 2000-20000, not "${text}".`);
  }
  return { minBytes: Number(min), maxBytes: Number(max) };
}

/** The plan that the flags ask for, and the seed that repeats it. */
export function buildFaults(flags: FaultFlags): { faults: Fault[]; seed: number } {
  const seed = flags.seed ?? freshSeed();
  const given = (flags.fault ?? []).map(readFault);
  const { randomCuts: count } = flags;
  if (count === undefined) return { faults: given, seed };
  return { faults: [...given, ...randomCuts({ seed, count, ...flags.cutEvery, sparing: true })], seed };
}

function readFault(text: string): Fault {
  try {
    return parseFault(text);
  } catch (error) {
    throw new UsageError(`--fault: ${(error as Error).message}`);
  }
}
