//! Submitted calls: every rule of tickets, against a real database and an Okta that can be slow, silent and counted.

use crate::api::{Daemon, PATIENCE, call, text, texts, wait_until};
use crate::okta::process::{is_own_process, threads};
use okta_auth::api::{Client, NoAnswer, Outcome, Submission, Ticket};
use okta_auth::clock::Clock;
use okta_auth::json::{self, Object, Value};
use okta_auth::limits;
use okta_auth::log::Level;
use okta_loopback::{API_TOKEN, Factor, Okta, PushScript, User};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Longer than a thread is kept from running on a busy machine, and shorter than any wait that must not happen.
const AT_ONCE: Duration = Duration::from_secs(5);

/// A client whose users `fred` (a push that nobody answers) and `anna` (a password alone) may log in.
fn with_users(daemon: &Daemon) -> Client {
    let client = daemon.open();
    daemon
        .okta
        .put_user(User::new("fred", "good").factor(Factor::push("opf1").script(PushScript::until_tapped())));
    daemon.okta.put_user(User::new("anna", "good"));
    daemon.configure(&client);
    client
}

fn login(name: &str) -> Object {
    texts([("username", name), ("password", "good")])
}

fn submit(client: &Client, operation: &str, request: &Object) -> Ticket {
    match client.submit(operation, &text(request)).expect("let in") {
        Submission::Begun(ticket) => ticket,
        Submission::Refused(answer) => panic!("{}", String::from_utf8_lossy(&answer.body)),
    }
}

/// Waits until the call's own end.
fn collect(client: &Client, ticket: Ticket) -> Outcome {
    client.wait(ticket, None)
}

fn status(outcome: Outcome) -> Result<u16, NoAnswer> {
    outcome.map(|answer| answer.status)
}

fn code(outcome: Outcome) -> (u16, String) {
    let answer = outcome.expect("an answer");
    let body = json::parse_bytes(&answer.body).expect("JSON");
    (answer.status, body.as_object().expect("an object")["code"].as_str().expect("a code").to_owned())
}

fn is_readable(descriptor: &OwnedFd) -> bool {
    let mut polled = libc::pollfd { fd: descriptor.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one structure, which outlives the call.
    unsafe { libc::poll(&raw mut polled, 1, 0) == 1 }
}

#[test]
fn a_result_is_collected_once() {
    let daemon = Daemon::new();
    let client = with_users(&daemon);
    let ticket = submit(&client, "login", &login("anna"));
    assert_eq!(status(collect(&client, ticket)), Ok(200));
    assert_eq!(status(collect(&client, ticket)), Err(NoAnswer::InvalidTicket));
    assert_eq!(client.cancel(ticket), Err(NoAnswer::InvalidTicket));
    let other = submit(&client, "login", &login("fred"));
    assert_ne!(ticket, other);
    assert_eq!(status(client.wait(other, Some(Duration::ZERO))), Err(NoAnswer::Pending));
    assert_eq!(status(client.wait(other, Some(Duration::from_millis(30)))), Err(NoAnswer::Pending));
    wait_until("a push was sent", || daemon.okta.pushes_sent() == 1);
    assert!(daemon.okta.tap("fred", "SUCCESS", None), "a push waits");
    assert_eq!(status(collect(&client, other)), Ok(200));
}

#[test]
fn every_kind_of_call_answers_as_it_does_directly() {
    let daemon = Daemon::new();
    let client = with_users(&daemon);
    let door = r#"{"method":"POST","path":"/v1/auth/okta/login/anna","data":{"password":"good"}}"#;
    let door = json::parse(door).expect("JSON").as_object().expect("an object").clone();
    for (operation, request, expected) in [
        ("register_user", texts([("username", "anna"), ("policies", "dev")]), 204),
        ("read_user", texts([("username", "anna")]), 200),
        ("read_user", texts([("username", "nobody")]), 404),
        ("list_auth_methods", Object::new(), 200),
        ("request", texts([("method", "GET"), ("path", "auth/okta/config")]), 403),
        ("login", texts([("username", "anna"), ("password", "wrong")]), 400),
        ("login", login("anna"), 200),
        ("request", door, 200),
    ] {
        let ticket = submit(&client, operation, &request);
        assert_eq!(status(collect(&client, ticket)), Ok(expected), "{operation}");
        let direct = match operation {
            "request" => client.request(&text(&request)),
            named => client.call(named, &text(&request)),
        };
        assert_eq!(status(direct), Ok(expected), "{operation}");
    }
}

#[test]
fn what_cannot_be_begun_is_refused_at_once() {
    let client = Client::open(b"").expect("opens");
    assert_eq!(client.submit("nosuch", b"").err(), Some(NoAnswer::UnknownOperation));
    assert_eq!(client.submit("login", b"\xff").err(), Some(NoAnswer::InvalidUtf8));
    let large = vec![b' '; limits::REQUEST_BYTES + 1];
    assert_eq!(client.submit("login", &large).err(), Some(NoAnswer::TooLarge));
    for request in [r#"{"request_id":"r1","timeout_ms":"soon"}"#, r#"{"request_id":"r1"}"#, "[]"] {
        match client.submit("login", request.as_bytes()) {
            Ok(Submission::Refused(answer)) => assert_eq!(answer.status, 400),
            _ => panic!("{request}"),
        }
    }
    assert_eq!(client.next_completed(), Ok(None));
}

#[test]
fn a_cancelled_call_ends_at_once_and_asks_nothing_more() {
    let daemon = Daemon::new();
    let client = with_users(&daemon);
    // The clock jumps over the pauses, so this login polls without rest.
    let okta = &daemon.okta;
    let options = json::object([("ca_pem", okta.ca_pem().into())]);
    let restless = Client::open_with_clock(&text(&options), Clock::driven(1_000)).expect("opens");
    daemon.configure(&restless);
    let ticket = submit(&restless, "login", &login("fred"));
    assert!(okta.wait_for_calls(20, PATIENCE), "it polls");
    restless.cancel(ticket).expect("there");
    let cancelled = Instant::now();
    assert_eq!(status(collect(&restless, ticket)), Err(NoAnswer::Cancelled));
    assert!(cancelled.elapsed() < AT_ONCE);
    assert_eq!(status(collect(&restless, ticket)), Err(NoAnswer::InvalidTicket));
    // Two calls of another client go over the same thread one after the other: what was on its way before the first
    // has arrived, and between them nothing else comes.
    assert_eq!(call(&client, "login", &login("anna")).0, 200);
    okta.take_calls();
    for _ in 0..3 {
        assert_eq!(call(&client, "login", &login("anna")).0, 200);
    }
    let strangers: Vec<_> =
        okta.take_calls().into_iter().filter(|call| call.path.contains("/factors/")).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
}

#[test]
fn a_call_is_cancelled_while_okta_says_nothing() {
    let daemon = Daemon::new();
    let client = with_users(&daemon);
    daemon.okta.hold_after(Some(0));
    let tickets: Vec<_> = (0..20).map(|_| submit(&client, "login", &login("anna"))).collect();
    assert!(daemon.okta.wait_for_calls(1, PATIENCE), "Okta is asked");
    std::thread::scope(|scope| {
        let waiting: Vec<_> =
            tickets.iter().map(|ticket| scope.spawn(|| status(collect(&client, *ticket)))).collect();
        let begun = Instant::now();
        for ticket in &tickets {
            client.cancel(*ticket).expect("there");
            client
                .cancel(*ticket)
                .or_else(|why| if why == NoAnswer::InvalidTicket { Ok(()) } else { Err(why) })
                .expect("cancelled or collected");
        }
        for waiting in waiting {
            assert_eq!(waiting.join().expect("no panic"), Err(NoAnswer::Cancelled));
        }
        assert!(begun.elapsed() < AT_ONCE);
    });
    daemon.okta.hold_after(None);
    assert_eq!(call(&client, "login", &login("anna")).0, 200);
}

#[test]
fn cancelling_what_has_ended_changes_nothing() {
    let client = Client::open(b"").expect("opens");
    let ticket = submit(&client, "list_auth_methods", &Object::new());
    wait_until("it ends", || client.next_completed() == Ok(Some(ticket)));
    for _ in 0..2 {
        assert_eq!(client.cancel(ticket), Ok(()));
    }
    assert_eq!(status(collect(&client, ticket)), Ok(200));
}

#[test]
fn each_ended_ticket_is_announced_once() {
    let daemon = Daemon::new();
    let client = with_users(&daemon);
    let descriptor = client.completion_fd().expect("open").expect("a descriptor");
    assert!(!is_readable(&descriptor));
    let waiting = submit(&client, "login", &login("fred"));
    let mut tickets: Vec<_> = (0..5).map(|_| submit(&client, "list_auth_methods", &Object::new())).collect();
    // One is collected before it could be announced.
    let first = tickets.remove(0);
    assert_eq!(status(collect(&client, first)), Ok(200));
    let mut announced = Vec::new();
    wait_until("all are announced", || {
        announced.extend(client.next_completed().expect("open"));
        announced.len() == 4
    });
    announced.sort();
    assert_eq!(announced, tickets);
    assert_eq!((client.next_completed(), is_readable(&descriptor)), (Ok(None), false));
    client.cancel(waiting).expect("there");
    assert!(is_readable(&descriptor));
    let late = client.completion_fd().expect("open").expect("a descriptor");
    assert!(is_readable(&late));
    assert_ne!(late.as_raw_fd(), descriptor.as_raw_fd());
    assert_eq!(client.next_completed(), Ok(Some(waiting)));
    assert!(!is_readable(&late));
    for ticket in announced {
        assert_eq!(status(collect(&client, ticket)), Ok(200));
    }
    assert_eq!(status(collect(&client, waiting)), Err(NoAnswer::Cancelled));
    client.close();
    drop(client);
    assert!(is_readable(&descriptor) && is_readable(&late));
}

#[test]
fn what_is_collected_unannounced_makes_nothing_readable() {
    let client = Client::open(b"").expect("opens");
    let descriptor = client.completion_fd().expect("open").expect("a descriptor");
    for _ in 0..20 {
        let ticket = submit(&client, "list_auth_methods", &Object::new());
        assert_eq!(status(collect(&client, ticket)), Ok(200));
        assert_eq!((is_readable(&descriptor), client.next_completed()), (false, Ok(None)));
    }
}

#[test]
fn of_two_that_wait_for_one_ticket_one_gets_the_result() {
    let daemon = Daemon::new();
    let client = with_users(&daemon);
    for _ in 0..5 {
        let pushes = daemon.okta.pushes_sent();
        let ticket = submit(&client, "login", &login("fred"));
        std::thread::scope(|scope| {
            let waiting = [(); 3].map(|()| scope.spawn(|| status(collect(&client, ticket))));
            wait_until("a push was sent", || daemon.okta.pushes_sent() == pushes + 1);
            client.cancel(ticket).expect("there");
            let mut results = waiting.map(|thread| thread.join().expect("no panic"));
            results.sort_by_key(|result| *result == Err(NoAnswer::InvalidTicket));
            let invalid = Err(NoAnswer::InvalidTicket);
            assert_eq!(results, [Err(NoAnswer::Cancelled), invalid, invalid]);
        });
    }
}

#[test]
fn many_threads_submit_and_others_collect() {
    const THREADS: usize = 16;
    const EACH: usize = 50;
    let client = Client::open(b"").expect("opens");
    let collected = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..EACH {
                    submit(&client, "list_auth_methods", &Object::new());
                }
            });
            scope.spawn(|| {
                wait_until("all are collected", || {
                    if let Some(ticket) = client.next_completed().expect("open") {
                        assert_eq!(status(client.wait(ticket, Some(Duration::ZERO))), Ok(200));
                        collected.fetch_add(1, Ordering::SeqCst);
                    }
                    collected.load(Ordering::SeqCst) == THREADS * EACH
                });
            });
        }
    });
    assert_eq!(client.next_completed(), Ok(None));
}

#[test]
fn closing_ends_what_runs_and_whoever_waits() {
    let daemon = Daemon::new();
    let client = with_users(&daemon);
    let tickets: Vec<_> = (0..10).map(|_| submit(&client, "login", &login("fred"))).collect();
    let ended = submit(&client, "list_users", &Object::new());
    wait_until("pushes were sent", || daemon.okta.pushes_sent() > 0);
    std::thread::scope(|scope| {
        let waiting: Vec<_> =
            tickets.iter().map(|ticket| scope.spawn(|| status(collect(&client, *ticket)))).collect();
        wait_until("one call has ended", || client.next_completed() == Ok(Some(ended)));
        let closing = Instant::now();
        client.close();
        assert!(closing.elapsed() < AT_ONCE);
        for waiting in waiting {
            // A thread that came too late to wait is told that the client is closed.
            let result = waiting.join().expect("no panic");
            assert!(matches!(result, Err(NoAnswer::Cancelled | NoAnswer::Closed)), "{result:?}");
        }
    });
    // What was on its way when the handle was closed arrives before the answer to a whole login after it.
    let other = daemon.open();
    assert_eq!(call(&other, "login", &login("anna")).0, 200);
    daemon.okta.take_calls();
    assert_eq!(status(collect(&client, ended)), Err(NoAnswer::Closed));
    assert_eq!(client.cancel(ended), Err(NoAnswer::Closed));
    assert_eq!(client.next_completed(), Err(NoAnswer::Closed));
    assert_eq!(client.completion_fd().err(), Some(NoAnswer::Closed));
    assert_eq!(client.submit("list_users", b"").err(), Some(NoAnswer::Closed));
    // Whatever another client asks is all that Okta hears from now on.
    assert_eq!(call(&other, "login", &login("anna")).0, 200);
    let others: Vec<_> =
        daemon.okta.take_calls().into_iter().filter(|call| call.path.contains("/factors/")).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn a_full_table_refuses_and_goes_on_when_it_is_emptied() {
    let client = Client::open(b"").expect("opens");
    let mut tickets: Vec<_> =
        (0..limits::TICKETS).map(|_| submit(&client, "list_auth_methods", &Object::new())).collect();
    match client.submit("list_auth_methods", br#"{"request_id":"r1"}"#) {
        Ok(Submission::Refused(answer)) => {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(answer.status == 503 && body.contains("limit_reached") && body.contains("r1"), "{body}");
        }
        _ => panic!("a ticket too many"),
    }
    let last = tickets.pop().expect("one");
    assert_eq!(status(collect(&client, last)), Ok(200));
    tickets.push(submit(&client, "list_auth_methods", &Object::new()));
    for ticket in tickets {
        assert_eq!(status(collect(&client, ticket)), Ok(200));
    }
}

#[test]
fn a_deadline_holds_while_okta_says_nothing() {
    let daemon = Daemon::new();
    let client = with_users(&daemon);
    daemon.okta.hold_after(Some(0));
    let mut request = login("anna");
    request.insert("timeout_ms", Value::from(200));
    let ticket = submit(&client, "login", &request);
    let begun = Instant::now();
    assert_eq!(code(collect(&client, ticket)), (503, "deadline_exceeded".to_owned()));
    assert!((Duration::from_millis(100)..AT_ONCE).contains(&begun.elapsed()));
    daemon.okta.hold_after(None);
}

/// The worker waits for the database with the first call; the others wait for the worker.
#[test]
fn a_deadline_holds_while_the_database_is_busy() {
    let daemon = Daemon::new();
    let client = with_users(&daemon);
    let other = rusqlite::Connection::open(daemon.folder.path().join("okta.db")).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let with_timeout = |millis: i64| {
        let mut request = texts([("username", "anna"), ("policies", "dev")]);
        request.insert("timeout_ms", Value::from(millis));
        submit(&client, "register_user", &request)
    };
    let long = with_timeout(60_000);
    let short = with_timeout(200);
    let cancelled = with_timeout(60_000);
    assert_eq!(code(collect(&client, short)), (503, "deadline_exceeded".to_owned()));
    client.cancel(cancelled).expect("there");
    assert_eq!(status(collect(&client, cancelled)), Err(NoAnswer::Cancelled));
    assert_eq!(status(client.wait(long, Some(Duration::ZERO))), Err(NoAnswer::Pending));
    // Nothing of this keeps Okta's calls from going on, nor direct calls that only read.
    assert_eq!(call(&client, "list_auth_methods", &Object::new()).0, 200);
    other.execute_batch("ROLLBACK").expect("unlocked");
    assert_eq!(status(collect(&client, long)), Ok(204));
}

#[test]
fn the_option_says_how_long_a_login_may_take() {
    let daemon = Daemon::new();
    let client = daemon.open_with([("login_timeout_ms", Value::from(1_000))]);
    daemon
        .okta
        .put_user(User::new("fred", "good").factor(Factor::push("opf1").script(PushScript::until_tapped())));
    daemon.configure(&client);
    let door = r#"{"method":"POST","path":"auth/okta/login/fred","data":{"password":"good"}}"#;
    let door = json::parse(door).expect("JSON").as_object().expect("an object").clone();
    for (operation, request) in [("login", login("fred")), ("request", door)] {
        let ticket = submit(&client, operation, &request);
        assert_eq!(code(collect(&client, ticket)), (503, "deadline_exceeded".to_owned()), "{operation}");
    }
}

#[test]
fn a_panic_ends_a_ticket_and_nothing_else() {
    let client = Client::open(b"").expect("opens");
    // The worker calls it when the call is answered.
    client.logger().set(Some((Level::Info, Box::new(|_, _| panic!("the sink's own fault")))));
    let ticket = submit(&client, "list_auth_methods", &Object::new());
    assert_eq!(status(collect(&client, ticket)), Err(NoAnswer::Panicked));
    client.logger().set(None);
    let ticket = submit(&client, "list_auth_methods", &Object::new());
    assert_eq!(status(collect(&client, ticket)), Ok(200));
}

#[test]
fn logins_are_many_at_once() {
    const LOGINS: usize = 300;
    let daemon = Daemon::new();
    let client = daemon.open();
    daemon.configure(&client);
    let name = |index: usize| format!("user{index}");
    for index in 0..LOGINS {
        let push = Factor::push("opf1").script(PushScript::new(1, "SUCCESS"));
        daemon.okta.put_user(User::new(name(index), "good").factor(push));
    }
    let tickets: Vec<_> = (0..LOGINS).map(|index| submit(&client, "login", &login(&name(index)))).collect();
    for ticket in tickets {
        assert_eq!(status(collect(&client, ticket)), Ok(200));
    }
    assert_eq!(daemon.okta.pushes_sent(), LOGINS as u64);
}

#[test]
fn calls_to_okta_are_bounded_and_others_have_their_turn_later() {
    let daemon = Daemon::new();
    let client = with_users(&daemon);
    let name = |index: usize| format!("user{index}");
    for index in 0..limits::OKTA_CALLS + 50 {
        daemon.okta.put_user(User::new(name(index), "good"));
    }
    daemon.okta.hold_after(Some(0));
    let tickets: Vec<_> =
        (0..limits::OKTA_CALLS + 50).map(|index| submit(&client, "login", &login(&name(index)))).collect();
    assert!(daemon.okta.wait_for_calls(limits::OKTA_CALLS, PATIENCE), "as many as may be");
    // The worker has begun all of them when it has done this.
    assert_eq!(status(collect(&client, submit(&client, "list_users", &Object::new()))), Ok(404));
    assert_eq!(daemon.okta.calls().len(), limits::OKTA_CALLS);
    // Who waits for his turn can be cancelled like others.
    client.cancel(tickets[limits::OKTA_CALLS + 10]).expect("there");
    daemon.okta.hold_after(None);
    let ends: Vec<_> = tickets.into_iter().map(|ticket| status(collect(&client, ticket))).collect();
    let cancelled = ends.iter().filter(|end| **end == Err(NoAnswer::Cancelled)).count();
    let logged_in = ends.iter().filter(|end| **end == Ok(200)).count();
    assert_eq!((logged_in, cancelled), (limits::OKTA_CALLS + 49, 1), "{ends:?}");
}

#[test]
fn two_threads_from_the_first_submitted_call_to_the_last_user() {
    if !is_own_process("tickets::two_threads_from_the_first_submitted_call_to_the_last_user") {
        return;
    }
    let okta = Okta::start();
    okta.put_user(User::new("anna", "good"));
    let options = json::object([("ca_pem", okta.ca_pem().into())]);
    let clients = [(); 2].map(|()| Client::open(&text(&options)).expect("opens"));
    let configuration = texts([("org_url", okta.url()), ("api_token", API_TOKEN)]);
    for client in &clients {
        assert_eq!(call(client, "configure", &configuration).0, 204);
    }
    assert!(threads().is_empty(), "{:?}", threads());
    for client in &clients {
        for _ in 0..10 {
            let ticket = submit(client, "login", &login("anna"));
            assert_eq!(status(collect(client, ticket)), Ok(200));
        }
        assert_eq!(threads(), ["okta_auth-net", "okta_auth-work"]);
    }
    for entry in std::fs::read_dir("/proc/self/task").expect("tasks") {
        let path = entry.expect("a task").path();
        if !std::fs::read_to_string(path.join("comm")).is_ok_and(|name| name.starts_with("okta_auth-")) {
            continue;
        }
        let status = std::fs::read_to_string(path.join("status")).expect("a status");
        let mask = status.lines().find_map(|line| line.strip_prefix("SigBlk:")).expect("SigBlk").trim();
        let mask = u64::from_str_radix(mask, 16).expect("a mask");
        let blocked = |signal: i32| mask & (1 << (signal - 1)) != 0;
        let asynchronous = [
            libc::SIGINT,
            libc::SIGTERM,
            libc::SIGHUP,
            libc::SIGQUIT,
            libc::SIGUSR1,
            libc::SIGUSR2,
            libc::SIGALRM,
            libc::SIGCHLD,
            libc::SIGPIPE,
        ];
        assert!(asynchronous.into_iter().all(blocked) && !blocked(libc::SIGPROF), "{mask:x}");
    }
    drop(clients);
    wait_until("the threads have ended", || threads().is_empty());
}

/// As `tests/guest/cancel.c` does from C; here for ThreadSanitizer, with the number that `make sanitize` sets.
#[test]
fn cancels_at_random_moments_leave_each_ticket_one_end() {
    const AT_A_TIME: usize = 16;
    let daemon = Daemon::new();
    let client = with_users(&daemon);
    let begin = Instant::now();
    assert_eq!(status(collect(&client, submit(&client, "login", &login("anna")))), Ok(200));
    let usual = begin.elapsed() * 4;
    let cancels = std::env::var("OKTA_AUTH_CANCELS").map_or(200, |text| text.parse().expect("a number"));
    let (ended, cancelled) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let mut random = 20_261_124_u32;
    for _ in 0..cancels / AT_A_TIME + 1 {
        let tickets: Vec<Ticket> = (0..AT_A_TIME).map(|_| submit(&client, "login", &login("anna"))).collect();
        std::thread::scope(|scope| {
            for half in tickets.chunks(AT_A_TIME / 2) {
                let (client, ended, cancelled) = (&client, &ended, &cancelled);
                scope.spawn(move || {
                    for ticket in half {
                        let count = match status(collect(client, *ticket)) {
                            // Over an HTTP/2 connection with a thousand resets both sides may lose their patience
                            // (CVE-2023-44487); then the logins that are on it fail. With few none does.
                            Ok(status) if status == 200 || cancels > 1_000 && status == 503 => ended,
                            Err(NoAnswer::Cancelled) => cancelled,
                            other => panic!("{other:?}"),
                        };
                        count.fetch_add(1, Ordering::SeqCst);
                        assert_eq!(status(collect(client, *ticket)), Err(NoAnswer::InvalidTicket));
                    }
                });
            }
            let begin = Instant::now();
            for (number, ticket) in tickets.iter().enumerate() {
                // Numerical Recipes' generator: the moments are scattered, and the same in each run.
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let moment = usual.mul_f64(f64::from(random >> 8) / f64::from(1 << 24)) * number as u32;
                while begin.elapsed() < moment / AT_A_TIME as u32 {
                    std::thread::yield_now();
                }
                assert!(matches!(client.cancel(*ticket), Ok(()) | Err(NoAnswer::InvalidTicket)));
            }
        });
    }
    let (ended, cancelled) = (ended.into_inner(), cancelled.into_inner());
    assert!(ended + cancelled > cancels && cancelled > 0, "{ended} ended, {cancelled} were cancelled");
    assert_eq!(client.next_completed(), Ok(None));
}
