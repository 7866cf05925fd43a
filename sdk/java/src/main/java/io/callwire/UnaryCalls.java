package io.callwire;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Calls with one answer: blocking, within a deadline that holds for all attempts together. */
final class UnaryCalls {
  private final Connections connections;
  private final ApiKeyCredentials credentials;
  private final RetryPolicy policy;
  private final Duration timeout;

  UnaryCalls(Connections connections, ApiKeyCredentials credentials, RetryPolicy policy, Duration timeout) {
    this.connections = connections;
    this.credentials = credentials;
    this.policy = policy;
    this.timeout = timeout;
  }

  /** Calls once, or until it succeeds, when repeating it can do no harm. */
  <Q, R> R call(MethodDescriptor<Q, R> method, Q request, boolean repeatable) {
    long deadline = System.nanoTime() + timeout.toNanos();
    Backoff backoff = new Backoff(policy, ThreadLocalRandom.current());
    boolean refreshedKey = false;
    while (true) {
      int keyGeneration = credentials == null ? 0 : credentials.generation();
      CallwireException failure;
      try {
        return attempt(method, request, deadline);
      } catch (StatusRuntimeException e) {
        failure = CallwireException.of(e);
      }
      if (failure.code() == Status.Code.UNAUTHENTICATED && canRefreshKey() && !refreshedKey) {
        refreshedKey = true;
        credentials.discard(keyGeneration);
      } else if (repeatable && failure.retryable() && !backoff.isUsedUp()) {
        pause(backoff.next(failure.retryAfter().orElse(Duration.ZERO)), deadline, failure);
      } else {
        throw failure;
      }
    }
  }

  private <Q, R> R attempt(MethodDescriptor<Q, R> method, Q request, long deadline) {
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    return ClientCalls.blockingUnaryCall(connections, method, options, request);
  }

  private boolean canRefreshKey() {
    return credentials != null && credentials.isRefreshable();
  }

  /** Waits for the next attempt; when that would be too late, the failure is final. */
  private static void pause(Duration delay, long deadline, CallwireException failure) {
    if (delay.toNanos() >= deadline - System.nanoTime()) {
      throw failure;
    }
    try {
      TimeUnit.NANOSECONDS.sleep(delay.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      CallwireException interrupted =
          CallwireException.local(Status.Code.CANCELLED, "interrupted between attempts", e);
      interrupted.addSuppressed(failure);
      throw interrupted;
    }
  }
}
