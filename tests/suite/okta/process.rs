//! What the client does to a process: its threads, and what a forked child finds. Each in a process of its own, as
//! the other tests have threads as well.

use super::raw_server::{Certificate, RawServer, Reply, json};
use super::{PASSWORD, SUCCESS, client_of, soon};
use okta_auth::deadline::Interrupted;
use okta_auth::okta::{Client, Failure, Network, Org, Origin, Settings, Transaction};
use okta_auth::secret::Secret;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;

const JOB: &str = "OKTA_AUTH_TEST_CLIENT_JOB";

/// Runs a test of this program in a process of its own; in there it answers true.
pub fn is_own_process(test: &str) -> bool {
    is_own_process_with(test, &[])
}

/// The same, with more variables in its environment.
pub fn is_own_process_with(test: &str, variables: &[(&str, &str)]) -> bool {
    if std::env::var_os(JOB).is_some() {
        return true;
    }
    let output = Command::new(std::env::current_exe().expect("our own path"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(JOB, "1")
        .envs(variables.iter().copied())
        .output()
        .expect("the test program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    false
}

fn log_in(
    network: &Network,
    client: &Client,
    org: &Org,
) -> Result<Result<Transaction, Failure>, Interrupted> {
    let (client, org) = (client.clone(), org.clone());
    network.run(&soon(), async move {
        client.authenticate(&org, "fred", &Secret::from(PASSWORD), &Origin::default()).await
    })
}

/// The names of this library's threads in this process.
pub fn threads() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir("/proc/self/task")
        .expect("tasks")
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| name.starts_with("okta_auth-"))
        .collect();
    names.sort();
    names
}

fn wait_for(condition: impl Fn() -> bool) {
    let deadline = soon();
    while !condition() {
        assert!(deadline.interrupted().is_none(), "it never came: {:?}", threads());
        std::thread::yield_now();
    }
}

#[test]
fn one_thread_from_the_first_call_to_the_last_user() {
    if !is_own_process("okta::process::one_thread_from_the_first_call_to_the_last_user") {
        return;
    }
    let server = RawServer::start(Certificate::Good, |_, _| Reply::Bytes(json(200, &[], SUCCESS)));
    let (client, org) = client_of(&server, Settings::default());
    let (first, second) = (Network::new(), Network::new());
    assert!(threads().is_empty(), "{:?}", threads());
    for network in [&first, &second] {
        assert!(matches!(log_in(network, &client, &org), Ok(Ok(Transaction::Success { .. }))));
        assert_eq!(threads(), ["okta_auth-net"]);
    }
    // A name is looked up on a second thread, which does not stay.
    let system = Client::new(Settings::default()).expect("settings");
    let unknown = Org::parse("https://nonexistent.invalid").expect("an address");
    assert!(matches!(log_in(&first, &system, &unknown), Ok(Err(_))));
    assert!(threads().len() <= 2);
    wait_for(|| threads() == ["okta_auth-net"]);
    drop(first);
    assert_eq!(threads(), ["okta_auth-net"]);
    drop(second);
    wait_for(|| threads().is_empty());
    // The client outlives the thread and its connections.
    let third = Network::new();
    assert!(matches!(log_in(&third, &client, &org), Ok(Ok(Transaction::Success { .. }))));
    assert_eq!(threads(), ["okta_auth-net"]);
}

#[test]
fn a_forked_child_starts_anew_and_leaves_its_parent_alone() {
    if !is_own_process("okta::process::a_forked_child_starts_anew_and_leaves_its_parent_alone") {
        return;
    }
    let server = RawServer::start(Certificate::Good, |_, _| Reply::Bytes(json(200, &[], SUCCESS)));
    let (client, org) = client_of(&server, Settings::default());
    let network = Network::new();
    log_in(&network, &client, &org).expect("done").expect("a login");
    for number in 1..=10 {
        // SAFETY: the child calls only what a child of this library may, and leaves by _exit.
        let pid = unsafe { libc::fork() };
        assert!(pid >= 0);
        if pid == 0 {
            let good = catch_unwind(AssertUnwindSafe(|| in_child(&server, &client, &org)));
            let inherited = log_in(&network, &client, &org).err();
            let good = good.is_ok() && inherited == Some(Interrupted::Unavailable);
            drop((network, client));
            // SAFETY: ends the child without running what belongs to the parent.
            unsafe { libc::_exit(i32::from(!good)) };
        }
        let mut status = 0;
        // SAFETY: waits for our own child and writes to `status` only.
        assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
        assert_eq!((libc::WIFEXITED(status), libc::WEXITSTATUS(status)), (true, 0), "child {number}");
        log_in(&network, &client, &org).expect("done").expect("a login of the parent");
    }
    let connections: Vec<usize> = server.requests().iter().map(|request| request.connection).collect();
    let of_parent = connections.iter().filter(|connection| **connection == 0).count();
    assert_eq!((of_parent, connections.len()), (11, 21), "{connections:?}");
}

fn in_child(server: &RawServer, inherited: &Client, org: &Org) {
    let network = Network::new();
    let failure = log_in(&network, inherited, org).expect("done").err().expect("no login");
    assert!(failure.text.contains("before a fork"), "{}", failure.text);
    let (client, org) = client_of(server, Settings::default());
    log_in(&network, &client, &org).expect("done").expect("a login of the child");
}
