//! Deliveries and statuses in the words of the protocol.
use callwire::{Delivery, EventDelivery, SubscriptionStatus};
use serde_json::{Value, json};

use crate::input::Report;
use crate::{outcome, protojson};

pub fn event(item: &EventDelivery, report: &Report) -> Option<Value> {
    let message = match report {
        Report::Digest => return None,
        Report::Full => Some(protojson::print(&item.event)),
        Report::Offsets => None,
    };
    let matches = (!item.matches.is_empty()).then_some(&item.matches);
    Some(json!({
        "offset": item.event.offset.to_string(),
        "cursor": item.cursor,
        "matches": matches,
        "message": message,
    }))
}

/// `None` for an event.
pub fn delivery(delivery: &Delivery) -> Option<Value> {
    Some(match delivery {
        Delivery::Gap(gap) => json!({
            "kind": "gap",
            "from_cursor": gap.from_cursor,
            "to_cursor": gap.to_cursor,
        }),
        Delivery::Snapshot(snapshot) => {
            let ids: Vec<_> = snapshot
                .sessions
                .iter()
                .map(|session| &session.session_id)
                .collect();
            json!({ "kind": "snapshot", "session_ids": ids, "cursor": snapshot.cursor })
        }
        Delivery::FilterChanged(change) => json!({
            "kind": "filter_changed",
            "previous_digest": change.previous_digest,
            "digest": change.digest,
        }),
        Delivery::GoingAway(notice) => json!({
            "kind": "going_away",
            "retry_after_ms": notice.retry_after.as_millis() as u64,
        }),
        _ => return None,
    })
}

/// `None` for what the protocol leaves out.
pub fn status(status: &SubscriptionStatus) -> Option<Value> {
    Some(match status {
        SubscriptionStatus::Connected => json!({ "kind": "connected" }),
        SubscriptionStatus::Reconnecting {
            attempt,
            delay,
            cause,
        } => json!({
            "kind": "reconnecting",
            "attempt": attempt,
            "delay_ms": delay.as_millis() as u64,
            "code": outcome::code_name(cause.code()),
            "reason": cause.reason(),
        }),
        SubscriptionStatus::CaughtUp => json!({ "kind": "caught_up" }),
        SubscriptionStatus::FellBehind { .. } => json!({ "kind": "fell_behind" }),
        _ => return None,
    })
}
