//! A connection that shows the client's credential with every call.
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::AUTHORIZATION;
use tonic::body::Body;
use tonic::transport::Channel;
use tower_service::Service;

use crate::BoxError;
use crate::credential::Credential;

/// What the raw stubs call through. Cheap to clone; clones share one HTTP/2 connection.
#[derive(Clone)]
pub struct Connection {
    channel: Channel,
    credential: Option<Arc<Credential>>,
}

impl Connection {
    pub(crate) fn new(channel: Channel, credential: Option<Arc<Credential>>) -> Self {
        Self {
            channel,
            credential,
        }
    }
}

impl Service<http::Request<Body>> for Connection {
    type Response = http::Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.channel.poll_ready(context).map_err(BoxError::from)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        let spare = self.channel.clone();
        let mut ready = mem::replace(&mut self.channel, spare);
        let credential = self.credential.clone();
        Box::pin(async move {
            if let Some(credential) = credential {
                let header = credential.header().await?;
                request.headers_mut().insert(AUTHORIZATION, header);
            }
            ready.call(request).await.map_err(BoxError::from)
        })
    }
}
