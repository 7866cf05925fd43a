package io.callwire.testing;

import io.callwire.v1.SubscribeResponse;
import io.grpc.StatusRuntimeException;
import java.util.List;

/**
 * What a {@link ScriptedServer} does with one stream.
 *
 * @param responses sent at once
 * @param failure ends the stream then; null when it does not fail
 * @param stays whether the stream is left open, and silent, after the responses
 */
public record Script(List<SubscribeResponse> responses, StatusRuntimeException failure, boolean stays) {
  /** Sends responses and ends with OK. */
  public static Script complete(SubscribeResponse... responses) {
    return new Script(List.of(responses), null, false);
  }

  /** Sends responses and ends with an error. */
  public static Script fail(StatusRuntimeException failure, SubscribeResponse... responses) {
    return new Script(List.of(responses), failure, false);
  }

  /** Sends responses and says nothing more. */
  public static Script stay(SubscribeResponse... responses) {
    return new Script(List.of(responses), null, true);
  }
}
