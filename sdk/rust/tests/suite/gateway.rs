//! The gateway of this checkout in a process of its own.
use std::path::Path;
use std::process::Stdio;

use callwire::Client;
use callwire::v1::{PublishEventsRequest, PublishItem, publish_item};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

/// The root of the checkout, from whatever crate this is compiled in.
fn root() -> &'static Path {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    folders
        .find(|folder| folder.join("bin/callwire.js").exists())
        .expect("a checkout of Callwire")
}

pub struct Gateway {
    pub url: String,
    process: Child,
    folder: TempDir,
}

impl Gateway {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (process, url) = serve(folder.path(), "127.0.0.1:0").await;
        Self {
            url,
            process,
            folder,
        }
    }

    /// Asks it to end, and waits until it has.
    pub async fn stop(&mut self) {
        let id = self.process.id().unwrap().to_string();
        let told = Command::new("kill").arg(id).status().await.unwrap();
        assert!(told.success());
        self.process.wait().await.unwrap();
    }

    /// Ends it without a word.
    pub async fn kill(&mut self) {
        self.process.kill().await.unwrap();
    }

    /// Starts it again with its data and its address.
    pub async fn restart(&mut self) {
        let address = self.url.strip_prefix("http://").unwrap();
        let (process, url) = serve(self.folder.path(), address).await;
        assert_eq!(url, self.url);
        self.process = process;
    }

    /// Publishes ringing calls `c<first>` to `c<last>`; gives their cursors.
    pub async fn publish(&self, calls: std::ops::RangeInclusive<u32>) -> Vec<String> {
        let bodies = calls.map(|number| format!(r#"{{"call_id":"c{number}","state":"ringing"}}"#));
        self.publish_json(bodies).await
    }

    pub async fn publish_json<T: Into<String>>(
        &self,
        bodies: impl IntoIterator<Item = T>,
    ) -> Vec<String> {
        let items = bodies.into_iter().map(|body| PublishItem {
            event: Some(publish_item::Event::Json(body.into())),
            ..Default::default()
        });
        let request = PublishEventsRequest {
            source: "ccai".to_owned(),
            items: items.collect(),
            ..Default::default()
        };
        let client = Client::connect(&self.url).unwrap();
        let answer = client.publish_events(request).await.unwrap();
        answer
            .results
            .into_iter()
            .map(|result| result.cursor)
            .collect()
    }
}

async fn serve(folder: &Path, address: &str) -> (Child, String) {
    let mut process = Command::new(root().join("node_modules/.bin/node"))
        .args([
            "bin/callwire.js",
            "serve",
            "--listen",
            address,
            "--data-dir",
        ])
        .arg(folder)
        .current_dir(root())
        .env("CALLWIRE_LOG_FORMAT", "json")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("node, from `npm ci` in the repository's root");
    let url = ready(process.stderr.take().unwrap()).await;
    (process, url)
}

/// The URL in the log's line `ready`. The rest of the log is read, so that the gateway is never held up by it.
async fn ready(log: impl AsyncRead + Unpin + Send + 'static) -> String {
    let mut lines = BufReader::new(log).lines();
    let mut before = Vec::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.contains(r#""msg":"ready""#) {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            let (_, url) = line.split_once(r#""url":""#).unwrap();
            return url.split_once('"').unwrap().0.to_owned();
        }
        before.push(line);
    }
    panic!("the gateway did not start: {before:?}");
}
