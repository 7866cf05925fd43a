package io.callwire;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Counts attempts without useful progress and draws the delays between them. Not thread-safe. */
final class Backoff {
  /** Beyond this every bound is `maxDelay`: no policy starts below a nanosecond or doubles longer. */
  private static final int MAX_DOUBLINGS = 62;

  private final RetryPolicy policy;
  private final RandomGenerator random;
  private int attempts;

  Backoff(RetryPolicy policy, RandomGenerator random) {
    this.policy = policy;
    this.random = random;
  }

  boolean isUsedUp() {
    return attempts >= policy.maxAttempts();
  }

  /** Attempts since the last useful progress. */
  int attempts() {
    return attempts;
  }

  /** The delay before the next attempt, which is counted. */
  Duration next(Duration atLeast) {
    Duration jittered = Duration.ofNanos((long) (random.nextDouble() * boundNanos()));
    attempts++;
    return jittered.compareTo(atLeast) < 0 ? atLeast : jittered;
  }

  private double boundNanos() {
    double doubled = policy.initialDelay().toNanos() * Math.pow(2, Math.min(attempts, MAX_DOUBLINGS));
    return Math.min(policy.maxDelay().toNanos(), doubled);
  }

  void progressed() {
    attempts = 0;
  }
}
