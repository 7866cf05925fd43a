/** `callwire simulate`: a contact centre that posts real-shaped webhooks to a gateway. */
import type { Command } from "commander";
import { type ContactCentreOptions, contactCentre, type Post } from "../simulator/contact-centre.ts";
import { postAll, type Totals } from "../simulator/poster.ts";
import { addGatewayFlags, type GatewayFlags } from "./client.ts";
import { AlreadyReported, CommandFailure } from "./failure.ts";
import { interruption } from "./interruption.ts";
import { print, say, statusLine } from "./output.ts";
import { numberBetween, wholeNumber } from "./usage.ts";

interface SimulateFlags extends GatewayFlags {
  rate: number;
  calls?: number;
  seed?: number;
  chats?: number;
  external?: number;
  duplicates?: number;
  reorder?: number;
  garbage?: number;
  json?: boolean;
}

const refreshMs = 250;
export const largestSeed = 2 ** 31 - 1;

export function addSimulate(program: Command): void {
  const share = (flag: string) => numberBetween(flag, 0, 1);
  const command = program.command("simulate").description("post the events of a simulated contact centre to a gateway");
  addGatewayFlags(command)
    .option("--rate <n>", "events a second; 0 is as fast as the gateway answers", numberBetween("--rate", 0, 1e6), 10)
    .option("--calls <n>", "end after this many calls and chats (default: go on for ever)", wholeNumber("--calls", 1))
    .option("--seed <n>", "the same seed gives the same events (default: another each time)", seedNumber)
    .option("--chats <share>", "share of chats, 0 to 1 (default: 0.2)", share("--chats"))
    .option("--external <share>", "share of calls sent as external session events (default: 0.25)", share("--external"))
    .option("--duplicates <p>", "probability that an event with an id is sent twice", share("--duplicates"))
    .option("--reorder <p>", "probability that an event overtakes the one before it", share("--reorder"))
    .option("--garbage <p>", "probability that something unreadable is sent before a post", share("--garbage"))
    .option("--json", "print the totals as one JSON object")
    .action(simulate);
}

export const seedNumber = wholeNumber("--seed", 0, largestSeed);

/** Two runs with one seed repeat the ids of their calls, so a run that names none gets one of its own. */
export function freshSeed(): number {
  return Math.floor(Math.random() * largestSeed);
}

async function simulate(flags: SimulateFlags): Promise<void> {
  await requireGateway(flags.gateway);
  const seed = flags.seed ?? freshSeed();
  if (flags.seed === undefined) say(`--seed ${seed} repeats this run.`);
  const { signal, stop } = interruption();
  const progress = new LiveTotals();
  try {
    const { gateway, tenant = "default", rate } = flags;
    const onResult = (post: Post, status: number, answer: unknown) => progress.onResult(post, status, answer);
    const totals = await postAll(contactCentre(centreOptions(flags, seed)), {
      gateway,
      tenant,
      rate,
      signal,
      onResult,
    });
    progress.end();
    await print(flags.json ? `${JSON.stringify(totals)}\n` : `${describeTotals(totals)}\n`);
    if (totals.failed > 0 && !signal.aborted) {
      say(`${totals.failed} posts failed${progress.firstFailure}.`);
      throw new AlreadyReported();
    }
  } finally {
    progress.end();
    stop();
  }
}

function centreOptions(flags: SimulateFlags, seed: number): ContactCentreOptions {
  const { calls, chats, external, duplicates, reorder, garbage } = flags;
  const given = Object.entries({ calls, chats, external, duplicates, reorder, garbage });
  return { seed, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) };
}

/** Says at once that nobody is there; the poster itself would go on trying for a minute. */
async function requireGateway(url: string): Promise<void> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(10_000) });
    await response.arrayBuffer();
  } catch (error) {
    const cause = (error as Error).cause instanceof Error ? ((error as Error).cause as Error) : (error as Error);
    const action = 'Start one with "callwire serve", or name another with --gateway.';
    throw new CommandFailure(`cannot reach ${url}: ${cause.message}. ${action}`);
  }
}

export function describeTotals(totals: Totals): string {
  const { posted, accepted, duplicates, rejected, failed } = totals;
  return `${posted} posts: ${accepted} events accepted, ${duplicates} duplicates, ${rejected} rejected, ${failed} posts failed`;
}

/** What has been answered so far, on a line that is written over. */
class LiveTotals {
  /** Why the first post that failed did, for the last word. */
  firstFailure = "";
  #answers = 0;
  #startedAtMs = Date.now();
  #timer = setInterval(() => this.#show(), refreshMs);

  onResult(_post: Post, status: number, answer: unknown): void {
    this.#answers++;
    if (status < 500 && ![401, 403, 404, 405, 429].includes(status)) return;
    this.firstFailure ||= `; the first answer was ${status} ${messageOf(answer)}`.trimEnd();
  }

  end(): void {
    clearInterval(this.#timer);
    statusLine.clear();
  }

  #show(): void {
    const rate = Math.round((this.#answers * 1_000) / Math.max(1, Date.now() - this.#startedAtMs));
    statusLine.show(`${this.#answers.toLocaleString("en")} posts answered, ${rate.toLocaleString("en")}/s`);
  }
}

function messageOf(answer: unknown): string {
  if (typeof answer !== "object" || answer === null || !("message" in answer)) return "";
  return String(answer.message).replace(/\.$/, "");
}
