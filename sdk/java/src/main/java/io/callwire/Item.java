package io.callwire;

/**
 * One thing on its way to the consumer, and what is true once it is handled. Every field may be null: without delivery
 * and status it only moves the position.
 *
 * @param cursor everything up to here is then handled
 * @param digest the filters in force then
 */
record Item(Delivery delivery, StreamStatus status, String cursor, String digest) {
  static Item of(Delivery delivery, String cursor) {
    return new Item(delivery, null, cursor, null);
  }

  static Item of(StreamStatus status) {
    return new Item(null, status, null, null);
  }

  static Item position(String cursor, String digest) {
    return new Item(null, null, cursor, digest);
  }

  Item movingTo(String later) {
    return new Item(delivery, status, later, digest);
  }

  /** Whether the two, this one first, say no more than the later one alone with what it leaves open. */
  boolean absorbs(Item later) {
    return onlyTellsPosition() && later.onlyTellsPosition();
  }

  private boolean onlyTellsPosition() {
    return delivery == null && (status == null || status instanceof StreamStatus.Progress);
  }

  /** This one and a later one as one. */
  Item followedBy(Item later) {
    return new Item(
        null,
        later.status != null ? later.status : status,
        later.cursor != null ? later.cursor : cursor,
        later.digest != null ? later.digest : digest);
  }
}
