/** `callwire testkit`: what a team needs to test its own consumer. */
import type { Command } from "commander";
import { addTestkitCheck } from "./testkit-check.ts";
import { addTestkitProxy } from "./testkit-proxy.ts";
import { addTestkitRun } from "./testkit-run.ts";

export function addTestkit(program: Command): void {
  const testkit = program.command("testkit").description("test a consumer: break its connections, check what it got");
  addTestkitRun(testkit);
  addTestkitProxy(testkit);
  addTestkitCheck(testkit);
}
