package io.callwire;

import java.io.IOException;

/**
 * Gives the API key of a client. The key is kept and used for every call until the gateway refuses it; the provider is
 * then asked once for a fresh one, and a second refusal in a row is surfaced.
 */
@FunctionalInterface
public interface ApiKeyProvider {
  /**
   * Fetches the key. May block; never called by two threads at once.
   *
   * @return the key to send from now on, not empty
   * @throws IOException when the key cannot be had just now; the call is retried
   */
  String apiKey() throws IOException;
}
