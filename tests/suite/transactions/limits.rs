//! The guard rails: wrong codes, open transactions, messages, rate limits, addresses, time.

use super::*;
use okta_auth::limits;
use okta_loopback::{Fault, FaultKind, PushScript, RateLimitVariant};

const VERIFY: &str = "/api/v1/authn/factors/opf1/verify";

fn totp() -> Factor {
    Factor::totp("ott1", "OKTA", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
}

fn waiting_phone() -> Factor {
    Factor::push("opf1").script(PushScript::until_tapped())
}

fn hard_token() -> Factor {
    Factor::new("token", "tok1").provider("RSA").code("12345678")
}

#[test]
fn too_many_wrong_codes_end_a_transaction_before_okta_locks_the_user() {
    let rig = Rig::with_factors([hard_token()]);
    let id = rig.start(json!({ "factor_id": "tok1" })).id();
    for left in (1..limits::TRANSACTION_ATTEMPTS).rev() {
        let wrong = rig.go_on(&id, json!({ "passcode": "87654321" })).open("challenge");
        assert_eq!(wrong.data()["attempts_left"], left);
        assert_eq!(wrong.data()["last_error"]["code"], "passcode_invalid");
    }
    let ended = rig.go_on(&id, json!({ "passcode": "87654321" })).failed("too_many_attempts");
    assert_eq!((ended.status, &ended.body["okta"]["error_code"]), (400, &json!("E0000068")));
    is_unknown(&rig.go_on(&id, json!({ "passcode": "12345678" })));
    assert!(!rig.okta.is_locked("fred"));
}

#[test]
fn wrong_codes_are_counted_for_a_user_over_his_transactions_however_he_is_named() {
    let rig = Rig::with_factors([hard_token(), waiting_phone()]);
    rig.okta.set(|settings| settings.code_attempts = 100);
    // Each of his names would be locked before.
    let lockout = json!({ "path": "okta", "user_lockout_config": { "lockout_disable": true } });
    assert_eq!(rig.call("tune_auth_method", lockout).status, 204);
    let names = ["fred", "FRED", "fred@corp.test", " Fred@Corp.Test "];
    let mut wrong = 0;
    for n in 0.. {
        let id = rig.start(json!({ "username": names[n % 4], "factor_id": "tok1" })).open("challenge").id();
        for _ in 0..2 {
            if wrong == limits::TRANSACTION_USER_ATTEMPTS {
                break;
            }
            rig.go_on(&id, json!({ "passcode": "87654321" })).open("challenge");
            wrong += 1;
        }
        if wrong == limits::TRANSACTION_USER_ATTEMPTS {
            rig.asked();
            let refused = rig.go_on(&id, json!({ "passcode": "12345678" }));
            let refused = refused.refused(429, "too_many_attempts", "challenge");
            let wait = refused.body["retry_after"].as_u64().expect("seconds");
            assert!(rig.asked().is_empty(), "the code was sent");
            // Another factor can be taken, another user is not concerned, and the time comes to an end.
            rig.okta.put_user(User::new("wilma", PASSWORD).factor(hard_token()));
            let wilma = rig.start(json!({ "username": "wilma", "factor_id": "tok1" })).id();
            rig.go_on(&wilma, json!({ "passcode": "12345678" })).done();
            rig.go_on(&id, json!({ "factor_id": "opf1" })).open("challenge");
            rig.advance(wait);
            let id = rig.start(json!({ "factor_id": "tok1" })).id();
            rig.go_on(&id, json!({ "passcode": "12345678" })).done();
            return;
        }
    }
}

#[test]
fn a_login_that_succeeds_forgets_the_wrong_codes_before_it() {
    let rig = Rig::with_factors([hard_token()]);
    rig.okta.set(|settings| settings.code_attempts = 100);
    for _ in 0..limits::TRANSACTION_USER_ATTEMPTS {
        let id = rig.start(json!({ "factor_id": "tok1" })).id();
        rig.go_on(&id, json!({ "passcode": "87654321" })).open("challenge");
        rig.go_on(&id, json!({ "passcode": "87654321" })).open("challenge");
        rig.go_on(&id, json!({ "passcode": "12345678" })).done();
    }
}

#[test]
fn okta_locking_a_user_ends_the_transaction() {
    let rig = Rig::with_factors([hard_token()]);
    rig.okta.set(|settings| settings.code_attempts = 1);
    let id = rig.start(json!({ "factor_id": "tok1" })).id();
    let ended = rig.go_on(&id, json!({ "passcode": "87654321" })).failed("locked_out");
    assert_eq!(ended.body["okta"]["error_code"], "E0000069");
    is_unknown(&rig.poll(&id));
}

#[test]
fn a_used_code_and_one_of_another_time_are_wrong_codes() {
    let rig = Rig::with_factors([totp()]);
    let code = rig.okta.passcode("fred", "ott1").expect("a code");
    let first = rig.start(json!({ "factor_id": "ott1" })).id();
    let second = rig.start(json!({ "factor_id": "ott1" })).id();
    rig.go_on(&first, json!({ "passcode": code })).done();
    let replayed = rig.go_on(&second, json!({ "passcode": code })).open("challenge");
    assert_eq!(replayed.data()["last_error"]["code"], "passcode_invalid");
    rig.advance(120);
    let late = rig.go_on(&second, json!({ "passcode": code })).open("challenge");
    let text = late.data()["last_error"]["text"].as_str().expect("a text");
    assert!(text.contains("exceeded time window"), "{text}");
    assert_eq!(late.data()["attempts_left"], 1);
}

#[test]
fn a_user_has_a_bounded_number_of_open_transactions() {
    let rig = Rig::with_factors([waiting_phone()]);
    let names = ["fred", "fred@corp.test"];
    let ids: Vec<String> = (0..limits::TRANSACTIONS_PER_USER)
        .map(|n| rig.start(json!({ "username": names[n % 2] })).open("mfa_required").id())
        .collect();
    // Refused before anything is sent, though a factor was chosen.
    let refused = rig.start(json!({ "factor_id": "opf1" })).failed("limit_reached");
    assert_eq!((refused.status, rig.okta.pushes_sent()), (429, 0));
    assert!(refused.body["retry_after"].as_u64().is_some_and(|seconds| seconds > 0));
    is_unknown(&rig.poll(&refused.id()));
    rig.okta.put_user(User::new("wilma", PASSWORD).factor(waiting_phone()));
    rig.start(json!({ "username": "wilma" })).open("mfa_required");
    // A place becomes free by a cancel, by an end, and by time.
    assert_eq!(rig.cancel(&ids[0]).status, 204);
    let id = rig.start(json!({ "factor_id": "opf1" })).open("challenge").id();
    rig.start(json!({})).failed("limit_reached");
    assert!(rig.okta.tap("fred", "SUCCESS", None));
    rig.advance(2);
    rig.poll(&id).done();
    rig.start(json!({})).open("mfa_required");
    rig.start(json!({})).failed("limit_reached");
    rig.advance(301);
    rig.start(json!({})).open("mfa_required");
}

#[test]
fn pushes_and_messages_to_a_user_are_bounded_over_his_transactions() {
    let rig = Rig::with_factors([waiting_phone()]);
    let mut sent = 0;
    loop {
        let started = rig.start(json!({ "factor_id": "opf1" }));
        if sent == limits::TRANSACTION_USER_SENDS {
            // The password was right; the push is what has to wait.
            let started = started.open("mfa_required");
            assert_eq!(started.data()["last_error"]["code"], "rate_limited");
            let refused = rig.go_on(&started.id(), json!({ "factor_id": "opf1" }));
            let refused = refused.refused(429, "rate_limited", "mfa_required");
            assert!(refused.body["retry_after"].as_u64().is_some_and(|seconds| seconds > 0));
            break;
        }
        sent += 1;
        assert_eq!(rig.cancel(&started.open("challenge").id()).status, 204);
    }
    assert_eq!(rig.okta.pushes_sent(), u64::from(limits::TRANSACTION_USER_SENDS));
}

#[test]
fn the_pushes_of_logins_are_counted_with_those_of_transactions() {
    let rejected = PushScript::new(0, "REJECTED");
    let rig = Rig::with_factors([Factor::push("opf1").script(rejected)]);
    let login = || rig.call("login", json!({ "username": "fred", "password": PASSWORD }));
    let started = rig.start(json!({ "factor_id": "opf1" })).open("challenge");
    for _ in 1..limits::TRANSACTION_USER_SENDS {
        assert_eq!(login().code(), "push_rejected");
    }
    let pushes = rig.okta.pushes_sent();
    assert_eq!(pushes, u64::from(limits::TRANSACTION_USER_SENDS));
    let refused = login();
    assert_eq!((refused.status, refused.code()), (429, "rate_limited"), "{}", refused.body);
    assert!(refused.body["retry_after"].as_u64().is_some_and(|seconds| seconds > 0));
    rig.go_on(&started.id(), json!({ "resend": true })).refused(429, "rate_limited", "challenge");
    assert_eq!(rig.okta.pushes_sent(), pushes);
    rig.advance(u64::try_from(limits::TRANSACTION_USER_WINDOW_SECONDS).expect("positive"));
    assert_eq!(login().code(), "push_rejected");
}

#[test]
fn a_rate_limit_during_a_poll_keeps_it_pending_and_slower() {
    let rig = Rig::with_factors([waiting_phone()]);
    let id = rig.start(json!({ "factor_id": "opf1" })).id();
    rig.okta.set_faults([Fault::at(VERIFY, FaultKind::RateLimited(RateLimitVariant::NoReset)).times(2)]);
    rig.advance(2);
    let slower = rig.poll(&id).open("challenge");
    assert_eq!(slower.data()["poll_after"], 4);
    assert_eq!(slower.data()["last_error"]["code"], "rate_limited");
    rig.asked();
    rig.advance(2);
    assert_eq!(rig.poll(&id).open("challenge").data()["poll_after"], 2);
    assert!(rig.asked().is_empty());
    rig.advance(2);
    assert_eq!(rig.poll(&id).open("challenge").data()["poll_after"], 8);
    rig.advance(8);
    let well = rig.poll(&id).open("challenge");
    assert_eq!((&well.data()["poll_after"], &well.data()["last_error"]), (&json!(2), &Value::Null));
    // Okta's own time counts where it gives one, up to a minute.
    for (variant, at_least) in [(RateLimitVariant::Normal, 20), (RateLimitVariant::FarFuture, 60)] {
        rig.okta.set_faults([Fault::at(VERIFY, FaultKind::RateLimited(variant)).times(1)]);
        rig.advance(60);
        let pause = rig.poll(&id).open("challenge").data()["poll_after"].as_u64().expect("seconds");
        assert!((at_least..=60).contains(&pause), "{variant:?}: {pause}");
    }
    assert!(rig.okta.tap("fred", "SUCCESS", None));
    rig.advance(60);
    rig.poll(&id).done();
    assert_eq!(rig.okta.pushes_sent(), 1);
}

#[test]
fn a_rate_limit_on_a_code_or_choice_leaves_it_open_and_costs_nothing() {
    let rig = Rig::with_factors([totp(), waiting_phone()]);
    let id = rig.start(json!({ "factor_id": "ott1" })).id();
    let limited = |path: &str| Fault::at(path, FaultKind::RateLimited(RateLimitVariant::Normal)).times(1);
    rig.okta.set_faults([limited("/api/v1/authn/factors/ott1/verify"), limited(VERIFY)]);
    let code = rig.okta.passcode("fred", "ott1").expect("a code");
    let refused = rig.go_on(&id, json!({ "passcode": code })).refused(429, "rate_limited", "challenge");
    assert!(refused.body["retry_after"].as_u64().is_some_and(|seconds| seconds > 0));
    assert_eq!(refused.data()["attempts_left"], 3);
    rig.go_on(&id, json!({ "factor_id": "opf1" })).refused(429, "rate_limited", "challenge");
    rig.go_on(&id, json!({ "passcode": code })).done();
    // At the start there is nothing yet that could stay open.
    rig.okta.set_faults([limited("/api/v1/authn")]);
    let failed = rig.start(json!({})).failed("rate_limited");
    assert_eq!(failed.status, 429);
}

#[test]
fn addresses_are_checked_at_the_start_and_at_each_step() {
    let rig = Rig::with_factors([waiting_phone()]);
    rig.call("configure", json!({ "token_bound_cidrs": "10.0.0.0/8" }));
    let inside = |members: Value| joined(members, json!({ "remote_address": "10.1.2.3" }));
    let outside = |members: Value| joined(members, json!({ "remote_address": "192.0.2.1" }));
    for refused in [rig.start(json!({})), rig.start(outside(json!({})))] {
        assert_eq!((refused.status, refused.code()), (403, "permission_denied"));
    }
    assert!(rig.asked().is_empty());
    let id = rig.start(inside(json!({ "factor_id": "opf1" }))).open("challenge").id();
    rig.asked();
    rig.advance(2);
    let elsewhere = [
        rig.poll(&id),
        rig.go_on(&id, outside(json!({ "resend": true }))),
        rig.call("cancel_transaction", outside(json!({ "id": id }))),
    ];
    for refused in elsewhere {
        assert_eq!((refused.status, refused.code()), (403, "permission_denied"));
    }
    assert!(rig.asked().is_empty());
    assert!(rig.okta.tap("fred", "SUCCESS", None));
    rig.go_on(&id, inside(json!({}))).done();
}

#[test]
fn it_ends_with_okta_or_with_its_own_time() {
    // Okta's state token lives for five minutes after each use.
    let rig = Rig::with_factors([waiting_phone()]);
    let id = rig.start(json!({})).id();
    rig.advance(299);
    rig.poll(&id).open("mfa_required");
    rig.advance(1);
    rig.asked();
    let ended = rig.poll(&id).failed("transaction_expired");
    assert_eq!(ended.status, 400);
    is_unknown(&rig.poll(&id));
    assert!(rig.asked().is_empty());
    // Polls make Okta's last longer, but not ours.
    rig.okta.set(|settings| settings.push_seconds = 3_600);
    let id = rig.start(json!({ "factor_id": "opf1" })).id();
    for _ in 0..8 {
        rig.advance(100);
        rig.poll(&id).open("challenge");
    }
    rig.advance(100);
    rig.poll(&id).failed("transaction_expired");
    // Okta may end it before the time it gave.
    let id = rig.start(json!({ "factor_id": "opf1" })).id();
    rig.okta.expire_transactions();
    rig.advance(2);
    let ended = rig.poll(&id).failed("transaction_expired");
    assert_eq!(ended.body["okta"]["error_code"], "E0000011");
    is_unknown(&rig.poll(&id));
}

#[test]
fn an_end_that_lies_in_the_past_comes_from_a_wrong_clock_and_is_not_heeded() {
    let rig = Rig::with_factors([waiting_phone()]);
    rig.clock.advance(std::time::Duration::from_secs(100_000));
    let id = rig.start(json!({ "factor_id": "opf1" })).open("challenge").id();
    assert!(rig.okta.tap("fred", "SUCCESS", None));
    rig.advance(2);
    rig.poll(&id).done();
}

#[test]
fn a_transaction_of_another_organisation_is_refused() {
    let rig = Rig::with_factors([waiting_phone()]);
    let ids: Vec<String> = (0..2).map(|_| rig.start(json!({ "factor_id": "opf1" })).id()).collect();
    let other = Okta::start();
    rig.call("configure", json!({ "org_url": other.url() }));
    rig.asked();
    rig.advance(2);
    let refused = rig.poll(&ids[0]).failed("login_refused");
    assert!(refused.body["errors"][0].as_str().is_some_and(|text| text.contains("another organisation")));
    is_unknown(&rig.poll(&ids[0]));
    // Nor is the other Okta told of a state token that is not its own.
    assert_eq!(rig.cancel(&ids[1]).status, 204);
    assert!(rig.asked().is_empty() && other.take_calls().is_empty());
}
