package io.callwire;

import io.grpc.Status;
import java.util.Objects;
import java.util.concurrent.Flow;

/** A subscription as the source of one {@link Flow.Subscriber}, on a thread of its own. */
final class DeliveryPublisher implements Flow.Subscription, Subscription.Consumption, Runnable {
  private final Subscription subscription;
  private final Flow.Subscriber<? super Delivery> subscriber;
  private final Thread thread;
  private long demand;
  private boolean stopped;
  private boolean cancelled;
  /** What the subscriber asked for against the rules. */
  private IllegalArgumentException misuse;

  private DeliveryPublisher(Subscription subscription, Flow.Subscriber<? super Delivery> subscriber) {
    this.subscription = subscription;
    this.subscriber = subscriber;
    this.thread = new Thread(this, "callwire-publisher");
    this.thread.setDaemon(true);
  }

  static void publish(Subscription subscription, Flow.Subscriber<? super Delivery> subscriber) {
    Objects.requireNonNull(subscriber, "subscriber");
    try {
      subscription.consume(new DeliveryPublisher(subscription, subscriber)).thread.start();
    } catch (IllegalStateException e) {
      subscriber.onSubscribe(new Refused());
      subscriber.onError(e);
    }
  }

  @Override
  public void run() {
    DeliveryBuffer.End end;
    try {
      subscriber.onSubscribe(this);
      publishAll();
      end = subscription.finish();
    } catch (Throwable e) {
      subscription.finishAfter(e);
      end = DeliveryBuffer.End.failed(e);
    }
    signal(end);
  }

  /** A subscriber that cancelled expects nothing more. */
  private void signal(DeliveryBuffer.End end) {
    if (end.error() != null) {
      subscriber.onError(end.error());
    } else if (end.ending() != Ending.CANCELLED) {
      subscriber.onComplete();
    } else if (!hasCancelled()) {
      subscriber.onError(CallwireException.local(Status.Code.CANCELLED, "the subscription was cancelled", null));
    }
  }

  private synchronized boolean hasCancelled() {
    return cancelled;
  }

  private void publishAll() throws InterruptedException {
    Item item = subscription.next();
    while (item != null && awaitDemand()) {
      subscriber.onNext(item.delivery());
      subscription.handled(item);
      item = subscription.next();
    }
  }

  /** False when the subscription ended meanwhile. */
  private synchronized boolean awaitDemand() throws InterruptedException {
    while (demand == 0 && !stopped) {
      wait();
    }
    if (misuse != null) {
      throw misuse;
    }
    demand--;
    return !stopped;
  }

  @Override
  public synchronized void request(long n) {
    if (n <= 0) {
      misuse = new IllegalArgumentException("at least 1 must be requested, not " + n);
      stopped = true;
      subscription.fail(misuse);
    } else {
      demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
    }
    notifyAll();
  }

  @Override
  public void cancel() {
    synchronized (this) {
      cancelled = true;
    }
    subscription.cancel();
  }

  @Override
  public synchronized void stopWaiting() {
    stopped = true;
    notifyAll();
  }

  @Override
  public boolean finishesByItself() {
    return true;
  }

  @Override
  public boolean isThisThread() {
    return Thread.currentThread() == thread;
  }

  /** What a subscriber gets that came too late. */
  private static final class Refused implements Flow.Subscription {
    @Override
    public void request(long n) {
      // Nothing is ever sent to it.
    }

    @Override
    public void cancel() {
      // Nothing is under way.
    }
  }
}
