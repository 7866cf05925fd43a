/**
 * The one funnel from whatever was thrown to what goes on the wire: a gRPC status with ErrorInfo, and BadRequest and
 * RetryInfo where the reason carries them. Causes and stacks go to the log only.
 */
import { randomUUID } from "node:crypto";
import { createRegistry } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Logger } from "pino";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../../gen/ts/google/rpc/error_details_pb.ts";
import { CallwireError } from "../errors/callwire-error.ts";

/** The types of the details, for JSON. */
export const errorTypes = createRegistry(BadRequestSchema, ErrorInfoSchema, RetryInfoSchema);

type Detail = NonNullable<ConstructorParameters<typeof ConnectError>[3]>[number];

function detailsOf(error: CallwireError): Detail[] {
  const { reason, metadata, fieldViolations, retryAfterMs } = error;
  const details: Detail[] = [{ desc: ErrorInfoSchema, value: { reason, domain: "callwire", metadata } }];
  if (fieldViolations.length > 0) {
    details.push({ desc: BadRequestSchema, value: { fieldViolations: [...fieldViolations] } });
  }
  if (retryAfterMs !== undefined) {
    const seconds = BigInt(Math.floor(retryAfterMs / 1000));
    details.push({
      desc: RetryInfoSchema,
      value: { retryDelay: { seconds, nanos: (retryAfterMs % 1000) * 1_000_000 } },
    });
  }
  return details;
}

function fromCallwireError(error: CallwireError): ConnectError {
  return new ConnectError(error.message, error.entry.code as number as Code, undefined, detailsOf(error), error);
}

let logger: Logger | undefined;

/** Where defects are logged; without it they are not. */
export function logDefectsTo(target: Logger): void {
  logger = target;
}

/** Something that nobody foresaw: the caller gets an id, the log the cause under that id. */
function defect(error: unknown): CallwireError {
  const id = randomUUID();
  logger?.error({ err: error, errorId: id }, "a request failed for an unforeseen reason");
  return new CallwireError("INTERNAL", `an internal error, see the gateway's log for ${id}`, {
    metadata: { error_id: id },
  });
}

/** The client went away in the middle of its request: nobody reads the answer, and nothing is wrong here. */
function isCutOff(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "ECONNRESET";
}

export function toConnectError(error: unknown): ConnectError {
  if (isCutOff(error)) return new ConnectError("the request was cut off", Code.Canceled);
  if (error instanceof ConnectError) {
    // Connect's own errors (unknown method, unsupported compression, cancellation) say what they mean.
    return error.code === Code.Internal && error.cause !== undefined ? toConnectError(error.cause) : error;
  }
  if (error instanceof CallwireError && error.reason !== "INTERNAL") return fromCallwireError(error);
  return fromCallwireError(defect(error instanceof CallwireError ? (error.cause ?? error) : error));
}
