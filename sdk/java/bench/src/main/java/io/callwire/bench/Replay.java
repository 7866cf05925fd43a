package io.callwire.bench;

import com.sun.management.OperatingSystemMXBean;
import io.callwire.Client;
import io.callwire.Delivery;
import io.callwire.EventDelivery;
import io.callwire.SubscribeOptions;
import io.callwire.Subscription;
import io.callwire.v1.StartPosition;
import io.callwire.v1.SubscribeRequest;
import io.callwire.v1.SubscribeResponse;
import io.callwire.v1.SubscriptionServiceGrpc;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;

/**
 * How fast a journal is read: {@code Replay sdk|stub URL WARM_UP}. By the SDK or by the generated stub alone, after so many
 * events to warm up. Run by bench/workloads/sdk.ts.
 */
public final class Replay {
  private final boolean bySdk;
  private final String url;
  private long events;
  private long tenth;
  private long residentAtTenth;

  private Replay(boolean bySdk, String url) {
    this.bySdk = bySdk;
    this.url = url;
  }

  /**
   * Reads, and prints one line of JSON.
   *
   * @param args how, from where, and how many events to warm up
   * @throws IOException when the system does not tell its memory
   */
  public static void main(String[] args) throws IOException {
    new Replay(args[0].equals("sdk"), args[1]).run(Long.parseLong(args[2]));
    System.exit(0);
  }

  private void run(long warmUp) throws IOException {
    String newest = newestCursor();
    int hyphen = newest.indexOf('-');
    long last = Long.parseLong(newest.substring(hyphen + 1));
    read(newest.substring(0, hyphen + 1) + Math.min(last, warmUp));

    events = 0;
    tenth = last / 10;
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long cpu = system.getProcessCpuTime();
    long start = System.nanoTime();
    read(newest);
    System.out.printf(
        Locale.ROOT,
        "{\"events\":%d,\"seconds\":%f,\"cpuSeconds\":%f,\"residentAtTenth\":%d,\"residentAtEnd\":%d}%n",
        events,
        (System.nanoTime() - start) / 1e9,
        (system.getProcessCpuTime() - cpu) / 1e9,
        residentAtTenth,
        residentBytes());
  }

  private String newestCursor() {
    try (Client client = Client.connect(url)) {
      return client.getLogInfo().getNewestCursor();
    }
  }

  private void read(String endCursor) throws IOException {
    if (bySdk) {
      readBySdk(endCursor);
    } else {
      readByStub(endCursor);
    }
  }

  private void readBySdk(String endCursor) throws IOException {
    SubscribeOptions options = SubscribeOptions.builder().fromEarliest().endCursor(endCursor).build();
    try (Client client = Client.connect(url);
        Subscription subscription = client.subscribe(options)) {
      for (Delivery delivery : subscription) {
        if (delivery instanceof EventDelivery) {
          count();
        }
      }
    }
  }

  private void readByStub(String endCursor) throws IOException {
    ManagedChannel channel =
        Grpc.newChannelBuilder(url.replace("http://", ""), InsecureChannelCredentials.create()).build();
    SubscribeRequest request =
        SubscribeRequest.newBuilder()
            .setStart(StartPosition.START_POSITION_EARLIEST)
            .setEndCursor(endCursor)
            .build();
    Iterator<SubscribeResponse> responses = SubscriptionServiceGrpc.newBlockingStub(channel).subscribe(request);
    while (responses.hasNext()) {
      int received = responses.next().getEventsCount();
      for (int i = 0; i < received; i++) {
        count();
      }
    }
    channel.shutdownNow();
  }

  private void count() throws IOException {
    events++;
    if (events == tenth) {
      residentAtTenth = residentBytes();
    }
  }

  private static long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    throw new IOException("no VmRSS");
  }
}
