package io.callwire;

import io.callwire.v1.Event;
import java.util.List;

/**
 * An event.
 *
 * @param event the event as the gateway sent it
 * @param cursor the position right after this event, {@code <epoch>-<offset>}
 * @param matches names of the filters that matched, sorted; empty unless the subscription has more than one filter
 */
public record EventDelivery(Event event, String cursor, List<String> matches) implements Delivery {
  /**
   * Takes a copy of the names.
   *
   * @param event the event
   * @param cursor the position right after it
   * @param matches names of the filters that matched
   */
  public EventDelivery {
    matches = List.copyOf(matches);
  }
}
