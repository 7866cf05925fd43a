package io.callwire.conformance;

import com.google.gson.JsonObject;
import io.callwire.CallwireException;
import java.io.UncheckedIOException;

/** How a case ended, as the member `done` says it. */
final class Outcome {
  private Outcome() {}

  static JsonObject of(String outcome) {
    JsonObject done = new JsonObject();
    done.addProperty("outcome", outcome);
    return done;
  }

  static JsonObject of(Throwable failure) {
    JsonObject done = of("error");
    done.addProperty("message", String.valueOf(failure.getMessage()));
    if (failure instanceof CallwireException e) {
      done.addProperty("code", e.code().name());
      e.reason().ifPresent(reason -> done.addProperty("reason", reason));
      if (!e.metadata().isEmpty()) {
        JsonObject metadata = new JsonObject();
        e.metadata().forEach(metadata::addProperty);
        done.add("metadata", metadata);
      }
      e.retryAfter().ifPresent(delay -> done.addProperty("retry_after_ms", delay.toMillis()));
    } else if (failure instanceof ScriptedHandler.Failure) {
      done.addProperty("code", "HANDLER");
    } else if (failure instanceof UncheckedIOException) {
      done.addProperty("code", "CHECKPOINT");
    } else {
      done.addProperty("code", "DRIVER");
      failure.printStackTrace();
    }
    return done;
  }
}
