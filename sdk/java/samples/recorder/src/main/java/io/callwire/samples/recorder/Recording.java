package io.callwire.samples.recorder;

import com.google.protobuf.Timestamp;
import io.callwire.v1.AgentSpan;
import io.callwire.v1.CallState;
import io.callwire.v1.Event;
import io.callwire.v1.ParticipantSpan;
import io.callwire.v1.Session;
import io.callwire.v1.SessionAnomaly;
import io.callwire.v1.Trigger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What is recorded of one call: from its answer to its end, without the times at which a party was redacted. */
final class Recording {
  /** What a recorder does at a moment. */
  enum State {
    WAITING,
    RECORDING,
    PAUSED
  }

  /** When the call was answered; null before. */
  private Instant started;

  /** Whether the source reported nothing of the call's begin: it may have been answered before. */
  private final boolean midway;

  /** The times of redaction since then; the last one may last. */
  private final List<Span> paused;

  private boolean complete;

  private Recording(Instant started, boolean midway, List<Span> paused, boolean complete) {
    this.started = started;
    this.midway = midway;
    this.paused = new ArrayList<>(paused);
    this.complete = complete;
  }

  /** Begins with the first event of a call that this process sees. After a restart the session tells what was before. */
  static Recording beginning(Event event) {
    Session session = event.getSession();
    boolean midway = session.getAnomaliesList().contains(SessionAnomaly.SESSION_ANOMALY_FIRST_SEEN_MIDWAY);
    Instant started = session.hasAnsweredTime() ? instant(session.getAnsweredTime()) : null;
    List<Span> paused = started == null ? List.of() : earlierPauses(session, started);
    Recording recording = new Recording(started, midway, paused, !midway && !session.getTruncated());
    recording.follow(event);
    return recording;
  }

  /** When any party was redacted since the start; spans of several parties overlap. */
  private static List<Span> earlierPauses(Session session, Instant started) {
    List<Span> pauses = new ArrayList<>();
    for (ParticipantSpan redaction : session.getRedactionSpansList()) {
      Instant begin = instant(redaction.getBeginTime());
      Instant from = begin.isBefore(started) ? started : begin;
      Instant to = redaction.hasEndTime() ? instant(redaction.getEndTime()) : null;
      if (to == null || from.isBefore(to)) {
        pauses.add(new Span(from, to));
      }
    }
    return Span.merged(pauses);
  }

  /** Events of the call were lost. */
  void missEvents() {
    complete = false;
  }

  /** Takes a further event of the call. */
  void follow(Event event) {
    Instant now = instant(event.getReceivedTime());
    boolean isConnected = event.getCall().getState() == CallState.CALL_STATE_CONNECTED;
    if (started == null && (event.getSession().hasAnsweredTime() || (midway && isConnected))) {
      started = now;
    }
    if (started == null || event.getRedactionActive() == isPaused()) {
      return;
    }
    if (event.getRedactionActive()) {
      paused.add(new Span(now, null));
    } else {
      endPause(now);
    }
  }

  private boolean isPaused() {
    return !paused.isEmpty() && !paused.get(paused.size() - 1).isOver();
  }

  private void endPause(Instant end) {
    int last = paused.size() - 1;
    paused.set(last, paused.get(last).until(end));
  }

  State state() {
    if (started == null) {
      return State.WAITING;
    }
    return isPaused() ? State.PAUSED : State.RECORDING;
  }

  /** The line of the call, which this event ends. */
  Line finish(Event event) {
    Instant ended = instant(event.getReceivedTime());
    if (isPaused()) {
      endPause(ended);
    }
    return new Line(
        event.getCall().getCallId(),
        event.getSource(),
        direction(event.getSession()),
        event.getSession().getQueuePathNamesList(),
        agents(event.getSession()),
        started,
        ended,
        started == null ? List.of() : new Span(started, ended).without(paused),
        List.copyOf(paused),
        complete && event.getChangesList().contains(Trigger.TRIGGER_CALL_ENDED));
  }

  private static String direction(Session session) {
    return switch (session.getDirection()) {
      case DIRECTION_INCOMING -> "incoming";
      case DIRECTION_OUTGOING -> "outgoing";
      default -> "";
    };
  }

  /** Each agent once, in the order of joining. */
  private static List<String> agents(Session session) {
    return session.getAgentsList().stream()
        .sorted(Comparator.comparingLong(AgentSpan::getJoinedOffset))
        .map(AgentSpan::getAgentId)
        .distinct()
        .toList();
  }

  private static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }
}
