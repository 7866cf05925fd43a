//! Cuts: nothing is repeated, nothing is skipped.
use callwire::v1::subscribe_request::Position;
use callwire::v1::subscribe_response::Notice;
use callwire::v1::{Gap, SubscribeRequest};
use callwire::{Code, Delivery, End, SubscribeOptions};

use crate::samples::{
    bounded, client, cursor, events, matched, moved, notice, offset, offsets, opened, quick,
    unavailable,
};
use crate::scripted_server::{Act, Script, ScriptedServer, send};

fn position(request: &SubscribeRequest) -> &Position {
    request.position.as_ref().unwrap()
}

fn after(offset: u64) -> Position {
    Position::AfterCursor(cursor(offset))
}

#[tokio::test]
async fn a_cut_is_resumed_after_the_last_response_received_whole() {
    let server = ScriptedServer::start(Script::of_streams(vec![
        vec![
            send(opened(0)),
            send(events([1, 2])),
            Act::Fail(unavailable()),
        ],
        vec![send(opened(2)), send(moved(7)), Act::Fail(unavailable())],
        vec![send(opened(7)), send(events([9])), send(events([10]))],
    ]))
    .await;
    let mut subscription = client(&server.url).subscribe(bounded(10));
    assert_eq!(offsets(&mut subscription).await, [1, 2, 9, 10]);
    assert_eq!(subscription.end(), Some(End::Completed));
    assert_eq!(subscription.handled().unwrap().cursor, cursor(10));
    let calls = server.subscribed();
    let positions: Vec<_> = calls.iter().map(|call| position(&call.message)).collect();
    let earliest = Position::Start(callwire::v1::StartPosition::Earliest.into());
    assert_eq!(positions, [&earliest, &after(2), &after(7)]);
}

#[tokio::test]
async fn before_the_first_response_the_original_position_is_asked_for_again() {
    let server = ScriptedServer::start(Script::of_streams(vec![
        vec![Act::Fail(unavailable())],
        vec![send(opened(4)), send(events([5]))],
    ]))
    .await;
    let options = SubscribeOptions::new()
        .after_cursor(cursor(4))
        .end_cursor(cursor(5))
        .retry(quick());
    let mut subscription = client(&server.url).subscribe(options);
    assert_eq!(offsets(&mut subscription).await, [5]);
    assert_eq!(position(&server.subscribed()[1].message), &after(4));
}

#[tokio::test]
async fn an_event_that_was_delivered_is_dropped() {
    let server = ScriptedServer::start(Script::of_streams(vec![
        vec![
            send(opened(0)),
            send(events([1, 2, 3])),
            Act::Fail(unavailable()),
        ],
        vec![
            send(opened(2)),
            send(matched(events([2, 3, 4]), &["q"])),
            send(events([5])),
        ],
    ]))
    .await;
    let mut subscription = client(&server.url).subscribe(bounded(5));
    assert_eq!(offsets(&mut subscription).await, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn an_end_that_was_not_asked_for_is_a_cut() {
    let server = ScriptedServer::start(Script::of_streams(vec![
        vec![send(opened(0)), send(events([1]))],
        vec![send(opened(1)), send(events([2])), Act::Hold],
    ]))
    .await;
    let options = SubscribeOptions::new().earliest().retry(quick());
    let mut subscription = client(&server.url).subscribe(options);
    for expected in [1, 2] {
        let delivery = subscription.next().await.unwrap().unwrap();
        assert_eq!(offset(&delivery), Some(expected));
    }
}

#[tokio::test]
async fn events_have_their_own_cursors_and_the_names_of_their_filters() {
    let server = ScriptedServer::start(Script::of_streams(vec![vec![
        send(opened(0)),
        send(matched(events([3, 5]), &["a", "b"])),
    ]]))
    .await;
    let mut subscription = client(&server.url).subscribe(bounded(5));
    let mut cursors = Vec::new();
    while let Some(delivery) = subscription.next().await {
        let Delivery::Event(item) = delivery.unwrap() else {
            panic!("only events were sent")
        };
        assert_eq!(item.matches, ["a", "b"]);
        cursors.push(item.cursor);
    }
    assert_eq!(cursors, [cursor(3), cursor(5)]);
}

#[tokio::test]
async fn a_gap_is_delivered_in_its_place_and_moves_the_position() {
    let gap = Notice::Gap(Gap {
        from_cursor: cursor(1),
        to_cursor: cursor(8),
    });
    let server = ScriptedServer::start(Script::of_streams(vec![
        vec![
            send(opened(0)),
            send(events([1])),
            send(notice(gap, 8)),
            Act::Fail(unavailable()),
        ],
        vec![send(opened(8)), send(events([9]))],
    ]))
    .await;
    let mut subscription = client(&server.url).subscribe(bounded(9));
    let mut seen = Vec::new();
    while let Some(delivery) = subscription.next().await {
        match delivery.unwrap() {
            Delivery::Event(item) => seen.push(item.cursor),
            Delivery::Gap(gap) => seen.push(format!("{} {}", gap.from_cursor, gap.to_cursor)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(
        seen,
        [cursor(1), format!("{} {}", cursor(1), cursor(8)), cursor(9)]
    );
    assert_eq!(position(&server.subscribed()[1].message), &after(8));
}

#[tokio::test]
async fn an_error_comes_after_what_was_received_before_it() {
    let refused = crate::samples::refusal(
        Code::FailedPrecondition,
        "EPOCH_MISMATCH",
        &[("epoch", "ffffffff")],
    );
    let server = ScriptedServer::start(Script::of_streams(vec![
        vec![
            send(opened(0)),
            send(events([1, 2])),
            Act::Fail(unavailable()),
        ],
        vec![Act::Fail(refused)],
    ]))
    .await;
    let mut subscription = client(&server.url).subscribe(bounded(9));
    for expected in [1, 2] {
        let delivery = subscription.next().await.unwrap().unwrap();
        assert_eq!(offset(&delivery), Some(expected));
    }
    let error = subscription.next().await.unwrap().unwrap_err();
    assert_eq!(error.reason(), Some("EPOCH_MISMATCH"));
    assert_eq!(error.metadata()["epoch"], "ffffffff");
    assert!(subscription.next().await.is_none());
    assert_eq!(subscription.end(), None);
    assert_eq!(subscription.handled().unwrap().cursor, cursor(2));
}
