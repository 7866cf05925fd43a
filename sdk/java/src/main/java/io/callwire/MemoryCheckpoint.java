package io.callwire;

import java.util.Optional;

/** Remembers a position as long as the process lives. Safe for use by several threads. */
public final class MemoryCheckpoint implements Checkpoint {
  private volatile SavedPosition saved;

  /** Begins without a position. */
  public MemoryCheckpoint() {}

  @Override
  public Optional<SavedPosition> load() {
    return Optional.ofNullable(saved);
  }

  @Override
  public void save(SavedPosition position) {
    saved = position;
  }
}
