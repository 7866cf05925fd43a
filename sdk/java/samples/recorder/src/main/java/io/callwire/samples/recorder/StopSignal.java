package io.callwire.samples.recorder;

import io.callwire.Subscription;

/** SIGINT and SIGTERM close a subscription; once it is closed the process ends, with exit code 0. */
final class StopSignal {
  private final Thread hook;

  StopSignal(Subscription subscription) {
    hook = new Thread(() -> stop(subscription), "stop-signal");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private static void stop(Subscription subscription) {
    subscription.close();
    if (subscription.ending().isPresent()) {
      Runtime.getRuntime().halt(0);
    }
  }

  /** The subscription has ended by itself: how the process ends is for others to say. */
  void forget() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The signal has come, and the hook is what ends the process.
    }
  }
}
