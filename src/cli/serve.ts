/** `callwire serve`: the gateway. */
import { type Command, Option } from "commander";
import { CommandFailure } from "./failure.ts";
import { listenText } from "./usage.ts";

interface ServeFlags {
  listen?: string;
  dataDir?: string;
  config?: string;
  allowAnonymous?: boolean;
  logLevel?: string;
}

const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"];

export function addServe(program: Command): void {
  program
    .command("serve")
    .description("run the gateway")
    .option("--listen <host:port>", "where to listen (default: 127.0.0.1:7450)", listenText)
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
  const load = () => loadConfig({ flags, env: process.env });
  const { host, port } = load().listen;
  await runGateway(load).catch((error: unknown) => {
    throw explainListenError(error, `${host}:${port}`);
  });
}

/** What the operating system says when a port cannot be had, in words that tell what to do. */
export function explainListenError(error: unknown, listen: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE") {
    return new CommandFailure(
      `${listen} is taken by another program: choose another port with --listen, such as 127.0.0.1:7460.`,
    );
  }
  if (code === "EACCES" || code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return new CommandFailure(
      `cannot listen on ${listen} (${code}): choose an address of this machine and a port above 1023.`,
    );
  }
  return error;
}
