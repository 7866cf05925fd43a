package io.callwire.samples.recorder;

import io.callwire.Client;
import io.callwire.ClientBuilder;
import io.callwire.FileCheckpoint;
import io.callwire.SavePolicy;
import io.callwire.StreamStatus;
import io.callwire.SubscribeOptions;
import io.callwire.Subscription;
import io.callwire.v1.EventKind;
import io.callwire.v1.EventView;
import io.callwire.v1.ExpiredCursorPolicy;
import java.io.IOException;
import java.time.Duration;

/**
 * The control side of a call recorder: starts a recording when a call is answered, pauses it while a party is redacted,
 * stops it at the call's end, and writes one JSON line a finished call. It goes on where its checkpoint says, without one at
 * the oldest event kept. A crash may write the last line again and loses none.
 */
public final class Recorder {
  private Recorder() {}

  /**
   * Records until it is told to stop by SIGINT or SIGTERM; the event in hand is then handled, and its position saved.
   *
   * @param args the flags
   * @throws Exception when a file cannot be written, and when the gateway refuses
   */
  public static void main(String[] args) throws Exception {
    Flags flags;
    try {
      flags = Flags.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\n" + Flags.USAGE);
      System.exit(2);
      return;
    }
    try (LineWriter lines = LineWriter.open(flags.out());
        Client client = connect(flags);
        Subscription subscription = client.subscribe(options(flags))) {
      StopSignal signal = new StopSignal(subscription);
      try {
        record(subscription, lines);
      } finally {
        signal.forget();
      }
    }
  }

  private static void record(Subscription subscription, LineWriter lines) throws IOException, InterruptedException {
    OpenCalls calls = new OpenCalls(System.err::println);
    subscription.<IOException>run(
        delivery -> {
          Line line = calls.handle(delivery).orElse(null);
          if (line != null) {
            lines.write(line);
          }
        });
  }

  private static Client connect(Flags flags) {
    ClientBuilder builder = Client.builder(flags.url());
    if (flags.apiKey() != null) {
      builder.apiKey(flags.apiKey());
    }
    return builder.build();
  }

  private static SubscribeOptions options(Flags flags) {
    return SubscribeOptions.builder()
        .filter("calls", f -> f.addKinds(EventKind.EVENT_KIND_CALL))
        .view(EventView.EVENT_VIEW_FULL)
        .fromEarliest()
        .onExpired(ExpiredCursorPolicy.EXPIRED_CURSOR_POLICY_SKIP_WITH_GAP)
        .checkpoint(new FileCheckpoint(flags.checkpoint()))
        // A line is on the disk before its position is: each event is saved, so that few lines can come twice.
        .savePolicy(new SavePolicy(1, Duration.ofSeconds(1)))
        .onStatus(Recorder::tell)
        .build();
  }

  private static void tell(StreamStatus status) {
    if (status instanceof StreamStatus.Reconnecting cut) {
      System.err.println("reconnecting in " + cut.delay().toMillis() + " ms: " + cut.cause().getMessage());
    }
  }
}
