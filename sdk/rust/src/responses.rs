//! What the responses of one subscription add up to over all of its streams: deliveries in order and without repeats, and
//! the position to resume from.
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use crate::inbox::{Item, Mark, Place};
use crate::snapshot::Snapshot;
use crate::v1::subscribe_request::Position;
use crate::v1::subscribe_response::Notice;
use crate::v1::{self, Event, ExpiredCursorPolicy, FilterMatch, SubscribeResponse};
use crate::{
    CheckpointState, Delivery, EventDelivery, FilterChangedDelivery, GapDelivery,
    GoingAwayDelivery, SnapshotDelivery, SubscriptionStatus, cursor,
};

pub(crate) struct Responses {
    request: v1::SubscribeRequest,
    /// Of the last response that was received whole.
    cursor: Option<String>,
    epoch: Arc<str>,
    last_offset: u64,
    filter_digest: Arc<str>,
    snapshot: Snapshot,
    is_first: bool,
}

/// What one response brought.
#[derive(Default)]
pub(crate) struct Received {
    pub items: Vec<Item>,
    pub statuses: Vec<SubscriptionStatus>,
    /// Whether it brought the subscription forward, which a mere connection does not.
    pub is_useful: bool,
    pub going_away: Option<Duration>,
}

impl Responses {
    pub fn new(request: v1::SubscribeRequest) -> Self {
        let start = match &request.position {
            Some(Position::AfterCursor(start)) => cursor::parts(start),
            _ => None,
        };
        let (epoch, last_offset) = start.unwrap_or_default();
        Self {
            epoch: Arc::from(epoch),
            last_offset,
            cursor: None,
            filter_digest: Arc::from(""),
            snapshot: Snapshot::new(request.include_snapshot),
            is_first: true,
            request,
        }
    }

    /// Goes on where a checkpoint says.
    pub fn resume(&mut self, state: CheckpointState) {
        let (epoch, last_offset) = cursor::parts(&state.cursor).unwrap_or_default();
        self.epoch = Arc::from(epoch);
        self.last_offset = last_offset;
        self.filter_digest = Arc::from(state.filter_digest);
        self.cursor = Some(state.cursor);
    }

    /// Begins a stream; gives the request that opens it.
    pub fn begin_stream(&mut self) -> v1::SubscribeRequest {
        self.is_first = true;
        self.snapshot.drop_unfinished();
        let mut request = self.request.clone();
        if let Some(cursor) = &self.cursor {
            request.position = Some(Position::AfterCursor(cursor.clone()));
        }
        // A snapshot follows a gap only when it was asked for.
        let may_have_gap = request.on_expired() == ExpiredCursorPolicy::SkipWithGap;
        request.include_snapshot &= self.snapshot.is_owed() || may_have_gap;
        request
    }

    pub fn receive(&mut self, response: SubscribeResponse) -> Received {
        let SubscribeResponse {
            events,
            cursor,
            progress,
            notice,
            matches,
            sessions,
            filter_digest,
            ..
        } = response;
        let is_first = mem::replace(&mut self.is_first, false);
        let mut received = Received::default();
        let mut deliveries = Vec::with_capacity(events.len());

        if is_first && !filter_digest.is_empty() {
            deliveries.extend(self.adopt_digest(filter_digest));
        }
        if let Some((epoch, _)) = cursor::parts(&cursor)
            && *epoch != *self.epoch
        {
            self.epoch = Arc::from(epoch);
        }
        self.read_notice(notice, sessions, &cursor, &mut deliveries, &mut received);
        let going_away = received
            .going_away
            .map(|retry_after| GoingAwayDelivery { retry_after });
        let before_events = deliveries.len();
        self.read_events(events, matches, &mut deliveries);
        let has_events = deliveries.len() > before_events;
        let last = deliveries.len().checked_sub(1);
        deliveries.extend(going_away.map(|notice| (Delivery::GoingAway(notice), None)));

        let has_moved =
            self.cursor.as_ref().is_some_and(|known| *known != cursor) && !cursor.is_empty();
        received.is_useful = has_events || has_moved || (progress.is_some() && !is_first);
        if let Some(progress) = progress {
            received.statuses.push(SubscriptionStatus::Progress {
                head_cursor: progress.head_cursor,
                events_behind: progress.events_behind,
            });
        }
        received.items = self.mark(deliveries, last, cursor);
        received
    }

    fn adopt_digest(&mut self, digest: String) -> Option<(Delivery, Option<Place>)> {
        let previous = mem::replace(&mut self.filter_digest, Arc::from(digest.as_str()));
        let has_changed = !previous.is_empty() && *previous != *digest;
        has_changed.then(|| {
            let previous_digest = previous.as_ref().to_owned();
            (
                Delivery::FilterChanged(FilterChangedDelivery {
                    previous_digest,
                    digest,
                }),
                None,
            )
        })
    }

    fn read_notice(
        &mut self,
        notice: Option<Notice>,
        sessions: Vec<v1::Session>,
        cursor: &str,
        deliveries: &mut Vec<(Delivery, Option<Place>)>,
        received: &mut Received,
    ) {
        match &notice {
            Some(Notice::SnapshotBegin(_)) => self.snapshot.begin(),
            Some(Notice::Gap(gap)) => {
                self.snapshot.owe();
                let v1::Gap {
                    from_cursor,
                    to_cursor,
                } = gap.clone();
                let handled = Some(Place::Cursor(to_cursor.clone()));
                deliveries.push((
                    Delivery::Gap(GapDelivery {
                        from_cursor,
                        to_cursor,
                    }),
                    handled,
                ));
            }
            Some(Notice::CaughtUp(_)) => received.statuses.push(SubscriptionStatus::CaughtUp),
            Some(Notice::FellBehind(v1::FellBehind { queued_bytes })) => {
                let queued_bytes = *queued_bytes;
                received
                    .statuses
                    .push(SubscriptionStatus::FellBehind { queued_bytes });
            }
            Some(Notice::GoingAway(v1::GoingAway { retry_after })) => {
                let wait = retry_after.and_then(|wait| wait.try_into().ok());
                received.going_away = Some(wait.unwrap_or_default());
            }
            Some(Notice::SnapshotEnd(_)) | None => {}
        }
        self.snapshot.add(sessions);
        if let Some(Notice::SnapshotEnd(_)) = notice
            && let Some(sessions) = self.snapshot.end()
        {
            let snapshot = SnapshotDelivery {
                sessions,
                cursor: cursor.to_owned(),
            };
            deliveries.push((Delivery::Snapshot(snapshot), None));
        }
    }

    fn read_events(
        &mut self,
        events: Vec<Event>,
        matches: Vec<FilterMatch>,
        deliveries: &mut Vec<(Delivery, Option<Place>)>,
    ) {
        let mut matches = matches.into_iter();
        for event in events {
            let matches = matches.next().unwrap_or_default().filters;
            if event.offset <= self.last_offset {
                continue;
            }
            self.last_offset = event.offset;
            let cursor = cursor::of(&self.epoch, event.offset);
            let handled = Some(Place::Event {
                epoch: self.epoch.clone(),
                offset: event.offset,
            });
            let delivery = EventDelivery {
                event,
                cursor,
                matches,
            };
            deliveries.push((Delivery::Event(Box::new(delivery)), handled));
        }
    }

    /// Says for each delivery what is handled with it. The response's cursor goes with its last event, or with the last
    /// of what there is.
    fn mark(
        &mut self,
        deliveries: Vec<(Delivery, Option<Place>)>,
        last: Option<usize>,
        response_cursor: String,
    ) -> Vec<Item> {
        let mark = |place| Mark {
            place,
            filter_digest: self.filter_digest.clone(),
        };
        let cursor = (!response_cursor.is_empty()).then_some(response_cursor);
        let mut whole = cursor.clone().map(Place::Cursor);
        let mut items = Vec::with_capacity(deliveries.len() + 1);
        if last.is_none() && whole.is_some() {
            items.push(Item::Moved(mark(whole.take())));
        }
        for (index, (delivery, handled)) in deliveries.into_iter().enumerate() {
            let handled = if Some(index) == last {
                whole.take().or(handled)
            } else {
                handled
            };
            items.push(Item::Delivery(delivery, mark(handled)));
        }
        if cursor.is_some() {
            self.cursor = cursor;
        }
        items
    }
}
