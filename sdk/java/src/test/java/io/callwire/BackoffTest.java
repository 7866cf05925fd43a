package io.callwire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final RetryPolicy POLICY = new RetryPolicy(Duration.ofMillis(100), Duration.ofMillis(350), 4);

  /** Draws the same share of every bound. */
  private static RandomGenerator always(double share) {
    return new RandomGenerator() {
      @Override
      public long nextLong() {
        throw new UnsupportedOperationException();
      }

      @Override
      public double nextDouble() {
        return share;
      }
    };
  }

  private static List<Long> delays(Backoff backoff, int count) {
    return Stream.generate(() -> backoff.next(Duration.ZERO).toMillis()).limit(count).toList();
  }

  @Test
  void boundsDoubleUpToTheGreatestAndDelaysAreAShareOfThem() {
    assertEquals(List.of(50L, 100L, 175L, 175L), delays(new Backoff(POLICY, always(0.5)), 4));
    assertEquals(List.of(0L, 0L, 0L), delays(new Backoff(POLICY, always(0)), 3));
  }

  @Test
  void aDelayThatTheGatewayAsksForIsKept() {
    Backoff backoff = new Backoff(POLICY, always(0.5));
    assertEquals(Duration.ofSeconds(2), backoff.next(Duration.ofSeconds(2)));
    assertEquals(Duration.ofMillis(100), backoff.next(Duration.ofMillis(20)));
  }

  @Test
  void onlyUsefulProgressGivesTheAttemptsBack() {
    Backoff backoff = new Backoff(POLICY, always(0.5));
    delays(backoff, 4);
    assertTrue(backoff.isUsedUp());
    backoff.progressed();
    assertFalse(backoff.isUsedUp());
    assertEquals(List.of(50L), delays(backoff, 1));
    assertEquals(1, backoff.attempts());
  }

  @Test
  void withoutEndItNeverOverflows() {
    Backoff backoff = new Backoff(RetryPolicy.DEFAULT, always(1));
    List<Long> delays = delays(backoff, 2_000);
    assertEquals(RetryPolicy.DEFAULT.maxDelay().toMillis(), delays.get(1_999));
    assertFalse(backoff.isUsedUp());
  }

  @Test
  void impossiblePoliciesAreRefused() {
    Duration second = Duration.ofSeconds(1);
    assertThrows(IllegalArgumentException.class, () -> new RetryPolicy(Duration.ZERO, second, 1));
    assertThrows(IllegalArgumentException.class, () -> new RetryPolicy(second, Duration.ofMillis(1), 1));
    assertThrows(IllegalArgumentException.class, () -> RetryPolicy.DEFAULT.withMaxAttempts(-1));
  }
}
