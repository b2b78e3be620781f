//! Bad databases, and the modes of good ones.

use super::*;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

/// The text of the refusal, which must not have changed the file.
fn refusal(path: &Path) -> String {
    let before = fs::read(path).ok();
    let text = match SqliteStorage::open(path, &soon()) {
        Err(StorageError::Failed(text)) => text,
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("opened"),
    };
    assert!(fs::read(path).ok() == before, "the file was changed");
    text
}

/// What is done to a directory before its `okta.db` is opened, and what the refusal must say.
type BadPlace = (&'static str, fn(&Path), &'static str);

const BAD_PLACES: &[BadPlace] = &[
    ("directory", |path| fs::create_dir(path).expect("made"), "is a directory, not a database file"),
    ("link", |path| symlink("elsewhere", path).expect("made"), "is a symbolic link"),
    ("empty", |path| write(path, b""), "is empty or truncated: restore it from a backup, or remove it"),
    ("random bytes", |path| write(path, &[0xa5; 5_000]), "is not an SQLite database"),
    ("short text", |path| write(path, b"SQLite format 3\0"), "is empty or truncated"),
    ("another application", foreign, "is a database of another application"),
    ("another application's WAL", foreign_wal, "is a database of another application"),
    ("newer schema", newer, "has schema 2, and this version of the library knows only schema 1: update"),
    ("cut to one page", |path| cut(path, |_| 4_096), "is damaged or truncated"),
    ("cut in the header", |path| cut(path, |_| 60), "is empty or truncated"),
    ("cut by a page", |path| cut(path, |length| length - 4_096), "is damaged or truncated"),
    ("group may read", |path| own_with_mode(path, 0o640), "mode 0640, so others may use it: run `chmod 600 "),
    ("others may write", |path| own_with_mode(path, 0o602), "run `chmod 600 "),
    (
        "only a log",
        |path| write(&path.with_file_name("okta.db-wal"), b"x"),
        "okta.db-wal does: put the database",
    ),
];

#[test]
fn a_bad_database_is_refused_and_left_alone() {
    for (name, prepare, expected) in BAD_PLACES {
        let place = Place::new();
        prepare(&place.path());
        let text = refusal(&place.path());
        assert!(text.contains(expected) && text.contains("okta.db"), "{name}: {text}");
    }
}

#[test]
fn a_path_that_names_no_file_is_refused() {
    let place = Place::new();
    let absent = place.directory.path().join("absent/okta.db");
    assert!(refusal(&absent).contains("create it for this process"));
    for path in ["", "/", ".."] {
        assert!(refusal(Path::new(path)).contains("names no file"), "{path:?}");
    }
}

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("written");
    fs::set_permissions(path, Permissions::from_mode(0o600)).expect("mode set");
}

#[test]
fn a_linked_directory_leads_to_the_same_database() {
    let place = Place::new();
    let link = place.directory.path().join("link");
    symlink(place.directory.path(), &link).expect("made");
    let (direct, linked) = (place.open(), open(&link.join("okta.db")));
    increment(&direct, "n");
    increment(&linked, "n");
    assert_eq!(value(&direct, "n"), Some(b"2".to_vec()));
}

/// Lets `sql` make a database that is closed cleanly.
fn with_sql(path: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(path).expect("opened");
    connection.execute_batch(sql).expect("done");
    drop(connection);
    fs::set_permissions(path, Permissions::from_mode(0o600)).expect("mode set");
}

fn foreign(path: &Path) {
    with_sql(path, "CREATE TABLE mail (text)");
}

fn foreign_wal(path: &Path) {
    with_sql(path, "PRAGMA journal_mode = WAL; PRAGMA application_id = 7; CREATE TABLE mail (text)");
}

fn newer(path: &Path) {
    open(path).commit(put("a", b"1"), &soon()).expect("written");
    with_sql(path, "PRAGMA user_version = 2");
}

fn cut(path: &Path, length: fn(u64) -> u64) {
    let storage = open(path);
    for number in 0..100 {
        storage.commit(put(&format!("a/{number}"), &[7; 1_000]), &soon()).expect("written");
    }
    storage.close(&soon());
    let file = File::options().write(true).open(path).expect("opened");
    file.set_len(length(file.metadata().expect("there").len())).expect("cut");
}

fn own_with_mode(path: &Path, mode: u32) {
    open(path).commit(put("a", b"1"), &soon()).expect("written");
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("mode set");
}

#[test]
fn a_newer_schema_is_refused_even_while_it_is_in_the_log_only() {
    let place = Place::new();
    place.open();
    let newer = rusqlite::Connection::open(place.path()).expect("opened");
    newer.execute_batch("PRAGMA user_version = 2").expect("done");
    assert!(refusal(&place.path()).contains("has schema 2"));
}

#[test]
fn a_database_that_goes_away_is_missed() {
    let place = Place::new();
    let storage = place.open();
    storage.commit(put("a", b"1"), &soon()).expect("written");
    let elsewhere = place.directory.path().join("elsewhere");
    fs::rename(place.path(), &elsewhere).expect("moved");
    let result = storage.commit(put("a", b"2"), &soon());
    let Err(StorageError::Failed(text)) = result else { panic!("{result:?}") };
    assert!(text.contains("put it back"), "{text}");
    fs::rename(&elsewhere, place.path()).expect("moved back");
    assert_eq!(storage.commit(put("a", b"3"), &soon()), Ok(()));
    assert_eq!(value(&storage, "a"), Some(b"3".to_vec()));
}

#[test]
fn a_bad_page_is_an_error_and_not_a_value() {
    let place = Place::new();
    cut(&place.path(), |length| length);
    let mut bytes = fs::read(place.path()).expect("read");
    // The first pages are read at open already.
    bytes[3 * 4_096..].fill(0xee);
    fs::write(place.path(), bytes).expect("written");
    let storage = place.open();
    let result = storage.list("", "", 1_000, &soon());
    let Err(StorageError::Failed(text)) = result else { panic!("read") };
    assert!(text.contains("restore it from a backup"), "{text}");
}

#[test]
fn modes_do_not_depend_on_the_umask() {
    for umask in [0, 0o027, 0o077, 0o777] {
        let place = Place::new();
        let child = start_job("storage::files::job_with_umask", &format!("umask {umask}"), &place.path());
        finish(child);
    }
}

/// A process of its own: the umask is the whole process's.
#[test]
fn job_with_umask() {
    for umask in [0, 0o027, 0o077, 0o777] {
        let Some(path) = job(&format!("umask {umask}")) else { continue };
        // SAFETY: takes and returns a number; no other test runs in this process.
        unsafe { libc::umask(umask) };
        okta_auth::storage::key::of_database(&path).expect("a key");
        let storage = open(&path);
        storage.commit(put("a", b"1"), &soon()).expect("written");
        let audit = path.with_file_name("audit.log");
        okta_auth::audit::AuditFile::new(&audit).expect("a name").add(b"{}\n").expect("added");
        let mut names = Vec::new();
        for file in fs::read_dir(path.parent().expect("a directory")).expect("listed") {
            let file = file.expect("a file");
            names.push(file.file_name().into_string().expect("text"));
            let mode = file.metadata().expect("there").permissions().mode() & 0o7777;
            assert_eq!(mode, 0o600, "{names:?}");
        }
        names.sort_unstable();
        assert_eq!(names, ["audit.log", "okta.db", "okta.db-shm", "okta.db-wal", "okta.db.key"]);
    }
}

#[test]
fn what_this_user_may_not_write_is_refused() {
    let place = Place::new();
    place.open().commit(put("a", b"1"), &soon()).expect("written");
    let mode = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).expect("mode set");
    for (name, directory, file) in [("read-only directory", 0o555, 0o600), ("read-only file", 0o755, 0o400)] {
        mode(&place.path(), file);
        mode(place.directory.path(), directory);
        let child = start_job("storage::files::job_without_rights", name, &place.path());
        finish(child);
        mode(place.directory.path(), 0o755);
    }
}

/// A process of its own: root may write everywhere, so it becomes nobody first.
#[test]
fn job_without_rights() {
    for (name, expected) in [
        (
            "read-only directory",
            "cannot be written: give this process the right to write it and its directory",
        ),
        ("read-only file", "cannot be written: give this process the right"),
    ] {
        let Some(path) = job(name) else { continue };
        const NOBODY: u32 = 65_534;
        // SAFETY: changes the user of this process, which runs this test only.
        unsafe {
            if libc::geteuid() == 0 {
                let text = std::ffi::CString::new(path.to_str().expect("text")).expect("no NUL");
                assert_eq!(libc::chown(text.as_ptr(), NOBODY, NOBODY), 0);
                assert_eq!(libc::setuid(NOBODY), 0);
            }
        }
        let text = refusal(&path);
        assert!(text.contains(expected), "{name}: {text}");
        let missing = path.with_file_name("new.db");
        if name == "read-only directory" {
            assert!(refusal(&missing).contains("its directory must be writable by this process"));
        }
    }
}
