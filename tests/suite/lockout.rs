//! Users who are refused for a while after too many wrong passwords and codes.

use crate::api::wait_until;
use crate::calls::{call, open, request};
use okta_auth::api::{Client, Submission};
use okta_auth::clock::Clock;
use okta_loopback::{Factor, Fault, FaultKind, Okta, PushScript, RateLimitVariant, User};
use serde_json::{Value, json};
use std::time::Duration;

const THRESHOLD: usize = 5;
const QUARTER_OF_AN_HOUR: Duration = Duration::from_secs(900);

/// A configured client whose clock is driven, and an Okta with fred and gina.
struct World {
    okta: Okta,
    client: Client,
    clock: Clock,
}

impl World {
    fn new() -> Self {
        let okta = Okta::start();
        okta.put_user(User::new("fred", "good"));
        okta.put_user(User::new("gina", "good").factor(Factor::question("ufs1", "Pet?", "Rex")));
        let clock = Clock::driven(2_000_000_000);
        let options = json!({ "ca_pem": okta.ca_pem(), "mounts": ["okta", "corp"] });
        let client = Client::open_with_clock(options.to_string().as_bytes(), clock.clone()).expect("opens");
        let world = Self { okta, client, clock };
        for mount in ["okta", "corp"] {
            world.done(
                "configure",
                json!({ "mount_point": mount, "org_name": world.okta.org(), "base_url": world.okta.base_url() }),
            );
        }
        // What Okta itself locks is another matter.
        world.okta.set(|settings| settings.password_attempts = 1_000);
        world
    }

    fn done(&self, operation: &str, members: Value) {
        let (status, body) = call(&self.client, operation, &members);
        assert_eq!(status, 204, "{operation}: {body}");
    }

    fn tune(&self, lockout: Value) {
        self.done("tune_auth_method", json!({ "path": "okta", "user_lockout_config": lockout }));
    }

    fn log_in(&self, username: &str, password: &str) -> (u16, Value) {
        call(&self.client, "login", &json!({ "username": username, "password": password }))
    }

    /// Gives a wrong password so many times.
    fn fail(&self, username: &str, times: usize) {
        for time in 0..times {
            let (status, body) = self.log_in(username, "bad");
            assert_eq!((status, &body["code"]), (400, &json!("invalid_credentials")), "{time}: {body}");
        }
    }

    /// The user is refused, and Okta hears nothing of it. Returns the seconds that are left.
    fn is_locked(&self, username: &str) -> u64 {
        self.okta.take_calls();
        let (status, body) = self.log_in(username, "good");
        assert_eq!((status, &body["code"]), (403, &json!("user_locked")), "{username}: {body}");
        assert_eq!(body["errors"], json!(["permission denied"]));
        assert!(self.okta.take_calls().is_empty(), "Okta was asked");
        body["retry_after"].as_u64().expect("seconds")
    }

    fn is_open(&self, username: &str) {
        let (status, body) = self.log_in(username, "good");
        assert_eq!(status, 200, "{username}: {body}");
    }

    fn accessor(&self, mount: &str) -> String {
        let (_, body) = call(&self.client, "list_auth_methods", &json!({}));
        body["data"][mount]["accessor"].as_str().expect("an accessor").to_owned()
    }
}

#[test]
fn too_many_wrong_passwords_lock_a_user_for_a_while() {
    let world = World::new();
    world.fail("fred", THRESHOLD - 1);
    world.is_open("fred");
    // The success has cleared them.
    world.fail("fred", THRESHOLD);
    assert_eq!(world.is_locked("fred"), 900);
    world.clock.advance(Duration::from_secs(100));
    assert_eq!(world.is_locked("fred"), 800);
    // A refusal does not make it longer, and others and other mounts are not concerned.
    world.okta.put_user(User::new("wilma", "good"));
    world.is_open("wilma");
    let elsewhere = json!({ "mount_point": "corp", "username": "fred", "password": "good" });
    assert_eq!(call(&world.client, "login", &elsewhere).0, 200);
    world.clock.advance(Duration::from_secs(800));
    world.is_open("fred");
    world.fail("fred", THRESHOLD - 1);
    world.is_open("fred");
}

#[test]
fn who_is_not_known_is_locked_like_who_is() {
    let world = World::new();
    world.fail("nobody", THRESHOLD);
    assert_eq!(world.is_locked("nobody"), 900);
}

#[test]
fn old_failures_count_no_more() {
    let world = World::new();
    world.fail("fred", THRESHOLD - 1);
    world.clock.advance(QUARTER_OF_AN_HOUR);
    world.fail("fred", THRESHOLD - 1);
    // Each starts the time anew.
    world.clock.advance(QUARTER_OF_AN_HOUR - Duration::from_secs(1));
    world.fail("fred", 1);
    world.is_locked("fred");
    // A clock that is set back locks nobody for longer.
    world.clock.set(1_000_000_000);
    world.is_open("fred");
}

#[test]
fn only_what_okta_calls_wrong_is_counted() {
    let world = World::new();
    for kind in [
        FaultKind::Close,
        FaultKind::Html502,
        FaultKind::Error(500, "E0000009".to_owned()),
        FaultKind::RateLimited(RateLimitVariant::Normal),
    ] {
        world.okta.set_faults([Fault::at("/api/v1/authn", kind)]);
        for _ in 0..THRESHOLD {
            assert!(world.log_in("fred", "bad").0 >= 400);
        }
        world.okta.set_faults([]);
    }
    for _ in 0..THRESHOLD {
        assert_eq!(world.log_in("fred", "").0, 400);
    }
    world.is_open("fred");
}

#[test]
fn wrong_codes_and_transactions_count_as_well() {
    let world = World::new();
    let start = |password: &str| {
        call(&world.client, "start_transaction", &json!({ "username": "Gina", "password": password }))
    };
    let step = |id: &Value, member: &str, text: &str| {
        call(&world.client, "continue_transaction", &json!({ "id": id, member: text }))
    };
    let open = || {
        let (status, body) = start("good");
        assert_eq!(status, 202, "{body}");
        assert_eq!(step(&body["data"]["id"], "factor_id", "ufs1").0, 202);
        body["data"]["id"].clone()
    };
    let (first, second) = (open(), open());
    for _ in 0..2 {
        assert_eq!(start("bad").0, 400);
    }
    for _ in 0..2 {
        let (status, body) = step(&second, "answer", "Tom");
        assert_eq!(
            (status, &body["data"]["last_error"]["code"]),
            (202, &json!("passcode_invalid")),
            "{body}"
        );
    }
    world.fail("gina", 1);
    world.is_locked("gina");
    assert_eq!(start("good").0, 403);
    world.okta.take_calls();
    let (status, body) = step(&first, "answer", "Rex");
    assert_eq!((status, &body["code"]), (403, &json!("user_locked")), "{body}");
    assert_eq!(body["data"]["state"], "challenge", "it stays open");
    assert!(world.okta.take_calls().is_empty(), "Okta was asked");
    world.clock.advance(Duration::from_secs(890));
    world.done(
        "unlock_user",
        json!({ "mount_accessor": world.accessor("okta/"), "alias_identifier": "gina" }),
    );
    let (status, body) = step(&first, "answer", "Rex");
    assert_eq!(status, 200, "{body}");
}

#[test]
fn a_mount_is_tuned_to_its_own_lockout() {
    let world = World::new();
    let tuning =
        || call(&world.client, "read_auth_method_tuning", &json!({ "path": "okta" })).1["data"].clone();
    assert!(tuning().get("user_lockout_threshold").is_none(), "shown when it was set");
    world.tune(json!({ "lockout_threshold": "2", "lockout_duration": "1m" }));
    let shown = tuning();
    for (name, value) in [
        ("user_lockout_threshold", json!(2)),
        ("user_lockout_duration", json!(60)),
        ("user_lockout_counter_reset_duration", json!(900)),
        ("user_lockout_disable", json!(false)),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    world.fail("fred", 2);
    assert_eq!(world.is_locked("fred"), 60);
    world.tune(json!({ "lockout_disable": true }));
    world.is_open("fred");
    world.fail("fred", 2 * THRESHOLD);
    world.is_open("fred");
    let refused = json!({ "path": "okta", "user_lockout_config": { "lockout_treshold": 3 } });
    assert_eq!(call(&world.client, "tune_auth_method", &refused).0, 400);
}

#[test]
fn locked_users_are_listed_and_let_in_again() {
    let world = World::new();
    let list = |members: Value| call(&world.client, "list_locked_users", &members).1["data"].clone();
    assert_eq!(list(json!({})), json!({ "by_namespace": [], "total": 0 }));
    for name in [" Fred", "a/b@acme.com"] {
        world.fail(name, THRESHOLD);
    }
    world.fail("wilma", THRESHOLD - 1);
    let accessor = world.accessor("okta/");
    let expected = json!({ "total": 2, "by_namespace": [{
        "namespace_id": "root", "namespace_path": "", "counts": 2, "mount_accessors": [{
            "mount_accessor": accessor, "counts": 2, "alias_identifiers": ["a/b@acme.com", "fred"] }] }] });
    assert_eq!(list(json!({})), expected);
    assert_eq!(list(json!({ "mount_accessor": accessor })), expected);
    assert_eq!(list(json!({ "mount_accessor": world.accessor("corp/") }))["total"], 0);

    // By somebody else with the right to do it, as Vault's clients would.
    let (_, body) = call(&world.client, "create_token", &json!({ "policies": ["root"] }));
    let unlock = |name: &str| {
        let path = format!("/v1/sys/locked-users/{accessor}/unlock/{name}");
        let unlock = json!({ "method": "POST", "path": path, "token": body["auth"]["client_token"] });
        request(&world.client, &unlock).0
    };
    assert_eq!((unlock("FRED"), unlock("a/b@acme.com"), unlock("nobody")), (204, 204, 204));
    world.is_open("fred");
    assert_eq!(list(json!({}))["total"], 0);
    let strange = json!({ "mount_accessor": "auth_okta_00000000", "alias_identifier": "fred" });
    assert_eq!(call(&world.client, "unlock_user", &strange).0, 404);
}

#[test]
fn processes_that_share_a_storage_share_the_count() {
    let okta = Okta::start();
    okta.put_user(User::new("fred", "good"));
    let folder = tempfile::tempdir().expect("a folder");
    let storage = json!({ "type": "sqlite", "path": folder.path().join("okta.db") });
    let options = json!({ "ca_pem": okta.ca_pem(), "storage": storage });
    let clients = [open(&options), open(&options)];
    let config = json!({ "org_name": okta.org(), "base_url": okta.base_url() });
    assert_eq!(call(&clients[0], "configure", &config).0, 204);
    let log_in = |client: &Client, password: &str| {
        call(client, "login", &json!({ "username": "fred", "password": password })).0
    };
    for number in 0..THRESHOLD {
        assert_eq!(log_in(&clients[number % 2], "bad"), 400);
    }
    for client in &clients {
        assert_eq!(log_in(client, "good"), 403);
    }
}

#[test]
fn a_login_that_was_on_its_way_when_the_lock_fell_is_refused() {
    let world = World::new();
    let phone = Factor::push("opf1").script(PushScript::until_tapped());
    world.okta.put_user(User::new("hugo", "good").factor(phone));
    let login = json!({ "username": "hugo", "password": "good" }).to_string();
    let waiting = match world.client.submit("login", login.as_bytes()) {
        Ok(Submission::Begun(ticket)) => ticket,
        _ => panic!("not begun"),
    };
    wait_until("a push was sent", || world.okta.pushes_sent() == 1);
    world.fail("Hugo", THRESHOLD);
    assert!(world.okta.tap("hugo", "SUCCESS", None), "a push waits");
    let answer = world.client.wait(waiting, None).expect("an answer");
    let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!((answer.status, &body["code"]), (403, &json!("user_locked")), "{body}");
    world.is_locked("hugo");
    let (_, tokens) = call(&world.client, "list_accessors", &json!({}));
    assert_eq!(tokens["code"], "not_found", "{tokens}");
}

/// Of guesses that come together Okta hears no more than of those that come one by one.
#[test]
fn guesses_that_come_together_wait_for_their_turn() {
    const TOGETHER: usize = 60;
    let world = World::new();
    for (operation, names) in [("login", ["fred", " FRED"]), ("start_transaction", ["gina", "Gina "])] {
        world.okta.take_calls();
        let begin = |number: usize| {
            let login = json!({ "username": names[number % 2], "password": "bad" }).to_string();
            match world.client.submit(operation, login.as_bytes()) {
                Ok(Submission::Begun(ticket)) => ticket,
                _ => panic!("not begun"),
            }
        };
        let tickets: Vec<_> = (0..TOGETHER).map(begin).collect();
        let mut codes = std::collections::BTreeMap::new();
        for ticket in tickets {
            let answer = world.client.wait(ticket, None).expect("an answer");
            let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
            *codes.entry(body["code"].to_string()).or_insert(0) += 1;
        }
        assert_eq!(world.okta.take_calls().len(), THRESHOLD, "{operation}");
        let expected = [(r#""invalid_credentials""#, THRESHOLD), (r#""user_locked""#, TOGETHER - THRESHOLD)];
        assert_eq!(codes, expected.map(|(code, count)| (code.to_owned(), count)).into(), "{operation}");
    }
}

/// So it is with codes and answers, of as many transactions as a user may have open.
#[test]
fn codes_that_come_together_wait_for_their_turn() {
    let world = World::new();
    let call = |operation: &str, members: &Value| call(&world.client, operation, members);
    let ids: Vec<Value> = (0..15)
        .map(|_| {
            let (_, body) = call("start_transaction", &json!({ "username": "gina", "password": "good" }));
            let id = body["data"]["id"].clone();
            assert_eq!(call("continue_transaction", &json!({ "id": id, "factor_id": "ufs1" })).0, 202);
            id
        })
        .collect();
    world.okta.set(|settings| settings.code_attempts = 1_000);
    world.okta.take_calls();
    let barrier = std::sync::Barrier::new(ids.len());
    let locked = std::sync::atomic::AtomicUsize::new(0);
    let try_one = &|id: &Value| {
        barrier.wait();
        let (status, body) = call("continue_transaction", &json!({ "id": id, "answer": "Tom" }));
        if body["code"] == "user_locked" {
            assert_eq!((status, &body["data"]["state"]), (403, &json!("challenge")), "{body}");
            locked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| ids.iter().for_each(|id| drop(scope.spawn(move || try_one(id)))));
    assert_eq!((world.okta.take_calls().len(), locked.into_inner()), (THRESHOLD, ids.len() - THRESHOLD));
}

/// Each on a thread of its own, so that each is at another point when one is counted.
#[test]
fn guesses_of_threads_wait_for_their_turn() {
    const TOGETHER: usize = 24;
    let world = World::new();
    for round in 0..30 {
        let name = format!("user{round}");
        world.okta.put_user(User::new(&name, "good"));
        world.okta.take_calls();
        let barrier = std::sync::Barrier::new(TOGETHER);
        std::thread::scope(|scope| {
            for _ in 0..TOGETHER {
                scope.spawn(|| {
                    barrier.wait();
                    world.log_in(&name, "bad");
                });
            }
        });
        assert_eq!(world.okta.take_calls().len(), THRESHOLD, "{name}");
    }
}

/// Whoever knows the password comes in, however often at once; and whoever gives up holds nobody back.
#[test]
fn right_passwords_that_come_together_all_come_in() {
    let world = World::new();
    let begin = |password: &str, timeout_ms: u64| {
        let login = json!({ "username": "fred", "password": password, "timeout_ms": timeout_ms });
        match world.client.submit("login", login.to_string().as_bytes()) {
            Ok(Submission::Begun(ticket)) => ticket,
            _ => panic!("not begun"),
        }
    };
    let wait = |ticket| world.client.wait(ticket, None).map(|answer| answer.status);
    let tickets: Vec<_> = (0..40).map(|_| begin("good", 30_000)).collect();
    assert!(tickets.into_iter().all(|ticket| wait(ticket) == Ok(200)));

    let hang = Fault::at("/api/v1/authn", FaultKind::Hang);
    world.okta.set_faults([hang.times(u32::try_from(THRESHOLD).expect("small"))]);
    world.okta.take_calls();
    let held: Vec<_> = (0..THRESHOLD).map(|_| begin("good", 30_000)).collect();
    wait_until("Okta holds as many as there may be", || world.okta.calls().len() == THRESHOLD);
    let given_up: Vec<_> = (0..10).map(|_| begin("good", 100)).collect();
    assert!(given_up.into_iter().all(|ticket| wait(ticket) == Ok(503)));
    let waiting = begin("good", 30_000);
    for ticket in held {
        let _ = world.client.cancel(ticket);
    }
    assert_eq!(wait(waiting), Ok(200));
}
