package io.callwire;

import static io.callwire.testing.Responses.cursor;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.callwire.v1.Event;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DeliveryBufferTest {
  private final DeliveryBuffer buffer = new DeliveryBuffer(2);
  private final AtomicInteger asked = new AtomicInteger();

  private static Item event(long offset) {
    return Item.of(new EventDelivery(Event.getDefaultInstance(), cursor(offset), List.of()), cursor(offset));
  }

  private static Item progress() {
    return Item.of(new StreamStatus.Progress(cursor(9), 0, Instant.EPOCH));
  }

  @Test
  void onceFullItAsksForMoreWhenThereIsRoomAgain() throws InterruptedException {
    buffer.onRoom(asked::incrementAndGet);
    buffer.add(List.of(event(1)));
    assertTrue(buffer.hasRoom());
    buffer.add(List.of(event(2), event(3)));
    assertFalse(buffer.hasRoom());
    buffer.take();
    assertEquals(0, asked.get());
    buffer.take();
    assertEquals(1, asked.get());
    buffer.take();
    assertEquals(1, asked.get());
  }

  @Test
  void aStreamWhereNothingMatchesTakesNoRoom() throws InterruptedException {
    for (int i = 1; i <= 1_000; i++) {
      buffer.add(List.of(Item.position(cursor(i), null)));
      buffer.add(List.of(progress()));
    }
    assertTrue(buffer.hasRoom());
    Item sum = buffer.take();
    assertEquals(cursor(1_000), sum.cursor());
    assertEquals(progress().status(), sum.status());
    buffer.end(DeliveryBuffer.End.well(Ending.COMPLETED));
    assertNull(buffer.take());
  }

  @Test
  void aPositionIsNotTakenForThatOfAnEventBeforeIt() throws InterruptedException {
    buffer.add(List.of(event(1), Item.position(cursor(5), null)));
    assertEquals(cursor(1), buffer.take().cursor());
    assertEquals(cursor(5), buffer.take().cursor());
  }

  @Test
  void anEndComesAfterWhatWaits() throws InterruptedException {
    buffer.add(List.of(event(1)));
    buffer.end(DeliveryBuffer.End.well(Ending.COMPLETED));
    buffer.add(List.of(event(2)));
    assertFalse(buffer.hasRoom());
    assertNull(buffer.ending());
    assertEquals(cursor(1), buffer.take().cursor());
    assertNull(buffer.take());
    assertEquals(Ending.COMPLETED, buffer.ending().ending());
  }

  @Test
  void anEndAtOnceDropsWhatWaitsAndAnEndBehindIt() throws InterruptedException {
    buffer.add(List.of(event(1)));
    buffer.end(DeliveryBuffer.End.well(Ending.COMPLETED));
    buffer.endNow(DeliveryBuffer.End.well(Ending.CLOSED));
    assertNull(buffer.take());
    assertEquals(Ending.CLOSED, buffer.ending().ending());
  }

  @Test
  void theFirstEndCounts() throws InterruptedException {
    IllegalStateException failure = new IllegalStateException();
    buffer.end(DeliveryBuffer.End.failed(failure));
    buffer.endNow(DeliveryBuffer.End.well(Ending.CLOSED));
    assertNull(buffer.take());
    assertSame(failure, buffer.ending().error());
  }
}
