//! Ending a subscription from outside.
use std::future::Future;
use std::sync::Arc;

use tokio::sync::watch;

use crate::CheckpointState;
use crate::saver::Saver;

/// How a subscription ended when nothing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The bounded stream was delivered whole.
    Completed,
    /// It was closed.
    Closed,
    /// It was cancelled.
    Cancelled,
}

/// Where a subscription is in its life. Only ever moves forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(crate) enum Phase {
    Running,
    Closing,
    Cancelling,
    Ended,
}

pub(crate) struct Control(watch::Sender<Phase>);

impl Control {
    pub fn new() -> Self {
        Self(watch::Sender::new(Phase::Running))
    }

    pub fn advance(&self, to: Phase) {
        self.0.send_if_modified(|phase| {
            let forward = to > *phase;
            if forward {
                *phase = to;
            }
            forward
        });
    }

    /// How the subscription is to end, when it is.
    pub fn requested(&self) -> Option<End> {
        match *self.0.borrow() {
            Phase::Running => None,
            Phase::Closing => Some(End::Closed),
            Phase::Cancelling | Phase::Ended => Some(End::Cancelled),
        }
    }

    /// Returns once the subscription is in this phase or a later one.
    pub async fn reached(&self, phase: Phase) {
        let mut phases = self.0.subscribe();
        // The sender lives as long as `self`, so this waits for nothing but the phase.
        let _ = phases.wait_for(|current| *current >= phase).await;
    }
}

/// Ends a subscription from another task, and tells how far it has come. Cheap to clone.
#[derive(Clone)]
pub struct SubscriptionHandle {
    pub(crate) control: Arc<Control>,
    pub(crate) saver: Arc<Saver>,
}

impl SubscriptionHandle {
    /// Stops reading, waits until the current delivery is handled, saves the checkpoint and closes the connection. Of a
    /// subscription that is consumed as a stream the current delivery is handled when the next is asked for.
    ///
    /// Takes effect at once; the future only waits for the end.
    pub fn close(&self) -> impl Future<Output = ()> + Send + 'static {
        self.control.advance(Phase::Closing);
        let handle = self.clone();
        async move { handle.ended().await }
    }

    /// Ends at once; what was handled is saved. A handler that is under way is dropped, and its delivery is not handled.
    pub fn cancel(&self) {
        self.control.advance(Phase::Cancelling);
    }

    /// Returns once the subscription has ended and its checkpoint is saved.
    pub async fn ended(&self) {
        self.control.reached(Phase::Ended).await;
    }

    /// What was handled last, be it saved or not; `None` before anything was.
    pub fn handled(&self) -> Option<CheckpointState> {
        self.saver.handled()
    }
}
