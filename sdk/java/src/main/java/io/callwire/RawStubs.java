package io.callwire;

import io.callwire.v1.AdminServiceGrpc;
import io.callwire.v1.CallServiceGrpc;
import io.callwire.v1.IngestServiceGrpc;
import io.callwire.v1.SubscriptionServiceGrpc;
import io.grpc.Channel;

/**
 * The generated stubs on a client's connection and with its credential, for what the client itself does not offer. They
 * neither retry nor set deadlines.
 */
public final class RawStubs {
  private final Channel channel;

  RawStubs(Channel channel) {
    this.channel = channel;
  }

  /**
   * The channel, for stubs of other kinds: {@code SubscriptionServiceGrpc.newFutureStub(client.raw().channel())}.
   *
   * @return a channel that is open as long as the client
   */
  public Channel channel() {
    return channel;
  }

  /**
   * Streams and pages of events.
   *
   * @return a blocking stub
   */
  public SubscriptionServiceGrpc.SubscriptionServiceBlockingStub subscriptions() {
    return SubscriptionServiceGrpc.newBlockingStub(channel);
  }

  /**
   * Calls, chats and agents.
   *
   * @return a blocking stub
   */
  public CallServiceGrpc.CallServiceBlockingStub calls() {
    return CallServiceGrpc.newBlockingStub(channel);
  }

  /**
   * Publishing, also as a stream.
   *
   * @return an asynchronous stub
   */
  public IngestServiceGrpc.IngestServiceStub ingest() {
    return IngestServiceGrpc.newStub(channel);
  }

  /**
   * Administration.
   *
   * @return a blocking stub
   */
  public AdminServiceGrpc.AdminServiceBlockingStub admin() {
    return AdminServiceGrpc.newBlockingStub(channel);
  }
}
