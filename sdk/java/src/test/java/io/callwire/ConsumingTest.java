package io.callwire;

import static io.callwire.testing.Responses.cursor;
import static io.callwire.testing.Responses.events;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.callwire.testing.Script;
import io.callwire.testing.ScriptedServer;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The handler and the loop: when a delivery is handled, and how a subscription ends. */
class ConsumingTest {
  private final MemoryCheckpoint checkpoint = new MemoryCheckpoint();
  private ScriptedServer server;
  private Client client;
  private Subscription subscription;

  @BeforeEach
  void subscribe() throws IOException {
    server = ScriptedServer.start(Script.stay(events(1, 2, 3)));
    client = Client.connect(server.url());
    subscription = client.subscribe(options(checkpoint).build());
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  private static SubscribeOptions.Builder options(Checkpoint checkpoint) {
    return SubscribeOptions.builder()
        .fromEarliest()
        .checkpoint(checkpoint)
        .savePolicy(new SavePolicy(1_000, Duration.ofDays(1)));
  }

  private Optional<String> saved() {
    return checkpoint.load().map(SavedPosition::cursor);
  }

  private static boolean is(Delivery delivery, long offset) {
    return delivery instanceof EventDelivery event && event.cursor().equals(cursor(offset));
  }

  @Test
  void aDeliveryIsHandledWhenTheHandlerReturns() throws Exception {
    Ending ending =
        subscription.run(
            delivery -> {
              if (is(delivery, 2)) {
                assertEquals(Optional.of(cursor(1)), subscription.cursor());
                subscription.close();
              }
            });
    assertEquals(Ending.CLOSED, ending);
    assertEquals(Optional.of(Ending.CLOSED), subscription.ending());
    assertEquals(Optional.of(cursor(2)), subscription.cursor());
    assertEquals(Optional.of(cursor(2)), saved());
  }

  @Test
  void whatTheHandlerThrowsEndsTheSubscriptionUnhandled() {
    IOException full = new IOException("the disk is full");
    IOException thrown =
        assertThrows(
            IOException.class,
            () ->
                subscription.<IOException>run(
                    delivery -> {
                      if (is(delivery, 2)) {
                        throw full;
                      }
                    }));
    assertSame(full, thrown);
    assertEquals(Optional.of(cursor(1)), saved());
    assertEquals(Optional.empty(), subscription.ending());
  }

  @Test
  void closeWaitsForTheHandlerAndSaves() throws Exception {
    CountDownLatch handling = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    CompletableFuture<Ending> ending = new CompletableFuture<>();
    Thread consumer =
        new Thread(
            () -> {
              try {
                ending.complete(
                    subscription.<InterruptedException>run(
                        delivery -> {
                          handling.countDown();
                          release.await();
                        }));
              } catch (InterruptedException e) {
                ending.completeExceptionally(e);
              }
            });
    consumer.start();
    handling.await();
    subscription.stop();
    assertEquals(Optional.empty(), subscription.ending());
    CompletableFuture<Void> closed = CompletableFuture.runAsync(subscription::close);
    release.countDown();
    closed.get();
    assertEquals(Optional.of(cursor(1)), saved());
    assertEquals(Ending.CLOSED, ending.get());
  }

  @Test
  void cancelInterruptsTheHandlerAndLeavesItsDeliveryUnhandled() throws Exception {
    CountDownLatch handling = new CountDownLatch(1);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    CompletableFuture<Ending> ending = new CompletableFuture<>();
    Thread consumer =
        new Thread(
            () -> {
              try {
                ending.complete(
                    subscription.<InterruptedException>run(
                        delivery -> {
                          if (is(delivery, 2)) {
                            handling.countDown();
                            new CountDownLatch(1).await();
                          }
                        }));
                interrupted.complete(Thread.currentThread().isInterrupted());
              } catch (InterruptedException e) {
                ending.completeExceptionally(e);
              }
            });
    consumer.start();
    handling.await();
    subscription.cancel();
    assertEquals(Ending.CANCELLED, ending.get());
    assertFalse(interrupted.get());
    assertEquals(Optional.of(cursor(1)), saved());
  }

  @Test
  void anInterruptedRunEndsAndSaves() throws Exception {
    CountDownLatch handled = new CountDownLatch(3);
    CompletableFuture<Ending> ending = new CompletableFuture<>();
    Thread consumer =
        new Thread(
            () -> {
              try {
                ending.complete(subscription.run(delivery -> handled.countDown()));
              } catch (InterruptedException e) {
                ending.completeExceptionally(e);
              }
            });
    consumer.start();
    handled.await();
    consumer.interrupt();
    ExecutionException failed = assertThrows(ExecutionException.class, ending::get);
    assertInstanceOf(InterruptedException.class, failed.getCause());
    assertEquals(Optional.of(cursor(3)), saved());
  }

  @Test
  void aLoopHandlesADeliveryWhenItAsksForTheNext() {
    Iterator<Delivery> deliveries = subscription.iterator();
    assertTrue(is(deliveries.next(), 1));
    assertEquals(Optional.empty(), subscription.cursor());
    assertTrue(deliveries.hasNext());
    assertEquals(Optional.of(cursor(1)), subscription.cursor());
    assertTrue(is(deliveries.next(), 2));
    subscription.close();
    assertEquals(Optional.of(cursor(1)), saved());
  }

  @Test
  void aLoopThatIsLeftHandlesItsLastDeliveryWhenItSaysSo() {
    for (Delivery delivery : subscription) {
      if (is(delivery, 2)) {
        subscription.markHandled();
        break;
      }
    }
    subscription.close();
    assertEquals(Optional.of(cursor(2)), saved());
  }

  @Test
  void closingWithinTheLoopEndsItAndHandlesItsDelivery() {
    List<Delivery> seen = new ArrayList<>();
    for (Delivery delivery : subscription) {
      seen.add(delivery);
      if (is(delivery, 2)) {
        subscription.close();
      }
    }
    assertEquals(2, seen.size());
    assertEquals(Optional.of(cursor(2)), saved());
  }

  @Test
  void closingTheClientWithinTheLoopDoesTheSame() {
    for (Delivery delivery : subscription) {
      if (is(delivery, 2)) {
        client.close();
      }
    }
    assertEquals(Optional.of(cursor(2)), saved());
  }

  @Test
  void closingTheClientWithinTheHandlerDoesTheSame() throws Exception {
    subscription.run(
        delivery -> {
          if (is(delivery, 2)) {
            client.close();
          }
        });
    assertEquals(Optional.of(cursor(2)), saved());
  }

  @Test
  void anIteratorPastItsEndHasNothing() {
    Iterator<Delivery> deliveries = subscription.iterator();
    subscription.cancel();
    assertFalse(deliveries.hasNext());
    assertThrows(NoSuchElementException.class, deliveries::next);
    assertEquals(Optional.of(Ending.CANCELLED), subscription.ending());
  }

  @Test
  void anInterruptedLoopIsCancelled() throws Exception {
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    CompletableFuture<CallwireException> failure = new CompletableFuture<>();
    CountDownLatch seen = new CountDownLatch(3);
    Thread consumer =
        new Thread(
            () -> {
              try {
                subscription.forEach(delivery -> seen.countDown());
              } catch (CallwireException e) {
                interrupted.complete(Thread.currentThread().isInterrupted());
                failure.complete(e);
              }
            });
    consumer.start();
    seen.await();
    consumer.interrupt();
    assertEquals(Status.Code.CANCELLED, failure.get().code());
    assertTrue(interrupted.get());
  }

  @Test
  void aSubscriptionIsConsumedOnce() {
    subscription.iterator();
    assertThrows(IllegalStateException.class, subscription::iterator);
    assertThrows(IllegalStateException.class, () -> subscription.run(delivery -> {}));
  }

  @Test
  void aSubscriptionThatNobodyConsumesCanBeClosed() {
    subscription.close();
    subscription.close();
    assertEquals(Optional.of(Ending.CLOSED), subscription.ending());
    assertEquals(Optional.empty(), saved());
  }

  @Test
  void aClosedClientSubscribesNoMore() {
    client.close();
    SubscribeOptions options = SubscribeOptions.builder().build();
    assertThrows(IllegalStateException.class, () -> client.subscribe(options));
  }

  @Test
  void aCheckpointThatCannotBeReadKeepsTheSubscriptionFromBeginning() {
    Checkpoint broken = new BrokenCheckpoint(true);
    assertThrows(UncheckedIOException.class, () -> client.subscribe(options(broken).build()));
  }

  @Test
  void aCheckpointThatCannotBeSavedEndsTheSubscription() {
    Checkpoint broken = new BrokenCheckpoint(false);
    Subscription unsaved =
        client.subscribe(options(broken).savePolicy(new SavePolicy(1, Duration.ofDays(1))).build());
    List<Delivery> seen = new ArrayList<>();
    UncheckedIOException thrown = assertThrows(UncheckedIOException.class, () -> unsaved.run(seen::add));
    assertEquals("broken", thrown.getCause().getMessage());
    assertEquals(1, seen.size());
  }

  private record BrokenCheckpoint(boolean failsToLoad) implements Checkpoint {
    @Override
    public Optional<SavedPosition> load() throws IOException {
      if (failsToLoad) {
        throw new IOException("broken");
      }
      return Optional.empty();
    }

    @Override
    public void save(SavedPosition position) throws IOException {
      throw new IOException("broken");
    }
  }
}
