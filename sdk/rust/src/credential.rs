//! What a client shows to the gateway, and how a refused credential is replaced.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderValue;
use tokio::sync::Mutex;
use tonic::Code;

use crate::{BoxError, Error};

/// Gives credentials that can expire.
#[crate::async_trait]
pub trait CredentialProvider: Send + Sync + 'static {
    /// The API key or token to send as `authorization: Bearer <token>`. Asked once at first and again only after the
    /// gateway refused the last one. A failure is surfaced and not retried.
    async fn token(&self) -> Result<String, BoxError>;
}

/// The credential of a client, kept until it is refused.
pub(crate) struct Credential {
    source: Source,
    /// Counts the tokens that were dropped, so that of several refusals of one token only the first drops it.
    generation: AtomicU64,
    current: Mutex<Option<HeaderValue>>,
}

enum Source {
    Fixed(HeaderValue),
    Provider(Arc<dyn CredentialProvider>),
}

impl Credential {
    pub fn fixed(token: &str) -> Result<Self, Error> {
        Ok(Self::new(Source::Fixed(header(token)?)))
    }

    pub fn provider(provider: Arc<dyn CredentialProvider>) -> Self {
        Self::new(Source::Provider(provider))
    }

    fn new(source: Source) -> Self {
        Self {
            source,
            generation: AtomicU64::new(0),
            current: Mutex::new(None),
        }
    }

    /// The value of `authorization`.
    pub async fn header(&self) -> Result<HeaderValue, Error> {
        let provider = match &self.source {
            Source::Fixed(header) => return Ok(header.clone()),
            Source::Provider(provider) => provider,
        };
        let mut current = self.current.lock().await;
        if let Some(header) = &*current {
            return Ok(header.clone());
        }
        let token = provider.token().await.map_err(|cause| {
            Error::caused(
                Code::Unauthenticated,
                "the credential provider failed",
                cause,
            )
        })?;
        Ok(current.insert(header(&token)?).clone())
    }

    /// Names the token in use. To be read before a call whose refusal shall drop it.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Drops a refused token, so that the provider is asked for another. False when there is no provider.
    pub async fn refuse(&self, generation: u64) -> bool {
        if matches!(self.source, Source::Fixed(_)) {
            return false;
        }
        let mut current = self.current.lock().await;
        if self.generation() == generation {
            self.generation.store(generation + 1, Ordering::Release);
            *current = None;
        }
        true
    }
}

fn header(token: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(|cause| {
        let message = "the credential has characters that no header can hold";
        Error::caused(Code::InvalidArgument, message, cause.into())
    })?;
    value.set_sensitive(true);
    Ok(value)
}
