/** Runs the executable as a user does, in a process of its own. */
import { spawn } from "node:child_process";
import { join } from "node:path";

const main = join(import.meta.dirname, "../../bin/callwire.js");

export interface CliRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

export function runCli(
  args: string[],
  options: { input?: string; env?: Record<string, string> } = {},
): Promise<CliRun> {
  const env = { ...process.env, NO_COLOR: "1", ...options.env };
  const child = spawn(process.execPath, [main, ...args], { env });
  const run: CliRun = { code: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    run.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    run.stderr += text;
  });
  child.stdin.end(options.input ?? "");
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (code) => resolve({ ...run, code }));
  });
}
