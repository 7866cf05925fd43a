package io.callwire;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Keeps a position in a file that holds one JSON object. A save replaces the file as a whole: a crash leaves either the
 * old position or the new one.
 */
public final class FileCheckpoint implements Checkpoint {
  private static final String CURSOR = "cursor";
  private static final String FILTER_DIGEST = "filter_digest";

  private final Path file;
  private final Path temporary;

  /**
   * Names the file. Nothing is read or written yet.
   *
   * @param file the file, which need not exist; its folder must
   */
  public FileCheckpoint(Path file) {
    this.file = file.toAbsolutePath();
    this.temporary = this.file.resolveSibling(this.file.getFileName() + ".tmp");
  }

  /**
   * Reads the file.
   *
   * @return the position; empty when there is no file
   * @throws IOException when the file cannot be read, or holds no position; the message names it
   */
  @Override
  public Optional<SavedPosition> load() throws IOException {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    try {
      JsonObject json = JsonParser.parseString(text).getAsJsonObject();
      return Optional.of(new SavedPosition(text(json, CURSOR), json.has(FILTER_DIGEST) ? text(json, FILTER_DIGEST) : ""));
    } catch (JsonParseException | IllegalStateException | IllegalArgumentException e) {
      throw new IOException("the checkpoint file " + file + " is corrupt: " + e.getMessage(), e);
    }
  }

  private static String text(JsonObject json, String name) {
    JsonElement value = json.get(name);
    if (value instanceof JsonPrimitive primitive && primitive.isString()) {
      return primitive.getAsString();
    }
    throw new IllegalArgumentException("it has no text `" + name + "`");
  }

  @Override
  public void save(SavedPosition position) throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty(CURSOR, position.cursor());
    json.addProperty(FILTER_DIGEST, position.filterDigest());
    write(json + "\n");
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncFolder();
  }

  private void write(String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    try (FileChannel channel =
        FileChannel.open(
            temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  /** The rename itself is durable once the folder is; only POSIX systems can open one. */
  private void syncFolder() throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
        folder.force(true);
      }
    }
  }
}
