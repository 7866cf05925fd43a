//! A connection that shows the client's credential with every call.
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::StatusCode;
use http::header::AUTHORIZATION;
use tonic::body::Body;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tower_service::Service;

use crate::BoxError;
use crate::credential::Credential;

const GRPC_STATUS: &str = "grpc-status";

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
            let response = ready.call(request).await?;
            match refusal(response.status()) {
                Some(status) if !response.headers().contains_key(GRPC_STATUS) => Err(status.into()),
                _ => Ok(response),
            }
        })
    }
}

/// What an HTTP status means for gRPC when something in between answered and not the gateway. Left to itself tonic would
/// take the answer's body for a broken message.
fn refusal(status: StatusCode) -> Option<Status> {
    let code = match status {
        StatusCode::OK => return None,
        StatusCode::BAD_REQUEST => Code::Internal,
        StatusCode::UNAUTHORIZED => Code::Unauthenticated,
        StatusCode::FORBIDDEN => Code::PermissionDenied,
        StatusCode::NOT_FOUND => Code::Unimplemented,
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Code::Unavailable,
        _ => Code::Unknown,
    };
    Some(Status::new(
        code,
        format!("the answer is not gRPC: HTTP {status}"),
    ))
}
