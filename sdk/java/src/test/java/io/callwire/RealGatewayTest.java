package io.callwire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.callwire.testing.CutProxy;
import io.callwire.testing.TestGateway;
import io.callwire.v1.Agent;
import io.callwire.v1.Event;
import io.callwire.v1.EventKind;
import io.callwire.v1.ExplainEventRequest;
import io.callwire.v1.Filter;
import io.callwire.v1.GetAgentRequest;
import io.callwire.v1.GetCallRequest;
import io.callwire.v1.ListAgentsRequest;
import io.callwire.v1.ListCallsRequest;
import io.callwire.v1.ListEventsRequest;
import io.callwire.v1.ListQuarantinedEventsRequest;
import io.callwire.v1.PublishEventsRequest;
import io.callwire.v1.PublishItem;
import io.callwire.v1.PublishResult;
import io.callwire.v1.PublishStatus;
import io.callwire.v1.Session;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything together, against the gateway of this checkout. */
class RealGatewayTest {
  private static final RetryPolicy QUICKLY =
      new RetryPolicy(Duration.ofMillis(10), Duration.ofMillis(200), RetryPolicy.UNLIMITED);

  @TempDir Path folder;
  private TestGateway gateway;

  @BeforeEach
  void start() throws Exception {
    gateway = TestGateway.start(folder.resolve("data"));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private static SubscribeOptions.Builder everything() {
    return SubscribeOptions.builder().fromEarliest().retry(QUICKLY);
  }

  /** Reads until the event with the last cursor has come. */
  private static List<Delivery> readUpTo(Subscription subscription, String last) {
    List<Delivery> deliveries = new ArrayList<>();
    for (Delivery delivery : subscription) {
      deliveries.add(delivery);
      if (delivery instanceof EventDelivery event && event.cursor().equals(last)) {
        subscription.stop();
      }
    }
    return deliveries;
  }

  private static List<String> cursors(List<Delivery> deliveries) {
    return deliveries.stream()
        .filter(EventDelivery.class::isInstance)
        .map(delivery -> ((EventDelivery) delivery).cursor())
        .toList();
  }

  private static String last(List<String> cursors) {
    return cursors.get(cursors.size() - 1);
  }

  @Test
  void connectionsThatAreCutAnywhereLoseAndRepeatNothing() throws Exception {
    List<String> posted = gateway.postCalls("cut", 2_000);
    try (CutProxy proxy = new CutProxy(gateway.url(), connection -> 1_000 + 4_999L * connection);
        Client client = Client.connect(proxy.url())) {
      SubscribeOptions options = everything().maxBatchEvents(20).buffer(50).build();
      assertEquals(posted, cursors(readUpTo(client.subscribe(options), last(posted))));
      assertTrue(proxy.connections() > 4, () -> "only " + proxy.connections() + " connections");
    }
  }

  @Test
  void aGatewayThatDiesAndReturnsLosesAndRepeatsNothing() throws Exception {
    List<String> posted = new ArrayList<>(gateway.postCalls("before", 50));
    try (Client client = Client.connect(gateway.url());
        Subscription subscription = client.subscribe(everything().build())) {
      List<String> seen = new ArrayList<>();
      for (Delivery delivery : subscription) {
        if (!(delivery instanceof EventDelivery event)) {
          continue;
        }
        seen.add(event.cursor());
        if (seen.size() == 50) {
          gateway.kill();
          gateway.restart();
          posted.addAll(gateway.postCalls("after", 50));
        } else if (seen.size() == 100) {
          subscription.stop();
        }
      }
      assertEquals(posted, seen);
    }
  }

  @Test
  void aGatewayThatShutsDownSaysSoAndIsReturnedTo() throws Exception {
    CountDownLatch live = new CountDownLatch(1);
    SubscribeOptions options =
        everything()
            .onStatus(
                status -> {
                  if (status instanceof StreamStatus.CaughtUp) {
                    live.countDown();
                  }
                })
            .build();
    try (Client client = Client.connect(gateway.url())) {
      Subscription subscription = client.subscribe(options);
      CompletableFuture<List<Delivery>> read = new CompletableFuture<>();
      Thread consumer = new Thread(() -> read.complete(readOne(subscription)));
      consumer.start();
      live.await();
      gateway.stop();
      gateway.restart();
      List<String> posted = gateway.postCalls("second", 1);
      assertEquals(posted, cursors(read.get()));
      assertInstanceOf(GoingAwayDelivery.class, read.get().get(0));
    }
  }

  private static List<Delivery> readOne(Subscription subscription) {
    List<Delivery> deliveries = new ArrayList<>();
    for (Delivery delivery : subscription) {
      deliveries.add(delivery);
      if (delivery instanceof EventDelivery) {
        subscription.stop();
      }
    }
    return deliveries;
  }

  @Test
  void anotherProcessGoesOnFromTheCheckpointFile() throws Exception {
    List<String> posted = gateway.postCalls("a", 30);
    Path file = folder.resolve("support.checkpoint");
    try (Client client = Client.connect(gateway.url())) {
      Subscription first = client.subscribe(everything().checkpoint(new FileCheckpoint(file)).build());
      assertEquals(posted.subList(0, 10), cursors(readUpTo(first, posted.get(9))));
    }
    try (Client client = Client.connect(gateway.url())) {
      SubscribeOptions options =
          everything()
              .filter("calls", f -> f.addKinds(EventKind.EVENT_KIND_CALL))
              .checkpoint(new FileCheckpoint(file))
              .build();
      List<Delivery> second = readUpTo(client.subscribe(options), last(posted));
      assertInstanceOf(FilterChangedDelivery.class, second.get(0));
      assertEquals(posted.subList(10, 30), cursors(second));
    }
  }

  @Test
  void severalFiltersTellWhichOfThemMatched() throws Exception {
    List<String> posted = gateway.postCalls("c", 3);
    try (Client client = Client.connect(gateway.url())) {
      SubscribeOptions options =
          everything()
              .filter("first", f -> f.addCallIds("c-0"))
              .filter("all", f -> f.addKinds(EventKind.EVENT_KIND_CALL))
              .build();
      List<List<String>> matches =
          readUpTo(client.subscribe(options), last(posted)).stream()
              .map(delivery -> ((EventDelivery) delivery).matches())
              .toList();
      assertEquals(List.of(List.of("all", "first"), List.of("all"), List.of("all")), matches);
    }
  }

  @Test
  void anImpossibleFilterIsRefused() throws Exception {
    try (Client client = Client.connect(gateway.url())) {
      Subscription subscription =
          client.subscribe(everything().filter("empty", Filter.getDefaultInstance()).build());
      CallwireException error = assertThrows(CallwireException.class, () -> subscription.run(delivery -> {}));
      assertEquals(Optional.of("EMPTY_FILTER"), error.reason());
    }
  }

  @Test
  void listsFetchTheirPagesByThemselves() throws Exception {
    List<String> posted = gateway.postCalls("list", 25);
    gateway.post(Map.of("type", "AgentState", "item", Map.of("ParticipantID", "7", "State", "login")));
    try (Client client = Client.connect(gateway.url())) {
      Pages<?, Event> events = client.listEvents(ListEventsRequest.newBuilder().setPageSize(10).build());
      assertEquals(26, events.stream().count());
      assertEquals(26, events.stream().map(Event::getOffset).distinct().count(), "each iteration begins anew");
      List<String> calls =
          client.listCalls(ListCallsRequest.newBuilder().setPageSize(10).build()).stream()
              .map(Session::getSessionId)
              .toList();
      assertEquals(25, calls.size());
      assertEquals("list-24", calls.get(0));
      List<String> agents =
          client.listAgents(ListAgentsRequest.getDefaultInstance()).stream().map(Agent::getAgentId).toList();
      assertEquals(List.of("7"), agents);
      assertEquals(26, client.getLogInfo().getEventCount());
      assertFalse(posted.isEmpty());
      ListEventsRequest mistaken = ListEventsRequest.newBuilder().setPageToken("x").build();
      CallwireException error =
          assertThrows(CallwireException.class, () -> client.listEvents(mistaken).iterator().hasNext());
      assertEquals(Optional.of("INVALID_PAGE_TOKEN"), error.reason());
    }
  }

  @Test
  void eventsArePublishedOnceWithAKeyAndExplained() throws Exception {
    PublishItem item =
        PublishItem.newBuilder()
            .setJson("{\"call_id\":\"846802bf90d1\",\"state\":\"ringing\"}")
            .setIdempotencyKey("once")
            .build();
    PublishEventsRequest request = PublishEventsRequest.newBuilder().setSource("ccai").addItems(item).build();
    try (Client client = Client.connect(gateway.url())) {
      PublishResult first = client.publishEvents(request).getResults(0);
      PublishResult second = client.publishEvents(request).getResults(0);
      assertEquals(PublishStatus.PUBLISH_STATUS_ACCEPTED, first.getStatus());
      assertEquals(PublishStatus.PUBLISH_STATUS_DUPLICATE, second.getStatus());
      assertEquals(first.getCursor(), second.getCursor());
      ExplainEventRequest question =
          ExplainEventRequest.newBuilder()
              .setCursor(first.getCursor())
              .putFilters("it", Filter.newBuilder().addCallIds("846802bf90d1").build())
              .build();
      assertTrue(client.explainEvent(question).getMatched());
      GetCallRequest call = GetCallRequest.newBuilder().setCallId("846802bf90d1").build();
      assertEquals("ringing", client.getCall(call).getSession().getState());
      GetAgentRequest nobody = GetAgentRequest.newBuilder().setAgentId("nobody").build();
      CallwireException error = assertThrows(CallwireException.class, () -> client.getAgent(nobody));
      assertEquals(Optional.of("NOT_FOUND"), error.reason());
      assertEquals(
          0, client.raw().admin().listQuarantinedEvents(ListQuarantinedEventsRequest.getDefaultInstance()).getTotalCount());
    }
  }
}
