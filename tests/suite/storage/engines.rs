//! What every engine promises.

use super::*;
use okta_auth::storage::Durability;
use std::collections::BTreeSet;
use std::sync::Barrier as Rendezvous;
use std::time::Instant;

#[test]
fn a_value_is_read_as_it_was_written() {
    on_each_engine(|storage| {
        for key in ["", "a", "a/b", "Ä/ß", "a\0b", "a%_*?"] {
            for written in [&b""[..], b"\0\xff", &[7; 100_000]] {
                assert!(storage.commit(put(key, written), &soon()).is_ok());
                let entry = get(storage, key).expect("there");
                assert_eq!((entry.key.as_str(), entry.value.as_slice()), (key, written));
            }
            storage.commit(delete(key), &soon()).expect("deleted");
            assert!(get(storage, key).is_none(), "{key:?}");
        }
        storage.commit(delete("never there"), &soon()).expect("an absent key is fine");
    });
}

/// What is kept of a storage is looked at again when this number is another.
#[test]
fn the_last_revision_changes_with_each_write_and_with_nothing_else() {
    on_each_engine(|storage| {
        let last = || storage.last_revision(&soon()).expect("a number");
        let begin = last();
        storage.commit(put("a", b"1"), &soon()).expect("written");
        let written = last();
        assert_ne!(written, begin);
        assert_eq!(get(storage, "a").expect("there").revision, written);
        storage.commit(if_revision("a", Some(written), Batch::default()), &soon()).expect("checked");
        let conflict = storage.commit(if_revision("a", None, put("a", b"2")), &soon());
        assert_eq!((conflict, last()), (Err(StorageError::Conflict), written));
        storage.commit(delete("a"), &soon()).expect("deleted");
        assert_ne!(last(), written);
    });
}

#[test]
fn a_check_that_fails_changes_nothing() {
    on_each_engine(|storage| {
        // The key, its revision before or after the one that "a" has (None: no such key), and whether that holds.
        for (key, offset, holds) in [
            ("a", Some(0), true),
            ("a", Some(1), false),
            ("a", Some(-1), false),
            ("a", None, false),
            ("b", Some(0), false),
            ("b", None, true),
        ] {
            storage.commit(Batch { deletes: vec!["c".into()], ..put("a", b"1") }, &soon()).expect("written");
            let current = get(storage, "a").expect("there").revision;
            let revision = offset.map(|offset| current.wrapping_add_signed(offset));
            let batch = Batch { deletes: vec!["a".into()], ..put("c", b"new") };
            let result = storage.commit(if_revision(key, revision, batch), &soon());
            let (expected, a, c) = if holds {
                (Ok(()), None, Some(b"new".to_vec()))
            } else {
                (Err(StorageError::Conflict), Some(b"1".to_vec()), None)
            };
            assert_eq!(result, expected, "{key} {offset:?}");
            assert_eq!((value(storage, "a"), value(storage, "c")), (a, c), "{key} {offset:?}");
        }
        storage.commit(put("a", b"1"), &soon()).expect("written");
        let both = Batch {
            checks: vec![
                Check { key: "a".into(), revision: None },
                Check { key: "b".into(), revision: None },
            ],
            ..put("b", b"2")
        };
        assert_eq!(storage.commit(both, &soon()), Err(StorageError::Conflict));
        assert_eq!(value(storage, "b"), None);
    });
}

#[test]
fn a_revision_never_comes_back() {
    on_each_engine(|storage| {
        let mut seen = BTreeSet::new();
        for round in 0..20 {
            storage.commit(put("a", b"same"), &soon()).expect("written");
            let revision = get(storage, "a").expect("there").revision;
            assert!(seen.last().is_none_or(|last| *last < revision), "round {round}");
            seen.insert(revision);
            storage.commit(delete("a"), &soon()).expect("deleted");
        }
    });
}

#[test]
fn a_deleted_and_written_key_is_there() {
    on_each_engine(|storage| {
        let batch = Batch { deletes: vec!["a".into()], ..put("a", b"1") };
        storage.commit(batch, &soon()).expect("written");
        assert_eq!(value(storage, "a"), Some(b"1".to_vec()));
    });
}

#[test]
fn a_listing_goes_by_prefix_and_bytes() {
    let keys = ["a", "a/", "a/b", "a/b/c", "a/ä", "a0", "A/b", "b", "a/\u{10ffff}", "a\u{10ffff}"];
    on_each_engine(|storage| {
        for key in keys {
            storage.commit(put(key, key.as_bytes()), &soon()).expect("written");
        }
        for prefix in ["", "a", "a/", "a/b", "b", "c", "a/\u{10ffff}"] {
            for after in ["", "a/", "a/b", "a/bb", "a/\u{10ffff}", "z"] {
                for limit in [0, 1, 3, usize::MAX] {
                    let mut expected: Vec<&str> = keys
                        .into_iter()
                        .filter(|key| key.starts_with(prefix) && (after.is_empty() || *key > after))
                        .collect();
                    expected.sort_unstable();
                    expected.truncate(limit);
                    let listed = storage.list(prefix, after, limit, &soon()).expect("listed");
                    let listed: Vec<&str> = listed.iter().map(|entry| entry.key.as_str()).collect();
                    assert_eq!(listed, expected, "{prefix:?} after {after:?}, {limit}");
                }
            }
        }
    });
}

#[test]
fn of_many_writers_each_gets_his_own_answer() {
    const THREADS: usize = 16;
    on_each_engine(|storage| {
        let start = Rendezvous::new(THREADS);
        let won: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|number| {
                    let start = &start;
                    scope.spawn(move || {
                        start.wait();
                        let durability =
                            if number % 2 == 0 { Durability::Durable } else { Durability::Relaxed };
                        let mut won = 0;
                        for round in 0..20 {
                            let key = format!("round/{round}");
                            let mine = format!("{number}");
                            let batch = Batch { durability, ..put(&key, mine.as_bytes()) };
                            match storage.commit(if_revision(&key, None, batch), &soon()) {
                                Ok(()) => {
                                    assert_eq!(value(storage, &key), Some(mine.into_bytes()));
                                    won += 1;
                                }
                                Err(StorageError::Conflict) => assert!(get(storage, &key).is_some()),
                                Err(error) => panic!("{error:?}"),
                            }
                            increment(storage, "count");
                        }
                        won
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
        });
        assert_eq!(won, 20);
        assert_eq!(value(storage, "count").map(|count| number(&count)), Some(20 * THREADS as u64));
    });
}

#[test]
fn a_closed_storage_says_so() {
    on_each_engine(|storage| {
        storage.commit(put("a", b"1"), &soon()).expect("written");
        storage.close(&soon());
        storage.close(&soon());
        let closed = StorageError::Failed("the storage is closed".into());
        assert_eq!(storage.get("a", &soon()).err(), Some(closed.clone()));
        assert_eq!(storage.list("", "", 1, &soon()).err(), Some(closed.clone()));
        assert_eq!(storage.commit(put("a", b"1"), &soon()), Err(closed));
    });
}

#[test]
fn a_commit_waits_for_another_process_until_its_deadline_only() {
    let place = Place::new();
    let storage = place.open();
    storage.commit(put("a", b"1"), &soon()).expect("written");
    let other = rusqlite::Connection::open(place.path()).expect("opened");
    other.execute_batch("BEGIN IMMEDIATE").expect("locked");

    let began = Instant::now();
    let result = storage.commit(put("a", b"2"), &within(Duration::from_millis(50)));
    assert_eq!(result, Err(StorageError::Busy));
    assert!(began.elapsed() >= Duration::from_millis(50));
    assert_eq!(value(&storage, "a"), Some(b"1".to_vec()), "reading goes on");

    let cancel = Cancel::default();
    let deadline = Deadline::after(Duration::from_secs(600), cancel.clone());
    std::thread::scope(|scope| {
        let waits: Vec<_> =
            (0..3).map(|_| scope.spawn(|| storage.commit(put("a", b"3"), &deadline))).collect();
        let patient = scope.spawn(|| storage.commit(put("b", b"4"), &soon()));
        cancel.cancel();
        for wait in waits {
            assert_eq!(wait.join().expect("no panic"), Err(StorageError::Cancelled));
        }
        other.execute_batch("ROLLBACK").expect("released");
        assert_eq!(patient.join().expect("no panic"), Ok(()));
    });
    assert_eq!(value(&storage, "a"), Some(b"1".to_vec()));
    assert_eq!(value(&storage, "b"), Some(b"4".to_vec()));
}

#[test]
fn a_read_waits_for_another_process_until_its_deadline_only() {
    let place = Place::new();
    place.open();
    let other = rusqlite::Connection::open(place.path()).expect("opened");
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT").expect("locked");
    let opened = SqliteStorage::open(&place.path(), &within(Duration::from_millis(50)));
    assert_eq!(opened.err(), Some(StorageError::Busy));
    std::thread::scope(|scope| {
        let patient = scope.spawn(|| place.open());
        drop(other);
        assert!(get(&patient.join().expect("no panic"), "a").is_none());
    });
}

#[test]
fn two_handles_in_one_process_see_each_other() {
    let place = Place::new();
    let (first, second) = (place.open(), place.open());
    std::thread::scope(|scope| {
        for storage in [&first, &second] {
            scope.spawn(move || (0..100).for_each(|_| increment(storage, "n")));
        }
    });
    assert_eq!(value(&first, "n"), Some(b"200".to_vec()));
    drop(first);
    increment(&second, "n");
    assert_eq!(value(&place.open(), "n"), Some(b"201".to_vec()));
}
