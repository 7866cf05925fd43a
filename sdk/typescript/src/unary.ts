/** Calls with one answer: a deadline over all attempts, and retries of what can pass by itself. */
import type { CallOptions as ConnectOptions } from "@connectrpc/connect";
import { withAuthorization } from "./connection.ts";
import type { KeyRing } from "./credential.ts";
import { CallwireError, callwireError } from "./errors.ts";
import { Attempts, cancelled, pause, type RetryOptions } from "./retry.ts";

/** How one call is made. What is left out is as the client says. */
export interface CallOptions {
  /** How long the call may take with all of its attempts, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  readonly retry?: RetryOptions | undefined;
  /** Cancels the call: it then fails with CANCELLED. */
  readonly signal?: AbortSignal | undefined;
}

export interface UnaryDefaults {
  readonly timeoutMs: number;
  readonly retry: RetryOptions;
}

const never = new AbortController().signal;

/**
 * @param attempt makes one attempt
 * @param mayRepeat whether making the call twice does no harm
 * @throws CallwireError
 */
export async function callUnary<T>(
  attempt: (options: ConnectOptions) => Promise<T>,
  keys: KeyRing,
  { timeoutMs, retry, signal = never }: CallOptions,
  defaults: UnaryDefaults,
  mayRepeat: boolean,
): Promise<T> {
  const deadline = performance.now() + (timeoutMs ?? defaults.timeoutMs);
  const attempts = new Attempts(retry ?? defaults.retry);
  let wasRefused = false;
  for (;;) {
    const leftMs = Math.ceil(deadline - performance.now());
    const authorization = await keys.authorization();
    const answer = await attempt(withAuthorization(authorization, { timeoutMs: leftMs, signal })).then(
      (value) => ({ value }),
      (error: unknown) => callwireError(error),
    );
    if (!(answer instanceof CallwireError)) return answer.value;
    if (signal.aborted) throw cancelled(signal.reason);
    if (answer.code === "UNAUTHENTICATED" && !wasRefused) {
      wasRefused = true;
      if (await keys.forget(authorization)) continue;
    }
    if (!mayRepeat || !answer.retryable || attempts.areUsedUp) throw answer;
    const delayMs = attempts.next(answer.retryAfterMs);
    if (performance.now() + delayMs >= deadline) throw answer;
    await pause(delayMs, signal);
  }
}
