package io.callwire;

import io.callwire.v1.EventView;
import io.callwire.v1.ExpiredCursorPolicy;
import io.callwire.v1.Filter;
import io.callwire.v1.Scope;
import io.callwire.v1.StartPosition;
import io.callwire.v1.SubscribeRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** What to subscribe to, and how. Immutable; made with {@link #builder()}. */
public final class SubscribeOptions {
  private static final Duration DEFAULT_PROGRESS_INTERVAL = Duration.ofSeconds(5);
  private static final int DEFAULT_BUFFER = 1_000;

  private final SubscribeRequest request;
  private final Checkpoint checkpoint;
  private final SavePolicy savePolicy;
  private final RetryPolicy retry;
  private final int buffer;
  private final Consumer<StreamStatus> onStatus;

  private SubscribeOptions(Builder builder) {
    request = builder.request.build();
    checkpoint = builder.checkpoint;
    savePolicy = builder.savePolicy;
    retry = builder.retry;
    buffer = builder.buffer;
    onStatus = builder.onStatus;
  }

  /**
   * Begins with the defaults: every event from now on, without end.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The request that is sent when no checkpoint has a position.
   *
   * @return the request
   */
  public SubscribeRequest request() {
    return request;
  }

  /**
   * What remembers the position.
   *
   * @return the checkpoint, when one was given
   */
  public Optional<Checkpoint> checkpoint() {
    return Optional.ofNullable(checkpoint);
  }

  SavePolicy savePolicy() {
    return savePolicy;
  }

  RetryPolicy retry() {
    return retry;
  }

  int buffer() {
    return buffer;
  }

  Consumer<StreamStatus> onStatus() {
    return onStatus;
  }

  boolean isBounded() {
    return request.getEndCase() != SubscribeRequest.EndCase.END_NOT_SET;
  }

  Duration progressInterval() {
    return request.hasProgressInterval()
        ? ProtoTime.duration(request.getProgressInterval())
        : DEFAULT_PROGRESS_INTERVAL;
  }

  /** Sets what to subscribe to. Every setter returns the builder. The gateway checks the values. */
  public static final class Builder {
    private SubscribeRequest.Builder request = SubscribeRequest.newBuilder();
    private Checkpoint checkpoint;
    private SavePolicy savePolicy = SavePolicy.DEFAULT;
    private RetryPolicy retry = RetryPolicy.DEFAULT;
    private int buffer = DEFAULT_BUFFER;
    private Consumer<StreamStatus> onStatus = status -> {};

    private Builder() {}

    /**
     * Takes over a whole request, in place of what was set before.
     *
     * @param request the request
     * @return this
     */
    public Builder request(SubscribeRequest request) {
      this.request = request.toBuilder();
      return this;
    }

    /**
     * The tenant. Needed only when the credential may read more than one.
     *
     * @param tenant the tenant's id
     * @return this
     */
    public Builder tenant(String tenant) {
      request.setTenant(tenant);
      return this;
    }

    /**
     * Adds a filter. An event is delivered when any of the filters matches; without filters everything is.
     *
     * @param name the name that {@link EventDelivery#matches()} gives, 1 to 128 bytes
     * @param filter the filter, with at least one condition
     * @return this
     */
    public Builder filter(String name, Filter filter) {
      request.putFilters(name, filter);
      return this;
    }

    /**
     * Adds a filter, for example {@code filter("orders", f -> f.addQueueNames("support/orders"))}.
     *
     * @param name the name that {@link EventDelivery#matches()} gives, 1 to 128 bytes
     * @param conditions sets at least one condition: values of one field are alternatives, all fields given must hold
     * @return this
     */
    public Builder filter(String name, Consumer<Filter.Builder> conditions) {
      Filter.Builder filter = Filter.newBuilder();
      conditions.accept(filter);
      return filter(name, filter.build());
    }

    /**
     * Starts right after a cursor.
     *
     * @param cursor a cursor that the gateway gave
     * @return this
     */
    public Builder afterCursor(String cursor) {
      request.setAfterCursor(cursor);
      return this;
    }

    /**
     * Starts at the first event that was received at or after a time.
     *
     * @param time the time, by the gateway's clock
     * @return this
     */
    public Builder startTime(Instant time) {
      request.setStartTime(ProtoTime.timestamp(time));
      return this;
    }

    /**
     * Starts at the oldest event kept.
     *
     * @return this
     */
    public Builder fromEarliest() {
      request.setStart(StartPosition.START_POSITION_EARLIEST);
      return this;
    }

    /**
     * Starts with the next event, as it also does when no start is given.
     *
     * @return this
     */
    public Builder fromLatest() {
      request.setStart(StartPosition.START_POSITION_LATEST);
      return this;
    }

    /**
     * Ends after a cursor, inclusive.
     *
     * @param cursor a cursor not beyond the head of the journal
     * @return this
     */
    public Builder endCursor(String cursor) {
      request.setEndCursor(cursor);
      return this;
    }

    /**
     * Ends before the first event that was received at or after a time.
     *
     * @param time the time, by the gateway's clock; may be in the future
     * @return this
     */
    public Builder endTime(Instant time) {
      request.setEndTime(ProtoTime.timestamp(time));
      return this;
    }

    /**
     * Whether events are selected one by one, or with the first match all that follows of the call.
     *
     * @param scope the scope; the default is {@link Scope#SCOPE_EVENT}
     * @return this
     */
    public Builder scope(Scope scope) {
      request.setScope(scope);
      return this;
    }

    /**
     * How much of each event is sent.
     *
     * @param view the view; the default is {@link EventView#EVENT_VIEW_BASIC}, without session and raw JSON
     * @return this
     */
    public Builder view(EventView view) {
      request.setView(view);
      return this;
    }

    /**
     * Whether to begin with a {@link SnapshotDelivery} of the open sessions that match.
     *
     * @param include true for a snapshot
     * @return this
     */
    public Builder includeSnapshot(boolean include) {
      request.setIncludeSnapshot(include);
      return this;
    }

    /**
     * What to do when the position is older than what is kept.
     *
     * @param policy the policy; the default is to fail
     * @return this
     */
    public Builder onExpired(ExpiredCursorPolicy policy) {
      request.setOnExpired(policy);
      return this;
    }

    /**
     * How often the gateway tells how far the stream is. A stream that is silent for three intervals is opened again.
     *
     * @param interval 1 s to 5 min; the default is 5 s
     * @return this
     */
    public Builder progressInterval(Duration interval) {
      request.setProgressInterval(ProtoTime.duration(interval));
      return this;
    }

    /**
     * Most events of a response.
     *
     * @param events 1 to 10,000; the default is 1,000
     * @return this
     */
    public Builder maxBatchEvents(int events) {
      request.setMaxBatchEvents(events);
      return this;
    }

    /**
     * How long an event may wait at the gateway for others to share its response.
     *
     * @param linger 0 to 10 s; the default is 0
     * @return this
     */
    public Builder maxLinger(Duration linger) {
      request.setMaxLinger(ProtoTime.duration(linger));
      return this;
    }

    /**
     * What remembers the position. When it has one, the subscription goes on there instead of at its start.
     *
     * @param checkpoint the checkpoint, used by this subscription alone
     * @return this
     */
    public Builder checkpoint(Checkpoint checkpoint) {
      this.checkpoint = Objects.requireNonNull(checkpoint, "checkpoint");
      return this;
    }

    /**
     * When the checkpoint is saved.
     *
     * @param policy the policy; the default is {@link SavePolicy#DEFAULT}
     * @return this
     */
    public Builder savePolicy(SavePolicy policy) {
      this.savePolicy = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /**
     * How cuts are retried.
     *
     * @param policy the policy; the default is {@link RetryPolicy#DEFAULT}
     * @return this
     */
    public Builder retry(RetryPolicy policy) {
      this.retry = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /**
     * How many deliveries may wait for the consumer. Once so many wait nothing more is read; one response may be beyond.
     *
     * @param deliveries 1 or more; the default is 1,000
     * @return this
     */
    public Builder buffer(int deliveries) {
      if (deliveries < 1) {
        throw new IllegalArgumentException("the buffer must hold at least 1: " + deliveries);
      }
      this.buffer = deliveries;
      return this;
    }

    /**
     * What to tell how the subscription is doing. Called on threads of the client and of the consumer, possibly at once;
     * must not block. What it throws ends the subscription.
     *
     * @param listener told each status
     * @return this
     */
    public Builder onStatus(Consumer<StreamStatus> listener) {
      this.onStatus = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /**
     * The options as they are now.
     *
     * @return the options
     */
    public SubscribeOptions build() {
      return new SubscribeOptions(this);
    }
  }
}
