//! Streams that fall silent, and consumers that are slow.
use std::time::Duration;

use callwire::{Delivery, SubscribeOptions, SubscriptionStatus};
use tokio::sync::mpsc::unbounded_channel;

use crate::samples::{bounded, client, events, offset, offsets, opened, quick};
use crate::scripted_server::{Act, Script, ScriptedServer, send};

const INTERVAL: Duration = Duration::from_millis(40);

#[tokio::test]
async fn a_silent_stream_is_opened_again() {
    let server = ScriptedServer::start(Script::of_streams(vec![
        vec![Act::Hold],
        vec![send(opened(0)), send(events([1])), Act::Hold],
        vec![send(opened(1)), send(events([2]))],
    ]))
    .await;
    let (sender, mut causes) = unbounded_channel();
    let options = bounded(2)
        .progress_interval(INTERVAL)
        .on_status(move |status| {
            if let SubscriptionStatus::Reconnecting { cause, .. } = status {
                sender.send(cause).unwrap();
            }
        });
    let mut subscription = client(&server.url).subscribe(options);
    assert_eq!(offsets(&mut subscription).await, [1, 2]);
    for _ in 0..2 {
        let cause = causes.recv().await.unwrap();
        assert!(cause.message().contains("silent"), "{cause}");
    }
    assert!(causes.recv().await.is_none());
}

#[tokio::test]
async fn reading_stops_while_the_buffer_is_full_and_that_is_no_silence() {
    let responses = (1..=40).map(|number| {
        let mut response = events([number]);
        // More than what the transport may hold unread.
        response.events[0].raw_json = "x".repeat(200_000);
        send(response)
    });
    let stream = [send(opened(0))].into_iter().chain(responses).collect();
    let server = ScriptedServer::start(Script::of_streams(vec![stream])).await;
    let (sender, mut statuses) = unbounded_channel();
    let options = bounded(40)
        .buffer(4)
        .progress_interval(INTERVAL)
        .on_status(move |status| {
            sender.send(status).unwrap();
        });
    let mut subscription = client(&server.url).subscribe(options);
    let first = subscription.next().await.unwrap().unwrap();
    assert_eq!(offset(&first), Some(1));

    let mut sent = server.sent();
    while tokio::time::timeout(INTERVAL * 5, sent.changed())
        .await
        .is_ok()
    {}
    // The first response, 5 events taken or held, and what the windows and buffers of the transport hold.
    assert!(
        *sent.borrow() < 20,
        "{} responses were read",
        *sent.borrow()
    );

    let rest = offsets(&mut subscription).await;
    assert_eq!(rest, (2..=40).collect::<Vec<_>>());
    assert!(matches!(
        statuses.recv().await,
        Some(SubscriptionStatus::Connected)
    ));
    assert!(
        statuses.recv().await.is_none(),
        "the stream was opened again"
    );
    assert_eq!(server.subscribed()[0].message.max_batch_events, 2);
}

#[tokio::test]
async fn a_panic_of_the_listener_ends_the_subscription() {
    let server =
        ScriptedServer::start(Script::of_streams(vec![vec![send(opened(0)), Act::Hold]])).await;
    let options = SubscribeOptions::new()
        .retry(quick())
        .on_status(|_| panic!("a defect of the user's"));
    let mut subscription = client(&server.url).subscribe(options);
    let error = subscription.next().await.unwrap().unwrap_err();
    assert!(error.message().contains("reading task"), "{error}");
}

#[tokio::test]
async fn statuses_tell_how_the_stream_is_doing() {
    use callwire::v1::subscribe_response::Notice;
    use callwire::v1::{CaughtUp, FellBehind, Progress};

    let progress = callwire::v1::SubscribeResponse {
        progress: Some(Progress {
            head_cursor: "0a1b2c3d-7".to_owned(),
            events_behind: 6,
            server_time: None,
        }),
        ..crate::samples::moved(1)
    };
    let server = ScriptedServer::start(Script::of_streams(vec![vec![
        send(opened(0)),
        send(crate::samples::notice(Notice::CaughtUp(CaughtUp {}), 1)),
        send(crate::samples::notice(
            Notice::FellBehind(FellBehind { queued_bytes: 5 }),
            1,
        )),
        send(progress),
    ]]))
    .await;
    let (sender, mut statuses) = unbounded_channel();
    let options = bounded(1).on_status(move |status| sender.send(format!("{status:?}")).unwrap());
    let deliveries: Option<Result<Delivery, _>> =
        client(&server.url).subscribe(options).next().await;
    assert!(deliveries.is_none());
    let mut told = Vec::new();
    while let Some(status) = statuses.recv().await {
        told.push(status);
    }
    assert_eq!(
        told,
        [
            "Connected",
            "CaughtUp",
            "FellBehind { queued_bytes: 5 }",
            "Progress { head_cursor: \"0a1b2c3d-7\", events_behind: 6 }",
        ]
    );
}
