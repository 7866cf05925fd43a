/** The one funnel from whatever a call or a stream failed with to the error that users see. */
import { getOption } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorReasonSchema, retryable } from "../../../gen/ts/callwire/v1/error_pb.ts";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../../../gen/ts/google/rpc/error_details_pb.ts";

const statusCodes = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;

/** A gRPC status code by its name. */
export type StatusCode = Exclude<(typeof statusCodes)[number], "OK">;

/** What is wrong with one field of a request; `field` is a path such as `filters["q"].queue_ids[0]`. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

interface CallwireErrorDetails {
  reason?: string | undefined;
  metadata?: Record<string, string> | undefined;
  retryAfterMs?: number | undefined;
  fieldViolations?: readonly FieldViolation[] | undefined;
  cause?: unknown;
}

/** Why a call failed or a subscription ended. */
export class CallwireError extends Error {
  override name = "CallwireError";
  /** The gRPC status code. */
  readonly code: StatusCode;
  /** The reason of the catalogue in docs/errors.md, such as `CURSOR_EXPIRED`; undefined when no gateway gave one. */
  readonly reason: string | undefined;
  /** What the reason carries, such as `oldest_cursor`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** How long the gateway asks to wait before the next attempt, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The fields at fault, when the request was refused because of fields. */
  readonly fieldViolations: readonly FieldViolation[];

  constructor(code: StatusCode, message: string, details: CallwireErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.reason = details.reason;
    this.metadata = details.metadata ?? {};
    this.retryAfterMs = details.retryAfterMs;
    this.fieldViolations = details.fieldViolations ?? [];
  }

  /** Whether the same request can succeed later without being changed. */
  get retryable(): boolean {
    if (this.retryAfterMs !== undefined) return true;
    return this.reason === undefined ? transientCodes.has(this.code) : retryableReasons.has(this.reason);
  }
}

/** Codes that say, without a reason of Callwire, that the way to the gateway is the trouble. */
const transientCodes: ReadonlySet<StatusCode> = new Set([
  "CANCELLED",
  "UNKNOWN",
  "DEADLINE_EXCEEDED",
  "RESOURCE_EXHAUSTED",
  "ABORTED",
  "INTERNAL",
  "UNAVAILABLE",
]);

const reasonPrefix = "ERROR_REASON_";

const retryableReasons: ReadonlySet<string> = new Set(
  ErrorReasonSchema.values
    .filter((value) => getOption(value, retryable))
    .map((value) => value.name.slice(reasonPrefix.length)),
);

/** @param thrown what a transport threw */
export function callwireError(thrown: unknown): CallwireError {
  if (thrown instanceof CallwireError) return thrown;
  const error = ConnectError.from(thrown);
  const info = error.findDetails(ErrorInfoSchema).find(({ domain }) => domain === "callwire");
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  const violations = error.findDetails(BadRequestSchema).flatMap(({ fieldViolations }) => fieldViolations);
  return new CallwireError(statusCode(error), error.rawMessage, {
    reason: info?.reason,
    metadata: info?.metadata,
    retryAfterMs: delay === undefined ? undefined : durationMs(delay),
    fieldViolations: violations.map(({ field, description }) => ({ field, description })),
    cause: thrown,
  });
}

/** Connect calls an answer that was cut in the middle of a message an invalid argument of its own. */
function statusCode(error: ConnectError): StatusCode {
  if (error.code === Code.InvalidArgument && error.rawMessage.startsWith("protocol error: ")) return "INTERNAL";
  return (statusCodes[error.code] as StatusCode | undefined) ?? "UNKNOWN";
}
