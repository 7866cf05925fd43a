package io.callwire.conformance;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/**
 * Runs conformance cases that come as JSON lines on stdin, several at once, and reports them as JSON lines on stdout. At the
 * end of stdin, what has no end of its own is closed, and the process ends once everything has.
 */
public final class Driver {
  /** A case, and the thread that runs it. */
  private record Running(Case work, Thread thread) {}

  private final PrintStream out;
  private final Map<String, Running> running = new ConcurrentHashMap<>();

  private Driver(PrintStream out) {
    this.out = out;
  }

  /**
   * Runs the cases of stdin.
   *
   * @param args none
   * @throws Exception when stdin cannot be read or holds something else than cases
   */
  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    new Driver(out).run(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
    System.exit(0);
  }

  private void run(BufferedReader lines) throws IOException, InterruptedException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (!line.isBlank()) {
        take(JsonParser.parseString(line).getAsJsonObject());
      }
    }
    for (Running each : running.values()) {
      if (!each.work.isBounded()) {
        each.work.release();
        each.work.close();
      }
      each.thread.join();
    }
  }

  private void take(JsonObject line) throws InterruptedException {
    String id = line.get("case").getAsString();
    if (line.has("run")) {
      start(id, new Gson().fromJson(line.get("run"), RunSpec.class));
      return;
    }
    Running target = running.get(id);
    if (target != null) {
      act(target.work, line.get("do").getAsString());
    }
  }

  private static void act(Case work, String action) {
    switch (action) {
      case "release" -> work.release();
      case "cancel" -> work.cancel();
      case "close" -> work.close();
      default -> throw new IllegalArgumentException("unknown action " + action);
    }
  }

  /** Returns once the case can be told to do something. */
  private void start(String id, RunSpec spec) throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    new Thread(() -> execute(id, spec, begun), "case-" + id).start();
    begun.await();
  }

  private void execute(String id, RunSpec spec, CountDownLatch begun) {
    Output output = new Output(id, out);
    try {
      Case work = spec.method().equals("subscribe") ? new SubscribeCase(spec, output) : new UnaryCase(spec, output);
      running.put(id, new Running(work, Thread.currentThread()));
      begun.countDown();
      work.run();
    } catch (IOException | RuntimeException e) {
      output.line("done", Outcome.of(e));
    } finally {
      running.remove(id);
      begun.countDown();
    }
  }
}
