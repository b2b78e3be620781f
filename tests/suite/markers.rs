//! Secrets that are easy to find, through a whole life with its failures: in no file, log line or error body.

use crate::calls::{call, open, refusal_to_open, request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use okta_auth::api::Client;
use okta_auth::log::Level;
use okta_loopback::{ApiToken, Factor, Fault, FaultKind, Okta, RateLimitVariant, User};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

const KEY: &[u8; 32] = b"MARKER-the-barrier-key-012345678";
const PASSWORD: &str = "MARKER-the-right-password";
const WRONG: &str = "MARKER-a-wrong-password";
const PASSCODE: &str = "MARKER-a-passcode";
const ANSWER: &str = "MARKER-the-security-answer";
const API_TOKEN: &str = "00MARKER-the-api-token";
const OLD_API_TOKEN: &str = "00MARKER-the-api-token-before";
const CUSTOM_ID: &str = "MARKER-a-token-of-a-chosen-id";
const WRAPPED: &str = "MARKER-what-is-wrapped";
const UNKNOWN: &str = "hvs.MARKER-a-token-of-nobody";
const NONCE: &str = "MARKER-a-nonce-of-a-login";

/// Everything that must not be seen, in every form in which it might be.
struct Secrets(BTreeMap<String, Vec<Vec<u8>>>);

impl Secrets {
    fn new() -> Self {
        let mut secrets = Self(BTreeMap::new());
        secrets.add("the barrier key", KEY);
        for text in
            [PASSWORD, WRONG, PASSCODE, ANSWER, API_TOKEN, OLD_API_TOKEN, CUSTOM_ID, WRAPPED, UNKNOWN, NONCE]
        {
            secrets.add(text, text.as_bytes());
        }
        secrets
    }

    fn add(&mut self, name: &str, secret: &[u8]) {
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut forms = vec![secret.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes()];
        // In base64 a text has three forms, by where it stands; what depends on its neighbours is left out.
        for before in 0..3 {
            let text = STANDARD.encode([&vec![0; before], secret].concat());
            let (skipped, end) = ([0, 2, 3][before], (before + secret.len()) * 8 / 6);
            forms.push(text.as_bytes()[skipped..end].to_vec());
        }
        self.0.insert(name.to_owned(), forms);
    }

    /// The names of those that the bytes hold.
    fn seen_in(&self, bytes: &[u8]) -> Vec<&str> {
        let holds = |form: &Vec<u8>| bytes.windows(form.len()).any(|window| window == form);
        self.0.iter().filter(|(_, forms)| forms.iter().any(holds)).map(|(name, _)| name.as_str()).collect()
    }

    fn check(&self, what: &str, bytes: &[u8]) {
        let seen = self.seen_in(bytes);
        assert!(seen.is_empty(), "{what} shows {seen:?}: {}", String::from_utf8_lossy(bytes));
    }

    /// The names of the files.
    fn check_files(&self, folder: &Path) -> Vec<String> {
        let mut names = Vec::new();
        for file in fs::read_dir(folder).expect("a folder") {
            let path = file.expect("a file").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("UTF-8").to_owned();
            let seen = self.seen_in(&fs::read(&path).expect("read"));
            assert!(seen.is_empty(), "{name} holds {seen:?}");
            names.push(name);
        }
        names.sort();
        names
    }
}

#[test]
fn the_search_finds_every_form() {
    let secrets = Secrets::new();
    for before in ["", "x", "xx"] {
        let text = STANDARD.encode(format!("{before}{PASSWORD} and more"));
        assert_eq!(secrets.seen_in(text.as_bytes()), [PASSWORD], "{text}");
    }
    assert_eq!(secrets.seen_in(&[b"..", &KEY[..], b".."].concat()), ["the barrier key"]);
    assert!(secrets.seen_in(b"nothing of the kind").is_empty());
}

/// A client whose answers and log lines are looked at.
struct Life {
    okta: Okta,
    folder: TempDir,
    client: Client,
    log: Arc<Mutex<Vec<u8>>>,
    secrets: Secrets,
}

impl Life {
    fn begin() -> Self {
        let okta = Okta::start();
        for token in [API_TOKEN, OLD_API_TOKEN] {
            okta.put_token(ApiToken { token: token.to_owned(), owner: String::new(), allowed: true });
        }
        okta.put_user(User::new("fred", PASSWORD).group("Engineers"));
        okta.put_user(
            User::new("gina", PASSWORD)
                .factor(Factor::totp("ost1", "GOOGLE", "JBSWY3DPEHPK3PXP"))
                .factor(Factor::question("ufs1", "Pet?", ANSWER)),
        );
        let folder = tempfile::tempdir().expect("a folder");
        let client = open(&options(&okta, &folder));
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&log);
        let sink =
            move |_: Level, line: &str| lines.lock().expect("no panic").extend_from_slice(line.as_bytes());
        client.logger().set(Some((Level::Debug, Box::new(sink))));
        Self { okta, folder, client, log, secrets: Secrets::new() }
    }

    /// Calls an operation whose answer must show no secret.
    fn call(&self, operation: &str, members: Value) -> u16 {
        let (status, body) = call(&self.client, operation, &members);
        self.secrets.check(operation, body.to_string().as_bytes());
        status
    }

    fn request(&self, members: Value) -> u16 {
        let (status, body) = request(&self.client, &members);
        self.secrets.check("request", body.to_string().as_bytes());
        status
    }

    fn configure(&self, api_token: &str) {
        let config =
            json!({ "org_name": self.okta.org(), "base_url": self.okta.base_url(), "api_token": api_token });
        assert_eq!(self.call("configure", config), 204);
    }

    /// A token, which must not be seen from now on. The answer that gives it shows no other secret.
    fn token(&mut self, operation: &str, members: Value) -> String {
        self.token_at(["auth", "client_token"], operation, members)
    }

    /// As [`Life::token`], for an answer that is wrapped.
    fn wrapping_token(&mut self, operation: &str, members: Value) -> String {
        self.token_at(["wrap_info", "token"], operation, members)
    }

    fn token_at(&mut self, [object, name]: [&str; 2], operation: &str, members: Value) -> String {
        let (status, mut body) = call(&self.client, operation, &members);
        assert_eq!(status, 200, "{body}");
        let token = body[object][name].take();
        self.secrets.check(operation, body.to_string().as_bytes());
        let token = token.as_str().expect("a token").to_owned();
        self.secrets.add(&format!("a token of {operation}"), token.as_bytes());
        token
    }
}

fn options(okta: &Okta, folder: &TempDir) -> Value {
    let storage = json!({ "type": "sqlite", "path": folder.path().join("okta.db") });
    let audit = json!({ "file": folder.path().join("audit.log") });
    json!({ "storage": storage, "key": STANDARD.encode(KEY), "ca_pem": okta.ca_pem(), "audit": audit })
}

fn as_fred(password: impl Into<Value>) -> Value {
    json!({ "username": "fred", "password": password.into() })
}

#[test]
fn no_secret_is_seen_in_files_logs_and_errors() {
    let mut life = Life::begin();
    life.configure(OLD_API_TOKEN);
    life.configure(API_TOKEN);
    assert_eq!(life.call("read_config", json!({})), 200);
    assert_eq!(life.call("configure", json!({ "org_name": "acme", "api_token": { "x": API_TOKEN } })), 400);
    assert_eq!(life.call("register_group", json!({ "name": "engineers", "policies": "dev" })), 204);

    let token = life.token("login", as_fred(PASSWORD));
    for refused in [as_fred(WRONG), as_fred(json!([WRONG])), as_fred(json!({ "a": WRONG }))] {
        assert_eq!(life.call("login", refused), 400);
    }
    let second_factor =
        json!({ "username": "gina", "password": PASSWORD, "totp": PASSCODE, "provider": "GOOGLE" });
    assert_eq!(life.call("login", second_factor), 400);
    let passcode = life.okta.passcode("gina", "ost1").expect("a code");
    life.token(
        "login",
        json!({ "username": "gina", "password": PASSWORD, "totp": passcode, "provider": "GOOGLE" }),
    );

    // Somebody else's requests, well-formed and not.
    let login = |body: &str| json!({ "method": "POST", "path": "auth/okta/login/fred", "body": body });
    for body in [
        format!("{{\"password\":\"{WRONG}\"}}"),
        format!("{{\"password\":\"{WRONG}"),
        format!("{{\"password\":\"{WRONG}\",\"password\":\"{PASSWORD}\"}}"),
        format!("{{\"password\":{WRONG}}}"),
        format!("{WRONG}={PASSWORD}"),
    ] {
        assert_eq!(life.request(login(&body)), 400, "{body}");
    }
    let own = |token: &str| json!({ "method": "GET", "path": "auth/token/lookup-self", "token": token });
    assert_eq!(request(&life.client, &own(&token)).0, 200);
    assert_eq!(life.request(own(UNKNOWN)), 403);
    let twice = json!({ "method": "GET", "path": "auth/token/lookup-self", "token": token,
                        "headers": { "X-Vault-Token": UNKNOWN } });
    assert_eq!(life.request(twice), 400);

    // What is secret in a path, on a path that there is and on others.
    for path in ["auth/okta/verify", "auth/okta/transactions", "auth/okta/verfy", "auth/okat/verify", "sys"] {
        let path = format!("{path}/{NONCE}");
        for method in ["GET", "DELETE", "PUT"] {
            assert!(request(&life.client, &json!({ "method": method, "path": path })).0 >= 400, "{path}");
        }
    }
    for (operation, member) in [("verify", "nonce"), ("continue_transaction", "id")] {
        for mount_point in ["okta", "okat"] {
            let members = json!({ "mount_point": mount_point, member: NONCE, "passcode": PASSCODE });
            assert!(call(&life.client, operation, &members).0 >= 400, "{operation}");
        }
    }
    let (status, body) =
        call(&life.client, "start_transaction", &json!({ "username": "gina", "password": PASSWORD }));
    assert_eq!(status, 202, "{body}");
    let id = body["data"]["id"].as_str().expect("an id");
    life.secrets.add("the id of a transaction", id.as_bytes());
    let answer = json!({ "id": id, "factor_id": "ufs1", "answer": ANSWER });
    assert!(call(&life.client, "continue_transaction", &answer).0 < 500);
    assert_eq!(call(&life.client, "audit_hash", &json!({ "input": CUSTOM_ID })).0, 200);

    // The life of tokens. A look-up repeats the id that it was asked for.
    assert_eq!(call(&life.client, "lookup_token", &json!({ "token": token })).0, 200);
    assert_eq!(life.call("lookup_token", json!({ "token": UNKNOWN })), 403);
    let custom = life.token("create_token", json!({ "id": CUSTOM_ID, "policies": ["root"] }));
    assert_eq!(custom, CUSTOM_ID);
    assert_eq!(life.call("create_token", json!({ "id": CUSTOM_ID, "policies": ["dev"] })), 400);
    assert_eq!(life.call("list_accessors", json!({})), 200);
    assert_eq!(call(&life.client, "renew_token", &json!({ "token": token })).0, 200);
    assert_eq!(life.call("revoke_token", json!({ "token": custom })), 204);

    // Answers in waiting, which nobody comes for.
    life.wrapping_token("wrap", json!({ "data": { "a": WRAPPED }, "wrap_ttl": "1h" }));
    let mut wrapped = as_fred(PASSWORD);
    wrapped["wrap_ttl"] = json!("1h");
    let wrapping = life.wrapping_token("login", wrapped);
    assert_eq!(life.call("read_wrapping", json!({ "token": wrapping })), 200);
    assert_eq!(life.call("unwrap", json!({ "token": UNKNOWN })), 400);

    // A failing Okta.
    for kind in [
        FaultKind::Html502,
        FaultKind::TruncatedJson,
        FaultKind::CutBody,
        FaultKind::EmptyBody,
        FaultKind::Close,
        FaultKind::Redirect("https://127.0.0.1:1/".into()),
        FaultKind::RateLimited(RateLimitVariant::Normal),
        FaultKind::Error(500, "E0000009".into()),
    ] {
        for path in ["/api/v1/authn", "/api/v1/users/*"] {
            life.okta.set_faults([Fault::at(path, kind.clone())]);
            let mut members = as_fred(PASSWORD);
            members["timeout_ms"] = json!(2_000);
            // An empty list of groups is one, as for Vault.
            let passes = matches!(kind, FaultKind::EmptyBody) && path != "/api/v1/authn";
            if passes {
                life.token("login", members);
            } else {
                assert!(life.call("login", members) >= 400, "{kind:?} at {path}");
            }
        }
    }
    life.okta.set_faults([]);

    // A failing storage.
    let path = life.folder.path().join("okta.db");
    fs::rename(&path, path.with_extension("away")).expect("moved");
    assert_eq!(life.call("login", as_fred(PASSWORD)), 503);
    assert_eq!(life.call("configure", json!({ "org_name": "acme", "api_token": API_TOKEN })), 503);
    fs::rename(path.with_extension("away"), &path).expect("moved back");
    let token = life.token("login", as_fred(PASSWORD));

    assert_eq!(
        life.secrets.check_files(life.folder.path()),
        ["audit.log", "okta.db", "okta.db-shm", "okta.db-wal"]
    );
    life.client.close();
    assert_eq!(life.secrets.check_files(life.folder.path()), ["audit.log", "okta.db"]);
    let audit = fs::read_to_string(life.folder.path().join("audit.log")).expect("read");
    assert!(audit.lines().count() > 60 && audit.contains("hmac-sha256:"), "hardly anything was audited");
    let log = life.log.lock().expect("no panic").clone();
    assert!(log.len() > 1_000, "hardly anything was logged");
    life.secrets.check("the log", &log);

    // What was not found is still known: the token lives on.
    let client = open(&options(&life.okta, &life.folder));
    assert_eq!(call(&client, "lookup_token", &json!({ "token": token })).0, 200);
}

#[test]
fn refusals_to_open_show_no_secret() {
    let secrets = Secrets::new();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("okta.db");
    let storage = json!({ "type": "sqlite", "path": path });
    let key = STANDARD.encode(KEY);
    drop(open(&json!({ "storage": storage, "key": STANDARD.encode([7; 32]) })));
    for (options, status) in [
        (json!({ "storage": storage, "key": key }), 503),
        (json!({ "key": PASSWORD }), 400),
        (json!({ "key": [key] }), 400),
        (json!({ "key": key, "key_file": path }), 400),
        (json!({ "proxy": format!("socks5://fred:{PASSWORD}@127.0.0.1:1") }), 400),
        (json!({ "proxy": format!("http://fred:{PASSWORD}@:x") }), 400),
        (json!({ "ca_pem": PASSWORD }), 400),
        (json!({ "connect_timeout_ms": PASSWORD }), 400),
        (json!({ "default_lease_ttl": PASSWORD }), 400),
    ] {
        let (refused, body) = refusal_to_open(&options);
        assert_eq!(refused, status, "{body}");
        secrets.check("the refusal", body.to_string().as_bytes());
    }
}

/// The key that is made for a new database stands in its key file and nowhere else.
#[test]
fn the_key_is_in_its_file_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let client = open(&json!({ "storage": { "type": "sqlite", "path": folder.path().join("okta.db") } }));
    assert_eq!(call(&client, "register_user", &json!({ "username": "fred" })).0, 204);
    let file = folder.path().join("okta.db.key");
    let text = fs::read_to_string(&file).expect("a key file");
    let mut secrets = Secrets(BTreeMap::new());
    secrets.add("the key", &STANDARD.decode(text.trim()).expect("base64"));
    assert_eq!(secrets.seen_in(text.as_bytes()), ["the key"]);
    fs::rename(&file, folder.path().with_extension("key")).expect("moved");
    assert_eq!(secrets.check_files(folder.path()), ["okta.db", "okta.db-shm", "okta.db-wal"]);
    fs::remove_file(folder.path().with_extension("key")).expect("removed");
}
