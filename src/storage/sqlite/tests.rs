use super::*;
use crate::storage::fork::enter;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Set in the process that is started for the job.
const JOB: &str = "OKTA_AUTH_TEST_FORK_JOB";

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(30), Cancel::default())
}

fn put(key: &str, bytes: usize) -> Batch {
    Batch { puts: vec![(key.to_owned(), vec![7; bytes])], ..Batch::default() }
}

fn storage() -> (tempfile::TempDir, SqliteStorage) {
    let directory = tempfile::TempDir::new().expect("a directory");
    let storage = SqliteStorage::open(&directory.path().join("okta.db"), &soon()).expect("opened");
    (directory, storage)
}

/// Lets the database grow to so many pages only, as a full disk would.
fn limit_pages(storage: &SqliteStorage, pages: u32) {
    storage
        .connections
        .write(|writer| {
            writer.limit_pages(pages);
            Ok(())
        })
        .expect("limited");
}

#[test]
fn a_full_disk_loses_nothing_and_passes() {
    let (_directory, storage) = storage();
    storage.commit(put("a", 1_000), &soon()).expect("committed");
    limit_pages(&storage, 20);
    assert_eq!(storage.commit(put("b", 1 << 20), &soon()), Err(StorageError::Full));
    assert!(storage.get("b", &soon()).expect("read").is_none());
    assert_eq!(storage.commit(put("c", 10), &soon()), Ok(()));
    assert_eq!(storage.get("a", &soon()).expect("read").map(|entry| entry.value.len()), Some(1_000));
    limit_pages(&storage, 10_000);
    assert_eq!(storage.commit(put("b", 1 << 20), &soon()), Ok(()));
}

#[test]
fn a_batch_too_big_fails_alone_in_its_group() {
    let (_directory, storage) = storage();
    limit_pages(&storage, 30);
    let batches = [put("a", 10), put("b", 1 << 20), put("c", 10)];
    let results = storage
        .connections
        .write(|writer| {
            writer.begin(Durability::Durable)?;
            Ok(storage.run_group(writer, &batches, Durability::Durable))
        })
        .expect("ran");
    assert_eq!(results, [Ok(()), Err(StorageError::Full), Ok(())]);
    let keys = ["a", "b", "c"].map(|key| storage.get(key, &soon()).expect("read").is_some());
    assert_eq!(keys, [true, false, true]);
}

#[test]
fn commits_that_come_meanwhile_share_a_transaction() {
    let (_directory, storage) = storage();
    let groups = AtomicUsize::new(0);
    let count = |queue: &CommitQueue| {
        groups.fetch_add(1, Ordering::SeqCst);
        let group = queue.take(queue.next_durability().expect("somebody waits"));
        let results = group.batches().iter().map(|_| Ok(())).collect();
        group.answer(results);
        Ok(())
    };
    let (first_in, others_in) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
    let (queue, first_in, others_in, count) = (&storage.queue, &first_in, &others_in, &count);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let slow = || {
                first_in.wait();
                others_in.wait();
                count(queue)
            };
            queue.commit(put("first", 1), &soon(), slow).expect("committed");
        });
        first_in.wait();
        for number in 0..limits::STORAGE_GROUP {
            let commit = move || queue.commit(put(&number.to_string(), 1), &soon(), || count(queue));
            scope.spawn(move || commit().expect("committed"));
        }
        while queue.waiting() < 1 + limits::STORAGE_GROUP {
            std::thread::yield_now();
        }
        others_in.wait();
    });
    assert_eq!(groups.load(Ordering::SeqCst), 2, "one more than fit into a group");
}

#[test]
fn a_leader_that_fails_hands_over() {
    let queue = CommitQueue::default();
    let failed = || Err(StorageError::Failed("no disk".into()));
    assert_eq!(queue.commit(put("a", 1), &soon(), failed).err(), failed().err());
    assert_eq!(queue.waiting(), 0);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        queue.commit(put("a", 1), &soon(), || {
            let _group = queue.take(Durability::Durable);
            std::panic::resume_unwind(Box::new(()))
        })
    }));
    assert!(panicked.is_err());
    let good = || {
        let group = queue.take(Durability::Durable);
        let results = group.batches().iter().map(|_| Ok(())).collect();
        group.answer(results);
        Ok(())
    };
    assert_eq!(queue.commit(put("a", 1), &soon(), good), Ok(()));
}

#[test]
fn readers_over_the_limit_wait() {
    fn read(storage: &SqliteStorage, depth: usize) -> Result<(), StorageError> {
        let soon_over = Deadline::after(Duration::from_millis(20), Cancel::default());
        let mut result = Ok(());
        storage.connections.read(&soon_over, |_| {
            if depth > 1 {
                result = read(storage, depth - 1);
            }
            Ok(())
        })?;
        result
    }
    let (_directory, storage) = storage();
    assert_eq!(read(&storage, limits::STORAGE_READERS), Ok(()));
    assert_eq!(read(&storage, limits::STORAGE_READERS + 1), Err(StorageError::Busy));
    assert_eq!(read(&storage, limits::STORAGE_READERS), Ok(()));
}

#[test]
fn connections_are_configured() {
    let (_directory, storage) = storage();
    let pragma = |connection: &Connection, name: &str| -> String {
        let value: rusqlite::types::Value =
            connection.pragma_query_value(None, name, |row| row.get(0)).expect("read");
        format!("{value:?}")
    };
    let names = ["journal_mode", "synchronous", "temp_store", "trusted_schema", "query_only"];
    storage
        .read(&soon(), |connection| {
            let found = names.map(|name| pragma(connection, name));
            assert_eq!(
                found,
                ["Text(\"wal\")", "Integer(2)", "Integer(2)", "Integer(0)", "Integer(1)"],
                "{names:?}"
            );
            Ok(())
        })
        .expect("read");
    for (durability, expected) in [(Durability::Relaxed, 1), (Durability::Durable, 2)] {
        storage.commit(Batch { durability, ..put("a", 1) }, &soon()).expect("committed");
        let synchronous = storage.connections.write(|writer| Ok(writer.synchronous())).expect("read");
        assert_eq!(synchronous, expected);
    }
}

#[test]
fn a_child_of_a_fork_that_could_not_wait_opens_nothing() {
    // In a process of its own: while it waits, no other test could use a database.
    run_job("storage::sqlite::tests::job_forks_while_a_call_hangs");
}

fn run_job(name: &str) {
    let output = std::process::Command::new(std::env::current_exe().expect("our own path"))
        .args(["--exact", name, "--nocapture"])
        .env(JOB, "1")
        .output()
        .expect("the test program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn job_forks_while_a_call_hangs() {
    if std::env::var_os(JOB).is_none() {
        return;
    }
    let (directory, storage) = storage();
    let path = directory.path().join("okta.db");
    // Stands for a commit that hangs in the disk.
    let permit = enter(storage.generation, &soon()).expect("entered");
    // SAFETY: the child touches nothing that another thread may hold, and leaves by _exit.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        let refused = |result: Result<(), StorageError>| matches!(result, Err(StorageError::Forked(text)) if text.starts_with("this process was forked while"));
        let good = refused(SqliteStorage::open(&path, &soon()).map(drop))
            && refused(storage.get("a", &soon()).map(drop))
            && refused(storage.commit(put("a", 1), &soon()));
        // SAFETY: ends the child without running what belongs to the parent.
        unsafe { libc::_exit(if good { 0 } else { 1 }) };
    }
    drop(permit);
    let mut status = 1;
    // SAFETY: waits for our own child; status is a valid place.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0);
    assert_eq!(storage.commit(put("a", 1), &soon()), Ok(()), "the parent goes on");
}

#[test]
fn what_changes_nothing_waits_for_no_disk() {
    let (_directory, storage) = storage();
    storage.commit(put("a", 1), &soon()).expect("committed");
    let revision = || storage.read(&soon(), schema::last_revision).expect("read");
    let before = revision();
    let check = |key: &str, revision| Batch {
        checks: vec![crate::storage::Check { key: key.to_owned(), revision }],
        ..Batch::default()
    };
    assert_eq!(storage.commit(check("b", None), &soon()), Ok(()));
    assert_eq!(storage.commit(check("a", None), &soon()), Err(StorageError::Conflict));
    assert_eq!(revision(), before);
}

#[test]
fn a_close_in_a_hurry_leaves_the_log_to_the_next() {
    for (time, left) in [(Duration::ZERO, true), (Duration::from_secs(30), false)] {
        let (directory, storage) = storage();
        let path = directory.path().join("okta.db");
        storage.commit(put("a", 10), &soon()).expect("committed");
        storage.close(&Deadline::after(time, Cancel::default()));
        assert!(storage.connections.is_released());
        assert_eq!(crate::storage::private_file::beside(&path, "-wal").exists(), left);
        let again = SqliteStorage::open(&path, &soon()).expect("opened");
        assert!(again.get("a", &soon()).expect("read").is_some());
    }
}

#[test]
fn a_close_waits_for_no_fork_that_waits_for_others() {
    // In a process of its own, for the same reason.
    run_job("storage::sqlite::tests::job_closes_while_a_fork_waits");
}

#[test]
fn job_closes_while_a_fork_waits() {
    if std::env::var_os(JOB).is_none() {
        return;
    }
    let (_directory, storage) = storage();
    storage.commit(put("a", 1), &soon()).expect("committed");
    // Stands for a commit that hangs in the disk.
    let permit = enter(storage.generation, &soon()).expect("entered");
    let forking = std::thread::spawn(|| {
        // SAFETY: the child leaves by _exit at once.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: ends the child without running what belongs to the parent.
            unsafe { libc::_exit(0) };
        }
        let mut status = 1;
        // SAFETY: waits for our own child; status is a valid place.
        assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
        assert_eq!(status, 0);
    });
    let in_no_time = Deadline::after(Duration::ZERO, Cancel::default());
    while enter(storage.generation, &in_no_time).is_ok() {
        std::thread::yield_now();
    }
    storage.close(&Deadline::after(Duration::from_millis(20), Cancel::default()));
    assert!(!storage.connections.is_released(), "the fork still waits");
    drop(permit);
    forking.join().expect("the fork ends");
    assert!(storage.connections.is_released(), "the fork has closed them");
    assert_eq!(storage.get("a", &soon()).err(), Some(StorageError::closed()));
}
