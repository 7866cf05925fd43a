package io.callwire;

/** What a subscription hands to its consumer, in stream order. New kinds may be added. */
public sealed interface Delivery
    permits EventDelivery, GapDelivery, SnapshotDelivery, FilterChangedDelivery, GoingAwayDelivery {}
