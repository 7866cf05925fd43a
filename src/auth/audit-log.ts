/**
 * The audit log: who connected, what filter and mask held, what was denied, which administrative action was done. JSON
 * lines, appended and never rewritten. It never holds the data, nor a secret, nor the values of a filter.
 */
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import type { Logger } from "pino";
import type { CallwireError } from "../errors/callwire-error.ts";
import { Unauthenticated } from "./authenticator.ts";
import type { Policy } from "./policy.ts";

/** What a stream is, without any of its data. */
export interface StreamFacts {
  /** The path of its RPC. */
  rpc: string;
  address: string;
  tenant: string;
  /** As the stream's first response tells it. */
  filterDigest?: string;
  /** Names of the fields that the filters have, and never their values. */
  filterFields?: readonly string[];
  scope?: string;
  view?: string;
}

/** What a stream was sent: the events of this range that its filters match, each at least once. */
export interface Receipt {
  /** The position before the first event. */
  from: string;
  /** The newest cursor that was sent. */
  to: string;
  /** Bytes of its responses. */
  bytes: number;
}

/** Lines are gathered for this long and written together. */
const flushEveryMs = 200;
/** Denials of one kind from one address beyond this many a minute are counted and told as one line. */
const maxDenialsAMinute = 60;

export class AuditLog {
  readonly #file: number;
  readonly #path: string;
  readonly #receipts: boolean;
  readonly #logger: Logger | undefined;
  #lines: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #minute = 0;
  #denials = new Map<string, number>();

  /** @throws Error naming the file when it cannot be appended to */
  constructor(path: string, receipts: boolean, logger?: Logger) {
    this.#path = path;
    this.#receipts = receipts;
    this.#logger = logger;
    try {
      this.#file = openSync(path, "a", 0o600);
    } catch (cause) {
      throw new Error(`the audit log ${path} cannot be written: ${(cause as Error).message}`, { cause });
    }
  }

  #write(action: string, facts: object): void {
    this.#lines.push(`${JSON.stringify({ time: new Date().toISOString(), action, ...facts })}\n`);
    this.#timer ??= setTimeout(() => this.#flush(), flushEveryMs).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines.length === 0) return;
    const text = this.#lines.join("");
    this.#lines = [];
    try {
      writeSync(this.#file, text);
    } catch (error) {
      this.#logger?.error({ err: error, file: this.#path }, "the audit log cannot be written");
    }
  }

  denied(target: string, address: string, error: CallwireError, policy?: Policy): void {
    const minute = Math.floor(Date.now() / 60_000);
    if (minute !== this.#minute) this.#tellSuppressed(minute);
    const kind = `${address} ${error.reason} ${policy?.credential ?? ""}`;
    const times = (this.#denials.get(kind) ?? 0) + 1;
    this.#denials.set(kind, times);
    if (times > maxDenialsAMinute) return;
    const why = error instanceof Unauthenticated ? error.why : error.message;
    this.#write("denied", { target, address, reason: error.reason, why, ...identity(policy) });
  }

  #tellSuppressed(minute: number): void {
    for (const [kind, times] of this.#denials) {
      const [address, reason, credential] = kind.split(" ");
      if (times > maxDenialsAMinute) {
        this.#write("denied_more", { address, reason, credential, times: times - maxDenialsAMinute });
      }
    }
    this.#minute = minute;
    this.#denials = new Map();
  }

  streamOpened(policy: Policy, facts: StreamFacts): void {
    this.#write("stream_opened", { ...identity(policy), ...facts });
  }

  streamClosed(policy: Policy, { rpc, address, tenant }: StreamFacts, receipt: Receipt | undefined): void {
    const told = this.#receipts && receipt !== undefined ? { receipt } : {};
    this.#write("stream_closed", { ...identity(policy), rpc, address, tenant, ...told });
  }

  /** An action that changes what the gateway keeps or allows. */
  administered(policy: Policy, what: string, facts: object): void {
    this.#write("administered", { ...identity(policy), what, ...facts });
  }

  /** The configuration of access was read again. */
  reloaded(facts: object): void {
    this.#write("reloaded", facts);
  }

  close(): void {
    this.#flush();
    fsyncSync(this.#file);
    closeSync(this.#file);
  }
}

function identity(policy: Policy | undefined): object {
  if (policy === undefined) return {};
  const { credential, kind, mask, forced } = policy;
  const masked = mask === undefined || mask.id === "" ? {} : { mask: mask.id };
  return { credential, kind, ...masked, ...(forced === undefined ? {} : { forced_filter: true }) };
}
