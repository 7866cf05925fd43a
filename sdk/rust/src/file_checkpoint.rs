//! A checkpoint in a file that is replaced in one step, so that a crash leaves the old state or the new one.
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::{BoxError, Checkpoint, CheckpointState, cursor};

/// One JSON object in a file of its own: `{"cursor": "...", "filter_digest": "..."}`. One subscription a file.
#[derive(Clone, Debug)]
pub struct FileCheckpoint {
    path: PathBuf,
}

impl FileCheckpoint {
    /// A checkpoint in this file. Its folder must exist; the file need not.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[crate::async_trait]
impl Checkpoint for FileCheckpoint {
    async fn load(&self) -> Result<Option<CheckpointState>, BoxError> {
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || read(&path)).await?
    }

    async fn save(&self, state: &CheckpointState) -> Result<(), BoxError> {
        let (path, state) = (self.path.clone(), state.clone());
        let written = tokio::task::spawn_blocking(move || {
            write(&path, &state)
                .map_err(|cause| format!("cannot write {}: {cause}", path.display()))
        });
        Ok(written.await??)
    }
}

fn read(path: &Path) -> Result<Option<CheckpointState>, BoxError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(format!("cannot read {}: {cause}", path.display()).into()),
    };
    match parse(&text) {
        Ok(state) => Ok(Some(state)),
        Err(what) => Err(format!("{} is corrupt: {what}", path.display()).into()),
    }
}

fn parse(text: &str) -> Result<CheckpointState, String> {
    let value: Value =
        serde_json::from_str(text).map_err(|cause| format!("it is not JSON ({cause})"))?;
    let object = value.as_object().ok_or("it is not a JSON object")?;
    let cursor = object
        .get("cursor")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if cursor::parts(cursor).is_none() {
        return Err("`cursor` is not a cursor".to_owned());
    }
    let filter_digest = match object.get("filter_digest") {
        None => "",
        Some(digest) => digest.as_str().ok_or("`filter_digest` is not a text")?,
    };
    Ok(CheckpointState {
        cursor: cursor.to_owned(),
        filter_digest: filter_digest.to_owned(),
    })
}

fn write(path: &Path, state: &CheckpointState) -> io::Result<()> {
    let object = json!({ "cursor": state.cursor, "filter_digest": state.filter_digest });
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = PathBuf::from(name);
    let replaced = replace(path, &temporary, format!("{object}\n").as_bytes());
    if replaced.is_err() {
        // What is left of it is of no use, and the first failure says more than one of the removal.
        let _ = fs::remove_file(&temporary);
    }
    replaced
}

fn replace(path: &Path, temporary: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create(temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> CheckpointState {
        CheckpointState {
            cursor: "0a1b2c3d-12".to_owned(),
            filter_digest: "00112233aabbccdd".to_owned(),
        }
    }

    #[tokio::test]
    async fn what_is_saved_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = FileCheckpoint::new(folder.path().join("cursor"));
        assert_eq!(checkpoint.load().await.unwrap(), None);
        checkpoint.save(&CheckpointState::default()).await.unwrap();
        checkpoint.save(&state()).await.unwrap();
        assert_eq!(checkpoint.load().await.unwrap(), Some(state()));
        let text = fs::read_to_string(checkpoint.path()).unwrap();
        assert_eq!(
            text,
            "{\"cursor\":\"0a1b2c3d-12\",\"filter_digest\":\"00112233aabbccdd\"}\n"
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn a_corrupt_file_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = FileCheckpoint::new(folder.path().join("cursor"));
        for text in [
            "",
            "{",
            "[]",
            "{}",
            "{\"cursor\":\"x\"}",
            "{\"cursor\":\"0a1b2c3d-1\",\"filter_digest\":1}",
        ] {
            fs::write(checkpoint.path(), text).unwrap();
            let error = checkpoint.load().await.unwrap_err().to_string();
            assert!(error.contains("cursor is corrupt"), "{text}: {error}");
        }
    }

    #[tokio::test]
    async fn a_folder_that_is_missing_is_an_error_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = FileCheckpoint::new(folder.path().join("missing/cursor"));
        let error = checkpoint.save(&state()).await.unwrap_err().to_string();
        assert!(error.contains("missing/cursor"), "{error}");
    }
}
