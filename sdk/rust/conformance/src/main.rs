//! The conformance driver: takes cases as JSON lines on standard input, runs them by the SDK, and tells as JSON lines on
//! standard output what came of it. Many cases may be under way.
mod input;
mod keys;
mod outcome;
mod output;
mod protojson;
mod report;
mod single_answer;
mod subscribing;
mod watched_checkpoint;

use std::collections::HashMap;

use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use input::{Command, Line};
use output::Output;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut lines = BufReader::new(stdin()).lines();
    let mut commands: HashMap<String, UnboundedSender<Command>> = HashMap::new();
    let mut cases = JoinSet::new();
    while let Some(line) = lines.next_line().await? {
        match serde_json::from_str(&line)? {
            Line::Run { case, run } => {
                let (sender, receiver) = unbounded_channel();
                commands.insert(case.clone(), sender);
                let output = Output::of(&case);
                cases.spawn(async move {
                    let done = if run.method == "subscribe" {
                        subscribing::run(*run, receiver, output.clone()).await
                    } else {
                        single_answer::run(*run).await
                    };
                    output.print("done", done);
                });
            }
            Line::Do { case, command } => {
                // A case that is over needs no command any more.
                let _ = commands.get(&case).map(|sender| sender.send(command));
            }
        }
    }
    drop(commands);
    cases.join_all().await;
    Ok(())
}
