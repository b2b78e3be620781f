//! Faults of similar software, by the identifiers of their advisories: this library must not have them.

use crate::calls::{call, open, request};
use crate::okta::raw_server::{Certificate, RawServer, Reply, json as json_answer};
use okta_auth::api::Client;
use okta_auth::clock::Clock;
use okta_loopback::{API_TOKEN, Factor, Okta, User};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

const PASSWORD: &str = "correct horse";
const SECRET: &str = "JBSWY3DPEHPK3PXP";
const START: i64 = 1_900_000_000;

/// What became of an advisory here.
enum Answer {
    /// The test of this name.
    Test(&'static str),
    /// This library has nothing of the kind.
    NotApplicable(&'static str),
}

use Answer::{NotApplicable, Test};

const ADVISORIES: &[(&str, Answer)] = &[
    ("CVE-2025-6004, CVE-2025-54998", Test("cve_2025_6004_spellings_of_a_name_are_one_user")),
    (
        "CVE-2025-6013, CVE-2025-55001",
        Test("cve_2025_6013_blanks_around_a_name_do_not_skip_the_second_factor"),
    ),
    ("CVE-2025-6015, CVE-2025-55003", Test("cve_2025_6015_a_code_is_good_once")),
    ("CVE-2025-6014, CVE-2025-55000", Test("cve_2025_6015_a_code_is_good_once")),
    ("CVE-2025-6011, CVE-2025-54999", Test("cve_2025_6011_unknown_users_are_not_told_from_wrong_passwords")),
    ("CVE-2023-3462, CVE-2020-35177", Test("cve_2025_6011_unknown_users_are_not_told_from_wrong_passwords")),
    ("CVE-2025-6037, CVE-2024-2048", NotApplicable("there are no client certificates")),
    (
        "CVE-2025-5999, CVE-2025-54996, CVE-2025-64761",
        Test("cve_2025_5999_no_spelling_of_root_is_given_by_a_login"),
    ),
    ("CVE-2025-6000, CVE-2025-54997", Test("only_a_regular_file_of_its_owner_alone_is_written_to")),
    (
        "CVE-2025-6203, CVE-2025-59043, CVE-2025-12044, CVE-2023-6337, CVE-2024-8185",
        Test("cve_2025_6203_large_and_deep_requests_are_refused_before_anything_is_done"),
    ),
    ("CVE-2025-4166, CVE-2025-52893", Test("cve_2025_4166_refusals_do_not_repeat_what_was_malformed")),
    (
        "CVE-2025-62705, CVE-2025-62513, CVE-2024-8365, CVE-2024-0831, CVE-2026-46358",
        Test("no_secret_is_seen_in_files_logs_and_errors"),
    ),
    ("CVE-2026-4525", Test("cve_2026_4525_headers_of_the_caller_do_not_reach_okta")),
    ("CVE-2020-13223", Test("a_failing_proxy_is_named_without_its_password")),
    ("CVE-2021-32923, CVE-2020-25816", Test("cve_2021_32923_an_end_is_an_end_however_near")),
    ("CVE-2020-10660", Test("cve_2020_10660_groups_that_were_lost_are_lost")),
    (
        "CVE-2021-41802, CVE-2021-43998, CVE-2022-40186",
        Test("cve_2021_41802_a_name_that_changed_hands_is_somebody_else"),
    ),
    ("CVE-2022-30689", Test("cve_2022_30689_the_second_factor_is_asked_for_after_a_restart")),
    ("CVE-2025-11621", Test("cve_2025_11621_mounts_do_not_answer_for_each_other")),
    ("CVE-2026-39388", Test("cve_2026_39388_a_renewal_is_for_the_very_user")),
    (
        "CVE-2026-40264, CVE-2026-45808, CVE-2026-55774",
        Test("cve_2026_40264_a_token_dies_with_its_mount_and_with_no_other"),
    ),
    ("CVE-2026-46405", Test("cve_2026_46405_a_failed_login_leaves_nothing")),
    ("CVE-2026-5006", Test("cve_2026_5006_a_slash_in_a_name_leads_nowhere_else")),
    ("CVE-2026-5807, CVE-2025-4656", Test("the_board_is_bounded")),
    ("CVE-2021-38553", Test("modes_do_not_depend_on_the_umask")),
    (
        "CVE-2024-5798, CVE-2026-33757, CVE-2026-33758",
        NotApplicable("there is no OpenID Connect and no HTML"),
    ),
    ("CVE-2020-16250, CVE-2020-16251", Test("a_list_that_cannot_be_read_to_its_end_is_none")),
    ("CVE-2023-5954", Test("what_is_kept_of_policies_is_bounded")),
];

#[test]
fn every_advisory_has_its_test_or_a_reason() {
    let sources = [
        include_str!("advisories.rs"),
        include_str!("markers.rs"),
        include_str!("okta/faults.rs"),
        include_str!("okta/groups.rs"),
        include_str!("storage/files.rs"),
        include_str!("../../src/audit/file.rs"),
        include_str!("../../src/method/nonces.rs"),
        include_str!("../../src/policy/store.rs"),
    ]
    .concat();
    let mut seen = BTreeSet::new();
    for (ids, answer) in ADVISORIES {
        for id in ids.split(", ") {
            assert!(seen.insert(id), "{id} stands there twice");
        }
        match answer {
            Test(name) => assert!(sources.contains(&format!("fn {name}()")), "{ids}: no test {name}"),
            NotApplicable(reason) => assert!(!reason.is_empty(), "{ids}"),
        }
    }
}

/// A client on a storage in memory, and an Okta that it is configured for.
struct Host {
    okta: Okta,
    clock: Clock,
    client: Client,
}

impl Host {
    fn new() -> Self {
        let okta = Okta::start();
        okta.put_user(User::new("fred", PASSWORD).group("Engineers"));
        let clock = Clock::driven(START);
        let options = json!({ "ca_pem": okta.ca_pem(), "mounts": ["okta", "other"] }).to_string();
        let client = Client::open_with_clock(options.as_bytes(), clock.clone()).expect("opens");
        configure(&client, "okta", &okta);
        Self { okta, clock, client }
    }

    fn call(&self, operation: &str, members: Value) -> (u16, Value) {
        call(&self.client, operation, &members)
    }

    fn log_in(&self, username: &str) -> (u16, Value) {
        self.call("login", json!({ "username": username, "password": PASSWORD }))
    }

    fn token(&self, username: &str) -> String {
        let (status, body) = self.log_in(username);
        assert_eq!(status, 200, "{body}");
        body["auth"]["client_token"].as_str().expect("a token").to_owned()
    }

    fn accessors(&self) -> usize {
        let (_, body) = self.call("list_accessors", json!({}));
        body["data"]["keys"].as_array().map_or(0, Vec::len)
    }
}

fn configure(client: &Client, mount: &str, okta: &Okta) {
    let config = json!({ "mount_point": mount, "org_url": okta.url(), "api_token": API_TOKEN });
    assert_eq!(call(client, "configure", &config).0, 204);
}

fn policies(body: &Value) -> Vec<&str> {
    body["auth"]["policies"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The body without what is different in every answer.
fn comparable(mut body: Value) -> Value {
    body["request_id"].take();
    body["okta"]["error_id"].take();
    body
}

#[test]
fn cve_2025_6004_spellings_of_a_name_are_one_user() {
    let host = Host::new();
    assert_eq!(host.call("register_user", json!({ "username": "FRed", "policies": "own" })).0, 204);
    let mut entities = BTreeSet::new();
    for spelling in ["fred", "Fred", "FRED", " fred", "fred ", "  FreD  "] {
        let (status, body) = host.log_in(spelling);
        assert_eq!(status, 200, "{spelling:?}: {body}");
        assert_eq!(policies(&body), ["default", "own"], "{spelling:?}");
        entities.insert(body["auth"]["entity_id"].as_str().expect("an entity").to_owned());
    }
    assert_eq!(entities.len(), 1, "{entities:?}");
    // Nor do they have a wrong password each.
    for spelling in ["fred", "Fred", "FRED", " fred", "fred\u{a0}"] {
        let wrong = json!({ "username": spelling, "password": "wrong" });
        assert_eq!(host.call("login", wrong).0, 400, "{spelling:?}");
    }
    for spelling in ["fred", "FReD ", "\u{a0}frEd"] {
        let (status, body) = host.log_in(spelling);
        assert_eq!((status, &body["code"]), (403, &json!("user_locked")), "{spelling:?}: {body}");
    }
}

#[test]
fn cve_2025_6013_blanks_around_a_name_do_not_skip_the_second_factor() {
    let host = Host::new();
    host.okta.put_user(User::new("gina", PASSWORD).factor(Factor::totp("ost1", "GOOGLE", SECRET)));
    for spelling in ["gina", " gina", "gina ", "\tGINA\n", "\u{a0}gina"] {
        let (status, body) = host.log_in(spelling);
        assert_eq!((status, &body["auth"]), (400, &Value::Null), "{spelling:?}: {body}");
    }
    assert_eq!(host.accessors(), 0);
}

#[test]
fn cve_2025_6015_a_code_is_good_once() {
    let host = Host::new();
    host.okta.put_user(User::new("gina", PASSWORD).factor(Factor::totp("ost1", "GOOGLE", SECRET)));
    let code = host.okta.passcode("gina", "ost1").expect("a code");
    let with = |code: &str| {
        let login = json!({ "username": "gina", "password": PASSWORD, "totp": code, "provider": "GOOGLE" });
        host.call("login", login).0
    };
    assert_eq!(with(&code), 200);
    let (first, last) = code.split_at(3);
    for again in [code.clone(), format!(" {code}"), format!("{code} "), format!("{first} {last}")] {
        assert_ne!(with(&again), 200, "{again:?}");
    }
}

#[test]
fn cve_2025_6011_unknown_users_are_not_told_from_wrong_passwords() {
    let host = Host::new();
    host.okta.put_user(User::new("hugo", "another password"));
    assert_eq!(host.call("register_user", json!({ "username": "hugo", "policies": "own" })).0, 204);
    let mut answers = Vec::new();
    // Known to both, to Okta only, to nobody.
    for name in ["hugo", "fred", "nobody"] {
        host.okta.take_calls();
        let (status, body) = host.call("login", json!({ "username": name, "password": "wrong" }));
        answers.push((status, comparable(body), host.okta.calls().len()));
    }
    assert_eq!(answers[0].0, 400);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[test]
fn cve_2025_5999_no_spelling_of_root_is_given_by_a_login() {
    for spelling in ["root", "ROOT", " root ", "default,rOOt", "dev,root"] {
        let host = Host::new();
        host.okta.put_user(User::new("ivan", PASSWORD).group("root"));
        let (status, body) = host.log_in("ivan");
        assert_eq!((status, policies(&body)), (200, vec!["default"]), "a group of Okta's is no policy");
        let before = host.accessors();
        host.call("register_user", json!({ "username": "fred", "policies": spelling }));
        host.call("register_group", json!({ "name": "root", "policies": spelling }));
        for name in ["fred", "ivan"] {
            let (status, body) = host.log_in(name);
            assert!(status != 200 && body["auth"].is_null(), "{spelling:?} {name}: {body}");
        }
        assert_eq!(host.accessors(), before, "{spelling:?}");
    }
}

#[test]
fn cve_2025_6203_large_and_deep_requests_are_refused_before_anything_is_done() {
    let host = Host::new();
    host.okta.take_calls();
    let wide: serde_json::Map<String, Value> = (0..20_000).map(|n| (n.to_string(), json!(n))).collect();
    let deep = format!("{{\"password\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    let long = "x".repeat(2 << 20);
    for body in [
        deep,
        json!({ "password": vec![0; 20_000] }).to_string(),
        Value::Object(wide).to_string(),
        json!({ "password": long }).to_string(),
    ] {
        let login = json!({ "method": "POST", "path": "auth/okta/login/fred", "body": body });
        let (status, answer) = request(&host.client, &login);
        assert!((400..500).contains(&status), "{answer}");
    }
    assert!(host.okta.calls().is_empty());
}

#[test]
fn cve_2025_4166_refusals_do_not_repeat_what_was_malformed() {
    let host = Host::new();
    for body in [
        r#"{"password":"hunter2"#,
        r#"{"password":hunter2}"#,
        r#"{"password":["hunter2"]}"#,
        r#"{"password":"a","password":"hunter2"}"#,
        "hunter2",
    ] {
        let login = json!({ "method": "POST", "path": "auth/okta/login/fred", "body": body });
        let (status, answer) = request(&host.client, &login);
        assert_eq!(status, 400, "{answer}");
        assert!(!answer.to_string().contains("hunter2"), "{answer}");
    }
}

#[test]
fn cve_2026_4525_headers_of_the_caller_do_not_reach_okta() {
    let server = RawServer::start(Certificate::Good, |asked, _| {
        let user = r#"{"status":"SUCCESS","_embedded":{"user":{"id":"00u1","profile":{"login":"fred"}}}}"#;
        Reply::Bytes(json_answer(200, &[], if asked.method == "POST" { user } else { "[]" }))
    });
    let client = open(&json!({ "ca_pem": server.ca_pem }));
    let config = json!({ "org_url": server.url, "api_token": API_TOKEN });
    assert_eq!(call(&client, "configure", &config).0, 204);
    let marker = "hvs.MARKER";
    let login = json!({ "method": "POST", "path": "auth/okta/login/fred", "data": { "password": PASSWORD },
        "headers": { "X-Vault-Token": marker, "Cookie": marker, "X-Forwarded-For": marker, "X-Custom": marker,
                     "Content-Type": "application/json", "Proxy-Authorization": marker } });
    assert_eq!(request(&client, &login).0, 200);
    let asked = server.requests();
    assert_eq!(asked.len(), 2);
    assert!(!format!("{asked:?}").contains(marker), "{asked:?}");
}

#[test]
fn cve_2021_32923_an_end_is_an_end_however_near() {
    let host = Host::new();
    let create = json!({ "policies": ["dev"], "ttl": "10s", "explicit_max_ttl": "10s" });
    let (_, body) = host.call("create_token", create);
    let token = json!({ "token": body["auth"]["client_token"] });
    host.clock.advance(Duration::from_secs(9));
    let (status, body) = host.call("renew_token", token.clone());
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["auth"]["lease_duration"], 1, "{body}");
    let (_, body) = host.call("lookup_token", token.clone());
    assert_eq!(body["data"]["ttl"], 1, "{body}");
    host.clock.advance(Duration::from_secs(1));
    assert_eq!(host.call("renew_token", token.clone()).0, 400);
    assert_eq!(host.call("lookup_token", token).0, 403);
}

#[test]
fn cve_2020_10660_groups_that_were_lost_are_lost() {
    let host = Host::new();
    let group = json!({ "name": "engineers", "policies": "dev" });
    assert_eq!(host.call("register_group", group).0, 204);
    let (_, body) = host.log_in("fred");
    assert_eq!(policies(&body), ["default", "dev"]);
    let token = json!({ "token": body["auth"]["client_token"] });
    host.okta.put_user(User::new("fred", PASSWORD));
    let (status, body) = host.call("renew_token", token);
    assert_eq!((status, body["code"].as_str()), (500, Some("relogin_required")), "{body}");
    assert_eq!(policies(&host.log_in("fred").1), ["default"]);
}

#[test]
fn cve_2021_41802_a_name_that_changed_hands_is_somebody_else() {
    let host = Host::new();
    let entity = |id: &str| {
        host.okta.put_user(User::new("fred", PASSWORD).id(id));
        let (status, body) = host.log_in("fred");
        assert_eq!(status, 200, "{body}");
        body["auth"]["entity_id"].as_str().expect("an entity").to_owned()
    };
    let (first, second, again) = (entity("00u1"), entity("00u2"), entity("00u1"));
    assert!(first != second && first == again && !first.is_empty());
}

#[test]
fn cve_2022_30689_the_second_factor_is_asked_for_after_a_restart() {
    let okta = Okta::start();
    okta.put_user(User::new("gina", PASSWORD).factor(Factor::totp("ost1", "GOOGLE", SECRET)));
    let folder = tempfile::tempdir().expect("a folder");
    let storage = json!({ "type": "sqlite", "path": folder.path().join("okta.db") });
    let options = json!({ "storage": storage, "ca_pem": okta.ca_pem() });
    configure(&open(&options), "okta", &okta);
    for _ in 0..2 {
        let login = json!({ "username": "gina", "password": PASSWORD });
        let (status, body) = call(&open(&options), "login", &login);
        assert_eq!((status, &body["auth"]), (400, &Value::Null), "{body}");
    }
}

#[test]
fn cve_2025_11621_mounts_do_not_answer_for_each_other() {
    let host = Host::new();
    let other = Okta::start();
    other.put_user(User::new("fred", "another password"));
    let config = json!({ "mount_point": "other", "org_url": other.url() });
    assert_eq!(host.call("configure", config).0, 204);
    host.token("fred");
    let (status, body) =
        host.call("login", json!({ "mount_point": "other", "username": "fred", "password": PASSWORD }));
    assert!(status >= 400 && body["auth"].is_null(), "{body}");
    assert_eq!(host.log_in("fred").0, 200);
}

#[test]
fn cve_2026_39388_a_renewal_is_for_the_very_user() {
    let host = Host::new();
    host.okta.put_user(User::new("fred", PASSWORD).id("00u1"));
    let token = json!({ "token": host.token("fred") });
    assert_eq!(host.call("renew_token", token.clone()).0, 200);
    host.okta.put_user(User::new("fred", PASSWORD).id("00u2"));
    let (status, body) = host.call("renew_token", token);
    assert!(status >= 400 && body["auth"].is_null(), "{body}");
}

#[test]
fn cve_2026_40264_a_token_dies_with_its_mount_and_with_no_other() {
    let host = Host::new();
    let token = json!({ "token": host.token("fred") });
    assert_eq!(host.call("disable_auth_method", json!({ "path": "other" })).0, 204);
    assert_eq!(host.call("renew_token", token.clone()).0, 200);
    assert_eq!(host.call("disable_auth_method", json!({ "path": "okta" })).0, 204);
    assert_eq!(host.call("enable_auth_method", json!({ "path": "okta", "type": "okta" })).0, 204);
    configure(&host.client, "okta", &host.okta);
    assert_eq!(host.call("renew_token", token.clone()).0, 400);
    assert_eq!(host.call("lookup_token", token).0, 403);
}

#[test]
fn cve_2026_46405_a_failed_login_leaves_nothing() {
    let host = Host::new();
    host.token("fred");
    let before = host.accessors();
    // Refused by Okta, by its answer on groups, by the policies, and by the address.
    host.call("login", json!({ "username": "fred", "password": "wrong" }));
    host.okta.remove_token(API_TOKEN);
    assert!(host.log_in("fred").0 >= 400);
    host.okta.put_token(okta_loopback::ApiToken {
        token: API_TOKEN.into(),
        owner: String::new(),
        allowed: true,
    });
    host.call("register_user", json!({ "username": "fred", "policies": "root" }));
    assert!(host.log_in("fred").0 >= 400);
    host.call("register_user", json!({ "username": "fred", "policies": "dev" }));
    assert_eq!(host.call("configure", json!({ "token_bound_cidrs": "10.0.0.0/8" })).0, 204);
    let elsewhere = json!({ "username": "fred", "password": PASSWORD, "remote_address": "192.0.2.1" });
    assert!(host.call("login", elsewhere).0 >= 400);
    assert_eq!(host.accessors(), before);
}

#[test]
fn cve_2026_5006_a_slash_in_a_name_leads_nowhere_else() {
    let host = Host::new();
    assert_eq!(host.call("register_user", json!({ "username": "fred/admin", "policies": "admin" })).0, 204);
    assert_eq!(policies(&host.log_in("fred").1), ["default"]);
    for name in ["fred/../fred", "fred/..", "../fred", "./fred", "fred/"] {
        let (status, body) = host.log_in(name);
        assert!(status != 200, "{name}: {body}");
    }
    // Groups, too, are their whole names.
    host.okta.put_user(User::new("fred", PASSWORD).group("a/b"));
    assert_eq!(host.call("register_group", json!({ "name": "a", "policies": "of-a" })).0, 204);
    assert_eq!(host.call("register_group", json!({ "name": "a/b", "policies": "of-ab" })).0, 204);
    assert_eq!(policies(&host.log_in("fred").1), ["default", "of-ab"]);
}
