package io.callwire;

/**
 * Handles deliveries, one at a time and in stream order.
 *
 * @param <X> what it may throw; {@link RuntimeException} when nothing is declared
 */
@FunctionalInterface
public interface DeliveryHandler<X extends Exception> {
  /**
   * Handles one delivery. Returning means that it is handled.
   *
   * @param delivery the delivery
   * @throws X to end the subscription; the delivery is then not handled and comes again after a resume
   */
  void handle(Delivery delivery) throws X;
}
