//! The recordings of open calls, driven by what a subscription delivers.
use std::collections::HashMap;

use callwire::{Delivery, Event, Trigger};

use crate::line::Line;
use crate::recording::Recording;

#[derive(Default)]
pub struct OpenCalls {
    /// By source and id: two sources that report one id are two calls.
    recordings: HashMap<(String, String), Recording>,
    /// Retention took events, so that of calls which began before some may be missing.
    has_lost_events: bool,
}

impl OpenCalls {
    /// The line of the call that ended, when one did.
    pub fn handle(&mut self, delivery: Delivery) -> Option<Line> {
        match delivery {
            Delivery::Event(item) => self.follow(item.event),
            Delivery::Gap(gap) => {
                eprintln!(
                    "events were lost between {} and {}",
                    gap.from_cursor, gap.to_cursor
                );
                self.has_lost_events = true;
                self.recordings
                    .values_mut()
                    .for_each(Recording::miss_events);
                None
            }
            _ => None,
        }
    }

    fn follow(&mut self, mut event: Event) -> Option<Line> {
        let session = event.session.take()?;
        let key = (session.source.clone(), session.session_id.clone());
        let known = self.recordings.remove(&key);
        // Wrap-up and the seal come after the end.
        if known.is_none() && !session.open && !ends(&event) {
            return None;
        }
        let before = known.as_ref().map(Recording::state);
        let recording = match known {
            Some(mut recording) => {
                recording.follow(&event, &session);
                recording
            }
            None => {
                let mut recording = Recording::begin(&event, &session);
                if self.has_lost_events && event.offset != session.first_offset {
                    recording.miss_events();
                }
                recording
            }
        };
        if Some(recording.state()) != before {
            eprintln!("{}: {:?}", session.session_id, recording.state());
        }
        if ends(&event) {
            eprintln!("{}: Stopped", session.session_id);
            return Some(recording.finish(&event, session));
        }
        self.recordings.insert(key, recording);
        None
    }
}

fn ends(event: &Event) -> bool {
    event
        .changes()
        .any(|change| matches!(change, Trigger::CallEnded | Trigger::CallExpired))
}
