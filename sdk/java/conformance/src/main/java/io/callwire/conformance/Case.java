package io.callwire.conformance;

/** A case under way. The actions may come at any time, from another thread, and do not wait. */
interface Case {
  /** Runs it to its end and reports that. */
  void run();

  default void release() {}

  default void cancel() {}

  default void close() {}

  /** Whether it ends without being told to. */
  default boolean isBounded() {
    return true;
  }
}
