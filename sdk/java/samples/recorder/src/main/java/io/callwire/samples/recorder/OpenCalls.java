package io.callwire.samples.recorder;

import io.callwire.Delivery;
import io.callwire.EventDelivery;
import io.callwire.GapDelivery;
import io.callwire.v1.Event;
import io.callwire.v1.Trigger;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The recordings of open calls, driven by what a subscription delivers. */
final class OpenCalls {
  /** Two sources that report one id are two calls. */
  private record Key(String source, String callId) {}

  private final Map<Key, Recording> recordings = new HashMap<>();
  private final Consumer<String> log;

  /** Whether retention took events; of calls that began before, some may be missing. */
  private boolean hasLostEvents;

  /**
   * @param log told what a recorder has to do, whenever that changes
   */
  OpenCalls(Consumer<String> log) {
    this.log = log;
  }

  /** The line of the call that ended, when one did. */
  Optional<Line> handle(Delivery delivery) {
    if (delivery instanceof EventDelivery event && event.event().hasCall()) {
      return follow(event.event());
    }
    if (delivery instanceof GapDelivery gap) {
      log.accept("events were lost between " + gap.fromCursor() + " and " + gap.toCursor());
      hasLostEvents = true;
      recordings.values().forEach(Recording::missEvents);
    }
    return Optional.empty();
  }

  private Optional<Line> follow(Event event) {
    Key key = new Key(event.getSource(), event.getCall().getCallId());
    boolean ends = ends(event);
    Recording recording = recordings.get(key);
    if (recording != null) {
      Recording.State before = recording.state();
      recording.follow(event);
      tell(key, recording, before);
    } else if (event.getSession().getOpen() || ends) {
      recording = begin(event);
      tell(key, recording, null);
    } else {
      return Optional.empty(); // Wrap-up and the seal come after the end.
    }
    if (!ends) {
      recordings.put(key, recording);
      return Optional.empty();
    }
    recordings.remove(key);
    log.accept("call " + key.callId + ": stopped");
    return Optional.of(recording.finish(event));
  }

  private Recording begin(Event event) {
    Recording recording = Recording.beginning(event);
    if (hasLostEvents && event.getOffset() != event.getSessionOffset()) {
      recording.missEvents();
    }
    return recording;
  }

  private void tell(Key key, Recording recording, Recording.State before) {
    if (recording.state() != before) {
      log.accept("call " + key.callId + ": " + recording.state().name().toLowerCase(Locale.ROOT));
    }
  }

  private static boolean ends(Event event) {
    return event.getChangesList().contains(Trigger.TRIGGER_CALL_ENDED)
        || event.getChangesList().contains(Trigger.TRIGGER_CALL_EXPIRED);
  }
}
