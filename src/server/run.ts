/** Runs the gateway until it is told to stop. */
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { createLogger } from "../telemetry/logger.ts";
import { openLog } from "./open-log.ts";

/** Exit status of a process that a signal ended. */
const signalStatus = { SIGINT: 130, SIGTERM: 143 } as const;

/** What nobody caught is a defect: it is logged, and the process ends rather than go on in an unknown state. */
function dieOfDefects(logger: Logger): void {
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      logger.fatal({ err: error }, "a defect ended the gateway");
      process.exit(1);
    });
  }
}

/** Resolves at the first signal; a second one ends the process at once. */
function untilSignal(): Promise<keyof typeof signalStatus> {
  return new Promise((resolve) => {
    let seen = false;
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        if (seen) process.exit(signalStatus[signal]);
        seen = true;
        resolve(signal);
      });
    }
  });
}

/** @throws DataFolderError, or Node's error when the address cannot be listened on */
export async function runGateway(load: () => Config): Promise<void> {
  const config = load();
  const logger = createLogger(config.log);
  const signalled = untilSignal();
  // The threads of the log load while this one loads everything else.
  const log = openLog(config, logger);
  log.catch(() => {});
  const { startGateway } = await import("./gateway.ts");
  const gateway = await startGateway(config, { logger, log, load });
  dieOfDefects(logger);
  const signal = await signalled;
  logger.info({ signal }, "stopping: subscribers are told where to resume");
  await gateway.close();
  logger.info("stopped");
  process.exit(0);
}
