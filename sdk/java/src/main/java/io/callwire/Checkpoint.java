package io.callwire;

import java.io.IOException;
import java.util.Optional;

/**
 * Remembers what was handled, so that a subscription goes on there after a restart. One checkpoint belongs to one
 * subscription at a time; its methods are never called by two threads at once.
 */
public interface Checkpoint {
  /**
   * Reads the position that was saved last. Called once, when the subscription begins.
   *
   * @return the position; empty when none was ever saved
   * @throws IOException when it cannot be read; the subscription does not begin
   */
  Optional<SavedPosition> load() throws IOException;

  /**
   * Saves a position durably. Called as the {@link SavePolicy} says, and at the end.
   *
   * @param position everything up to its cursor is handled
   * @throws IOException when it cannot be saved; the subscription ends with an {@link java.io.UncheckedIOException}
   */
  void save(SavedPosition position) throws IOException;
}
