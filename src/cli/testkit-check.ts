/** `callwire testkit check`: compares what a handler recorded with the journal. */
import { readFileSync } from "node:fs";
import { ConnectError } from "@connectrpc/connect";
import { type Command, Option } from "commander";
import { Scope } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { type JournalRange, readJournal } from "../testkit/journal.ts";
import { parseRecording, type Recorded, RecordingError } from "../testkit/recording.ts";
import { compareWithJournal } from "../testkit/verdict.ts";
import { addGatewayFlags, type GatewayFlags } from "./client.ts";
import { CommandFailure, describeFailure } from "./failure.ts";
import { addFilterFlags, buildFilters, type FilterFlags } from "./filter-flags.ts";
import { parseFrom, parseUntil } from "./position.ts";
import { printVerdict } from "./testkit-verdict.ts";

interface CheckFlags extends GatewayFlags, FilterFlags {
  from?: string;
  until?: string;
  scope: "event" | "call";
  allowRepeats?: boolean;
}

export function addTestkitCheck(testkit: Command): void {
  const command = testkit
    .command("check")
    .description("compare what a handler recorded with the gateway's journal")
    .argument("<recording>", 'JSON lines with the "cursor" or "offset" of each event handled; - reads stdin');
  addGatewayFlags(command)
    .option(
      "--from <position>",
      "where the consumer began: earliest, a cursor, a time, how long ago (default: earliest)",
    )
    .option("--until <position>", "how far it must have come: a cursor (inclusive) or a time (default: the head)")
    .addOption(
      new Option("--scope <scope>", "the scope of the subscription").choices(["event", "call"]).default("event"),
    )
    .option("--allow-repeats", "events may have come again, as after a crash of the consumer");
  addFilterFlags(command)
    .addHelpText(
      "after",
      `
Examples:
  callwire testkit check handled.jsonl --queue support
  callwire testkit check handled.jsonl --from 0a1b2c3d-42 --allow-repeats`,
    )
    .action(check);
}

async function check(file: string, flags: CheckFlags): Promise<void> {
  const recording = readRecording(file);
  const journal = await readJournal(flags.gateway, rangeOf(flags)).catch((error: unknown) => {
    throw error instanceof ConnectError ? new CommandFailure(describeFailure(error, flags.gateway)) : error;
  });
  await printVerdict(compareWithJournal(journal, recording), journal, { allowRepeats: flags.allowRepeats === true });
}

function rangeOf(flags: CheckFlags): JournalRange {
  const nowMs = Date.now();
  return {
    tenant: flags.tenant ?? "",
    filters: buildFilters(flags),
    scope: flags.scope === "call" ? Scope.CALL : Scope.EVENT,
    ...(flags.from === undefined ? {} : { position: parseFrom(flags.from, nowMs) }),
    ...(flags.until === undefined ? {} : { end: parseUntil(flags.until, nowMs) }),
  };
}

/** @throws CommandFailure that names the file and the line */
export function readRecording(file: string): Recorded[] {
  const name = file === "-" ? "stdin" : file;
  try {
    return parseRecording(readFileSync(file === "-" ? 0 : file, "utf8"));
  } catch (error) {
    if (error instanceof RecordingError) throw new CommandFailure(`${name}: ${error.message}.`);
    throw new CommandFailure(`cannot read ${name}: ${(error as Error).message}.`);
  }
}
