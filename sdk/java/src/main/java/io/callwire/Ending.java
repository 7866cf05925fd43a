package io.callwire;

/** How a subscription ended without an error. */
public enum Ending {
  /** A bounded subscription has delivered everything up to its end. */
  COMPLETED,
  /** {@link Subscription#close()} was called. */
  CLOSED,
  /** {@link Subscription#cancel()} was called. */
  CANCELLED
}
