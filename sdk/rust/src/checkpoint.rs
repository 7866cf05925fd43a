//! Where a subscription remembers how far it has come.
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::BoxError;

/// A position that was handled, and the filters that were in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckpointState {
    /// Everything up to here was handled.
    pub cursor: String,
    /// Identifies the filters in force: what a resumed stream compares its own with. Empty when unknown.
    pub filter_digest: String,
}

/// Keeps the position of one subscription beyond its life.
#[crate::async_trait]
pub trait Checkpoint: Send + Sync + 'static {
    /// What was saved last, or `None` when nothing was. Called once, before the stream is opened. A failure ends the
    /// subscription.
    async fn load(&self) -> Result<Option<CheckpointState>, BoxError>;

    /// Saves; returns once the state would survive. Never called twice at a time. A failure ends the subscription.
    async fn save(&self, state: &CheckpointState) -> Result<(), BoxError>;
}

/// A checkpoint that lives as long as the process.
#[derive(Debug, Default)]
pub struct MemoryCheckpoint(Mutex<Option<CheckpointState>>);

impl MemoryCheckpoint {
    /// An empty checkpoint.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was saved last.
    pub fn state(&self) -> Option<CheckpointState> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[crate::async_trait]
impl Checkpoint for MemoryCheckpoint {
    async fn load(&self) -> Result<Option<CheckpointState>, BoxError> {
        Ok(self.state())
    }

    async fn save(&self, state: &CheckpointState) -> Result<(), BoxError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(state.clone());
        Ok(())
    }
}

#[crate::async_trait]
impl<C: Checkpoint> Checkpoint for std::sync::Arc<C> {
    async fn load(&self) -> Result<Option<CheckpointState>, BoxError> {
        self.as_ref().load().await
    }

    async fn save(&self, state: &CheckpointState) -> Result<(), BoxError> {
        self.as_ref().save(state).await
    }
}

/// How often a checkpoint is saved: after so many events or so long, whichever comes first, and at the end. After a
/// crash at most what was handled since the last save is delivered again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SavePolicy {
    /// After this many events; the next delivery waits for the save. At least 1; default 100.
    pub every_events: u32,
    /// This long after something was handled. Default 1 s.
    pub every: Duration,
}

impl Default for SavePolicy {
    fn default() -> Self {
        Self {
            every_events: 100,
            every: Duration::from_secs(1),
        }
    }
}

impl SavePolicy {
    /// The default policy.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets after how many events to save. 0 counts as 1.
    pub fn every_events(mut self, events: u32) -> Self {
        self.every_events = events.max(1);
        self
    }

    /// Sets after how long to save.
    pub fn every(mut self, time: Duration) -> Self {
        self.every = time;
        self
    }
}
