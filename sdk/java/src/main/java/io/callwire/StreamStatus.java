package io.callwire;

import io.callwire.v1.EventView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** How a subscription is doing. Information, not decisions. New kinds may be added. */
public sealed interface StreamStatus {
  /**
   * The gateway answered on a new stream.
   *
   * @param cursor the position at which the stream begins
   * @param filterDigest digest of the filters in force, 16 hex digits
   * @param effectiveView the view in force
   * @param masked whether policy masks fields of this stream
   * @param unresolvedAgentEmails addresses of the filters that no login has resolved to an agent id yet
   */
  record Connected(
      String cursor,
      String filterDigest,
      EventView effectiveView,
      boolean masked,
      List<String> unresolvedAgentEmails)
      implements StreamStatus {
    /**
     * Takes a copy of the addresses.
     *
     * @param cursor the position at which the stream begins
     * @param filterDigest digest of the filters in force
     * @param effectiveView the view in force
     * @param masked whether fields are masked
     * @param unresolvedAgentEmails addresses not resolved yet
     */
    public Connected {
      unresolvedAgentEmails = List.copyOf(unresolvedAgentEmails);
    }
  }

  /**
   * The stream was cut and is about to be opened again.
   *
   * @param attempt number of this attempt since the last useful progress, from 1; 0 for the one with a fresh API key
   * @param delay how long it waits before
   * @param cause what cut the stream
   */
  record Reconnecting(int attempt, Duration delay, CallwireException cause) implements StreamStatus {}

  /** What follows is live. Comes in stream order. */
  record CaughtUp() implements StreamStatus {}

  /**
   * The consumer was too slow for the live stream; events now come from the journal and none is lost. Comes in stream
   * order.
   *
   * @param queuedBytes bytes that waited for the consumer when the gateway's bound was met
   */
  record FellBehind(long queuedBytes) implements StreamStatus {}

  /**
   * How far the stream is. Comes in stream order, every progress interval.
   *
   * @param headCursor the newest cursor of the journal
   * @param eventsBehind how many events, matching or not, lie between here and the head; an upper bound
   * @param serverTime the gateway's clock
   */
  record Progress(String headCursor, long eventsBehind, Instant serverTime) implements StreamStatus {}
}
