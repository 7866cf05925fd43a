package io.callwire;

import static io.callwire.testing.Responses.at;
import static io.callwire.testing.Responses.cursor;
import static io.callwire.testing.Responses.events;
import static io.callwire.testing.Responses.gap;
import static io.callwire.testing.Responses.goingAway;
import static io.callwire.testing.Responses.progress;
import static io.callwire.testing.Responses.sessions;
import static io.callwire.testing.Responses.snapshotBegin;
import static io.callwire.testing.Responses.snapshotEnd;
import static io.callwire.testing.Responses.withDigest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.callwire.v1.CaughtUp;
import io.callwire.v1.Event;
import io.callwire.v1.FilterMatch;
import io.callwire.v1.Session;
import io.callwire.v1.StartPosition;
import io.callwire.v1.SubscribeRequest;
import io.callwire.v1.SubscribeResponse;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The resuming machine: what is delivered, and what the next stream is asked for. */
class ResponseReaderTest {
  private static final String DIGEST = "1111111111111111";
  private static final String OTHER_DIGEST = "2222222222222222";
  private static final SubscribeRequest EARLIEST =
      SubscribeRequest.newBuilder().setStart(StartPosition.START_POSITION_EARLIEST).build();
  private static final SubscribeRequest WITH_SNAPSHOT = EARLIEST.toBuilder().setIncludeSnapshot(true).build();

  private ResponseReader reader = new ResponseReader(EARLIEST, "");

  private List<Item> read(SubscribeResponse response) {
    return reader.read(response).items();
  }

  private static List<Delivery> deliveries(List<Item> items) {
    return items.stream().map(Item::delivery).filter(Objects::nonNull).toList();
  }

  private static EventDelivery event(long offset) {
    return new EventDelivery(Event.newBuilder().setOffset(offset).build(), cursor(offset), List.of());
  }

  @Test
  void theFirstStreamIsAskedAsTheUserSaid() {
    assertEquals(EARLIEST, reader.beginStream());
  }

  @Test
  void theNextStreamIsAskedForWhatFollowsTheLastResponse() {
    reader.beginStream();
    read(events(1, 2));
    read(at(9));
    assertEquals(cursor(9), reader.beginStream().getAfterCursor());
  }

  @Test
  void anEventHasTheCursorRightAfterIt() {
    reader.beginStream();
    SubscribeResponse moved = events(3, 5).toBuilder().setCursor(cursor(8)).build();
    List<Item> items = read(moved);
    assertEquals(List.of(event(3), event(5)), deliveries(items));
    assertEquals(List.of(cursor(3), cursor(8)), items.stream().map(Item::cursor).toList());
  }

  @Test
  void offsetsAreUnsigned() {
    reader.beginStream();
    assertEquals(List.of(event(Long.MAX_VALUE)), deliveries(read(events(Long.MAX_VALUE))));
    assertEquals(List.of(event(-1)), deliveries(read(events(-1))));
    assertEquals("0a1b2c3d-18446744073709551615", cursor(-1));
  }

  @Test
  void anEventThatComesAgainIsNotDeliveredAgain() {
    reader.beginStream();
    read(events(1, 2));
    reader.beginStream();
    assertEquals(List.of(event(3)), deliveries(read(events(2, 3))));
  }

  @Test
  void anEventAtOrBeforeTheStartingCursorIsNotDelivered() {
    reader = new ResponseReader(SubscribeRequest.newBuilder().setAfterCursor(cursor(7)).build(), "");
    reader.beginStream();
    assertEquals(List.of(event(8)), deliveries(read(events(7, 8))));
  }

  @Test
  void severalFiltersTellWhichOnesMatched() {
    reader.beginStream();
    SubscribeResponse response =
        events(1, 2).toBuilder()
            .addMatches(FilterMatch.newBuilder().addFilters("a"))
            .addMatches(FilterMatch.newBuilder().addFilters("a").addFilters("b"))
            .build();
    List<List<String>> matches =
        deliveries(read(response)).stream().map(delivery -> ((EventDelivery) delivery).matches()).toList();
    assertEquals(List.of(List.of("a"), List.of("a", "b")), matches);
  }

  @Test
  void otherFiltersThanThoseOfTheSavedPositionAreSaid() {
    reader = new ResponseReader(EARLIEST, DIGEST);
    reader.beginStream();
    List<Item> items = read(withDigest(events(1), OTHER_DIGEST));
    assertEquals(List.of(new FilterChangedDelivery(DIGEST, OTHER_DIGEST), event(1)), deliveries(items));
    assertEquals(OTHER_DIGEST, items.get(0).digest());
    reader.beginStream();
    assertEquals(List.of(event(2)), deliveries(read(withDigest(events(2), OTHER_DIGEST))));
  }

  @Test
  void theFirstFiltersSeenAreNoChange() {
    reader.beginStream();
    List<Item> items = read(withDigest(at(1), DIGEST));
    assertEquals(List.of(), deliveries(items));
    assertEquals(DIGEST, items.get(0).digest());
  }

  @Test
  void aGapComesBeforeItsEventsAndMovesThePositionToItsEnd() {
    reader.beginStream();
    List<Item> items = read(events(21).toBuilder().setGap(gap(3, 20).getGap()).build());
    assertEquals(List.of(new GapDelivery(cursor(3), cursor(20)), event(21)), deliveries(items));
    assertEquals(cursor(20), items.get(0).cursor());
  }

  @Test
  void aSnapshotIsOneDeliveryAndIsNotAskedForAgain() {
    reader = new ResponseReader(WITH_SNAPSHOT, "");
    assertTrue(reader.beginStream().getIncludeSnapshot());
    assertEquals(List.of(), deliveries(read(snapshotBegin())));
    assertEquals(List.of(), deliveries(read(sessions("a", "b"))));
    List<Session> both = sessions("a", "b").getSessionsList();
    assertEquals(List.of(new SnapshotDelivery(both, cursor(4))), deliveries(read(snapshotEnd(4))));
    assertFalse(reader.beginStream().getIncludeSnapshot());
  }

  @Test
  void aSnapshotThatWasCutShortComesWholeFromTheNextStream() {
    reader = new ResponseReader(WITH_SNAPSHOT, "");
    reader.beginStream();
    read(at(4));
    read(snapshotBegin());
    read(sessions("a", "b"));
    SubscribeRequest next = reader.beginStream();
    assertTrue(next.getIncludeSnapshot());
    assertEquals(cursor(4), next.getAfterCursor());
    read(snapshotBegin());
    read(sessions("c"));
    List<Session> whole = sessions("c").getSessionsList();
    assertEquals(List.of(new SnapshotDelivery(whole, cursor(5))), deliveries(read(snapshotEnd(5))));
  }

  @Test
  void aGapAfterTheSnapshotNeedsAnotherSnapshot() {
    reader = new ResponseReader(WITH_SNAPSHOT, "");
    reader.beginStream();
    read(snapshotBegin());
    read(snapshotEnd(4));
    reader.beginStream();
    assertTrue(reader.read(gap(4, 20)).needsReopening());
    SubscribeRequest next = reader.beginStream();
    assertTrue(next.getIncludeSnapshot());
    assertEquals(cursor(20), next.getAfterCursor());
    assertFalse(reader.read(gap(20, 30)).needsReopening());
  }

  @Test
  void withoutASnapshotAskedForAGapNeedsNone() {
    reader.beginStream();
    assertFalse(reader.read(gap(1, 20)).needsReopening());
    assertFalse(reader.beginStream().getIncludeSnapshot());
  }

  @Test
  void noticesKeepTheirPlace() {
    reader.beginStream();
    SubscribeResponse response = events(1).toBuilder().setCaughtUp(CaughtUp.getDefaultInstance()).build();
    List<Item> items = read(response);
    assertEquals(List.of(event(1)), deliveries(items));
    assertEquals(new StreamStatus.CaughtUp(), items.get(1).status());
    Duration wait = Duration.ofMillis(1_500);
    assertEquals(List.of(new GoingAwayDelivery(wait)), deliveries(read(goingAway(1, wait))));
    assertEquals(wait, ResponseReader.retryAfter(goingAway(1, wait)));
  }

  @Test
  void aNoticeThatIsNotKnownIsPassedOver() {
    reader.beginStream();
    assertEquals(List.of(), deliveries(read(at(2))));
  }

  @Test
  void onlyWhatBringsTheSubscriptionFurtherIsProgress() {
    reader.beginStream();
    assertFalse(reader.read(at(5)).isProgress(), "the position that a stream begins with");
    assertFalse(reader.read(at(5)).isProgress(), "the same position again");
    assertTrue(reader.read(at(6)).isProgress(), "a later position");
    assertTrue(reader.read(events(7)).isProgress(), "an event");
    assertTrue(reader.read(progress(7)).isProgress(), "a sign of life");
    reader.beginStream();
    assertFalse(reader.read(progress(7)).isProgress(), "a sign of life with which a stream begins");
  }
}
