package io.callwire.samples.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.callwire.testing.TestGateway;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recorder as its users run it, in a process of its own, against the real gateway. */
class RecorderTest {
  @TempDir Path folder;

  private Process start(TestGateway gateway) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp", System.getProperty("java.class.path"),
            Recorder.class.getName(),
            "--url", gateway.url(),
            "--checkpoint", folder.resolve("checkpoint").toString(),
            "--out", folder.resolve("calls.jsonl").toString())
        .start();
  }

  /** Returns once the recorder has said it. */
  private static void awaitLine(BufferedReader log, String expected) throws IOException {
    String line = log.readLine();
    while (line != null && !line.equals(expected)) {
      line = log.readLine();
    }
    assertEquals(expected, line);
  }

  private static Map<String, Object> call(String state, String party) {
    return Map.of(
        "call_id", "c1",
        "state", state,
        "direction", "incoming",
        "queue_path_names", "support/orders",
        "participants",
            List.of(
                Map.of("participant_id", "7", "type", "agent", "state", party),
                Map.of("participant_id", "+15550100", "type", "external", "state", party)));
  }

  @Test
  void aCallIsRecordedWithoutItsRedactedTimeEvenOverACrash() throws Exception {
    try (TestGateway gateway = TestGateway.start(folder.resolve("data"))) {
      Process recorder = start(gateway);
      BufferedReader log = recorder.errorReader();
      gateway.post(call("ringing", "ringing"));
      gateway.post(call("connected", "connected"));
      awaitLine(log, "call c1: recording");
      gateway.post(call("connected", "redacted"));
      awaitLine(log, "call c1: paused");
      recorder.destroyForcibly().waitFor();

      gateway.post(call("connected", "unredacted"));
      gateway.post(call("disconnected", "disconnected"));
      recorder = start(gateway);
      awaitLine(recorder.errorReader(), "call c1: stopped");
      recorder.destroy();
      assertEquals(0, recorder.waitFor());
    }
    List<String> lines = Files.readAllLines(folder.resolve("calls.jsonl"));
    assertEquals(1, lines.size());
    check(JsonParser.parseString(lines.get(0)).getAsJsonObject());
    assertTrue(Files.exists(folder.resolve("checkpoint")));
  }

  private static void check(JsonObject line) {
    assertEquals("c1", line.get("call_id").getAsString());
    assertEquals("ccai", line.get("source").getAsString());
    assertEquals("incoming", line.get("direction").getAsString());
    assertEquals(JsonParser.parseString("[\"support\",\"orders\"]"), line.get("queue"));
    assertEquals(JsonParser.parseString("[\"7\"]"), line.get("agents"));
    assertTrue(line.get("complete").getAsBoolean());
    assertEquals(1, line.getAsJsonArray("paused").size());
    JsonObject pause = line.getAsJsonArray("paused").get(0).getAsJsonObject();
    JsonArray recorded = new JsonArray();
    addIfLong(recorded, line.get("started"), pause.get("from"));
    addIfLong(recorded, pause.get("to"), line.get("ended"));
    assertEquals(recorded, line.get("segments"));
  }

  /** Events that the gateway received in one moment have nothing between them. */
  private static void addIfLong(JsonArray segments, JsonElement from, JsonElement to) {
    if (!from.equals(to)) {
      JsonObject segment = new JsonObject();
      segment.add("from", from);
      segment.add("to", to);
      segments.add(segment);
    }
  }

  @Test
  void aFlagThatIsNoneIsSaid() throws Exception {
    Process recorder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path"),
                Recorder.class.getName(),
                "--queue", "support")
            .start();
    assertEquals(2, recorder.waitFor());
    assertEquals("--queue is no flag, or has no value", recorder.errorReader().readLine());
  }
}
