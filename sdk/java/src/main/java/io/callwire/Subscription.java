package io.callwire;

import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/**
 * A stream of deliveries that survives cuts: it is opened again right after what was received, so nothing is repeated,
 * nothing is left out, and the order is kept. It is consumed once, in one of three ways:
 *
 * <ul>
 *   <li>{@link #run}: a delivery is handled when the handler returns.
 *   <li>{@link #iterator()}, that is a {@code for} loop: a delivery is handled when the next one is asked for. Whoever
 *       leaves the loop with {@code break} calls {@link #markHandled()} before.
 *   <li>{@link #publisher()}: a delivery is handled when {@code onNext} returns.
 * </ul>
 *
 * <p>It ends when a bounded subscription is complete, by {@link #close()} or {@link #cancel()}, or with a
 * {@link CallwireException} that says what has to be decided: an expired cursor, another epoch, a denied request. A
 * checkpoint that fails ends it with an {@link UncheckedIOException}.
 */
public final class Subscription implements Iterable<Delivery>, AutoCloseable {
  private final ResumingStream stream;
  private final DeliveryBuffer buffer;
  private final HandledPosition position;
  private final Consumer<StreamStatus> onStatus;
  private final Consumer<Subscription> onEnd;
  private final CountDownLatch ended = new CountDownLatch(1);
  private Consumption consumption;
  private volatile DeliveryBuffer.End end;

  Subscription(
      ResumingStream stream,
      DeliveryBuffer buffer,
      HandledPosition position,
      Consumer<StreamStatus> onStatus,
      Consumer<Subscription> onEnd) {
    this.stream = stream;
    this.buffer = buffer;
    this.position = position;
    this.onStatus = onStatus;
    this.onEnd = onEnd;
  }

  /**
   * Hands each delivery to a handler, on this thread, until the subscription ends.
   *
   * @param handler handles the deliveries; what it throws ends the subscription and is thrown on
   * @param <X> what the handler may throw
   * @return how the subscription ended
   * @throws X what the handler threw; the delivery that it threw for is not handled
   * @throws InterruptedException when this thread was interrupted while it waited; the subscription is then cancelled
   * @throws CallwireException when the subscription failed
   * @throws UncheckedIOException when the checkpoint could not be saved
   * @throws IllegalStateException when the subscription is or was consumed already
   */
  public <X extends Exception> Ending run(DeliveryHandler<X> handler) throws X, InterruptedException {
    HandlerRun run = consume(new HandlerRun(this, Thread.currentThread()));
    return run.run(handler);
  }

  /**
   * The deliveries as a blocking iterator, for one thread. {@code hasNext} is false when the subscription has ended well;
   * it throws the {@link CallwireException} of one that failed. An interrupted wait cancels the subscription and throws a
   * {@link CallwireException} with code {@code CANCELLED}; the thread stays marked as interrupted.
   *
   * @return the only iterator of this subscription
   * @throws IllegalStateException when the subscription is or was consumed already
   */
  @Override
  public Iterator<Delivery> iterator() {
    return consume(new DeliveryIterator(this));
  }

  /**
   * The deliveries as a publisher for one subscriber, which is called on a thread of its own. Cancelling its
   * subscription cancels this one; so does a subscriber that throws.
   *
   * @return the publisher; a second subscriber is refused with {@code onError}
   */
  public Flow.Publisher<Delivery> publisher() {
    return subscriber -> DeliveryPublisher.publish(this, subscriber);
  }

  /**
   * Marks the iterator's current delivery as handled, before the next one is asked for. For leaving a loop: closing alone
   * does not tell an end of the work from a failure of it.
   */
  public void markHandled() {
    Consumption current = consumption();
    if (current instanceof DeliveryIterator iterator) {
      iterator.markHandled();
    }
  }

  /**
   * Up to where everything is handled.
   *
   * @return the cursor; empty before anything was handled
   */
  public Optional<String> cursor() {
    return Optional.of(position.cursor()).filter(cursor -> !cursor.isEmpty());
  }

  /**
   * How the subscription ended.
   *
   * @return empty while it goes on, and when it failed
   */
  public Optional<Ending> ending() {
    return Optional.ofNullable(end).map(DeliveryBuffer.End::ending);
  }

  /**
   * Begins to close and does not wait: the current delivery is the last one.
   *
   * @throws UncheckedIOException when the checkpoint could not be saved
   */
  public void stop() {
    endNow(Ending.CLOSED);
    Consumption current = consumption();
    if (current == null || !current.finishesByItself()) {
      finish();
    }
  }

  /**
   * Stops reading, waits until {@link #run} or the publisher has finished its current delivery, and saves the checkpoint.
   * A handler may call it; then it does not wait. What was received and not handed out comes again after a resume.
   *
   * @throws UncheckedIOException when the checkpoint could not be saved
   */
  @Override
  public void close() {
    stop();
    Consumption current = consumption();
    if (current != null && current.finishesByItself() && !current.isThisThread()) {
      awaitEnd();
    }
  }

  /**
   * Ends at once and saves what is handled: a handler that blocks in {@link #run} is interrupted.
   *
   * @throws UncheckedIOException when the checkpoint could not be saved
   */
  public void cancel() {
    endNow(Ending.CANCELLED);
    Consumption current = consumption();
    if (current == null || !current.finishesByItself()) {
      finish();
      return;
    }
    current.interrupt();
    save();
  }

  private void endNow(Ending how) {
    position.beginEnding();
    stream.stop();
    buffer.endNow(DeliveryBuffer.End.well(how));
    Consumption current = consumption();
    if (current != null) {
      current.stopWaiting();
    }
  }

  /** Ends with a failure of this side, which the consumer is told next. */
  void fail(Throwable failure) {
    stream.stop();
    buffer.endNow(DeliveryBuffer.End.failed(failure));
  }

  private void awaitEnd() {
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CallwireException.local(Status.Code.CANCELLED, "interrupted while closing", e);
    }
  }

  private synchronized Consumption consumption() {
    return consumption;
  }

  /** Makes this the one way in which the subscription is consumed. */
  synchronized <C extends Consumption> C consume(C by) {
    if (consumption != null) {
      throw new IllegalStateException("the subscription is or was consumed already");
    }
    consumption = by;
    return by;
  }

  /** Waits for the next item with a delivery; what has none is handled on the way. Null at the end. */
  Item next() throws InterruptedException {
    Item item = buffer.take();
    while (item != null && item.delivery() == null) {
      if (item.status() != null) {
        onStatus.accept(item.status());
      }
      handled(item);
      item = buffer.take();
    }
    return item;
  }

  void handled(Item item) {
    try {
      position.handled(item);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void save() {
    try {
      position.save();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** After the last delivery: lets go of everything and saves. Tells how it ended. */
  DeliveryBuffer.End finish() {
    position.beginEnding();
    stream.stop();
    end = buffer.ending();
    try {
      save();
    } finally {
      ended.countDown();
      onEnd.accept(this);
    }
    return end;
  }

  /** After the consumer failed: the failure counts, and what the last save may add to it. */
  void finishAfter(Throwable failure) {
    fail(failure);
    try {
      finish();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /** One of the ways in which a subscription is consumed. */
  interface Consumption {
    /** Whether it calls {@link #finish} once it is told that nothing more comes. */
    boolean finishesByItself();

    boolean isThisThread();

    /** Wakes it from waiting for anything but the next delivery. */
    default void stopWaiting() {}

    /** Interrupts a handler that is at work. */
    default void interrupt() {}
  }
}
