//! Calls with one answer: a deadline, and retries within it.
use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use tonic::{Code, Request, Response, Status};

use crate::retry::Attempts;
use crate::v1::{self, Agent, Event, Session};
use crate::{Client, Error, Pages, Raw};

/// Each fails with the error of its last attempt, or with `DeadlineExceeded` when that brought no answer in time. A
/// failure is returned at once when the pause before the next attempt would pass the deadline.
impl Client {
    /// What the journal holds, and the limits in force.
    pub async fn get_log_info(
        &self,
        request: v1::GetLogInfoRequest,
    ) -> Result<v1::GetLogInfoResponse, Error> {
        self.call(request, true, |raw, request| async move {
            raw.subscription().get_log_info(request).await
        })
        .await
    }

    /// Why filters select an event or not.
    pub async fn explain_event(
        &self,
        request: v1::ExplainEventRequest,
    ) -> Result<v1::ExplainEventResponse, Error> {
        self.call(request, true, |raw, request| async move {
            raw.subscription().explain_event(request).await
        })
        .await
    }

    /// One page of history.
    pub async fn list_events_page(
        &self,
        request: v1::ListEventsRequest,
    ) -> Result<v1::ListEventsResponse, Error> {
        self.call(request, true, |raw, request| async move {
            raw.subscription().list_events(request).await
        })
        .await
    }

    /// History, event by event; each page is fetched when it is needed. Which filters matched, gaps and the cursor are
    /// in the pages alone.
    pub fn list_events(&self, request: v1::ListEventsRequest) -> Pages<Event> {
        Pages::new(self.clone(), request, |client, mut request| async move {
            let page = client.list_events_page(request.clone()).await?;
            request.page_token.clone_from(&page.next_page_token);
            Ok((
                page.events,
                (!page.next_page_token.is_empty()).then_some(request),
            ))
        })
    }

    /// One call or chat.
    pub async fn get_call(
        &self,
        request: v1::GetCallRequest,
    ) -> Result<v1::GetCallResponse, Error> {
        self.call(request, true, |raw, request| async move {
            raw.calls().get_call(request).await
        })
        .await
    }

    /// One page of calls and chats.
    pub async fn list_calls_page(
        &self,
        request: v1::ListCallsRequest,
    ) -> Result<v1::ListCallsResponse, Error> {
        self.call(request, true, |raw, request| async move {
            raw.calls().list_calls(request).await
        })
        .await
    }

    /// Calls and chats, newest first; each page is fetched when it is needed.
    pub fn list_calls(&self, request: v1::ListCallsRequest) -> Pages<Session> {
        Pages::new(self.clone(), request, |client, mut request| async move {
            let page = client.list_calls_page(request.clone()).await?;
            request.page_token.clone_from(&page.next_page_token);
            Ok((
                page.sessions,
                (!page.next_page_token.is_empty()).then_some(request),
            ))
        })
    }

    /// One agent.
    pub async fn get_agent(
        &self,
        request: v1::GetAgentRequest,
    ) -> Result<v1::GetAgentResponse, Error> {
        self.call(request, true, |raw, request| async move {
            raw.calls().get_agent(request).await
        })
        .await
    }

    /// One page of agents.
    pub async fn list_agents_page(
        &self,
        request: v1::ListAgentsRequest,
    ) -> Result<v1::ListAgentsResponse, Error> {
        self.call(request, true, |raw, request| async move {
            raw.calls().list_agents(request).await
        })
        .await
    }

    /// The agents that events have named, by id; each page is fetched when it is needed.
    pub fn list_agents(&self, request: v1::ListAgentsRequest) -> Pages<Agent> {
        Pages::new(self.clone(), request, |client, mut request| async move {
            let page = client.list_agents_page(request.clone()).await?;
            request.page_token.clone_from(&page.next_page_token);
            Ok((
                page.agents,
                (!page.next_page_token.is_empty()).then_some(request),
            ))
        })
    }

    /// Publishes a batch; the answer has one result an item. Retried only when every item has an idempotency key, since
    /// a batch whose answer was lost may have been stored.
    pub async fn publish_events(
        &self,
        request: v1::PublishEventsRequest,
    ) -> Result<v1::PublishEventsResponse, Error> {
        let repeatable = request
            .items
            .iter()
            .all(|item| !item.idempotency_key.is_empty());
        self.call(request, repeatable, |raw, request| async move {
            raw.ingest().publish_events(request).await
        })
        .await
    }

    async fn call<Q, A, C, F>(&self, request: Q, repeatable: bool, send: C) -> Result<A, Error>
    where
        Q: Clone,
        C: Fn(Raw, Request<Q>) -> F,
        F: Future<Output = Result<Response<A>, Status>>,
    {
        let end = Instant::now() + self.deadline;
        let mut attempts = Attempts::new(self.retry.clone());
        let mut has_new_credential = false;
        let mut last = None;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let generation = self.credential().map(|credential| credential.generation());
            let answer =
                timeout(left, send(self.raw(), with_deadline(request.clone(), left))).await;
            // The gateway may say first that the deadline passed; whoever says it, it is the caller's own.
            let error = match answer {
                Ok(Ok(answer)) => return Ok(answer.into_inner()),
                Ok(Err(status)) if Instant::now() < end => Error::from(status),
                Ok(Err(_)) | Err(_) => return Err(Error::too_late(self.deadline, last)),
            };
            let may_refresh =
                error.code() == Code::Unauthenticated && !error.is_local() && !has_new_credential;
            if may_refresh && self.refresh(generation).await {
                has_new_credential = true;
                continue;
            }
            if !repeatable || !error.retryable() || attempts.are_used_up() {
                return Err(error);
            }
            let pause = attempts.begin(error.retry_after().unwrap_or_default());
            if Instant::now() + pause >= end {
                return Err(error);
            }
            sleep(pause).await;
            last = Some(error);
        }
    }

    async fn refresh(&self, generation: Option<u64>) -> bool {
        match (self.credential(), generation) {
            (Some(credential), Some(generation)) => credential.refuse(generation).await,
            _ => false,
        }
    }
}

fn with_deadline<Q>(message: Q, left: Duration) -> Request<Q> {
    let mut request = Request::new(message);
    request.set_timeout(left);
    request
}
