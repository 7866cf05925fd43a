package io.callwire.conformance;

import com.google.gson.JsonObject;
import io.callwire.Checkpoint;
import io.callwire.Client;
import io.callwire.Delivery;
import io.callwire.EventDelivery;
import io.callwire.FileCheckpoint;
import io.callwire.MemoryCheckpoint;
import io.callwire.SavedPosition;
import io.callwire.StreamStatus;
import io.callwire.SubscribeOptions;
import io.callwire.Subscription;
import io.callwire.v1.SubscribeRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** A subscription, consumed as the case says. */
final class SubscribeCase implements Case {
  private final RunSpec spec;
  private final Output output;
  private final ScriptedHandler handler;
  private final SubscribeRequest request;
  private final Checkpoint checkpoint;
  private Subscription subscription;
  private boolean cancelled;
  private boolean closed;
  private long handled;

  SubscribeCase(RunSpec spec, Output output) throws IOException {
    this.spec = spec;
    this.output = output;
    this.handler = new ScriptedHandler(spec, output);
    this.request = spec.requestInto(SubscribeRequest.newBuilder()).build();
    this.checkpoint = checkpoint(spec.checkpoint());
  }

  private static Checkpoint checkpoint(RunSpec.CheckpointSpec spec) {
    if (spec == null) {
      return null;
    }
    return spec.kind().equals("file") ? new FileCheckpoint(Path.of(spec.path())) : new MemoryCheckpoint();
  }

  @Override
  public void run() {
    JsonObject done;
    try (Client client = spec.connect()) {
      begin(client.subscribe(options()));
      done = Outcome.of(consume());
    } catch (InterruptedException e) {
      done = Outcome.of("cancelled");
    } catch (RuntimeException e) {
      done = Outcome.of(e);
    }
    output.line("done", describe(done));
  }

  private SubscribeOptions options() {
    SubscribeOptions.Builder options =
        SubscribeOptions.builder().request(request).retry(spec.retryPolicy()).onStatus(this::report);
    if (spec.bufferEvents() != null) {
      options.buffer(spec.bufferEvents());
    }
    if (checkpoint != null) {
      options.checkpoint(checkpoint).savePolicy(spec.checkpoint().savePolicy());
    }
    return options.build();
  }

  private void begin(Subscription begun) {
    boolean cancelNow;
    boolean closeNow;
    synchronized (this) {
      subscription = begun;
      cancelNow = cancelled;
      closeNow = closed;
    }
    if (cancelNow) {
      begun.cancel();
    } else if (closeNow) {
      begun.stop();
    }
  }

  private String consume() throws InterruptedException {
    if (isLoop()) {
      for (Delivery delivery : subscription) {
        handle(delivery);
      }
    } else {
      subscription.run(this::handle);
    }
    return subscription.ending().orElseThrow().name().toLowerCase(Locale.ROOT);
  }

  private boolean isLoop() {
    return "stream".equals(spec.consume());
  }

  private void handle(Delivery delivery) throws InterruptedException {
    handler.handle(delivery);
    if (delivery instanceof EventDelivery) {
      handled++;
      if (spec.closeAfter() != null && handled == spec.closeAfter()) {
        subscription.stop();
      }
    }
  }

  private void report(StreamStatus status) {
    JsonObject json = new JsonObject();
    if (status instanceof StreamStatus.Connected) {
      json.addProperty("kind", "connected");
    } else if (status instanceof StreamStatus.CaughtUp) {
      json.addProperty("kind", "caught_up");
    } else if (status instanceof StreamStatus.FellBehind) {
      json.addProperty("kind", "fell_behind");
    } else if (status instanceof StreamStatus.Reconnecting reconnecting) {
      json.addProperty("kind", "reconnecting");
      json.addProperty("attempt", reconnecting.attempt());
      json.addProperty("delay_ms", reconnecting.delay().toMillis());
      json.addProperty("code", reconnecting.cause().code().name());
      reconnecting.cause().reason().ifPresent(reason -> json.addProperty("reason", reason));
    } else {
      return;
    }
    output.line("status", json);
  }

  private JsonObject describe(JsonObject done) {
    done.addProperty("events", handler.events());
    done.addProperty("digest", handler.digest());
    if (subscription != null) {
      subscription.cursor().ifPresent(cursor -> done.addProperty("cursor", cursor));
    }
    try {
      if (checkpoint != null) {
        checkpoint.load().map(SavedPosition::cursor).ifPresent(cursor -> done.addProperty("saved_cursor", cursor));
      }
    } catch (IOException e) {
      System.err.println(e.getMessage());
    }
    return done;
  }

  @Override
  public boolean isBounded() {
    return request.getEndCase() != SubscribeRequest.EndCase.END_NOT_SET;
  }

  @Override
  public void release() {
    handler.release();
  }

  /** A loop over the stream is the driver's own code, so the driver wakes it. */
  @Override
  public void cancel() {
    Subscription begun;
    synchronized (this) {
      cancelled = true;
      begun = subscription;
    }
    if (begun == null) {
      return;
    }
    begun.cancel();
    if (isLoop()) {
      handler.giveUp();
    }
  }

  @Override
  public void close() {
    Subscription begun;
    synchronized (this) {
      closed = true;
      begun = subscription;
    }
    if (begun != null) {
      begun.stop();
    }
  }
}
