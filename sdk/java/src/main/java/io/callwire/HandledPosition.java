package io.callwire;

import java.io.IOException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** What the consumer has handled, and the checkpoint that remembers it. */
final class HandledPosition {
  private final Checkpoint checkpoint;
  private final SavePolicy policy;
  private final ScheduledExecutorService timer;
  private final Consumer<Exception> onFailure;
  /** Held while saving, so that saves come one after the other and never go back. */
  private final Object saving = new Object();

  private String cursor = "";
  private String digest;
  private boolean ending;
  private boolean unsaved;
  private int unsavedEvents;
  private ScheduledFuture<?> due;

  /**
   * @param checkpoint null to remember nothing
   * @param digest of the filters with which the position was saved before; empty when not known
   * @param onFailure told when a save that was due by time failed
   */
  HandledPosition(
      Checkpoint checkpoint,
      SavePolicy policy,
      String digest,
      ScheduledExecutorService timer,
      Consumer<Exception> onFailure) {
    this.checkpoint = checkpoint;
    this.policy = policy;
    this.digest = digest;
    this.timer = timer;
    this.onFailure = onFailure;
  }

  /** Empty before anything was handled. */
  synchronized String cursor() {
    return cursor;
  }

  /** From now on each move is saved at once: nobody may be there to save later. */
  synchronized void beginEnding() {
    ending = true;
  }

  /** Moves on, and saves when the policy says so. */
  void handled(Item item) throws IOException {
    if (move(item)) {
      save();
    }
  }

  private synchronized boolean move(Item item) {
    if (item.digest() != null) {
      digest = item.digest();
    }
    if (item.cursor() != null) {
      cursor = item.cursor();
    }
    if (checkpoint == null || cursor.isEmpty()) {
      return false;
    }
    unsaved = true;
    unsavedEvents += item.delivery() instanceof EventDelivery ? 1 : 0;
    if (ending || unsavedEvents >= policy.events()) {
      return true;
    }
    if (due == null) {
      due = timer.schedule(this::saveDue, policy.interval().toNanos(), TimeUnit.NANOSECONDS);
    }
    return false;
  }

  private void saveDue() {
    try {
      save();
    } catch (IOException | RuntimeException e) {
      onFailure.accept(e);
    }
  }

  /** Saves what is not saved yet. */
  void save() throws IOException {
    synchronized (saving) {
      SavedPosition position = takeUnsaved();
      if (position != null) {
        checkpoint.save(position);
      }
    }
  }

  private synchronized SavedPosition takeUnsaved() {
    if (due != null) {
      due.cancel(false);
      due = null;
    }
    if (!unsaved) {
      return null;
    }
    unsaved = false;
    unsavedEvents = 0;
    return new SavedPosition(cursor, digest);
  }
}
