package io.callwire;

import java.time.Duration;

/**
 * The gateway is about to end the stream. Information: the subscription reconnects by itself.
 *
 * @param retryAfter how long the gateway asks to wait before reconnecting
 */
public record GoingAwayDelivery(Duration retryAfter) implements Delivery {}
