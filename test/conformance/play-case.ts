/** Plays one case with one SDK. */
import { once } from "node:events";
import { join } from "node:path";
import type { Case, Run } from "./case.ts";
import { Driver, type Sdk } from "./driver.ts";
import { judge } from "./expectation.ts";
import { type SharedGateways, Stage } from "./stage.ts";
import { playSteps, until } from "./steps.ts";

export interface Result {
  sdk: string;
  id: string;
  problems: string[];
  tookMs: number;
}

export interface Theatre {
  root: string;
  sdk: Sdk;
  driver: Driver;
  gateways: SharedGateways;
  /** Where the cases have their folders. */
  folder: string;
}

/** A driver of the case's own that does not end by itself within this time is ended, and that is a problem. */
const driverGraceMs = 10_000;

export async function playCase(theatre: Theatre, theCase: Case, tenant: string): Promise<Result> {
  const startedMs = performance.now();
  const problems = await problemsOf(theatre, theCase, tenant).catch((error: Error) => [error.message]);
  return { sdk: theatre.sdk.name, id: theCase.id, problems, tookMs: performance.now() - startedMs };
}

async function problemsOf(theatre: Theatre, theCase: Case, tenant: string): Promise<string[]> {
  const folder = join(theatre.folder, theCase.id.replace("/", "-"));
  const stage = await Stage.build(theCase, folder, tenant, theatre.gateways);
  try {
    const problems: string[] = [];
    for (const [index, run] of theCase.runs.entries()) {
      const name = theCase.runs.length === 1 ? "" : `run ${index + 1}: `;
      const found = await playRun(theatre, theCase, run, `${theCase.id}#${index + 1}`, stage);
      problems.push(...found.map((problem) => name + problem));
    }
    return problems;
  } finally {
    await stage.dispose();
  }
}

async function playRun(theatre: Theatre, theCase: Case, run: Run, id: string, stage: Stage): Promise<string[]> {
  const isOwn = theCase.driver === "own";
  const driver = isOwn ? new Driver(theatre.sdk, theatre.root) : theatre.driver;
  const isKilled = run.steps.some((step) => step.do.some((action) => "driver" in action && action.driver === "kill"));
  const problems: string[] = [];
  const request = { tenant: stage.tenant, ...(run.run.request as object | undefined) };
  const transcript = driver.start(id, {
    method: "subscribe",
    retry: { initial_ms: 10, max_ms: 100 },
    ...(stage.fill({ ...run.run, request }) as object),
    url: stage.proxy.url,
  });
  const late = AbortSignal.timeout(theCase.timeout_ms);
  const playing = { stage, driver, id, transcript };
  try {
    await playSteps(playing, run.steps, late);
    if (!isKilled) await until(playing, { done: true }, late);
  } catch (error) {
    const said = late.aborted
      ? `not over after ${theCase.timeout_ms} ms (${describe(transcript)})`
      : (error as Error).message;
    problems.push(said);
  }
  if (transcript.done !== undefined) {
    problems.push(...(await judgeConnections(run, stage, late)), ...judge(run.expect, transcript, stage));
  } else driver.forget(id);
  if (isOwn && !isKilled) problems.push(...(await driver.stop(driverGraceMs)));
  return problems;
}

/** Connections end a moment after the driver has said that it is done. */
async function judgeConnections({ expect }: Run, { proxy }: Stage, late: AbortSignal): Promise<string[]> {
  const { open_connections: expected } = expect;
  if (expected === undefined) return [];
  while (proxy.counts.open !== expected && !late.aborted) {
    await Promise.race([once(proxy, "change"), once(late, "abort")]);
  }
  const { open } = proxy.counts;
  return open === expected ? [] : [`${open} connections stay open, not ${expected}`];
}

function describe({
  events,
  statuses,
  deliveries,
}: {
  events: unknown[];
  statuses: { kind: string }[];
  deliveries: unknown[];
}): string {
  const last = statuses.at(-1);
  return `${events.length} events, ${deliveries.length} other deliveries, last status ${last === undefined ? "none" : JSON.stringify(last)}`;
}
