package io.callwire;

import io.grpc.CallCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.util.concurrent.Executor;

/** Sends `authorization: Bearer KEY` with every call. */
final class ApiKeyCredentials extends CallCredentials {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final ApiKeyProvider provider;
  private final boolean refreshable;
  private String key;
  private int generation;

  private ApiKeyCredentials(ApiKeyProvider provider, boolean refreshable) {
    this.provider = provider;
    this.refreshable = refreshable;
  }

  static ApiKeyCredentials fixed(String apiKey) {
    return new ApiKeyCredentials(() -> apiKey, false);
  }

  static ApiKeyCredentials provided(ApiKeyProvider provider) {
    return new ApiKeyCredentials(provider, true);
  }

  boolean isRefreshable() {
    return refreshable;
  }

  /** Names the key that calls are sent with; to be told to {@link #discard} when it is refused. */
  synchronized int generation() {
    return generation;
  }

  /** Makes the next call ask for a fresh key, unless somebody else has seen the same key refused before. */
  synchronized void discard(int refused) {
    if (refused == generation) {
      key = null;
      generation++;
    }
  }

  @Override
  public void applyRequestMetadata(RequestInfo requestInfo, Executor executor, MetadataApplier applier) {
    executor.execute(() -> apply(applier));
  }

  private void apply(MetadataApplier applier) {
    Metadata headers = new Metadata();
    try {
      headers.put(AUTHORIZATION, "Bearer " + currentKey());
    } catch (IOException e) {
      applier.fail(Status.UNAVAILABLE.withDescription("the API key could not be fetched: " + e.getMessage()).withCause(e));
      return;
    } catch (RuntimeException e) {
      applier.fail(Status.UNAUTHENTICATED.withDescription("the API key provider failed: " + e).withCause(e));
      return;
    }
    applier.apply(headers);
  }

  private synchronized String currentKey() throws IOException {
    if (key == null) {
      key = provider.apiKey();
    }
    return key;
  }
}
