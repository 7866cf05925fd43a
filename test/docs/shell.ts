/** Types the commands of a page into a shell, and presses Ctrl-C where the page does. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { matches, type Shown } from "./printed.ts";

export interface Place {
  folder: string;
  env: NodeJS.ProcessEnv;
}

/** A build may be among the commands. */
const withinMs = 600_000;
/** The last of stderr that a failure shows. */
const keptStderr = 3_000;

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) signalGroup(child, "SIGKILL");
});

/** @throws Error when the commands fail, or do not print what is shown */
export async function type(commands: string, place: Place, expected: Shown | undefined): Promise<void> {
  const child = spawn("bash", ["-euo", "pipefail", "-c", commands], {
    cwd: place.folder,
    env: place.env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  running.add(child);
  let printed = "";
  let complaint = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-keptStderr);
  });
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    if (expected?.isInterrupted && isDecided(expected.lines, linesOf(printed))) signalGroup(child, "SIGINT");
  });
  const late = setTimeout(() => signalGroup(child, "SIGKILL"), withinMs);
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  clearTimeout(late);
  running.delete(child);
  // What was started with `&` ends with its commands.
  signalGroup(child, "SIGKILL");
  const isRight = expected === undefined || matches(expected.lines, linesOf(printed, true));
  if (isRight && (code === 0 || (expected?.isInterrupted && signal !== "SIGKILL"))) return;
  throw new Error(
    [
      `it ended with ${signal ?? code}${isRight ? "" : " and did not print what the page shows"}`,
      ...(isRight ? [] : ["the page shows:", ...expected.lines]),
      "it printed:",
      printed.trimEnd(),
      "and to stderr:",
      complaint.trimEnd(),
    ].join("\n"),
  );
}

/** Whether the reader has seen what the page shows, or cannot see it any more. */
function isDecided(expected: readonly string[], printed: readonly string[]): boolean {
  return matches(expected, printed) || (!expected.includes("...") && printed.length >= expected.length);
}

/** The lines that are whole; at the end the last one is, too. */
function linesOf(printed: string, isEnded = false): string[] {
  const lines = printed.split("\n");
  const last = lines.pop();
  return isEnded && last !== "" ? [...lines, last!] : lines;
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
