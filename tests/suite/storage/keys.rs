//! Where the barrier key comes from.

use super::*;
use okta_auth::error::Code;
use okta_auth::storage::key;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::sync::Barrier as Rendezvous;

// 32 bytes 0x41.
const TEXT: &str = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";

fn write_key(path: &Path, text: &[u8], mode: u32) {
    fs::write(path, text).expect("written");
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("mode set");
}

#[test]
fn a_key_is_32_bytes_in_base64() {
    for text in [TEXT.to_owned(), format!(" {TEXT}\r\n")] {
        assert_eq!(key::from_base64(&text).expect("a key").expose(), &[0x41; 32]);
    }
    let long = "QUFB".repeat(1_000);
    for text in ["", "MARKER", "QUFB", "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB", &TEXT[..43], &long] {
        let error = key::from_base64(text).err().expect("refused");
        assert_eq!((error.status(), error.code()), (400, Code::InvalidRequest), "{text}");
        assert!(text.is_empty() || !error.to_string().contains(text));
    }
}

#[test]
fn a_key_file_is_private_and_holds_a_key() {
    let place = Place::new();
    let path = place.directory.path().join("key");
    let refused = |hint: &str| {
        let error = key::from_file(&path).err().expect("refused");
        let text = error.to_string();
        assert_eq!((error.status(), error.code()), (503, Code::StorageFailed), "{text}");
        assert!(text.contains(hint) && text.contains(path.to_str().expect("text")), "{text}");
        assert!(!text.contains("MARKER") && !text.contains(TEXT), "{text}");
    };
    refused("does not exist");
    for mode in [0o600, 0o400] {
        write_key(&path, format!("{TEXT}\n").as_bytes(), mode);
        assert_eq!(key::from_file(&path).expect("a key").expose(), &[0x41; 32]);
        fs::remove_file(&path).expect("removed");
    }
    for mode in [0o640, 0o604, 0o660, 0o602, 0o644] {
        write_key(&path, TEXT.as_bytes(), mode);
        refused("run `chmod 600 ");
        fs::remove_file(&path).expect("removed");
    }
    for text in [&b""[..], b"MARKER", &[0xff; 32], &[b'M'; 100_000]] {
        write_key(&path, text, 0o600);
        refused("does not hold 32 bytes in base64");
    }
    fs::remove_file(&path).expect("removed");
    fs::create_dir(&path).expect("made");
    refused("not a regular file");
}

#[test]
fn a_new_database_gets_a_key_of_its_own() {
    let (one, other) = (Place::new(), Place::new());
    let first = key::of_database(&one.path()).expect("made");
    let file = key::path_of(&one.path());
    assert_eq!(file, one.directory.path().join("okta.db.key"));
    assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o7777, 0o600);
    one.open();
    assert_eq!(key::of_database(&one.path()).expect("read").expose(), first.expose());
    assert_eq!(key::from_file(&file).expect("read").expose(), first.expose());
    assert_ne!(key::of_database(&other.path()).expect("made").expose(), first.expose());
    // Nothing but the key is left behind.
    assert_eq!(fs::read_dir(other.directory.path()).expect("listed").count(), 1);
}

#[test]
fn only_a_key_file_that_is_named_may_be_a_link() {
    let place = Place::new();
    let key_file = place.directory.path().join("elsewhere");
    write_key(&key_file, TEXT.as_bytes(), 0o600);
    let link = key::path_of(&place.path());
    std::os::unix::fs::symlink(&key_file, &link).expect("linked");
    let error = key::of_database(&place.path()).err().expect("refused");
    assert!(error.to_string().contains("is a symbolic link: name the file it leads to"), "{error}");
    assert_eq!(key::from_file(&link).expect("a key").expose(), &[0x41; 32]);
}

#[test]
fn an_old_database_gets_no_new_key() {
    let place = Place::new();
    key::of_database(&place.path()).expect("made");
    place.open();
    let file = key::path_of(&place.path());
    fs::remove_file(&file).expect("removed");
    let error = key::of_database(&place.path()).err().expect("refused");
    assert!(error.to_string().contains("restore the key file"), "{error}");
    assert!(!file.exists());
}

#[test]
fn a_key_that_cannot_be_written_is_refused() {
    let place = Place::new();
    let path = place.directory.path().join("absent/okta.db");
    let error = key::of_database(&path).err().expect("refused");
    assert!(error.to_string().contains("its directory must be writable"), "{error}");
}

#[test]
fn many_who_start_at_once_end_with_one_key() {
    const THREADS: usize = 8;
    for _ in 0..10 {
        let place = Place::new();
        let start = Rendezvous::new(THREADS);
        let found = std::thread::scope(|scope| {
            let one = || {
                start.wait();
                let key = key::of_database(&place.path()).expect("a key");
                place.open();
                *key.expose()
            };
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(one)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect::<Vec<_>>()
        });
        assert!(found.iter().all(|key| *key == found[0]));
    }
}

/// A sparse file: its text is a key, and after it come zeros for longer than anybody would read.
#[test]
fn a_key_file_without_end_is_not_read_to_its_end() {
    let place = Place::new();
    let path = place.directory.path().join("key");
    write_key(&path, TEXT.as_bytes(), 0o600);
    fs::File::options().write(true).open(&path).expect("opened").set_len(1 << 42).expect("stretched");
    let error = key::from_file(&path).err().expect("refused");
    assert!(error.to_string().contains("does not hold 32 bytes in base64"), "{error}");
}
