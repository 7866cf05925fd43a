//! Messages and options that many tests need.
use std::time::Duration;

use callwire::v1::subscribe_response::Notice;
use callwire::v1::{FilterMatch, SubscribeResponse};
use callwire::{Client, Delivery, Event, RetryPolicy, SubscribeOptions, Subscription};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

pub const DIGEST: &str = "00000000000000aa";

pub fn cursor(offset: u64) -> String {
    format!("0a1b2c3d-{offset}")
}

/// The first response of a stream.
pub fn opened(offset: u64) -> SubscribeResponse {
    opened_with(offset, DIGEST)
}

pub fn opened_with(offset: u64, digest: &str) -> SubscribeResponse {
    SubscribeResponse {
        filter_digest: digest.to_owned(),
        ..moved(offset)
    }
}

/// A response without events.
pub fn moved(offset: u64) -> SubscribeResponse {
    SubscribeResponse {
        cursor: cursor(offset),
        ..Default::default()
    }
}

/// A response with these events and the cursor of the last.
pub fn events(offsets: impl IntoIterator<Item = u64>) -> SubscribeResponse {
    let event = |offset| Event {
        offset,
        ..Default::default()
    };
    let events: Vec<_> = offsets.into_iter().map(event).collect();
    let last = events.last().map_or(0, |event| event.offset);
    SubscribeResponse {
        events,
        ..moved(last)
    }
}

pub fn matched(mut response: SubscribeResponse, names: &[&str]) -> SubscribeResponse {
    let filters: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    response.matches = vec![FilterMatch { filters }; response.events.len()];
    response
}

pub fn notice(notice: Notice, offset: u64) -> SubscribeResponse {
    SubscribeResponse {
        notice: Some(notice),
        ..moved(offset)
    }
}

pub fn unavailable() -> Status {
    Status::unavailable("said by the script")
}

pub fn refusal(code: Code, reason: &str, metadata: &[(&str, &str)]) -> Status {
    let metadata = metadata
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let details = ErrorDetails::with_error_info(
        reason,
        "callwire",
        metadata.collect::<std::collections::HashMap<_, _>>(),
    );
    Status::with_error_details(code, "said by the script", details)
}

pub fn with_retry_info(code: Code, reason: &str, wait: Duration) -> Status {
    let mut details = ErrorDetails::with_error_info(reason, "callwire", []);
    details.set_retry_info(Some(wait));
    Status::with_error_details(code, "said by the script", details)
}

pub fn quick() -> RetryPolicy {
    RetryPolicy::new()
        .initial(Duration::from_millis(2))
        .max(Duration::from_millis(20))
}

/// From the oldest event to this offset.
pub fn bounded(offset: u64) -> SubscribeOptions {
    SubscribeOptions::new()
        .earliest()
        .end_cursor(cursor(offset))
        .retry(quick())
}

pub fn client(url: &str) -> Client {
    Client::builder(url).retry(quick()).build().unwrap()
}

/// The offsets of all events to the end.
pub async fn offsets(subscription: &mut Subscription) -> Vec<u64> {
    let mut offsets = Vec::new();
    while let Some(delivery) = subscription.next().await {
        offsets.extend(offset(&delivery.unwrap()));
    }
    offsets
}

/// The offset of an event.
pub fn offset(delivery: &Delivery) -> Option<u64> {
    match delivery {
        Delivery::Event(item) => Some(item.event.offset),
        _ => None,
    }
}
