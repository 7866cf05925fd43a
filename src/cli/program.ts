/** The command line: every command, and how a run ends. */
import { debuglog } from "node:util";
import { Command, CommanderError } from "commander";
import { addAdmin } from "./admin.ts";
import { addCall } from "./call.ts";
import { addCalls } from "./calls.ts";
import { addConfig } from "./config.ts";
import { addDemo } from "./demo.ts";
import { addExplain } from "./explain.ts";
import { AlreadyReported, describeFailure, exitCode, exitCodeOf } from "./failure.ts";
import { addList } from "./list.ts";
import { OutputClosed, say } from "./output.ts";
import { addPublish } from "./publish.ts";
import { addQuarantine } from "./quarantine.ts";
import { addServe } from "./serve.ts";
import { addSimulate } from "./simulate.ts";
import { addTail } from "./tail.ts";
import { addTestkit } from "./testkit.ts";
import { addVersion } from "./version.ts";

const additions = [
  addServe,
  addDemo,
  addTail,
  addList,
  addCalls,
  addCall,
  addExplain,
  addPublish,
  addSimulate,
  addQuarantine,
  addAdmin,
  addTestkit,
  addConfig,
  addVersion,
];

/** `NODE_DEBUG=callwire` shows the stack of whatever failed. */
const debug = debuglog("callwire");

export function createProgram(): Command {
  const program = new Command("callwire")
    .description("A durable, resumable gRPC event gateway for contact centres.")
    .addHelpText("after", '\nStart with "callwire demo". Exit codes: 0 done, 1 failed, 2 wrong usage.');
  for (const add of additions) add(program);
  forEveryCommand(program, (command) => {
    command.exitOverride().showHelpAfterError(`See "${pathOf(command)} --help".`);
    command.configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "callwire: ")) });
  });
  return program;
}

/** Runs a command line (without node and script) to its exit code; prints what is to be said about a failure. */
export async function run(args: readonly string[]): Promise<number> {
  const program = createProgram();
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode.done;
  } catch (error) {
    if (error instanceof OutputClosed) return exitCode.done;
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.usage;
    if (!(error instanceof AlreadyReported)) say(describeFailure(error));
    debug("%o", error);
    return exitCodeOf(error);
  }
}

function forEveryCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const child of command.commands) forEveryCommand(child, visit);
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
