//! Client of the Callwire event gateway: a contact centre's call, agent and chat events as a stream that resumes by
//! itself.
//!
//! ```no_run
//! use callwire::{Client, Delivery, FileCheckpoint, Filter, SubscribeOptions};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder("https://gateway.example.com").api_key("key").build()?;
//! let options = SubscribeOptions::new()
//!     .filter("support", Filter::new().queue_name("support"))
//!     .earliest()
//!     .checkpoint(FileCheckpoint::new("support.cursor"));
//! let mut subscription = client.subscribe(options);
//! while let Some(delivery) = subscription.next().await {
//!     if let Delivery::Event(item) = delivery? {
//!         println!("{} {:?}", item.cursor, item.event.trigger());
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What a subscription does by itself
//!
//! It reconnects after every failure that can pass, resumes after the last response that it received whole, gives each
//! event once and in order, notices a stream that has died in silence, and stops reading while its consumer is slow.
//! What needs a decision is given to the consumer: a [`Delivery`] that is no event, or an [`Error`].
//!
//! # Where it runs
//!
//! Everything that sends or receives needs a running Tokio runtime with its timer and I/O enabled.
#![deny(missing_docs)]

mod checkpoint;
mod client;
mod client_builder;
mod connection;
mod consumer;
mod control;
mod credential;
mod cursor;
mod delivery;
mod error;
mod file_checkpoint;
mod filter;
mod inbox;
mod options;
mod pages;
mod raw;
mod reader;
mod responses;
mod retry;
mod saver;
mod snapshot;
mod status;
mod subscription;
mod unary;

/// The catalogue of error reasons.
#[rustfmt::skip]
#[path = "gen/reasons.rs"]
mod reasons;

/// The generated messages and stubs of `callwire.v1`.
#[rustfmt::skip]
#[path = "gen/callwire.v1.rs"]
#[allow(clippy::all, missing_docs, unused_qualifications)]
pub mod v1;

pub use checkpoint::{Checkpoint, CheckpointState, MemoryCheckpoint, SavePolicy};
pub use client::Client;
pub use client_builder::ClientBuilder;
pub use connection::Connection;
pub use control::{End, SubscriptionHandle};
pub use credential::CredentialProvider;
pub use delivery::{
    Delivery, EventDelivery, FilterChangedDelivery, GapDelivery, GoingAwayDelivery,
    SnapshotDelivery,
};
pub use error::{Error, FieldViolation};
pub use file_checkpoint::FileCheckpoint;
pub use options::SubscribeOptions;
pub use pages::Pages;
pub use raw::Raw;
pub use retry::RetryPolicy;
pub use status::SubscriptionStatus;
pub use subscription::{RunError, Subscription};
/// The gRPC status code of an [`Error`].
pub use tonic::Code;
/// For implementations of [`Checkpoint`] and [`CredentialProvider`].
pub use tonic::async_trait;
pub use v1::{
    CallState, ChatState, Direction, Event, EventKind, EventView, ExpiredCursorPolicy, Filter,
    ParticipantState, Scope, Session, Trigger,
};

/// Whatever an implementation of [`Checkpoint`] or [`CredentialProvider`] fails with.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
