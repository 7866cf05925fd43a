/** Everything that decides who may do what, built from the configuration and changed with it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import { AuditLog } from "../auth/audit-log.ts";
import { Authenticator } from "../auth/authenticator.ts";
import { ControlFile, type ControlStore } from "../auth/control-store.ts";
import { Gate } from "../auth/gate.ts";
import { OpenStreams } from "../auth/open-streams.ts";
import { Quotas } from "../auth/quotas.ts";
import { type Config, ConfigError } from "../config/config.ts";

/** @throws ConfigError naming what of the credentials, masks and tokens cannot be used */
export function checkAccess(config: Config): void {
  authenticatorOf(config, { secret: new Uint8Array(32), keys: [], save() {} });
}

function authenticatorOf(config: Config, store: ControlStore): Authenticator {
  try {
    return new Authenticator(config, store);
  } catch (error) {
    throw new ConfigError([(error as Error).message]);
  }
}

export class AccessControl {
  readonly authenticator: Authenticator;
  readonly audit: AuditLog;
  readonly gate: Gate;
  readonly quotas: Quotas;
  readonly streams: OpenStreams;

  /** @throws ConfigError or Error naming what cannot be used */
  constructor(config: Config, logger: Logger) {
    mkdirSync(config.dataDir, { recursive: true });
    this.authenticator = authenticatorOf(config, new ControlFile(config.dataDir));
    this.audit = new AuditLog(config.audit.file ?? join(config.dataDir, "audit.jsonl"), config.audit.receipts, logger);
    this.gate = new Gate(this.authenticator, this.audit);
    this.quotas = new Quotas(config.tenants);
    this.streams = new OpenStreams(this.authenticator, this.quotas, this.audit);
  }

  /** @throws Error naming what cannot be used; then nothing has changed */
  replace(config: Config): void {
    this.authenticator.replace(config);
    this.quotas.replace(config.tenants);
    this.audit.reloaded({
      credentials: config.credentials.map(({ id }) => id),
      tokens: config.tokens.map(({ id }) => id),
    });
    this.streams.check();
  }
}
