//! Decides when what was handled is saved, and keeps one save at a time.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tonic::Code;

use crate::inbox::{Mark, Place};
use crate::{Checkpoint, CheckpointState, Error, SavePolicy};

pub(crate) struct Saver {
    checkpoint: Option<Arc<dyn Checkpoint>>,
    policy: SavePolicy,
    runtime: Handle,
    progress: Mutex<Progress>,
    noted: Notify,
    writing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Progress {
    handled: Option<Handled>,
    saved: Option<CheckpointState>,
    unsaved_events: u32,
    has_failed: bool,
}

/// A state as it is noted for every single event.
struct Handled {
    place: Place,
    filter_digest: Arc<str>,
}

impl Handled {
    fn state(&self) -> CheckpointState {
        CheckpointState {
            cursor: self.place.cursor(),
            filter_digest: self.filter_digest.as_ref().to_owned(),
        }
    }
}

impl Saver {
    pub fn new(
        checkpoint: Option<Arc<dyn Checkpoint>>,
        policy: SavePolicy,
        runtime: Handle,
    ) -> Self {
        Self {
            checkpoint,
            policy,
            runtime,
            progress: Mutex::default(),
            noted: Notify::new(),
            writing: tokio::sync::Mutex::default(),
        }
    }

    pub fn has_checkpoint(&self) -> bool {
        self.checkpoint.is_some()
    }

    /// What the checkpoint holds.
    pub async fn load(&self) -> Result<Option<CheckpointState>, Error> {
        let Some(checkpoint) = &self.checkpoint else {
            return Ok(None);
        };
        let state = checkpoint.load().await.map_err(|cause| {
            Error::caused(Code::DataLoss, "the checkpoint cannot be loaded", cause)
        })?;
        let mut progress = self.progress();
        progress.handled = state.as_ref().map(|state| Handled {
            place: Place::Cursor(state.cursor.clone()),
            filter_digest: Arc::from(state.filter_digest.as_str()),
        });
        progress.saved.clone_from(&state);
        Ok(state)
    }

    /// The cursor handled last, be it saved or not.
    pub fn handled(&self) -> Option<CheckpointState> {
        self.progress().handled.as_ref().map(Handled::state)
    }

    /// Notes what has been handled. True when a save is due: to be waited for before going on.
    pub fn note(&self, mark: Mark, events: u32) -> bool {
        let mut progress = self.progress();
        let before = progress.handled.take().map(|handled| handled.place);
        let Some(place) = mark.place.or(before) else {
            return false;
        };
        progress.handled = Some(Handled {
            place,
            filter_digest: mark.filter_digest,
        });
        if self.checkpoint.is_none() {
            return false;
        }
        progress.unsaved_events += events;
        drop(progress);
        self.noted.notify_one();
        self.is_due()
    }

    /// Whether enough events are unsaved.
    pub fn is_due(&self) -> bool {
        self.checkpoint.is_some() && self.progress().unsaved_events >= self.policy.every_events
    }

    /// Saves what is not saved yet. After a failure nothing more is saved. A save that was begun is finished even when
    /// nobody waits for it any more.
    pub async fn flush(self: &Arc<Self>) -> Result<(), Error> {
        if self.unsaved().is_none() {
            return Ok(());
        }
        let saver = self.clone();
        let saving = self.runtime.spawn(async move { saver.save().await });
        saving.await.unwrap_or_else(|cause| {
            let message = "the checkpoint's save did not return";
            Err(Error::caused(Code::DataLoss, message, cause.into()))
        })
    }

    /// Saves as long after something was handled as the policy says; returns when a save fails.
    pub async fn save_by_time(self: Arc<Self>) -> Error {
        loop {
            self.noted.notified().await;
            tokio::time::sleep(self.policy.every).await;
            if let Err(error) = self.flush().await {
                return error;
            }
        }
    }

    async fn save(&self) -> Result<(), Error> {
        let _one_at_a_time = self.writing.lock().await;
        let (Some(checkpoint), Some(state)) = (&self.checkpoint, self.unsaved()) else {
            return Ok(());
        };
        self.progress().unsaved_events = 0;
        let result = checkpoint.save(&state).await;
        let mut progress = self.progress();
        match result {
            Ok(()) => {
                progress.saved = Some(state);
                Ok(())
            }
            Err(cause) => {
                progress.has_failed = true;
                Err(Error::caused(
                    Code::DataLoss,
                    "the checkpoint cannot be saved",
                    cause,
                ))
            }
        }
    }

    fn unsaved(&self) -> Option<CheckpointState> {
        let progress = self.progress();
        if self.checkpoint.is_none() || progress.has_failed {
            return None;
        }
        let handled = progress.handled.as_ref().map(Handled::state);
        handled.filter(|state| progress.saved.as_ref() != Some(state))
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
