//! What a subscription delivers, in the order of the stream.
use std::time::Duration;

use crate::v1;

/// One thing that a subscription delivers. New kinds may be added: match with a wildcard arm.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Delivery {
    /// An event that matched.
    Event(Box<EventDelivery>),
    /// Events were lost to retention. Only with `ExpiredCursorPolicy::SkipWithGap`.
    Gap(GapDelivery),
    /// The open sessions that match. Only when a snapshot was asked for.
    Snapshot(SnapshotDelivery),
    /// Other filters are in force than when the cursor was saved.
    FilterChanged(FilterChangedDelivery),
    /// The gateway is about to end the stream. For information: the subscription reconnects by itself.
    GoingAway(GoingAwayDelivery),
}

/// An event and its place in the stream.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EventDelivery {
    /// The event.
    pub event: v1::Event,
    /// The event's own cursor: a stream that starts after it begins with the next event.
    pub cursor: String,
    /// The names of the filters that matched, sorted. Empty unless more than one filter was given.
    pub matches: Vec<String>,
}

/// Events between two cursors can no longer be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GapDelivery {
    /// The position before the first event lost.
    pub from_cursor: String,
    /// The position of the last event lost.
    pub to_cursor: String,
}

/// The open sessions that match, whole. They replace what the consumer knew.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SnapshotDelivery {
    /// The sessions.
    pub sessions: Vec<v1::Session>,
    /// The position as of which they were taken.
    pub cursor: String,
}

/// The filters in force have changed. What they newly cover before the resume position was not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilterChangedDelivery {
    /// The digest that came with the saved cursor.
    pub previous_digest: String,
    /// The digest of the filters now in force.
    pub digest: String,
}

/// The gateway is about to end the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GoingAwayDelivery {
    /// How long the subscription waits, at least, before it reconnects.
    pub retry_after: Duration,
}
