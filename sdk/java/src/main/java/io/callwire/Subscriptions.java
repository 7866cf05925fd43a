package io.callwire;

import io.callwire.v1.SubscribeRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;

/** A client's open subscriptions, and the threads that they share. */
final class Subscriptions {
  private final Connections connections;
  private final ApiKeyCredentials credentials;
  /** Reopens streams and watches them. */
  private final ScheduledThreadPoolExecutor timer = daemon("callwire-timer");
  /** Saves checkpoints that are due, apart from the others since a save may take its time. */
  private final ScheduledThreadPoolExecutor saver = daemon("callwire-checkpoints");
  private final Set<Subscription> open = new HashSet<>();
  private boolean closed;

  Subscriptions(Connections connections, ApiKeyCredentials credentials) {
    this.connections = connections;
    this.credentials = credentials;
  }

  private static ScheduledThreadPoolExecutor daemon(String name) {
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = Executors.defaultThreadFactory().newThread(task);
              thread.setName(name);
              thread.setDaemon(true);
              return thread;
            });
    executor.setRemoveOnCancelPolicy(true);
    return executor;
  }

  Subscription begin(SubscribeOptions options) {
    Optional<SavedPosition> saved = options.checkpoint().flatMap(Subscriptions::load);
    String digest = saved.map(SavedPosition::filterDigest).orElse("");
    SubscribeRequest.Builder request = options.request().toBuilder();
    saved.map(SavedPosition::cursor).ifPresent(request::setAfterCursor);

    DeliveryBuffer buffer = new DeliveryBuffer(options.buffer());
    ResponseReader reader = new ResponseReader(request.build(), digest);
    Backoff backoff = new Backoff(options.retry(), ThreadLocalRandom.current());
    ResumingStream stream =
        new ResumingStream(connections, credentials, timer, buffer, reader, backoff, options);
    HandledPosition position =
        new HandledPosition(
            options.checkpoint().orElse(null), options.savePolicy(), digest, saver, e -> failed(stream, buffer, e));
    Subscription subscription = new Subscription(stream, buffer, position, options.onStatus(), this::forget);
    remember(subscription);
    stream.start();
    return subscription;
  }

  private static Optional<SavedPosition> load(Checkpoint checkpoint) {
    try {
      return checkpoint.load();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void failed(ResumingStream stream, DeliveryBuffer buffer, Exception failure) {
    stream.stop();
    RuntimeException error =
        failure instanceof IOException e ? new UncheckedIOException(e) : (RuntimeException) failure;
    buffer.endNow(DeliveryBuffer.End.failed(error));
  }

  private synchronized void remember(Subscription subscription) {
    if (closed) {
      throw new IllegalStateException("the client is closed");
    }
    open.add(subscription);
  }

  private synchronized void forget(Subscription subscription) {
    open.remove(subscription);
  }

  /** Closes each of them. Gives what failed on the way. */
  List<RuntimeException> close() {
    List<Subscription> closing;
    synchronized (this) {
      closed = true;
      closing = List.copyOf(open);
    }
    List<RuntimeException> failures = new ArrayList<>();
    for (Subscription subscription : closing) {
      try {
        subscription.close();
      } catch (RuntimeException e) {
        failures.add(e);
      }
    }
    timer.shutdownNow();
    saver.shutdown();
    return failures;
  }
}
