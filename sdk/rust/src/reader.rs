//! The task that keeps a stream open: it connects, reads while there is room, watches for silence, and tries again.
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use tonic::{Code, Status, Streaming};

use crate::inbox::Inbox;
use crate::options::StatusListener;
use crate::responses::Responses;
use crate::retry::Attempts;
use crate::saver::Saver;
use crate::v1::SubscribeResponse;
use crate::{Client, Error, SubscribeOptions, SubscriptionStatus};

/// So many progress intervals without a response mean that the stream is dead.
const SILENT_INTERVALS: u32 = 3;

pub(crate) struct Reader {
    client: Client,
    inbox: Arc<Inbox>,
    saver: Arc<Saver>,
    responses: Responses,
    attempts: Attempts,
    on_status: Option<StatusListener>,
    batch: usize,
    silence: Duration,
    is_bounded: bool,
    /// How long the gateway asked to stay away when it announced the end of the stream.
    stay_away: Duration,
    /// The credential was refused and replaced, and nothing was received since.
    has_new_credential: bool,
}

impl Reader {
    pub fn new(
        client: Client,
        options: SubscribeOptions,
        inbox: Arc<Inbox>,
        saver: Arc<Saver>,
    ) -> Self {
        let batch = options.batch();
        let silence = options.progress_interval_or_default() * SILENT_INTERVALS;
        let mut request = options.request;
        // A negative number is left for the gateway to refuse.
        if request.max_batch_events >= 0 {
            request.max_batch_events = i32::try_from(batch).unwrap_or(i32::MAX);
        }
        Self {
            is_bounded: request.end.is_some(),
            responses: Responses::new(request),
            attempts: Attempts::new(options.retry),
            on_status: options.on_status,
            stay_away: Duration::ZERO,
            has_new_credential: false,
            client,
            inbox,
            saver,
            batch,
            silence,
        }
    }

    /// Reads to the end of the stream, or until something that no other attempt can mend.
    pub async fn run(mut self) {
        // A panic of `on_status` must not leave the consumer waiting.
        let last_word = LastWord(self.inbox.clone());
        let result = self.read_everything().await;
        self.inbox.end(result);
        drop(last_word);
    }

    async fn read_everything(&mut self) -> Result<(), Error> {
        if let Some(state) = self.saver.load().await? {
            self.responses.resume(state);
        }
        loop {
            let generation = self
                .client
                .credential()
                .map(|credential| credential.generation());
            let cause = match self.read_stream().await {
                Ok(()) if self.is_bounded => return Ok(()),
                Ok(()) => Error::cut("the gateway ended a stream that has no end", None),
                Err(error) => error,
            };
            self.recover(cause, generation).await?;
        }
    }

    async fn read_stream(&mut self) -> Result<(), Error> {
        let request = self.responses.begin_stream();
        let mut stub = self.client.open().await?.subscription();
        let answer = self.unless_silent(stub.subscribe(request)).await?;
        let mut stream: Streaming<SubscribeResponse> = answer.into_inner();
        let mut is_first = true;
        loop {
            self.inbox.has_room_for(self.batch).await;
            let Some(response) = self.unless_silent(stream.message()).await? else {
                return Ok(());
            };
            self.has_new_credential = false;
            if is_first {
                is_first = false;
                self.tell(SubscriptionStatus::Connected);
            }
            self.receive(response);
        }
    }

    fn receive(&mut self, response: SubscribeResponse) {
        let received = self.responses.receive(response);
        if received.is_useful {
            self.attempts.reset();
        }
        if let Some(stay_away) = received.going_away {
            self.stay_away = stay_away;
        }
        self.inbox.put(received.items);
        for status in received.statuses {
            self.tell(status);
        }
    }

    async fn unless_silent<T>(
        &self,
        answer: impl Future<Output = Result<T, Status>>,
    ) -> Result<T, Error> {
        match timeout(self.silence, answer).await {
            Ok(answer) => answer.map_err(Error::from),
            Err(_) => Err(Error::cut(
                format!("the stream was silent for {:?}", self.silence),
                None,
            )),
        }
    }

    /// Waits until it is time for the next attempt.
    async fn recover(&mut self, cause: Error, generation: Option<u64>) -> Result<(), Error> {
        if self.replace_credential(&cause, generation).await {
            let attempt = self.attempts.count() + 1;
            self.tell(SubscriptionStatus::Reconnecting {
                attempt,
                delay: Duration::ZERO,
                cause,
            });
            return Ok(());
        }
        if !cause.retryable() || self.attempts.are_used_up() {
            return Err(cause);
        }
        let asked = cause.retry_after().unwrap_or_default().max(self.stay_away);
        self.stay_away = Duration::ZERO;
        let delay = self.attempts.begin(asked);
        let attempt = self.attempts.count();
        self.tell(SubscriptionStatus::Reconnecting {
            attempt,
            delay,
            cause,
        });
        sleep(delay).await;
        Ok(())
    }

    /// Once in a row: a second refusal says that the credential is not the trouble.
    async fn replace_credential(&mut self, cause: &Error, generation: Option<u64>) -> bool {
        let (Some(credential), Some(generation)) = (self.client.credential(), generation) else {
            return false;
        };
        if cause.code() != Code::Unauthenticated || cause.is_local() || self.has_new_credential {
            return false;
        }
        self.has_new_credential = credential.refuse(generation).await;
        self.has_new_credential
    }

    fn tell(&self, status: SubscriptionStatus) {
        if let Some(listener) = &self.on_status {
            listener(status);
        }
    }
}

/// Ends the inbox when the reader did not.
struct LastWord(Arc<Inbox>);

impl Drop for LastWord {
    fn drop(&mut self) {
        let message = "the subscription's reading task ended without a result";
        self.0.end(Err(Error::local(Code::Internal, message)));
    }
}
