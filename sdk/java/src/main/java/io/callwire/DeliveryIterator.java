package io.callwire;

import io.grpc.Status;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** A subscription as a blocking iterator. */
final class DeliveryIterator implements Iterator<Delivery>, Subscription.Consumption {
  private final Subscription subscription;
  private Item next;
  /** Given out and not handled yet. */
  private Item current;
  private DeliveryBuffer.End end;

  DeliveryIterator(Subscription subscription) {
    this.subscription = subscription;
  }

  @Override
  public boolean hasNext() {
    if (next == null && end == null) {
      advance();
    }
    if (next != null) {
      return true;
    }
    if (end.error() instanceof RuntimeException e) {
      throw e;
    }
    return false;
  }

  private void advance() {
    try {
      markHandled();
      next = subscription.next();
    } catch (InterruptedException e) {
      subscription.cancel();
      Thread.currentThread().interrupt();
      RuntimeException failure = CallwireException.local(Status.Code.CANCELLED, "interrupted while waiting", e);
      end = DeliveryBuffer.End.failed(failure);
      return;
    } catch (RuntimeException e) {
      subscription.finishAfter(e);
      end = DeliveryBuffer.End.failed(e);
      return;
    }
    if (next == null) {
      end = subscription.finish();
    }
  }

  @Override
  public Delivery next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the subscription has ended");
    }
    current = next;
    next = null;
    return current.delivery();
  }

  void markHandled() {
    if (current != null) {
      Item handled = current;
      current = null;
      subscription.handled(handled);
    }
  }

  /** A loop may have been left for good; its thread asks no more. */
  @Override
  public boolean finishesByItself() {
    return false;
  }

  @Override
  public boolean isThisThread() {
    return false;
  }
}
