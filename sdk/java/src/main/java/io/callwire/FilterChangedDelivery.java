package io.callwire;

/**
 * The filters in force are not those with which the position was saved: what they newly cover before it has not been
 * delivered.
 *
 * @param previousDigest digest of the filters until now, 16 hex digits
 * @param digest digest of the filters in force, 16 hex digits
 */
public record FilterChangedDelivery(String previousDigest, String digest) implements Delivery {}
