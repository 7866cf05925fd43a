/**
 * The audit log: who connected, what filter and mask held, what was denied, which administrative action was done. JSON
 * lines, appended and never rewritten. It never holds the data, nor a secret, nor the values of a filter.
 */
import type { Logger } from "pino";
import type { CallwireError } from "../errors/callwire-error.ts";
import { AppendFile } from "./append-file.ts";
import { Unauthenticated } from "./authenticator.ts";
import type { Policy } from "./policy.ts";
import { Repeats } from "./repeats.ts";

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

/** What a credential did, when it is no stream. */
export interface CallFacts {
  /** The path of the RPC or page. */
  target: string;
  address: string;
}

/** Of a target that does not exist, which its sender made up. */
const maxTargetLength = 256;
/** Denials of one kind from one address beyond this many a minute are told as one line. */
const maxDenialsAMinute = 60;
/** The same of one credential's calls of one method: the first is told at once. */
const maxCallsAMinute = 1;

export class AuditLog {
  readonly #file: AppendFile;
  readonly #receipts: boolean;
  readonly #denials = new Repeats(maxDenialsAMinute, (facts, times) => this.#write("denied_more", { ...facts, times }));
  readonly #calls = new Repeats(maxCallsAMinute, (facts, times) => this.#write("called_more", { ...facts, times }));

  /** @throws Error naming the file when it cannot be appended to */
  constructor(path: string, receipts: boolean, logger?: Logger) {
    this.#receipts = receipts;
    this.#file = new AppendFile(path, (error) => {
      logger?.error(
        { err: error, file: path },
        "the audit log cannot be written; it is tried again with its next line",
      );
    });
  }

  #write(action: string, facts: object): void {
    const time = new Date().toISOString();
    const lost = this.#file.takeLost();
    if (lost > 0) this.#file.append(JSON.stringify({ time, action: "lines_lost", times: lost }));
    this.#file.append(JSON.stringify({ time, action, ...facts }));
  }

  denied(target: string, address: string, error: CallwireError, policy?: Policy): void {
    const { reason } = error;
    const kind = `${address} ${reason} ${policy?.credential ?? ""}`;
    if (!this.#denials.isTold(kind, () => ({ address, reason, ...identity(policy) }))) return;
    const why = error instanceof Unauthenticated ? error.why : error.message;
    this.#write("denied", { target: target.slice(0, maxTargetLength), address, reason, why, ...identity(policy) });
  }

  /** A call that is no stream was let in. */
  called(policy: Policy, { target, address }: CallFacts): void {
    const facts = () => ({ ...identity(policy), target, address });
    if (this.#calls.isTold(`${policy.credential} ${target} ${address}`, facts)) this.#write("called", facts());
  }

  /** A listing of events begins: what of them, as a stream would tell it. */
  listed(policy: Policy, facts: StreamFacts): void {
    const kind = `${policy.credential} ${facts.address} ${facts.tenant} ${facts.filterDigest} ${facts.view}`;
    const told = () => ({ ...identity(policy), ...facts });
    if (this.#calls.isTold(kind, told)) this.#write("listed", told());
  }

  streamOpened(policy: Policy, facts: StreamFacts): void {
    this.#write("stream_opened", { ...identity(policy), ...facts });
  }

  streamClosed(policy: Policy, { rpc, address, tenant }: StreamFacts, receipt: Receipt | undefined): void {
    const told = this.#receipts && receipt !== undefined ? { receipt } : {};
    this.#write("stream_closed", { ...identity(policy), rpc, address, tenant, ...told });
  }

  /** An action that changes what the gateway keeps or allows, or shows what nothing can mask. */
  administered(policy: Policy, what: string, facts: object): void {
    this.#write("administered", { ...identity(policy), what, ...facts });
  }

  /** The configuration of access was read again. */
  reloaded(facts: object): void {
    this.#write("reloaded", facts);
  }

  close(): void {
    this.#denials.end();
    this.#calls.end();
    this.#file.close();
  }
}

function identity(policy: Policy | undefined): object {
  if (policy === undefined) return {};
  const { credential, kind, mask, forced } = policy;
  const masked = mask === undefined || mask.id === "" ? {} : { mask: mask.id };
  return { credential, kind, ...masked, ...(forced === undefined ? {} : { forced_filter: true }) };
}
