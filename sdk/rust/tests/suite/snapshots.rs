//! Snapshots: whole or not at all, and no more often than something was missed.
use callwire::v1::subscribe_response::Notice;
use callwire::v1::{Gap, Session, SnapshotBegin, SnapshotEnd, SubscribeResponse};
use callwire::{Delivery, ExpiredCursorPolicy, SubscribeOptions};

use crate::samples::{bounded, client, cursor, events, notice, opened, unavailable};
use crate::scripted_server::{Act, Script, ScriptedServer, send};

fn begin() -> Act {
    let notice = Some(Notice::SnapshotBegin(SnapshotBegin {}));
    send(SubscribeResponse {
        notice,
        ..Default::default()
    })
}

fn sessions(ids: &[&str]) -> Act {
    let session = |id: &&str| Session {
        session_id: (*id).to_owned(),
        ..Default::default()
    };
    let sessions = ids.iter().map(session).collect();
    send(SubscribeResponse {
        sessions,
        ..Default::default()
    })
}

fn end(offset: u64) -> Act {
    send(notice(Notice::SnapshotEnd(SnapshotEnd {}), offset))
}

/// Each delivery in a word.
async fn told(options: SubscribeOptions, server: &ScriptedServer) -> Vec<String> {
    let mut subscription = client(&server.url).subscribe(options);
    let mut told = Vec::new();
    while let Some(delivery) = subscription.next().await {
        told.push(match delivery.unwrap() {
            Delivery::Event(item) => item.cursor,
            Delivery::Gap(gap) => format!("gap to {}", gap.to_cursor),
            Delivery::Snapshot(snapshot) => {
                let ids = snapshot
                    .sessions
                    .into_iter()
                    .map(|session| session.session_id);
                format!(
                    "{} at {}",
                    ids.collect::<Vec<_>>().join(" "),
                    snapshot.cursor
                )
            }
            other => panic!("{other:?}"),
        });
    }
    told
}

#[tokio::test]
async fn a_snapshot_that_is_cut_short_is_dropped_and_comes_again_whole() {
    let server = ScriptedServer::start(Script::of_streams(vec![
        vec![
            send(opened(9)),
            begin(),
            sessions(&["old"]),
            Act::Fail(unavailable()),
        ],
        vec![
            send(opened(9)),
            begin(),
            sessions(&["a", "b"]),
            sessions(&["c"]),
            end(9),
            send(events([10])),
        ],
    ]))
    .await;
    let seen = told(bounded(10).include_snapshot(), &server).await;
    assert_eq!(seen, [format!("a b c at {}", cursor(9)), cursor(10)]);
    assert!(server.subscribed()[1].message.include_snapshot);
}

#[tokio::test]
async fn a_whole_snapshot_is_not_asked_for_again() {
    let server = ScriptedServer::start(Script::of_streams(vec![
        vec![
            send(opened(9)),
            begin(),
            sessions(&["a"]),
            end(9),
            Act::Fail(unavailable()),
        ],
        vec![send(opened(9)), send(events([10]))],
    ]))
    .await;
    let seen = told(bounded(10).include_snapshot(), &server).await;
    assert_eq!(seen, [format!("a at {}", cursor(9)), cursor(10)]);
    assert!(!server.subscribed()[1].message.include_snapshot);
}

#[tokio::test]
async fn after_a_gap_there_is_another_snapshot() {
    let gap = Notice::Gap(Gap {
        from_cursor: cursor(9),
        to_cursor: cursor(20),
    });
    let server = ScriptedServer::start(Script::of_streams(vec![
        vec![
            send(opened(9)),
            begin(),
            sessions(&["a"]),
            end(9),
            Act::Fail(unavailable()),
        ],
        vec![
            send(opened(9)),
            begin(),
            sessions(&["known already"]),
            end(9),
            send(notice(gap, 20)),
            begin(),
            sessions(&["b"]),
            end(20),
            send(events([21])),
        ],
    ]))
    .await;
    let options = bounded(21)
        .include_snapshot()
        .on_expired(ExpiredCursorPolicy::SkipWithGap);
    let expected = [
        format!("a at {}", cursor(9)),
        format!("gap to {}", cursor(20)),
        format!("b at {}", cursor(20)),
        cursor(21),
    ];
    assert_eq!(told(options, &server).await, expected);
}
