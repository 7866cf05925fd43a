package io.callwire.conformance;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.callwire.Delivery;
import io.callwire.EventDelivery;
import io.callwire.FilterChangedDelivery;
import io.callwire.GapDelivery;
import io.callwire.GoingAwayDelivery;
import io.callwire.SnapshotDelivery;
import io.callwire.v1.Session;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;

/** Reports deliveries, and dawdles, waits or fails where the case says so. */
final class ScriptedHandler {
  /** What the handler throws where it is told to fail. */
  static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failure(long number) {
      super("the handler fails at event " + number);
    }
  }

  private final RunSpec.HandlerSpec script;
  private final String report;
  private final Output output;
  private final CountDownLatch released = new CountDownLatch(1);
  private final MessageDigest digest;
  private volatile boolean givenUp;
  private long events;

  ScriptedHandler(RunSpec spec, Output output) {
    this.script = spec.handlerOrNone();
    this.report = spec.report() == null ? "offsets" : spec.report();
    this.output = output;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  long events() {
    return events;
  }

  String digest() {
    return HexFormat.of().formatHex(digest.digest());
  }

  void release() {
    released.countDown();
  }

  /** Ends a wait, as an interruption does. */
  void giveUp() {
    givenUp = true;
    released.countDown();
  }

  void handle(Delivery delivery) throws InterruptedException {
    if (delivery instanceof EventDelivery event) {
      handleEvent(event);
    } else {
      output.line("delivery", describe(delivery));
    }
  }

  private void handleEvent(EventDelivery delivery) throws InterruptedException {
    events++;
    String offset = Long.toUnsignedString(delivery.event().getOffset());
    digest.update((offset + "\n").getBytes(StandardCharsets.UTF_8));
    if (!report.equals("digest")) {
      reportEvent(delivery, offset);
    }
    if (script.delayMs() != null) {
      Thread.sleep(script.delayMs());
    }
    if (isNow(script.holdAt())) {
      output.handling(events);
      released.await();
      if (givenUp) {
        throw new InterruptedException("given up");
      }
    }
    if (isNow(script.failAt())) {
      throw new Failure(events);
    }
  }

  private boolean isNow(Long number) {
    return number != null && number == events;
  }

  private void reportEvent(EventDelivery delivery, String offset) {
    JsonObject event = new JsonObject();
    event.addProperty("offset", offset);
    event.addProperty("cursor", delivery.cursor());
    if (!delivery.matches().isEmpty()) {
      JsonArray matches = new JsonArray();
      delivery.matches().forEach(matches::add);
      event.add("matches", matches);
    }
    if (report.equals("full")) {
      event.add("message", Output.json(delivery.event()));
    }
    output.line("event", event);
  }

  private static JsonObject describe(Delivery delivery) {
    JsonObject json = new JsonObject();
    if (delivery instanceof GapDelivery gap) {
      json.addProperty("kind", "gap");
      json.addProperty("from_cursor", gap.fromCursor());
      json.addProperty("to_cursor", gap.toCursor());
    } else if (delivery instanceof SnapshotDelivery snapshot) {
      json.addProperty("kind", "snapshot");
      JsonArray ids = new JsonArray();
      snapshot.sessions().stream().map(Session::getSessionId).forEach(ids::add);
      json.add("session_ids", ids);
      json.addProperty("cursor", snapshot.cursor());
    } else if (delivery instanceof FilterChangedDelivery changed) {
      json.addProperty("kind", "filter_changed");
      json.addProperty("previous_digest", changed.previousDigest());
      json.addProperty("digest", changed.digest());
    } else if (delivery instanceof GoingAwayDelivery goingAway) {
      json.addProperty("kind", "going_away");
      json.addProperty("retry_after_ms", goingAway.retryAfter().toMillis());
    }
    return json;
  }
}
