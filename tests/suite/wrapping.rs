//! Response wrapping: who gets what was wrapped, once, for how long, and what a wrapping token is no good for. The
//! shapes of the answers are in the transcripts.

use crate::calls::{call, open, request};
use okta_auth::api::Client;
use okta_auth::clock::Clock;
use okta_auth::limits;
use okta_loopback::{Factor, Okta, User};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Barrier;
use std::time::Duration;

const PASSWORD: &str = "correct horse";

/// A client that fred can log in at, and its Okta.
fn client_for(okta: &Okta, storage: &Value, clock: &Clock) -> Client {
    okta.put_user(User::new("fred@corp.test", PASSWORD));
    let options = json!({ "storage": storage, "ca_pem": okta.ca_pem() }).to_string();
    let client = Client::open_with_clock(options.as_bytes(), clock.clone()).expect("opens");
    assert_eq!(call(&client, "configure", &json!({ "org_url": okta.url() })).0, 204);
    client
}

fn sqlite(path: &Path) -> Value {
    json!({ "type": "sqlite", "path": path })
}

/// An answer of 200 with `wrap_info` and nothing else.
fn wrapping(answer: (u16, Value)) -> Value {
    let (status, body) = answer;
    assert_eq!(status, 200, "{body}");
    for name in ["auth", "data", "warnings"] {
        assert_eq!(body[name], Value::Null, "{body}");
    }
    body["wrap_info"].clone()
}

fn wrap(client: &Client, data: Value, ttl: &str) -> Value {
    wrapping(call(client, "wrap", &json!({ "data": data, "wrap_ttl": ttl })))["token"].clone()
}

fn unwrap(client: &Client, token: &Value) -> (u16, Value) {
    call(client, "unwrap", &json!({ "token": token }))
}

fn is_gone(answer: &(u16, Value)) -> bool {
    answer.0 == 400 && answer.1["errors"][0] == "wrapping token is not valid or does not exist"
}

#[test]
fn a_wrapped_answer_is_the_whole_answer() {
    let client = open(&json!({}));
    let create =
        json!({ "policies": ["dev"], "ttl": "1h", "bogus": 1, "request_id": "first", "wrap_ttl": 60 });
    let info = wrapping(call(&client, "create_token", &create));
    let (status, body) = unwrap(&client, &info["token"]);
    assert_eq!((status, &body["request_id"]), (200, &json!("first")), "{body}");
    assert_eq!(body["warnings"][1], "Endpoint ignored these unrecognized parameters: [bogus]", "{body}");
    assert_eq!(body["auth"]["accessor"], info["wrapped_accessor"], "{body}");
    assert_eq!(call(&client, "lookup_token", &json!({ "token": body["auth"]["client_token"] })).0, 200);
    assert!(is_gone(&unwrap(&client, &info["token"])));

    // Names that every operation takes are of no meaning inside.
    let data =
        json!({ "token": "t", "wrap_ttl": "1s", "mount_point": "m", "*": [1, null], "path": { "a": 1 } });
    let (_, body) = unwrap(&client, &wrap(&client, data.clone(), "1m"));
    assert_eq!((&body["data"], &body["warnings"]), (&data, &Value::Null));
}

#[test]
fn a_transaction_is_wrapped_once_it_is_done() {
    let okta = Okta::start();
    let client = client_for(&okta, &json!({ "type": "memory" }), &Clock::system());
    okta.put_user(User::new("fred@corp.test", PASSWORD).factor(Factor::totp(
        "ost1",
        "OKTA",
        "JBSWY3DPEHPK3PXP",
    )));
    let start = json!({ "username": "fred", "password": PASSWORD, "wrap_ttl": "5m" });
    let (status, body) = call(&client, "start_transaction", &start);
    assert_eq!(
        (status, &body["wrap_info"], &body["data"]["state"]),
        (202, &Value::Null, &json!("mfa_required"))
    );
    let step = json!({ "id": body["data"]["id"], "factor_id": "ost1", "wrap_ttl": "5m" });
    let (status, body) = call(&client, "continue_transaction", &step);
    assert_eq!((status, &body["wrap_info"]), (202, &Value::Null), "{body}");
    let passcode = okta.passcode("fred", "ost1").expect("a code");
    let step = json!({ "id": body["data"]["id"], "passcode": passcode, "wrap_ttl": "5m" });
    let info = wrapping(call(&client, "continue_transaction", &step));
    // The id is a secret.
    assert_eq!(info["creation_path"], "auth/okta/transactions");
    let (status, body) = unwrap(&client, &info["token"]);
    assert_eq!((status, &body["data"]["state"]), (200, &json!("done")), "{body}");
    assert_eq!(body["auth"]["accessor"], info["wrapped_accessor"]);
}

#[test]
fn of_many_who_unwrap_at_once_one_gets_it() {
    const ROUNDS: usize = 10;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("okta.db");
    // As two processes on one machine have it.
    let clients = [open(&json!({ "storage": sqlite(&path) })), open(&json!({ "storage": sqlite(&path) }))];
    let root = call(&clients[0], "create_token", &json!({ "policies": ["root"] })).1;
    let root = &root["auth"]["client_token"];
    for round in 0..ROUNDS {
        let token = wrap(&clients[0], json!({ "round": round }), "1m");
        let barrier = Barrier::new(6);
        let ask = |number: usize| {
            let client = &clients[number % 2];
            barrier.wait();
            match number {
                0 | 1 => unwrap(client, &token),
                2 | 3 => request(
                    client,
                    &json!({ "method": "POST", "path": "sys/wrapping/unwrap", "token": token, "data": {} }),
                ),
                4 => request(
                    client,
                    &json!({ "method": "POST", "path": "sys/wrapping/unwrap", "token": root, "data": { "token": token } }),
                ),
                _ => call(client, "rewrap", &json!({ "token": token })),
            }
        };
        let mut answers: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6).map(|number| scope.spawn(move || ask(number))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        let winner = answers.iter().position(|(status, _)| *status == 200).expect("one gets it");
        let (_, mut body) = answers.remove(winner);
        if let Some(token) = body["wrap_info"].get("token") {
            body = unwrap(&clients[0], token).1;
        }
        assert_eq!(body["data"]["round"], round, "{body}");
        for (status, body) in answers {
            // One that was let in by the token itself may find it gone before or after its rights were looked at.
            assert!(matches!(status, 400 | 403), "{status} {body}");
            assert_eq!(body["code"], "invalid_token", "{body}");
        }
    }
}

#[test]
fn a_wrapping_token_is_good_for_nothing_else() {
    let client = open(&json!({}));
    assert_eq!(call(&client, "register_user", &json!({ "username": "fred" })).0, 204);
    for (method, path, data) in [
        ("GET", "auth/token/lookup-self", json!({})),
        ("POST", "auth/token/renew-self", json!({})),
        ("POST", "auth/token/revoke-self", json!({})),
        ("POST", "auth/token/create", json!({})),
        ("POST", "sys/wrapping/rewrap", json!({})),
        ("POST", "sys/wrapping/wrap", json!({ "a": 1 })),
        ("GET", "auth/okta/users/fred", json!({})),
        ("GET", "sys/auth", json!({})),
        ("GET", "nosuch/path", json!({})),
    ] {
        let token = wrap(&client, json!({ "a": 1 }), "1m");
        let asked = json!({ "method": method, "path": path, "token": token, "data": data, "wrap_ttl": 60 });
        let (status, body) = request(&client, &asked);
        assert_eq!((status, body["code"].as_str()), (403, Some("permission_denied")), "{path}: {body}");
        assert!(is_gone(&unwrap(&client, &token)), "{path}: whoever tries has used it up");
    }
    let token = wrap(&client, json!({ "a": 1 }), "1m");
    assert_eq!(call(&client, "renew_token", &json!({ "token": token })).0, 400);
    assert_eq!(call(&client, "revoke_token", &json!({ "token": token })).0, 204);
    assert!(is_gone(&unwrap(&client, &token)));
}

#[test]
fn nobody_unwraps_what_has_expired_and_a_wrapped_token_ends_at_its_own_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("okta.db");
    let (okta, clock) = (Okta::start(), Clock::driven(1_800_000_000));
    let client = client_for(&okta, &sqlite(&path), &clock);
    let login = json!({ "username": "fred", "password": PASSWORD, "wrap_ttl": "10m" });
    let lost = wrapping(call(&client, "login", &login));
    let rewrapped = wrap(&client, json!({ "a": 1 }), "10m");
    clock.advance(Duration::from_secs(599));
    let info = wrapping(call(&client, "rewrap", &json!({ "token": rewrapped })));
    assert_eq!((&info["ttl"], &info["creation_path"]), (&json!(600), &json!("sys/wrapping/wrap")));
    assert_eq!(call(&client, "read_wrapping", &json!({ "token": lost["token"] })).0, 200);
    clock.advance(Duration::from_secs(1));
    assert!(is_gone(&unwrap(&client, &lost["token"])));
    assert!(is_gone(&call(&client, "read_wrapping", &json!({ "token": lost["token"] }))));
    assert_eq!(unwrap(&client, &info["token"]).0, 200);
    let accessor = json!({ "accessor": lost["wrapped_accessor"] });
    let (status, body) = call(&client, "lookup_accessor", &accessor);
    assert_eq!((status, &body["data"]["ttl"]), (200, &json!(2_764_200)), "{body}");

    // What nobody unwrapped goes with the next tokens that are made.
    for _ in 0..2 {
        assert_eq!(call(&client, "create_token", &json!({ "policies": ["dev"] })).0, 200);
    }
    let sql = rusqlite::Connection::open(&path).expect("opened");
    let count = "SELECT count(*) FROM entries WHERE key LIKE 'token/wrapped/%'";
    assert_eq!(sql.query_row(count, [], |row| row.get::<_, i64>(0)).expect("counted"), 0);
}

#[test]
fn a_token_whose_answer_could_not_be_wrapped_is_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("okta.db");
    let okta = Okta::start();
    let client = client_for(&okta, &sqlite(&path), &Clock::system());
    let kept = call(&client, "create_token", &json!({ "policies": ["dev"] })).1;
    let sql = rusqlite::Connection::open(&path).expect("opened");
    let refuse = "CREATE TRIGGER full BEFORE INSERT ON entries WHEN new.key LIKE 'token/wrapped/%'
        BEGIN SELECT RAISE(ABORT, 'a disk that fails'); END";
    sql.execute_batch(refuse).expect("written");
    drop(sql);
    let renew = json!({ "token": kept["auth"]["client_token"], "wrap_ttl": 60 });
    for (operation, request) in [
        ("login", json!({ "username": "fred", "password": PASSWORD, "wrap_ttl": 60 })),
        ("start_transaction", json!({ "username": "fred", "password": PASSWORD, "wrap_ttl": 60 })),
        ("create_token", json!({ "policies": ["dev"], "wrap_ttl": 60 })),
        ("renew_token", renew),
    ] {
        let (status, body) = call(&client, operation, &request);
        assert_eq!((status, body["code"].as_str()), (503, Some("storage_failed")), "{operation}: {body}");
    }
    let (_, body) = call(&client, "list_accessors", &json!({}));
    assert_eq!(body["data"]["keys"], json!([kept["auth"]["accessor"]]), "only the one that somebody has");
}

#[test]
fn what_is_wrapped_has_an_end() {
    let client = open(&json!({}));
    let wrap = |length: usize| {
        let data = json!({ "one": "x".repeat(length / 2), "other": "x".repeat(length - length / 2) });
        call(&client, "wrap", &json!({ "data": data, "wrap_ttl": 60, "request_id": "r" }))
    };
    let envelope = {
        let (_, body) = wrap(0);
        let answer =
            client.call("unwrap", json!({ "token": body["wrap_info"]["token"] }).to_string().as_bytes());
        answer.expect("an answer").body.len()
    };
    assert_eq!(wrap(limits::WRAPPED_BYTES - envelope).0, 200);
    let (status, body) = wrap(limits::WRAPPED_BYTES - envelope + 1);
    assert_eq!((status, body["code"].as_str()), (413, Some("too_large")), "{body}");
}

/// What strangers ask for costs room that is bounded, and which they must not take from others.
#[test]
fn for_strangers_nothing_is_wrapped_but_their_logins() {
    let okta = Okta::start();
    let client = client_for(&okta, &json!({ "type": "memory" }), &Clock::system());
    let ask = |method: &str, path: &str, data: Value, token: Option<&Value>| {
        let mut asked = json!({ "method": method, "path": path, "data": data,
            "headers": { "X-Vault-Wrap-TTL": "768h" } });
        if let Some(token) = token {
            asked["token"] = token.clone();
        }
        request(&client, &asked)
    };
    let wrapped = wrap(&client, json!({ "a": 1 }), "1h");
    for (method, path, data, token) in [
        ("GET", "sys/internal/ui/mounts", json!({}), None),
        ("POST", "sys/wrapping/lookup", json!({ "token": wrapped }), None),
        // Nor for one who wraps with what was wrapped for him.
        ("GET", "sys/internal/ui/mounts", json!({}), Some(&wrapped)),
    ] {
        let (status, body) = ask(method, path, data, token);
        assert_eq!((status, &body["code"]), (400, &json!("invalid_request")), "{path}: {body}");
    }
    let century = json!({ "method": "POST", "path": "auth/okta/login/fred", "data": { "password": PASSWORD },
        "wrap_ttl": "876000h" });
    let (status, body) = request(&client, &century);
    assert_eq!((status, &body["code"]), (400, &json!("invalid_request")), "{body}");
    let login = ask("POST", "auth/okta/login/fred", json!({ "password": PASSWORD }), None);
    let info = wrapping(login);
    let (_, body) = unwrap(&client, &info["token"]);
    wrapping(ask("GET", "auth/token/lookup-self", json!({}), Some(&body["auth"]["client_token"])));
    wrapping(call(&client, "list_auth_methods", &json!({ "wrap_ttl": "1h" })));
}

/// Whose answers wait is told by entity, or else by token: those of one do not take the room of another.
#[test]
fn tokens_without_an_entity_have_each_their_room() {
    let client = open(&json!({}));
    let rules = r#"path "sys/policies/acl" { capabilities = ["list"] }"#;
    let policy = json!({ "name": "lists", "policy": rules });
    assert_eq!(call(&client, "create_or_update_acl_policy", &policy).0, 204);
    for kind in ["batch", "service"] {
        let token = || {
            let wish = json!({ "policies": ["lists"], "type": kind, "ttl": "1h" });
            call(&client, "create_token", &wish).1["auth"]["client_token"].clone()
        };
        let ask = |token: &Value| {
            let asked =
                json!({ "method": "LIST", "path": "sys/policies/acl", "token": token, "wrap_ttl": "1h" });
            request(&client, &asked)
        };
        let (one, other) = (token(), token());
        for number in 0..limits::WRAPPED_FOR_ONE {
            let (status, body) = ask(&one);
            assert_eq!(status, 200, "{kind} {number}: {body}");
        }
        let (status, body) = ask(&one);
        assert_eq!((status, &body["code"]), (503, &json!("limit_reached")), "{kind}: {body}");
        assert_eq!(ask(&other).0, 200, "{kind}");
    }
}
