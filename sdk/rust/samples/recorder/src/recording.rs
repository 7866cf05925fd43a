//! What is recorded of one call: from its answer to its end, without the times at which a party was redacted.
use std::collections::HashSet;
use std::time::SystemTime;

use callwire::v1::event::Payload;
use callwire::v1::{AgentSpan, ParticipantSpan, SessionAnomaly};
use callwire::{CallState, Direction, Event, Session, Trigger};
use prost_types::Timestamp;

use crate::line::{Instant, Line};
use crate::span::{Span, merged, without};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum State {
    Waiting,
    Recording,
    Paused,
}

#[derive(Debug)]
pub struct Recording {
    started: Option<SystemTime>,
    pauses: Vec<Span>,
    /// The source reported nothing of the call's begin: it may have been answered before.
    seen_midway: bool,
    may_miss_events: bool,
}

impl Recording {
    /// Begins with the first event of the call that this process sees; the session tells what was before.
    pub fn begin(event: &Event, session: &Session) -> Self {
        let seen_midway = session
            .anomalies()
            .any(|anomaly| anomaly == SessionAnomaly::FirstSeenMidway);
        let started = session.answered_time.and_then(time);
        let mut recording = Self {
            pauses: started.map_or_else(Vec::new, |started| earlier_pauses(session, started)),
            may_miss_events: session.truncated || seen_midway,
            seen_midway,
            started,
        };
        recording.follow(event, session);
        recording
    }

    pub fn state(&self) -> State {
        match self.started {
            None => State::Waiting,
            Some(_) if self.is_paused() => State::Paused,
            Some(_) => State::Recording,
        }
    }

    /// Events were lost while the call was open.
    pub fn miss_events(&mut self) {
        self.may_miss_events = true;
    }

    pub fn follow(&mut self, event: &Event, session: &Session) {
        let Some(now) = event.received_time.and_then(time) else {
            return;
        };
        let is_connected = matches!(&event.payload, Some(Payload::Call(call)) if call.state() == CallState::Connected);
        if session.answered_time.is_some() || (self.seen_midway && is_connected) {
            self.started.get_or_insert(now);
        }
        if self.started.is_none() || event.redaction_active == self.is_paused() {
            return;
        }
        match self.pauses.last_mut() {
            Some(pause) if !event.redaction_active => pause.to = Some(now),
            _ => self.pauses.push(Span {
                from: now,
                to: None,
            }),
        }
    }

    /// The line of the call, which this event ends.
    pub fn finish(self, event: &Event, session: Session) -> Line {
        let ended = event
            .received_time
            .and_then(time)
            .unwrap_or(SystemTime::UNIX_EPOCH);
        let pauses: Vec<_> = self
            .pauses
            .iter()
            .map(|pause| (pause.from, pause.to.unwrap_or(ended)))
            .collect();
        let segments = self.started.map(|started| without(started, ended, &pauses));
        Line {
            direction: direction(&session),
            agents: agents(&session),
            call_id: session.session_id,
            source: session.source,
            queue: session.queue_path_names,
            started: self.started.map(Instant),
            ended: Instant(ended),
            segments: segments.into_iter().flatten().map(Into::into).collect(),
            paused: pauses.into_iter().map(Into::into).collect(),
            complete: !self.may_miss_events
                && event.changes().any(|change| change == Trigger::CallEnded),
        }
    }

    fn is_paused(&self) -> bool {
        self.pauses.last().is_some_and(|pause| !pause.is_over())
    }
}

/// When any party was redacted since the start; spans of several parties overlap.
fn earlier_pauses(session: &Session, started: SystemTime) -> Vec<Span> {
    let span = |span: &ParticipantSpan| {
        let from = time(span.begin_time?)?.max(started);
        let to = span.end_time.and_then(time);
        to.is_none_or(|to| from < to).then_some(Span { from, to })
    };
    merged(session.redaction_spans.iter().filter_map(span).collect())
}

fn agents(session: &Session) -> Vec<String> {
    let mut spans: Vec<&AgentSpan> = session.agents.iter().collect();
    spans.sort_by_key(|span| span.joined_offset);
    let mut seen = HashSet::new();
    let ids = spans.into_iter().map(|span| &span.agent_id);
    ids.filter(|id| seen.insert(*id)).cloned().collect()
}

fn direction(session: &Session) -> &'static str {
    match session.direction() {
        Direction::Incoming => "incoming",
        Direction::Outgoing => "outgoing",
        Direction::Unspecified => "",
    }
}

/// The gateway's times lie within what the system can hold.
fn time(timestamp: Timestamp) -> Option<SystemTime> {
    timestamp.try_into().ok()
}
