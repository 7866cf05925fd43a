package io.callwire;

import static io.callwire.testing.Responses.cursor;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.callwire.v1.Event;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When the checkpoint is saved. */
class HandledPositionTest {
  private static final Duration NEVER = Duration.ofDays(1);

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final BlockingQueue<Exception> failures = new LinkedBlockingQueue<>();

  /** Keeps every save. */
  private static final class Saves implements Checkpoint {
    private final BlockingQueue<SavedPosition> queue = new LinkedBlockingQueue<>();

    @Override
    public Optional<SavedPosition> load() {
      return Optional.empty();
    }

    @Override
    public void save(SavedPosition position) {
      queue.add(position);
    }

    private List<String> cursors() {
      List<SavedPosition> saved = new ArrayList<>();
      queue.drainTo(saved);
      return saved.stream().map(SavedPosition::cursor).toList();
    }
  }

  private final Saves saves = new Saves();

  @AfterEach
  void stopTimer() {
    timer.shutdownNow();
  }

  private HandledPosition position(int events, Duration interval) {
    return new HandledPosition(saves, new SavePolicy(events, interval), "", timer, failures::add);
  }

  private static Item event(long offset) {
    return Item.of(new EventDelivery(Event.getDefaultInstance(), cursor(offset), List.of()), cursor(offset));
  }

  @Test
  void itIsSavedOnceSoManyEventsAreHandled() throws IOException {
    HandledPosition position = position(3, NEVER);
    for (long offset = 1; offset <= 7; offset++) {
      position.handled(event(offset));
    }
    assertEquals(List.of(cursor(3), cursor(6)), saves.cursors());
    position.save();
    position.save();
    assertEquals(List.of(cursor(7)), saves.cursors());
  }

  @Test
  void aPositionWithoutEventsCountsAsNoEvent() throws IOException {
    HandledPosition position = position(1, NEVER);
    position.handled(Item.position(cursor(5), "1111111111111111"));
    assertEquals(List.of(), saves.cursors());
    position.save();
    assertEquals(new SavedPosition(cursor(5), "1111111111111111"), saves.queue.poll());
  }

  @Test
  void itIsSavedWhenItsTimeHasCome() throws Exception {
    HandledPosition position = position(100, Duration.ofMillis(1));
    position.handled(event(1));
    assertEquals(cursor(1), saves.queue.take().cursor());
    position.handled(event(2));
    assertEquals(cursor(2), saves.queue.take().cursor());
  }

  @Test
  void onceTheEndHasBegunEachMoveIsSaved() throws IOException {
    HandledPosition position = position(100, NEVER);
    timer.shutdown();
    position.beginEnding();
    position.handled(event(1));
    assertEquals(List.of(cursor(1)), saves.cursors());
  }

  @Test
  void beforeThereIsACursorNothingIsSaved() throws IOException {
    HandledPosition position = position(1, NEVER);
    position.handled(Item.position(null, "1111111111111111"));
    position.save();
    assertNull(saves.queue.poll());
    assertEquals("", position.cursor());
  }

  @Test
  void aSaveInTheBackgroundThatFailsIsTold() throws Exception {
    IOException full = new IOException("the disk is full");
    Checkpoint failing =
        new Checkpoint() {
          @Override
          public Optional<SavedPosition> load() {
            return Optional.empty();
          }

          @Override
          public void save(SavedPosition position) throws IOException {
            throw full;
          }
        };
    HandledPosition position =
        new HandledPosition(failing, new SavePolicy(100, Duration.ofMillis(1)), "", timer, failures::add);
    position.handled(event(1));
    assertSame(full, failures.take());
  }
}
