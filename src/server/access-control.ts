/** Everything that decides who may do what, built from the configuration and changed with it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import { AuditLog } from "../auth/audit-log.ts";
import { type AccessConfig, Authenticator } from "../auth/authenticator.ts";
import { ControlFile, type ControlStore } from "../auth/control-store.ts";
import { Gate } from "../auth/gate.ts";
import { OpenStreams } from "../auth/open-streams.ts";
import { Quotas } from "../auth/quotas.ts";
import { type Config, ConfigError } from "../config/config.ts";
import { clientAuthority } from "./tls.ts";

/** @throws ConfigError naming what of the credentials, masks and tokens cannot be used */
export function checkAccess(config: Config): void {
  authenticatorOf(config, { secret: new Uint8Array(32), keys: [], save() {} });
}

function accessOf({ credentials, tokens, masks, tls }: Config): AccessConfig {
  return { credentials, tokens, masks, clientAuthority: clientAuthority(tls) };
}

function authenticatorOf(config: Config, store: ControlStore): Authenticator {
  try {
    return new Authenticator(accessOf(config), store);
  } catch (error) {
    throw new ConfigError([(error as Error).message]);
  }
}

/** When keys were last used is stored this often. */
const noteUsesEveryMs = 60_000;

export class AccessControl {
  readonly authenticator: Authenticator;
  readonly audit: AuditLog;
  readonly gate: Gate;
  readonly quotas: Quotas;
  readonly streams: OpenStreams;
  readonly #logger: Logger;
  readonly #timer: NodeJS.Timeout;

  /** @throws ConfigError or Error naming what cannot be used */
  constructor(config: Config, logger: Logger) {
    mkdirSync(config.dataDir, { recursive: true });
    this.authenticator = authenticatorOf(config, new ControlFile(config.dataDir));
    this.audit = new AuditLog(config.audit.file ?? join(config.dataDir, "audit.jsonl"), config.audit.receipts, logger);
    this.gate = new Gate(this.authenticator, this.audit);
    this.quotas = new Quotas(config.tenants);
    this.streams = new OpenStreams(this.authenticator, this.quotas, this.audit);
    this.#logger = logger;
    this.#timer = setInterval(() => this.#noteUses(), noteUsesEveryMs).unref();
  }

  #noteUses(): void {
    try {
      this.authenticator.keys.noteUses();
    } catch (error) {
      this.#logger.warn({ err: error }, "when API keys were last used cannot be stored; they work all the same");
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#noteUses();
    this.audit.close();
  }

  /** @throws Error naming what cannot be used; then nothing has changed */
  replace(config: Config): void {
    this.authenticator.replace(accessOf(config));
    this.quotas.replace(config.tenants);
    this.audit.reloaded({
      credentials: config.credentials.map(({ id }) => id),
      tokens: config.tokens.map(({ id }) => id),
    });
    this.streams.check();
  }
}
