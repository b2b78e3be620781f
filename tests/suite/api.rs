//! The whole library through its Rust entry, as a daemon would use it: a database, an Okta, restarts.

use okta_auth::api::{Client, NoAnswer};
use okta_auth::json::{self, Object, Value};
use okta_loopback::{API_TOKEN, Factor, Okta, PushScript, User};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longer than any step takes on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(30);
const NONCE: &str = "nonce-0123456789abcdef";

/// A database in a folder of its own, and an Okta that it is configured for.
pub struct Daemon {
    pub okta: Okta,
    pub folder: TempDir,
}

impl Daemon {
    pub fn new() -> Self {
        Self { okta: Okta::start(), folder: tempfile::tempdir().expect("a folder") }
    }

    pub fn open(&self) -> Client {
        self.open_with([])
    }

    /// Opens it with these options besides.
    pub fn open_with<const N: usize>(&self, more: [(&'static str, Value); N]) -> Client {
        let path = self.folder.path().join("okta.db");
        let mut options = json::object([
            (
                "storage",
                json::object([("type", "sqlite".into()), ("path", path.display().to_string().into())]).into(),
            ),
            ("ca_pem", self.okta.ca_pem().into()),
        ]);
        for (name, value) in more {
            options.insert(name, value);
        }
        Client::open(&text(&options)).expect("opens")
    }

    pub fn configure(&self, client: &Client) {
        let config = json::object([
            ("org_name", self.okta.org().into()),
            ("base_url", self.okta.base_url().into()),
            ("api_token", API_TOKEN.into()),
        ]);
        assert_eq!(call(client, "configure", &config).0, 204);
    }
}

pub fn text(object: &Object) -> Vec<u8> {
    let mut text = Vec::new();
    json::write_object(object, &mut text);
    text
}

/// Status and body of an answer.
pub fn call(client: &Client, operation: &str, request: &Object) -> (u16, Object) {
    let answer = client.call(operation, &text(request)).expect("an answer");
    let body = match answer.body.as_slice() {
        [] => Object::new(),
        body => json::parse_bytes(body).expect("JSON").as_object().expect("an object").clone(),
    };
    (answer.status, body)
}

pub fn texts<const N: usize>(members: [(&'static str, &str); N]) -> Object {
    json::object(members.map(|(name, text)| (name, Value::from(text))))
}

/// The text at a path of member names.
pub fn at<'a>(body: &'a Object, path: &[&str]) -> &'a Value {
    let (first, rest) = path.split_first().expect("a path");
    rest.iter().fold(&body[*first], |value, name| &value.as_object().expect("an object")[*name])
}

pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < end, "{what}");
        std::thread::yield_now();
    }
}

#[test]
fn what_was_answered_is_there_after_each_restart() {
    let daemon = Daemon::new();
    daemon.okta.put_user(User::new("fred", "good").groups(["Everyone", "Engineers"]));
    daemon.configure(&daemon.open());
    assert_eq!(
        call(&daemon.open(), "register_group", &texts([("name", "engineers"), ("policies", "dev")])).0,
        204
    );
    assert_eq!(
        call(&daemon.open(), "register_user", &texts([("username", "fred"), ("policies", "own")])).0,
        204
    );

    let (status, body) = call(&daemon.open(), "login", &texts([("username", "fred"), ("password", "good")]));
    assert_eq!(status, 200);
    assert_eq!(at(&body, &["auth", "policies"]).as_array().map(<[Value]>::len), Some(3));
    let token = at(&body, &["auth", "client_token"]).as_str().expect("a token").to_owned();

    let token = texts([("token", &token)]);
    let (status, body) = call(&daemon.open(), "lookup_token", &token);
    assert_eq!(status, 200);
    assert_eq!(at(&body, &["data", "display_name"]).as_str(), Some("okta-fred"));
    assert_eq!(at(&body, &["data", "meta", "username"]).as_str(), Some("fred"));
    assert_eq!(call(&daemon.open(), "renew_token", &token).0, 200);
    assert_eq!(call(&daemon.open(), "revoke_token", &token).0, 204);
    assert_eq!(call(&daemon.open(), "lookup_token", &token).0, 403);
}

#[test]
fn a_mount_takes_its_data_and_tokens_along() {
    let daemon = Daemon::new();
    let client = daemon.open();
    daemon.okta.put_user(User::new("fred", "good"));
    daemon.configure(&client);
    assert_eq!(call(&client, "register_user", &texts([("username", "fred"), ("policies", "own")])).0, 204);
    let login = texts([("username", "fred"), ("password", "good")]);
    let (_, body) = call(&client, "login", &login);
    let token = texts([("token", at(&body, &["auth", "client_token"]).as_str().expect("a token"))]);
    assert_eq!(call(&client, "lookup_token", &token).0, 200);

    assert_eq!(call(&client, "disable_auth_method", &texts([("path", "okta")])).0, 204);
    assert_eq!(call(&client, "lookup_token", &token).0, 403);
    assert_eq!(call(&client, "login", &login).0, 404);
    assert_eq!(call(&client, "enable_auth_method", &texts([("path", "okta"), ("type", "okta")])).0, 204);
    assert_eq!(call(&client, "list_users", &Object::new()).0, 404);
    assert_eq!(call(&client, "read_config", &Object::new()).0, 404);
}

#[test]
fn a_number_is_shown_while_the_login_waits() {
    let daemon = Daemon::new();
    let client = daemon.open();
    let phone = Factor::push("opf1").script(PushScript::until_tapped().number(0, 1));
    daemon.okta.put_user(User::new("fred", "good").factor(phone));
    daemon.configure(&client);
    let login = texts([("username", "fred"), ("password", "good"), ("nonce", NONCE)]);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| call(&client, "login", &login).0);
        wait_until("a number is shown", || {
            let (status, body) = call(&client, "verify", &texts([("nonce", NONCE)]));
            status == 200 && at(&body, &["data", "correct_answer"]).as_i64() == Some(0)
        });
        assert!(daemon.okta.tap("fred", "SUCCESS", Some(0)), "a push waits");
        assert_eq!(waiting.join().expect("no panic"), 200);
    });
    assert_eq!(call(&client, "verify", &texts([("nonce", NONCE)])).0, 404);
    assert_eq!(daemon.okta.pushes_sent(), 1);
}

#[test]
fn closing_ends_a_login_that_waits() {
    let daemon = Daemon::new();
    let client = daemon.open();
    let phone = Factor::push("opf1").script(PushScript::until_tapped());
    daemon.okta.put_user(User::new("fred", "good").factor(phone));
    daemon.configure(&client);
    let login = text(&texts([("username", "fred"), ("password", "good")]));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| client.call("login", &login).err());
        wait_until("a push was sent", || daemon.okta.pushes_sent() == 1);
        client.close();
        assert_eq!(waiting.join().expect("no panic"), Some(NoAnswer::Cancelled));
    });
    assert_eq!(client.call("read_config", b"").err(), Some(NoAnswer::Closed));
    client.close();
}

#[test]
fn a_login_ends_at_its_deadline() {
    let daemon = Daemon::new();
    let client = daemon.open();
    let phone = Factor::push("opf1").script(PushScript::until_tapped());
    daemon.okta.put_user(User::new("fred", "good").factor(phone));
    daemon.configure(&client);
    let mut login = texts([("username", "fred"), ("password", "good")]);
    login.insert("timeout_ms", Value::from(1_500));
    let began = Instant::now();
    let (status, body) = call(&client, "login", &login);
    assert_eq!((status, body["code"].as_str()), (503, Some("deadline_exceeded")));
    // The push could be answered until then, and Okta was asked for it shortly before.
    assert!(began.elapsed() >= Duration::from_millis(1_500), "{:?}", began.elapsed());
    let polls = daemon.okta.calls().iter().filter(|call| call.path_alone().ends_with("/opf1/verify")).count();
    assert_eq!((polls, daemon.okta.pushes_sent()), (3, 1), "the push and two polls");
}

#[test]
fn the_request_id_comes_back_in_every_answer() {
    let client = Client::open(b"").expect("opens");
    for (operation, request) in [
        ("list_auth_methods", r#"{"request_id":"r1"}"#),
        ("read_config", r#"{"request_id":"r1"}"#),
        ("login", r#"{"request_id":"r1","username":"fred","password":"x"}"#),
        ("login", r#"{"request_id":"r1"}"#),
        ("login", r#"{"request_id":"r1","timeout_ms":"soon"}"#),
    ] {
        let answer = client.call(operation, request.as_bytes()).expect("an answer");
        let body = json::parse_bytes(&answer.body).expect("JSON");
        assert_eq!(
            body.as_object().expect("an object")["request_id"].as_str(),
            Some("r1"),
            "{operation} {request}"
        );
    }
}

#[test]
fn there_is_no_answer_to_what_is_no_request() {
    let client = Client::open(b"").expect("opens");
    assert_eq!(client.call("read_config", b"\xff").err(), Some(NoAnswer::InvalidUtf8));
    assert_eq!(client.call("nosuch", b"").err(), Some(NoAnswer::UnknownOperation));
    let large = vec![b' '; okta_auth::limits::REQUEST_BYTES + 1];
    assert_eq!(client.call("read_config", &large).err(), Some(NoAnswer::TooLarge));
}

#[test]
fn a_hosts_misspelt_member_is_told_where_vault_is_silent() {
    let client = Client::open(b"{}").expect("opens");
    let answer =
        client.call("register_user", br#"{"username":"fred","polices":["dev"]}"#).expect("an answer");
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!(answer.status, 200, "{body}");
    assert!(body.contains("Endpoint ignored these unrecognized parameters: [polices]"), "{body}");
    let answer = client.call("delete_user", br#"{"username":"fred"}"#).expect("an answer");
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    // Nothing that was not there becomes an answer by it.
    assert_eq!(client.call("read_user", br#"{"username":"fred","x":1}"#).expect("an answer").status, 404);
}
