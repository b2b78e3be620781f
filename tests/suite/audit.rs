//! The audit log: what its lines say, where they go, and what happens when they cannot be written.

use crate::api::wait_until;
use crate::calls::{call, open, refusal_to_open, request};
use okta_auth::api::{Client, NoAnswer, Submission};
use okta_auth::log::Level;
use okta_loopback::{Factor, Fault, FaultKind, Okta, User};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use tempfile::TempDir;

/// A client with an audit file, and an Okta with fred and gina.
struct Audited {
    okta: Okta,
    folder: TempDir,
    client: Client,
}

impl Audited {
    fn open() -> Self {
        let okta = Okta::start();
        okta.put_user(User::new("fred", "good").id("00ufred"));
        okta.put_user(User::new("gina", "good").id("00ugina").factor(Factor::totp(
            "ost1",
            "GOOGLE",
            "JBSWY3DPEHPK3PXP",
        )));
        let folder = tempfile::tempdir().expect("a folder");
        let audit = json!({ "file": folder.path().join("audit.log") });
        let client = open(&json!({ "ca_pem": okta.ca_pem(), "audit": audit }));
        let audited = Self { okta, folder, client };
        let config = json!({ "org_name": audited.okta.org(), "base_url": audited.okta.base_url() });
        assert_eq!(call(&audited.client, "configure", &config).0, 204);
        audited.forget();
        audited
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("audit.log")
    }

    fn forget(&self) {
        fs::remove_file(self.file()).expect("there");
    }

    /// The lines since the last look.
    fn lines(&self) -> Vec<Value> {
        let lines = lines(&self.file());
        self.forget();
        lines
    }

    /// What stands for a text in a line.
    fn hash(&self, text: &str) -> Value {
        let (status, body) = call(&self.client, "audit_hash", &json!({ "input": text }));
        assert_eq!(status, 200, "{body}");
        self.forget();
        body["data"]["hash"].clone()
    }

    /// The lines that one call makes: of the request and of the answer.
    fn pair(&self, operation: &str, members: Value) -> (u16, [Value; 2]) {
        let (status, _) = call(&self.client, operation, &members);
        (status, pair(self.lines()))
    }
}

/// Whoever asks what a token may do is told in the log whose it is, and what decided.
#[test]
fn a_hosts_question_about_rights_says_who_and_which_rule() {
    let audited = Audited::open();
    let policy =
        r#"path "printers/*" { capabilities = ["read"] } path "printers/secret" { capabilities = ["deny"] }"#;
    call(&audited.client, "create_or_update_acl_policy", &json!({ "name": "print", "policy": policy }));
    let token =
        call(&audited.client, "create_token", &json!({ "policies": ["print"], "display_name": "fred" }));
    let token = token.1["auth"]["client_token"].as_str().expect("a token").to_owned();
    let (accessor, hashed) = (audited.hash("x"), audited.hash(&token));
    assert_ne!(accessor, hashed);
    let ask = |operation: &str, path: &str| {
        let members = json!({ "token": token, "operation": operation, "path": path });
        audited.pair("authorize", members)
    };
    let (status, [request, response]) = ask("read", "/printers/hall");
    assert_eq!(status, 200, "{response}");
    assert_eq!(request["auth"], Value::Null);
    let auth = &response["auth"];
    assert_eq!((&auth["client_token"], &auth["display_name"]), (&hashed, &json!("token-fred")));
    assert_eq!(auth["token_policies"], json!(["default", "print"]));
    let granting = json!([{ "name": "print", "type": "acl" }]);
    let results = json!({ "allowed": true, "granting_policies": granting, "operation": "read",
        "path": "printers/hall", "rule": "printers/*" });
    assert_eq!(auth["policy_results"], results);

    let (status, [_, response]) = ask("read", "printers/secret");
    assert_eq!((status, &response["outcome"]), (403, &json!("refused")));
    let results = json!({ "allowed": false, "operation": "read", "path": "printers/secret",
        "reason": "the rule denies everything", "refusing_policies": ["print"], "rule": "printers/secret" });
    assert_eq!(response["auth"]["policy_results"], results);

    // A secret in a path of the library's own does not show, nor does a token in one of the host's.
    let (_, [_, response]) = ask("update", "auth/okta/transactions/1-0-secretid");
    let path = response["auth"]["policy_results"]["path"].as_str().expect("a path").to_owned();
    assert!(path.starts_with("auth/okta/transactions/hmac-sha256:"), "{path}");
    let (_, [_, response]) = ask("read", &format!("printers/{token}"));
    assert!(!response.to_string().contains(&token), "{response}");

    let members = json!({ "token": "hvs.nobody", "operation": "read", "path": "printers/hall" });
    let (status, [_, response]) = audited.pair("authorize", members);
    assert_eq!((status, &response["auth"]), (403, &Value::Null));
}

/// A handle that is closed while the host's function holds the line of a request: the call was cancelled, whatever the
/// log could not take any more.
#[test]
fn a_close_while_a_line_is_being_taken_cancels_the_call() {
    let folder = tempfile::tempdir().expect("a folder");
    let client = Arc::new(open(&json!({ "audit": { "file": folder.path().join("audit.log") } })));
    let (started, has_started) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let ends = Mutex::new((started, may_go_on));
    client.audit().set_function(Some(Box::new(move |_: &str| {
        let ends = ends.lock().expect("no panic");
        let _ = ends.0.send(());
        let _ = ends.1.recv();
        true
    })));
    let caller = {
        let client = Arc::clone(&client);
        std::thread::spawn(move || client.call("read_config", b"{}"))
    };
    has_started.recv().expect("the line of the request");
    client.close();
    drop(go_on);
    assert!(matches!(caller.join().expect("no panic"), Err(NoAnswer::Cancelled)));
}

fn lines(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).expect("an audit file");
    assert!(text.ends_with('\n'), "{text}");
    text.lines().map(|line| serde_json::from_str(line).expect("one JSON object in a line")).collect()
}

fn pair(lines: Vec<Value>) -> [Value; 2] {
    let pair: [Value; 2] = lines.try_into().expect("two lines");
    assert_eq!((&pair[0]["type"], &pair[1]["type"]), (&json!("request"), &json!("response")));
    pair
}

#[test]
fn a_login_leaves_two_lines() {
    let audited = Audited::open();
    let login = json!({ "username": "Fred ", "password": "good", "remote_address": "192.0.2.7",
                        "user_agent": "sshd", "request_id": "r1" });
    let (status, [asked, answered]) = audited.pair("login", login);
    assert_eq!(status, 200);
    let time = asked["time"].as_str().expect("a time");
    assert!(time.ends_with('Z') && time.contains('T') && time.len() > 20, "{time}");
    let request = &asked["request"];
    for (name, expected) in [
        ("id", json!("r1")),
        ("function", json!("login")),
        ("operation", json!("update")),
        ("mount_point", json!("auth/okta/")),
        ("mount_type", json!("okta")),
        ("mount_class", json!("auth")),
        ("path", json!("auth/okta/login/Fred ")),
        ("remote_address", json!("192.0.2.7")),
        ("headers", json!({ "user-agent": ["sshd"] })),
        ("data", json!({ "password": audited.hash("good") })),
        ("host", json!(true)),
        ("namespace", json!({ "id": "root" })),
        ("client_token", Value::Null),
    ] {
        assert_eq!(request[name], expected, "{name}");
    }
    assert!(request["mount_accessor"].as_str().is_some_and(|accessor| accessor.starts_with("auth_okta_")));
    assert!(asked.get("auth").is_none() && asked.get("error").is_none(), "{asked}");

    assert_eq!(answered["request"], *request, "the answer repeats the request");
    for (name, expected) in [
        ("status", json!(200)),
        ("outcome", json!("success")),
        ("user", json!({ "name": "Fred", "okta_id": "00ufred", "okta_login": "fred" })),
        ("error", Value::Null),
        ("code", Value::Null),
    ] {
        assert_eq!(answered[name], expected, "{name}");
    }
    let auth = &answered["response"]["auth"];
    assert_eq!(auth["policies"], json!(["default"]));
    assert_eq!(auth["metadata"]["username"], "Fred");
    assert_eq!(auth["token_type"], "service");
    for name in ["client_token", "accessor"] {
        let text = auth[name].as_str().expect("a text");
        assert!(text.starts_with("hmac-sha256:") && text.len() == 12 + 64, "{name}: {text}");
    }
}

#[test]
fn refusals_and_failures_are_told_apart_and_whose_they_are() {
    let audited = Audited::open();
    let as_fred = |password: &str| json!({ "username": "fred", "password": password });
    let (status, [_, answered]) = audited.pair("login", as_fred("bad"));
    assert_eq!((status, &answered["status"], &answered["outcome"]), (400, &json!(400), &json!("refused")));
    assert_eq!(answered["code"], "invalid_credentials");
    assert_eq!(answered["user"], json!({ "name": "fred" }));
    assert_eq!(answered["okta"]["error_code"], "E0000004");
    assert!(answered["okta"]["error_id"].as_str().is_some_and(|id| !id.is_empty()), "{answered}");
    let error = answered["error"].as_str().expect("a text");
    assert!(error.starts_with("Okta auth failed"), "{error}");

    let wrong_code =
        json!({ "username": "gina", "password": "good", "totp": "000000", "provider": "GOOGLE" });
    let (status, [asked, answered]) = audited.pair("login", wrong_code);
    assert_eq!((status, &answered["code"]), (400, &json!("passcode_invalid")));
    assert_eq!(asked["request"]["data"]["totp"], audited.hash("000000"));
    assert_eq!(answered["user"]["okta_id"], "00ugina");
    let factor = json!({ "id": "ost1", "type": "token:software:totp", "provider": "GOOGLE" });
    assert_eq!(answered["factor"], factor);
    // A code that is written as a number is as secret.
    let as_number =
        json!({ "username": "gina", "password": "good", "totp": 1_234_567, "provider": "GOOGLE" });
    let (_, [asked, _]) = audited.pair("login", as_number);
    assert_eq!(asked["request"]["data"]["totp"], audited.hash("1234567"));

    // What never reached a route, or was no request of anybody's.
    let (status, [asked, answered]) = audited.pair("read_user", json!({ "username": 7, "request_id": "r2" }));
    assert_eq!((status, &answered["code"]), (400, &json!("invalid_request")));
    assert_eq!((&asked["request"]["id"], &asked["request"]["function"]), (&json!("r2"), &json!("read_user")));
    let (status, _) = request(&audited.client, &json!({ "method": "GET", "path": "auth/okta/config" }));
    let [asked, answered] = pair(audited.lines());
    assert_eq!(
        (status, &answered["status"], &asked["code"]),
        (403, &json!(403), &json!("permission_denied"))
    );
    assert_eq!(asked["request"]["path"], "auth/okta/config");
    assert!(asked["request"].get("host").is_none());
    assert!(audited.client.call("login", b"\xff").is_err());
    assert!(!audited.file().exists(), "no request, no line");
}

#[test]
fn the_callers_token_and_its_policies_are_shown_and_denials_too() {
    let audited = Audited::open();
    let token = |policy: &str| {
        let (status, body) = call(&audited.client, "create_token", &json!({ "policies": [policy] }));
        assert_eq!(status, 200, "{body}");
        audited.forget();
        body["auth"]["client_token"].as_str().expect("a token").to_owned()
    };
    let (root, dev) = (token("root"), token("dev"));
    for (token, status, allowed) in [(&root, 200, true), (&dev, 403, false)] {
        let asked = json!({ "method": "GET", "path": "/v1/auth/okta/config", "token": token,
                            "headers": { "X-Forwarded-For": "198.51.100.4", "Cookie": "MARKER" } });
        assert_eq!(request(&audited.client, &asked).0, status);
        let [asked, answered] = pair(audited.lines());
        assert_eq!(asked["auth"]["client_token"], audited.hash(token));
        let results = &asked["auth"]["policy_results"];
        assert_eq!(results["allowed"], allowed);
        match allowed {
            true => assert_eq!(results["granting_policies"], json!([{ "name": "root", "type": "acl" }])),
            false => assert_eq!(results["reason"], "no rule is about this path"),
        }
        assert_eq!(asked["request"]["client_token"], audited.hash(token));
        assert_eq!(asked["request"]["headers"], json!({ "x-forwarded-for": ["198.51.100.4"] }));
        assert_eq!(answered["auth"], asked["auth"]);
    }
    let unknown = json!({ "method": "GET", "path": "auth/okta/config", "token": "hvs.unknown" });
    assert_eq!(request(&audited.client, &unknown).0, 403);
    let [asked, _] = pair(audited.lines());
    assert_eq!(asked["request"]["client_token"], audited.hash("hvs.unknown"));
    assert!(asked.get("auth").is_none(), "{asked}");
}

#[test]
fn secrets_in_paths_are_hashed_and_so_is_a_path_that_leads_nowhere() {
    let audited = Audited::open();
    let id = "0123456789abcdef0123456789abcdef";
    let (status, [asked, answered]) = audited.pair("continue_transaction", json!({ "id": id }));
    assert_eq!((status, &answered["code"]), (404, &json!("not_found")));
    let hash = audited.hash(id);
    let hash = hash.as_str().expect("a text");
    assert_eq!(asked["request"]["path"], format!("auth/okta/transactions/{hash}"));
    let (_, [asked, _]) = audited.pair("verify", json!({ "nonce": id }));
    assert_eq!(asked["request"]["path"], format!("auth/okta/verify/{hash}"));
    for (path, shown) in [
        (format!("auth/okta/verfy/{id}"), "auth/okta/"),
        (format!("auth/nowhere/transactions/{id}"), ""),
        (format!("sys/nothing/{id}"), "sys/"),
    ] {
        assert_eq!(request(&audited.client, &json!({ "method": "GET", "path": path })).0, 403, "{path}");
        let [asked, answered] = pair(audited.lines());
        let path = asked["request"]["path"].as_str().expect("a path");
        assert!(path.starts_with(&format!("{shown}hmac-sha256:")), "{path}");
        assert!(!answered.to_string().contains(id), "{answered}");
    }
    // The host's own request gets as far as an error text that repeats the path.
    let (status, _) =
        call(&audited.client, "continue_transaction", &json!({ "id": id, "mount_point": "nowhere" }));
    assert_eq!(status, 404);
    let [_, answered] = pair(audited.lines());
    assert_eq!(answered["error"], "unsupported path");
    assert!(!answered.to_string().contains(id), "{answered}");
}

#[test]
fn a_transaction_is_followed_by_the_hash_of_its_id() {
    let audited = Audited::open();
    let (status, body) =
        call(&audited.client, "start_transaction", &json!({ "username": "gina", "password": "good" }));
    assert_eq!(status, 202, "{body}");
    let [_, answered] = pair(audited.lines());
    let id = body["data"]["id"].as_str().expect("an id");
    assert_eq!((&answered["outcome"], &answered["status"]), (&json!("pending"), &json!(202)));
    assert_eq!(answered["response"]["data"]["id"], audited.hash(id));
    assert_eq!(answered["user"]["okta_id"], "00ugina");
    let code = audited.okta.passcode("gina", "ost1").expect("a code");
    for (step, status) in
        [(json!({ "id": id, "factor_id": "ost1" }), 202), (json!({ "id": id, "passcode": code }), 200)]
    {
        assert_eq!(call(&audited.client, "continue_transaction", &step).0, status);
    }
    let lines = audited.lines();
    let done = lines.last().expect("a line");
    assert_eq!(done["user"]["name"], "gina");
    assert_eq!(done["factor"]["id"], "ost1");
    assert!(done["response"]["auth"]["client_token"].is_string(), "{done}");
    let hash = audited.hash(id);
    let path = done["request"]["path"].as_str().expect("a path");
    assert!(path.ends_with(hash.as_str().expect("a text")), "{path}");
}

#[test]
fn the_mounts_tuning_names_what_is_plain_but_no_secret_ever_is() {
    let audited = Audited::open();
    let tuning = json!({ "path": "okta", "audit_non_hmac_request_keys": ["policies", "password"],
                         "audit_non_hmac_response_keys": "base_url" });
    assert_eq!(call(&audited.client, "tune_auth_method", &tuning).0, 204);
    audited.forget();
    let group = json!({ "name": "ops", "policies": ["dev"] });
    let (_, [asked, _]) = audited.pair("register_group", group);
    assert_eq!(asked["request"]["data"], json!({ "policies": ["dev"] }));
    let (_, [asked, _]) = audited.pair("login", json!({ "username": "fred", "password": "bad" }));
    assert_eq!(asked["request"]["data"]["password"], audited.hash("bad"));
    // Sent to the wrong place, where nobody knows it as a secret.
    let tuning = json!({ "path": "okta", "audit_non_hmac_request_keys": ["policies", "passcode", "token", "Password"] });
    assert_eq!(call(&audited.client, "tune_auth_method", &tuning).0, 204);
    audited.forget();
    for name in ["passcode", "token", "Password"] {
        let (_, [asked, _]) =
            audited.pair("login", json!({ "username": "fred", "password": "bad", name: "123456" }));
        assert_eq!(asked["request"]["data"][name], audited.hash("123456"), "{asked}");
    }
    let token = "hvs.CAESIKMARKERMARKERMARKERMARKER";
    let swapped = json!({ "method": "GET", "path": "auth/token/lookup-self", "token": "hvs.x",
                          "headers": { "X-Vault-Wrap-TTL": token } });
    let (_, lines) = audited.pair("request", swapped);
    assert!(lines[1]["error"].as_str().is_some_and(|text| text.contains("duration")), "{}", lines[1]);
    assert!(!format!("{lines:?}").contains(token), "{lines:?}");
    let (_, [_, answered]) = audited.pair("read_config", json!({}));
    let data = &answered["response"]["data"];
    assert_eq!(data["base_url"], audited.okta.base_url());
    assert_eq!(data["org_name"], audited.hash(audited.okta.org()));
    assert_eq!(data["token_ttl"], 0);
}

#[test]
fn without_its_line_nothing_is_done_and_nothing_answered() {
    let audited = Audited::open();
    let client = &audited.client;
    let (records, logged) = log_of(client);
    // Something is in the way of the file, as an attacker or a mishap would put it there.
    fs::write(audited.folder.path().join("target"), "").expect("written");
    symlink(audited.folder.path().join("target"), audited.file()).expect("linked");
    let (status, body) = call(client, "register_user", &json!({ "username": "fred" }));
    assert_eq!((status, &body["code"]), (500, &json!("audit_failed")), "{body}");
    let asked = audited.okta.calls().len();
    assert_eq!(call(client, "login", &json!({ "username": "fred", "password": "good" })).0, 500);
    assert_eq!(call(client, "login", &json!({ "username": 7 })).0, 500);
    assert_eq!(audited.okta.calls().len(), asked, "Okta was not asked");
    assert_eq!(fs::read_to_string(audited.folder.path().join("target")).expect("read"), "");
    assert!(records().iter().any(|record| record.contains(r#""event":"audit_failed""#)), "{:?}", records());
    // Both lines of the two that reached a route, and the first of the one that did not.
    assert_eq!(client.audit().failures(), 5);
    drop(logged);
    audited.forget();
    assert_eq!(call(client, "read_user", &json!({ "username": "fred" })).0, 404, "it was not registered");
}

#[test]
fn no_use_is_taken_and_nothing_unwrapped_before_the_line_of_the_request() {
    let audited = Audited::open();
    let client = &audited.client;
    let (_, body) = call(client, "create_token", &json!({ "policies": ["default"], "num_uses": 1 }));
    let once = body["auth"]["client_token"].clone();
    let (_, body) = call(client, "wrap", &json!({ "data": { "kept": "here" }, "wrap_ttl": 60 }));
    let wrapping = body["wrap_info"]["token"].clone();
    let look = json!({ "method": "GET", "path": "auth/token/lookup-self", "token": once });
    let unwrap = json!({ "method": "POST", "path": "sys/wrapping/unwrap", "token": wrapping });
    let named = json!({ "token": once, "path": "a", "operation": "read" });
    client.audit().set_function(Some(Box::new(|_| false)));
    for (operation, members) in [("request", &look), ("request", &unwrap), ("authorize", &named)] {
        assert_eq!(call(client, operation, members).0, 500, "{members}");
    }
    client.audit().set_function(None);
    let (status, body) = call(client, "request", &unwrap);
    assert_eq!((status, &body["data"]["kept"]), (200, &json!("here")), "{body}");
    audited.forget();
    let (status, [asked, _]) = audited.pair("request", look.clone());
    assert_eq!((status, &asked["auth"]["remaining_uses"]), (200, &json!(0)), "{asked}");
    assert_eq!(call(client, "request", &look).0, 403, "it was the last one");
}

/// The log's records so far, as long as the second value is there.
fn log_of(client: &Client) -> (impl Fn() -> Vec<String>, Arc<Mutex<Vec<String>>>) {
    let records = Arc::new(Mutex::new(Vec::new()));
    let (sink, seen) = (Arc::clone(&records), Arc::clone(&records));
    let sink = move |_: Level, record: &str| sink.lock().expect("no panic").push(record.to_owned());
    client.logger().set(Some((Level::Debug, Box::new(sink))));
    (move || seen.lock().expect("no panic").clone(), records)
}

#[test]
fn a_token_whose_answer_cannot_be_audited_is_taken_back() {
    let audited = Audited::open();
    let client = &audited.client;
    let (status, body) = call(client, "create_token", &json!({ "policies": ["root"] }));
    assert_eq!(status, 200);
    let renewed = body["auth"]["client_token"].clone();
    let accessors = || {
        let (status, body) = call(client, "list_accessors", &json!({}));
        assert_eq!(status, 200);
        body["data"]["keys"].as_array().expect("a list").len()
    };
    assert_eq!(accessors(), 1);
    client.audit().set_function(Some(Box::new(|line| !line.contains(r#""type":"response""#))));
    for (operation, members) in [
        ("create_token", json!({ "policies": ["root"] })),
        ("login", json!({ "username": "fred", "password": "good" })),
        ("renew_token", json!({ "token": renewed })),
    ] {
        let (status, body) = call(client, operation, &members);
        assert_eq!((status, &body["code"]), (500, &json!("audit_failed")), "{operation}: {body}");
        assert!(body.get("auth").is_none());
    }
    client.audit().set_function(None);
    assert_eq!(accessors(), 1, "the old one, and no new one");
    assert_eq!(call(client, "lookup_token", &json!({ "token": renewed })).0, 200, "its owner has it");
}

#[test]
fn best_effort_goes_on_and_counts_what_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("missing/audit.log");
    let client = open(&json!({ "audit": { "file": file, "required": false } }));
    let (records, _logged) = log_of(&client);
    assert!(records().iter().any(|record| record.contains("audit_failed")), "told to the first log function");
    assert_eq!(call(&client, "register_user", &json!({ "username": "fred" })).0, 204);
    assert_eq!(client.audit().failures(), 3);
    fs::create_dir(folder.path().join("missing")).expect("made");
    assert_eq!(call(&client, "read_user", &json!({ "username": "fred" })).0, 200);
    assert_eq!((client.audit().failures(), lines(&file).len()), (3, 2));
}

#[test]
fn a_file_that_cannot_be_required_is_refused_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let shared = folder.path().join("shared");
    fs::write(&shared, "").expect("written");
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o644)).expect("opened up");
    let (status, body) = refusal_to_open(&json!({ "audit": { "file": shared } }));
    assert_eq!((status, &body["code"]), (500, &json!("audit_failed")), "{body}");
    let text = body["errors"][0].as_str().expect("a text");
    assert!(text.contains("mode 0644"), "{text}");
    // Required, and nowhere to go: nothing is done before there is a function.
    let client = open(&json!({ "audit": {} }));
    assert_eq!(call(&client, "read_config", &json!({})).0, 500);
    client.audit().set_function(Some(Box::new(|_| true)));
    assert_eq!(call(&client, "read_config", &json!({})).0, 404);
}

#[test]
fn the_function_gets_the_lines_of_the_file() {
    let audited = Audited::open();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&heard);
    let take = move |line: &str| {
        sink.lock().expect("no panic").push(line.to_owned());
        true
    };
    audited.client.audit().set_function(Some(Box::new(take)));
    assert_eq!(call(&audited.client, "list_users", &json!({})).0, 404);
    audited.client.audit().set_function(None);
    assert_eq!(call(&audited.client, "list_groups", &json!({})).0, 404);
    let heard = heard.lock().expect("no panic");
    let text = fs::read_to_string(audited.file()).expect("read");
    assert_eq!(heard.len(), 2);
    assert_eq!(text.lines().take(2).collect::<Vec<_>>(), *heard);
}

#[test]
fn lines_of_threads_and_clients_do_not_mix() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("audit.log");
    let options = json!({ "audit": { "file": file } });
    let clients = [open(&options), open(&options)];
    let (threads, calls) = (4, 25);
    std::thread::scope(|scope| {
        for number in 0..threads {
            let client = &clients[number % 2];
            scope.spawn(move || {
                let groups = vec!["x".repeat(500); 100];
                for _ in 0..calls {
                    let user = json!({ "username": format!("user{number}"), "groups": groups });
                    assert_eq!(call(client, "register_user", &user).0, 204);
                }
            });
        }
    });
    let lines = lines(&file);
    assert_eq!(lines.len(), threads * calls * 2);
    for line in lines {
        assert_eq!(line["request"]["data"]["groups"].as_array().map(Vec::len), Some(100));
    }
}

#[test]
fn submitted_calls_are_audited_as_well() {
    let audited = Audited::open();
    let client = &audited.client;
    let submit = |members: &Value| match client.submit("login", members.to_string().as_bytes()) {
        Ok(Submission::Begun(ticket)) => client.wait(ticket, None),
        _ => panic!("not begun"),
    };
    let answer = submit(&json!({ "username": "fred", "password": "good" })).expect("an answer");
    assert_eq!(answer.status, 200);
    let [_, answered] = pair(audited.lines());
    assert_eq!((&answered["status"], &answered["user"]["name"]), (&json!(200), &json!("fred")));
    // A call that is cancelled has its line before long.
    audited.okta.set_faults([Fault::at("/api/v1/authn", FaultKind::Hang)]);
    let login = json!({ "username": "fred", "password": "good" }).to_string();
    let Ok(Submission::Begun(ticket)) = client.submit("login", login.as_bytes()) else { panic!("not begun") };
    let written = |count| {
        let text = fs::read_to_string(audited.file()).unwrap_or_default();
        text.ends_with('\n') && text.lines().count() == count
    };
    wait_until("the request's line", || written(1));
    client.cancel(ticket).expect("cancelled");
    assert!(client.wait(ticket, None).is_err());
    wait_until("both lines", || written(2));
    let [_, answered] = pair(audited.lines());
    assert_eq!(answered["outcome"], "cancelled");
    assert!(answered.get("status").is_none(), "{answered}");
}

#[test]
fn a_wrapped_answer_is_shown_by_its_wrapping_and_taken_back_with_what_it_holds() {
    let audited = Audited::open();
    let login = json!({ "username": "fred", "password": "good", "wrap_ttl": "60s" });
    let (status, body) = call(&audited.client, "login", &login);
    assert_eq!(status, 200, "{body}");
    let [asked, answered] = pair(audited.lines());
    assert_eq!(asked["request"]["wrap_ttl"], 60);
    let (info, shown) = (&body["wrap_info"], &answered["response"]["wrap_info"]);
    for name in ["token", "accessor", "wrapped_accessor"] {
        assert_eq!(shown[name], audited.hash(info[name].as_str().expect("a text")), "{name}");
    }
    for name in ["ttl", "creation_time", "creation_path"] {
        assert_eq!(shown[name], info[name], "{name}");
    }
    let client = &audited.client;
    let accessors = || call(client, "list_accessors", &json!({})).1["data"]["keys"].as_array().map(Vec::len);
    assert_eq!(accessors(), Some(2));
    client.audit().set_function(Some(Box::new(|line| !line.contains(r#""type":"response""#))));
    assert_eq!(call(client, "login", &login).0, 500);
    client.audit().set_function(None);
    assert_eq!(accessors(), Some(2), "neither the token nor its wrapping is left");
    audited.forget();
    let (status, [_, answered]) = audited.pair("unwrap", json!({ "token": info["token"] }));
    assert_eq!(status, 200);
    let body = answered["response"]["body"].as_str().expect("a text");
    assert!(body.starts_with("hmac-sha256:"), "{body}");
}
