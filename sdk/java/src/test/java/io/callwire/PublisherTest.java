package io.callwire;

import static io.callwire.testing.Responses.cursor;
import static io.callwire.testing.Responses.events;
import static io.callwire.testing.Responses.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.callwire.testing.Script;
import io.callwire.testing.ScriptedServer;
import io.grpc.Status;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** The subscription as a {@link Flow.Publisher}. */
class PublisherTest {
  private final MemoryCheckpoint checkpoint = new MemoryCheckpoint();

  /** Keeps what it is told; completes with null, or with the failure. */
  private static class Recording extends CompletableFuture<Void> implements Flow.Subscriber<Delivery> {
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
    private final BlockingQueue<String> cursors = new LinkedBlockingQueue<>();
    private final Consumer<Delivery> onNext;

    Recording(Consumer<Delivery> onNext) {
      this.onNext = onNext;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription.complete(given);
    }

    @Override
    public void onNext(Delivery delivery) {
      onNext.accept(delivery);
      cursors.add(((EventDelivery) delivery).cursor());
    }

    @Override
    public void onError(Throwable failure) {
      completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      complete(null);
    }

    Throwable failure() {
      return Assertions.assertThrows(ExecutionException.class, this::get).getCause();
    }
  }

  private Subscription subscribe(Client client, boolean bounded) {
    SubscribeOptions.Builder options = SubscribeOptions.builder().fromEarliest().checkpoint(checkpoint);
    return client.subscribe((bounded ? options.endCursor(cursor(3)) : options).build());
  }

  private Optional<String> saved() {
    return checkpoint.load().map(SavedPosition::cursor);
  }

  @Test
  void asMuchIsDeliveredAsIsAskedFor() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(Script.complete(events(1, 2, 3)));
        Client client = Client.connect(server.url())) {
      Recording recording = new Recording(delivery -> {});
      subscribe(client, true).publisher().subscribe(recording);
      Flow.Subscription demand = recording.subscription.get();
      demand.request(1);
      assertEquals(cursor(1), recording.cursors.take());
      assertTrue(recording.cursors.isEmpty());
      demand.request(Long.MAX_VALUE);
      demand.request(Long.MAX_VALUE);
      assertNull(recording.get());
      assertEquals(List.of(cursor(2), cursor(3)), List.copyOf(recording.cursors));
      assertEquals(Optional.of(cursor(3)), saved());
    }
  }

  @Test
  void aSubscriberThatCancelsHearsNothingMore() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(Script.stay(events(1, 2, 3)));
        Client client = Client.connect(server.url())) {
      Subscription subscription = subscribe(client, false);
      CompletableFuture<Flow.Subscription> demand = new CompletableFuture<>();
      Recording recording = new Recording(delivery -> demand.join().cancel());
      subscription.publisher().subscribe(recording);
      demand.complete(recording.subscription.get());
      demand.get().request(10);
      assertEquals(cursor(1), recording.cursors.take());
      subscription.close(); // Waits for the end.
      assertTrue(recording.cursors.isEmpty());
      assertEquals(Optional.of(Ending.CANCELLED), subscription.ending());
      assertEquals(false, recording.isDone());
    }
  }

  @Test
  void closingCompletesTheSubscriber() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(Script.stay(events(1, 2, 3)));
        Client client = Client.connect(server.url())) {
      Subscription subscription = subscribe(client, false);
      Recording recording = new Recording(delivery -> {});
      subscription.publisher().subscribe(recording);
      recording.subscription.get().request(2);
      recording.cursors.take();
      recording.cursors.take();
      subscription.close();
      assertNull(recording.get());
      assertEquals(Optional.of(cursor(2)), saved());
    }
  }

  @Test
  void aSubscriberThatThrowsIsToldAndItsDeliveryIsUnhandled() throws Exception {
    IllegalStateException broken = new IllegalStateException("the subscriber");
    try (ScriptedServer server = ScriptedServer.start(Script.stay(events(1, 2)));
        Client client = Client.connect(server.url())) {
      Recording recording =
          new Recording(
              delivery -> {
                if (((EventDelivery) delivery).cursor().equals(cursor(2))) {
                  throw broken;
                }
              });
      subscribe(client, false).publisher().subscribe(recording);
      recording.subscription.get().request(10);
      assertSame(broken, recording.failure());
      assertEquals(Optional.of(cursor(1)), saved());
    }
  }

  @Test
  void aFailedSubscriptionIsAnError() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.start(Script.fail(failure(Status.Code.FAILED_PRECONDITION, "EPOCH_MISMATCH")));
        Client client = Client.connect(server.url())) {
      Recording recording = new Recording(delivery -> {});
      subscribe(client, false).publisher().subscribe(recording);
      CallwireException failure = assertInstanceOf(CallwireException.class, recording.failure());
      assertEquals(Optional.of("EPOCH_MISMATCH"), failure.reason());
    }
  }

  @Test
  void askingForNothingIsAnError() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(Script.stay(events(1)));
        Client client = Client.connect(server.url())) {
      Recording recording = new Recording(delivery -> {});
      subscribe(client, false).publisher().subscribe(recording);
      recording.subscription.get().request(0);
      assertInstanceOf(IllegalArgumentException.class, recording.failure());
    }
  }

  @Test
  void aSecondSubscriberIsRefused() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(Script.stay(events(1)));
        Client client = Client.connect(server.url())) {
      Flow.Publisher<Delivery> publisher = subscribe(client, false).publisher();
      publisher.subscribe(new Recording(delivery -> {}));
      Recording second = new Recording(delivery -> {});
      publisher.subscribe(second);
      assertInstanceOf(IllegalStateException.class, second.failure());
    }
  }
}
