//! What Okta says about a password, and what it says in the end.

use super::*;
use okta_loopback::{Enrollment, Outcome, PasswordState};

fn fred() -> User {
    User::new("fred@corp.test", PASSWORD).id("00u1fred")
}

#[test]
fn each_state_that_is_no_login_is_a_code() {
    let phone = || Factor::push("opf1");
    for (name, user, code) in [
        ("expired", fred().password_state(PasswordState::Expired), "password_expired"),
        ("warned without a way on", fred().password_state(PasswordState::WarnWithoutSkip), "login_refused"),
        ("enrolment", fred().enrollment(Enrollment::Required), "mfa_enrollment_required"),
        ("suspended", fred().status("SUSPENDED"), "invalid_credentials"),
        ("unlock", fred().outcome(Outcome::Unlock), "login_refused"),
        ("nobody", fred().outcome(Outcome::NoUser), "okta_invalid_answer"),
        ("unknown", fred().outcome(Outcome::Status("SOME_STATUS".into())), "login_refused"),
        ("success with 401", fred().outcome(Outcome::SuccessWith401), "okta_error"),
    ] {
        let rig = Rig::new();
        rig.okta.put_user(user);
        let failed = rig.start(json!({})).failed(code);
        assert_eq!(failed.status, 400, "{name}");
        is_unknown(&rig.poll(&failed.id()));
        assert_eq!(rig.asked()[0], "authn");
    }
    // The same after a factor: another user is nobody who may come in.
    for (outcome, code) in [
        (Outcome::OtherUser("00u2other".into()), "okta_invalid_answer"),
        (Outcome::Unlock, "login_refused"),
        (Outcome::SuccessWith401, "okta_error"),
    ] {
        let rig = Rig::new();
        rig.okta.put_user(fred().factor(phone()).outcome(outcome));
        let id = rig.start(json!({ "factor_id": "opf1" })).open("challenge").id();
        rig.advance(2);
        rig.poll(&id).open("challenge");
        rig.advance(2);
        rig.poll(&id).failed(code);
        is_unknown(&rig.poll(&id));
    }
}

#[test]
fn an_unknown_user_and_a_wrong_password_are_told_alike() {
    let rig = Rig::with_factors([Factor::push("opf1")]);
    let wrong = rig.start(json!({ "password": "wrong" })).failed("invalid_credentials");
    let unknown = rig.start(json!({ "username": "nobody" })).failed("invalid_credentials");
    assert_eq!(wrong.body["errors"], unknown.body["errors"]);
    assert_eq!(wrong.body["okta"]["error_code"], "E0000004");
    for (members, code) in [
        (json!({ "password": "" }), "invalid_request"),
        (json!({ "username": " " }), "invalid_request"),
        (json!({ "username": "a..b" }), "invalid_request"),
        (json!({ "provider": "DUO" }), "invalid_request"),
    ] {
        rig.asked();
        let refused = rig.start(members.clone());
        assert_eq!((refused.status, refused.code()), (400, code), "{members}");
        assert!(rig.asked().is_empty(), "{members}");
    }
}

#[test]
fn an_expired_password_comes_with_oktas_policy() {
    let rig = Rig::new();
    rig.okta.put_user(fred().password_state(PasswordState::Expired));
    let policy = json!({ "min_length": 8, "min_lower_case": 1, "min_upper_case": 1, "min_number": 1, "min_symbol": 0,
                         "exclude_username": true });
    assert_eq!(rig.start(json!({})).failed("password_expired").data()["password_policy"], policy);
    // For a user with a factor it comes after that.
    rig.okta.put_user(fred().password_state(PasswordState::Expired).factor(Factor::push("opf1")));
    let id = rig.start(json!({ "factor_id": "opf1" })).id();
    rig.advance(2);
    rig.poll(&id).open("challenge");
    rig.advance(2);
    assert_eq!(rig.poll(&id).failed("password_expired").data()["password_policy"], policy);
}

#[test]
fn a_password_that_will_expire_is_good_and_says_in_how_many_days() {
    let rig = Rig::new();
    rig.okta.put_user(fred().password_state(PasswordState::WarnAlways));
    let done = rig.start(json!({})).done();
    let warning = &done.data()["password_warning"];
    assert_eq!((&warning["code"], &warning["days_left"]), (&json!("password_expiring"), &json!(5)));
    let warnings = done.body["warnings"].as_array().expect("warnings");
    assert!(
        warnings.iter().any(|warning| warning.as_str().is_some_and(|text| text.contains("warning state")))
    );
    assert_eq!(rig.asked()[..2], ["authn", "authn/skip"]);
    // After a factor, too.
    rig.okta.put_user(fred().password_state(PasswordState::WarnAlways).factor(Factor::push("opf1")));
    let id = rig.start(json!({ "factor_id": "opf1" })).id();
    rig.advance(2);
    rig.poll(&id).open("challenge");
    rig.advance(2);
    assert_eq!(rig.poll(&id).done().data()["password_warning"]["days_left"], 5);
}

#[test]
fn a_needed_enrolment_says_of_what() {
    let rig = Rig::new();
    rig.okta.put_user(fred().enrollment(Enrollment::Required));
    let failed = rig.start(json!({})).failed("mfa_enrollment_required");
    let enrollable = json!([{ "type": "token:software:totp", "provider": "GOOGLE", "required": true }]);
    assert_eq!(failed.data()["enrollable"], enrollable);
}

#[test]
fn a_locked_account_is_told_where_okta_tells() {
    let rig = Rig::new();
    rig.okta.set(|settings| {
        settings.show_lockouts = true;
        settings.password_attempts = 2;
    });
    rig.put_fred([]);
    rig.start(json!({ "password": "wrong" })).failed("invalid_credentials");
    rig.start(json!({ "password": "wrong" })).failed("locked_out");
    rig.start(json!({})).failed("locked_out");
    rig.okta.set(|settings| settings.show_lockouts = false);
    rig.start(json!({})).failed("invalid_credentials");
}

#[test]
fn a_bypass_of_the_second_factor_ends_at_the_start() {
    let rig = Rig::with_factors([Factor::push("opf1")]);
    assert_eq!(rig.call("configure", json!({ "bypass_okta_mfa": true })).status, 200);
    rig.start(json!({ "factor_id": "opf1" })).done();
    assert_eq!(rig.okta.pushes_sent(), 0);
}

#[test]
fn a_token_that_cannot_be_issued_ends_the_transaction() {
    let rig = Rig::with_factors([Factor::push("opf1")]);
    let id = rig.start(json!({ "factor_id": "opf1" })).open("challenge").id();
    rig.call("register_user", json!({ "username": "fred", "policies": "root" }));
    rig.advance(2);
    rig.poll(&id).open("challenge");
    rig.advance(2);
    let failed = rig.poll(&id).failed("invalid_request");
    assert_eq!(failed.body["errors"][0], "auth methods cannot create root tokens");
    is_unknown(&rig.poll(&id));
    rig.put_fred([]);
    let failed = rig.start(json!({})).failed("invalid_request");
    is_unknown(&rig.poll(&failed.id()));
}

#[test]
fn both_ways_to_log_in_issue_batch_tokens() {
    let configuration = ("configure", json!({ "token_type": "batch" }));
    let tuning = ("tune_auth_method", json!({ "path": "okta", "token_type": "batch" }));
    for (operation, request) in [configuration, tuning] {
        let rig = Rig::with_factors([]);
        assert_eq!(rig.call(operation, request).status, 204);
        let login = rig.call("login", json!({ "username": "fred", "password": PASSWORD }));
        let done = rig.start(json!({}));
        for answer in [login, done] {
            assert_eq!(
                (answer.status, &answer.body["auth"]["token_type"]),
                (200, &json!("batch")),
                "{operation}"
            );
            let token = &answer.body["auth"]["client_token"];
            assert_eq!(rig.call("lookup_token", json!({ "token": token })).status, 200);
        }
    }
    let rig = Rig::with_factors([]);
    rig.call("configure", json!({ "token_num_uses": 3 }));
    rig.call("tune_auth_method", json!({ "path": "okta", "token_type": "batch" }));
    let failed = rig.start(json!({})).failed("invalid_request");
    assert_eq!(failed.body["errors"][0], "batch tokens cannot have \"num_uses\" set");
}
