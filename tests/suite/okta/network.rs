//! The network thread as its callers see it.

use super::soon;
use okta_auth::deadline::{Cancel, Deadline, Interrupted};
use okta_auth::okta::Network;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// Tells when it is dropped.
struct Dropped(Arc<AtomicBool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn wait_for(condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it never came");
        std::thread::yield_now();
    }
}

fn thread_name() -> Option<String> {
    std::thread::current().name().map(str::to_owned)
}

#[test]
fn all_work_is_done_on_one_named_thread() {
    let id = || async { (std::thread::current().id(), thread_name()) };
    let (first, second) = (Network::new(), Network::new());
    let one = first.run(&soon(), id()).expect("done");
    let two = second.run(&soon(), id()).expect("done");
    assert_eq!(one, two);
    assert_eq!(one.1.as_deref(), Some("okta_auth-net"));
}

/// Runs work that never ends; returns what `run` answers and how long after the cancel, if there was one, and has
/// seen the work dropped.
fn interrupted(timeout: Duration, cancel_after: Option<Duration>) -> (Result<(), Interrupted>, Duration) {
    let cancel = Cancel::default();
    let dropped = Arc::new(AtomicBool::new(false));
    let guard = Dropped(Arc::clone(&dropped));
    let canceller = cancel_after.map(|after| {
        let cancel = cancel.clone();
        std::thread::spawn(move || {
            std::thread::park_timeout(after);
            cancel.cancel();
            Instant::now()
        })
    });
    let result = Network::new().run(&Deadline::after(timeout, cancel), async move {
        let _guard = guard;
        std::future::pending::<()>().await;
    });
    let ended = Instant::now();
    let cancelled = canceller.map(|thread| thread.join().expect("joined"));
    wait_for(|| dropped.load(Ordering::SeqCst));
    (result, cancelled.map_or(Duration::ZERO, |at| ended.saturating_duration_since(at)))
}

#[test]
fn a_deadline_ends_the_wait_and_drops_the_work() {
    for timeout in [Duration::from_millis(50), Duration::ZERO] {
        assert_eq!(interrupted(timeout, None).0, Err(Interrupted::TimedOut));
    }
}

#[test]
fn a_cancel_ends_the_wait_within_a_tenth_of_a_second() {
    // The best of a few, since a busy machine may keep a thread waiting longer than that by itself.
    let delays = [0, 20, 20, 20, 20].map(|after| {
        let (result, delay) = interrupted(Duration::from_secs(60), Some(Duration::from_millis(after)));
        assert_eq!(result, Err(Interrupted::Cancelled));
        delay
    });
    assert!(delays.iter().any(|delay| *delay < Duration::from_millis(100)), "{delays:?}");
}

#[test]
fn a_panic_goes_to_the_caller_and_to_nobody_else() {
    let network = Network::new();
    let caught = catch_unwind(AssertUnwindSafe(|| {
        network.run(&soon(), async { std::panic::resume_unwind(Box::new("boom")) })
    }));
    let payload = caught.map(|_: Result<(), _>| ()).expect_err("a panic");
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"boom"));
    assert_eq!(network.run(&soon(), async { 7 }), Ok(7));
}

#[test]
fn many_threads_wait_at_once() {
    let network = Arc::new(Network::new());
    // Nobody goes on before all are there.
    let all = Arc::new(tokio::sync::Barrier::new(32));
    let threads: Vec<_> = (0..32)
        .map(|number| {
            let (network, all) = (Arc::clone(&network), Arc::clone(&all));
            std::thread::spawn(move || {
                network.run(&soon(), async move {
                    all.wait().await;
                    number
                })
            })
        })
        .collect();
    let results: Vec<_> = threads.into_iter().map(|thread| thread.join().expect("joined")).collect();
    assert_eq!(results, (0..32).map(Ok).collect::<Vec<_>>());
}

#[test]
fn the_network_thread_does_not_wait_for_itself() {
    let network = Arc::new(Network::new());
    let inner = Arc::clone(&network);
    let result = network.run(&soon(), async move { inner.run(&soon(), async {}) });
    assert_eq!(result, Ok(Err(Interrupted::Unavailable)));
}

#[test]
fn work_can_be_left_to_the_thread() {
    let network = Network::new();
    let (sender, receiver) = mpsc::channel();
    network.spawn(async move { sender.send(thread_name()).expect("sent") }).expect("started");
    let name = receiver.recv_timeout(Duration::from_secs(10)).expect("done");
    assert_eq!(name.as_deref(), Some("okta_auth-net"));
}

/// Linux tells a thread's blocked signals in `/proc`.
#[cfg(target_os = "linux")]
#[test]
fn asynchronous_signals_are_blocked_and_sigprof_is_not() {
    let read = || async { std::fs::read_to_string("/proc/thread-self/status").expect("a status") };
    let status = Network::new().run(&soon(), read()).expect("done");
    let blocked =
        status.lines().find_map(|line| line.strip_prefix("SigBlk:")).expect("SigBlk").trim().to_owned();
    let blocked = u64::from_str_radix(&blocked, 16).expect("a mask");
    let is_blocked = |signal: i32| blocked & (1 << (signal - 1)) != 0;
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT, libc::SIGUSR1, libc::SIGUSR2] {
        assert!(is_blocked(signal), "{signal}");
    }
    for signal in [libc::SIGALRM, libc::SIGCHLD, libc::SIGPIPE, libc::SIGWINCH, libc::SIGRTMIN()] {
        assert!(is_blocked(signal), "{signal}");
    }
    assert!(!is_blocked(libc::SIGPROF) && !is_blocked(libc::SIGSEGV));
    let own = std::fs::read_to_string("/proc/thread-self/status").expect("a status");
    assert!(own.contains("SigBlk:\t0000000000000000"), "the caller's mask is as it was");
}
