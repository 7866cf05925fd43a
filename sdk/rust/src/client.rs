//! One gateway, and the way to it.
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tonic::transport::{Channel, Endpoint};

use crate::credential::Credential;
use crate::{ClientBuilder, Connection, Error, Raw, RetryPolicy, SubscribeOptions, Subscription};

/// A client of one gateway. Cheap to clone; clones share connection and credential.
///
/// Unary calls share one HTTP/2 connection, which is made by the first of them and closed with the last clone. Each
/// subscription has a connection of its own, so that one that is read slowly holds up nothing else.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    pub(crate) retry: RetryPolicy,
    pub(crate) deadline: Duration,
}

struct Shared {
    endpoint: Endpoint,
    credential: Option<Arc<Credential>>,
    channel: OnceLock<Channel>,
}

impl Client {
    /// Begins to configure a client of the gateway at this URL: `http://` for plain text, `https://` for TLS.
    pub fn builder(url: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(url.into())
    }

    /// A client with the default configuration and without a credential.
    ///
    /// # Errors
    ///
    /// As [`ClientBuilder::build`].
    pub fn connect(url: impl Into<String>) -> Result<Self, Error> {
        Self::builder(url).build()
    }

    pub(crate) fn new(
        endpoint: Endpoint,
        credential: Option<Arc<Credential>>,
        retry: RetryPolicy,
        deadline: Duration,
    ) -> Self {
        let channel = OnceLock::new();
        let shared = Arc::new(Shared {
            endpoint,
            credential,
            channel,
        });
        Self {
            shared,
            retry,
            deadline,
        }
    }

    /// The same client with another deadline for its unary calls, their retries included.
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        Self {
            deadline,
            ..self.clone()
        }
    }

    /// Subscribes. The stream is opened in the background; what goes wrong is an item of the subscription.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn subscribe(&self, options: SubscribeOptions) -> Subscription {
        Subscription::start(self.clone(), options)
    }

    /// The generated stubs.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn raw(&self) -> Raw {
        let channel = self
            .shared
            .channel
            .get_or_init(|| self.shared.endpoint.connect_lazy());
        Raw::new(Connection::new(
            channel.clone(),
            self.shared.credential.clone(),
        ))
    }

    /// The generated stubs over a connection that is new and nobody else's.
    pub(crate) async fn open(&self) -> Result<Raw, Error> {
        let channel = self.shared.endpoint.connect().await.map_err(|cause| {
            Error::cut(
                format!("cannot connect to {}", self.shared.endpoint.uri()),
                Some(cause.into()),
            )
        })?;
        Ok(Raw::new(Connection::new(
            channel,
            self.shared.credential.clone(),
        )))
    }

    pub(crate) fn credential(&self) -> Option<&Credential> {
        self.shared.credential.as_deref()
    }
}
