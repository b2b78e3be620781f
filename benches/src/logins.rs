//! Logins: CPU and throughput.

use crate::bare::Bare;
use crate::table::{Aim, Table, median};
use crate::usage;
use bench::library::{Client, Library, options};
use bench::okta::{Okta, PASSWORD, USER_OF_MANY_GROUPS, login};
use serde_json::json;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::{Duration, Instant};

/// Rounds of each side. They alternate, so that both meet the same disturbances.
const ROUNDS: usize = 7;
/// Concurrent logins, and how many each of them does in a round.
const LOADS: [(usize, usize); 3] = [(1, 400), (8, 150), (64, 40)];

/// What a round took.
struct Round {
    cpu_microseconds: f64,
    per_second: f64,
}

/// Library and bare program by turns.
pub fn beside_the_bare_program(library: &Path, okta: &Okta, table: &mut Table) {
    let library = Library::load(library);
    let client = library.open(&options(okta, None));
    client.configure(okta);
    let bare = Bare::new(okta);
    for (concurrent, each) in LOADS {
        let ours = || logins(&library, &client, concurrent, each);
        compare(table, &format!("{concurrent} at a time"), concurrent * each, ours, || {
            bare.logins(concurrent, each)
        });
    }
    let (concurrent, each) = LOADS[2];
    let ours = || submitted(&client, concurrent, concurrent * each);
    compare(
        table,
        &format!("{concurrent} at a time, by tickets on one thread"),
        concurrent * each,
        ours,
        || bare.logins(concurrent, each),
    );
    let many = || {
        for _ in 0..50 {
            client.login(USER_OF_MANY_GROUPS);
        }
    };
    compare(table, "one at a time, 600 groups on three pages, 300 mapped", 50, many, || {
        bare.logins_as(USER_OF_MANY_GROUPS, 50, 600)
    });
}

/// The library alone, on disk.
pub fn with_sqlite(library: &Path, okta: &Okta, table: &mut Table) {
    let library = Library::load(library);
    let folder = tempfile::tempdir().expect("a folder");
    let client = library.open(&options(okta, Some(&folder.path().join("okta.db"))));
    client.configure(okta);
    for (concurrent, each) in LOADS {
        logins(&library, &client, concurrent, 2);
        let rounds: Vec<Round> = (0..3)
            .map(|_| round(concurrent * each, || logins(&library, &client, concurrent, each)))
            .collect();
        table.line(&format!(
            "{:<44}{:>8.1} µs CPU {:>8.0} logins/s",
            format!("{concurrent} at a time"),
            median(rounds.iter().map(|round| round.cpu_microseconds).collect()),
            median(rounds.iter().map(|round| round.per_second).collect()),
        ));
    }
}

fn compare(table: &mut Table, what: &str, count: usize, ours: impl Fn(), theirs: impl Fn()) {
    // Connections are made and caches filled before anything is counted.
    ours();
    theirs();
    let (mut library, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        library.push(round(count, &ours));
        bare.push(round(count, &theirs));
    }
    let cpu = |rounds: &[Round]| median(rounds.iter().map(|round| round.cpu_microseconds).collect());
    let rate = |rounds: &[Round]| median(rounds.iter().map(|round| round.per_second).collect());
    for (name, rounds) in [("library", &library), ("bare program", &bare)] {
        table.line(&format!(
            "{:<44}{:>8.1} µs CPU {:>8.0} logins/s",
            format!("{what}: {name}"),
            cpu(rounds),
            rate(rounds)
        ));
    }
    table.row(
        "  CPU of the library / of the bare program",
        cpu(&library) / cpu(&bare),
        "",
        Some(Aim::AtMost(1.25)),
    );
}

fn round(count: usize, work: impl FnOnce()) -> Round {
    let (cpu, start) = (usage::cpu(), Instant::now());
    work();
    let (cpu, time) = (usage::cpu() - cpu, start.elapsed());
    let each = |total: Duration| total.as_secs_f64() / count as f64;
    Round { cpu_microseconds: each(cpu) * 1e6, per_second: 1.0 / each(time) }
}

/// Logs in `each` times in each of `concurrent` threads, as a daemon of threads does.
pub fn logins(library: &Library, client: &Client<'_>, concurrent: usize, each: usize) {
    let function = library.operation("login");
    std::thread::scope(|scope| {
        for thread in 0..concurrent {
            scope.spawn(move || {
                let request = json!({ "username": login(thread), "password": PASSWORD }).to_string();
                for _ in 0..each {
                    let (status, text) = client.answer(function, &request, <[u8]>::to_vec);
                    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&text));
                }
            });
        }
    });
}

/// Logs in as often as `count` says, so many at once, on one thread with an event loop.
fn submitted(client: &Client<'_>, concurrent: usize, count: usize) {
    let request =
        |number: usize| json!({ "username": login(number % concurrent), "password": PASSWORD }).to_string();
    let descriptor = client.completion_fd();
    for number in 0..concurrent {
        client.submit_login(&request(number));
    }
    let mut collected = 0;
    while collected < count {
        let mut waiting = libc::pollfd { fd: descriptor.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one structure, which lives for the call.
        unsafe { libc::poll(&mut waiting, 1, -1) };
        while client.collect_next().is_some() {
            if collected + concurrent < count {
                client.submit_login(&request(collected));
            }
            collected += 1;
        }
    }
}
