/**
 * Open streams. They outlive the moment in which their caller was judged: those whose credential is over, or allows
 * something else by now, are ended. Quotas count them, and the audit log hears of their beginning and end.
 */
import { CallwireError } from "../errors/callwire-error.ts";
import type { AuditLog, Receipt, StreamFacts } from "./audit-log.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Policy } from "./policy.ts";
import type { Quotas } from "./quotas.ts";

/** A revocation is felt within this, at most. */
const checkEveryMs = 1_000;

interface OpenStream {
  policy: Policy;
  end(error: CallwireError): void;
}

export class OpenStreams {
  readonly #authenticator: Pick<Authenticator, "standing">;
  readonly #quotas: Quotas;
  readonly #audit: AuditLog;
  readonly #streams = new Set<OpenStream>();
  #timer: NodeJS.Timeout | undefined;

  constructor(authenticator: Pick<Authenticator, "standing">, quotas: Quotas, audit: AuditLog) {
    this.#authenticator = authenticator;
    this.#quotas = quotas;
    this.#audit = audit;
  }

  /**
   * Opens a stream.
   *
   * @param end ends it with an error
   * @returns a function for when it is over, which may be called again without effect
   * @throws CallwireError RATE_LIMITED
   */
  open(policy: Policy, facts: StreamFacts, end: (error: CallwireError) => void): (receipt?: Receipt) => void {
    const leaveQuota = this.#quotas.openStream(facts.tenant, policy);
    const stream: OpenStream = { policy, end };
    this.#streams.add(stream);
    this.#timer ??= setInterval(() => this.check(), checkEveryMs).unref();
    this.#audit.streamOpened(policy, facts);
    let isOpen = true;
    return (receipt) => {
      if (!isOpen) return;
      isOpen = false;
      leaveQuota();
      this.#remove(stream);
      this.#audit.streamClosed(policy, facts, receipt);
    };
  }

  #remove(stream: OpenStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Ends what is no longer allowed. */
  check(): void {
    const standings = new Map<Policy, ReturnType<Authenticator["standing"]>>();
    for (const stream of [...this.#streams]) {
      const { policy } = stream;
      const standing = standings.get(policy) ?? this.#authenticator.standing(policy);
      standings.set(policy, standing);
      if (standing === "same") continue;
      this.#remove(stream);
      stream.end(
        standing === "ended"
          ? new CallwireError("CREDENTIAL_ENDED", "the credential was revoked or has expired")
          : new CallwireError("POLICY_CHANGED", "what the credential allows was changed; resume from the last cursor"),
      );
    }
  }
}
