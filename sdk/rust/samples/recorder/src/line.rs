//! One line of the output.
use std::time::SystemTime;

use prost_types::Timestamp;
use serde::{Serialize, Serializer};

/// A finished call. Times are the gateway's.
#[derive(Debug, PartialEq, Serialize)]
pub struct Line {
    pub call_id: String,
    pub source: String,
    /// `incoming`, `outgoing`, or empty when the source did not say.
    pub direction: &'static str,
    /// Names of the last queue, root first.
    pub queue: Vec<String>,
    /// Ids of the agents, in the order in which they joined.
    pub agents: Vec<String>,
    /// Null for a call that nobody answered.
    pub started: Option<Instant>,
    pub ended: Instant,
    /// What was recorded.
    pub segments: Vec<Period>,
    /// What was left out.
    pub paused: Vec<Period>,
    /// False when events of the call may be missing, and when its end was never reported.
    pub complete: bool,
}

#[derive(Debug, PartialEq, Serialize)]
pub struct Period {
    pub from: Instant,
    pub to: Instant,
}

/// Written as RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instant(pub SystemTime);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Timestamp::from(self.0))
    }
}

impl From<(SystemTime, SystemTime)> for Period {
    fn from((from, to): (SystemTime, SystemTime)) -> Self {
        Self {
            from: Instant(from),
            to: Instant(to),
        }
    }
}
