package io.callwire;

import java.time.Duration;

/**
 * When a checkpoint is saved: after a number of events or a time, whichever is first, and at the end. After a crash at
 * most what was handled since the last save is delivered again.
 *
 * @param events save once this many events are handled, 1 or more
 * @param interval save this long after the first change that is not saved, more than 0
 */
public record SavePolicy(int events, Duration interval) {
  /** Every 100 events or 1 s. */
  public static final SavePolicy DEFAULT = new SavePolicy(100, Duration.ofSeconds(1));

  /**
   * Checks the bounds.
   *
   * @param events save once this many events are handled
   * @param interval save this long after the first unsaved change
   */
  public SavePolicy {
    if (events < 1) {
      throw new IllegalArgumentException("events must be at least 1: " + events);
    }
    if (interval.isNegative() || interval.isZero()) {
      throw new IllegalArgumentException("interval must be more than 0: " + interval);
    }
  }
}
