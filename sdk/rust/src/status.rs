//! How a subscription is doing.
use std::time::Duration;

use crate::Error;

/// What a subscription tells `on_status`: information about the connection, told as soon as it is known and so ahead of
/// deliveries that wait in the buffer. New kinds may be added: match with a wildcard arm.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SubscriptionStatus {
    /// A stream is open and its first response has come.
    Connected,
    /// The stream was cut or could not be opened; the next attempt begins after `delay`.
    Reconnecting {
        /// The number of this attempt since something useful was last received, from 1.
        attempt: u32,
        /// The pause before the attempt.
        delay: Duration,
        /// Why the stream ended.
        cause: Error,
    },
    /// The stream has reached the head of the journal; what is received from now on is live.
    CaughtUp,
    /// The stream was read too slowly to stay live and is now fed from the journal. No event is lost.
    FellBehind {
        /// Bytes that waited for the consumer when the gateway's bound was met.
        queued_bytes: u64,
    },
    /// How far the stream is; a sign of life.
    Progress {
        /// The newest cursor of the journal.
        head_cursor: String,
        /// How many events, matching or not, lie between the stream and the head. An upper bound.
        events_behind: u64,
    },
}
