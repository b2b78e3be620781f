//! A storage that fails, as a caller meets it: a status, a code and a text that says what to do; nothing that was
//! answered is lost, and work goes on when the cause is gone. What each engine does is in `storage`.

use crate::calls::{call, open, refusal_to_open};
use okta_auth::api::Client;
use serde_json::{Value, json};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The path of a new database.
fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("okta.db");
    (folder, path)
}

const KEY: &str = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";

fn options(path: &Path) -> Value {
    json!({ "storage": { "type": "sqlite", "path": path }, "key": KEY })
}

fn register(client: &Client, number: usize) -> (u16, Value) {
    call(client, "register_user", &json!({ "username": format!("u{number}"), "policies": "dev" }))
}

fn count(client: &Client) -> usize {
    let (status, body) = call(client, "list_users", &json!({}));
    assert_eq!(status, 200, "{body}");
    body["data"]["keys"].as_array().map_or(0, Vec::len)
}

/// The code of an error body whose text has this part.
fn code<'a>(body: &'a Value, part: &str) -> &'a str {
    let text = body["errors"][0].as_str().unwrap_or_default();
    assert!(text.contains(part), "{body}");
    body["code"].as_str().unwrap_or_default()
}

#[test]
fn what_cannot_be_opened_says_what_to_do_and_is_left_alone() {
    type Damage = fn(&Path);
    let rows: [(&str, Damage, &str); 7] = [
        ("a directory", |path| fs::create_dir(path).expect("made"), "is a directory, not a database file"),
        ("an empty file", |path| private(path, b""), "restore it from a backup, or remove it"),
        ("no database", |path| private(path, &[0xa5; 5_000]), "is not an SQLite database"),
        ("another application's", |path| sql(path, "CREATE TABLE mail (text)"), "of another application"),
        (
            "a newer schema",
            |path| {
                made(path);
                sql(path, "PRAGMA user_version = 99")
            },
            "update",
        ),
        (
            "truncated",
            |path| {
                made(path);
                cut(path)
            },
            "is damaged or truncated",
        ),
        (
            "open to all",
            |path| {
                made(path);
                mode(path, 0o644)
            },
            "chmod 600",
        ),
    ];
    for (name, damage, part) in rows {
        let (_folder, path) = place();
        damage(&path);
        let before = fs::read(&path).ok();
        for _ in 0..2 {
            let (status, body) = refusal_to_open(&options(&path));
            assert_eq!((status, code(&body, part)), (503, "storage_failed"), "{name}: {body}");
            assert!(
                body["errors"][0].as_str().is_some_and(|text| text.contains("okta.db")),
                "{name}: {body}"
            );
        }
        assert!(before == fs::read(&path).ok(), "{name}: the file was changed");
    }
}

fn made(path: &Path) {
    let client = open(&options(path));
    for number in 0..50 {
        assert_eq!(register(&client, number).0, 204);
    }
}

fn private(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("written");
    mode(path, 0o600);
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("mode set");
}

fn sql(path: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(path).expect("opened");
    connection.execute_batch(sql).expect("done");
    drop(connection);
    mode(path, 0o600);
}

fn cut(path: &Path) {
    let file = File::options().write(true).open(path).expect("opened");
    file.set_len(file.metadata().expect("there").len() - 4_096).expect("cut");
}

#[test]
fn a_wrong_or_missing_key_is_told_from_damage() {
    let (_folder, path) = place();
    let without_key = json!({ "storage": { "type": "sqlite", "path": path } });
    drop(open(&without_key));
    let (status, body) = refusal_to_open(&options(&path));
    assert_eq!((status, code(&body, "give the key it was created with")), (503, "wrong_key"));
    let key = path.with_extension("db.key");
    fs::rename(&key, key.with_extension("away")).expect("moved");
    let (status, body) = refusal_to_open(&without_key);
    assert_eq!((status, code(&body, "restore the key file")), (503, "storage_failed"));
    fs::rename(key.with_extension("away"), &key).expect("moved back");
    drop(open(&without_key));
}

#[test]
fn a_lock_that_others_hold_ends_at_the_deadline() {
    let (_folder, path) = place();
    let client = open(&options(&path));
    assert_eq!(register(&client, 0).0, 204);
    let other = rusqlite::Connection::open(&path).expect("opened");
    other.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let begun = Instant::now();
    let user = json!({ "username": "u1", "timeout_ms": 300 });
    let (status, body) = call(&client, "register_user", &user);
    assert_eq!((status, code(&body, "try again")), (503, "storage_busy"));
    let taken = begun.elapsed();
    assert!((Duration::from_millis(300)..Duration::from_secs(10)).contains(&taken), "{taken:?}");
    assert_eq!(count(&client), 1, "reading goes on");
    other.execute_batch("ROLLBACK").expect("unlocked");
    assert_eq!(register(&client, 1).0, 204);
    assert_eq!(count(&client), 2);
}

#[test]
fn a_database_that_goes_away_is_missed_and_welcomed_back() {
    let (_folder, path) = place();
    let client = open(&options(&path));
    assert_eq!(register(&client, 0).0, 204);
    let away = path.with_extension("away");
    fs::rename(&path, &away).expect("moved");
    let (status, body) = register(&client, 1);
    assert_eq!((status, code(&body, "put it back")), (503, "storage_failed"));
    fs::rename(&away, &path).expect("moved back");
    assert_eq!(count(&client), 1);
    assert_eq!(register(&client, 1).0, 204);
}

/// Names the database of the process that [`a_full_disk_loses_nothing_that_was_answered`] starts.
const FULL: &str = "OKTA_AUTH_TEST_FULL_DISK";

#[test]
fn a_full_disk_loses_nothing_that_was_answered() {
    let (_folder, path) = place();
    let output = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "failing_storage::job_fills_the_disk", "--nocapture"])
        .env(FULL, &path)
        .output()
        .expect("the test program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let answered = text.lines().find_map(|line| line.strip_prefix("answered ")).expect("a number");
    assert_eq!(count(&open(&options(&path))), answered.parse::<usize>().expect("a number"));
}

/// A process of its own, whose files may grow to a certain size only.
#[test]
fn job_fills_the_disk() {
    let Some(path) = std::env::var_os(FULL).map(PathBuf::from) else { return };
    let client = open(&options(&path));
    assert_eq!(register(&client, 0).0, 204);
    let may_grow_to = |bytes: libc::rlim_t| {
        // SAFETY: both calls only change settings of this process, in which nothing but this test runs.
        unsafe {
            libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
            let limit = libc::rlimit { rlim_cur: bytes, rlim_max: libc::RLIM_INFINITY };
            assert_eq!(libc::setrlimit(libc::RLIMIT_FSIZE, &limit), 0);
        }
    };
    may_grow_to(300_000);
    let refused =
        (1..10_000).map(|number| (number, register(&client, number))).find(|(_, (status, _))| *status != 204);
    let (number, (status, body)) = refused.expect("the disk is full at some time");
    assert_eq!((status, body["code"].as_str()), (503, Some("storage_failed")), "{body}");
    let text = body["errors"][0].as_str().expect("a text");
    assert!(text.contains("nothing was changed") || text.contains("try again"), "{text}");
    assert_eq!(count(&client), number, "what was answered is there, and nothing else");
    may_grow_to(libc::RLIM_INFINITY);
    assert_eq!(register(&client, number).0, 204, "it goes on when there is room");
    println!("answered {}", number + 1);
}
