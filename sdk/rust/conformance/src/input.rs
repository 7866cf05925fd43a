//! What the suite asks for.
use std::time::Duration;

use callwire::{Client, Error, RetryPolicy, SavePolicy};
use serde::Deserialize;
use serde_json::Value;

use crate::keys::Keys;

#[derive(Deserialize)]
#[serde(untagged)]
pub enum Line {
    Run {
        case: String,
        run: Box<Run>,
    },
    Do {
        case: String,
        #[serde(rename = "do")]
        command: Command,
    },
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    Release,
    Cancel,
    Close,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    pub url: String,
    pub api_keys: Option<Vec<String>>,
    pub method: String,
    pub request: Value,
    #[serde(default)]
    pub retry: Retry,
    pub timeout_ms: Option<u64>,
    pub buffer_events: Option<usize>,
    pub checkpoint: Option<CheckpointFields>,
    #[serde(default)]
    pub handler: Handler,
    pub close_after: Option<u64>,
    #[serde(default)]
    pub consume: Consume,
    #[serde(default)]
    pub report: Report,
}

#[derive(Default, Deserialize)]
pub struct Retry {
    initial_ms: Option<u64>,
    max_ms: Option<u64>,
    max_attempts: Option<u32>,
}

#[derive(Deserialize)]
pub struct CheckpointFields {
    pub kind: CheckpointKind,
    pub path: Option<String>,
    every_events: Option<u32>,
    every_ms: Option<u64>,
}

#[derive(PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckpointKind {
    Memory,
    File,
}

#[derive(Default, Deserialize)]
pub struct Handler {
    pub delay_ms: Option<u64>,
    pub hold_at: Option<u64>,
    pub fail_at: Option<u64>,
}

#[derive(Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consume {
    #[default]
    Run,
    Stream,
}

#[derive(Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    #[default]
    Offsets,
    Full,
    Digest,
}

impl Run {
    pub fn client(&self) -> Result<Client, Error> {
        let mut builder = Client::builder(&self.url).retry(self.retry.policy());
        if let Some(keys) = &self.api_keys {
            builder = builder.credential_provider(Keys::new(keys.clone()));
        }
        if let Some(timeout) = self.timeout_ms {
            builder = builder.deadline(Duration::from_millis(timeout));
        }
        builder.build()
    }
}

impl Retry {
    pub fn policy(&self) -> RetryPolicy {
        let mut policy = RetryPolicy::new();
        if let Some(initial) = self.initial_ms {
            policy = policy.initial(Duration::from_millis(initial));
        }
        if let Some(max) = self.max_ms {
            policy = policy.max(Duration::from_millis(max));
        }
        if let Some(most) = self.max_attempts {
            policy = policy.max_attempts(most);
        }
        policy
    }
}

impl CheckpointFields {
    pub fn save_policy(&self) -> SavePolicy {
        let mut policy = SavePolicy::new();
        if let Some(events) = self.every_events {
            policy = policy.every_events(events);
        }
        if let Some(time) = self.every_ms {
            policy = policy.every(Duration::from_millis(time));
        }
        policy
    }
}
