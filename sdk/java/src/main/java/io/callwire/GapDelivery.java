package io.callwire;

/**
 * Events were lost to retention before they could be delivered. Comes only with
 * {@link io.callwire.v1.ExpiredCursorPolicy#EXPIRED_CURSOR_POLICY_SKIP_WITH_GAP}.
 *
 * @param fromCursor the position before the first event lost
 * @param toCursor the position of the last event lost: what follows comes after it
 */
public record GapDelivery(String fromCursor, String toCursor) implements Delivery {}
