//! Collects a snapshot until it is whole.
use crate::v1::Session;

/// A snapshot is owed once at first and once after each gap. Others repeat what the consumer knows already, since its
/// stream has had no hole, and are left out.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    wanted: bool,
    owed: bool,
    sessions: Option<Vec<Session>>,
}

impl Snapshot {
    pub fn new(wanted: bool) -> Self {
        Self {
            wanted,
            owed: wanted,
            sessions: None,
        }
    }

    pub fn is_owed(&self) -> bool {
        self.owed
    }

    /// A stream was opened: what an earlier one left unfinished comes again from the start.
    pub fn drop_unfinished(&mut self) {
        self.sessions = None;
    }

    /// Events were lost, so that what the consumer knows is out of date.
    pub fn owe(&mut self) {
        self.owed = self.wanted;
    }

    pub fn begin(&mut self) {
        self.sessions = self.owed.then(Vec::new);
    }

    pub fn add(&mut self, sessions: Vec<Session>) {
        if let Some(collected) = &mut self.sessions {
            collected.extend(sessions);
        }
    }

    /// The whole snapshot, when it was owed.
    pub fn end(&mut self) -> Option<Vec<Session>> {
        let sessions = self.sessions.take()?;
        self.owed = false;
        Some(sessions)
    }
}
