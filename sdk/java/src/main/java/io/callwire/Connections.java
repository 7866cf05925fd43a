package io.callwire;

import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The client's channel. A gRPC channel that failed to connect refuses calls until a back-off of its own has passed; the
 * back-off here is {@link Backoff}, so such a channel is replaced instead. Calls under way on a replaced one go on.
 */
final class Connections extends Channel {
  private final Supplier<ManagedChannel> connect;
  private final CallCredentials credentials;
  private final List<ManagedChannel> replaced = new ArrayList<>();
  private ManagedChannel current;

  Connections(Supplier<ManagedChannel> connect, CallCredentials credentials) {
    this.connect = connect;
    this.credentials = credentials;
    this.current = connect.get();
  }

  /** The channel for a call that begins now. */
  synchronized ManagedChannel current() {
    if (current.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      replace();
    }
    return current;
  }

  /** Begins a new connection, unless the one given, which was found dead, is no longer in use. */
  synchronized void abandon(ManagedChannel dead) {
    if (dead == current) {
      replace();
    }
  }

  private void replace() {
    if (current.isShutdown()) {
      return;
    }
    current.shutdown();
    replaced.removeIf(ManagedChannel::isTerminated);
    replaced.add(current);
    current = connect.get();
  }

  @Override
  public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
    boolean needsCredentials = credentials != null && options.getCredentials() == null;
    return current().newCall(method, needsCredentials ? options.withCallCredentials(credentials) : options);
  }

  @Override
  public synchronized String authority() {
    return current.authority();
  }

  /** Ends every connection, calls under way included, and waits until they are closed. */
  void close(Duration patience) throws InterruptedException {
    List<ManagedChannel> all;
    synchronized (this) {
      all = new ArrayList<>(replaced);
      all.add(current);
    }
    all.forEach(ManagedChannel::shutdownNow);
    long deadline = System.nanoTime() + patience.toNanos();
    for (ManagedChannel channel : all) {
      channel.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
  }
}
