/** The configuration as the program uses it: complete, checked, frozen. */
import type { Limits } from "./limits.ts";
import type { SessionTimes } from "./session-times.ts";

export interface BasicAuth {
  username: string;
  password: string;
}

export interface SourceConfig {
  id: string;
  auth: { basic: BasicAuth } | undefined;
  /** How a webhook is answered of which nothing could be accepted: 400, or 200 with `rejected`. */
  onQuarantine: "refuse" | "accept";
}

export interface TenantConfig {
  id: string;
  sources: readonly SourceConfig[];
  sessionTimes: SessionTimes;
}

export interface Config {
  listen: { host: string; port: number };
  dataDir: string;
  tenants: readonly TenantConfig[];
  limits: Limits;
  cors: { allowedOrigins: readonly string[] };
  /** How long events are kept; undefined means for ever. */
  retentionMs: number | undefined;
  log: { level: string; format: "auto" | "json" | "text" };
  /** Listening beyond this machine without credentials was asked for. */
  allowAnonymous: boolean;
}

/** Every problem of a configuration, each a sentence with the path of the key. */
export class ConfigError extends Error {
  override name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the configuration has ${problems.length === 1 ? "a problem" : "problems"}: ${problems.join("; ")}`);
    this.problems = problems;
  }
}
