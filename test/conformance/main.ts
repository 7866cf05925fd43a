/**
 * `npm run conformance [-- --sdk go,python] [--case PATTERN] [--list] [--verbose]`: plays the cases with the driver of each
 * SDK and prints one table. Exit code 1 when a case fails that is not known to, or passes that is.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { show } from "./amount.ts";
import { type Case, loadCases } from "./case.ts";
import { Driver, findSdks, type Sdk } from "./driver.ts";
import { playCase, type Result } from "./play-case.ts";
import { loadKnownFailures, reportOf } from "./report.ts";
import { startGateways } from "./shared-gateways.ts";
import type { SharedGateways } from "./stage.ts";

const root = join(import.meta.dirname, "../..");
/** Cases under way at a time. Most of them wait most of the time. */
const concurrency = 12;
const driverGraceMs = 10_000;
/** The first build of a driver takes minutes where nothing is cached. */
const readyWithinMs = 900_000;

const { values: flags } = parseArgs({
  options: {
    sdk: { type: "string" },
    case: { type: "string" },
    /** A driver that is in no folder of sdk/: NAME=COMMAND. */
    driver: { type: "string", multiple: true, default: [] },
    list: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});

function chosenSdks(): Sdk[] {
  const given = flags.driver.map((text) => {
    const at = text.indexOf("=");
    return { name: text.slice(0, at), command: text.slice(at + 1), isVariant: false };
  });
  const found = [...findSdks(root), ...given];
  const names = flags.sdk?.split(",");
  const missing = names?.find((name) => !found.some((sdk) => sdk.name === name));
  if (missing !== undefined) throw new Error(`the SDK ${missing} has no driver: sdk/${missing}/conformance/command`);
  return names === undefined ? found : names.map((name) => found.find((sdk) => sdk.name === name)!);
}

function chosenCases(): Case[] {
  const pattern = new RegExp(flags.case ?? "");
  return loadCases(join(import.meta.dirname, "cases")).filter(({ id }) => pattern.test(id));
}

function tenantOf(sdk: Sdk, index: number): string {
  return `${sdk.name}-${index + 1}`;
}

function casesFor({ isVariant }: Sdk, cases: readonly Case[]): Case[] {
  return cases.filter(({ server, protocol }) => !isVariant || (server === "gateway" && protocol === "any"));
}

/** A driver may have to be built first. It is ready when it has answered something. */
async function startDriver(sdk: Sdk, gateways: SharedGateways): Promise<Driver> {
  const driver = new Driver(sdk, root);
  const request = { tenant: gateways.expired.tenant };
  const answer = driver.start("ready", { method: "get_log_info", url: gateways.expired.gateway.url, request });
  const late = AbortSignal.timeout(readyWithinMs);
  while (answer.done === undefined && answer.died === undefined && !late.aborted) {
    await Promise.race([once(answer, "change"), once(late, "abort")]);
  }
  if (answer.done?.outcome === "completed") return driver;
  await driver.kill();
  throw new Error(`the driver of ${sdk.name} is not ready: ${answer.died ?? show(answer.done)}`);
}

/** Plays what may share the machine side by side, then what wants it alone. */
async function playAll(
  sdk: Sdk,
  driver: Driver,
  cases: readonly Case[],
  gateways: SharedGateways,
  folder: string,
): Promise<{ results: Result[]; complaints: string[] }> {
  const theatre = { root, sdk, driver, gateways, folder: join(folder, sdk.name) };
  const results = new Map<string, Result>();
  const play = async (theCase: Case): Promise<void> => {
    const result = await playCase(theatre, theCase, tenantOf(sdk, cases.indexOf(theCase)));
    results.set(theCase.id, result);
    if (!flags.verbose) return;
    const outcome = result.problems.length === 0 ? "ok" : `FAILED ${result.problems.join("; ")}`;
    process.stderr.write(`${sdk.name} ${theCase.id} ${Math.round(result.tookMs)} ms ${outcome}\n`);
  };
  const waiting = cases.filter(({ alone }) => !alone);
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await play(next);
    }),
  );
  for (const theCase of cases) if (theCase.alone) await play(theCase);
  const complaints = (await driver.stop(driverGraceMs)).map((complaint) => `${sdk.name}: the driver: ${complaint}`);
  return { results: cases.map(({ id }) => results.get(id)!), complaints };
}

async function main(): Promise<number> {
  const cases = chosenCases();
  if (flags.list) {
    process.stdout.write(`${cases.map(({ id, title, proves }) => `${id}\n    ${title}\n    ${proves}`).join("\n")}\n`);
    return 0;
  }
  const sdks = chosenSdks();
  if (sdks.length === 0) throw new Error("no SDK has a driver (sdk/*/conformance/command)");
  const folder = mkdtempSync(join(tmpdir(), "callwire-conformance-"));
  const tenants = sdks.flatMap((sdk) => cases.map((_, index) => tenantOf(sdk, index)));
  const gateways = await startGateways(root, folder, tenants);
  const results: Result[] = [];
  const complaints: string[] = [];
  try {
    for (const sdk of sdks) {
      const driver = await startDriver(sdk, gateways);
      const startedMs = performance.now();
      const played = await playAll(sdk, driver, casesFor(sdk, cases), gateways, folder);
      results.push(...played.results);
      complaints.push(...played.complaints);
      process.stderr.write(`${sdk.name}: ${((performance.now() - startedMs) / 1_000).toFixed(1)} s\n`);
    }
  } finally {
    await gateways.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
  const known = loadKnownFailures(join(import.meta.dirname, "known-failures.yaml"));
  const { text, isGood } = reportOf(results, known, complaints);
  process.stdout.write(text);
  return isGood ? 0 : 1;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
process.exitCode = await main();
