//! The barrier on each engine: the wrong key, and what is never in clear.

use super::*;
use okta_auth::error::Code;
use okta_auth::limits;
use okta_auth::secret::Secret;
use okta_auth::storage::{Barrier, BarrierKey, Cache, encode};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

/// The same engine behind two barriers.
struct Shared(Arc<dyn Storage>);

impl Storage for Shared {
    fn get(&self, key: &str, deadline: &Deadline) -> Result<Option<Entry>, StorageError> {
        self.0.get(key, deadline)
    }

    fn list(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
        deadline: &Deadline,
    ) -> Result<Vec<Entry>, StorageError> {
        self.0.list(prefix, after, limit, deadline)
    }

    fn last_revision(&self, deadline: &Deadline) -> Result<Revision, StorageError> {
        self.0.last_revision(deadline)
    }

    fn commit(&self, batch: Batch, deadline: &Deadline) -> Result<(), StorageError> {
        self.0.commit(batch, deadline)
    }

    fn close(&self, deadline: &Deadline) {
        self.0.close(deadline);
    }
}

fn key(byte: u8) -> BarrierKey {
    Secret::new([byte; 32])
}

fn write(barrier: &Barrier, at: &str, text: &str) {
    let batch = || Ok((put(at, &encode(&text)?), ()));
    barrier.update(&soon(), batch).expect("written");
}

#[test]
fn a_wrong_key_is_refused_and_changes_nothing() {
    let place = Place::new();
    let engines: [Arc<dyn Storage>; 2] = [Arc::new(MemoryStorage::default()), Arc::new(place.open())];
    for engine in engines {
        let open = |number| Barrier::open(Box::new(Shared(engine.clone())), &key(number), &soon());
        write(&open(1).expect("opened"), "a", "text");
        let before = engine.list("", "", 100, &soon()).expect("listed");
        let error = open(2).err().expect("refused");
        assert_eq!((error.status(), error.code()), (503, Code::WrongKey));
        assert!(error.text().is_some_and(|text| text.contains("give the key it was created with")));
        assert!(before == engine.list("", "", 100, &soon()).expect("listed"));
        let read = open(1).expect("opened").read::<String>("a", &soon()).expect("read");
        assert_eq!(read.expect("there").value, "text");
    }
}

#[test]
fn what_is_kept_in_clear_is_never_older_than_the_storage() {
    let place = Place::new();
    let engines: [Arc<dyn Storage>; 2] = [Arc::new(MemoryStorage::default()), Arc::new(place.open())];
    for engine in engines {
        let open = || Barrier::open(Box::new(Shared(engine.clone())), &key(1), &soon()).expect("opened");
        let (ours, theirs) = (open(), open());
        let cache = Cache::new(1);
        let read = |at: &str| {
            let moment = ours.moment(&soon()).expect("a moment");
            let stored = ours.read_cached::<String>(at, &cache, moment, &soon()).expect("read");
            stored.map(|stored| {
                assert_eq!(Some(stored.revision), ours.revision_of(at, &soon()).expect("read"));
                stored.value.to_string()
            })
        };
        assert_eq!(read("a"), None);
        for text in ["one", "two"] {
            write(&theirs, "a", text);
            assert_eq!((read("a").as_deref(), read("a").as_deref()), (Some(text), Some(text)));
        }
        write(&theirs, "b", "of another key");
        assert_eq!((read("a").as_deref(), read("b").as_deref()), (Some("two"), Some("of another key")));
        theirs.delete_all("a", &soon()).expect("deleted");
        assert_eq!(read("a"), None);
    }
}

#[test]
fn a_wrong_key_changes_no_byte_of_the_file() {
    let place = Place::new();
    let open = |number| Barrier::open(Box::new(place.open()), &key(number), &soon());
    let barrier = open(1).expect("opened");
    write(&barrier, "a", "text");
    barrier.close(&soon());
    let before = fs::read(place.path()).expect("read");
    assert_eq!(open(2).err().expect("refused").code(), Code::WrongKey);
    assert!(before == fs::read(place.path()).expect("read"));
}

#[test]
fn no_file_shows_a_clear_value() {
    const MARKERS: [&str; 3] = ["MARKER-of-a-value", "MARKER-of-a-token", "MARKERMARKERMARKERMARKERMARKER32"];
    let place = Place::new();
    let barrier_key = Secret::new(MARKERS[2].as_bytes().try_into().expect("32 bytes"));
    let barrier = Barrier::open(Box::new(place.open()), &barrier_key, &soon()).expect("opened");
    for number in 0..50 {
        write(&barrier, &format!("a/{number}"), MARKERS[0]);
        write(&barrier, &format!("token/{}", barrier.index_of(MARKERS[1])), MARKERS[1]);
    }
    let look = |expected: &[&str]| {
        let mut names = Vec::new();
        for file in fs::read_dir(place.directory.path()).expect("a directory") {
            let file = file.expect("a file");
            let bytes = fs::read(file.path()).expect("read");
            names.push(file.file_name().into_string().expect("text"));
            for marker in MARKERS {
                let found = bytes.windows(marker.len()).any(|window| window == marker.as_bytes());
                assert!(!found, "{marker} in {names:?}");
            }
        }
        names.sort_unstable();
        assert_eq!(names, expected);
    };
    look(&["okta.db", "okta.db-shm", "okta.db-wal"]);
    barrier.close(&soon());
    look(&["okta.db"]);
}

/// An engine on which somebody else is always faster, and which counts what it is asked.
#[derive(Default)]
struct Contention {
    engine: MemoryStorage,
    contended: AtomicBool,
    commits: AtomicU32,
    longest_page: AtomicUsize,
}

#[derive(Clone, Default)]
struct Contended(Arc<Contention>);

impl Storage for Contended {
    fn get(&self, key: &str, deadline: &Deadline) -> Result<Option<Entry>, StorageError> {
        self.0.engine.get(key, deadline)
    }

    fn list(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
        deadline: &Deadline,
    ) -> Result<Vec<Entry>, StorageError> {
        self.0.longest_page.fetch_max(limit, Ordering::SeqCst);
        self.0.engine.list(prefix, after, limit, deadline)
    }

    fn last_revision(&self, deadline: &Deadline) -> Result<Revision, StorageError> {
        self.0.engine.last_revision(deadline)
    }

    fn commit(&self, batch: Batch, deadline: &Deadline) -> Result<(), StorageError> {
        self.0.commits.fetch_add(1, Ordering::SeqCst);
        if self.0.contended.load(Ordering::SeqCst) {
            return Err(StorageError::Conflict);
        }
        self.0.engine.commit(batch, deadline)
    }

    fn close(&self, deadline: &Deadline) {
        self.0.engine.close(deadline);
    }
}

#[test]
fn who_always_comes_late_gives_up() {
    let engine = Contended::default();
    let barrier = Barrier::open(Box::new(engine.clone()), &key(1), &soon()).expect("opened");
    let before = engine.0.commits.load(Ordering::SeqCst);
    engine.0.contended.store(true, Ordering::SeqCst);
    let deadline = Deadline::after(Duration::from_millis(200), Cancel::default());
    let error = barrier.update(&deadline, || Ok((put("a", &encode(&1)?), ()))).expect_err("refused");
    assert_eq!((error.status(), error.code()), (503, Code::StorageBusy));
    assert!(deadline.remaining().is_zero());
    // The pauses grow: it neither gives up early nor spins.
    let tries = engine.0.commits.load(Ordering::SeqCst) - before;
    assert!((2..200).contains(&tries), "{tries}");
    engine.0.contended.store(false, Ordering::SeqCst);
    write(&barrier, "a", "text");
}

#[test]
fn no_listing_asks_for_more_than_a_page() {
    let engine = Contended::default();
    let barrier = Barrier::open(Box::new(engine.clone()), &key(1), &soon()).expect("opened");
    let count = 2 * limits::STORAGE_PAGE + 1;
    for number in 0..count {
        write(&barrier, &format!("a/{number}"), "text");
    }
    assert_eq!(barrier.list_all::<String>("a/", &soon()).expect("listed").len(), count);
    barrier.delete_all("a/", &soon()).expect("deleted");
    assert!(barrier.list_all::<String>("a/", &soon()).expect("listed").is_empty());
    assert_eq!(engine.0.longest_page.load(Ordering::SeqCst), limits::STORAGE_PAGE);
}
