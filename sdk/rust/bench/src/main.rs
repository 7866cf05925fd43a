//! How fast a journal is read: `callwire-bench sdk|stub URL WARM_UP`. By the SDK or by the generated stub alone, after so
//! many events to warm up. Run by bench/workloads/sdk.ts.
use std::error::Error;
use std::time::Instant;

use callwire::v1::subscribe_request::{End, Position};
use callwire::v1::subscription_service_client::SubscriptionServiceClient;
use callwire::v1::{GetLogInfoRequest, StartPosition, SubscribeRequest};
use callwire::{Client, Delivery, SubscribeOptions};
use serde_json::json;

type Outcome<T> = Result<T, Box<dyn Error>>;

const TICKS_PER_SECOND: f64 = 100.0;

#[tokio::main]
async fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, mode, url, warm_up] = args.as_slice() else {
        return Err("usage: callwire-bench sdk|stub URL WARM_UP".into());
    };
    let newest = newest_cursor(url).await?;
    let (epoch, offset) = newest.split_once('-').ok_or("no cursor")?;
    let last: u64 = offset.parse()?;
    let few = last.min(warm_up.parse()?);
    read(mode, url, &format!("{epoch}-{few}"), || {}).await?;

    let mut events = 0;
    let mut resident_at_tenth = 0;
    let (cpu, start) = (cpu_seconds()?, Instant::now());
    read(mode, url, &newest, || {
        events += 1;
        if events == last / 10 {
            resident_at_tenth = resident_bytes().unwrap_or_default();
        }
    })
    .await?;
    let figures = json!({
        "events": events,
        "seconds": start.elapsed().as_secs_f64(),
        "cpuSeconds": cpu_seconds()? - cpu,
        "residentAtTenth": resident_at_tenth,
        "residentAtEnd": resident_bytes()?,
    });
    println!("{figures}");
    Ok(())
}

async fn newest_cursor(url: &str) -> Outcome<String> {
    let client = Client::connect(url)?;
    let info = client.get_log_info(GetLogInfoRequest::default()).await?;
    Ok(info.newest_cursor)
}

async fn read(mode: &str, url: &str, end_cursor: &str, on_event: impl FnMut()) -> Outcome<()> {
    match mode {
        "sdk" => read_by_sdk(url, end_cursor, on_event).await,
        _ => read_by_stub(url, end_cursor, on_event).await,
    }
}

async fn read_by_sdk(url: &str, end_cursor: &str, mut on_event: impl FnMut()) -> Outcome<()> {
    let options = SubscribeOptions::new().earliest().end_cursor(end_cursor);
    let mut subscription = Client::connect(url)?.subscribe(options);
    while let Some(delivery) = subscription.next().await {
        if let Delivery::Event(_) = delivery? {
            on_event();
        }
    }
    Ok(())
}

async fn read_by_stub(url: &str, end_cursor: &str, mut on_event: impl FnMut()) -> Outcome<()> {
    let channel = tonic::transport::Endpoint::from_shared(url.to_owned())?
        .connect()
        .await?;
    let request = SubscribeRequest {
        position: Some(Position::Start(StartPosition::Earliest.into())),
        end: Some(End::EndCursor(end_cursor.to_owned())),
        ..SubscribeRequest::default()
    };
    let mut responses = SubscriptionServiceClient::new(channel)
        .subscribe(request)
        .await?
        .into_inner();
    while let Some(response) = responses.message().await? {
        response.events.iter().for_each(|_| on_event());
    }
    Ok(())
}

/// Of all threads so far.
fn cpu_seconds() -> Outcome<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, after_name) = stat.split_once(") ").ok_or("no process status")?;
    let fields: Vec<&str> = after_name.split(' ').collect();
    Ok((fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) / TICKS_PER_SECOND)
}

fn resident_bytes() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(kilobytes.ok_or("no VmRSS")?.parse::<u64>()? * 1024)
}
