/** `callwire serve`: the gateway. */
import { type Command, Option } from "commander";

export interface ServeFlags {
  listen?: string;
  dataDir?: string;
  config?: string;
  allowAnonymous?: boolean;
  logLevel?: string;
}

export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal"];

export function addServe(program: Command): void {
  program
    .command("serve")
    .description("run the gateway")
    .option("--listen <host:port>", "where to listen (default: 127.0.0.1:7450)")
    .option("--data-dir <dir>", "where the journal is kept (default: ./data)")
    .option("--config <file>", "a YAML file; the environment (CALLWIRE_...) and flags win over it")
    .option("--allow-anonymous", "listen beyond this machine although no credentials are configured")
    .addOption(new Option("--log-level <level>", "least level of the log").choices(logLevels))
    .action(serve);
}

async function serve(flags: ServeFlags): Promise<void> {
  const [{ loadConfig }, { runGateway }] = await Promise.all([
    import("../config/load-config.ts"),
    import("../server/run.ts"),
  ]);
  await runGateway(loadConfig({ flags, env: process.env }));
}
