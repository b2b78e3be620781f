//! Forks while the database is in use.

use super::*;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const FORKS: u64 = 40;
const WRITERS: u64 = 4;

#[test]
fn a_fork_during_commits_harms_nobody() {
    let place = Place::new();
    finish(start_job("storage::fork::job_forks", "fork", &place.path()));
    let storage = place.open();
    for child in 0..FORKS {
        assert_eq!(value(&storage, &format!("child/{child}")), Some(b"20".to_vec()), "child {child}");
    }
    let committed = number(&value(&storage, "committed").expect("there"));
    assert!(committed >= FORKS, "the parent went on: {committed}");
    let kept: u64 = (0..WRITERS)
        .map(|writer| value(&storage, &format!("parent/{writer}")).map_or(0, |n| number(&n)))
        .sum();
    assert_eq!(kept, committed);
    drop(storage);
    assert_intact(&place.path());
}

/// A process of its own, as a child would inherit whatever other tests do.
#[test]
fn job_forks() {
    let Some(path) = job("fork") else { return };
    let storage = open(&path);
    let (stop, committed) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (storage, stop, committed) = (&storage, &stop, &committed);
            scope.spawn(move || {
                let key = format!("parent/{writer}");
                while !stop.load(Ordering::SeqCst) {
                    increment(storage, &key);
                    committed.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        // Two threads fork at once.
        let forkers = [0, 1].map(|first| {
            let (storage, committed, path) = (&storage, &committed, &path);
            scope.spawn(move || {
                for child in (first..FORKS).step_by(2) {
                    let before = committed.load(Ordering::SeqCst);
                    fork_child(storage, path, child);
                    let deadline = soon();
                    while committed.load(Ordering::SeqCst) == before {
                        assert!(deadline.interrupted().is_none(), "the parent hangs");
                        std::thread::yield_now();
                    }
                }
            })
        });
        let ended = forkers.map(|forker| forker.join());
        stop.store(true, Ordering::SeqCst);
        assert!(ended.iter().all(Result::is_ok));
    });
    let total = committed.load(Ordering::SeqCst).to_string();
    storage.commit(put("committed", total.as_bytes()), &soon()).expect("committed");
}

fn fork_child(storage: &SqliteStorage, path: &Path, child: u64) {
    // SAFETY: the child calls only what a child of this library may, and leaves by _exit.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0);
    if pid == 0 {
        let good = std::panic::catch_unwind(|| in_child(storage, path, child)).is_ok();
        // SAFETY: ends the child without running what belongs to the parent.
        unsafe { libc::_exit(if good { 0 } else { 1 }) };
    }
    let mut status = 0;
    // SAFETY: waits for our own child; status is a valid place.
    assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
    assert_eq!(status, 0, "child {child}");
}

fn in_child(inherited: &SqliteStorage, path: &Path, child: u64) {
    // Nothing of the database came along.
    for file in std::fs::read_dir("/proc/self/fd").expect("listed") {
        let target = std::fs::read_link(file.expect("a file").path()).unwrap_or_default();
        assert!(!target.starts_with(path.parent().expect("a directory")), "{target:?} is open");
    }
    let text = "this storage was opened before a fork: open it anew in this process";
    let refused = Some(StorageError::Forked(text));
    assert_eq!(inherited.get("a", &soon()).err(), refused);
    assert_eq!(inherited.commit(put("a", b"1"), &soon()).err(), refused);
    inherited.close(&soon());
    let own = open(path);
    (0..20).for_each(|_| increment(&own, &format!("child/{child}")));
    own.close(&soon());
}
