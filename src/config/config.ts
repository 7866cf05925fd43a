/** The configuration as the program uses it: complete, checked, frozen. */
import type {
  AuditConfig,
  CredentialConfig,
  MaskConfig,
  Quotas,
  SourceAuth,
  TlsConfig,
  TokenIssuer,
} from "./access.ts";
import type { Limits } from "./limits.ts";
import type { SessionTimes } from "./session-times.ts";

export interface SourceConfig {
  id: string;
  /** Undefined: whoever reaches the port may post. */
  auth: SourceAuth | undefined;
  /** Senders' addresses and ranges; undefined: any. */
  allowAddresses: readonly string[] | undefined;
  /** How a webhook is answered of which nothing could be accepted: 400, or 200 with `rejected`. */
  onQuarantine: "refuse" | "accept";
}

export interface TenantConfig {
  id: string;
  sources: readonly SourceConfig[];
  sessionTimes: SessionTimes;
  /** Of all callers of the tenant together. */
  quotas: Quotas;
}

export interface Config {
  listen: { host: string; port: number };
  dataDir: string;
  tenants: readonly TenantConfig[];
  /** Empty, with `tokens`: callers are anonymous and may do everything. */
  credentials: readonly CredentialConfig[];
  tokens: readonly TokenIssuer[];
  masks: Readonly<Record<string, MaskConfig>>;
  tls: TlsConfig | undefined;
  trustedProxies: readonly string[];
  audit: AuditConfig;
  limits: Limits;
  cors: { allowedOrigins: readonly string[] };
  /** How long events are kept; undefined means for ever. */
  retentionMs: number | undefined;
  log: { level: string; format: "auto" | "json" | "text" };
  /** What it was read from: itself, secrets, certificates and key sets. */
  files: readonly string[];
  /** What is allowed and yet unwise; logged at the start. */
  warnings: readonly string[];
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
