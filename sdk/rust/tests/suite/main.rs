//! The SDK against the real gateway of this checkout, and against a scripted server for what a healthy gateway never says.
mod checkpoints;
mod consuming;
mod credentials;
mod gateway;
mod real_gateway;
mod resuming;
mod retrying;
mod samples;
mod scripted_server;
mod snapshots;
#[cfg(feature = "tls")]
mod tls;
mod unary;
mod watching;

/// The server side of the contract, for the scripted server.
#[rustfmt::skip]
#[path = "../gen/callwire.v1.rs"]
#[allow(clippy::all, unused_qualifications)]
mod server_stubs;
