//! Where the lines of the audit log go, and what happens when they cannot be written.

use super::{Audited, lines, pair};
use crate::api::wait_until;
use crate::calls::{call, open, refusal_to_open};
use okta_auth::api::{Client, NoAnswer, Submission};
use okta_auth::log::Level;
use okta_loopback::{Fault, FaultKind};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::{Arc, Mutex, mpsc};

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
