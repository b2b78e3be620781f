//! Several processes on one database, and processes that die.

use super::*;
use okta_auth::storage::key;
use std::io::{BufRead, BufReader, Write};
use std::time::Instant;

const COUNTERS: u64 = 4;
const INCREMENTS: u64 = 100;

#[test]
fn processes_that_count_together_lose_nothing() {
    let place = Place::new();
    // All of them race to make the database too.
    let children: Vec<_> =
        (0..COUNTERS).map(|_| start_job("storage::processes::job_counts", "count", &place.path())).collect();
    children.into_iter().for_each(|child| drop(finish(child)));
    let storage = place.open();
    assert_eq!(value(&storage, "n").map(|n| number(&n)), Some(COUNTERS * INCREMENTS));
    assert_intact(&place.path());
}

#[test]
fn job_counts() {
    let Some(path) = job("count") else { return };
    let storage = open(&path);
    (0..INCREMENTS).for_each(|_| increment(&storage, "n"));
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let place = Place::new();
    let mut acknowledged = 0;
    for round in 0..15u64 {
        let mut child = start_job("storage::processes::job_writes", "write", &place.path());
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        // A different number of commits each time; the kill comes at whatever the child then does.
        let enough = 1 + round * 7 % 40;
        let mut seen = 0;
        while seen < enough {
            let line = lines.next().expect("the child goes on").expect("text");
            if let Some(n) = line.strip_prefix("committed ").and_then(|n| n.strip_suffix('.')) {
                acknowledged = n.parse().expect("a number");
                seen += 1;
            }
        }
        child.kill().expect("killed");
        child.wait().expect("gone");
        for line in lines.map_while(Result::ok) {
            // What is left in the pipe may end in the middle of a line.
            if let Some(n) = line.strip_prefix("committed ").and_then(|line| line.strip_suffix('.')) {
                acknowledged = n.parse().expect("a number");
            }
        }
        let storage = place.open();
        assert!(value(&storage, "n").map_or(0, |n| number(&n)) >= acknowledged, "round {round}");
        for n in 1..=acknowledged {
            assert!(get(&storage, &format!("entry/{n}")).is_some(), "round {round}, entry {n}");
        }
    }
    assert_intact(&place.path());
}

#[test]
fn a_kill_while_the_files_are_made_leaves_all_or_nothing() {
    for round in 0..20u32 {
        let place = Place::new();
        let mut child = start_job("storage::processes::job_creates", "create", &place.path());
        // The test program takes a few milliseconds to start; the kill shall come at any point of what follows.
        let kill_at = Instant::now() + Duration::from_micros(500) * round;
        while Instant::now() < kill_at && child.try_wait().expect("asked").is_none() {
            std::thread::yield_now();
        }
        child.kill().expect("killed");
        child.wait().expect("gone");
        let before = key::from_file(&key::path_of(&place.path())).ok();
        let now = key::of_database(&place.path()).expect("a key");
        assert!(before.is_none_or(|before| before.expose() == now.expose()), "round {round}");
        increment(&place.open(), "n");
        assert_intact(&place.path());
    }
}

#[test]
fn job_creates() {
    let Some(path) = job("create") else { return };
    key::of_database(&path).expect("a key");
    increment(&open(&path), "n");
}

/// Writes entries and their number in one batch, for ever, and says so after each.
#[test]
fn job_writes() {
    let Some(path) = job("write") else { return };
    let storage = open(&path);
    println!();
    loop {
        let n = value(&storage, "n").map_or(0, |n| number(&n)) + 1;
        let mut batch = put("n", n.to_string().as_bytes());
        batch.puts.push((format!("entry/{n}"), vec![7; 2_000]));
        storage.commit(batch, &soon()).expect("committed");
        println!("committed {n}.");
        std::io::stdout().flush().expect("flushed");
    }
}
