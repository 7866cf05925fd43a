//! The recorder as its users run it, against the real gateway.
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

// The recorder's tests need only a part of it.
#[allow(dead_code)]
#[path = "../../../tests/suite/gateway.rs"]
mod gateway;

use gateway::Gateway;

struct Recorder {
    process: Child,
    log: Lines<BufReader<ChildStderr>>,
}

impl Recorder {
    fn start(gateway: &Gateway, folder: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_callwire-recorder"))
            .args(["--url", &gateway.url, "--checkpoint"])
            .arg(folder.join("checkpoint"))
            .arg("--out")
            .arg(folder.join("out"))
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let log = BufReader::new(process.stderr.take().unwrap()).lines();
        Self { process, log }
    }

    async fn says(&mut self, expected: &str) {
        loop {
            let line = self.log.next_line().await.unwrap();
            if line.expect("the recorder goes on") == expected {
                return;
            }
        }
    }

    async fn stop(mut self) {
        let id = self.process.id().unwrap().to_string();
        assert!(
            Command::new("kill")
                .arg(id)
                .status()
                .await
                .unwrap()
                .success()
        );
        assert!(self.process.wait().await.unwrap().success());
    }
}

fn lines(folder: &TempDir) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.path().join("out")).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn call(state: &str, agent: &str) -> String {
    json!({
        "call_id": "c1",
        "state": state,
        "Direction": "incoming",
        "Queue_path_names": "support/orders",
        "Participants": [
            {"ParticipantID": "7", "Type": "agent", "State": agent},
            {"ParticipantID": "+15550100", "Type": "external", "State": agent},
        ],
    })
    .to_string()
}

#[tokio::test]
async fn a_call_is_recorded_without_its_redacted_time_even_over_a_crash() {
    let gateway = Gateway::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::start(&gateway, folder.path());
    gateway
        .publish_json([call("ringing", "ringing"), call("connected", "connected")])
        .await;
    recorder.says("c1: Recording").await;
    gateway.publish_json([call("connected", "redacted")]).await;
    recorder.says("c1: Paused").await;

    recorder.process.kill().await.unwrap();
    gateway
        .publish_json([
            call("connected", "unredacted"),
            call("disconnected", "disconnected"),
        ])
        .await;
    let mut recorder = Recorder::start(&gateway, folder.path());
    recorder.says("c1: Stopped").await;
    recorder.stop().await;

    let lines = lines(&folder);
    let [line] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    assert_eq!(line["call_id"], "c1");
    assert_eq!(line["source"], "ccai");
    assert_eq!(line["direction"], "incoming");
    assert_eq!(line["queue"], json!(["support", "orders"]));
    assert_eq!(line["agents"], json!(["7"]));
    assert_eq!(line["complete"], true);
    let pause = &line["paused"][0];
    let mut recorded = vec![
        json!({"from": line["started"], "to": pause["from"]}),
        json!({"from": pause["to"], "to": line["ended"]}),
    ];
    // Events that the gateway received in one moment have nothing between them.
    recorded.retain(|segment| segment["from"] != segment["to"]);
    assert_eq!(line["segments"], Value::Array(recorded));
    assert_eq!(line["paused"].as_array().unwrap().len(), 1);
}
