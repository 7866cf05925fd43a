package io.callwire.samples.recorder;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Writes lines to a file, or to stdout. */
final class LineWriter implements AutoCloseable {
  /** Null for stdout. */
  private final FileChannel file;

  private LineWriter(FileChannel file) {
    this.file = file;
  }

  /** Appends to a file; to stdout when there is none. */
  static LineWriter open(Path path) throws IOException {
    if (path == null) {
      return new LineWriter(null);
    }
    return new LineWriter(FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
  }

  /** Returns once the line is on the disk: only then is the call's end handled. */
  void write(Line line) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(line.json() + "\n");
    if (file == null) {
      System.out.write(bytes.array(), 0, bytes.limit());
      System.out.flush();
      return;
    }
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
    file.force(false);
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
