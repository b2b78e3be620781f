//! Passwords, states and factors.

use crate::client::Client;
use okta_loopback::{Enrollment, Factor, Okta, Outcome, PasswordState, PushScript, User, totp};
use serde_json::{Value, json};
use std::time::Duration;

fn fred() -> User {
    User::new("Fred@corp.test", "pw").id("00u1fred")
}

fn started(user: User) -> (Okta, Client) {
    let okta = Okta::start();
    okta.put_user(user);
    let client = Client::new(&okta);
    (okta, client)
}

#[test]
fn a_password_is_right_or_one_refusal_for_all() {
    let (okta, client) = started(fred());
    for username in ["Fred@corp.test", "fred@CORP.test", "fred"] {
        let body = client.log_in(username, "pw").expect(200, "status", "SUCCESS");
        assert_eq!(body["_embedded"]["user"]["id"], "00u1fred");
        assert_eq!(body["_embedded"]["user"]["profile"]["login"], "Fred@corp.test");
    }
    for (username, password) in [("fred", "no"), ("nobody", "pw"), ("", "")] {
        let got = client.log_in(username, password);
        let body = got.expect(401, "errorCode", "E0000004");
        assert_eq!(body["errorCauses"], json!([]));
        assert_eq!(got.header("x-okta-request-id").len(), 1);
        assert_eq!(got.header("date").len(), 1);
        assert_eq!(got.header("x-rate-limit-reset").len(), 1);
    }
    assert!(okta.calls().iter().all(|call| call.authorization.is_none() && call.connection == 1));
    for status in ["SUSPENDED", "STAGED", "DEPROVISIONED"] {
        okta.put_user(fred().status(status));
        client.log_in("fred", "pw").expect(401, "errorCode", "E0000004");
    }
}

#[test]
fn wrong_passwords_lock_hidden_or_shown() {
    let (okta, client) = started(fred());
    okta.set(|settings| settings.password_attempts = 2);
    for password in ["no", "no", "pw"] {
        client.log_in("fred", password).expect(401, "errorCode", "E0000004");
    }
    assert!(okta.is_locked("fred"));
    okta.set(|settings| settings.show_lockouts = true);
    let body = client.log_in("fred", "pw").expect(200, "status", "LOCKED_OUT");
    assert_eq!(body.get("stateToken"), None);
}

#[test]
fn states_of_the_password() {
    let (okta, client) = started(fred().password_state(PasswordState::Expired));
    let got = client.log_in("fred", "pw");
    got.expect(200, "status", "PASSWORD_EXPIRED");
    client.authn("/skip", &json!({ "stateToken": got.token() })).expect(403, "errorCode", "E0000079");
    let change = |old: &str| json!({ "stateToken": got.token(), "oldPassword": old, "newPassword": "new" });
    client.authn("/credentials/change_password", &change("no")).expect(403, "errorCode", "E0000014");
    client.authn("/credentials/change_password", &change("pw")).expect(200, "status", "SUCCESS");
    client.log_in("fred", "new").expect(200, "status", "SUCCESS");

    okta.put_user(fred().password_state(PasswordState::Warn));
    client.log_in("fred", "pw").expect(200, "status", "SUCCESS");
    let option =
        json!({ "username": "fred", "password": "pw", "options": { "warnBeforePasswordExpired": true } });
    let got = client.authn("", &option);
    let body = got.expect(200, "status", "PASSWORD_WARN");
    let skip = body["_links"]["skip"]["href"].as_str().unwrap();
    assert_eq!(skip, format!("{}/api/v1/authn/skip", okta.url()));
    client.authn("/skip", &json!({ "stateToken": got.token() })).expect(200, "status", "SUCCESS");

    okta.put_user(fred().password_state(PasswordState::WarnWithoutSkip));
    let got = client.log_in("fred", "pw");
    assert_eq!(got.expect(200, "status", "PASSWORD_WARN")["_links"].get("skip"), None);
    client.authn("/skip", &json!({ "stateToken": got.token() })).expect(403, "errorCode", "E0000079");
}

#[test]
fn enrolments_and_odd_outcomes() {
    let (okta, client) = started(fred().enrollment(Enrollment::Optional));
    let got = client.log_in("fred", "pw");
    got.expect(200, "status", "MFA_ENROLL");
    client.authn("/skip", &json!({ "stateToken": got.token() })).expect(200, "status", "SUCCESS");
    okta.put_user(fred().enrollment(Enrollment::Required));
    let got = client.log_in("fred", "pw");
    client.authn("/skip", &json!({ "stateToken": got.token() })).expect(403, "errorCode", "E0000079");

    okta.put_user(fred().outcome(Outcome::Unlock));
    client.log_in("fred", "pw").expect(200, "recoveryType", "UNLOCK");
    okta.put_user(fred().outcome(Outcome::NoUser));
    assert_eq!(client.log_in("fred", "pw").expect(200, "status", "SUCCESS").get("_embedded"), None);
    okta.put_user(fred().outcome(Outcome::OtherUser("00u2".into())));
    assert_eq!(client.log_in("fred", "pw").json()["_embedded"]["user"]["id"], "00u2");
    okta.put_user(fred().outcome(Outcome::Status("SOME_STATUS".into())));
    client.log_in("fred", "pw").expect(200, "status", "SOME_STATUS");
    okta.put_user(fred().outcome(Outcome::SuccessWith401));
    client.log_in("fred", "pw").expect(401, "status", "SUCCESS");
}

#[test]
fn a_state_token_ends_with_success_cancel_and_time() {
    let (okta, client) = started(fred().factor(Factor::push("opf1")));
    let alone = |token: &str| json!({ "stateToken": token });
    let refused = |token: &str| {
        client.authn("", &alone(token)).expect(401, "errorCode", "E0000011");
        client.authn("/factors/opf1/verify", &alone(token)).expect(401, "errorCode", "E0000011");
    };
    refused("00invented");

    let got = client.log_in("fred", "pw");
    got.expect(200, "status", "MFA_REQUIRED");
    let token = got.token();
    client.authn("", &alone(&token)).expect(200, "status", "MFA_REQUIRED");
    client.authn("/previous", &alone(&token)).expect(403, "errorCode", "E0000079");
    client.authn("/factors/opf1/verify", &alone(&token)).expect(200, "factorResult", "WAITING");
    client.authn("/previous", &alone(&token)).expect(200, "status", "MFA_REQUIRED");
    assert_eq!(client.authn("/cancel", &alone(&token)).status, 200);
    refused(&token);

    let token = client.log_in("fred", "pw").token();
    okta.advance(Duration::from_secs(200));
    client.authn("/introspect", &alone(&token)).expect(200, "status", "MFA_REQUIRED");
    okta.advance(Duration::from_secs(200));
    client.authn("/factors/opf1/verify", &alone(&token)).expect(200, "factorResult", "WAITING");
    client.authn("/factors/opf1/verify", &alone(&token)).expect(200, "factorResult", "WAITING");
    client.authn("/factors/opf1/verify", &alone(&token)).expect(200, "status", "SUCCESS");
    refused(&token);

    let token = client.log_in("fred", "pw").token();
    okta.advance(Duration::from_secs(301));
    refused(&token);
}

/// What a poll shows: status, factor result, next link, number.
fn shown(body: &Value) -> (String, String, String, Option<i64>) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (
        text(&body["status"]),
        text(&body["factorResult"]),
        text(&body["_links"]["next"]["name"]),
        body["_embedded"]["factor"]["_embedded"]["challenge"]["correctAnswer"].as_i64(),
    )
}

#[test]
fn push_scripts() {
    let number = PushScript::new(2, "REJECTED").number(0, 1);
    let (okta, client) =
        started(fred().factor(Factor::push("opf1").script(number).script(PushScript::default())));
    let token = client.log_in("fred", "pw").token();
    let poll = || shown(&client.authn("/factors/opf1/verify", &json!({ "stateToken": token })).json());
    let waiting = |number| ("MFA_CHALLENGE".to_owned(), "WAITING".to_owned(), "poll".to_owned(), number);
    assert_eq!(poll(), waiting(None));
    assert_eq!(poll(), waiting(Some(0)));
    assert_eq!(poll(), waiting(Some(0)));
    assert_eq!(poll(), ("MFA_CHALLENGE".into(), "REJECTED".into(), "verify".into(), None));
    assert_eq!(okta.pushes_sent(), 1);
    assert_eq!(poll(), waiting(None));
    assert_eq!(okta.pushes_sent(), 2, "a request after the end sends another push");
    assert_eq!(poll(), waiting(None));
    assert_eq!(poll().0, "SUCCESS");
}

#[test]
fn a_push_waits_for_the_finger_or_the_time_out() {
    let script = PushScript::until_tapped().number(42, 0);
    let (okta, client) = started(fred().factor(Factor::push("opf1").script(script)));
    let verify = |token: &str| client.authn("/factors/opf1/verify", &json!({ "stateToken": token }));
    for (number, expected) in [(Some(42), "SUCCESS"), (None, "SUCCESS"), (Some(41), "MFA_CHALLENGE")] {
        let token = client.log_in("fred", "pw").token();
        assert!(!okta.tap("fred", "SUCCESS", number));
        verify(&token);
        assert_eq!(shown(&verify(&token).json()).3, Some(42));
        assert!(okta.tap("fred", "SUCCESS", number));
        verify(&token).expect(200, "status", expected);
    }
    okta.expire_transactions();
    okta.set(|settings| settings.push_seconds = 60);
    let token = client.log_in("fred", "pw").token();
    verify(&token);
    okta.advance(Duration::from_secs(60));
    verify(&token).expect(200, "factorResult", "TIMEOUT");
}

#[test]
fn totp_codes_are_real_used_once_and_counted() {
    const SECRET: &str = "JBSWY3DPEHPK3PXP";
    let okta_factor = Factor::totp("ost1", "OKTA", SECRET);
    let google = Factor::totp("uft1", "GOOGLE", "MZXW6YTBOI");
    let (okta, client) = started(fred().factor(okta_factor).factor(google));
    let verify = |token: &str, factor: &str, code: &str| {
        client.authn(&format!("/factors/{factor}/verify"), &json!({ "stateToken": token, "passCode": code }))
    };
    let got = client.log_in("fred", "pw");
    let providers: Vec<_> = got.json()["_embedded"]["factors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["provider"].clone())
        .collect();
    assert_eq!(providers, ["OKTA", "GOOGLE"]);
    let token = got.token();
    verify(&token, "nothing", "1").expect(404, "errorCode", "E0000007");
    verify(&token, "uft1", &totp(SECRET, okta.now())).expect(403, "errorCode", "E0000068");
    verify(&token, "ost1", &totp(SECRET, okta.now() - 150)).expect(403, "errorCode", "E0000083");
    let code = totp(SECRET, okta.now());
    verify(&token, "ost1", &code).expect(200, "status", "SUCCESS");

    let token = client.log_in("fred", "pw").token();
    verify(&token, "ost1", &code).expect(403, "errorCode", "E0000082");
    let code = okta.passcode("fred", "uft1").unwrap();
    verify(&token, "uft1", &code).expect(200, "status", "SUCCESS");

    let token = client.log_in("fred", "pw").token();
    for _ in 0..4 {
        verify(&token, "ost1", "abc").expect(403, "errorCode", "E0000068");
    }
    verify(&token, "ost1", "abc").expect(403, "errorCode", "E0000069");
    client.log_in("fred", "pw").expect(401, "errorCode", "E0000004");
}

#[test]
fn messages_have_a_cool_down_and_a_life() {
    for (kind, seconds, too_soon) in
        [("sms", 30, "E0000109"), ("call", 30, "E0000133"), ("email", 5, "E0000118")]
    {
        let (okta, client) = started(fred().factor(Factor::new(kind, "fac1")).factor(Factor::push("opf1")));
        let got = client.log_in("fred", "pw");
        let token = got.token();
        let nothing = json!({ "stateToken": token });
        let typed = |code: &str| json!({ "stateToken": token, "passCode": code });
        client.authn("/factors/fac1/verify/resend", &nothing).expect(403, "errorCode", "E0000079");
        let body = client.authn("/factors/fac1/verify", &nothing).expect(200, "status", "MFA_CHALLENGE");
        assert_eq!(body["_links"]["resend"][0]["name"], kind);
        let first = okta.passcode("fred", "fac1").unwrap();
        client.authn("/factors/fac1/verify", &nothing).expect(429, "errorCode", too_soon);
        client.authn("/factors/opf1/verify", &nothing).expect(403, "errorCode", "E0000079");
        okta.advance(Duration::from_secs(seconds));
        client.authn("/factors/fac1/verify/resend", &nothing).expect(200, "status", "MFA_CHALLENGE");
        assert_eq!(okta.counts().messages, 2);
        let second = okta.passcode("fred", "fac1").unwrap();
        if first != second {
            client.authn("/factors/fac1/verify", &typed(&first)).expect(403, "errorCode", "E0000068");
        }
        client.authn("/factors/fac1/verify", &typed(&second)).expect(200, "status", "SUCCESS");

        let token = client.log_in("fred", "pw").token();
        okta.advance(Duration::from_secs(60));
        client.authn("/factors/fac1/verify", &json!({ "stateToken": token }));
        let code = okta.passcode("fred", "fac1").unwrap();
        okta.set(|settings| settings.state_token_seconds = 1_000);
        client.authn("/introspect", &json!({ "stateToken": token }));
        okta.advance(Duration::from_secs(301));
        let late = json!({ "stateToken": token, "passCode": code });
        client.authn("/factors/fac1/verify", &late).expect(403, "errorCode", "E0000068");
    }
}

#[test]
fn questions_and_hardware_tokens() {
    let mut rsa = Factor::new("token", "rsa1").provider("RSA").code("pin123456");
    rsa.prompt = Some("Enter your new PIN".to_owned());
    let yubikey = Factor::new("token:hardware", "ykf1").provider("YUBICO").code("cccccc");
    let question = Factor::question("ufs1", "Your first car?", "a tram");
    let (_okta, client) = started(fred().factor(question).factor(yubikey).factor(rsa));
    let verify = |factor: &str, member: &str, value: &str| {
        let token = client.log_in("fred", "pw").token();
        client.authn(&format!("/factors/{factor}/verify"), &json!({ "stateToken": token, member: value }))
    };
    verify("ufs1", "answer", "a bus").expect(403, "errorCode", "E0000068");
    verify("ufs1", "answer", "a tram").expect(200, "status", "SUCCESS");
    verify("ykf1", "passCode", "cccccc").expect(200, "status", "SUCCESS");
    let prompt = verify("rsa1", "passCode", "1").expect(409, "errorCode", "E0000113");
    assert_eq!(prompt["errorSummary"], "Enter your new PIN.");
    verify("rsa1", "passCode", "pin123456").expect(200, "status", "SUCCESS");
}

#[test]
fn the_list_of_factors_under_either_name() {
    let (okta, client) = started(fred().factor(Factor::push("opf1").status("ACTIVE").name("Fred's phone")));
    okta.set(|settings| settings.factors_key = "factor".to_owned());
    let body = client.log_in("fred", "pw").json();
    assert_eq!(body["_embedded"].get("factors"), None);
    let factor = &body["_embedded"]["factor"][0];
    assert_eq!((&factor["status"], &factor["profile"]["name"]), (&json!("ACTIVE"), &json!("Fred's phone")));
    assert_eq!(body["_embedded"].get("factorTypes"), None);
    okta.put_user(fred().factor(Factor::push("opf1")).factor(Factor::push("opf2")));
    let types = &client.log_in("fred", "pw").json()["_embedded"]["factorTypes"];
    assert_eq!((types[0]["factorType"].as_str(), types.as_array().map(Vec::len)), (Some("push"), Some(1)));
    let href = factor["_links"]["verify"]["href"].as_str().unwrap();
    assert_eq!(href, format!("{}/api/v1/authn/factors/opf1/verify", okta.url()));
}
