//! What is read from the bodies that Okta sends, and from those that it should not send.

use super::*;
use crate::okta::FailureKind;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

fn response(status: u16, content_type: &'static str, body: &str) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    Response { status, headers, body: body.as_bytes().to_vec().into() }
}

fn read(status: u16, body: &str) -> Result<Transaction, Failure> {
    transaction(Call::Authenticate, &response(status, "application/json", body), None)
}

/// A transaction in short: what decides over a login.
fn short(result: Result<Transaction, Failure>) -> String {
    match result {
        Ok(Transaction::Success { user }) => format!("success {} {}", user.id, user.login),
        Ok(Transaction::PasswordWarn { skip, policy, .. }) => {
            format!("warn skip={} days={:?}", skip.is_some(), policy.days_left)
        }
        Ok(Transaction::MfaRequired { state_token, factors, expires_at, .. }) => {
            let ids: Vec<_> = factors.iter().map(|factor| factor.id.as_str()).collect();
            format!("required {} {ids:?} {expires_at:?}", state_token.expose())
        }
        Ok(Transaction::MfaChallenge(challenge)) => {
            let id = challenge.factor.map(|factor| factor.id);
            format!("challenge {:?} {:?} {id:?}", challenge.result, challenge.number)
        }
        Ok(Transaction::MfaEnroll { .. }) => "enroll".into(),
        Ok(Transaction::PasswordExpired { .. }) => "expired".into(),
        Ok(Transaction::LockedOut) => "locked".into(),
        Ok(Transaction::Refused) => "refused".into(),
        Err(failure) => format!("{:?}: {}", failure.kind, failure.text),
    }
}

const FRED: &str = r#""_embedded":{"user":{"id":"00u1","profile":{"login":"fred@corp.test","x":[1]}}}"#;

#[test]
fn only_a_success_with_a_user_and_without_recovery_is_a_login() {
    let with_user = |members: &str| format!("{{{members},{FRED}}}");
    for (status, body, expected) in [
        (200, with_user(r#""status":"SUCCESS","new":{"a":[{}]}"#), "success 00u1 fred@corp.test"),
        (200, with_user(r#""status":"SUCCESS","recoveryType":null"#), "success 00u1 fred@corp.test"),
        (200, with_user(r#""status":"SUCCESS","recoveryType":"UNLOCK""#), "refused"),
        (200, r#"{"status":"SUCCESS"}"#.into(), "InvalidAnswer: Okta's answer names no user"),
        (
            200,
            r#"{"status":"SUCCESS","_embedded":{"user":{"id":""}}}"#.into(),
            "InvalidAnswer: Okta's answer names no user",
        ),
        (
            200,
            r#"{"status":"SUCCESS","_embedded":{"user":{"id":"me"}}}"#.into(),
            "InvalidAnswer: Okta's answer names no user",
        ),
        (
            200,
            r#"{"status":"SUCCESS","_embedded":{"user":{"id":"..","profile":null}}}"#.into(),
            "InvalidAnswer: Okta's answer names no user",
        ),
        (
            200,
            r#"{"status":"SUCCESS","_embedded":{"user":{"id":7}}}"#.into(),
            "InvalidAnswer: Okta's answer names no user",
        ),
        (200, r#"{"status":"SUCCESS","_embedded":{"user":{"id":"00u1"}}}"#.into(), "success 00u1 "),
        (200, with_user(r#""status":"success""#), "refused"),
        (200, with_user(r#""status":"SOME_STATUS""#), "refused"),
        (200, with_user(r#""status":"PASSWORD_RESET""#), "refused"),
        (200, with_user(r#""status":7"#), "refused"),
        (200, "{}".into(), "refused"),
        (
            200,
            with_user(r#""status":"SUCCESS","status":"LOCKED_OUT""#),
            "InvalidAnswer: Okta's answer has not the expected shape (line 1, column 28)",
        ),
        (401, with_user(r#""status":"SUCCESS""#), "Other: the API returned an unknown error"),
        (
            302,
            with_user(r#""status":"SUCCESS""#),
            "InvalidAnswer: Okta answered with a redirect (HTTP status 302), which is not followed; check org_name and base_url",
        ),
        (
            202,
            r#"{"errorCode":"E0000070","errorSummary":"Waiting for ACK"}"#.into(),
            "Other: the API returned an error: Waiting for ACK",
        ),
        (200, r#"{"status":"PASSWORD_EXPIRED"}"#.into(), "expired"),
        (200, r#"{"status":"LOCKED_OUT"}"#.into(), "locked"),
        (200, r#"{"status":"MFA_ENROLL_ACTIVATE"}"#.into(), "enroll"),
        (200, String::new(), "InvalidAnswer: Okta's answer is empty"),
        (200, r#"["SUCCESS"]"#.into(), "InvalidAnswer: Okta's answer has not the expected shape"),
        (200, r#"{"status":"SUCC"#.into(), "InvalidAnswer: Okta's answer breaks off (line 1, column 15)"),
        (200, r#"{"status":hunter2}"#.into(), "InvalidAnswer: Okta's answer is no JSON (line 1, column 11)"),
        (
            200,
            format!(r#"{{"x":{}"#, "[".repeat(5_000)),
            "InvalidAnswer: Okta's answer breaks off (line 1, column 5005)",
        ),
    ] {
        assert_eq!(short(read(status, &body)), expected, "{status} {body}");
    }
}

#[test]
fn a_password_warning_can_be_passed_where_the_link_is_published() {
    for (members, expected) in [
        (
            r#""stateToken":"t","_links":{"skip":{"name":"skip","href":"https://o/skip"}}"#,
            "warn skip=true days=None",
        ),
        (r#""stateToken":"t","_links":{"skip":[{"href":"https://o/skip"}]}"#, "warn skip=true days=None"),
        (r#""stateToken":"t","_links":{"next":{}}"#, "warn skip=false days=None"),
        (r#""_links":{"skip":{}}"#, "warn skip=false days=None"),
        (
            r#""stateToken":"t","_embedded":{"policy":{"expiration":{"passwordExpireDays":5}}}"#,
            "warn skip=false days=Some(5)",
        ),
        (
            r#""stateToken":"t","_embedded":{"policy":{"expiration":{"passwordExpireDays":"5"}}}"#,
            "warn skip=false days=None",
        ),
    ] {
        let body = format!(r#"{{"status":"PASSWORD_WARN",{members}}}"#);
        assert_eq!(short(read(200, &body)), expected, "{body}");
    }
}

#[test]
fn factors_come_as_list_or_object_under_either_name() {
    for (embedded, expected) in [
        (r#""factors":[{"id":"a"},{"id":"b"}]"#, r#"required t ["a", "b"] Some(1932887730)"#),
        (r#""factor":[{"id":"a"},{"id":"b"}]"#, r#"required t ["a", "b"] Some(1932887730)"#),
        (r#""factors":{"id":"a"}"#, r#"required t ["a"] Some(1932887730)"#),
        (r#""factor":{"id":"a"}"#, r#"required t ["a"] Some(1932887730)"#),
        (
            r#""factors":[{"id":""},{"factorType":"push"},{"id":".."},{"id":"a"}]"#,
            r#"required t ["a"] Some(1932887730)"#,
        ),
        (r#""factors":null"#, "required t [] Some(1932887730)"),
        (r#""user":null"#, "required t [] Some(1932887730)"),
    ] {
        let body = format!(
            r#"{{"status":"MFA_REQUIRED","stateToken":"t","expiresAt":"2031-04-02T09:15:30.000Z","_embedded":{{{embedded}}}}}"#
        );
        assert_eq!(short(read(200, &body)), expected, "{body}");
    }
    let no_token = r#"{"status":"MFA_REQUIRED","_embedded":{"factors":[]}}"#;
    assert_eq!(short(read(200, no_token)), "InvalidAnswer: Okta's answer holds no state token");
}

#[test]
fn a_factor_is_read_whatever_its_profile_holds() {
    let factor = |members: &str| {
        let body = format!(
            r#"{{"status":"MFA_REQUIRED","stateToken":"t","_embedded":{{"factors":[{{"id":"f",{members}}}]}}}}"#
        );
        match read(200, &body) {
            Ok(Transaction::MfaRequired { factors, .. }) => factors.into_iter().next().expect("a factor"),
            other => panic!("{}", short(other)),
        }
    };
    let phone =
        factor(r#""factorType":"push","provider":"OKTA","profile":{"name":"Fred's phone","keys":[{}]}"#);
    assert_eq!(
        (phone.kind, phone.provider, phone.name.as_str()),
        (FactorKind::Push, Provider::Okta, "Fred's phone")
    );
    assert!(phone.active);
    let sms = factor(
        r#""factorType":"sms","provider":"OKTA","status":"NOT_SETUP","profile":{"phoneNumber":"+1 XXX"}"#,
    );
    assert_eq!((sms.kind, sms.name.as_str(), sms.active), (FactorKind::Sms, "+1 XXX", false));
    let question = factor(r#""factorType":"question","profile":{"question":"q","questionText":"Which?"}"#);
    assert_eq!(question.question.as_deref(), Some("Which?"));
    let google = factor(r#""factorType":"token:software:totp","provider":"GOOGLE","profile":null"#);
    assert_eq!((google.kind, google.provider), (FactorKind::Totp, Provider::Google));
    let odd = factor(r#""factorType":["x"],"provider":7,"status":"ACTIVE","profile":{"name":{"a":1}}"#);
    assert_eq!((odd.kind, odd.provider, odd.active), (FactorKind::Unsupported, Provider::Other, true));
    for (factor_type, kind) in [
        ("call", FactorKind::Call),
        ("email", FactorKind::Email),
        ("token", FactorKind::HardwareToken),
        ("token:hardware", FactorKind::HardwareToken),
        ("token:hotp", FactorKind::HardwareToken),
        ("webauthn", FactorKind::Unsupported),
        ("PUSH", FactorKind::Unsupported),
    ] {
        assert_eq!(factor(&format!(r#""factorType":"{factor_type}""#)).kind, kind);
    }
}

#[test]
fn a_challenge_shows_how_it_stands_and_which_number() {
    let number = |answer: &str| {
        format!(r#""_embedded":{{"factor":{{"id":"f","_embedded":{{"challenge":{answer}}}}}}}"#)
    };
    for (members, expected) in [
        (r#""factorResult":"WAITING""#.to_owned(), "challenge Waiting None None"),
        (number(r#"{"correctAnswer":92}"#), r#"challenge Absent Some(92) Some("f")"#),
        (number(r#"{"correctAnswer":0}"#), r#"challenge Absent Some(0) Some("f")"#),
        (number(r#"{"correctAnswer":"92"}"#), r#"challenge Absent None Some("f")"#),
        (number(r#"{"correctAnswer":null}"#), r#"challenge Absent None Some("f")"#),
        (number("{}"), r#"challenge Absent None Some("f")"#),
        (number("null"), r#"challenge Absent None Some("f")"#),
        (r#""factorResult":"REJECTED","_embedded":{}"#.to_owned(), "challenge Rejected None None"),
        (r#""factorResult":"TIMEOUT","_embedded":null"#.to_owned(), "challenge TimedOut None None"),
        (r#""factorResult":"SUCCESS""#.to_owned(), "challenge Success None None"),
        (r#""factorResult":"CHALLENGE""#.to_owned(), "challenge Challenge None None"),
        (r#""factorResult":"CANCELLED""#.to_owned(), "challenge Failed None None"),
        (r#""factorResult":"SOMETHING_NEW""#.to_owned(), "challenge Failed None None"),
        (r#""factorResult":null"#.to_owned(), "challenge Absent None None"),
    ] {
        let body = format!(r#"{{"status":"MFA_CHALLENGE","stateToken":"t",{members}}}"#);
        assert_eq!(short(read(200, &body)), expected, "{body}");
    }
}

#[test]
fn a_challenge_without_a_state_token_goes_on_with_the_one_sent() {
    let answer = response(200, "application/json", r#"{"status":"MFA_CHALLENGE"}"#);
    let sent = StateToken::from("sent");
    match transaction(Call::Transaction, &answer, Some(&sent)) {
        Ok(Transaction::MfaChallenge(challenge)) => assert_eq!(challenge.state_token.expose(), "sent"),
        other => panic!("{}", short(other)),
    }
    assert!(transaction(Call::Authenticate, &answer, None).is_err());
}

#[test]
fn the_content_type_must_say_json() {
    let body = format!(r#"{{"status":"SUCCESS",{FRED}}}"#);
    for (content_type, taken) in [
        ("application/json", true),
        ("Application/JSON; charset=utf-8", true),
        ("application/json;okta-version=1.0.0", true),
        ("application/hal+json", true),
        ("text/html", false),
        ("text/json", false),
        ("", false),
    ] {
        let result = transaction(Call::Authenticate, &response(200, content_type, &body), None);
        assert_eq!(result.is_ok(), taken, "{content_type}");
    }
}

#[test]
fn groups_are_all_read_or_none() {
    let read = |body: &str| {
        groups(&response(200, "application/json", body))
            .map(|groups| groups.into_iter().map(|group| group.name).collect::<Vec<_>>().join(","))
            .map_err(|failure| failure.kind)
    };
    for (body, expected) in [
        (
            r#"[{"id":"1","profile":{"name":"A","description":null}},{"id":"2","profile":{"name":"B"},"type":"APP_GROUP"}]"#,
            Ok("A,B"),
        ),
        ("[]", Ok("")),
        ("null", Ok("")),
        ("", Ok("")),
        (
            " 
",
            Ok(""),
        ),
        ("{}", Err(FailureKind::InvalidAnswer)),
        (r#"[{"id":"1"}]"#, Err(FailureKind::InvalidAnswer)),
        (r#"[{"id":"1","profile":{"name":null}}]"#, Err(FailureKind::InvalidAnswer)),
        (r#"[{"id":"1","profile":{"name":"A"}}"#, Err(FailureKind::InvalidAnswer)),
    ] {
        assert_eq!(read(body), expected.map(str::to_owned), "{body}");
    }
}

#[test]
fn the_policy_of_a_password_is_read_as_far_as_it_makes_sense() {
    let policy = |body: &str| {
        let body = format!(r#"{{"status":"PASSWORD_EXPIRED","_embedded":{{"policy":{body}}}}}"#);
        match read(200, &body) {
            Ok(Transaction::PasswordExpired { policy }) => {
                let mut text = Vec::new();
                crate::json::write_object(&policy.to_json(), &mut text);
                String::from_utf8(text).expect("UTF-8")
            }
            _ => panic!("{body}"),
        }
    };
    for (body, shown) in [
        ("null", "{}"),
        ("{}", "{}"),
        (
            r#"{"complexity":{"minLength":8,"excludeUsername":"true","new":[]}}"#,
            r#"{"exclude_username":true,"min_length":8}"#,
        ),
        (r#"{"complexity":{"minLength":"8","excludeUsername":false}}"#, r#"{"exclude_username":false}"#),
        (r#"{"complexity":{"excludeUsername":"maybe"}}"#, "{}"),
        (
            r#"{"complexity":{"excludeUsername":[1]},"age":{"minAgeMinutes":0,"historyCount":4}}"#,
            r#"{"history_count":4,"min_age_minutes":0}"#,
        ),
        (r#"{"expiration":{"passwordExpireDays":0}}"#, r#"{"days_left":0}"#),
        (r#"{"expiration":{"passwordExpireDays":-1}}"#, "{}"),
        (r#"{"allowRememberDevice":true,"factorsPolicyInfo":{}}"#, "{}"),
    ] {
        assert_eq!(policy(body), shown, "{body}");
    }
}
