/** How a case ended, in the words of the protocol. */
import { CallwireError, CheckpointError } from "../src/index.ts";

/** What a case's handler throws on demand. */
export class HandlerFailure extends Error {
  override name = "HandlerFailure";
}

export function failureOf(error: unknown): object {
  if (error instanceof HandlerFailure) return { outcome: "error", code: "HANDLER", message: error.message };
  if (error instanceof CheckpointError) return { outcome: "error", code: "CHECKPOINT", message: error.message };
  if (!(error instanceof CallwireError)) return { outcome: "error", code: "UNFORESEEN", message: String(error) };
  const { code, reason, message, metadata, retryAfterMs } = error;
  return {
    outcome: "error",
    code,
    reason,
    message,
    metadata: Object.keys(metadata).length === 0 ? undefined : metadata,
    retry_after_ms: retryAfterMs,
  };
}
