package io.callwire.samples.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Timestamp;
import io.callwire.Delivery;
import io.callwire.EventDelivery;
import io.callwire.GapDelivery;
import io.callwire.v1.AgentSpan;
import io.callwire.v1.CallEvent;
import io.callwire.v1.CallState;
import io.callwire.v1.Direction;
import io.callwire.v1.Event;
import io.callwire.v1.ParticipantSpan;
import io.callwire.v1.Session;
import io.callwire.v1.Trigger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is recorded of a call, told as scenes. */
class OpenCallsTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final GapDelivery GAP = new GapDelivery("0a1b2c3d-1", "0a1b2c3d-9");

  private static final String STORIED_LINE =
      "{\"call_id\":\"c1\",\"source\":\"ccai\",\"direction\":\"incoming\",\"queue\":[\"support\",\"orders\"],\"agents\":[\"9\",\"7\"],"
          + "\"started\":\"2026-03-01T12:00:10.000Z\",\"ended\":\"2026-03-01T12:01:00.000Z\","
          + "\"segments\":[{\"from\":\"2026-03-01T12:00:10.000Z\",\"to\":\"2026-03-01T12:00:20.000Z\"},"
          + "{\"from\":\"2026-03-01T12:00:30.000Z\",\"to\":\"2026-03-01T12:00:40.000Z\"}],"
          + "\"paused\":[{\"from\":\"2026-03-01T12:00:20.000Z\",\"to\":\"2026-03-01T12:00:30.000Z\"},"
          + "{\"from\":\"2026-03-01T12:00:40.000Z\",\"to\":\"2026-03-01T12:01:00.000Z\"}],"
          + "\"complete\":true}";

  /** One event of a call, at a second after noon. */
  private record Scene(int second, CallState state, boolean redacted, Trigger trigger) {}

  private static Scene ringing(int second) {
    return new Scene(second, CallState.CALL_STATE_RINGING, false, Trigger.TRIGGER_UNSPECIFIED);
  }

  /** The gateway takes a call that is first seen so for answered. */
  private static Scene connected(int second, boolean redacted) {
    return new Scene(second, CallState.CALL_STATE_CONNECTED, redacted, Trigger.TRIGGER_UNSPECIFIED);
  }

  private static Scene ended(int second, boolean redacted) {
    return new Scene(second, CallState.CALL_STATE_DISCONNECTED, redacted, Trigger.TRIGGER_CALL_ENDED);
  }

  private static Scene expired(int second) {
    return new Scene(second, CallState.CALL_STATE_CONNECTED, false, Trigger.TRIGGER_CALL_EXPIRED);
  }

  private static final List<Delivery> STORY =
      play(
          ringing(0),
          connected(10, false),
          connected(20, true),
          connected(25, true),
          connected(30, false),
          connected(40, true),
          ended(60, true),
          new Scene(70, CallState.CALL_STATE_DISCONNECTED, false, Trigger.TRIGGER_CALL_WRAPPED_UP));

  private static Timestamp at(int second) {
    return Timestamp.newBuilder().setSeconds(NOON.getEpochSecond() + second).build();
  }

  /** The deliveries of one call, with the session as the gateway keeps it. */
  private static List<Delivery> play(Scene... scenes) {
    Session.Builder session =
        Session.newBuilder()
            .setDirection(Direction.DIRECTION_INCOMING)
            .addQueuePathNames("support")
            .addQueuePathNames("orders")
            .addAgents(AgentSpan.newBuilder().setAgentId("7").setJoinedOffset(14))
            .addAgents(AgentSpan.newBuilder().setAgentId("9").setJoinedOffset(12))
            .addAgents(AgentSpan.newBuilder().setAgentId("9").setJoinedOffset(16))
            .setOpen(true);
    List<Delivery> deliveries = new ArrayList<>();
    for (Scene scene : scenes) {
      follow(session, scene);
      Event event =
          Event.newBuilder()
              .setOffset(10 + deliveries.size())
              .setSessionOffset(10)
              .setSource("ccai")
              .setReceivedTime(at(scene.second))
              .setRedactionActive(scene.redacted)
              .addChanges(scene.trigger)
              .setCall(CallEvent.newBuilder().setCallId("c1").setState(scene.state))
              .setSession(session)
              .build();
      deliveries.add(new EventDelivery(event, "0a1b2c3d-" + event.getOffset(), List.of()));
    }
    return deliveries;
  }

  private static void follow(Session.Builder session, Scene scene) {
    int last = session.getRedactionSpansCount() - 1;
    boolean wasRedacted = last >= 0 && !session.getRedactionSpans(last).hasEndTime();
    if (scene.redacted && !wasRedacted) {
      session.addRedactionSpans(ParticipantSpan.newBuilder().setBeginTime(at(scene.second)));
    } else if (!scene.redacted && wasRedacted) {
      session.getRedactionSpansBuilder(last).setEndTime(at(scene.second));
    }
    if (scene.state == CallState.CALL_STATE_CONNECTED && !session.hasAnsweredTime()) {
      session.setAnsweredTime(at(scene.second));
    }
    if (scene.trigger != Trigger.TRIGGER_UNSPECIFIED) {
      session.setOpen(false);
    }
  }

  private final List<String> log = new ArrayList<>();

  /** The lines of a recorder, which is killed and started again between the parts. */
  private List<String> record(List<List<Delivery>> parts) {
    List<String> lines = new ArrayList<>();
    for (List<Delivery> part : parts) {
      OpenCalls calls = new OpenCalls(log::add);
      part.forEach(delivery -> calls.handle(delivery).map(Line::json).ifPresent(lines::add));
    }
    return lines;
  }

  private static List<Delivery> joined(List<Delivery> first, List<Delivery> second) {
    List<Delivery> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  @Test
  void aFinishedCallIsALine() {
    assertEquals(List.of(STORIED_LINE), record(List.of(STORY)));
    assertEquals(
        List.of(
            "call c1: waiting",
            "call c1: recording",
            "call c1: paused",
            "call c1: recording",
            "call c1: paused",
            "call c1: stopped"),
        log);
  }

  @Test
  void aRestartAnywhereGivesTheSameLine() {
    for (int at = 1; at < STORY.size() - 1; at++) {
      List<List<Delivery>> parts = List.of(STORY.subList(0, at), STORY.subList(at, STORY.size()));
      assertEquals(List.of(STORIED_LINE), record(parts), "restarted before event " + at);
    }
  }

  @Test
  void aCallThatNobodyAnsweredHasNoRecording() {
    String line = record(List.of(play(ringing(0), ended(9, false)))).get(0);
    String nothing =
        "\"started\":null,\"ended\":\"2026-03-01T12:00:09.000Z\",\"segments\":[],\"paused\":[],\"complete\":true";
    assertTrue(line.contains(nothing), line);
  }

  private void assertIncomplete(List<Delivery> deliveries) {
    List<String> lines = record(List.of(deliveries));
    assertEquals(1, lines.size());
    assertTrue(lines.get(0).contains("\"complete\":false"), lines.get(0));
  }

  @Test
  void whatMayBeMissingIsNotComplete() {
    List<Delivery> call = play(connected(0, false), ended(9, false));
    assertIncomplete(play(connected(0, false), expired(9)));
    assertIncomplete(List.of(call.get(0), GAP, call.get(1)));
    assertIncomplete(List.of(GAP, call.get(1)));
  }

  @Test
  void aGapBeforeACallTakesNothingFromIt() {
    List<String> lines = record(List.of(joined(List.of(GAP), play(connected(0, false), ended(9, false)))));
    assertTrue(lines.get(0).contains("\"complete\":true"), lines.get(0));
  }

  @Test
  void redactionsOfSeveralPartiesAreOnePause() {
    List<Span> spans = List.of(span(0, 4), span(2, 3), span(4, 6), span(8, null), span(9, 10));
    assertEquals(List.of(span(0, 6), span(8, null)), Span.merged(spans));
  }

  @Test
  void pausesAreTakenOut() {
    assertEquals(List.of(span(1, 2), span(5, 9)), span(0, 9).without(List.of(span(0, 1), span(2, 5))));
    assertEquals(List.of(), span(3, 3).without(List.of()));
  }

  private static Span span(int from, Integer to) {
    return new Span(NOON.plusSeconds(from), to == null ? null : NOON.plusSeconds(to));
  }
}
