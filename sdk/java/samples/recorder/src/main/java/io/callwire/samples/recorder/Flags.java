package io.callwire.samples.recorder;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What the recorder is started with.
 *
 * @param url the gateway
 * @param apiKey a key that may subscribe to the FULL view; null when the gateway asks for none
 * @param checkpoint the file that keeps the position
 * @param out the file that the lines are appended to; null for stdout
 */
record Flags(String url, String apiKey, Path checkpoint, Path out) {
  static final String USAGE = "usage: recorder [--url URL] [--api-key KEY] [--checkpoint FILE] [--out FILE or -]";

  private static final Set<String> NAMES = Set.of("--url", "--api-key", "--checkpoint", "--out");

  static Flags parse(String... args) {
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i < args.length; i += 2) {
      if (!NAMES.contains(args[i]) || i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + " is no flag, or has no value");
      }
      given.put(args[i], args[i + 1]);
    }
    String out = given.getOrDefault("--out", "-");
    return new Flags(
        given.getOrDefault("--url", "http://127.0.0.1:7450"),
        given.get("--api-key"),
        Path.of(given.getOrDefault("--checkpoint", "recorder.checkpoint")),
        out.equals("-") ? null : Path.of(out));
  }
}
