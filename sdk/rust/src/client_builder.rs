//! How a client is configured.
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use tonic::Code;
use tonic::transport::Endpoint;

use crate::credential::Credential;
use crate::{Client, CredentialProvider, Error, RetryPolicy};

const DEFAULT_DEADLINE: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const PING_INTERVAL: Duration = Duration::from_secs(20);
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of a stream that may wait unread in memory before flow control holds the gateway.
const STREAM_WINDOW: u32 = 256 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;
const USER_AGENT: &str = concat!("callwire-rust/", env!("CARGO_PKG_VERSION"));

/// Builds a [`Client`]; made by [`Client::builder`].
#[must_use = "a builder does nothing until `build`"]
pub struct ClientBuilder {
    url: String,
    credential: Option<Result<Credential, Error>>,
    retry: RetryPolicy,
    deadline: Duration,
    #[cfg(feature = "tls")]
    tls: tonic::transport::ClientTlsConfig,
    #[cfg(feature = "tls")]
    has_own_roots: bool,
}

impl ClientBuilder {
    pub(crate) fn new(url: String) -> Self {
        Self {
            url,
            credential: None,
            retry: RetryPolicy::default(),
            deadline: DEFAULT_DEADLINE,
            #[cfg(feature = "tls")]
            tls: tonic::transport::ClientTlsConfig::new(),
            #[cfg(feature = "tls")]
            has_own_roots: false,
        }
    }

    /// Shows this API key with every call.
    pub fn api_key(mut self, key: impl AsRef<str>) -> Self {
        self.credential = Some(Credential::fixed(key.as_ref()));
        self
    }

    /// Shows tokens of this provider, which is asked for another when the gateway refuses one.
    pub fn credential_provider(mut self, provider: impl CredentialProvider) -> Self {
        self.credential = Some(Ok(Credential::provider(Arc::new(provider))));
        self
    }

    /// How unary calls are retried within their deadline. Subscriptions have a policy of their own.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How long a unary call may take, its retries included. Default 10 s.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Trusts the certificates of this PEM text instead of the operating system's.
    #[cfg(feature = "tls")]
    pub fn ca_certificate(mut self, pem: impl AsRef<[u8]>) -> Self {
        let certificate = tonic::transport::Certificate::from_pem(pem);
        self.tls = self.tls.ca_certificate(certificate);
        self.has_own_roots = true;
        self
    }

    /// Shows a client certificate; both are PEM texts.
    #[cfg(feature = "tls")]
    pub fn client_certificate(
        mut self,
        certificate: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
    ) -> Self {
        let identity = tonic::transport::Identity::from_pem(certificate, key);
        self.tls = self.tls.identity(identity);
        self
    }

    /// Expects this name in the gateway's certificate instead of the URL's host.
    #[cfg(feature = "tls")]
    pub fn tls_domain_name(mut self, name: impl Into<String>) -> Self {
        self.tls = self.tls.domain_name(name);
        self
    }

    /// Checks the configuration. Connects to nothing yet.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for a URL that is not `http://` or `https://` with a host, for certificates that cannot be
    /// read, for an API key that no header can hold, and for `https://` without the feature `tls`.
    pub fn build(self) -> Result<Client, Error> {
        let endpoint = self.endpoint()?;
        let credential = self.credential.transpose()?.map(Arc::new);
        Ok(Client::new(endpoint, credential, self.retry, self.deadline))
    }

    fn endpoint(&self) -> Result<Endpoint, Error> {
        let endpoint = Endpoint::from(self.uri()?)
            .user_agent(USER_AGENT)
            .map_err(|cause| self.refused(cause))?
            .connect_timeout(CONNECT_TIMEOUT)
            .http2_keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(PING_TIMEOUT)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .tcp_nodelay(true);
        if endpoint.uri().scheme_str() == Some("https") {
            return self.secure(endpoint);
        }
        Ok(endpoint)
    }

    fn uri(&self) -> Result<Uri, Error> {
        let uri: Uri = self.url.parse().map_err(|cause| self.refused(cause))?;
        let known = matches!(uri.scheme_str(), Some("http" | "https"));
        if !known || uri.host().is_none_or(str::is_empty) {
            let message = format!(
                "the URL {:?} is not http:// or https:// with a host",
                self.url
            );
            return Err(Error::local(Code::InvalidArgument, message));
        }
        Ok(uri)
    }

    #[cfg(feature = "tls")]
    fn secure(&self, endpoint: Endpoint) -> Result<Endpoint, Error> {
        let tls = self.tls.clone();
        // Certificates that the caller named replace the system's, which are the default.
        let tls = if self.has_own_roots {
            tls
        } else {
            tls.with_native_roots()
        };
        endpoint
            .tls_config(tls)
            .map_err(|cause| self.refused(cause))
    }

    #[cfg(not(feature = "tls"))]
    fn secure(&self, _: Endpoint) -> Result<Endpoint, Error> {
        let message = "https:// needs the feature `tls` of the crate callwire";
        Err(Error::local(Code::InvalidArgument, message))
    }

    fn refused(&self, cause: impl std::error::Error + Send + Sync + 'static) -> Error {
        let message = format!("cannot use the URL {:?}", self.url);
        Error::caused(Code::InvalidArgument, message, Box::new(cause))
    }
}
