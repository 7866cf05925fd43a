package io.callwire;

import static io.callwire.testing.Responses.at;
import static io.callwire.testing.Responses.cursor;
import static io.callwire.testing.Responses.events;
import static io.callwire.testing.Responses.failure;
import static io.callwire.testing.Responses.gap;
import static io.callwire.testing.Responses.goingAway;
import static io.callwire.testing.Responses.retryInfo;
import static io.callwire.testing.Responses.sessions;
import static io.callwire.testing.Responses.snapshotBegin;
import static io.callwire.testing.Responses.snapshotEnd;
import static io.callwire.testing.Responses.withDigest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.callwire.testing.Script;
import io.callwire.testing.ScriptedServer;
import io.callwire.v1.EventView;
import io.callwire.v1.SubscribeRequest;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** How a subscription goes on over streams that end, against a server that follows a script. */
class ResumingTest {
  private static final RetryPolicy QUICKLY = new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(5), 3);

  private final BlockingQueue<StreamStatus> statuses = new LinkedBlockingQueue<>();

  private SubscribeOptions.Builder upTo(long offset) {
    return SubscribeOptions.builder().fromEarliest().endCursor(cursor(offset)).retry(QUICKLY).onStatus(statuses::add);
  }

  private static List<Delivery> consume(Client client, SubscribeOptions.Builder options) throws InterruptedException {
    List<Delivery> deliveries = new ArrayList<>();
    Ending ending = client.subscribe(options.build()).run(deliveries::add);
    assertEquals(Ending.COMPLETED, ending);
    return deliveries;
  }

  private static List<String> cursors(List<Delivery> deliveries) {
    return deliveries.stream()
        .filter(EventDelivery.class::isInstance)
        .map(delivery -> ((EventDelivery) delivery).cursor())
        .toList();
  }

  private List<StreamStatus.Reconnecting> reconnects() {
    return statuses.stream()
        .filter(StreamStatus.Reconnecting.class::isInstance)
        .map(StreamStatus.Reconnecting.class::cast)
        .toList();
  }

  @Test
  void aStreamThatFailsIsOpenedAgainAfterWhatWasReceived() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.start(
                Script.fail(failure(Status.Code.UNAVAILABLE), events(1, 2), at(5)),
                Script.complete(events(6, 7)));
        Client client = Client.connect(server.url())) {
      assertEquals(List.of(cursor(1), cursor(2), cursor(6), cursor(7)), cursors(consume(client, upTo(7))));
      assertEquals(cursor(5), server.requests().get(1).getAfterCursor());
      assertEquals(1, reconnects().size());
      assertEquals(1, reconnects().get(0).attempt());
      assertEquals(Status.Code.UNAVAILABLE, reconnects().get(0).cause().code());
    }
  }

  @Test
  void theFirstResponseOfAStreamIsTold() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.start(
                Script.complete(
                    withDigest(at(4), "1111111111111111").toBuilder()
                        .setEffectiveView(EventView.EVENT_VIEW_BASIC)
                        .setMasked(true)
                        .addUnresolvedAgentEmails("a@example.com")
                        .build()));
        Client client = Client.connect(server.url())) {
      consume(client, upTo(4));
      assertEquals(
          new StreamStatus.Connected(
              cursor(4), "1111111111111111", EventView.EVENT_VIEW_BASIC, true, List.of("a@example.com")),
          statuses.take());
    }
  }

  @Test
  void anEndThatNobodyAskedForIsACut() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(Script.complete(events(1)), Script.stay(events(2)));
        Client client = Client.connect(server.url())) {
      SubscribeOptions options = SubscribeOptions.builder().fromEarliest().retry(QUICKLY).build();
      Iterator<Delivery> deliveries = client.subscribe(options).iterator();
      assertEquals(List.of(cursor(1), cursor(2)), cursors(List.of(deliveries.next(), deliveries.next())));
    }
  }

  @Test
  void whatNoAttemptCanMendIsSurfaced() throws Exception {
    Map<String, String> facts = Map.of("oldest_cursor", cursor(20));
    try (ScriptedServer server =
            ScriptedServer.start(Script.fail(failure(Status.Code.OUT_OF_RANGE, "CURSOR_EXPIRED", facts)));
        Client client = Client.connect(server.url())) {
      CallwireException error = assertThrows(CallwireException.class, () -> consume(client, upTo(7)));
      assertEquals(Optional.of("CURSOR_EXPIRED"), error.reason());
      assertEquals(facts, error.metadata());
      assertEquals(1, server.requests().size());
    }
  }

  @Test
  void whenTheAttemptsAreUsedUpTheLastErrorIsSurfaced() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(Script.fail(failure(Status.Code.UNAVAILABLE)));
        Client client = Client.connect(server.url())) {
      CallwireException error = assertThrows(CallwireException.class, () -> consume(client, upTo(7)));
      assertEquals(Status.Code.UNAVAILABLE, error.code());
      assertEquals(1 + QUICKLY.maxAttempts(), server.requests().size());
      assertEquals(List.of(1, 2, 3), reconnects().stream().map(StreamStatus.Reconnecting::attempt).toList());
    }
  }

  @Test
  void theDelayIsNoShorterThanTheGatewayAsks() throws Exception {
    Duration asked = Duration.ofMillis(50);
    try (ScriptedServer server =
            ScriptedServer.start(
                Script.fail(failure(Status.Code.UNAVAILABLE, retryInfo(asked))),
                Script.fail(failure(Status.Code.UNAVAILABLE), goingAway(1, asked)),
                Script.complete(events(2)));
        Client client = Client.connect(server.url())) {
      List<Delivery> deliveries = consume(client, upTo(2));
      assertTrue(deliveries.contains(new GoingAwayDelivery(asked)));
      assertEquals(2, reconnects().size());
      reconnects().forEach(each -> assertTrue(each.delay().compareTo(asked) >= 0, each.toString()));
    }
  }

  @Test
  void aSilentStreamIsTakenForDead() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(Script.stay(events(1)), Script.complete(events(2)));
        Client client = Client.connect(server.url())) {
      // The gateway takes no interval below a second; this is only how long the client waits.
      SubscribeOptions.Builder options =
          upTo(2).retry(QUICKLY.withMaxAttempts(RetryPolicy.UNLIMITED)).progressInterval(Duration.ofMillis(200));
      assertEquals(List.of(cursor(1), cursor(2)), cursors(consume(client, options)));
      assertTrue(reconnects().get(0).cause().getMessage().startsWith("no response for"));
    }
  }

  @Test
  void aGatewayThatIsNotThereYetIsWaitedFor() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    try (Client client = Client.connect("http://127.0.0.1:" + port)) {
      CallwireException error = assertThrows(CallwireException.class, () -> consume(client, upTo(1)));
      assertEquals(Status.Code.UNAVAILABLE, error.code());
      assertEquals(3, reconnects().size());
    }
  }

  @Test
  void aRefusedKeyIsRenewedOnceInARow() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.start(
                Script.fail(failure(Status.Code.UNAUTHENTICATED, "UNAUTHENTICATED")),
                Script.fail(failure(Status.Code.UNAUTHENTICATED, "UNAUTHENTICATED"), events(1)),
                Script.complete(events(2)));
        Client client = Client.builder(server.url()).apiKey(keys("old", "new", "newest")).build()) {
      assertEquals(List.of(cursor(1), cursor(2)), cursors(consume(client, upTo(2))));
      assertEquals(List.of("Bearer old", "Bearer new", "Bearer newest"), server.authorizations());
    }
  }

  @Test
  void aSecondRefusalIsSurfaced() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.start(Script.fail(failure(Status.Code.UNAUTHENTICATED, "UNAUTHENTICATED")));
        Client client = Client.builder(server.url()).apiKey(keys("old", "new", "newest")).build()) {
      CallwireException error = assertThrows(CallwireException.class, () -> consume(client, upTo(2)));
      assertEquals(Status.Code.UNAUTHENTICATED, error.code());
      assertEquals(List.of("Bearer old", "Bearer new"), server.authorizations());
    }
  }

  private static ApiKeyProvider keys(String... keys) {
    BlockingQueue<String> left = new LinkedBlockingQueue<>(List.of(keys));
    return left::remove;
  }

  @Test
  void aProviderThatFailsForTheMomentIsAskedAgain() throws Exception {
    List<String> answers = new ArrayList<>();
    ApiKeyProvider provider =
        () -> {
          answers.add("asked");
          if (answers.size() == 1) {
            throw new IOException("the vault is sealed");
          }
          return "key";
        };
    try (ScriptedServer server = ScriptedServer.start(Script.complete(events(1)));
        Client client = Client.builder(server.url()).apiKey(provider).build()) {
      assertEquals(List.of(cursor(1)), cursors(consume(client, upTo(1))));
      assertTrue(reconnects().get(0).cause().getMessage().contains("the vault is sealed"));
    }
  }

  @Test
  void aGapAfterACutBringsAnotherSnapshot() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.start(
                Script.fail(
                    failure(Status.Code.UNAVAILABLE), snapshotBegin(), sessions("a"), snapshotEnd(1), events(2)),
                Script.stay(gap(2, 20), events(21)),
                Script.complete(snapshotBegin(), sessions("b"), snapshotEnd(20), events(21)));
        Client client = Client.connect(server.url())) {
      List<Delivery> deliveries = consume(client, upTo(21).includeSnapshot(true));
      assertEquals(
          List.of(
              new SnapshotDelivery(sessions("a").getSessionsList(), cursor(1)),
              new GapDelivery(cursor(2), cursor(20)),
              new SnapshotDelivery(sessions("b").getSessionsList(), cursor(20))),
          deliveries.stream().filter(delivery -> !(delivery instanceof EventDelivery)).toList());
      assertEquals(List.of(cursor(2), cursor(21)), cursors(deliveries));
      assertEquals(
          List.of(true, false, true),
          server.requests().stream().map(SubscribeRequest::getIncludeSnapshot).toList());
    }
  }

  @Test
  void aListenerThatThrowsEndsTheSubscription() throws Exception {
    IllegalStateException broken = new IllegalStateException("the listener");
    try (ScriptedServer server = ScriptedServer.start(Script.stay(events(1)));
        Client client = Client.connect(server.url())) {
      SubscribeOptions.Builder options =
          upTo(1)
              .onStatus(
                  status -> {
                    throw broken;
                  });
      assertSame(broken, assertThrows(IllegalStateException.class, () -> consume(client, options)));
    }
  }

  @Test
  void aCheckpointWinsOverTheStart() throws Exception {
    MemoryCheckpoint checkpoint = new MemoryCheckpoint();
    checkpoint.save(new SavedPosition(cursor(4), "1111111111111111"));
    try (ScriptedServer server =
            ScriptedServer.start(Script.complete(withDigest(events(5), "2222222222222222")));
        Client client = Client.connect(server.url())) {
      List<Delivery> deliveries = consume(client, upTo(5).checkpoint(checkpoint));
      assertEquals(new FilterChangedDelivery("1111111111111111", "2222222222222222"), deliveries.get(0));
      assertEquals(cursor(4), server.requests().get(0).getAfterCursor());
      assertFalse(server.requests().get(0).hasStart());
      assertEquals(Optional.of(new SavedPosition(cursor(5), "2222222222222222")), checkpoint.load());
    }
  }
}
