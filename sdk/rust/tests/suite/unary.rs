//! Calls with one answer.
use std::time::{Duration, Instant};

use callwire::v1::{
    GetLogInfoResponse, ListEventsRequest, ListEventsResponse, PublishEventsRequest, PublishItem,
};
use callwire::{Client, Code, Event, RetryPolicy};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::service::Routes;
use tonic::transport::Server;

use crate::samples::{client, quick, refusal, unavailable, with_retry_info};
use crate::scripted_server::{Script, ScriptedServer};

fn info() -> GetLogInfoResponse {
    GetLogInfoResponse {
        epoch: "0a1b2c3d".to_owned(),
        ..Default::default()
    }
}

async fn asked_for_info(answers: Vec<Result<GetLogInfoResponse, tonic::Status>>) -> ScriptedServer {
    ScriptedServer::start(Script {
        log_info: answers,
        ..Script::default()
    })
    .await
}

#[tokio::test]
async fn a_failure_that_can_pass_is_tried_again() {
    let server = asked_for_info(vec![Err(unavailable()), Err(unavailable()), Ok(info())]).await;
    let answer = client(&server.url)
        .get_log_info(Default::default())
        .await
        .unwrap();
    assert_eq!(answer, info());
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn a_failure_that_cannot_pass_is_returned_at_once() {
    let server = asked_for_info(vec![Err(refusal(Code::NotFound, "UNKNOWN_TENANT", &[]))]).await;
    let error = client(&server.url)
        .get_log_info(Default::default())
        .await
        .unwrap_err();
    assert_eq!(
        (error.code(), error.reason()),
        (Code::NotFound, Some("UNKNOWN_TENANT"))
    );
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn attempts_are_used_up() {
    let server = asked_for_info(vec![Err(unavailable()), Err(unavailable()), Ok(info())]).await;
    let policy = quick().max_attempts(1);
    let client = Client::builder(&server.url).retry(policy).build().unwrap();
    assert_eq!(
        client
            .get_log_info(Default::default())
            .await
            .unwrap_err()
            .code(),
        Code::Unavailable
    );
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_call_without_an_answer_ends_at_its_deadline() {
    let server = asked_for_info(vec![Err(unavailable())]).await;
    let client = client(&server.url).with_deadline(Duration::from_millis(150));
    let begun = Instant::now();
    let error = client.get_log_info(Default::default()).await.unwrap_err();
    assert!(begun.elapsed() >= Duration::from_millis(150));
    assert_eq!(error.code(), Code::DeadlineExceeded);
    assert!(error.message().contains("said by the script"), "{error}");
}

#[tokio::test]
async fn a_pause_beyond_the_deadline_is_not_begun() {
    let wait = Duration::from_secs(60);
    let server = asked_for_info(vec![Err(with_retry_info(
        Code::Unavailable,
        "OVERLOADED",
        wait,
    ))])
    .await;
    let begun = Instant::now();
    let error = client(&server.url)
        .get_log_info(Default::default())
        .await
        .unwrap_err();
    assert_eq!(
        (error.reason(), error.retry_after()),
        (Some("OVERLOADED"), Some(wait))
    );
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_list_fetches_its_pages_when_they_are_needed() {
    let page = |offsets: std::ops::Range<u64>, token: &str| {
        let events = offsets
            .map(|offset| Event {
                offset,
                ..Default::default()
            })
            .collect();
        Ok(ListEventsResponse {
            events,
            next_page_token: token.to_owned(),
            ..Default::default()
        })
    };
    let pages = vec![page(1..3, "a"), page(3..3, "b"), page(3..4, "")];
    let server = ScriptedServer::start(Script {
        pages,
        ..Script::default()
    })
    .await;
    let request = ListEventsRequest {
        page_size: 2,
        ..Default::default()
    };
    let mut events = client(&server.url).list_events(request);
    assert_eq!(events.next().await.unwrap().unwrap().offset, 1);
    assert_eq!(server.paged().len(), 1);
    let mut offsets = Vec::new();
    while let Some(event) = events.next().await {
        offsets.push(event.unwrap().offset);
    }
    assert_eq!(offsets, [2, 3]);
    let asked = server.paged();
    let tokens: Vec<_> = asked
        .iter()
        .map(|request| (request.page_size, request.page_token.as_str()))
        .collect();
    assert_eq!(tokens, [(2, ""), (2, "a"), (2, "b")]);
}

/// A peer that closes each connection once something was sent; gives how many there were.
async fn hangs_up() -> (String, tokio::sync::watch::Receiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (count, seen) = tokio::sync::watch::channel(0);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            socket.read_u8().await.unwrap();
            count.send_modify(|count| *count += 1);
        }
    });
    (url, seen)
}

async fn publish(url: &str, key: &str) -> callwire::Error {
    let policy = RetryPolicy::new()
        .initial(Duration::from_millis(1))
        .max_attempts(2);
    let client = Client::builder(url).retry(policy).build().unwrap();
    let item = PublishItem {
        idempotency_key: key.to_owned(),
        ..Default::default()
    };
    let request = PublishEventsRequest {
        items: vec![item],
        ..Default::default()
    };
    client.publish_events(request).await.unwrap_err()
}

#[tokio::test]
async fn a_batch_is_published_again_only_when_it_cannot_be_stored_twice() {
    let (url, connections) = hangs_up().await;
    assert!(publish(&url, "").await.retryable());
    assert_eq!(*connections.borrow(), 1);
    assert!(publish(&url, "key").await.retryable());
    assert_eq!(*connections.borrow(), 4);
}

/// A proxy that refuses every request by HTTP alone.
async fn forbids() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let forbidden =
        axum::Router::new().fallback(|| async { (http::StatusCode::FORBIDDEN, "not for you") });
    let incoming = TcpListenerStream::new(listener);
    let router = Server::builder().add_routes(Routes::from(forbidden));
    tokio::spawn(router.serve_with_incoming(incoming));
    url
}

#[tokio::test]
async fn an_answer_that_is_no_grpc_is_judged_by_its_http_status() {
    let error = client(&forbids().await)
        .get_log_info(Default::default())
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::PermissionDenied);
    assert!(error.message().contains("403"), "{error}");
}
