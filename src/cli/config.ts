/** `callwire config check`: whether a configuration would start, without starting it. */
import type { Command } from "commander";
import { AlreadyReported } from "./failure.ts";
import { print, say } from "./output.ts";

export function addConfig(program: Command): void {
  program
    .command("config")
    .description("work with the configuration")
    .command("check")
    .description('print "ok", or every problem of a configuration')
    .option("--config <file>", "the YAML file to check (default: the environment and the built-in settings alone)")
    .action(check);
}

async function check(flags: { config?: string }): Promise<void> {
  const { ConfigError, loadConfig } = await import("../config/load-config.ts");
  try {
    loadConfig({ flags, env: process.env });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) say(problem);
    throw new AlreadyReported();
  }
  await print("ok\n");
}
