//! What the barrier seals, and how it decides anew after a lost race.

use super::*;
use crate::deadline::Cancel;
use crate::storage::MemoryStorage;

fn deadline() -> Deadline {
    Deadline::after(Duration::from_secs(10), Cancel::default())
}

fn barrier() -> Barrier {
    Barrier::open(Box::new(MemoryStorage::default()), &Secret::new([7; 32]), &deadline())
        .expect("an empty storage opens")
}

#[test]
fn a_sealed_value_opens_under_its_own_key_only() {
    let barrier = barrier();
    let sealed = barrier.seal("user/fred", b"clear".to_vec()).expect("sealed");
    assert!(!sealed.windows(5).any(|window| window == b"clear"));
    assert_eq!(barrier.unseal("user/fred", sealed.clone()).expect("opened"), b"clear");
    assert!(barrier.unseal("user/bob", sealed.clone()).is_err());
    for position in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[position] ^= 1;
        assert!(barrier.unseal("user/fred", changed).is_err(), "byte {position}");
        assert!(barrier.unseal("user/fred", sealed[..position].to_vec()).is_err());
    }
}

#[test]
fn a_record_over_the_limit_is_refused_whole() {
    let barrier = barrier();
    let write = |length| {
        let puts = vec![("small".into(), encode(&1)?), ("big".into(), vec![b'1'; length])];
        barrier.update(&deadline(), || Ok((Batch { puts: puts.clone(), ..Batch::default() }, ())))
    };
    let error = write(limits::STORAGE_VALUE_BYTES + 1).expect_err("refused");
    assert_eq!(error.code(), Code::StorageFailed);
    assert!(error.to_string().contains("is over 16 MiB"), "{error}");
    assert!(barrier.engine.list("", "", 9, &deadline()).expect("listed").len() == 1, "the index key only");
    assert!(write(limits::STORAGE_VALUE_BYTES).is_ok());
}

#[test]
fn records_are_counted_only_when_room_may_be_short() {
    let barrier = barrier();
    let write = |key: String| {
        let puts = vec![(key, encode(&1).expect("JSON"))];
        barrier
            .update(&deadline(), || Ok((Batch { puts: puts.clone(), ..Batch::default() }, ())))
            .expect("written");
    };
    let has_room = |limit| barrier.has_room("a/", limit, &deadline()).expect("counted");
    assert!(has_room(10) && !has_room(0));
    assert!(has_room(10));
    let counted = barrier.counts.last("a/");
    for number in 0..9 {
        write(format!("a/{number}"));
        assert!(has_room(10));
        assert_eq!(barrier.counts.last("a/"), counted, "no commit can have filled it yet");
    }
    // It is not full: one of the commits wrote elsewhere.
    write("b/0".to_owned());
    assert!(has_room(10));
    assert_ne!(barrier.counts.last("a/"), counted);
    write("a/9".to_owned());
    assert!(!has_room(10) && has_room(11));
    barrier.delete_all("a/", &deadline()).expect("deleted");
    assert!(has_room(1));
    for number in 0..=limits::STORAGE_PAGE {
        write(format!("a/{number}"));
    }
    let count = |limit| barrier.count("a/", limit, &deadline()).expect("counted");
    for limit in [0, 1, limits::STORAGE_PAGE, limits::STORAGE_PAGE + 1] {
        assert_eq!(count(limit), limit);
    }
    assert_eq!(count(limits::STORAGE_PAGE * 2), limits::STORAGE_PAGE + 1);
}

#[test]
fn a_lost_race_is_decided_anew() {
    let barrier = barrier();
    let mut tries = 0;
    let result = barrier.update(&deadline(), || {
        tries += 1;
        let stored = barrier.read::<u32>("n", &deadline())?;
        if tries == 1 {
            let other = Batch { puts: vec![("n".into(), encode(&5)?)], ..Batch::default() };
            barrier.commit_once(other, &deadline()).expect("committed");
        }
        let revision = stored.as_ref().map(|stored| stored.revision);
        let next = stored.map_or(0, |stored| stored.value) + 1;
        let batch = Batch {
            checks: vec![Check { key: "n".into(), revision }],
            puts: vec![("n".into(), encode(&next)?)],
            ..Batch::default()
        };
        Ok((batch, next))
    });
    assert_eq!((result.expect("committed"), tries), (6, 2));
}

#[test]
fn a_race_that_is_always_lost_ends_with_the_deadline() {
    let barrier = barrier();
    let never = |revision| {
        let checks = vec![Check { key: INDEX_KEY.into(), revision }];
        move || Ok((Batch { checks: checks.clone(), ..Batch::default() }, ()))
    };
    let soon = Deadline::after(Duration::from_millis(20), Cancel::default());
    let error = barrier.update(&soon, never(None)).expect_err("the key is there");
    assert_eq!(error.code(), Code::StorageBusy);
    assert!(soon.interrupted().is_some());
    let cancel = Cancel::default();
    cancel.cancel();
    let cancelled = Deadline::after(Duration::from_secs(60), cancel);
    let error = barrier.update(&cancelled, never(None)).expect_err("cancelled");
    assert_eq!(error.code(), Code::Cancelled);
    let patient = deadline();
    let error = barrier.update(&patient, never(Some(7_000))).expect_err("not this write of the key");
    assert_eq!(error.code(), Code::StorageBusy);
    assert!(patient.interrupted().is_none());
}

#[test]
fn what_changes_nothing_is_no_commit() {
    struct NoCommits;
    impl Storage for NoCommits {
        fn get(&self, _: &str, _: &Deadline) -> std::result::Result<Option<Entry>, StorageError> {
            Ok(None)
        }
        fn list(
            &self,
            _: &str,
            _: &str,
            _: usize,
            _: &Deadline,
        ) -> std::result::Result<Vec<Entry>, StorageError> {
            Ok(Vec::new())
        }
        fn last_revision(&self, _: &Deadline) -> std::result::Result<Revision, StorageError> {
            Ok(0)
        }
        fn commit(&self, _: Batch, _: &Deadline) -> std::result::Result<(), StorageError> {
            Err(StorageError::Full)
        }
        fn close(&self, _: &Deadline) {}
    }
    let mut barrier = barrier();
    barrier.engine = Box::new(NoCommits);
    assert!(barrier.update(&deadline(), || Ok((Batch::default(), ()))).is_ok());
    assert!(barrier.delete_all("nothing/", &deadline()).is_ok());
}

#[test]
fn one_value_that_cannot_be_read_stops_only_its_reader() {
    let barrier = barrier();
    let puts = vec![("a/1".to_owned(), b"garbage".to_vec()), ("a/2".to_owned(), b"2".to_vec())];
    barrier
        .update(&deadline(), || Ok((Batch { puts: puts.clone(), ..Batch::default() }, ())))
        .expect("written");
    assert!(barrier.read::<u32>("a/1", &deadline()).is_err());
    assert!(matches!(barrier.look::<u32>("a/1", &deadline()), Ok(Found::Unreadable(_))));
    assert!(matches!(barrier.look::<u32>("a/2", &deadline()), Ok(Found::Record(Stored { value: 2, .. }))));
    assert!(matches!(barrier.look::<u32>("a/3", &deadline()), Ok(Found::Nothing)));
    let keys = barrier.list_keys("a/", "", 9, &deadline()).expect("listed");
    assert_eq!(keys.len(), 2);
    assert_eq!(barrier.revision_of("a/1", &deadline()).expect("read"), Some(keys[0].1));
}
