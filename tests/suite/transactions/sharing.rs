//! One transaction in many hands: other processes, threads at once, a cancel in between, a mount that goes.

use super::*;
use okta_auth::api::{NoAnswer, Submission};
use okta_auth::limits;
use okta_loopback::PushScript;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

fn waiting_phone() -> Factor {
    Factor::push("opf1").script(PushScript::until_tapped())
}

/// Clients of one database, as processes on one machine have it.
fn clients(folder: &std::path::Path, okta: &Okta, clock: &Clock, count: usize) -> Vec<Client> {
    let storage = json!({ "type": "sqlite", "path": folder.join("okta.db") });
    let options = json!({ "storage": storage, "ca_pem": okta.ca_pem() }).to_string();
    let open = || Client::open_with_clock(options.as_bytes(), clock.clone()).expect("opens");
    (0..count).map(|_| open()).collect()
}

fn call(client: &Client, operation: &str, request: &Value) -> Answer {
    let answer = client.call(operation, request.to_string().as_bytes()).expect("an answer");
    Answer { status: answer.status, body: serde_json::from_slice(&answer.body).unwrap_or_default() }
}

#[test]
fn every_step_may_come_from_another_process_and_none_finds_a_secret_on_the_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let (okta, clock) = (Okta::start(), driven());
    okta.put_user(User::new("fred@corp.test", PASSWORD).factor(waiting_phone()));
    let clients = clients(folder.path(), &okta, &clock, 4);
    call(&clients[0], "configure", &json!({ "org_url": okta.url() }));
    let started =
        call(&clients[0], "start_transaction", &json!({ "username": "fred", "password": PASSWORD }));
    let id = started.open("mfa_required").id();
    call(&clients[1], "continue_transaction", &json!({ "id": id, "factor_id": "opf1" })).open("challenge");
    let state_token =
        okta.take_calls().iter().find_map(|call| call.json()["stateToken"].as_str().map(str::to_owned));
    let state_token = state_token.expect("a state token");
    for entry in std::fs::read_dir(folder.path()).expect("a folder") {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
        for secret in [id.as_str(), &state_token, PASSWORD] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "in clear");
        }
    }
    assert!(okta.tap("fred", "SUCCESS", None));
    clock.advance(Duration::from_secs(2));
    call(&clients[2], "continue_transaction", &json!({ "id": id })).done();
    is_unknown(&call(&clients[3], "continue_transaction", &json!({ "id": id })));
    assert_eq!(okta.pushes_sent(), 1);
}

#[test]
fn of_many_polls_at_once_one_asks_okta_and_one_gets_the_token() {
    const THREADS: usize = 8;
    let folder = tempfile::tempdir().expect("a folder");
    let (okta, clock) = (Okta::start(), driven());
    okta.put_user(User::new("fred@corp.test", PASSWORD).factor(waiting_phone()));
    let clients = clients(folder.path(), &okta, &clock, 2);
    call(&clients[0], "configure", &json!({ "org_url": okta.url() }));
    for round in 0..10 {
        let request = json!({ "username": "fred", "password": PASSWORD, "factor_id": "opf1" });
        let id = call(&clients[0], "start_transaction", &request).open("challenge").id();
        let pushes = okta.pushes_sent();
        assert!(okta.tap("fred", "SUCCESS", None));
        clock.advance(Duration::from_secs(2));
        okta.take_calls();
        let (start, tokens, open, unknown) =
            (Barrier::new(THREADS), AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for n in 0..THREADS {
                let (clients, id, start, tokens, open, unknown) =
                    (&clients, &id, &start, &tokens, &open, &unknown);
                scope.spawn(move || {
                    start.wait();
                    let answer = call(&clients[n % 2], "continue_transaction", &json!({ "id": id }));
                    let count = match answer.status {
                        200 => tokens,
                        202 => open,
                        404 => unknown,
                        status => panic!("{status} {}", answer.body),
                    };
                    count.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(tokens.load(Ordering::SeqCst), 1, "round {round}");
        assert_eq!(okta.take_calls().len(), 1, "round {round}: one poll");
        assert_eq!(okta.pushes_sent(), pushes, "round {round}");
    }
}

#[test]
fn the_claim_of_a_process_that_died_lapses() {
    let folder = tempfile::tempdir().expect("a folder");
    let (okta, clock) = (Okta::start(), driven());
    okta.put_user(User::new("fred@corp.test", PASSWORD).factor(waiting_phone()));
    let mut clients = clients(folder.path(), &okta, &clock, 2);
    let (here, dying) = (clients.remove(0), clients.remove(0));
    call(&here, "configure", &json!({ "org_url": okta.url() }));
    let id = call(&here, "start_transaction", &json!({ "username": "fred", "password": PASSWORD })).id();
    let choose = json!({ "id": id, "factor_id": "opf1" });
    okta.take_calls();
    // Whoever asks is gone before Okta answers.
    okta.hold_after(Some(0));
    std::thread::scope(|scope| {
        scope.spawn(|| dying.call("continue_transaction", choose.to_string().as_bytes()).err());
        assert!(okta.wait_for_calls(1, Duration::from_secs(30)), "the push is being sent");
        dying.close();
    });
    // Others are shown the last state for a while, and told so when they want more than that.
    let shown = call(&here, "continue_transaction", &json!({ "id": id })).open("mfa_required");
    assert_eq!(shown.data()["last_error"], Value::Null);
    let told = call(&here, "continue_transaction", &choose).open("mfa_required");
    assert_eq!(told.data()["last_error"]["code"], "step_in_progress");
    assert_eq!(okta.take_calls().len(), 1);
    okta.hold_after(None);
    let lapsed = limits::TRANSACTION_STEP.as_secs() + limits::TRANSACTION_CLAIM_SLACK_SECONDS.unsigned_abs();
    clock.advance(Duration::from_secs(lapsed));
    call(&here, "continue_transaction", &choose).open("challenge");
    let asked: Vec<String> = okta.take_calls().iter().map(|call| call.path_alone().to_owned()).collect();
    assert_eq!(asked[0], "/api/v1/authn", "what became of it comes first");
    assert_eq!(okta.pushes_sent(), 1);
}

#[test]
fn a_cancel_wins_over_a_step_that_is_under_way() {
    let rig = Rig::with_factors([waiting_phone()]);
    let id = rig.start(json!({ "factor_id": "opf1" })).id();
    assert!(rig.okta.tap("fred", "SUCCESS", None));
    rig.advance(2);
    rig.asked();
    rig.okta.hold_after(Some(0));
    std::thread::scope(|scope| {
        let poll = scope.spawn(|| rig.poll(&id));
        assert!(rig.okta.wait_for_calls(1, Duration::from_secs(30)), "the poll is under way");
        let cancel = scope.spawn(|| rig.cancel(&id));
        assert!(rig.okta.wait_for_calls(2, Duration::from_secs(30)), "Okta is told of the cancel");
        rig.okta.hold_after(None);
        assert_eq!(cancel.join().expect("no panic").status, 204);
        // Okta let the user in, but there is nothing left for a token to belong to.
        is_unknown(&poll.join().expect("no panic"));
    });
    is_unknown(&rig.poll(&id));
}

#[test]
fn a_poll_that_was_cancelled_keeps_nobody_waiting() {
    let rig = Rig::with_factors([waiting_phone()]);
    let id = rig.start(json!({ "factor_id": "opf1" })).id();
    rig.advance(2);
    rig.asked();
    rig.okta.hold_after(Some(0));
    let request = json!({ "id": id }).to_string();
    let submitted = rig.client.submit("continue_transaction", request.as_bytes()).expect("let in");
    let Submission::Begun(ticket) = submitted else { panic!("it is begun") };
    assert!(rig.okta.wait_for_calls(1, Duration::from_secs(30)), "the poll is under way");
    rig.client.cancel(ticket).expect("cancelled");
    assert_eq!(rig.client.wait(ticket, None).err(), Some(NoAnswer::Cancelled));
    rig.okta.hold_after(None);
    rig.asked();
    // Long before the claim lapses, as soon as the network thread has let go of the call.
    let end = Instant::now() + Duration::from_secs(30);
    let asked = loop {
        assert!(Instant::now() < end, "the claim is held");
        rig.poll(&id).open("challenge");
        match rig.asked() {
            asked if asked.is_empty() => std::thread::yield_now(),
            asked => break asked,
        }
    };
    // The answer of the first was lost, so the state comes first, and says it all.
    assert_eq!(asked, ["authn"]);
    assert_eq!(rig.okta.pushes_sent(), 1);
}

#[test]
fn a_mount_takes_its_transactions_with_it_and_knows_no_others() {
    let rig = Rig::with_factors([waiting_phone()]);
    rig.call("enable_auth_method", json!({ "path": "corp/okta", "type": "okta" }));
    rig.call("configure", json!({ "mount_point": "corp/okta", "org_url": rig.okta.url() }));
    let id = rig.start(json!({})).id();
    is_unknown(&rig.go_on(&id, json!({ "mount_point": "corp/okta" })));
    let other = rig.start(json!({ "mount_point": "corp/okta" })).open("mfa_required").id();
    rig.go_on(&other, json!({ "mount_point": "corp/okta" })).open("mfa_required");
    assert_eq!(rig.call("disable_auth_method", json!({ "path": "corp/okta" })).status, 204);
    rig.call("enable_auth_method", json!({ "path": "corp/okta", "type": "okta" }));
    rig.call("configure", json!({ "mount_point": "corp/okta", "org_url": rig.okta.url() }));
    is_unknown(&rig.go_on(&other, json!({ "mount_point": "corp/okta" })));
    rig.poll(&id).open("mfa_required");
}

#[test]
fn its_path_needs_no_token_and_takes_vaults_verbs() {
    let rig = Rig::with_factors([waiting_phone()]);
    let request = |method: &str, path: &str, data: Value| {
        let request = json!({ "method": method, "path": path, "data": data }).to_string();
        let answer = rig.client.request(request.as_bytes()).expect("an answer");
        Answer { status: answer.status, body: serde_json::from_slice(&answer.body).unwrap_or_default() }
    };
    let login = json!({ "username": "fred", "password": PASSWORD });
    let id = request("POST", "/v1/auth/okta/transactions", login.clone()).open("mfa_required").id();
    let path = format!("/v1/auth/okta/transactions/{id}");
    request("PUT", &path, json!({ "factor_id": "opf1" })).open("challenge");
    assert_eq!(request("GET", &path, json!({})).status, 405);
    assert_eq!(request("POST", "/v1/auth/okta/transactions/", login).status, 400);
    assert_eq!(request("DELETE", &path, Value::Null).status, 204);
    is_unknown(&request("POST", &path, json!({})));
    is_unknown(&request("POST", "/v1/auth/okta/transactions/no/such", json!({})));
}

#[test]
fn ten_thousand_starts_that_are_abandoned_leave_nothing_behind() {
    const USERS: usize = 500;
    const EACH: usize = limits::TRANSACTIONS_PER_USER;
    let folder = tempfile::tempdir().expect("a folder");
    let (okta, clock) = (Okta::start(), driven());
    okta.record(false);
    for user in 0..USERS {
        okta.put_user(User::new(format!("user{user}"), PASSWORD).factor(Factor::new("sms", "sms1")));
    }
    let clients = clients(folder.path(), &okta, &clock, 1);
    let client = &clients[0];
    call(client, "configure", &json!({ "org_url": okta.url() }));
    let rows = || {
        let database = rusqlite::Connection::open(folder.path().join("okta.db")).expect("opens");
        let count = "SELECT count(*) FROM entries WHERE key LIKE 'auth/%/transaction/%'";
        database.query_row(count, [], |row| row.get::<_, usize>(0)).expect("a number")
    };
    let start = |user: usize| {
        let request = json!({ "username": format!("user{user}"), "password": PASSWORD });
        call(client, "start_transaction", &request)
    };
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || {
                for n in (thread..USERS * EACH).step_by(8) {
                    start(n / EACH).open("mfa_required");
                }
            });
        }
    });
    assert!(rows() > 2 * USERS * EACH, "{}", rows());
    clock.advance(Duration::from_secs(1_000));
    okta.advance(Duration::from_secs(1_000));
    // Each start removes a page of what has expired: transactions, and what was counted for their users.
    let starts = USERS * (EACH + 1) / limits::SWEEP_TRANSACTIONS_ASIDE + 1;
    for user in 0..starts {
        start(user).open("mfa_required");
    }
    // One transaction and one row for its user, each with its row for its end.
    assert_eq!(rows(), 4 * starts);
    clock.advance(Duration::from_secs(1_000));
    for _ in 0..10 {
        start(0);
    }
    // 10 transactions and the user's row, each with its row for its end.
    assert_eq!(rows(), 22);
}
