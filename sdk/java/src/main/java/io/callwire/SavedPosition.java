package io.callwire;

import java.util.Objects;

/**
 * Where a subscription is resumed.
 *
 * @param cursor everything up to here is handled, {@code <epoch>-<offset>}
 * @param filterDigest digest of the filters that were in force, 16 hex digits; empty when not known
 */
public record SavedPosition(String cursor, String filterDigest) {
  /**
   * Checks that there is a cursor.
   *
   * @param cursor everything up to here is handled
   * @param filterDigest digest of the filters, or empty
   */
  public SavedPosition {
    if (cursor.isEmpty()) {
      throw new IllegalArgumentException("the cursor is empty");
    }
    Objects.requireNonNull(filterDigest, "filterDigest");
  }
}
