package io.callwire;

/** {@link Subscription#run} under way. */
final class HandlerRun implements Subscription.Consumption {
  private final Subscription subscription;
  private final Thread thread;
  private boolean handling;
  private boolean interrupted;

  HandlerRun(Subscription subscription, Thread thread) {
    this.subscription = subscription;
    this.thread = thread;
  }

  <X extends Exception> Ending run(DeliveryHandler<X> handler) throws X, InterruptedException {
    try {
      Item item = subscription.next();
      while (item != null && handle(handler, item)) {
        item = subscription.next();
      }
    } catch (Throwable e) {
      subscription.finishAfter(e);
      throw e;
    }
    DeliveryBuffer.End end = subscription.finish();
    if (end.error() instanceof RuntimeException e) {
      throw e;
    }
    return end.ending();
  }

  /** False when the handler gave up because it was cancelled. */
  private <X extends Exception> boolean handle(DeliveryHandler<X> handler, Item item) throws X {
    begin();
    try {
      handler.handle(item.delivery());
    } catch (Throwable e) {
      if (e instanceof InterruptedException && wasInterrupted()) {
        return false;
      }
      throw e;
    } finally {
      leave();
    }
    subscription.handled(item);
    return true;
  }

  private synchronized void begin() {
    handling = true;
  }

  private synchronized boolean wasInterrupted() {
    return interrupted;
  }

  /** The interruption was for the handler; whoever called {@link Subscription#run} must not find it. */
  private synchronized void leave() {
    handling = false;
    if (interrupted) {
      Thread.interrupted();
    }
  }

  @Override
  public synchronized void interrupt() {
    if (handling && !isThisThread()) {
      interrupted = true;
      thread.interrupt();
    }
  }

  @Override
  public boolean finishesByItself() {
    return true;
  }

  @Override
  public boolean isThisThread() {
    return Thread.currentThread() == thread;
  }
}
