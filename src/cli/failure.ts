/**
 * The funnel of everything that can go wrong to what a person reads: one line that says what is wrong, the reason of the
 * catalogue where there is one, and what to do. Never a stack.
 */
import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "../../gen/ts/google/rpc/error_details_pb.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import { catalogue, type Reason } from "../errors/catalogue.ts";
import { harmless } from "./event-line.ts";
import { UsageError } from "./usage.ts";

/** Exit codes: 0 done, 1 failed, 2 wrong usage. */
export const exitCode = { done: 0, failed: 1, usage: 2 } as const;

/** Failed, and everything worth saying has been printed. */
export class AlreadyReported extends Error {
  override name = "AlreadyReported";
}

/** A failure whose message is already what a person should read. */
export class CommandFailure extends Error {
  override name = "CommandFailure";
}

export function exitCodeOf(error: unknown): number {
  return error instanceof UsageError ? exitCode.usage : exitCode.failed;
}

/** One line: what is wrong and what to do. */
export function describeFailure(error: unknown, gatewayUrl?: string): string {
  if (error instanceof CallwireError) return withAction(error.message, error.reason, error.metadata);
  if (error instanceof ConnectError) return describeConnectError(error, gatewayUrl);
  if (error instanceof Error) return oneLine(error.message || error.name);
  return oneLine(String(error));
}

/** The catalogue's reason that a gateway gave, or undefined when the failure did not come from a gateway. */
export function reasonOf(error: unknown): string | undefined {
  if (error instanceof CallwireError) return error.reason;
  if (!(error instanceof ConnectError)) return undefined;
  return error.findDetails(ErrorInfoSchema).find((info) => info.domain === "callwire")?.reason;
}

/** How long a gateway asked to wait before the next attempt, in milliseconds. */
export function retryAfterMs(error: unknown): number | undefined {
  if (!(error instanceof ConnectError)) return undefined;
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  return delay === undefined ? undefined : durationMs(delay);
}

function describeConnectError(error: ConnectError, gatewayUrl = "the gateway"): string {
  const info = error.findDetails(ErrorInfoSchema).find((detail) => detail.domain === "callwire");
  if (info !== undefined) return withAction(error.rawMessage, info.reason, info.metadata);
  if (error.code === Code.Unavailable || isConnectionTrouble(error)) {
    return `cannot reach ${gatewayUrl}: ${oneLine(causeOf(error))}. Start one with "callwire serve", or name another with --gateway.`;
  }
  if (error.code === Code.DeadlineExceeded) {
    return `${gatewayUrl} gave no answer in time. Check that it is healthy (${gatewayUrl}/readyz) and try again.`;
  }
  if (error.code === Code.Unimplemented) {
    return `${gatewayUrl} does not offer this. Check that it is a Callwire gateway, and its version ("callwire version").`;
  }
  return `${oneLine(error.rawMessage)} (${Code[error.code] ?? error.code})`;
}

/** Whether nobody answered at all, as opposed to a gateway that answered with an error. */
export function isConnectionTrouble(error: ConnectError): boolean {
  const code = (error.cause as { code?: unknown } | undefined)?.code;
  return typeof code === "string" && /^(E[A-Z_]+|ERR_(HTTP2|SSL|TLS)_)/.test(code);
}

function causeOf(error: ConnectError): string {
  return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.rawMessage;
}

function withAction(message: string, reason: string, metadata: Record<string, string>): string {
  const known = Object.entries(metadata).map(([key, value]) => `${key}: ${value}`);
  const facts = known.length === 0 ? reason : `${reason}, ${known.join(", ")}`;
  const action = catalogue.get(reason as Reason)?.action ?? "";
  return oneLine(`${message.replace(/\.$/, "")} (${facts}). ${action}`.trim());
}

function oneLine(text: string): string {
  return harmless(text.replace(/\s*\n\s*/g, " ").trim());
}
