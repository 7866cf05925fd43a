//! Keys that are shown, refused and replaced.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use callwire::v1::GetLogInfoResponse;
use callwire::{BoxError, Client, Code, CredentialProvider, async_trait};

use crate::samples::{bounded, events, offsets, opened, quick, refusal};
use crate::scripted_server::{Act, Script, ScriptedServer, send};

/// Gives `key 1`, `key 2`, ...
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

#[async_trait]
impl CredentialProvider for Counting {
    async fn token(&self) -> Result<String, BoxError> {
        Ok(format!(
            "key {}",
            self.0.fetch_add(1, Ordering::Relaxed) + 1
        ))
    }
}

fn refused() -> tonic::Status {
    refusal(Code::Unauthenticated, "UNAUTHENTICATED", &[])
}

fn client(url: &str) -> Client {
    Client::builder(url)
        .credential_provider(Counting::default())
        .retry(quick())
        .build()
        .unwrap()
}

fn shown(server: &ScriptedServer) -> Vec<String> {
    server
        .subscribed()
        .into_iter()
        .map(|call| call.authorization.unwrap())
        .collect()
}

#[tokio::test]
async fn a_fixed_key_is_shown_with_every_call_and_its_refusal_is_surfaced() {
    let server = ScriptedServer::start(Script {
        streams: vec![vec![Act::Fail(refused())]],
        log_info: vec![Ok(GetLogInfoResponse::default())],
        ..Script::default()
    })
    .await;
    let client = Client::builder(&server.url)
        .api_key("secret")
        .build()
        .unwrap();
    client.get_log_info(Default::default()).await.unwrap();
    let error = client
        .subscribe(bounded(1))
        .next()
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(error.code(), Code::Unauthenticated);
    assert_eq!(shown(&server), ["Bearer secret"]);
    assert_eq!(
        server.asked()[0].authorization.as_deref(),
        Some("Bearer secret")
    );
}

#[tokio::test]
async fn a_refused_key_is_replaced_once_and_kept() {
    let server = ScriptedServer::start(Script::of_streams(vec![
        vec![Act::Fail(refused())],
        vec![send(opened(0)), send(events([1])), Act::Fail(refused())],
        vec![send(opened(1)), Act::Fail(tonic::Status::unavailable(""))],
        vec![send(opened(1)), send(events([2]))],
    ]))
    .await;
    let mut subscription = client(&server.url).subscribe(bounded(2));
    assert_eq!(offsets(&mut subscription).await, [1, 2]);
    assert_eq!(
        shown(&server),
        [
            "Bearer key 1",
            "Bearer key 2",
            "Bearer key 3",
            "Bearer key 3"
        ]
    );
}

#[tokio::test]
async fn a_second_refusal_in_a_row_is_surfaced() {
    let server = ScriptedServer::start(Script {
        streams: vec![vec![Act::Fail(refused())]],
        log_info: vec![Err(refused()), Err(refused())],
        ..Script::default()
    })
    .await;
    let error = client(&server.url)
        .subscribe(bounded(1))
        .next()
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(error.code(), Code::Unauthenticated);
    assert_eq!(shown(&server), ["Bearer key 1", "Bearer key 2"]);
    let error = client(&server.url)
        .get_log_info(Default::default())
        .await
        .unwrap_err();
    assert_eq!(error.reason(), Some("UNAUTHENTICATED"));
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_unary_call_asks_for_another_key_too() {
    let server = ScriptedServer::start(Script {
        log_info: vec![Err(refused()), Ok(GetLogInfoResponse::default())],
        ..Script::default()
    })
    .await;
    client(&server.url)
        .get_log_info(Default::default())
        .await
        .unwrap();
    let shown: Vec<_> = server
        .asked()
        .into_iter()
        .map(|call| call.authorization.unwrap())
        .collect();
    assert_eq!(shown, ["Bearer key 1", "Bearer key 2"]);
}

struct Broken;

#[async_trait]
impl CredentialProvider for Broken {
    async fn token(&self) -> Result<String, BoxError> {
        Err("the vault is sealed".into())
    }
}

#[tokio::test]
async fn a_provider_that_fails_is_surfaced_and_not_asked_again() {
    let server = ScriptedServer::start(Script::default()).await;
    let client = Client::builder(&server.url)
        .credential_provider(Broken)
        .build()
        .unwrap();
    let error = client
        .subscribe(bounded(1))
        .next()
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(error.code(), Code::Unauthenticated);
    assert!(error.message().contains("the vault is sealed"), "{error}");
    assert!(server.subscribed().is_empty());
}

#[test]
fn a_key_that_no_header_can_hold_is_refused() {
    let error = Client::builder("http://localhost:1")
        .api_key("a\nb")
        .build()
        .err()
        .unwrap();
    assert_eq!(error.code(), Code::InvalidArgument);
    assert!(!error.to_string().contains("a\nb"));
}
