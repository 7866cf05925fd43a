//! Positions that outlive a subscription.
use std::sync::Arc;
use std::time::Duration;

use callwire::v1::subscribe_request::Position;
use callwire::{
    BoxError, Checkpoint, CheckpointState, Code, Delivery, FileCheckpoint, MemoryCheckpoint,
    SavePolicy, SubscribeOptions, async_trait,
};

use crate::samples::{
    DIGEST, bounded, client, cursor, events, moved, offsets, opened, opened_with, quick,
};
use crate::scripted_server::{Act, Script, ScriptedServer, send};

#[tokio::test]
async fn a_second_subscription_begins_after_what_the_first_handled() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = FileCheckpoint::new(folder.path().join("cursor"));
    let server = ScriptedServer::start(Script::of_streams(vec![
        vec![send(opened(0)), send(events([1, 2, 3])), Act::Hold],
        vec![send(opened(2)), send(events([3, 4]))],
    ]))
    .await;
    let client = client(&server.url);
    let mut first = client.subscribe(bounded(4).checkpoint(checkpoint.clone()));
    for _ in 0..2 {
        first.next().await.unwrap().unwrap();
    }
    first.close().await.unwrap();
    let mut second = client.subscribe(bounded(4).checkpoint(checkpoint.clone()));
    assert_eq!(offsets(&mut second).await, [3, 4]);
    let position = server.subscribed()[1].message.position.clone();
    assert_eq!(position, Some(Position::AfterCursor(cursor(2))));
    let saved = checkpoint.load().await.unwrap().unwrap();
    assert_eq!(
        (saved.cursor, saved.filter_digest.as_str()),
        (cursor(4), DIGEST)
    );
}

#[tokio::test]
async fn other_filters_than_the_saved_ones_are_told_before_anything_else() {
    let checkpoint = Arc::new(MemoryCheckpoint::new());
    let saved = CheckpointState {
        cursor: cursor(3),
        filter_digest: "00000000000000bb".to_owned(),
    };
    checkpoint.save(&saved).await.unwrap();
    let stream = vec![send(opened_with(3, DIGEST)), send(events([4]))];
    let server = ScriptedServer::start(Script::of_streams(vec![stream])).await;
    let mut subscription = client(&server.url).subscribe(bounded(4).checkpoint(checkpoint.clone()));
    let Delivery::FilterChanged(change) = subscription.next().await.unwrap().unwrap() else {
        panic!("the change comes first");
    };
    assert_eq!(
        (change.previous_digest.as_str(), change.digest.as_str()),
        ("00000000000000bb", DIGEST)
    );
    assert_eq!(offsets(&mut subscription).await, [4]);
    assert_eq!(checkpoint.state().unwrap().filter_digest, DIGEST);
}

#[tokio::test]
async fn a_position_that_moves_without_events_is_saved_by_time() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = FileCheckpoint::new(folder.path().join("cursor"));
    let stream = vec![send(opened(3)), send(moved(9)), Act::Hold];
    let server = ScriptedServer::start(Script::of_streams(vec![stream])).await;
    let options = SubscribeOptions::new()
        .retry(quick())
        .checkpoint(checkpoint.clone())
        .save_policy(SavePolicy::new().every(Duration::from_millis(5)));
    let mut subscription = client(&server.url).subscribe(options);
    let saved = async {
        loop {
            let saved = checkpoint.load().await.unwrap();
            if saved.is_some_and(|state| state.cursor == cursor(9)) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        delivery = subscription.next() => panic!("{delivery:?}"),
        () = saved => {}
    }
}

#[tokio::test]
async fn a_corrupt_checkpoint_is_an_error_before_the_gateway_is_asked_for_anything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken-cursor");
    std::fs::write(&path, "{\"cursor\":").unwrap();
    let server = ScriptedServer::start(Script::default()).await;
    let options = bounded(4).checkpoint(FileCheckpoint::new(&path));
    let error = client(&server.url)
        .subscribe(options)
        .next()
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(error.code(), Code::DataLoss);
    assert!(
        error.message().contains("broken-cursor is corrupt"),
        "{error}"
    );
    assert!(server.subscribed().is_empty());
}

/// A disk that is full from the first save on.
struct Full;

#[async_trait]
impl Checkpoint for Full {
    async fn load(&self) -> Result<Option<CheckpointState>, BoxError> {
        Ok(None)
    }

    async fn save(&self, _: &CheckpointState) -> Result<(), BoxError> {
        Err("no space left".into())
    }
}

async fn failing_subscription(policy: SavePolicy) -> (ScriptedServer, callwire::Subscription) {
    let stream = vec![send(opened(0)), send(events(1..=9)), Act::Hold];
    let server = ScriptedServer::start(Script::of_streams(vec![stream])).await;
    let subscription =
        client(&server.url).subscribe(bounded(99).checkpoint(Full).save_policy(policy));
    (server, subscription)
}

#[tokio::test]
async fn a_save_by_number_that_fails_ends_the_subscription_there() {
    let policy = SavePolicy::new()
        .every_events(3)
        .every(Duration::from_secs(600));
    let (_server, mut subscription) = failing_subscription(policy).await;
    for _ in 0..3 {
        subscription.next().await.unwrap().unwrap();
    }
    let error = subscription.next().await.unwrap().unwrap_err();
    assert!(error.message().contains("no space left"), "{error}");
    assert!(subscription.next().await.is_none());
}

#[tokio::test]
async fn a_save_by_time_that_fails_ends_the_subscription_too() {
    let policy = SavePolicy::new().every(Duration::from_millis(1));
    let (_server, mut subscription) = failing_subscription(policy).await;
    let error = loop {
        match subscription.next().await.unwrap() {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert!(error.message().contains("no space left"), "{error}");
}

#[tokio::test]
async fn a_save_at_close_that_fails_is_told() {
    let (_server, mut subscription) = failing_subscription(SavePolicy::new()).await;
    subscription.next().await.unwrap().unwrap();
    let error = subscription.close().await.unwrap_err();
    assert!(error.message().contains("no space left"), "{error}");
}
