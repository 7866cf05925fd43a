//! A server in this process that says what a test tells it to.
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use callwire::v1::{
    ExplainEventRequest, ExplainEventResponse, GetLogInfoRequest, GetLogInfoResponse,
    ListEventsRequest, ListEventsResponse, SubscribeRequest, SubscribeResponse,
};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_stream::{Stream, StreamExt};
use tonic::transport::Server;
use tonic::transport::server::Router;
use tonic::{Request, Response, Status};

use crate::server_stubs::subscription_service_server::{
    SubscriptionService, SubscriptionServiceServer,
};

type Answers<T> = Mutex<VecDeque<Result<T, Status>>>;

/// What a stream says, in order. A stream ends with OK after the last act.
#[derive(Clone)]
pub enum Act {
    Send(Box<SubscribeResponse>),
    Fail(Status),
    /// Says nothing more until the caller leaves.
    Hold,
}

pub fn send(response: SubscribeResponse) -> Act {
    Act::Send(Box::new(response))
}

/// The scripts of the streams in the order in which they are opened; the last one stays.
#[derive(Default)]
pub struct Script {
    pub streams: Vec<Vec<Act>>,
    pub log_info: Vec<Result<GetLogInfoResponse, Status>>,
    pub pages: Vec<Result<ListEventsResponse, Status>>,
}

impl Script {
    pub fn of_streams(streams: Vec<Vec<Act>>) -> Self {
        Self {
            streams,
            ..Self::default()
        }
    }
}

/// What a call sent: the request and its `authorization`.
#[derive(Clone, Debug)]
pub struct Call<Q> {
    pub message: Q,
    pub authorization: Option<String>,
}

pub struct ScriptedServer {
    pub url: String,
    scripted: Arc<Scripted>,
    serving: tokio::task::JoinHandle<()>,
}

struct Scripted {
    streams: Mutex<VecDeque<Vec<Act>>>,
    log_info: Answers<GetLogInfoResponse>,
    pages: Answers<ListEventsResponse>,
    subscribed: Mutex<Vec<Call<SubscribeRequest>>>,
    asked: Mutex<Vec<Call<()>>>,
    paged: Mutex<Vec<ListEventsRequest>>,
    sent: Arc<watch::Sender<usize>>,
}

impl ScriptedServer {
    pub async fn start(script: Script) -> Self {
        Self::start_by(script, Server::builder(), "http").await
    }

    pub async fn start_by(script: Script, mut server: Server, scheme: &str) -> Self {
        let scripted = Arc::new(Scripted {
            streams: Mutex::new(script.streams.into()),
            log_info: Mutex::new(script.log_info.into()),
            pages: Mutex::new(script.pages.into()),
            subscribed: Mutex::default(),
            asked: Mutex::default(),
            paged: Mutex::default(),
            sent: Arc::new(watch::Sender::new(0)),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router: Router =
            server.add_service(SubscriptionServiceServer::from_arc(scripted.clone()));
        let serving = tokio::spawn(async move {
            router
                .serve_with_incoming(TcpListenerStream::new(listener))
                .await
                .unwrap();
        });
        Self {
            url: format!("{scheme}://localhost:{port}"),
            scripted,
            serving,
        }
    }

    /// What the streams were opened with.
    pub fn subscribed(&self) -> Vec<Call<SubscribeRequest>> {
        self.scripted.subscribed.lock().unwrap().clone()
    }

    /// The calls of GetLogInfo.
    pub fn asked(&self) -> Vec<Call<()>> {
        self.scripted.asked.lock().unwrap().clone()
    }

    /// The calls of ListEvents.
    pub fn paged(&self) -> Vec<ListEventsRequest> {
        self.scripted.paged.lock().unwrap().clone()
    }

    /// Responses that streams were asked for by the transport so far.
    pub fn sent(&self) -> watch::Receiver<usize> {
        self.scripted.sent.subscribe()
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn authorization<Q>(request: &Request<Q>) -> Option<String> {
    let value = request.metadata().get("authorization")?;
    Some(value.to_str().unwrap().to_owned())
}

/// The next answer; an empty script holds the caller.
async fn next<T>(answers: &Answers<T>) -> Result<Response<T>, Status> {
    let answer = answers.lock().unwrap().pop_front();
    match answer {
        Some(answer) => answer.map(Response::new),
        None => std::future::pending().await,
    }
}

#[tonic::async_trait]
impl SubscriptionService for Scripted {
    type SubscribeStream = Pin<Box<dyn Stream<Item = Result<SubscribeResponse, Status>> + Send>>;

    async fn subscribe(
        &self,
        request: Request<SubscribeRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        let authorization = authorization(&request);
        let message = request.into_inner();
        self.subscribed.lock().unwrap().push(Call {
            message,
            authorization,
        });
        let acts = {
            let mut streams = self.streams.lock().unwrap();
            if streams.len() > 1 {
                streams.pop_front()
            } else {
                streams.front().cloned()
            }
        };
        if let Some([Act::Fail(status)]) = acts.as_deref() {
            return Err(status.clone());
        }
        let acts = acts.unwrap_or_default();
        let is_held = matches!(acts.last(), Some(Act::Hold));
        let said = acts.into_iter().filter_map(|act| match act {
            Act::Send(response) => Some(Ok(*response)),
            Act::Fail(status) => Some(Err(status)),
            Act::Hold => None,
        });
        let said = self.counted(tokio_stream::iter(said.collect::<Vec<_>>()));
        Ok(Response::new(if is_held {
            Box::pin(said.chain(tokio_stream::pending()))
        } else {
            said
        }))
    }

    async fn list_events(
        &self,
        request: Request<ListEventsRequest>,
    ) -> Result<Response<ListEventsResponse>, Status> {
        self.paged.lock().unwrap().push(request.into_inner());
        next(&self.pages).await
    }

    async fn get_log_info(
        &self,
        request: Request<GetLogInfoRequest>,
    ) -> Result<Response<GetLogInfoResponse>, Status> {
        let authorization = authorization(&request);
        self.asked.lock().unwrap().push(Call {
            message: (),
            authorization,
        });
        next(&self.log_info).await
    }

    async fn explain_event(
        &self,
        _: Request<ExplainEventRequest>,
    ) -> Result<Response<ExplainEventResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }
}

impl Scripted {
    fn counted(
        &self,
        responses: impl Stream<Item = Result<SubscribeResponse, Status>> + Send + 'static,
    ) -> <Self as SubscriptionService>::SubscribeStream {
        let sent = self.sent.clone();
        Box::pin(responses.map(move |response| {
            sent.send_modify(|count| *count += 1);
            response
        }))
    }
}
