/** The catalogue of reasons, read from the options in `proto/callwire/v1/error.proto`, its only source. */
import { getOption } from "@bufbuild/protobuf";
import {
  action,
  type ErrorReason as ErrorReasonEnum,
  ErrorReasonSchema,
  http_status,
  retryable,
  status_code,
} from "../../gen/ts/callwire/v1/error_pb.ts";
import type { Code } from "../../gen/ts/google/rpc/code_pb.ts";

/** A reason by its bare name, as it travels on the wire. */
export type Reason = Exclude<keyof typeof ErrorReasonEnum, "UNSPECIFIED">;

export interface CatalogueEntry {
  reason: Reason;
  /** The gRPC status code. */
  code: Code;
  httpStatus: number;
  /** Whether the same request can succeed later without being changed. */
  retryable: boolean;
  /** What the caller can do about it. */
  action: string;
}

const prefix = "ERROR_REASON_";

export const catalogue: ReadonlyMap<Reason, CatalogueEntry> = new Map(
  ErrorReasonSchema.values
    .filter((value) => value.number !== 0)
    .map((value) => {
      const reason = value.name.slice(prefix.length) as Reason;
      const entry: CatalogueEntry = {
        reason,
        code: getOption(value, status_code),
        httpStatus: getOption(value, http_status),
        retryable: getOption(value, retryable),
        action: getOption(value, action),
      };
      return [reason, Object.freeze(entry)];
    }),
);
