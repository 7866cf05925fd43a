package io.callwire;

import io.callwire.v1.Agent;
import io.callwire.v1.CallServiceGrpc;
import io.callwire.v1.Event;
import io.callwire.v1.ExplainEventRequest;
import io.callwire.v1.ExplainEventResponse;
import io.callwire.v1.GetAgentRequest;
import io.callwire.v1.GetAgentResponse;
import io.callwire.v1.GetCallRequest;
import io.callwire.v1.GetCallResponse;
import io.callwire.v1.GetLogInfoRequest;
import io.callwire.v1.GetLogInfoResponse;
import io.callwire.v1.IngestServiceGrpc;
import io.callwire.v1.ListAgentsRequest;
import io.callwire.v1.ListAgentsResponse;
import io.callwire.v1.ListCallsRequest;
import io.callwire.v1.ListCallsResponse;
import io.callwire.v1.ListEventsRequest;
import io.callwire.v1.ListEventsResponse;
import io.callwire.v1.PublishEventsRequest;
import io.callwire.v1.PublishEventsResponse;
import io.callwire.v1.Session;
import io.callwire.v1.SubscriptionServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;

/**
 * A client of one gateway. Safe for use by several threads; one is enough for a process.
 *
 * <pre>{@code
 * try (Client client = Client.connect("http://127.0.0.1:7450");
 *     Subscription subscription = client.subscribe(SubscribeOptions.builder().fromEarliest().build())) {
 *   for (Delivery delivery : subscription) {
 *     if (delivery instanceof EventDelivery event) {
 *       System.out.println(event.cursor() + " " + event.event().getTrigger());
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p>Calls block, each within the client's call timeout, which holds for all attempts together. What fails and can pass
 * is retried meanwhile. They throw {@link CallwireException}.
 */
public final class Client implements AutoCloseable {
  private static final Duration CLOSING_PATIENCE = Duration.ofSeconds(5);

  private final Connections connections;
  private final UnaryCalls calls;
  private final Subscriptions subscriptions;

  Client(Connections connections, ApiKeyCredentials credentials, RetryPolicy retry, Duration callTimeout) {
    this.connections = connections;
    this.calls = new UnaryCalls(connections, credentials, retry, callTimeout);
    this.subscriptions = new Subscriptions(connections, credentials);
  }

  /**
   * A client without a credential. Nothing is sent before the first call.
   *
   * @param url where the gateway listens: {@code http://HOST:PORT} in plain text, {@code https://HOST:PORT} with TLS
   * @return the client, to be closed
   * @throws IllegalArgumentException when the URL is not of this form
   */
  public static Client connect(String url) {
    return builder(url).build();
  }

  /**
   * A client with a credential, with certificates, or with other timeouts.
   *
   * @param url where the gateway listens: {@code http://HOST:PORT} in plain text, {@code https://HOST:PORT} with TLS
   * @return a builder
   * @throws IllegalArgumentException when the URL is not of this form
   */
  public static ClientBuilder builder(String url) {
    return new ClientBuilder(GatewayUrl.parse(url));
  }

  /**
   * Begins a subscription: loads its checkpoint and opens the stream. What is received waits in its buffer until it is
   * consumed.
   *
   * @param options what to subscribe to, and how
   * @return the subscription, to be closed
   * @throws UncheckedIOException when the checkpoint cannot be read
   * @throws IllegalStateException when the client is closed
   */
  public Subscription subscribe(SubscribeOptions options) {
    return subscriptions.begin(options);
  }

  /**
   * Events of a bounded range, fetched page by page.
   *
   * @param request the range, the filters, and the order; its page token says where to begin
   * @return the events
   */
  public Pages<ListEventsResponse, Event> listEvents(ListEventsRequest request) {
    return new Pages<>(
        request.getPageToken(),
        token ->
            call(SubscriptionServiceGrpc.getListEventsMethod(), request.toBuilder().setPageToken(token).build()),
        ListEventsResponse::getNextPageToken,
        ListEventsResponse::getEventsList);
  }

  /**
   * What the journal holds, and the limits in force, for the credential's only tenant.
   *
   * @return the answer
   */
  public GetLogInfoResponse getLogInfo() {
    return getLogInfo(GetLogInfoRequest.getDefaultInstance());
  }

  /**
   * What the journal holds, and the limits in force.
   *
   * @param request names the tenant
   * @return the answer
   */
  public GetLogInfoResponse getLogInfo(GetLogInfoRequest request) {
    return call(SubscriptionServiceGrpc.getGetLogInfoMethod(), request);
  }

  /**
   * Why filters select an event or not.
   *
   * @param request the event's cursor, and the filters
   * @return for each filter which condition matched or failed, and on which value
   */
  public ExplainEventResponse explainEvent(ExplainEventRequest request) {
    return call(SubscriptionServiceGrpc.getExplainEventMethod(), request);
  }

  /**
   * One call or chat, as it is or as it was.
   *
   * @param request names it
   * @return the session, and the position at which it is so
   */
  public GetCallResponse getCall(GetCallRequest request) {
    return call(CallServiceGrpc.getGetCallMethod(), request);
  }

  /**
   * Calls and chats, newest first, fetched page by page.
   *
   * @param request which ones; its page token says where to begin
   * @return the sessions
   */
  public Pages<ListCallsResponse, Session> listCalls(ListCallsRequest request) {
    return new Pages<>(
        request.getPageToken(),
        token -> call(CallServiceGrpc.getListCallsMethod(), request.toBuilder().setPageToken(token).build()),
        ListCallsResponse::getNextPageToken,
        ListCallsResponse::getSessionsList);
  }

  /**
   * One agent.
   *
   * @param request names the agent by id or address
   * @return the agent
   */
  public GetAgentResponse getAgent(GetAgentRequest request) {
    return call(CallServiceGrpc.getGetAgentMethod(), request);
  }

  /**
   * The agents that events have named, by id, fetched page by page.
   *
   * @param request names the tenant; its page token says where to begin
   * @return the agents
   */
  public Pages<ListAgentsResponse, Agent> listAgents(ListAgentsRequest request) {
    return new Pages<>(
        request.getPageToken(),
        token -> call(CallServiceGrpc.getListAgentsMethod(), request.toBuilder().setPageToken(token).build()),
        ListAgentsResponse::getNextPageToken,
        ListAgentsResponse::getAgentsList);
  }

  /**
   * Publishes a batch. An answer means that what it calls accepted is durable. Retried only when every item has an
   * idempotency key, since a batch whose answer was lost may have been accepted.
   *
   * @param request the events, in the order in which they happened
   * @return one result an item, in the same order
   */
  public PublishEventsResponse publishEvents(PublishEventsRequest request) {
    boolean repeatable = request.getItemsList().stream().noneMatch(item -> item.getIdempotencyKey().isEmpty());
    return calls.call(IngestServiceGrpc.getPublishEventsMethod(), request, repeatable);
  }

  private <Q, R> R call(MethodDescriptor<Q, R> method, Q request) {
    return calls.call(method, request, true);
  }

  /**
   * The generated stubs on this client's connection.
   *
   * @return the stubs
   */
  public RawStubs raw() {
    return new RawStubs(connections);
  }

  /**
   * Closes every subscription, as {@link Subscription#close()} does, and the connection.
   *
   * @throws UncheckedIOException when a checkpoint could not be saved; everything is closed all the same
   */
  @Override
  public void close() {
    List<RuntimeException> failures = subscriptions.close();
    try {
      connections.close(CLOSING_PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failures.add(CallwireException.local(Status.Code.CANCELLED, "interrupted while closing", e));
    }
    if (!failures.isEmpty()) {
      RuntimeException first = failures.remove(0);
      failures.forEach(first::addSuppressed);
      throw first;
    }
  }
}
