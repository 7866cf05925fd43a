//! A checkpoint that tells what it holds.
use std::sync::Arc;

use callwire::{
    BoxError, Checkpoint, CheckpointState, FileCheckpoint, MemoryCheckpoint, async_trait,
};

use crate::input::{CheckpointFields, CheckpointKind};

#[derive(Clone)]
pub struct WatchedCheckpoint {
    store: Arc<dyn Checkpoint>,
    held: Arc<MemoryCheckpoint>,
}

impl WatchedCheckpoint {
    pub fn of(fields: &CheckpointFields) -> Self {
        let store: Arc<dyn Checkpoint> = match fields.kind {
            CheckpointKind::Memory => Arc::new(MemoryCheckpoint::new()),
            CheckpointKind::File => {
                let path = fields.path.as_deref().unwrap_or_default();
                Arc::new(FileCheckpoint::new(path))
            }
        };
        Self {
            store,
            held: Arc::default(),
        }
    }

    pub fn cursor(&self) -> Option<String> {
        self.held.state().map(|state| state.cursor)
    }
}

#[async_trait]
impl Checkpoint for WatchedCheckpoint {
    async fn load(&self) -> Result<Option<CheckpointState>, BoxError> {
        let loaded = self.store.load().await?;
        if let Some(state) = &loaded {
            self.held.save(state).await?;
        }
        Ok(loaded)
    }

    async fn save(&self, state: &CheckpointState) -> Result<(), BoxError> {
        self.store.save(state).await?;
        self.held.save(state).await
    }
}
