package io.callwire;

import io.callwire.v1.Session;
import java.util.List;

/**
 * The open sessions that match, whole: they replace what the consumer knows. Comes only when a snapshot was asked for.
 *
 * @param sessions the sessions that are open at the cursor
 * @param cursor the position of the snapshot: what follows comes after it
 */
public record SnapshotDelivery(List<Session> sessions, String cursor) implements Delivery {
  /**
   * Takes a copy of the sessions.
   *
   * @param sessions the sessions
   * @param cursor the position of the snapshot
   */
  public SnapshotDelivery {
    sessions = List.copyOf(sessions);
  }
}
