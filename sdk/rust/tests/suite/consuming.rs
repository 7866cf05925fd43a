//! The two ways to consume, and the ways to end.
use std::sync::Arc;

use callwire::{
    CheckpointState, Delivery, End, MemoryCheckpoint, RunError, SavePolicy, SubscribeOptions,
};
use tokio::sync::{Notify, oneshot};

use crate::samples::{DIGEST, bounded, client, cursor, events, offset, opened, quick};
use crate::scripted_server::{Act, Script, ScriptedServer, send};

async fn server() -> ScriptedServer {
    let stream = vec![send(opened(0)), send(events(1..=10)), Act::Hold];
    ScriptedServer::start(Script::of_streams(vec![stream])).await
}

fn endless(checkpoint: &Arc<MemoryCheckpoint>) -> SubscribeOptions {
    let policy = SavePolicy::new().every_events(1_000_000);
    SubscribeOptions::new()
        .earliest()
        .retry(quick())
        .checkpoint(checkpoint.clone())
        .save_policy(policy)
}

fn saved(checkpoint: &MemoryCheckpoint) -> Option<CheckpointState> {
    checkpoint.state()
}

fn state(offset: u64) -> Option<CheckpointState> {
    Some(CheckpointState {
        cursor: cursor(offset),
        filter_digest: DIGEST.to_owned(),
    })
}

#[tokio::test]
async fn run_ends_when_the_bounded_stream_does() {
    let stream = vec![send(opened(0)), send(events(1..=3))];
    let server = ScriptedServer::start(Script::of_streams(vec![stream])).await;
    let mut seen = Vec::new();
    let end = client(&server.url)
        .subscribe(bounded(3))
        .run(|delivery| {
            seen.extend(offset(&delivery));
            async { Ok::<_, std::convert::Infallible>(()) }
        })
        .await;
    assert_eq!(end.unwrap(), End::Completed);
    assert_eq!(seen, [1, 2, 3]);
}

#[tokio::test]
async fn a_handler_that_fails_ends_the_run_and_its_event_is_not_handled() {
    let (server, checkpoint) = (server().await, Arc::new(MemoryCheckpoint::new()));
    let subscription = client(&server.url).subscribe(endless(&checkpoint));
    let result = subscription
        .run(|delivery| async move {
            if offset(&delivery) == Some(4) {
                Err("the disk is full")
            } else {
                Ok(())
            }
        })
        .await;
    assert!(matches!(result, Err(RunError::Handler("the disk is full"))));
    assert_eq!(saved(&checkpoint), state(3));
}

#[tokio::test]
async fn closing_waits_for_the_handler_and_counts_its_event() {
    let (server, checkpoint) = (server().await, Arc::new(MemoryCheckpoint::new()));
    let subscription = client(&server.url).subscribe(endless(&checkpoint));
    let handle = subscription.handle();
    let (reached, mut at_three) = tokio::sync::mpsc::unbounded_channel();
    let release = Arc::new(Notify::new());
    let released = release.clone();
    let running = tokio::spawn(subscription.run(move |delivery| {
        let (reached, released) = (reached.clone(), released.clone());
        async move {
            if offset(&delivery) == Some(3) {
                reached.send(()).unwrap();
                released.notified().await;
            }
            Ok::<_, std::convert::Infallible>(())
        }
    }));
    at_three.recv().await.unwrap();
    let closed = handle.close();
    assert!(!running.is_finished());
    release.notify_one();
    closed.await;
    assert_eq!(running.await.unwrap().unwrap(), End::Closed);
    assert_eq!(saved(&checkpoint), state(3));
}

#[tokio::test]
async fn cancelling_drops_the_handler_and_saves_what_was_handled() {
    let (server, checkpoint) = (server().await, Arc::new(MemoryCheckpoint::new()));
    let subscription = client(&server.url).subscribe(endless(&checkpoint));
    let handle = subscription.handle();
    let end = subscription
        .run(|delivery| {
            let handle = handle.clone();
            async move {
                if offset(&delivery) == Some(3) {
                    handle.cancel();
                    std::future::pending::<()>().await;
                }
                Ok::<_, std::convert::Infallible>(())
            }
        })
        .await;
    assert_eq!(end.unwrap(), End::Cancelled);
    assert_eq!(saved(&checkpoint), state(2));
}

#[tokio::test]
async fn an_item_of_the_stream_is_handled_when_the_next_is_asked_for() {
    let (server, checkpoint) = (server().await, Arc::new(MemoryCheckpoint::new()));
    let mut subscription = client(&server.url).subscribe(endless(&checkpoint));
    for expected in 1..=3 {
        let delivery = subscription.next().await.unwrap().unwrap();
        assert_eq!(offset(&delivery), Some(expected));
    }
    assert_eq!(subscription.handled(), state(2));
    let handle = subscription.handle();
    drop(subscription);
    handle.ended().await;
    assert_eq!(saved(&checkpoint), state(2));
}

#[tokio::test]
async fn closing_the_stream_counts_its_last_item() {
    let (server, checkpoint) = (server().await, Arc::new(MemoryCheckpoint::new()));
    let mut subscription = client(&server.url).subscribe(endless(&checkpoint));
    for _ in 1..=3 {
        subscription.next().await.unwrap().unwrap();
    }
    subscription.close().await.unwrap();
    assert_eq!(saved(&checkpoint), state(3));
}

#[tokio::test]
async fn waiting_for_the_next_item_may_be_given_up() {
    let (server, checkpoint) = (server().await, Arc::new(MemoryCheckpoint::new()));
    let mut subscription = client(&server.url).subscribe(endless(&checkpoint));
    for _ in 1..=10 {
        subscription.next().await.unwrap().unwrap();
    }
    let (enough, given_up) = oneshot::channel::<()>();
    enough.send(()).unwrap();
    tokio::select! {
        biased;
        _ = subscription.next() => panic!("there is no eleventh event"),
        _ = given_up => {}
    }
    let handle = subscription.handle();
    drop(handle.close());
    assert!(subscription.next().await.is_none());
    assert_eq!(subscription.end(), Some(End::Closed));
    assert_eq!(saved(&checkpoint), state(10));
}

#[tokio::test]
async fn a_subscription_is_a_stream() {
    use tokio_stream::StreamExt;

    let stream = vec![send(opened(0)), send(events(1..=3))];
    let server = ScriptedServer::start(Script::of_streams(vec![stream])).await;
    let subscription = client(&server.url).subscribe(bounded(3));
    let deliveries: Vec<Delivery> = subscription.map(Result::unwrap).collect().await;
    assert_eq!(
        deliveries.iter().filter_map(offset).collect::<Vec<_>>(),
        [1, 2, 3]
    );
}
