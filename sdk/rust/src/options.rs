//! What a subscription asks for, and how it behaves.
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::v1::subscribe_request::{End, Position};
use crate::v1::{self, EventView, ExpiredCursorPolicy, Filter, Scope, StartPosition};
use crate::{Checkpoint, RetryPolicy, SavePolicy, SubscriptionStatus};

const DEFAULT_BUFFER: usize = 1_000;
const DEFAULT_PROGRESS_INTERVAL: Duration = Duration::from_secs(5);
/// The gateway's default of `max_batch_events`.
const DEFAULT_BATCH: usize = 1_000;

pub(crate) type StatusListener = Arc<dyn Fn(SubscriptionStatus) + Send + Sync>;

/// Options of [`crate::Client::subscribe`]. By default: every event from now on, in the BASIC view, without a checkpoint.
#[derive(Clone)]
#[must_use = "options do nothing until they are given to `subscribe`"]
pub struct SubscribeOptions {
    pub(crate) request: v1::SubscribeRequest,
    pub(crate) checkpoint: Option<Arc<dyn Checkpoint>>,
    pub(crate) save_policy: SavePolicy,
    pub(crate) retry: RetryPolicy,
    pub(crate) buffer: usize,
    pub(crate) on_status: Option<StatusListener>,
}

impl Default for SubscribeOptions {
    fn default() -> Self {
        v1::SubscribeRequest::default().into()
    }
}

impl From<v1::SubscribeRequest> for SubscribeOptions {
    /// Asks for what the request says.
    fn from(request: v1::SubscribeRequest) -> Self {
        Self {
            request,
            checkpoint: None,
            save_policy: SavePolicy::default(),
            retry: RetryPolicy::default(),
            buffer: DEFAULT_BUFFER,
            on_status: None,
        }
    }
}

impl SubscribeOptions {
    /// The default options.
    pub fn new() -> Self {
        Self::default()
    }

    /// The tenant. Needed only when several are configured and the caller may read more than one.
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.request.tenant = tenant.into();
        self
    }

    /// Adds a filter. An event is delivered when any filter matches; without a filter every event is. The name has 1 to
    /// 128 bytes.
    pub fn filter(mut self, name: impl Into<String>, filter: Filter) -> Self {
        self.request.filters.insert(name.into(), filter);
        self
    }

    /// Starts right after this cursor.
    pub fn after_cursor(self, cursor: impl Into<String>) -> Self {
        self.position(Position::AfterCursor(cursor.into()))
    }

    /// Starts with the first event that the gateway received at or after this time.
    pub fn start_time(self, time: SystemTime) -> Self {
        self.position(Position::StartTime(time.into()))
    }

    /// Starts with the oldest event kept.
    pub fn earliest(self) -> Self {
        self.position(Position::Start(StartPosition::Earliest.into()))
    }

    /// Starts with the next event, which is the default.
    pub fn latest(self) -> Self {
        self.position(Position::Start(StartPosition::Latest.into()))
    }

    fn position(mut self, position: Position) -> Self {
        self.request.position = Some(position);
        self
    }

    /// Ends after this cursor, inclusive.
    pub fn end_cursor(mut self, cursor: impl Into<String>) -> Self {
        self.request.end = Some(End::EndCursor(cursor.into()));
        self
    }

    /// Ends before the first event that the gateway received at or after this time, which may be in the future.
    pub fn end_time(mut self, time: SystemTime) -> Self {
        self.request.end = Some(End::EndTime(time.into()));
        self
    }

    /// Whether an event or a call is what matches.
    pub fn scope(mut self, scope: Scope) -> Self {
        self.request.set_scope(scope);
        self
    }

    /// How much of each event to send.
    pub fn view(mut self, view: EventView) -> Self {
        self.request.set_view(view);
        self
    }

    /// Delivers the open sessions that match before the first event and after each gap.
    pub fn include_snapshot(mut self) -> Self {
        self.request.include_snapshot = true;
        self
    }

    /// What to do when the position is older than what is kept.
    pub fn on_expired(mut self, policy: ExpiredCursorPolicy) -> Self {
        self.request.set_on_expired(policy);
        self
    }

    /// How often the gateway gives a sign of life, 1 s to 5 min. Default 5 s. A stream that is silent for three times as
    /// long is dead and opened again.
    pub fn progress_interval(mut self, interval: Duration) -> Self {
        self.request.progress_interval = Some(wire(interval));
        self
    }

    /// Most events a response, 1 to 10,000. Never more than [`buffer`](Self::buffer). Default: half of the buffer, at
    /// most 1,000.
    pub fn max_batch_events(mut self, events: u32) -> Self {
        self.request.max_batch_events = i32::try_from(events).unwrap_or(i32::MAX);
        self
    }

    /// How long an event may wait at the gateway for others to share its response, 0 to 10 s. Default 0.
    pub fn max_linger(mut self, linger: Duration) -> Self {
        self.request.max_linger = Some(wire(linger));
        self
    }

    /// Remembers the position. What it holds takes the place of the start position.
    pub fn checkpoint(mut self, checkpoint: impl Checkpoint) -> Self {
        self.checkpoint = Some(Arc::new(checkpoint));
        self
    }

    /// How often to save the checkpoint.
    pub fn save_policy(mut self, policy: SavePolicy) -> Self {
        self.save_policy = policy;
        self
    }

    /// How failures that can pass are retried.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Most events that wait undelivered, at least 1; default 1,000. While it is full nothing is read, and the gateway
    /// goes on from its journal once there is room.
    pub fn buffer(mut self, events: usize) -> Self {
        self.buffer = events.max(1);
        self
    }

    /// Is told how the subscription is doing, on its reading task: to be quick, and not to block.
    pub fn on_status(
        mut self,
        listener: impl Fn(SubscriptionStatus) + Send + Sync + 'static,
    ) -> Self {
        self.on_status = Some(Arc::new(listener));
        self
    }

    /// Events that one response may have, so that the buffer holds what was read and has room for the next.
    pub(crate) fn batch(&self) -> usize {
        match usize::try_from(self.request.max_batch_events) {
            Ok(0) | Err(_) => (self.buffer / 2).clamp(1, DEFAULT_BATCH),
            Ok(asked) => asked.min(self.buffer),
        }
    }

    pub(crate) fn progress_interval_or_default(&self) -> Duration {
        let asked = self
            .request
            .progress_interval
            .and_then(|interval| interval.try_into().ok());
        asked.unwrap_or(DEFAULT_PROGRESS_INTERVAL)
    }
}

impl fmt::Debug for SubscribeOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SubscribeOptions")
            .field("request", &self.request)
            .field("save_policy", &self.save_policy)
            .field("retry", &self.retry)
            .field("buffer", &self.buffer)
            .finish_non_exhaustive()
    }
}

/// A duration too long for the wire is one that the gateway refuses with a message.
fn wire(duration: Duration) -> prost_types::Duration {
    duration.try_into().unwrap_or(prost_types::Duration {
        seconds: i64::MAX,
        nanos: 0,
    })
}
