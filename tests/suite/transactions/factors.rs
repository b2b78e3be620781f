//! Every factor that needs no browser, and those that do.

use super::*;
use okta_loopback::{Match, Reply, Rule, totp};

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const OTHER_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

fn okta_and_google() -> [Factor; 2] {
    [Factor::totp("ott1", "OKTA", SECRET), Factor::totp("ott2", "GOOGLE", OTHER_SECRET)]
}

/// A code that is not the current one.
fn wrong(right: &str) -> String {
    right.chars().map(|digit| if digit == '9' { '0' } else { '9' }).collect()
}

#[test]
fn totp_of_okta_and_of_google_are_told_apart_by_provider() {
    for (provider, factor) in [("OKTA", "ott1"), ("google", "ott2")] {
        let rig = Rig::with_factors(okta_and_google());
        let members = json!({ "factor_type": "token:software:totp", "provider": provider });
        let chosen = rig.start(members).open("challenge");
        assert_eq!(chosen.data()["factor"]["id"], factor);
        let challenge = json!({ "type": "passcode", "number": null, "question": null, "resend_after": null });
        assert_eq!(chosen.data()["challenge"], challenge);
        assert_eq!(
            (&chosen.data()["attempts_left"], &chosen.data()["poll_after"]),
            (&json!(3), &Value::Null)
        );
        let code = rig.okta.passcode("fred", factor).expect("a code");
        rig.go_on(&chosen.id(), json!({ "passcode": format!(" {code}\n") })).done();
        let asked = rig.okta.take_calls();
        // To choose a factor whose code the user has costs no call.
        let paths: Vec<&str> = asked.iter().map(okta_loopback::Call::path_alone).collect();
        let verify = format!("/api/v1/authn/factors/{factor}/verify");
        assert_eq!(paths, ["/api/v1/authn", &verify, "/api/v1/users/00u1fred/groups"]);
        assert_eq!(asked[1].json()["passCode"], code);
    }
}

#[test]
fn totp_at_the_start_is_checked_at_once_as_vaults_login_does() {
    let rig = Rig::with_factors(okta_and_google());
    let code = totp(OTHER_SECRET, rig.okta.now());
    rig.start(json!({ "totp": code, "provider": "GOOGLE" })).done();
    assert_eq!(rig.asked()[1], "authn/factors/ott2/verify");
    // A wrong one leaves the transaction open at this factor.
    let started = rig.start(json!({ "totp": wrong(&code), "provider": "GOOGLE" })).open("challenge");
    assert_eq!(started.data()["last_error"]["code"], "passcode_invalid");
    assert_eq!(
        (&started.data()["factor"]["id"], &started.data()["attempts_left"]),
        (&json!("ott2"), &json!(2))
    );
    rig.advance(30);
    let code = rig.okta.passcode("fred", "ott2").expect("a code");
    rig.go_on(&started.id(), json!({ "passcode": code })).done();
    // What cannot be a code is not even worth a password check.
    rig.asked();
    let refused = rig.start(json!({ "totp": "12 34" }));
    assert_eq!((refused.status, refused.code()), (400, "passcode_invalid"));
    assert!(rig.asked().is_empty());
    // Without a TOTP factor Vault takes a push, and without either it gives up; a transaction goes on.
    rig.put_fred([Factor::push("opf1")]);
    rig.start(json!({ "totp": code })).open("challenge");
    assert_eq!(rig.okta.pushes_sent(), 1);
    rig.put_fred([Factor::new("sms", "sms1")]);
    let started = rig.start(json!({ "totp": code })).open("mfa_required");
    assert_eq!(started.data()["last_error"]["code"], "no_supported_factor");
}

#[test]
fn messages_are_sent_once_and_again_only_after_the_cool_down() {
    for (kind, seconds) in [("sms", 30), ("call", 30), ("email", 5)] {
        let rig = Rig::with_factors([Factor::new(kind, "fac1")]);
        let chosen = rig.start(json!({ "factor_id": "fac1" })).open("challenge");
        let id = chosen.id();
        assert_eq!(chosen.data()["challenge"]["type"], "passcode", "{kind}");
        assert_eq!(chosen.data()["challenge"]["resend_after"], seconds, "{kind}");
        rig.asked();
        // Nothing is sent by polling, by choosing once more or by asking too soon.
        rig.poll(&id).open("challenge");
        rig.go_on(&id, json!({ "factor_id": "fac1" })).open("challenge");
        rig.advance(1);
        let refused = rig.go_on(&id, json!({ "resend": true })).refused(429, "rate_limited", "challenge");
        assert_eq!(refused.body["retry_after"], seconds - 1, "{kind}");
        assert!(rig.asked().is_empty());
        let first = rig.okta.passcode("fred", "fac1").expect("a code");
        rig.advance(seconds - 1);
        let resent = rig.go_on(&id, json!({ "resend": true })).open("challenge");
        assert_eq!(resent.data()["challenge"]["resend_after"], seconds, "{kind}");
        assert_eq!(rig.asked(), ["authn/factors/fac1/verify/resend"]);
        assert_eq!(rig.okta.counts().messages, 2, "{kind}");
        let second = rig.okta.passcode("fred", "fac1").expect("a code");
        if first != second {
            let wrong = rig.go_on(&id, json!({ "passcode": first })).open("challenge");
            assert_eq!(wrong.data()["last_error"]["code"], "passcode_invalid", "{kind}");
        }
        rig.go_on(&id, json!({ "passcode": second })).done();
        assert_eq!(rig.okta.counts().messages, 2, "{kind}");
    }
}

#[test]
fn a_cool_down_that_only_okta_knows_of_leaves_the_transaction_open() {
    let rig = Rig::with_factors([Factor::new("sms", "sms1"), Factor::new("email", "emf1")]);
    // Sent by somebody of whom this mount knows nothing.
    rig.call("enable_auth_method", json!({ "path": "other", "type": "okta" }));
    rig.call("configure", json!({ "mount_point": "other", "org_url": rig.okta.url() }));
    rig.start(json!({ "factor_id": "sms1", "mount_point": "other" })).open("challenge");
    let other = rig.start(json!({})).id();
    let refused =
        rig.go_on(&other, json!({ "factor_id": "sms1" })).refused(429, "rate_limited", "mfa_required");
    assert_eq!(
        (&refused.body["retry_after"], &refused.body["okta"]["error_code"]),
        (&json!(30), &json!("E0000109"))
    );
    // From here on it is known, and Okta is not asked.
    rig.asked();
    rig.go_on(&other, json!({ "factor_id": "sms1" })).refused(429, "rate_limited", "mfa_required");
    assert!(rig.asked().is_empty());
    rig.go_on(&other, json!({ "factor_id": "emf1" })).open("challenge");
    rig.advance(30);
    rig.go_on(&other, json!({ "factor_id": "sms1" })).open("challenge");
    let code = rig.okta.passcode("fred", "sms1").expect("a code");
    rig.go_on(&other, json!({ "passcode": code })).done();
    assert_eq!(rig.okta.counts().messages, 3);
}

#[test]
fn a_cool_down_holds_over_all_transactions_of_a_user() {
    let rig = Rig::with_factors([Factor::new("sms", "sms1")]);
    let first = rig.start(json!({ "factor_id": "sms1" })).open("challenge").id();
    assert_eq!(rig.cancel(&first).status, 204);
    rig.asked();
    rig.advance(10);
    // However he is named, and though the first transaction is gone.
    let second = rig.start(json!({ "username": "FRED@corp.test", "factor_id": "sms1" })).open("mfa_required");
    assert_eq!(second.data()["last_error"]["code"], "rate_limited");
    let id = second.id();
    let refused = rig.go_on(&id, json!({ "factor_id": "sms1" })).refused(429, "rate_limited", "mfa_required");
    assert_eq!(refused.body["retry_after"], 20);
    assert_eq!(rig.asked(), ["authn"]);
    rig.advance(20);
    rig.go_on(&id, json!({ "factor_id": "sms1" })).open("challenge");
    assert_eq!(rig.okta.counts().messages, 2);
}

#[test]
fn a_security_question_shows_its_text() {
    let mut question = Factor::new("question", "ufs1");
    question.question = "Who was your first teacher?".to_owned();
    question.answer = "Mrs Plum".to_owned();
    let rig = Rig::with_factors([question]);
    let id = rig.start(json!({})).id();
    let chosen = rig.go_on(&id, json!({ "factor_id": "ufs1" })).open("challenge");
    let challenge = json!({ "type": "question", "number": null, "question": "Who was your first teacher?",
                            "resend_after": null });
    assert_eq!(chosen.data()["challenge"], challenge);
    rig.go_on(&id, json!({ "passcode": "123456" })).refused(400, "invalid_request", "challenge");
    let empty = rig.go_on(&id, json!({ "answer": "  " })).open("challenge");
    assert_eq!(empty.data()["last_error"]["code"], "passcode_invalid");
    assert_eq!(rig.asked(), ["authn"]);
    let wrong = rig.go_on(&id, json!({ "answer": "Mr Plum" })).open("challenge");
    assert_eq!(
        (&wrong.data()["attempts_left"], &wrong.data()["last_error"]["code"]),
        (&json!(2), &json!("passcode_invalid"))
    );
    rig.go_on(&id, json!({ "answer": " Mrs Plum " })).done();
    assert_eq!(rig.okta.take_calls()[1].json()["answer"], "Mrs Plum");
}

#[test]
fn hardware_tokens_give_their_code_in_the_first_call() {
    for (kind, provider, code) in [
        ("token:hardware", "YUBICO", "ccccccbcgujhingjrdejhgfnuetrgigvejhhgbkugded"),
        ("token", "RSA", "12345678"),
        ("token", "SYMANTEC", "123456"),
        ("token", "DEL_OATH", "1234567"),
        ("token:hotp", "CUSTOM", "123456"),
    ] {
        let rig = Rig::with_factors([Factor::new(kind, "tok1").provider(provider).code(code)]);
        let started = rig.start(json!({})).open("mfa_required");
        assert_eq!(started.data()["factors"][0]["supported"], true, "{provider}");
        let id = started.id();
        rig.go_on(&id, json!({ "factor_type": kind, "provider": provider })).open("challenge");
        rig.go_on(&id, json!({ "passcode": code })).done();
        let verify = "authn/factors/tok1/verify".to_owned();
        assert_eq!(
            rig.asked(),
            ["authn".to_owned(), verify, "users/00u1fred/groups".to_owned()],
            "{provider}"
        );
    }
}

#[test]
fn a_token_that_wants_its_next_code_says_so_and_costs_no_attempt() {
    let mut token = Factor::new("token", "tok1").provider("RSA").code("12345678");
    token.prompt = Some("Wait for the token to change, then enter the new code".to_owned());
    let rig = Rig::with_factors([token]);
    let id = rig.start(json!({ "factor_id": "tok1" })).id();
    let next = rig.go_on(&id, json!({ "passcode": "12345678" })).open("challenge");
    assert_eq!(next.data()["last_error"]["code"], "another_passcode_required");
    let text = next.data()["last_error"]["text"].as_str().expect("a text");
    assert!(text.contains("Wait for the token to change"), "{text}");
    assert_eq!(next.data()["attempts_left"], 3);
    rig.go_on(&id, json!({ "passcode": "12345678" })).done();
}

#[test]
fn what_needs_a_browser_is_listed_and_cannot_be_chosen() {
    let kinds = [
        ("webauthn", "FIDO"),
        ("u2f", "FIDO"),
        ("web", "DUO"),
        ("assertion:saml2", "GENERIC_SAML"),
        ("signed_nonce", "OKTA"),
        ("something:new", "NOBODY"),
    ];
    let factors = kinds
        .iter()
        .enumerate()
        .map(|(n, (kind, provider))| Factor::new(*kind, format!("f{n}")).provider(*provider));
    let rig = Rig::with_factors(factors);
    let started = rig.start(json!({})).open("mfa_required");
    let listed = started.data()["factors"].as_array().expect("a list");
    for (n, (kind, provider)) in kinds.iter().enumerate() {
        assert_eq!(listed[n]["supported"], false, "{kind}");
        assert_eq!((&listed[n]["id"], &listed[n]["type"]), (&json!(format!("f{n}")), &json!(kind)));
        assert_eq!(listed[n]["provider"], *provider);
        rig.go_on(&started.id(), json!({ "factor_id": format!("f{n}") })).refused(
            400,
            "factor_unavailable",
            "mfa_required",
        );
    }
    rig.go_on(&started.id(), json!({ "factor_id": "nobody" })).refused(
        400,
        "factor_unavailable",
        "mfa_required",
    );
    assert_eq!(rig.asked(), ["authn"]);
    // Chosen at the start it is no exception either.
    let started = rig.start(json!({ "factor_type": "web", "provider": "DUO" })).open("mfa_required");
    assert_eq!(started.data()["last_error"]["code"], "factor_unavailable");
}

#[test]
fn only_active_factors_are_offered() {
    let rig = Rig::with_factors([
        Factor::push("opf1").status("PENDING_ACTIVATION"),
        Factor::push("opf2").status("ACTIVE"),
        Factor::new("sms", "sms1").status("INACTIVE"),
    ]);
    let started = rig.start(json!({})).open("mfa_required");
    let ids: Vec<&Value> =
        started.data()["factors"].as_array().expect("a list").iter().map(|factor| &factor["id"]).collect();
    assert_eq!(ids, ["opf2"]);
    rig.go_on(&started.id(), json!({ "factor_id": "opf1" })).refused(
        400,
        "factor_unavailable",
        "mfa_required",
    );
    assert_eq!(rig.okta.pushes_sent(), 0);
}

#[test]
fn a_code_must_have_the_form_of_one_before_it_is_sent() {
    let rig = Rig::with_factors([
        Factor::totp("ott1", "OKTA", SECRET),
        Factor::new("token:hardware", "ykf1").provider("YUBICO").code("cccc"),
    ]);
    let id = rig.start(json!({ "factor_id": "ott1" })).id();
    rig.asked();
    for code in ["", " ", "12", "12345678901", "12a456", "123 456", "١٢٣٤٥٦", "-12345"] {
        let refused = rig.go_on(&id, json!({ "passcode": code })).open("challenge");
        assert_eq!(refused.data()["last_error"]["code"], "passcode_invalid", "{code:?}");
        assert_eq!(refused.data()["attempts_left"], 3, "{code:?}");
    }
    rig.go_on(&id, json!({ "factor_id": "ykf1" })).open("challenge");
    for code in ["", "cc cc", "c\tc", "ü", &"c".repeat(okta_auth::limits::ANSWER_BYTES + 1)] {
        rig.go_on(&id, json!({ "passcode": code })).open("challenge");
    }
    assert!(rig.asked().is_empty());
    rig.go_on(&id, json!({ "passcode": "cccc" })).done();
}

#[test]
fn one_wish_at_a_time_and_only_where_it_fits() {
    let rig = Rig::with_factors([Factor::push("opf1"), Factor::totp("ott1", "OKTA", SECRET)]);
    let id = rig.start(json!({})).id();
    rig.asked();
    for members in [
        json!({ "passcode": "123456", "answer": "x" }),
        json!({ "factor_id": "opf1", "resend": true }),
        json!({ "factor_id": "opf1", "passcode": "123456" }),
        json!({ "factor_id": "opf1", "factor_type": "push" }),
        json!({ "answer": "x", "resend": true }),
    ] {
        let refused = rig.go_on(&id, members.clone());
        assert_eq!((refused.status, refused.code()), (400, "invalid_request"), "{members}");
    }
    for members in [
        json!({ "factor_id": "opf1", "factor_type": "push" }),
        json!({ "factor_id": "opf1", "totp": "123456" }),
        json!({ "factor_type": "push", "totp": "123456" }),
    ] {
        let refused = rig.start(members.clone());
        assert_eq!((refused.status, refused.code()), (400, "invalid_request"), "{members}");
    }
    // Null and false are nothing: a poll.
    rig.go_on(&id, json!({ "factor_id": null, "passcode": null, "answer": null, "resend": false }))
        .open("mfa_required");
    rig.go_on(&id, json!({ "passcode": "123456" })).refused(400, "factor_required", "mfa_required");
    rig.go_on(&id, json!({ "answer": "x" })).refused(400, "factor_required", "mfa_required");
    rig.go_on(&id, json!({ "resend": true })).refused(400, "invalid_request", "mfa_required");
    rig.go_on(&id, json!({ "factor_id": "ott1" })).open("challenge");
    rig.go_on(&id, json!({ "answer": "x" })).refused(400, "invalid_request", "challenge");
    rig.go_on(&id, json!({ "resend": true })).refused(400, "invalid_request", "challenge");
    assert!(rig.asked().is_empty());
    rig.go_on(&id, json!({ "factor_id": "opf1" })).open("challenge");
    rig.go_on(&id, json!({ "passcode": "123456" })).refused(400, "invalid_request", "challenge");
    // From the push, which waits, back to the code.
    rig.go_on(&id, json!({ "factor_id": "ott1" })).open("challenge");
    let code = rig.okta.passcode("fred", "ott1").expect("a code");
    rig.go_on(&id, json!({ "passcode": code })).done();
    let asked = rig.asked();
    assert_eq!(asked[..3], ["authn/factors/opf1/verify", "authn/previous", "authn/factors/ott1/verify"]);
}

#[test]
fn okta_may_ask_for_a_second_factor_after_the_first() {
    let rig = Rig::with_factors([Factor::totp("ott1", "OKTA", SECRET)]);
    let state = |status: &str, factors: Value| {
        json!({ "status": status, "stateToken": "00state", "_embedded": {
            "user": { "id": "00u1fred", "profile": { "login": "fred@corp.test" } }, "factors": factors } })
    };
    let totp = json!([{ "id": "ott1", "factorType": "token:software:totp", "provider": "OKTA" }]);
    let sms = json!([{ "id": "sms1", "factorType": "sms", "provider": "OKTA" }]);
    let rule = |path: &str, body: Value| Rule {
        matches: Match { path: Some(format!("/api/v1/{path}")), ..Match::default() },
        replies: vec![serde_json::from_value::<Reply>(json!({ "body": body })).expect("a reply")],
    };
    rig.okta.set_rules(Some(vec![
        rule("authn", state("MFA_REQUIRED", totp)),
        rule("authn/factors/ott1/verify", state("MFA_REQUIRED", sms)),
        rule("authn/factors/sms1/verify", state("SUCCESS", json!([]))),
        rule("users/00u1fred/groups", json!([])),
    ]));
    let id = rig.start(json!({ "factor_id": "ott1" })).open("challenge").id();
    let second = rig.go_on(&id, json!({ "passcode": "123456" })).open("mfa_required");
    assert_eq!(
        (&second.data()["factors"][0]["id"], &second.data()["factor"]),
        (&json!("sms1"), &Value::Null)
    );
    rig.go_on(&id, json!({ "factor_id": "sms1" })).done();
}
