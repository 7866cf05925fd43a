/**
 * Keys, certificates and policies change without a restart: the files that they were read from are watched, and what says
 * who may do what is read again when one changes. What else stands in the configuration is fixed at the start.
 */
import { statSync } from "node:fs";
import type { Logger } from "pino";
import { type Config, ConfigError } from "../config/config.ts";

const checkEveryMs = 1_000;

function stampOf(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return "absent";
  }
}

function stampsOf(files: readonly string[]): string {
  return files.map(stampOf).join("\n");
}

export interface ReloadDeps {
  /** Reads the configuration as at the start. @throws ConfigError */
  load(): Config;
  /** Puts the part that says who may do what in place. @throws Error; then nothing has changed */
  apply(config: Config): void;
  logger: Logger;
}

/** Watches the files of a configuration. Gives a function that stops it. */
export function watchConfiguration(start: Config, { load, apply, logger }: ReloadDeps): () => void {
  let files = start.files;
  let stamps = stampsOf(files);
  /** What was wrong at the last try. It is tried again each time, since a file may be missing that is not watched yet. */
  let wrong = "";
  const timer = setInterval(() => {
    const now = stampsOf(files);
    if (now === stamps && wrong === "") return;
    stamps = now;
    try {
      const config = load();
      apply(config);
      files = config.files;
      stamps = stampsOf(files);
      wrong = "";
      logger.info("credentials, policies and certificates were read again");
    } catch (error) {
      const problems = error instanceof ConfigError ? error.problems : [(error as Error).message];
      const text = problems.join("; ");
      if (text !== wrong)
        logger.error({ problems }, "the changed configuration cannot be used; what was in force stays");
      wrong = text;
    }
  }, checkEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}
