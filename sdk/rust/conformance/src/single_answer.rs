//! Cases of unary calls.
use callwire::{Client, Error, Event, v1};
use serde_json::{Value, json};

use crate::input::Run;
use crate::{outcome, protojson};

pub async fn run(run: Run) -> Value {
    let client = match run.client() {
        Ok(client) => client,
        Err(error) => return outcome::of_error(&error),
    };
    match call(&client, &run.method, run.request).await {
        Ok(Ok(response)) => json!({ "outcome": "completed", "response": response }),
        Ok(Err(error)) => outcome::of_error(&error),
        Err(message) => outcome::of_bad_case(&message),
    }
}

async fn call(
    client: &Client,
    method: &str,
    request: Value,
) -> Result<Result<Value, Error>, String> {
    Ok(match method {
        "list_events" => list_events(client, protojson::parse(request)?).await,
        "get_log_info" => client
            .get_log_info(protojson::parse(request)?)
            .await
            .map(|response| protojson::print(&response)),
        "get_call" => client
            .get_call(protojson::parse(request)?)
            .await
            .map(|response| protojson::print(&response)),
        "publish_events" => client
            .publish_events(protojson::parse(request)?)
            .await
            .map(|response| protojson::print(&response)),
        unknown => return Err(format!("the driver has no method {unknown}")),
    })
}

async fn list_events(client: &Client, request: v1::ListEventsRequest) -> Result<Value, Error> {
    let mut events = client.list_events(request);
    let mut listed = Vec::new();
    while let Some(event) = events.next().await {
        listed.push(protojson::print::<Event>(&event?));
    }
    Ok(json!({ "events": listed }))
}
