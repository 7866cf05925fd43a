package io.callwire.conformance;

import com.google.gson.JsonObject;
import com.google.gson.annotations.SerializedName;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.callwire.ApiKeyProvider;
import io.callwire.Client;
import io.callwire.ClientBuilder;
import io.callwire.RetryPolicy;
import io.callwire.SavePolicy;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;

/** What a case asks for. Absent members are null. */
record RunSpec(
    String url,
    @SerializedName("api_keys") List<String> apiKeys,
    String method,
    JsonObject request,
    Retry retry,
    @SerializedName("timeout_ms") Long timeoutMs,
    @SerializedName("buffer_events") Integer bufferEvents,
    CheckpointSpec checkpoint,
    HandlerSpec handler,
    @SerializedName("close_after") Long closeAfter,
    String consume,
    String report) {
  record Retry(
      @SerializedName("initial_ms") Long initialMs,
      @SerializedName("max_ms") Long maxMs,
      @SerializedName("max_attempts") Integer maxAttempts) {}

  record CheckpointSpec(
      String kind,
      String path,
      @SerializedName("every_events") Integer everyEvents,
      @SerializedName("every_ms") Long everyMs) {
    SavePolicy savePolicy() {
      int events = everyEvents == null ? SavePolicy.DEFAULT.events() : everyEvents;
      return new SavePolicy(events, orDefault(everyMs, SavePolicy.DEFAULT.interval()));
    }
  }

  record HandlerSpec(
      @SerializedName("delay_ms") Long delayMs,
      @SerializedName("hold_at") Long holdAt,
      @SerializedName("fail_at") Long failAt) {
    static final HandlerSpec NONE = new HandlerSpec(null, null, null);
  }

  HandlerSpec handlerOrNone() {
    return handler == null ? HandlerSpec.NONE : handler;
  }

  RetryPolicy retryPolicy() {
    if (retry == null) {
      return RetryPolicy.DEFAULT;
    }
    Duration initial = orDefault(retry.initialMs, RetryPolicy.DEFAULT.initialDelay());
    Duration max = orDefault(retry.maxMs, RetryPolicy.DEFAULT.maxDelay());
    int attempts = retry.maxAttempts == null ? RetryPolicy.UNLIMITED : retry.maxAttempts;
    return new RetryPolicy(initial, max.compareTo(initial) < 0 ? initial : max, attempts);
  }

  Client connect() {
    ClientBuilder builder = Client.builder(url).retry(retryPolicy());
    if (timeoutMs != null) {
      builder.callTimeout(Duration.ofMillis(timeoutMs));
    }
    if (apiKeys != null) {
      builder.apiKey(provider(apiKeys));
    }
    return builder.build();
  }

  /** Gives one key after the other; the last one stays. */
  private static ApiKeyProvider provider(List<String> keys) {
    Iterator<String> remaining = keys.iterator();
    String last = keys.get(keys.size() - 1);
    return () -> remaining.hasNext() ? remaining.next() : last;
  }

  /** The request, read into a message of its kind. */
  <B extends Message.Builder> B requestInto(B builder) throws InvalidProtocolBufferException {
    if (request != null) {
      JsonFormat.parser().merge(request.toString(), builder);
    }
    return builder;
  }

  private static Duration orDefault(Long ms, Duration otherwise) {
    return ms == null ? otherwise : Duration.ofMillis(ms);
  }
}
