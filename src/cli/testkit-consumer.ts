/** The consumer under test as a process of its own. */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { CommandFailure } from "./failure.ts";

export interface Consumer {
  readonly hasEnded: boolean;
  /** Asks it to end, and ends it when it does not. @throws CommandFailure when it could not be started */
  end(): Promise<void>;
}

const graceMs = 10_000;

/** @param recordsStdout whether its stdout is the recording; else it is told the file in CALLWIRE_RECORD */
export function startConsumer(
  command: readonly string[],
  url: string,
  record: string,
  recordsStdout: boolean,
): Consumer {
  const output = recordsStdout ? openSync(record, "w") : undefined;
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ["ignore", output ?? "inherit", "inherit"],
    env: { ...process.env, CALLWIRE_GATEWAY: url, CALLWIRE_RECORD: record },
  });
  if (output !== undefined) closeSync(output);
  let failure: Error | undefined;
  let hasEnded = false;
  const closed = new Promise<void>((resolve) => {
    const over = (error?: Error): void => {
      hasEnded = true;
      failure ??= error;
      resolve();
    };
    child.once("error", over).once("close", () => over());
  });
  return {
    get hasEnded() {
      return hasEnded;
    },
    async end() {
      const late = setTimeout(() => child.kill("SIGKILL"), graceMs);
      if (!hasEnded) child.kill("SIGTERM");
      await closed;
      clearTimeout(late);
      if (failure !== undefined) throw new CommandFailure(`cannot start ${command[0]}: ${failure.message}.`);
    },
  };
}
