package io.callwire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileCheckpointTest {
  private static final SavedPosition POSITION = new SavedPosition("0a1b2c3d-42", "1111111111111111");

  @TempDir Path folder;
  private Path file;
  private FileCheckpoint checkpoint;

  @BeforeEach
  void name() {
    file = folder.resolve("support.checkpoint");
    checkpoint = new FileCheckpoint(file);
  }

  @Test
  void withoutAFileThereIsNoPosition() throws IOException {
    assertEquals(Optional.empty(), checkpoint.load());
  }

  @Test
  void whatWasSavedLastIsReadByAnother() throws IOException {
    checkpoint.save(new SavedPosition("0a1b2c3d-41", ""));
    checkpoint.save(POSITION);
    assertEquals(Optional.of(POSITION), new FileCheckpoint(file).load());
    assertEquals(
        "{\"cursor\":\"0a1b2c3d-42\",\"filter_digest\":\"1111111111111111\"}\n", Files.readString(file));
  }

  @Test
  void aSaveLeavesTheFileAlone() throws IOException {
    checkpoint.save(POSITION);
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void aSaveThatDiedHalfWayDoesNoHarm() throws IOException {
    checkpoint.save(POSITION);
    Files.writeString(folder.resolve("support.checkpoint.tmp"), "{\"curs");
    assertEquals(Optional.of(POSITION), checkpoint.load());
    checkpoint.save(new SavedPosition("0a1b2c3d-43", ""));
    assertEquals("0a1b2c3d-43", checkpoint.load().orElseThrow().cursor());
  }

  @Test
  void aFileWithACursorAloneIsEnough() throws IOException {
    Files.writeString(file, "{\"cursor\": \"0a1b2c3d-7\"}");
    assertEquals(Optional.of(new SavedPosition("0a1b2c3d-7", "")), checkpoint.load());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{\"curs", "[]", "{}", "{\"cursor\":\"\"}", "{\"cursor\":7}", "{\"cursor\":\"a-1\",\"filter_digest\":0}"})
  void whatIsNoPositionIsAnErrorThatNamesTheFile(String content) throws IOException {
    Files.writeString(file, content);
    IOException error = assertThrows(IOException.class, checkpoint::load);
    assertTrue(error.getMessage().contains(file.toString()), error.getMessage());
  }

  @Test
  void aFolderThatIsMissingIsAnError() {
    FileCheckpoint lost = new FileCheckpoint(folder.resolve("missing/checkpoint"));
    assertThrows(NoSuchFileException.class, () -> lost.save(POSITION));
  }
}
