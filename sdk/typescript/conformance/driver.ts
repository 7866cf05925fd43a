/**
 * The conformance driver: takes cases as JSON lines on stdin, runs them by the SDK, and tells as JSON lines on stdout what
 * came of it. Many cases may be under way. The first argument is the protocol, "grpc" (default) or "connect".
 */
import { createInterface } from "node:readline";
import type { NodeProtocol } from "../src/index.ts";
import type { CaseInput, Command } from "./case-input.ts";
import { ListeningCase } from "./listening-case.ts";
import { askOnce } from "./single-answer.ts";

type Line = { case: string; run: CaseInput } | { case: string; do: Command };

const protocol = (process.argv[2] ?? "grpc") as NodeProtocol;
const underWay = new Map<string, { obey(command: Command): void }>();

function print(id: string, line: object): void {
  process.stdout.write(`${JSON.stringify({ case: id, ...line })}\n`);
}

async function run(id: string, input: CaseInput): Promise<void> {
  if (input.method !== "subscribe") return print(id, { done: await askOnce(input, protocol) });
  const listening = new ListeningCase(input, protocol, (line) => print(id, line));
  underWay.set(id, listening);
  print(id, { done: await listening.run() });
  underWay.delete(id);
}

for await (const text of createInterface({ input: process.stdin })) {
  const line = JSON.parse(text) as Line;
  if ("do" in line) underWay.get(line.case)?.obey(line.do);
  else void run(line.case, line.run);
}
