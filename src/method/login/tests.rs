//! Logins against a scripted Okta: what it is asked, and what comes of it.

use super::super::config::CONFIG_FIELDS;
use super::super::groups::GROUP_FIELDS;
use super::super::script::{Script, block_on};
use super::super::test_support::{Fixture, fields};
use super::super::users::USER_FIELDS;
use super::*;
use crate::deadline::Cancel;
use std::time::Duration;

const NONCE: &str = "nonce-0123456789abcdef";
const LOCAL: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));
const REFUSED: &str = "400 okta authentication failed";

/// A mount with a configuration and entries, a clock that jumps, and a board of numbers.
struct Mount {
    fixture: Fixture,
    clock: Clock,
    nonces: Nonces,
}

impl Mount {
    fn new(config: &str) -> Self {
        let clock = Clock::driven(1_000);
        let mount = Self { fixture: Fixture::new(), nonces: Nonces::new(clock.clone()), clock };
        if !config.is_empty() {
            mount.configure(config);
        }
        mount
    }

    fn configure(&self, json: &str) {
        let method = self.fixture.method();
        let creating = !method.config_exists().expect("storage");
        method.write_config(&fields(CONFIG_FIELDS, json).expect("valid"), creating).expect("written");
    }

    fn user(&self, name: &str, json: &str) {
        let fields = fields(USER_FIELDS, json).expect("valid");
        self.fixture.method().write_user(name, &fields).expect("written");
    }

    fn group(&self, name: &str, json: &str) {
        let fields = fields(GROUP_FIELDS, json).expect("valid");
        self.fixture.method().write_group(name, &fields).expect("written");
    }

    fn login(&self, script: &Script, request: &str) -> Result<Login> {
        self.login_within(script, request, Duration::from_secs(60))
    }

    fn login_within(&self, script: &Script, request: &str, timeout: Duration) -> Result<Login> {
        let method = self.fixture.method();
        let prepared = method.prepare_login(&fields(LOGIN_FIELDS, request)?, LOCAL)?;
        let (attempt, pending) = prepared.split();
        let deadline = Deadline::after(timeout, Cancel::default());
        let answer = block_on(async {
            match authenticate(script.clone(), attempt).await? {
                Reached::Passed(authenticated) => Ok(authenticated),
                Reached::Factor(chosen) => {
                    chosen.take(script.clone(), self.nonces.clone(), self.clock.clone(), deadline).await
                }
            }
        })?;
        method.finish_login(pending, answer)
    }
}

fn refusal(result: Result<Login>) -> String {
    let error = result.expect_err("refused");
    format!("{} {}", error.status(), error.text().unwrap_or_default())
}

const ACME: &str = r#"{"org_name":"acme","api_token":"t"}"#;
const FRED: &str = r#"{"username":"fred","password":"s3cret"}"#;

#[test]
fn what_is_refused_before_okta_is_asked() {
    for (config, request, text) in [
        ("", FRED, "400 Okta auth method not configured"),
        ("", r#"{"username":"fred"}"#, "400 Okta auth method not configured"),
        (
            "",
            r#"{"username":"fred","provider":"DUO"}"#,
            "400 provider DUO is not among the supported ones [GOOGLE OKTA]",
        ),
        (ACME, r#"{"username":"fred"}"#, "400 missing password"),
        (ACME, r#"{"username":"fred","password":""}"#, "400 missing password"),
        (ACME, r#"{"username":"fred","password":null}"#, "400 missing password"),
        (ACME, r#"{"username":"  ","password":"x"}"#, "400 missing username"),
        (ACME, r#"{"username":"fr..ed","password":"x"}"#, "400 relative paths not supported"),
        (
            ACME,
            r#"{"username":"fr\u0000ed","password":"x"}"#,
            "400 a name must not contain control characters",
        ),
        (r#"{"org_name":"acme","token_bound_cidrs":"10.20.0.0/16"}"#, FRED, "403 permission denied"),
    ] {
        let script = Script::new(&[]);
        assert_eq!(refusal(Mount::new(config).login(&script, request)), text, "{request}");
        assert_eq!(script.asked(), Vec::<String>::new());
    }
    let error = fields(LOGIN_FIELDS, r#"{"password":["s3cret"]}"#).expect_err("refused");
    assert!(!error.text().unwrap_or_default().contains("s3cret"));
}

#[test]
fn an_address_that_is_none_is_the_servers_fault() {
    let mount = Mount::new(r#"{"org_name":"  spaced  "}"#);
    let text = refusal(mount.login(&Script::new(&[]), FRED));
    assert!(text.starts_with("500 the configured org_name"), "{text}");
}

#[test]
fn policies_of_user_local_groups_and_okta_groups() {
    let mount =
        Mount::new(r#"{"org_name":"acme","api_token":"t","token_policies":["all-okta"],"token_ttl":60}"#);
    mount.group("Engineers", r#"{"policies":["dev"]}"#);
    mount.group("on-call", r#"{"policies":["ops"]}"#);
    mount.group("everyone", r#"{"policies":"every"}"#);
    mount.user("Fred", r#"{"groups":["ON-CALL","","not-mapped"],"policies":["own","dev"]}"#);
    let script = Script::new(&["success"]).with_queries("", "Everyone,Engineers");
    let login = mount.login(&script, r#"{"username":" fred ","password":" s3cret "}"#).expect("logged in");
    assert_eq!(script.asked(), ["authn fred  s3cret ", "groups 00u1fred t"]);
    assert_eq!(login.policies, ["all-okta", "every", "dev", "ops", "own", "dev"]);
    assert_eq!(login.groups, ["Everyone", "Engineers", "ON-CALL", "not-mapped"]);
    let metadata: Vec<_> = login.metadata.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        metadata,
        [
            "okta_login=fred@corp.test",
            "okta_user_id=00u1fred",
            "policies=every,dev,ops,own,dev",
            "username=fred"
        ]
    );
    assert_eq!((login.username.as_str(), login.display_name.as_str()), ("fred", "fred"));
    assert_eq!((login.token.ttl, login.renewable, login.warnings.len()), (60, true, 0));
}

#[test]
fn without_an_api_token_groups_are_not_asked_for() {
    let mount = Mount::new(r#"{"org_name":"acme"}"#);
    mount.group("on-call", r#"{"policies":["ops"]}"#);
    mount.group("Everyone", r#"{"policies":["every"]}"#);
    mount.user("fred", r#"{"groups":"ON-CALL","policies":"dev"}"#);
    let script = Script::new(&["success"]).with_queries("", "Everyone");
    let login = mount.login(&script, FRED).expect("logged in");
    assert_eq!(script.asked(), ["authn fred s3cret"]);
    assert_eq!(login.policies, ["ops", "dev"]);
    assert_eq!((login.renewable, login.warnings), (false, vec![NO_API_TOKEN.to_owned()]));
}

#[test]
fn warnings_of_a_login() {
    let mount = Mount::new(ACME);
    let login = mount.login(&Script::new(&["warn", "success"]), FRED).expect("logged in");
    assert_eq!(login.warnings, [PASSWORD_WARNING, NO_GROUPS]);
    assert!(login.renewable && login.policies.is_empty());
}

#[test]
fn failing_group_queries_fail_the_login() {
    let mount = Mount::new(ACME);
    mount.user("fred", r#"{"policies":["dev"]}"#);
    for (groups, text) in [
        (
            "fails token E0000011",
            "400 okta failure retrieving groups: the API returned an error: why (code=E0000011)",
        ),
        ("fails limit", "429 okta failure retrieving groups: the API returned an error: why"),
    ] {
        let script = Script::new(&["success"]).with_queries("", groups);
        assert_eq!(refusal(mount.login(&script, FRED)), text);
    }
}

/// Answers, what Okta is asked, and the end, for requests with password alone unless more is said.
#[test]
fn second_factors() {
    const TOTP: &str = r#"{"username":"fred","password":"p","totp":"123456"}"#;
    const PLAIN: &str = r#"{"username":"fred","password":"p"}"#;
    const WITH_NONCE: &str = r#"{"username":"fred","password":"p","nonce":"nonce-0123456789abcdef"}"#;
    const SHORT: &str = r#"{"username":"fred","password":"p","nonce":"short"}"#;
    const GOOGLE: &str = r#"{"username":"fred","password":"p","totp":"123456","provider":"google"}"#;
    const DONE: &str = "in";
    for (request, answers, asked, end) in [
        (PLAIN, "required push OKTA; success", "verify f0", DONE),
        (
            PLAIN,
            "required push OKTA; challenge waiting; challenge waiting; success",
            "verify f0; poll f0; poll f0",
            DONE,
        ),
        (
            PLAIN,
            "required push OKTA; challenge waiting; challenge accepted; success",
            "verify f0; poll f0; poll f0",
            DONE,
        ),
        (
            PLAIN,
            "required push OKTA; challenge waiting; challenge rejected",
            "verify f0; poll f0",
            "400 multi-factor authentication denied",
        ),
        (
            PLAIN,
            "required push OKTA; challenge waiting; challenge timeout",
            "verify f0; poll f0",
            "400 failed to complete multi-factor authentication",
        ),
        (PLAIN, "required push OKTA; challenge CANCELLED", "verify f0", REFUSED),
        (PLAIN, "required push OKTA; challenge code", "verify f0", REFUSED),
        (PLAIN, "required push OKTA; challenge waiting; required push OKTA", "verify f0; poll f0", REFUSED),
        (PLAIN, "required push OKTA; required push OKTA", "verify f0", REFUSED),
        (
            PLAIN,
            "required push OKTA; challenge waiting; success as 00u2",
            "verify f0; poll f0",
            "400 Okta auth failed: an answer of Okta's names another user than the one before",
        ),
        (
            PLAIN,
            "required push OKTA; challenge waiting; fails transaction E0000011",
            "verify f0; poll f0",
            "400 Okta auth failed checking loop: the API returned an error: why (code=E0000011)",
        ),
        (PLAIN, "required totp OKTA", "", "400 'totp' passcode parameter is required to perform MFA"),
        (PLAIN, "warn; required push OKTA; success", "skip; verify f0", DONE),
        (TOTP, "required push OKTA,totp OKTA; success", "verify f1 123456", DONE),
        (
            TOTP,
            "required totp OKTA; fails passcode E0000068",
            "verify f0 123456",
            "400 Okta auth failed: the API returned an error: why (code=E0000068)",
        ),
        (TOTP, "required push OKTA; success", "verify f0", DONE),
        (GOOGLE, "required totp GOOGLE,totp OKTA; success", "verify f0 123456", DONE),
        (
            WITH_NONCE,
            "required push OKTA; challenge waiting; challenge waiting 92; success",
            "verify f0; poll f0; poll f0",
            DONE,
        ),
        (WITH_NONCE, "required push OKTA; challenge waiting 0; success", "verify f0; poll f0", DONE),
        (
            PLAIN,
            "required push OKTA; challenge waiting; challenge waiting 92",
            "verify f0; poll f0",
            "400 nonce must be provided during login request when presented with number challenge",
        ),
        (SHORT, "required push OKTA; challenge waiting; success", "verify f0; poll f0", DONE),
        (
            SHORT,
            "required push OKTA; challenge waiting; challenge waiting 92",
            "verify f0; poll f0",
            "400 nonce must have at least 16 characters, chosen at random",
        ),
    ] {
        let mount = Mount::new(r#"{"org_name":"acme"}"#);
        let answers: Vec<&str> = answers.split("; ").collect();
        let script = Script::new(&answers);
        let result = mount.login(&script, request);
        let mut expected = vec!["authn fred p"];
        expected.extend(asked.split("; ").filter(|call| !call.is_empty()));
        assert_eq!(script.asked(), expected, "{answers:?}");
        match result {
            Ok(login) => assert_eq!((login.user.id.as_str(), end), ("00u1fred", DONE), "{answers:?}"),
            Err(error) => assert_eq!(refusal(Err(error)), end, "{answers:?}"),
        }
        assert_eq!(mount.nonces.number("m1", NONCE), None);
    }
}

#[test]
fn the_first_poll_comes_at_once_and_others_after_two_seconds() {
    let mount = Mount::new(ACME);
    for (polls, millis) in [(1_usize, 0_i64), (2, 2_000), (5, 8_000)] {
        let mut answers = vec!["required push OKTA"];
        answers.resize(polls + 1, "challenge waiting");
        answers.push("success");
        let before = mount.clock.now_millis();
        mount.login(&Script::new(&answers), FRED).expect("logged in");
        assert_eq!(mount.clock.now_millis() - before, millis, "{polls} polls");
    }
}

#[test]
fn the_deadline_ends_the_waiting() {
    let mount = Mount::new(ACME);
    let script = Script::new(&["required push OKTA", "challenge waiting", "challenge waiting"]);
    let result = mount.login_within(&script, FRED, Duration::from_millis(900));
    assert_eq!(refusal(result), "503 the operation's time was up while waiting for the user");
    assert_eq!(script.asked(), ["authn fred s3cret", "verify f0", "poll f0"]);
    // Not before its time, as far as the clock goes that drives the pauses.
    assert!((1_000_000..=1_000_900).contains(&mount.clock.now_millis()));
}

#[test]
fn the_last_poll_comes_shortly_before_the_deadline() {
    for (remaining, pause) in [
        (60_000, Some(2_000)),
        (2_500, Some(2_000)),
        (2_000, Some(1_500)),
        (1_000, Some(500)),
        (999, None),
        (500, None),
        (0, None),
    ] {
        let pause = pause.map(Duration::from_millis);
        assert_eq!(pause_before_poll(Duration::from_millis(remaining)), pause, "{remaining}");
    }
}

#[test]
fn the_number_is_shown_while_the_login_waits_and_gone_when_it_is_dropped() {
    let mount = Mount::new(ACME);
    let request = r#"{"username":"fred","password":"p","nonce":"nonce-0123456789abcdef"}"#;
    let script = Script::new(&["required push OKTA", "challenge waiting 92", "hangs"]);
    let method = mount.fixture.method();
    let prepared =
        method.prepare_login(&fields(LOGIN_FIELDS, request).expect("valid"), LOCAL).expect("prepared");
    let (attempt, _) = prepared.split();
    let deadline = Deadline::after(Duration::from_secs(60), Cancel::default());
    block_on(async {
        let Ok(Reached::Factor(chosen)) = authenticate(script.clone(), attempt).await else {
            panic!("a factor is to be taken")
        };
        assert!(chosen.sends());
        let waiting = chosen.take(script, mount.nonces.clone(), mount.clock.clone(), deadline);
        let mut waiting = Box::pin(waiting);
        tokio::select! {
            biased;
            _ = &mut waiting => panic!("a poll that hangs does not end"),
            () = tokio::task::yield_now() => {}
        }
        assert_eq!(mount.nonces.number("m1", NONCE), Some(92));
        assert_eq!(
            mount.nonces.publish("m1", NONCE, 1).err().map(|error| error.code()),
            Some(Code::NonceInvalid)
        );
        drop(waiting);
        assert_eq!(mount.nonces.number("m1", NONCE), None);
    });
}

#[test]
fn the_bypass_calls_no_factor() {
    for answer in ["required push OKTA,totp OKTA", "enroll"] {
        let mount = Mount::new(r#"{"org_name":"acme","api_token":"t","bypass_okta_mfa":true}"#);
        let script = Script::new(&[answer]).with_queries("", "Engineers");
        let request = r#"{"username":"fred","password":"p","totp":"123456","provider":"GOOGLE"}"#;
        mount.login(&script, request).expect("logged in");
        assert_eq!(script.asked(), ["authn fred p", "groups 00u1fred t"]);
    }
}

#[test]
fn a_configuration_that_changes_during_the_login_counts() {
    for (change, text) in [
        (r#"{"token_bound_cidrs":"10.0.0.0/8"}"#, "403 permission denied"),
        (
            r#"{"org_name":"other"}"#,
            "400 the configuration was changed to another organisation during the login; log in again",
        ),
    ] {
        let mount = Mount::new(ACME);
        let method = mount.fixture.method();
        let prepared =
            method.prepare_login(&fields(LOGIN_FIELDS, FRED).expect("valid"), LOCAL).expect("prepared");
        let (_, pending) = prepared.split();
        mount.configure(change);
        let user = User { id: "00u1fred".into(), login: String::new() };
        let answer = Authenticated { passed: Passed { user, password_warning: None }, groups: None };
        assert_eq!(refusal(method.finish_login(pending, answer)), text);
    }
}
