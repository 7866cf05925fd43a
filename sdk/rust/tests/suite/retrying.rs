//! What is tried again, how often, and after how long.
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use callwire::v1::GoingAway;
use callwire::v1::subscribe_response::Notice;
use callwire::{Client, Code, Delivery, Error, SubscribeOptions, SubscriptionStatus};

use crate::samples::{
    bounded, client, events, notice, offsets, opened, quick, refusal, unavailable, with_retry_info,
};
use crate::scripted_server::{Act, Script, ScriptedServer, send};

type Attempts = Arc<Mutex<Vec<(u32, Duration, Error)>>>;

/// Options that remember each `Reconnecting`.
fn watched(options: SubscribeOptions) -> (SubscribeOptions, Attempts) {
    let attempts = Attempts::default();
    let seen = attempts.clone();
    let options = options.on_status(move |status| {
        if let SubscriptionStatus::Reconnecting {
            attempt,
            delay,
            cause,
        } = status
        {
            seen.lock().unwrap().push((attempt, delay, cause));
        }
    });
    (options, attempts)
}

async fn first_error(client: &Client, options: SubscribeOptions) -> Error {
    let mut subscription = client.subscribe(options);
    subscription.next().await.unwrap().unwrap_err()
}

#[tokio::test]
async fn the_last_error_is_surfaced_when_the_attempts_are_used_up() {
    let script = vec![
        vec![Act::Fail(unavailable())],
        vec![send(opened(0)), Act::Fail(unavailable())],
        vec![Act::Fail(tonic::Status::unavailable("the last"))],
    ];
    let server = ScriptedServer::start(Script::of_streams(script)).await;
    let (options, attempts) = watched(bounded(9).retry(quick().max_attempts(2)));
    let error = first_error(&client(&server.url), options).await;
    assert_eq!(
        (error.code(), error.message()),
        (Code::Unavailable, "the last")
    );
    assert_eq!(server.subscribed().len(), 3);
    let numbers: Vec<_> = attempts
        .lock()
        .unwrap()
        .iter()
        .map(|(number, ..)| *number)
        .collect();
    assert_eq!(numbers, [1, 2]);
}

#[tokio::test]
async fn events_give_all_attempts_back() {
    let mut script: Vec<_> = (1..=4)
        .map(|offset| {
            vec![
                send(opened(offset - 1)),
                send(events([offset])),
                Act::Fail(unavailable()),
            ]
        })
        .collect();
    script.push(vec![send(opened(4)), send(events([5]))]);
    let server = ScriptedServer::start(Script::of_streams(script)).await;
    let (options, attempts) = watched(bounded(5).retry(quick().max_attempts(1)));
    let mut subscription = client(&server.url).subscribe(options);
    assert_eq!(offsets(&mut subscription).await, [1, 2, 3, 4, 5]);
    assert!(
        attempts
            .lock()
            .unwrap()
            .iter()
            .all(|(number, ..)| *number == 1)
    );
}

#[tokio::test]
async fn what_cannot_pass_is_surfaced_at_once() {
    let refused = refusal(Code::InvalidArgument, "EMPTY_FILTER", &[]);
    let server = ScriptedServer::start(Script::of_streams(vec![vec![Act::Fail(refused)]])).await;
    let error = first_error(&client(&server.url), bounded(9)).await;
    assert_eq!(error.reason(), Some("EMPTY_FILTER"));
    assert_eq!(server.subscribed().len(), 1);
}

#[tokio::test]
async fn the_gateway_is_given_the_time_that_it_asks_for() {
    let wait = Duration::from_millis(120);
    let server = ScriptedServer::start(Script::of_streams(vec![
        vec![Act::Fail(with_retry_info(
            Code::Unavailable,
            "OVERLOADED",
            wait,
        ))],
        vec![send(opened(0)), send(events([1]))],
    ]))
    .await;
    let (options, attempts) = watched(bounded(1));
    let begun = Instant::now();
    assert_eq!(
        offsets(&mut client(&server.url).subscribe(options)).await,
        [1]
    );
    assert!(begun.elapsed() >= wait);
    let attempts = attempts.lock().unwrap();
    let (_, delay, cause) = &attempts[0];
    assert!(*delay >= wait, "{delay:?}");
    assert_eq!(
        (cause.reason(), cause.retry_after()),
        (Some("OVERLOADED"), Some(wait))
    );
}

#[tokio::test]
async fn a_gateway_that_goes_away_says_for_how_long() {
    let wait = Duration::from_millis(80);
    let away = Notice::GoingAway(GoingAway {
        retry_after: Some(wait.try_into().unwrap()),
    });
    let server = ScriptedServer::start(Script::of_streams(vec![
        vec![
            send(opened(0)),
            send(notice(away, 0)),
            Act::Fail(unavailable()),
        ],
        vec![send(opened(0)), send(events([1]))],
    ]))
    .await;
    let (options, attempts) = watched(bounded(1));
    let mut subscription = client(&server.url).subscribe(options);
    let delivery = subscription.next().await.unwrap().unwrap();
    assert!(matches!(delivery, Delivery::GoingAway(notice) if notice.retry_after == wait));
    assert_eq!(offsets(&mut subscription).await, [1]);
    assert!(attempts.lock().unwrap()[0].1 >= wait);
}

#[tokio::test]
async fn nobody_at_the_address_is_a_failure_that_can_pass() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = first_error(&client(&url), bounded(9).retry(quick().max_attempts(1))).await;
    assert_eq!((error.code(), error.retryable()), (Code::Unavailable, true));
    assert!(error.message().contains("refused"), "{error}");
}

#[test]
fn a_url_that_names_no_gateway_is_refused() {
    for url in [
        "",
        "localhost:7450",
        "ftp://localhost",
        "http://",
        "nonsense",
    ] {
        let error = Client::connect(url).err().unwrap();
        assert_eq!(error.code(), Code::InvalidArgument, "{url}");
    }
}
