/**
 * The one error that crosses layers: a reason of the catalogue, a sentence for an engineer, and what the reason carries.
 * Services turn it into a gRPC status or an HTTP answer; `cause` goes to the log and never to the wire.
 */
import { type CatalogueEntry, catalogue, type Reason } from "./catalogue.ts";

/** What is wrong with one field; `field` is a path such as `filters["q"].queue_ids[0]`. */
export interface FieldViolation {
  field: string;
  description: string;
}

export interface ErrorExtras {
  /** Goes to `ErrorInfo.metadata`, for example `oldest_cursor`. */
  metadata?: Record<string, string>;
  /** Goes to `BadRequest`. */
  fieldViolations?: FieldViolation[];
  /** Goes to `RetryInfo` or `Retry-After`, in milliseconds. */
  retryAfterMs?: number;
  cause?: unknown;
}

export class CallwireError extends Error {
  override name = "CallwireError";
  readonly reason: Reason;
  readonly metadata: Record<string, string>;
  readonly fieldViolations: readonly FieldViolation[];
  readonly retryAfterMs: number | undefined;

  constructor(reason: Reason, message: string, extras: ErrorExtras = {}) {
    super(message, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.reason = reason;
    this.metadata = extras.metadata ?? {};
    this.fieldViolations = extras.fieldViolations ?? [];
    this.retryAfterMs = extras.retryAfterMs ?? (this.entry.retryable ? 1_000 : undefined);
  }

  get entry(): CatalogueEntry {
    return catalogue.get(this.reason)!;
  }
}

/** An INVALID_FIELD error about one field. */
export function invalidField(field: string, description: string): CallwireError {
  return new CallwireError("INVALID_FIELD", `${field}: ${description}`, { fieldViolations: [{ field, description }] });
}
