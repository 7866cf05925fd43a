package io.callwire;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What was received and is not yet with the consumer. It bounds itself by refusing nothing: whoever fills it asks
 * {@link #hasRoom} before reading on, so that it holds its capacity and at most one response more.
 */
final class DeliveryBuffer {
  /** How the deliveries end. `error` is null when they end well. */
  record End(Ending ending, Throwable error) {
    static End well(Ending ending) {
      return new End(ending, null);
    }

    static End failed(Throwable error) {
      return new End(null, error);
    }
  }

  private final int capacity;
  private final ArrayDeque<Item> items = new ArrayDeque<>();
  private final AtomicReference<Runnable> onRoom = new AtomicReference<>(() -> {});
  private int deliveries;
  private End end;

  DeliveryBuffer(int capacity) {
    this.capacity = capacity;
  }

  /** Sets what to call, on the consumer's thread, when there is room again. */
  void onRoom(Runnable action) {
    onRoom.set(action);
  }

  synchronized boolean hasRoom() {
    return end == null && deliveries < capacity;
  }

  synchronized void add(List<Item> added) {
    if (end != null) {
      return;
    }
    added.forEach(this::add);
    notifyAll();
  }

  /** A stream where nothing matches tells of its position for ever: of such items in a row only their sum is held. */
  private void add(Item item) {
    Item last = items.peekLast();
    if (last != null && last.absorbs(item)) {
      items.removeLast();
      items.addLast(last.followedBy(item));
      return;
    }
    items.addLast(item);
    deliveries += item.delivery() == null ? 0 : 1;
  }

  /** Ends after what is held. The first ending counts. */
  synchronized void end(End how) {
    if (end == null) {
      end = how;
      notifyAll();
    }
  }

  /** Ends now: what is held is not handed out. An ending that waits behind it is replaced. */
  synchronized void endNow(End how) {
    if (end == null || !items.isEmpty()) {
      items.clear();
      deliveries = 0;
      end = how;
      notifyAll();
    }
  }

  /** Waits for the next item; null at the end. */
  Item take() throws InterruptedException {
    Item item;
    boolean gotRoom;
    synchronized (this) {
      while (items.isEmpty() && end == null) {
        wait();
      }
      item = items.pollFirst();
      if (item == null) {
        return null;
      }
      boolean wasFull = deliveries >= capacity;
      deliveries -= item.delivery() == null ? 0 : 1;
      gotRoom = wasFull && deliveries < capacity;
    }
    if (gotRoom) {
      onRoom.get().run();
    }
    return item;
  }

  /** How it ended, once {@link #take} has returned null; else null. */
  synchronized End ending() {
    return items.isEmpty() ? end : null;
  }
}
