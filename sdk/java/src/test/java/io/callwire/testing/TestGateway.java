package io.callwire.testing;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The gateway of this checkout in a process of its own. */
public final class TestGateway implements AutoCloseable {
  private static final int BATCH = 500;

  private final Path root = root();
  private final Path dataDir;
  private final HttpClient http = HttpClient.newHttpClient();
  private String listen = "127.0.0.1:0";
  private Process process;
  private String url;

  private TestGateway(Path dataDir) {
    this.dataDir = dataDir;
  }

  /** Runs a gateway on a free port and with its data in a folder. */
  public static TestGateway start(Path dataDir) throws IOException {
    TestGateway gateway = new TestGateway(dataDir);
    gateway.restart();
    return gateway;
  }

  /** Maven runs tests in the folder of their module. */
  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.exists(folder.resolve("bin/callwire.js"))) {
      folder = folder.getParent();
    }
    if (folder == null || !Files.exists(folder.resolve("node_modules/.bin/node"))) {
      throw new IllegalStateException("these tests run the gateway of the checkout, which `npm ci` in its root prepares");
    }
    return folder;
  }

  /** Where it listens; the same after a restart. */
  public String url() {
    return url;
  }

  /** Runs it, or runs it again on the same port and data. Returns once it is ready. */
  public void restart() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            root.resolve("node_modules/.bin/node").toString(),
            root.resolve("bin/callwire.js").toString(),
            "serve",
            "--listen",
            listen,
            "--data-dir",
            dataDir.toString());
    builder.environment().put("CALLWIRE_LOG_FORMAT", "json");
    process = builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    url = awaitReady(process.errorReader());
    listen = URI.create(url).getAuthority();
  }

  private static String awaitReady(BufferedReader log) throws IOException {
    StringBuilder said = new StringBuilder();
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      said.append(line).append('\n');
      JsonObject entry = JsonParser.parseString(line).getAsJsonObject();
      if (entry.get("msg").getAsString().equals("ready")) {
        Thread drain = new Thread(() -> drain(log), "gateway-log");
        drain.setDaemon(true);
        drain.start();
        return entry.get("url").getAsString();
      }
    }
    throw new IOException("the gateway did not start:\n" + said);
  }

  /** Reads on, so that the process is never held by a full pipe. */
  private static void drain(BufferedReader log) {
    try (log) {
      while (log.readLine() != null) {
        continue;
      }
    } catch (IOException e) {
      // The process has ended, and with it its log.
    }
  }

  /** Ends it as a crash does. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Lets it shut down. */
  public void stop() {
    process.destroy();
    process.onExit().join();
  }

  @Override
  public void close() {
    stop();
  }

  /** Posts a webhook body and gives the cursors of its events. */
  public List<String> post(Object body) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/webhooks/default/ccai"))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(new Gson().toJson(body)))
            .build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException("the gateway answered " + response.statusCode() + ": " + response.body());
    }
    JsonObject answer = JsonParser.parseString(response.body()).getAsJsonObject();
    return answer.getAsJsonArray("cursors").asList().stream().map(JsonElement::getAsString).toList();
  }

  /** Posts one event each of as many calls, {@code PREFIX-0} and so on, and gives their cursors. */
  public List<String> postCalls(String prefix, int count) throws IOException, InterruptedException {
    List<String> cursors = new ArrayList<>();
    for (int first = 0; first < count; first += BATCH) {
      List<Map<String, String>> events =
          IntStream.range(first, Math.min(first + BATCH, count))
              .mapToObj(i -> Map.of("call_id", prefix + "-" + i, "state", "waiting"))
              .toList();
      cursors.addAll(post(Map.of("count", events.size(), "events", events)));
    }
    return cursors;
  }
}
