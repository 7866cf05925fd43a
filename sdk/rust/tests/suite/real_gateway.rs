//! The gateway itself: what it promises, and what it does when it dies.
use callwire::v1::{
    ExplainEventRequest, GetAgentRequest, GetCallRequest, ListCallsRequest, ListEventsRequest,
    ListQuarantinedEventsRequest, get_agent_request, get_call_request,
};
use callwire::{
    Client, Code, Delivery, EventView, Filter, Scope, SubscribeOptions, SubscriptionStatus, Trigger,
};
use tokio::sync::mpsc::unbounded_channel;

use crate::gateway::Gateway;
use crate::samples::{client, offset, offsets, quick};

#[tokio::test]
async fn history_is_replayed_and_filtered() {
    let gateway = Gateway::start().await;
    let cursors = gateway
        .publish_json([
            r#"{"call_id":"1","state":"ringing","Queue_path_names":"support/orders"}"#,
            r#"{"call_id":"2","state":"ringing","Queue_path_names":"sales","Direction":"outgoing"}"#,
            r#"{"call_id":"1","state":"connected"}"#,
            r#"{"call_id":"3","state":"ringing","Queue_path_names":"support2"}"#,
        ])
        .await;
    let options = SubscribeOptions::new()
        .earliest()
        .end_cursor(&cursors[3])
        .filter("support", Filter::new().queue_name("support"))
        .filter(
            "out",
            Filter::new().direction(callwire::Direction::Outgoing),
        )
        .scope(Scope::Call)
        .view(EventView::Full);
    let mut subscription = client(&gateway.url).subscribe(options);
    let mut seen = Vec::new();
    while let Some(delivery) = subscription.next().await {
        let Delivery::Event(item) = delivery.unwrap() else {
            panic!("only events were asked for")
        };
        assert!(item.event.session.is_some() && !item.event.raw_json.is_empty());
        seen.push((item.cursor, item.matches.join(" ")));
    }
    let expected = [(0, "support"), (1, "out"), (2, "support")];
    let expected = expected.map(|(index, name)| (cursors[index].clone(), name.to_owned()));
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_gateway_that_dies_and_comes_back_is_resumed() {
    let mut gateway = Gateway::start().await;
    gateway.publish(1..=20).await;
    let (sender, mut statuses) = unbounded_channel();
    let options = SubscribeOptions::new()
        .earliest()
        .retry(quick())
        .on_status(move |status| {
            // The test is over when nobody listens.
            let _ = sender.send(status);
        });
    let mut subscription = client(&gateway.url).subscribe(options);
    for expected in 1..=15 {
        let delivery = subscription.next().await.unwrap().unwrap();
        assert_eq!(offset(&delivery), Some(expected));
    }
    gateway.kill().await;
    while !matches!(
        statuses.recv().await,
        Some(SubscriptionStatus::Reconnecting { .. })
    ) {}
    gateway.restart().await;
    gateway.publish(21..=25).await;
    for expected in 16..=25 {
        let delivery = subscription.next().await.unwrap().unwrap();
        assert_eq!(offset(&delivery), Some(expected));
    }
    subscription.close().await.unwrap();
}

#[tokio::test]
async fn a_gateway_that_is_stopped_says_so() {
    let mut gateway = Gateway::start().await;
    gateway.publish(1..=3).await;
    let mut subscription =
        client(&gateway.url).subscribe(SubscribeOptions::new().earliest().retry(quick()));
    for _ in 1..=3 {
        subscription.next().await.unwrap().unwrap();
    }
    gateway.stop().await;
    let delivery = subscription.next().await.unwrap().unwrap();
    assert!(matches!(delivery, Delivery::GoingAway(_)), "{delivery:?}");
    gateway.restart().await;
    gateway.publish(4..=4).await;
    let delivery = subscription.next().await.unwrap().unwrap();
    assert_eq!(offset(&delivery), Some(4));
}

#[tokio::test]
async fn another_journal_is_an_error_that_names_its_epoch() {
    let gateway = Gateway::start().await;
    let client = client(&gateway.url);
    let epoch = client.get_log_info(Default::default()).await.unwrap().epoch;
    let other = if epoch.starts_with('0') {
        "10000000-5"
    } else {
        "00000000-5"
    };
    let options = SubscribeOptions::new().after_cursor(other);
    let error = client.subscribe(options).next().await.unwrap().unwrap_err();
    assert_eq!(
        (error.code(), error.reason()),
        (Code::FailedPrecondition, Some("EPOCH_MISMATCH"))
    );
    assert_eq!(error.metadata()["epoch"], epoch);
    assert!(!error.retryable());
}

#[tokio::test]
async fn a_mistyped_filter_is_refused_with_its_field() {
    let gateway = Gateway::start().await;
    let options = SubscribeOptions::new().filter("q", Filter::new().queue_name(""));
    let error = client(&gateway.url)
        .subscribe(options)
        .next()
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    assert!(
        error.field_violations()[0].field.contains("queue_names"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_snapshot_comes_before_what_changes_it() {
    let gateway = Gateway::start().await;
    gateway.publish(1..=3).await;
    let options = SubscribeOptions::new().include_snapshot();
    let mut subscription = client(&gateway.url).subscribe(options);
    let Delivery::Snapshot(snapshot) = subscription.next().await.unwrap().unwrap() else {
        panic!("the snapshot comes first");
    };
    let ids = snapshot
        .sessions
        .iter()
        .map(|session| session.session_id.as_str());
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable();
    assert_eq!(ids, ["c1", "c2", "c3"]);
    gateway.publish(4..=4).await;
    let delivery = subscription.next().await.unwrap().unwrap();
    assert_eq!(offset(&delivery), Some(4));
}

#[tokio::test]
async fn unary_calls_answer() {
    let gateway = Gateway::start().await;
    let cursors = gateway.publish(1..=5).await;
    gateway
        .publish_json([r#"{"type":"AgentState","item":{"ParticipantID":"agent_7","Email":"a@example.com","State":"login"}}"#])
        .await;
    let client = client(&gateway.url);

    let mut events = client.list_events(ListEventsRequest {
        page_size: 2,
        ..Default::default()
    });
    let mut triggers = Vec::new();
    while let Some(event) = events.next().await {
        triggers.push(event.unwrap().trigger());
    }
    assert_eq!(triggers.len(), 6);
    assert_eq!(triggers[5], Trigger::AgentLogin);

    let id = Some(get_call_request::Id::CallId("c2".to_owned()));
    let call = client
        .get_call(GetCallRequest {
            id,
            ..Default::default()
        })
        .await
        .unwrap();
    assert_eq!(call.session.unwrap().session_id, "c2");
    let id = Some(get_call_request::Id::CallId("nobody".to_owned()));
    let error = client
        .get_call(GetCallRequest {
            id,
            ..Default::default()
        })
        .await
        .unwrap_err();
    assert_eq!(
        (error.code(), error.reason()),
        (Code::NotFound, Some("NOT_FOUND"))
    );

    let mut calls = client.list_calls(ListCallsRequest {
        page_size: 2,
        ..Default::default()
    });
    let mut ids = Vec::new();
    while let Some(session) = calls.next().await {
        ids.push(session.unwrap().session_id);
    }
    assert_eq!(ids, ["c5", "c4", "c3", "c2", "c1"]);

    let agent = client
        .list_agents(Default::default())
        .next()
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (agent.agent_id.as_str(), agent.email.as_str()),
        ("7", "a@example.com")
    );
    let id = Some(get_agent_request::Id::Email("A@example.com".to_owned()));
    let found = client
        .get_agent(GetAgentRequest {
            id,
            ..Default::default()
        })
        .await
        .unwrap();
    assert_eq!(found.agent, Some(agent));

    let filters = [("q".to_owned(), Filter::new().call_id("c1"))].into();
    let request = ExplainEventRequest {
        cursor: cursors[0].clone(),
        filters,
        ..Default::default()
    };
    assert!(client.explain_event(request).await.unwrap().matched);

    let mut admin = client.raw().admin();
    let quarantine = admin
        .list_quarantined_events(ListQuarantinedEventsRequest::default())
        .await;
    assert!(quarantine.unwrap().into_inner().events.is_empty());
}

#[tokio::test]
async fn many_subscriptions_of_one_client_each_get_everything() {
    let gateway = Gateway::start().await;
    let last = gateway.publish(1..=200).await.pop().unwrap();
    let client: Client = client(&gateway.url);
    let readers: Vec<_> = (1..=8)
        .map(|buffer| {
            let options = SubscribeOptions::new()
                .earliest()
                .end_cursor(&last)
                .buffer(buffer);
            let mut subscription = client.subscribe(options);
            tokio::spawn(async move { offsets(&mut subscription).await })
        })
        .collect();
    for reader in readers {
        assert_eq!(reader.await.unwrap(), (1..=200).collect::<Vec<_>>());
    }
}
