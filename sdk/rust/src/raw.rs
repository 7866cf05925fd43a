//! The generated stubs, for what the client does not wrap.
use crate::Connection;
use crate::v1::admin_service_client::AdminServiceClient;
use crate::v1::call_service_client::CallServiceClient;
use crate::v1::ingest_service_client::IngestServiceClient;
use crate::v1::subscription_service_client::SubscriptionServiceClient;

/// Larger answers are refused. The gateway's own bound is 3 MiB.
const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;

/// The generated stubs with the client's connection and credential, without its deadlines, retries and resumption.
/// `Error::from` reads the reason of a status that they return.
#[derive(Clone)]
pub struct Raw(Connection);

impl Raw {
    pub(crate) fn new(connection: Connection) -> Self {
        Self(connection)
    }

    /// `SubscriptionService`: streams, history, what the journal holds.
    pub fn subscription(&self) -> SubscriptionServiceClient<Connection> {
        SubscriptionServiceClient::new(self.0.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES)
    }

    /// `IngestService`: publishing.
    pub fn ingest(&self) -> IngestServiceClient<Connection> {
        IngestServiceClient::new(self.0.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES)
    }

    /// `CallService`: calls and agents.
    pub fn calls(&self) -> CallServiceClient<Connection> {
        CallServiceClient::new(self.0.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES)
    }

    /// `AdminService`: the quarantine.
    pub fn admin(&self) -> AdminServiceClient<Connection> {
        AdminServiceClient::new(self.0.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES)
    }
}
