package io.callwire.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntToLongFunction;

/** Passes connections on, and cuts each after so many bytes towards the client, wherever in a message that is. */
public final class CutProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final URI target;
  private final IntToLongFunction limit;
  private final AtomicInteger connections = new AtomicInteger();

  /**
   * Listens in front of a gateway.
   *
   * @param limit bytes that a connection, counted from 0, may carry towards the client
   */
  public CutProxy(String gatewayUrl, IntToLongFunction limit) throws IOException {
    this.target = URI.create(gatewayUrl);
    this.limit = limit;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  public String url() {
    return "http://127.0.0.1:" + listener.getLocalPort();
  }

  /** How many connections were made. */
  public int connections() {
    return connections.get();
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "cut-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  /** Ends with the listener. */
  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        long bytes = limit.applyAsLong(connections.getAndIncrement());
        daemon(() -> carry(client, bytes));
      }
    } catch (IOException e) {
      // The proxy was closed.
    }
  }

  private void carry(Socket client, long bytes) {
    try (client;
        Socket gateway = new Socket(target.getHost(), target.getPort())) {
      daemon(() -> copy(client, gateway, Long.MAX_VALUE));
      copy(gateway, client, bytes);
    } catch (IOException e) {
      // Either side has gone; both are closed.
    }
  }

  private static void copy(Socket from, Socket to, long most) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] chunk = new byte[8_192];
      long left = most;
      int read = in.read(chunk, 0, (int) Math.min(chunk.length, left));
      while (read > 0) {
        out.write(chunk, 0, read);
        left -= read;
        read = in.read(chunk, 0, (int) Math.min(chunk.length, left));
      }
    } catch (IOException e) {
      // Either side has gone.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
