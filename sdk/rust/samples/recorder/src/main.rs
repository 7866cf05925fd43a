//! The control side of a call recorder: starts a recording when a call is answered, pauses it while a party is redacted,
//! stops it at the call's end, and writes one JSON line a finished call. It goes on where its checkpoint says, without one
//! at the oldest event kept. A crash may write the last line again and loses none.
mod line;
mod open_calls;
mod recording;
mod span;

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use callwire::{
    Client, EventKind, EventView, ExpiredCursorPolicy, FileCheckpoint, Filter, RunError,
    SavePolicy, SubscribeOptions, SubscriptionHandle, SubscriptionStatus,
};
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use line::Line;
use open_calls::OpenCalls;

/// Writes one JSON line for each finished call.
#[derive(Parser)]
struct Flags {
    /// The gateway.
    #[arg(long, default_value = "http://127.0.0.1:7450")]
    url: String,
    /// The API key, when the gateway asks for one.
    #[arg(long, env = "CALLWIRE_API_KEY", hide_env_values = true)]
    api_key: Option<String>,
    /// The file that remembers how far it has come.
    #[arg(long, default_value = "recorder.checkpoint")]
    checkpoint: PathBuf,
    /// The file that the lines are appended to.
    #[arg(long, default_value = "recordings.jsonl")]
    out: PathBuf,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let flags = Flags::parse();
    let mut out = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&flags.out)?;
    let mut builder = Client::builder(&flags.url);
    if let Some(key) = &flags.api_key {
        builder = builder.api_key(key);
    }
    let subscription = builder.build()?.subscribe(options(flags.checkpoint));
    tokio::spawn(close_when_told(subscription.handle())?);

    let mut calls = OpenCalls::default();
    let ended = subscription
        .run(|delivery| {
            let written = calls
                .handle(delivery)
                .map_or(Ok(()), |line| write(&mut out, &line));
            async move { written }
        })
        .await;
    match ended {
        Ok(_) => Ok(()),
        Err(RunError::Handler(error)) => Err(format!("{}: {error}", flags.out.display()).into()),
        Err(RunError::Subscription(error)) => Err(error.into()),
    }
}

fn options(checkpoint: PathBuf) -> SubscribeOptions {
    SubscribeOptions::new()
        .filter("calls", Filter::new().kind(EventKind::Call))
        .view(EventView::Full)
        .earliest()
        .on_expired(ExpiredCursorPolicy::SkipWithGap)
        .checkpoint(FileCheckpoint::new(checkpoint))
        // Saved after each event, so that no more than one line can come twice.
        .save_policy(SavePolicy::new().every_events(1))
        .on_status(|status| {
            if let SubscriptionStatus::Reconnecting { delay, cause, .. } = status {
                eprintln!("reconnecting in {delay:?}: {cause}");
            }
        })
}

/// Returns once the line is on the disk: only then is the call's end handled.
fn write(out: &mut File, line: &Line) -> io::Result<()> {
    let json = serde_json::to_string(line)?;
    writeln!(out, "{json}")?;
    out.sync_data()
}

/// The future must be made where it is known that signals can be had.
fn close_when_told(handle: SubscriptionHandle) -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        handle.close().await;
    })
}
