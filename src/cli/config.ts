/** `callwire config`: whether a configuration would start, without starting it, and what it amounts to. */
import type { Command } from "commander";
import { AlreadyReported } from "./failure.ts";
import { print, say } from "./output.ts";

export function addConfig(program: Command): void {
  const config = program.command("config").description("work with the configuration");
  const file = ["--config <file>", "the YAML file (default: the environment and the built-in settings alone)"] as const;
  config
    .command("check")
    .description('print "ok", or every problem of a configuration')
    .option(...file)
    .action(check);
  config
    .command("print")
    .description("print the whole configuration with its defaults, as YAML; secrets only as where they come from")
    .option(...file)
    .action(printConfig);
}

interface ConfigFlags {
  config?: string;
}

/** @throws AlreadyReported after every problem was told */
async function reporting<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { ConfigError } = await import("../config/config.ts");
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) say(problem);
    throw new AlreadyReported();
  }
}

async function check(flags: ConfigFlags): Promise<void> {
  const [{ loadConfig }, { checkAccess }] = await Promise.all([
    import("../config/load-config.ts"),
    import("../server/access-control.ts"),
  ]);
  await reporting(async () => checkAccess(loadConfig({ flags, env: process.env })));
  await print("ok\n");
}

async function printConfig(flags: ConfigFlags): Promise<void> {
  const { effectiveConfig } = await import("../config/load-config.ts");
  await print(await reporting(async () => effectiveConfig({ flags, env: process.env })));
}
