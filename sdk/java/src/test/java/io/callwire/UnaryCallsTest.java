package io.callwire;

import static io.callwire.testing.Responses.failure;
import static io.callwire.testing.Responses.retryInfo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.callwire.testing.Script;
import io.callwire.testing.ScriptedServer;
import io.callwire.v1.GetLogInfoResponse;
import io.callwire.v1.PublishEventsRequest;
import io.callwire.v1.PublishEventsResponse;
import io.callwire.v1.PublishItem;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UnaryCallsTest {
  private static final RetryPolicy QUICKLY = new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(5), 3);
  private static final GetLogInfoResponse ANSWER = GetLogInfoResponse.newBuilder().setEpoch("0a1b2c3d").build();

  private ScriptedServer server;

  @BeforeEach
  void serve() throws IOException {
    server = ScriptedServer.start(Script.stay());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Client client() {
    return Client.builder(server.url()).retry(QUICKLY).build();
  }

  @Test
  void whatCanPassIsRetried() {
    server.answerLogInfo(
        call -> {
          if (call < 2) {
            throw failure(Status.Code.UNAVAILABLE, "OVERLOADED");
          }
          return ANSWER;
        });
    try (Client client = client()) {
      assertEquals(ANSWER, client.getLogInfo());
      assertEquals(3, server.calls());
    }
  }

  @Test
  void whatCannotPassIsSurfacedAtOnce() {
    server.answerLogInfo(
        call -> {
          throw failure(Status.Code.NOT_FOUND, "UNKNOWN_TENANT");
        });
    try (Client client = client()) {
      CallwireException error = assertThrows(CallwireException.class, client::getLogInfo);
      assertEquals("UNKNOWN_TENANT", error.reason().orElseThrow());
      assertEquals(1, server.calls());
    }
  }

  @Test
  void whenTheAttemptsAreUsedUpTheLastErrorIsSurfaced() {
    server.answerLogInfo(
        call -> {
          throw failure(Status.Code.UNAVAILABLE);
        });
    try (Client client = client()) {
      assertThrows(CallwireException.class, client::getLogInfo);
      assertEquals(1 + QUICKLY.maxAttempts(), server.calls());
    }
  }

  @Test
  void theTimeoutHoldsForAllAttemptsTogether() {
    server.answerLogInfo(call -> null);
    try (Client client = Client.builder(server.url()).callTimeout(Duration.ofMillis(200)).build()) {
      CallwireException error = assertThrows(CallwireException.class, client::getLogInfo);
      assertEquals(Status.Code.DEADLINE_EXCEEDED, error.code());
    }
  }

  @Test
  void aRetryThatWouldComeTooLateIsNotWaitedFor() {
    server.answerLogInfo(
        call -> {
          throw failure(Status.Code.RESOURCE_EXHAUSTED, retryInfo(Duration.ofHours(1)));
        });
    try (Client client = client()) {
      CallwireException error = assertThrows(CallwireException.class, client::getLogInfo);
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, error.code());
      assertEquals(1, server.calls());
    }
  }

  @Test
  void anInterruptionEndsTheCall() throws Exception {
    CompletableFuture<Void> called = new CompletableFuture<>();
    server.answerLogInfo(
        call -> {
          called.complete(null);
          return null;
        });
    CompletableFuture<CallwireException> failed = new CompletableFuture<>();
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    try (Client client = client()) {
      Thread caller =
          new Thread(
              () -> {
                CallwireException error = assertThrows(CallwireException.class, client::getLogInfo);
                interrupted.complete(Thread.currentThread().isInterrupted());
                failed.complete(error);
              });
      caller.start();
      called.get();
      caller.interrupt();
      assertEquals(Status.Code.CANCELLED, failed.get().code());
      assertTrue(interrupted.get());
    }
  }

  private static PublishEventsRequest batch(String... keys) {
    PublishEventsRequest.Builder request = PublishEventsRequest.newBuilder().setSource("ccai");
    for (String key : keys) {
      request.addItems(PublishItem.newBuilder().setJson("{}").setIdempotencyKey(key));
    }
    return request.build();
  }

  @Test
  void aBatchIsRetriedOnlyWhenEveryItemHasAKey() {
    server.answerPublish(
        call -> {
          if (call == 0) {
            throw failure(Status.Code.UNAVAILABLE);
          }
          return PublishEventsResponse.getDefaultInstance();
        });
    try (Client client = client()) {
      assertThrows(CallwireException.class, () -> client.publishEvents(batch("a", "")));
      assertEquals(1, server.calls());
      client.publishEvents(batch("a", ""));
    }
    server.answerPublish(
        call -> {
          if (call == 2) {
            throw failure(Status.Code.UNAVAILABLE);
          }
          return PublishEventsResponse.getDefaultInstance();
        });
    try (Client client = client()) {
      client.publishEvents(batch("a", "b"));
      assertEquals(4, server.calls());
    }
  }

  @Test
  void aRefusedKeyIsRenewedOnce() {
    server.answerLogInfo(
        call -> {
          if (call == 0) {
            throw failure(Status.Code.UNAUTHENTICATED, "UNAUTHENTICATED");
          }
          return ANSWER;
        });
    Iterator<String> keys = List.of("old", "new").iterator();
    try (Client client = Client.builder(server.url()).apiKey(keys::next).build()) {
      client.getLogInfo();
      client.getLogInfo();
      assertEquals(List.of("Bearer old", "Bearer new", "Bearer new"), server.authorizations());
    }
  }

  @Test
  void aFixedKeyIsSentAndNotRetried() {
    server.answerLogInfo(
        call -> {
          throw failure(Status.Code.UNAUTHENTICATED, "UNKNOWN_API_KEY");
        });
    try (Client client = Client.builder(server.url()).apiKey("key").retry(QUICKLY).build()) {
      assertThrows(CallwireException.class, client::getLogInfo);
      assertEquals(List.of("Bearer key"), server.authorizations());
    }
  }
}
