/** `callwire testkit run`: a gateway, a contact centre and the fault proxy around one consumer, and the check at the end. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { formatFault } from "../testkit/fault.ts";
import { parseRecording, type Recorded } from "../testkit/recording.ts";
import type { TestGateway } from "../testkit/test-gateway.ts";
import { compareWithJournal, type JournalEvents } from "../testkit/verdict.ts";
import { addFaultFlags, buildFaults, type FaultFlags } from "./fault-flags.ts";
import { addFilterFlags, buildFilters, type FilterFlags } from "./filter-flags.ts";
import { interruption } from "./interruption.ts";
import { print, say } from "./output.ts";
import { explainListenError } from "./serve.ts";
import { describeTotals } from "./simulate.ts";
import { readRecording } from "./testkit-check.ts";
import { type Consumer, startConsumer } from "./testkit-consumer.ts";
import { printVerdict } from "./testkit-verdict.ts";
import { listenText, numberBetween, UsageError, wholeNumber } from "./usage.ts";

interface RunFlags extends FaultFlags, FilterFlags {
  listen: string;
  calls: number;
  rate: number;
  record?: string;
  settle: number;
  allowRepeats?: boolean;
}

const pollMs = 200;

export function addTestkitRun(testkit: Command): void {
  const command = testkit
    .command("run")
    .description("run a gateway with a simulated contact centre and faults for a consumer, and check what it got")
    .argument("[consumer...]", "after --: the command of the consumer; CALLWIRE_GATEWAY tells it where to connect")
    .option("--listen <host:port>", "where the consumer connects (default: a free port)", listenText, "127.0.0.1:0")
    .option("--calls <n>", "calls and chats of the contact centre", wholeNumber("--calls", 1), 50)
    .option("--rate <n>", "events a second; 0 is as fast as the gateway answers", numberBetween("--rate", 0, 1e6), 100)
    .option("--record <file>", "where the consumer writes what it handled (default: its stdout)")
    .option(
      "--settle <seconds>",
      "how long the consumer may be idle before it has had its chance",
      numberBetween("--settle", 0.1, 3_600),
      15,
    )
    .option("--allow-repeats", "events may come again, as after a crash of the consumer");
  addFaultFlags(command);
  addFilterFlags(command)
    .addHelpText(
      "after",
      `
The filters are those of the consumer's subscription, for the check. It must start at the earliest event.

Examples:
  callwire testkit run --random-cuts 50 -- callwire tail --from earliest --json
  callwire testkit run --listen 127.0.0.1:7451 --record handled.jsonl --queue support`,
    )
    .action(run);
}

async function run(consumer: string[], flags: RunFlags): Promise<void> {
  if (consumer.length === 0 && flags.record === undefined) {
    throw new UsageError(
      "testkit run takes the command of a consumer after --, or --record FILE for one that you start.",
    );
  }
  const { faults, seed } = buildFaults(flags);
  say(`--seed ${flags.seed ?? seed} repeats this run.`);
  const { startTestGateway } = await import("../testkit/test-gateway.ts");
  const gateway = await startTestGateway({
    faults,
    listen: flags.listen,
    onFault: (fault) => say(formatFault(fault)),
  }).catch((error: unknown) => {
    throw explainListenError(error, flags.listen);
  });
  const folder = mkdtempSync(join(tmpdir(), "callwire-testkit-"));
  try {
    await play(gateway, consumer, flags, seed, join(folder, "handled.jsonl"));
  } finally {
    await gateway.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Posts, waits until the consumer has what there is or goes on no more, and compares. */
async function play(
  gateway: TestGateway,
  command: string[],
  flags: RunFlags,
  seed: number,
  ownRecord: string,
): Promise<void> {
  const { signal, stop } = interruption();
  const record = flags.record ?? ownRecord;
  if (command.length === 0) await print(`${gateway.url}\n`);
  const consumer =
    command.length === 0 ? undefined : startConsumer(command, gateway.url, record, flags.record === undefined);
  try {
    const totals = await gateway.simulate({ seed, calls: flags.calls }, { rate: flags.rate, signal });
    say(`${describeTotals(totals)}; waiting for the consumer.`);
    const journal = await gateway.journal({ filters: buildFilters(flags) });
    await untilDelivered(journal, record, flags.settle * 1_000, consumer, signal);
    await consumer?.end();
    const { faults, faultsLeft } = gateway.proxy.counts;
    say(`${faults} faults happened${faultsLeft > 0 ? `, ${faultsLeft} had no occasion` : ""}.`);
    const verdict = compareWithJournal(journal, readRecording(record));
    await printVerdict(verdict, journal, { allowRepeats: flags.allowRepeats === true });
  } finally {
    stop();
    await consumer?.end();
  }
}

/** Resolves when everything is recorded, nothing was for `settleMs`, the consumer has ended, or the signal aborts. */
async function untilDelivered(
  journal: JournalEvents,
  record: string,
  settleMs: number,
  consumer: Consumer | undefined,
  signal: AbortSignal,
): Promise<void> {
  closeSync(openSync(record, "a"));
  let recorded = -1;
  let grewAtMs = performance.now();
  while (!signal.aborted && consumer?.hasEnded !== true) {
    const recording = wholeLines(record);
    if (recording.length !== recorded) grewAtMs = performance.now();
    recorded = recording.length;
    if (recorded >= journal.offsets.length && compareWithJournal(journal, recording).lost.length === 0) return;
    if (performance.now() - grewAtMs > settleMs) return;
    await sleep(pollMs, undefined, { signal }).catch(() => {});
  }
}

/** The last line may be half written. @throws RecordingError for a whole line that is no recording */
function wholeLines(record: string): Recorded[] {
  const text = readFileSync(record, "utf8");
  return parseRecording(text.slice(0, text.lastIndexOf("\n") + 1));
}
