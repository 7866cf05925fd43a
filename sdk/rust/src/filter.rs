//! Building filters.
use crate::v1::{CallState, ChatState, Direction, EventKind, Filter, ParticipantState, Trigger};

/// Values of one field are alternatives: call a method again for each. The fields that are given must all hold.
impl Filter {
    /// A filter without a condition, which the gateway refuses until it has one.
    pub fn new() -> Self {
        Self::default()
    }

    /// An id of a queue: any segment of the event's queue id path.
    pub fn queue_id(mut self, queue_id: impl Into<String>) -> Self {
        self.queue_ids.push(queue_id.into());
        self
    }

    /// The name of a queue: `support` matches `support/orders/status`, not `support2`.
    pub fn queue_name(mut self, queue_name: impl Into<String>) -> Self {
        self.queue_names.push(queue_name.into());
        self
    }

    /// The id of the queue reached.
    pub fn queue_uuid(mut self, queue_uuid: impl Into<String>) -> Self {
        self.queue_uuids.push(queue_uuid.into());
        self
    }

    /// The id of an agent, with or without the prefix `agent_`.
    pub fn agent_id(mut self, agent_id: impl Into<String>) -> Self {
        self.agent_ids.push(agent_id.into());
        self
    }

    /// The e-mail address of an agent, in any case. Matches the agent's calls once a login has told the id.
    pub fn agent_email(mut self, agent_email: impl Into<String>) -> Self {
        self.agent_emails.push(agent_email.into());
        self
    }

    /// The id of a call.
    pub fn call_id(mut self, call_id: impl Into<String>) -> Self {
        self.call_ids.push(call_id.into());
        self
    }

    /// The id of a chat.
    pub fn chat_id(mut self, chat_id: impl Into<String>) -> Self {
        self.chat_ids.push(chat_id.into());
        self
    }

    /// A language code, in any case.
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.languages.push(language.into());
        self
    }

    /// The id of any participant, agent or external.
    pub fn participant_id(mut self, participant_id: impl Into<String>) -> Self {
        self.participant_ids.push(participant_id.into());
        self
    }

    /// A media id, of the call or of a participant.
    pub fn media_id(mut self, media_id: impl Into<String>) -> Self {
        self.media_ids.push(media_id.into());
        self
    }

    /// A source.
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.sources.push(source.into());
        self
    }

    /// A direction.
    pub fn direction(mut self, direction: Direction) -> Self {
        self.directions.push(direction.into());
        self
    }

    /// A kind of event.
    pub fn kind(mut self, kind: EventKind) -> Self {
        self.kinds.push(kind.into());
        self
    }

    /// A state of a call.
    pub fn call_state(mut self, call_state: CallState) -> Self {
        self.call_states.push(call_state.into());
        self
    }

    /// A state of a chat.
    pub fn chat_state(mut self, chat_state: ChatState) -> Self {
        self.chat_states.push(chat_state.into());
        self
    }

    /// A state of any participant.
    pub fn participant_state(mut self, participant_state: ParticipantState) -> Self {
        self.participant_states.push(participant_state.into());
        self
    }

    /// A documented action, compared with the event's `changes`.
    pub fn trigger(mut self, trigger: Trigger) -> Self {
        self.triggers.push(trigger.into());
        self
    }

    /// Whether recording is permitted. Neither value matches a call of which it is unknown.
    pub fn recording_is_permitted(mut self, permitted: bool) -> Self {
        self.recording_permitted = Some(permitted);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_adds_an_alternative() {
        let filter = Filter::new()
            .queue_name("a")
            .queue_name("b")
            .direction(Direction::Incoming);
        assert_eq!(filter.queue_names, ["a", "b"]);
        assert_eq!(filter.directions, [i32::from(Direction::Incoming)]);
        assert_eq!(filter.recording_permitted, None);
    }
}
