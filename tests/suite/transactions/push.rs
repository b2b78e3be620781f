//! Push and number challenge.

use super::*;
use okta_loopback::PushScript;

const VERIFY: &str = "authn/factors/opf1/verify";

fn phone(script: PushScript) -> Factor {
    Factor::push("opf1").name("Fred's phone").script(script)
}

#[test]
fn starting_without_a_choice_sends_nothing_and_lists_the_factors() {
    let rig = Rig::with_factors([phone(PushScript::until_tapped()), Factor::new("sms", "sms1")]);
    let started = rig.start(json!({})).open("mfa_required");
    assert_eq!(
        started.data()["factors"],
        json!([
            { "id": "opf1", "type": "push", "provider": "OKTA", "name": "Fred's phone", "supported": true },
            { "id": "sms1", "type": "sms", "provider": "OKTA", "name": "+1 XXX-XXX-1234", "supported": true },
        ])
    );
    for member in ["factor", "challenge", "poll_after", "attempts_left", "last_error", "password_warning"] {
        assert_eq!(started.data()[member], Value::Null, "{member}");
    }
    let id = started.id();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    rig.poll(&id).open("mfa_required");
    assert_eq!(rig.asked(), ["authn"]);
    assert_eq!((rig.okta.counts().pushes, rig.okta.counts().messages), (0, 0));
}

#[test]
fn a_push_is_polled_by_nobody_but_the_caller_and_gives_a_token_once() {
    let rig = Rig::with_factors([phone(PushScript::until_tapped())]);
    let id = rig.start(json!({})).id();
    let chosen = rig.go_on(&id, json!({ "factor_id": "opf1" })).open("challenge");
    let challenge = json!({ "type": "push", "number": null, "question": null, "resend_after": 0 });
    assert_eq!(chosen.data()["challenge"], challenge);
    assert_eq!(chosen.data()["factor"]["name"], "Fred's phone");
    assert_eq!(chosen.data()["poll_after"], 2);
    // Faster than allowed: the last state, without a call.
    for _ in 0..3 {
        rig.poll(&id).open("challenge");
    }
    assert_eq!(rig.asked(), ["authn", VERIFY]);
    rig.advance(1);
    assert_eq!(rig.poll(&id).data()["poll_after"], 1);
    assert!(rig.asked().is_empty());
    rig.advance(1);
    assert_eq!(rig.poll(&id).open("challenge").data()["poll_after"], 2);
    assert_eq!(rig.asked(), [VERIFY]);
    assert!(rig.okta.tap("fred", "SUCCESS", None));
    rig.advance(2);
    let done = rig.poll(&id).done();
    assert_eq!(rig.asked(), [VERIFY, "users/00u1fred/groups"]);
    assert_eq!(done.data()["factor"]["id"], "opf1");
    assert_eq!(done.body["auth"]["metadata"]["okta_user_id"], "00u1fred");
    assert_eq!(done.body["auth"]["lease_duration"], 3_600);
    is_unknown(&rig.poll(&id));
    is_unknown(&rig.cancel(&id));
    assert_eq!((rig.asked(), rig.okta.pushes_sent()), (Vec::new(), 1));
    let token = json!({ "token": done.body["auth"]["client_token"] });
    let looked_up = rig.call("lookup_token", token);
    // The token remembers the path of a login, for the transaction's has its id in it.
    assert_eq!(looked_up.data()["path"], "auth/okta/login/fred");
    assert_eq!(looked_up.data()["display_name"], "okta-fred");
}

#[test]
fn a_number_is_shown_as_soon_as_okta_has_it_and_may_be_zero() {
    for number in [42, 0] {
        let rig = Rig::with_factors([phone(PushScript::until_tapped().number(number, 1))]);
        let id = rig.start(json!({ "factor_type": "push", "provider": "okta" })).open("challenge").id();
        rig.advance(2);
        let shown = rig.poll(&id).open("challenge");
        assert_eq!(shown.data()["challenge"]["type"], "number");
        assert_eq!(shown.data()["challenge"]["number"], number);
        assert!(rig.okta.tap("fred", "SUCCESS", Some(number)));
        rig.advance(2);
        rig.poll(&id).done();
        assert_eq!(rig.okta.pushes_sent(), 1);
    }
}

#[test]
fn a_push_that_is_rejected_or_times_out_ends_it_without_another_push() {
    for (result, code) in [
        ("REJECTED", "push_rejected"),
        ("TIMEOUT", "challenge_timeout"),
        ("CANCELLED", "login_refused"),
        ("SOMETHING_NEW", "login_refused"),
    ] {
        let rig = Rig::with_factors([phone(PushScript::new(1, result))]);
        let id = rig.start(json!({ "factor_id": "opf1" })).id();
        rig.advance(2);
        rig.poll(&id).open("challenge");
        rig.advance(2);
        let failed = rig.poll(&id).failed(code);
        assert_eq!((failed.status, failed.id()), (400, id.clone()), "{result}");
        is_unknown(&rig.poll(&id));
        assert_eq!(rig.okta.pushes_sent(), 1, "{result}");
    }
}

#[test]
fn one_push_unless_the_caller_asks_for_another() {
    let rig = Rig::with_factors([phone(PushScript::until_tapped())]);
    let id = rig.start(json!({ "factor_id": "opf1" })).id();
    // A repeated request is no wish for another push.
    rig.go_on(&id, json!({ "factor_id": "opf1" })).open("challenge");
    rig.go_on(&id, json!({ "factor_type": "push" })).open("challenge");
    assert_eq!(rig.okta.pushes_sent(), 1);
    rig.go_on(&id, json!({ "resend": true })).open("challenge");
    assert_eq!(rig.okta.pushes_sent(), 2);
    for _ in 2..okta_auth::limits::TRANSACTION_SENDS {
        rig.go_on(&id, json!({ "resend": true })).open("challenge");
    }
    rig.go_on(&id, json!({ "resend": true })).refused(429, "rate_limited", "challenge");
    assert_eq!(rig.okta.pushes_sent(), u64::from(okta_auth::limits::TRANSACTION_SENDS));
    assert!(rig.okta.tap("fred", "SUCCESS", None));
    rig.advance(2);
    rig.poll(&id).done();
}

#[test]
fn several_phones_are_told_apart_by_name() {
    let rig = Rig::with_factors([
        phone(PushScript::until_tapped()),
        Factor::push("opf2").name("Fred's tablet").script(PushScript::until_tapped()),
    ]);
    let started = rig.start(json!({})).open("mfa_required");
    let names: Vec<&Value> =
        started.data()["factors"].as_array().expect("a list").iter().map(|factor| &factor["name"]).collect();
    assert_eq!(names, ["Fred's phone", "Fred's tablet"]);
    let id = started.id();
    rig.go_on(&id, json!({ "factor_id": "opf2" })).open("challenge");
    // Another device, while the first one waits.
    let moved = rig.go_on(&id, json!({ "factor_id": "opf1" })).open("challenge");
    assert_eq!(moved.data()["factor"]["id"], "opf1");
    let asked = rig.asked();
    assert_eq!(asked, ["authn", "authn/factors/opf2/verify", "authn/previous", VERIFY]);
    assert_eq!(rig.okta.pushes_sent(), 2);
}

#[test]
fn cancelling_tells_okta_once_and_forgets() {
    let rig = Rig::with_factors([phone(PushScript::until_tapped())]);
    let id = rig.start(json!({ "factor_id": "opf1" })).id();
    rig.asked();
    let cancelled = rig.cancel(&id);
    assert_eq!((cancelled.status, cancelled.body), (204, Value::Null));
    assert_eq!(rig.asked(), ["authn/cancel"]);
    is_unknown(&rig.poll(&id));
    is_unknown(&rig.cancel(&id));
    assert!(rig.asked().is_empty());
}

#[test]
fn without_a_second_factor_the_start_is_the_end() {
    let rig = Rig::with_factors([]);
    rig.call("register_group", json!({ "name": "engineers", "policies": ["dev"] }));
    let done = rig.start(json!({})).done();
    assert_eq!(done.body["auth"]["policies"], json!(["default", "dev"]));
    assert_eq!((&done.data()["factors"], &done.data()["factor"]), (&json!([]), &Value::Null));
    is_unknown(&rig.poll(&done.id()));
    assert_eq!(rig.asked(), ["authn", "users/00u1fred/groups"]);
}

#[test]
fn a_step_that_is_not_well_formed_is_refused_and_shows_the_transaction() {
    let rig = Rig::with_factors([phone(PushScript::until_tapped())]);
    let id = rig.start(json!({})).id();
    rig.asked();
    for members in [
        json!({ "passcode": "123456", "answer": "Rex" }),
        json!({ "factor_id": "opf1", "factor_type": "push" }),
        json!({ "factor_id": "opf1", "passcode": "123456" }),
        json!({ "factor_id": "opf1", "resend": true }),
        json!({ "factor_id": "" }),
        json!({ "factor_type": "", "provider": "OKTA" }),
        json!({ "provider": "OKTA" }),
        json!({ "provider": "OKTA", "passcode": "123456" }),
    ] {
        rig.go_on(&id, members).refused(400, "invalid_request", "mfa_required");
    }
    rig.go_on(&id, json!({ "factor_id": null, "provider": null })).open("mfa_required");
    assert!(rig.asked().is_empty());
}
