//! The library as a guest in somebody else's process: the programs of `tests/guest`, each with an Okta of its own.

use crate::c_abi::{Program, SANITIZERS, STATIC_LIBRARIES, VALGRIND, library, localised};
use okta_loopback::{Factor, Fault, FaultKind, Okta, PushScript, User};
use std::ffi::OsStr;

/// What the library, or what it is made of, looks up in the environment, and why it has no effect.
const ASKED: [(&str, &str); 1] = [(
    "TOKIO_UNSTABLE_SHARDED_BLOCKING_QUEUE",
    "tokio: how the jobs of its blocking pool queue up; ours are name look-ups, one at a time",
)];

/// An Okta that knows fred, and the arguments that lead a program to it.
struct Host {
    okta: Okta,
    program: Program,
}

impl Host {
    fn of(program: Program) -> Self {
        let okta = Okta::start();
        okta.put_user(User::new("fred@acme.com", "correct horse"));
        std::fs::write(program.folder().join("ca.pem"), okta.ca_pem()).expect("a file");
        Self { okta, program }
    }

    fn linked(name: &str) -> Self {
        Self::of(Program::linked_with_library(&format!("tests/guest/{name}.c"), &[]))
    }

    /// Runs the program; what it prints. It fails when anything stands on its stderr.
    fn run(&self, more: &[&str]) -> String {
        let arguments = [self.okta.url(), "ca.pem", "okta.db"];
        self.program.run_with(&[&arguments, more].concat())
    }
}

#[test]
fn a_process_finds_nothing_changed_but_threads_and_descriptors() {
    let host = Host::linked("traces");
    host.okta.set_faults([
        Fault::at("/api/v1/authn", FaultKind::Close).after(1).times(1),
        Fault::at("/api/v1/authn", FaultKind::CutBody).after(1).times(1),
    ]);
    assert_eq!(host.run(&[]), "");
}

#[test]
fn the_environment_is_not_read() {
    let asked = Host::linked("environment").run(&[]);
    let expected: Vec<&str> = ASKED.iter().map(|(name, _)| *name).collect();
    assert_eq!(asked.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn what_held_a_secret_is_wiped_before_it_is_freed() {
    assert_eq!(Host::linked("wiped").run(&[]), "");
}

#[test]
fn a_thread_that_is_cancelled_inside_leaves_the_library_whole() {
    let host = Host::linked("thread_cancel");
    let push = Factor::push("opf1").script(PushScript::until_tapped());
    host.okta.put_user(User::new("fred@acme.com", "correct horse").factor(push));
    assert_eq!(host.run(&[]), "");
}

#[test]
fn a_thousand_processes_load_use_unload_and_exit() {
    let host = Host::of(Program::linked_with("tests/guest/unload.c", &[OsStr::new("-ldl")]));
    let library = library("libokta_auth.so");
    assert_eq!(host.run(&[library.to_str().expect("UTF-8"), "1000"]), "");
}

#[test]
fn a_thousand_forks_during_commits_harm_nobody() {
    let host = Host::linked("forks");
    assert_eq!(host.run(&["1000"]), "");
    let database = rusqlite::Connection::open(host.program.folder().join("okta.db")).expect("opens");
    let intact: String =
        database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("an answer");
    assert_eq!(intact, "ok");
}

/// How many by themselves, and how many under valgrind or a sanitizer, which take their time. `make sanitize` asks for
/// more.
fn cancels(usual: u32) -> String {
    std::env::var("OKTA_AUTH_CANCELS").unwrap_or_else(|_| usual.to_string())
}

#[test]
fn a_thousand_cancels_at_random_moments_leave_each_ticket_one_end() {
    let ends = Host::linked("cancel").run(&[&cancels(1_000)]);
    let (collected, cancelled) = ends.trim().split_once(' ').expect("two numbers");
    // Some came in time and some too late, or the moments were not random.
    assert!(collected != "0" && cancelled != "0", "{ends}");
}

#[test]
fn cancels_at_random_moments_are_clean_under_valgrind_and_with_sanitizers() {
    let host = Host::linked("cancel");
    let arguments = [host.okta.url(), "ca.pem", "okta.db", &cancels(100)];
    // Memcheck takes what ring's assembly encrypts for uninitialised.
    let options = [&VALGRIND[..], &["--undef-value-errors=no"]].concat();
    host.program.run_under("valgrind", &options, &arguments);
    let host = Host::of(Program::linked_with_library("tests/guest/cancel.c", &SANITIZERS));
    host.run(&[&cancels(300)]);
}

const NEIGHBOURS: &str = "tests/guest/neighbours.c";
const SHARED: [&str; 3] = ["-lsqlite3", "-lssl", "-lcrypto"];
const ARCHIVES: [&str; 7] =
    ["-Wl,-Bstatic", "-lsqlite3", "-lssl", "-lcrypto", "-Wl,-Bdynamic", "-lm", "-ldl"];

#[test]
fn another_sqlite_and_another_openssl_stand_beside_the_shared_library() {
    for theirs in [&SHARED[..], &ARCHIVES] {
        assert_eq!(Host::of(Program::linked_with_library(NEIGHBOURS, theirs)).run(&[]), "");
    }
}

/// In both orders, as the linker takes a name from the first that has it.
#[test]
fn another_sqlite_and_another_openssl_stand_beside_the_archive() {
    let ours = localised().to_str().expect("UTF-8");
    for theirs in [&SHARED[..], &ARCHIVES] {
        for order in [[&[ours], theirs], [theirs, &[ours]]] {
            let flags: Vec<&OsStr> =
                order.concat().into_iter().chain(STATIC_LIBRARIES.split(' ')).map(OsStr::new).collect();
            assert_eq!(Host::of(Program::linked_with(NEIGHBOURS, &flags)).run(&[]), "");
        }
    }
}
