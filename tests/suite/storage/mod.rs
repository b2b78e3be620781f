//! The storage engines, the keys and the barrier.

mod barrier;
mod engines;
mod files;
mod fork;
mod keys;
mod model;
mod processes;

use okta_auth::deadline::{Cancel, Deadline};
use okta_auth::storage::{
    Batch, Check, Entry, MemoryStorage, Revision, SqliteStorage, Storage, StorageError,
};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Names the job of a process that a test has started from the test program itself.
const JOB: &str = "OKTA_AUTH_TEST_STORAGE_JOB";
/// The database that the job is about.
const PATH: &str = "OKTA_AUTH_TEST_STORAGE_PATH";

fn soon() -> Deadline {
    within(Duration::from_secs(30))
}

fn within(time: Duration) -> Deadline {
    Deadline::after(time, Cancel::default())
}

/// A database that is removed with the test.
struct Place {
    directory: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { directory: TempDir::new().expect("a directory") }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("okta.db")
    }

    fn open(&self) -> SqliteStorage {
        open(&self.path())
    }
}

fn open(path: &Path) -> SqliteStorage {
    SqliteStorage::open(path, &soon()).expect("the database opens")
}

/// Runs a test of the contract on each engine.
fn on_each_engine(test: impl Fn(&dyn Storage)) {
    test(&MemoryStorage::default());
    let place = Place::new();
    test(&place.open());
}

fn put(key: &str, value: &[u8]) -> Batch {
    Batch { puts: vec![(key.to_owned(), value.to_owned())], ..Batch::default() }
}

fn delete(key: &str) -> Batch {
    Batch { deletes: vec![key.to_owned()], ..Batch::default() }
}

fn if_revision(key: &str, revision: Option<Revision>, batch: Batch) -> Batch {
    Batch { checks: vec![Check { key: key.to_owned(), revision }], ..batch }
}

fn get(storage: &dyn Storage, key: &str) -> Option<Entry> {
    storage.get(key, &soon()).expect("read")
}

fn value(storage: &dyn Storage, key: &str) -> Option<Vec<u8>> {
    get(storage, key).map(|entry| entry.value)
}

/// Adds one to a counter by compare-and-swap, however often others are faster.
fn increment(storage: &dyn Storage, key: &str) {
    loop {
        let stored = get(storage, key);
        let count = stored.as_ref().map_or(0, |entry| number(&entry.value)) + 1;
        let revision = stored.map(|entry| entry.revision);
        match storage.commit(if_revision(key, revision, put(key, count.to_string().as_bytes())), &soon()) {
            Ok(()) => return,
            Err(StorageError::Conflict) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn number(value: &[u8]) -> u64 {
    std::str::from_utf8(value).expect("text").parse().expect("a number")
}

/// Has another process run the test `job`, which must do nothing when [`job`] answers `None`.
pub fn start_job(test: &str, name: &str, path: &Path) -> Child {
    Command::new(std::env::current_exe().expect("our own path"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(JOB, name)
        .env(PATH, path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the test program starts")
}

/// The database this process was started for, if it was started for the job `name`.
pub fn job(name: &str) -> Option<PathBuf> {
    (std::env::var(JOB).ok()? == name).then(|| std::env::var_os(PATH).expect("a path").into())
}

/// Waits for a started process and returns what it wrote.
pub fn finish(child: Child) -> String {
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// SQLite's own judgement of a database.
fn assert_intact(path: &Path) {
    let connection = rusqlite::Connection::open(path).expect("opened");
    let verdict: String =
        connection.pragma_query_value(None, "integrity_check", |row| row.get(0)).expect("checked");
    assert_eq!(verdict, "ok");
}
