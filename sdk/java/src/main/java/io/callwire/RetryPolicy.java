package io.callwire;

import java.time.Duration;

/**
 * How failures that can pass are retried: after a random delay between 0 and {@code min(maxDelay, initialDelay × 2^n)},
 * where n counts the attempts since the last useful progress. A delay that the gateway asks for is kept in any case.
 *
 * @param initialDelay bound of the first delay, more than 0
 * @param maxDelay bound of every delay, at least {@code initialDelay}
 * @param maxAttempts most retries in a row without useful progress, 0 or more; {@link #UNLIMITED} for no bound
 */
public record RetryPolicy(Duration initialDelay, Duration maxDelay, int maxAttempts) {
  /** For {@code maxAttempts}: retry for ever. */
  public static final int UNLIMITED = Integer.MAX_VALUE;

  /** From 0.2 s to 30 s, for ever. */
  public static final RetryPolicy DEFAULT = new RetryPolicy(Duration.ofMillis(200), Duration.ofSeconds(30), UNLIMITED);

  /**
   * Checks the bounds.
   *
   * @param initialDelay bound of the first delay
   * @param maxDelay bound of every delay
   * @param maxAttempts most retries in a row without useful progress
   */
  public RetryPolicy {
    if (initialDelay.isNegative() || initialDelay.isZero()) {
      throw new IllegalArgumentException("initialDelay must be more than 0: " + initialDelay);
    }
    if (maxDelay.compareTo(initialDelay) < 0) {
      throw new IllegalArgumentException("maxDelay must be at least initialDelay: " + maxDelay);
    }
    if (maxAttempts < 0) {
      throw new IllegalArgumentException("maxAttempts must not be negative: " + maxAttempts);
    }
  }

  /**
   * The same policy with another number of attempts.
   *
   * @param maxAttempts most retries in a row without useful progress
   * @return the changed policy
   */
  public RetryPolicy withMaxAttempts(int maxAttempts) {
    return new RetryPolicy(initialDelay, maxDelay, maxAttempts);
  }
}
