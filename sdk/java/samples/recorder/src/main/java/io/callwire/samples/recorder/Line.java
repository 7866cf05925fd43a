package io.callwire.samples.recorder;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import com.google.gson.annotations.SerializedName;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/**
 * What is written of a finished call. Times are the gateway's.
 *
 * @param direction {@code incoming}, {@code outgoing}, or empty when the source did not say
 * @param queue names of the last queue, root first
 * @param agents ids of the agents, in the order in which they joined
 * @param started null for a call that nobody answered
 * @param segments what was recorded
 * @param paused what was left out
 * @param complete false when events of the call may be missing, and when its end was never reported
 */
record Line(
    @SerializedName("call_id") String callId,
    String source,
    String direction,
    List<String> queue,
    List<String> agents,
    Instant started,
    Instant ended,
    List<Span> segments,
    List<Span> paused,
    boolean complete) {
  /** RFC 3339 in UTC, with milliseconds. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

  private static final JsonSerializer<Instant> WRITE_TIME =
      (instant, type, context) -> new JsonPrimitive(TIME.format(instant));

  private static final Gson GSON =
      new GsonBuilder()
          .serializeNulls()
          .disableHtmlEscaping()
          .registerTypeAdapter(Instant.class, WRITE_TIME)
          .create();

  String json() {
    return GSON.toJson(this);
  }
}
