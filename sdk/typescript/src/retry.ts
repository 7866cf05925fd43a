/** When to try again, and after how long. */
import { CallwireError } from "./errors.ts";

/** How failures that can pass by themselves are retried. */
export interface RetryOptions {
  /** The bound of the first pause, in milliseconds; it doubles with each attempt. Default 200. */
  readonly initialMs?: number | undefined;
  /** The bound that no pause exceeds unless the gateway asks for more, in milliseconds. Default 30,000. */
  readonly maxMs?: number | undefined;
  /** Most attempts in a row that bring nothing before the last error is surfaced. Default: unlimited. */
  readonly maxAttempts?: number | undefined;
}

/** Attempts since something useful was last received. */
export class Attempts {
  readonly #initialMs: number;
  readonly #maxMs: number;
  readonly #maxAttempts: number;
  readonly #random: () => number;
  #count = 0;

  constructor(options: RetryOptions = {}, random: () => number = Math.random) {
    this.#initialMs = options.initialMs ?? 200;
    this.#maxMs = options.maxMs ?? 30_000;
    this.#maxAttempts = options.maxAttempts ?? Number.POSITIVE_INFINITY;
    this.#random = random;
  }

  /** Attempts that began since the last `reset`. */
  get count(): number {
    return this.#count;
  }

  get areUsedUp(): boolean {
    return this.#count >= this.#maxAttempts;
  }

  reset(): void {
    this.#count = 0;
  }

  /** Begins an attempt; gives the pause before it in milliseconds: full jitter on top of what the gateway asked for. */
  next(retryAfterMs = 0): number {
    const bound = Math.min(this.#maxMs, this.#initialMs * 2 ** this.#count);
    this.#count++;
    return retryAfterMs + this.#random() * bound;
  }
}

/** Waits. @throws CallwireError CANCELLED as soon as the signal aborts */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(cancelled(signal.reason));
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(cancelled(signal.reason));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

/** What whoever cancelled gets. */
export function cancelled(cause: unknown): CallwireError {
  return new CallwireError("CANCELLED", "cancelled by the caller", { cause });
}
