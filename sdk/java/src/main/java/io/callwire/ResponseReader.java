package io.callwire;

import io.callwire.v1.Event;
import io.callwire.v1.Session;
import io.callwire.v1.SubscribeRequest;
import io.callwire.v1.SubscribeResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes deliveries of responses, and knows with which request the stream goes on after a cut: right after the last
 * response that was received whole. What it has given out is neither asked for again nor left out. Not thread-safe.
 */
final class ResponseReader {
  private final SubscribeRequest original;
  /** Of the last response received whole; empty before the first. */
  private String cursor = "";
  private long lastOffset;
  private String digest;
  private boolean awaitsFirst = true;
  /** The sessions of a snapshot that is under way, else null. */
  private List<Session> snapshot;
  /** Until a snapshot that was asked for has come whole, and again after each gap. */
  private boolean owesSnapshot;
  /** Whether the stream was asked for a snapshot. */
  private boolean askedForSnapshot;

  /**
   * @param digest of the filters with which the request's position was saved; empty when not known
   */
  ResponseReader(SubscribeRequest original, String digest) {
    this.original = original;
    this.digest = digest;
    this.owesSnapshot = original.getIncludeSnapshot();
    this.lastOffset = offset(original.getAfterCursor());
  }

  /**
   * What one response holds.
   *
   * @param isFirst of its stream
   * @param isProgress whether it shows that the stream works, beyond having been opened
   * @param needsReopening whether the stream, for want of having been asked, will not send the snapshot that a gap needs
   */
  record Reading(List<Item> items, boolean isFirst, boolean isProgress, boolean needsReopening) {}

  /** The request of the next stream, which begins with this. A snapshot that was cut short is asked for once more. */
  SubscribeRequest beginStream() {
    awaitsFirst = true;
    snapshot = null;
    askedForSnapshot = owesSnapshot;
    SubscribeRequest.Builder request = original.toBuilder();
    if (!cursor.isEmpty()) {
      request.setAfterCursor(cursor);
    }
    return request.setIncludeSnapshot(owesSnapshot).build();
  }

  Reading read(SubscribeResponse response) {
    boolean isFirst = awaitsFirst;
    awaitsFirst = false;
    List<Item> items = new ArrayList<>(response.getEventsCount() + 2);
    if (isFirst) {
      addFilterDigest(items, response.getFilterDigest());
    }
    addGap(items, response);
    int beforeEvents = items.size();
    addEvents(items, response);
    boolean hasEvents = items.size() > beforeEvents;
    addSnapshot(items, response);
    addNotices(items, response);
    boolean moved = moveTo(response.getCursor(), items);
    boolean isProgress = hasEvents || moved || (!isFirst && response.hasProgress());
    return new Reading(items, isFirst, isProgress, owesSnapshot && !askedForSnapshot);
  }

  /** The last delivery of a response, or its last item when it has none, moves the position to its cursor. */
  private boolean moveTo(String next, List<Item> items) {
    if (next.isEmpty()) {
      return false;
    }
    if (items.isEmpty()) {
      items.add(Item.position(next, null));
    } else {
      int moving = lastDelivery(items);
      items.set(moving, items.get(moving).movingTo(next));
    }
    boolean moved = !cursor.isEmpty() && !next.equals(cursor);
    cursor = next;
    return moved;
  }

  private static int lastDelivery(List<Item> items) {
    for (int i = items.size() - 1; i >= 0; i--) {
      if (items.get(i).delivery() != null) {
        return i;
      }
    }
    return items.size() - 1;
  }

  private void addFilterDigest(List<Item> items, String current) {
    if (current.isEmpty() || current.equals(digest)) {
      return;
    }
    boolean changed = !digest.isEmpty();
    items.add(
        changed
            ? new Item(new FilterChangedDelivery(digest, current), null, null, current)
            : Item.position(null, current));
    digest = current;
  }

  private void addGap(List<Item> items, SubscribeResponse response) {
    if (response.hasGap()) {
      var gap = response.getGap();
      items.add(Item.of(new GapDelivery(gap.getFromCursor(), gap.getToCursor()), gap.getToCursor()));
      owesSnapshot = original.getIncludeSnapshot();
    }
  }

  private void addEvents(List<Item> items, SubscribeResponse response) {
    String epoch = epoch(response.getCursor().isEmpty() ? cursor : response.getCursor());
    for (int i = 0; i < response.getEventsCount(); i++) {
      Event event = response.getEvents(i);
      if (Long.compareUnsigned(event.getOffset(), lastOffset) <= 0) {
        continue;
      }
      lastOffset = event.getOffset();
      String at = epoch + "-" + Long.toUnsignedString(event.getOffset());
      List<String> matches = i < response.getMatchesCount() ? response.getMatches(i).getFiltersList() : List.of();
      items.add(Item.of(new EventDelivery(event, at, matches), at));
    }
  }

  private static String epoch(String cursor) {
    int hyphen = cursor.lastIndexOf('-');
    return hyphen < 0 ? cursor : cursor.substring(0, hyphen);
  }

  /** 0 for what is no cursor: the gateway will say so. */
  private static long offset(String cursor) {
    try {
      return Long.parseUnsignedLong(cursor.substring(cursor.lastIndexOf('-') + 1));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private void addSnapshot(List<Item> items, SubscribeResponse response) {
    if (response.hasSnapshotBegin()) {
      snapshot = new ArrayList<>();
    }
    if (snapshot == null) {
      return;
    }
    snapshot.addAll(response.getSessionsList());
    if (response.hasSnapshotEnd()) {
      items.add(Item.of(new SnapshotDelivery(snapshot, response.getCursor()), null));
      snapshot = null;
      owesSnapshot = false;
    }
  }

  private static void addNotices(List<Item> items, SubscribeResponse response) {
    switch (response.getNoticeCase()) {
      case CAUGHT_UP -> items.add(Item.of(new StreamStatus.CaughtUp()));
      case FELL_BEHIND -> items.add(Item.of(new StreamStatus.FellBehind(response.getFellBehind().getQueuedBytes())));
      case GOING_AWAY -> items.add(Item.of(new GoingAwayDelivery(retryAfter(response)), null));
      default -> {
        // Gaps and snapshots are read before; a notice that this version does not know is ignored.
      }
    }
    if (response.hasProgress()) {
      var progress = response.getProgress();
      items.add(
          Item.of(
              new StreamStatus.Progress(
                  progress.getHeadCursor(),
                  progress.getEventsBehind(),
                  ProtoTime.instant(progress.getServerTime()))));
    }
  }

  /** How long the gateway asks to wait before the stream is opened again: zero unless it is going away. */
  static Duration retryAfter(SubscribeResponse response) {
    return response.hasGoingAway() ? ProtoTime.duration(response.getGoingAway().getRetryAfter()) : Duration.ZERO;
  }
}
