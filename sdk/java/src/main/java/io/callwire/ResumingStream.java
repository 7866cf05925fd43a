package io.callwire;

import io.callwire.v1.SubscribeRequest;
import io.callwire.v1.SubscribeResponse;
import io.callwire.v1.SubscriptionServiceGrpc;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Fills a buffer from the gateway, over one stream after another: a stream that is cut, or silent for too long, is opened
 * again after what was received. It is open, or waiting to be opened, or over; every change is made under its lock.
 * Responses are asked for one at a time and only while the buffer has room, so flow control holds the gateway.
 */
final class ResumingStream {
  /** A stream without a response for this many progress intervals is dead. */
  private static final int SILENT_INTERVALS = 3;

  private final Connections connections;
  private final ApiKeyCredentials credentials;
  private final ScheduledExecutorService timer;
  private final DeliveryBuffer buffer;
  private final ResponseReader reader;
  private final Backoff backoff;
  private final boolean bounded;
  private final Duration patience;
  private final Consumer<StreamStatus> onStatus;

  private OpenStream open;
  private ScheduledFuture<?> reopening;
  private boolean over;
  /** Whether the API key was refused, and a fresh one asked for, since a stream last worked. */
  private boolean refreshedKey;

  ResumingStream(
      Connections connections,
      ApiKeyCredentials credentials,
      ScheduledExecutorService timer,
      DeliveryBuffer buffer,
      ResponseReader reader,
      Backoff backoff,
      SubscribeOptions options) {
    this.connections = connections;
    this.credentials = credentials;
    this.timer = timer;
    this.buffer = buffer;
    this.reader = reader;
    this.backoff = backoff;
    this.bounded = options.isBounded();
    this.patience = options.progressInterval().multipliedBy(SILENT_INTERVALS);
    this.onStatus = options.onStatus();
  }

  /** Opens the first stream. Call once. */
  void start() {
    buffer.onRoom(this::readOn);
    openNext();
  }

  /** Ends it, without a word to the consumer. */
  void stop() {
    OpenStream stopped;
    synchronized (this) {
      over = true;
      stopped = open;
      open = null;
      if (reopening != null) {
        reopening.cancel(false);
      }
    }
    if (stopped != null) {
      stopped.cancel();
    }
  }

  private synchronized void openNext() {
    if (over) {
      return;
    }
    reopening = null;
    open = new OpenStream(connections.current(), credentials == null ? 0 : credentials.generation());
    SubscriptionServiceGrpc.newStub(open.channel).withCallCredentials(credentials).subscribe(reader.beginStream(), open);
  }

  private synchronized void readOn() {
    if (open != null) {
      open.ask();
    }
  }

  private void finish(DeliveryBuffer.End end) {
    stop();
    buffer.end(end);
  }

  /** What the user's callback throws ends the subscription. */
  private void tell(StreamStatus status) {
    try {
      onStatus.accept(status);
    } catch (RuntimeException e) {
      finish(DeliveryBuffer.End.failed(e));
    }
  }

  private void onResponse(OpenStream stream, SubscribeResponse response) {
    ResponseReader.Reading reading;
    synchronized (this) {
      if (stream != open) {
        return;
      }
      reading = reader.read(response);
      if (reading.isFirst()) {
        refreshedKey = false;
      }
      if (reading.isProgress()) {
        backoff.progressed();
      }
      if (response.hasGoingAway()) {
        stream.retryAfter = ResponseReader.retryAfter(response);
      }
      stream.awaitsResponse = false;
    }
    if (reading.isFirst()) {
      tell(
          new StreamStatus.Connected(
              response.getCursor(),
              response.getFilterDigest(),
              response.getEffectiveView(),
              response.getMasked(),
              response.getUnresolvedAgentEmailsList()));
    }
    buffer.add(reading.items());
    if (reading.needsReopening()) {
      reopenAtOnce(stream);
      return;
    }
    readOn();
    watchConnectionOf(stream);
  }

  private void reopenAtOnce(OpenStream stream) {
    synchronized (this) {
      if (stream != open) {
        return;
      }
      open = null;
    }
    stream.cancel();
    openNext();
  }

  private synchronized void watchConnectionOf(OpenStream stream) {
    if (stream == open) {
      stream.watchConnection();
    }
  }

  private void onCompleted(OpenStream stream) {
    if (bounded) {
      if (isOpen(stream)) {
        finish(DeliveryBuffer.End.well(Ending.COMPLETED));
      }
      return;
    }
    String message = "the gateway ended a stream that has no end";
    onCut(stream, CallwireException.local(Status.Code.UNAVAILABLE, message, null));
  }

  private synchronized boolean isOpen(OpenStream stream) {
    return stream == open;
  }

  private void onCut(OpenStream stream, CallwireException cause) {
    Duration delay;
    int attempt;
    synchronized (this) {
      if (stream != open) {
        return;
      }
      open = null;
      stream.stopWatching();
      if (cause.code() == Status.Code.UNAUTHENTICATED && canRefreshKey()) {
        refreshedKey = true;
        credentials.discard(stream.keyGeneration);
        attempt = 0;
        delay = Duration.ZERO;
      } else if (cause.retryable() && !backoff.isUsedUp()) {
        delay = backoff.next(longer(cause.retryAfter().orElse(Duration.ZERO), stream.retryAfter));
        attempt = backoff.attempts();
      } else {
        delay = null;
        attempt = 0;
      }
    }
    if (delay == null) {
      finish(DeliveryBuffer.End.failed(cause));
      return;
    }
    tell(new StreamStatus.Reconnecting(attempt, delay, cause));
    reopenAfter(delay);
  }

  private boolean canRefreshKey() {
    return credentials != null && credentials.isRefreshable() && !refreshedKey;
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  private synchronized void reopenAfter(Duration delay) {
    if (!over) {
      reopening = timer.schedule(this::openNext, delay.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** One stream, from its opening to its end. Its fields belong to the lock of {@link ResumingStream}. */
  private final class OpenStream implements ClientResponseObserver<SubscribeRequest, SubscribeResponse> {
    private final ManagedChannel channel;
    private final int keyGeneration;
    private ClientCallStreamObserver<SubscribeRequest> call;
    private boolean awaitsResponse;
    private long askedNanos;
    private ScheduledFuture<?> watch;
    private Duration retryAfter = Duration.ZERO;

    OpenStream(ManagedChannel channel, int keyGeneration) {
      this.channel = channel;
      this.keyGeneration = keyGeneration;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<SubscribeRequest> requestStream) {
      call = requestStream;
      awaitsResponse = true;
      askedNanos = System.nanoTime();
      call.disableAutoRequestWithInitial(1);
      watchFor(patience.toNanos());
    }

    /** Asks for the next response, when none is under way and the buffer has room. */
    void ask() {
      if (!awaitsResponse && buffer.hasRoom()) {
        awaitsResponse = true;
        askedNanos = System.nanoTime();
        call.request(1);
      }
    }

    /** While nothing is asked for, gRPC does not tell of a cut: what was sent before it has to be read first. */
    void watchConnection() {
      if (!awaitsResponse) {
        channel.notifyWhenStateChanged(ConnectivityState.READY, this::onConnectionLost);
      }
    }

    private void onConnectionLost() {
      synchronized (ResumingStream.this) {
        if (this != open || awaitsResponse) {
          return;
        }
      }
      cutHere("the connection was lost");
    }

    private void watchFor(long nanos) {
      watch = timer.schedule(this::look, nanos, TimeUnit.NANOSECONDS);
    }

    private void look() {
      synchronized (ResumingStream.this) {
        if (this != open) {
          return;
        }
        long silentNanos = awaitsResponse ? System.nanoTime() - askedNanos : 0;
        if (silentNanos < patience.toNanos()) {
          watchFor(patience.toNanos() - silentNanos);
          return;
        }
      }
      connections.abandon(channel);
      cutHere("no response for " + patience.toMillis() + " ms, so the connection is taken for dead");
    }

    /** The cut comes first, so that it is the cause and not the cancelling. */
    private void cutHere(String message) {
      onCut(this, CallwireException.local(Status.Code.UNAVAILABLE, message, null));
      cancel();
    }

    void stopWatching() {
      if (watch != null) {
        watch.cancel(false);
      }
    }

    void cancel() {
      stopWatching();
      call.cancel("no longer read", null);
    }

    @Override
    public void onNext(SubscribeResponse response) {
      onResponse(this, response);
    }

    @Override
    public void onError(Throwable failure) {
      onCut(this, CallwireException.of(failure));
    }

    @Override
    public void onCompleted() {
      ResumingStream.this.onCompleted(this);
    }
  }
}
