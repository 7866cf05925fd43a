//! A credential provider whose n-th call gives the n-th key; the last key stays.
use std::sync::atomic::{AtomicUsize, Ordering};

use callwire::{BoxError, CredentialProvider, async_trait};

pub struct Keys {
    keys: Vec<String>,
    asked: AtomicUsize,
}

impl Keys {
    pub fn new(keys: Vec<String>) -> Self {
        Self {
            keys,
            asked: AtomicUsize::new(0),
        }
    }
}

#[async_trait]
impl CredentialProvider for Keys {
    async fn token(&self) -> Result<String, BoxError> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        let key = self.keys.get(asked).or(self.keys.last());
        key.cloned().ok_or_else(|| "the case has no keys".into())
    }
}
