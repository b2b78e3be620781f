//! Tokens through the door and the named operations: who may end whose, what is no token, and that a use is one use
//! in all processes. The shapes of the answers are in the transcripts.

use crate::calls::{call, open, request};
use crate::storage::{finish, job, start_job};
use okta_auth::api::Client;
use okta_auth::clock::Clock;
use okta_loopback::{API_TOKEN, Okta, User};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const PASSWORD: &str = "correct horse";
/// Tokens that processes race for.
const TOKENS: usize = 30;
const PROCESSES: usize = 3;

struct World {
    okta: Okta,
    client: Client,
    clock: Clock,
}

impl World {
    fn new() -> Self {
        let okta = Okta::start();
        let clock = Clock::driven(1_800_000_000);
        for name in ["fred", "bob"] {
            okta.put_user(User::new(format!("{name}@corp.test"), PASSWORD).group("Engineers"));
        }
        let options = json!({ "ca_pem": okta.ca_pem(), "mounts": ["okta", "other"] }).to_string();
        let client = Client::open_with_clock(options.as_bytes(), clock.clone()).expect("opens");
        let world = Self { okta, client, clock };
        world.configure("service");
        world.done("register_group", json!({ "name": "engineers", "policies": "dev" }));
        world
    }

    fn configure(&self, token_type: &str) {
        let config = json!({ "org_url": self.okta.url(), "api_token": API_TOKEN, "token_type": token_type });
        self.done("configure", config);
    }

    fn done(&self, operation: &str, request: Value) {
        let (status, body) = call(&self.client, operation, &request);
        assert_eq!(status, 204, "{operation}: {body}");
    }

    fn log_in(&self, typed: &str) -> String {
        let (status, body) = call(&self.client, "login", &json!({ "username": typed, "password": PASSWORD }));
        assert_eq!(status, 200, "{body}");
        client_token(&body)
    }

    fn lives(&self, token: &str) -> bool {
        self.ask("GET", "auth/token/lookup-self", token, json!({})).0 == 200
    }

    fn ask(&self, method: &str, path: &str, token: &str, data: Value) -> (u16, Value) {
        request(&self.client, &json!({ "method": method, "path": path, "token": token, "data": data }))
    }
}

fn client_token(body: &Value) -> String {
    body["auth"]["client_token"].as_str().expect("a token").to_owned()
}

fn create(client: &Client, wish: Value) -> String {
    let (status, body) = call(client, "create_token", &wish);
    assert_eq!(status, 200, "{body}");
    client_token(&body)
}

#[test]
fn who_has_sudo_ends_the_tokens_of_a_user_a_group_a_mount_or_a_path() {
    for (path, data) in [
        ("auth/okta/revoke/users/FRED@corp.test", json!({ "revoked": 2 })),
        ("auth/okta/revoke/users/fred", json!({ "revoked": 2 })),
        ("auth/okta/revoke/groups/ENGINEERS", json!({ "revoked": 2 })),
        ("auth/okta/revoke", json!({ "revoked": 2 })),
        ("sys/leases/revoke-prefix/auth/okta/login", Value::Null),
    ] {
        let world = World::new();
        let root = create(&world.client, json!({ "policies": ["root"] }));
        let dev = create(&world.client, json!({ "policies": ["dev"] }));
        let tokens = [world.log_in("fred"), world.log_in("fred@corp.test")];
        world.configure("batch");
        let batch = world.log_in("fred");
        assert_eq!(world.ask("POST", path, &dev, json!({})).0, 403, "{path}");
        assert!(tokens.iter().chain([&batch]).all(|token| world.lives(token)), "{path}");
        let (status, body) = world.ask("POST", path, &root, json!({}));
        assert_eq!((status, &body["data"]), (if data.is_null() { 204 } else { 200 }, &data), "{path}");
        assert!(!tokens.iter().any(|token| world.lives(token)), "{path}");
        // Batch tokens have no lease.
        assert_eq!(world.lives(&batch), data.is_null(), "{path}");
        assert!(world.lives(&root) && world.lives(&dev) && world.lives(&world.log_in("fred")), "{path}");
    }
}

#[test]
fn the_host_ends_the_tokens_of_one_user_of_two() {
    let world = World::new();
    let (fred, bob) = (world.log_in("fred"), world.log_in("bob"));
    let (status, body) = call(&world.client, "revoke_user_tokens", &json!({ "username": "fred" }));
    assert_eq!((status, &body["data"], &body["warnings"]), (200, &json!({ "revoked": 1 }), &Value::Null));
    assert!(!world.lives(&fred) && world.lives(&bob));
    let (fred, typed) = (world.log_in("fred"), json!({ "username": " Fred " }));
    let (_, body) = call(&world.client, "revoke_user_tokens", &typed);
    assert_eq!(body["data"]["revoked"], 1);
    assert!(!world.lives(&fred));
    let elsewhere = json!({ "username": "bob", "mount_point": "other" });
    let (_, body) = call(&world.client, "revoke_user_tokens", &elsewhere);
    assert_eq!(body["data"]["revoked"], 0);
    assert!(body["warnings"][0].as_str().is_some_and(|text| text.contains("known by this name")), "{body}");
    assert!(world.lives(&bob));
}

#[test]
fn what_is_no_token_opens_nothing() {
    let world = World::new();
    let service = world.log_in("fred");
    world.configure("batch");
    let batch = world.log_in("fred");
    let stranger = World::new();
    stranger.configure("batch");
    let revoked = create(&world.client, json!({ "policies": ["root"] }));
    world.done("revoke_token", json!({ "token": &revoked }));
    let expired = create(&world.client, json!({ "policies": ["root"], "ttl": 10 }));
    let expired_batch = create(&world.client, json!({ "policies": ["dev"], "ttl": 10, "type": "batch" }));
    world.clock.advance(Duration::from_secs(10));
    let mut forms = vec![
        revoked,
        expired,
        expired_batch,
        stranger.log_in("fred"),
        create(&stranger.client, json!({ "policies": ["root"] })),
        "root".to_owned(),
        "hvs.".to_owned(),
        "hvb.".to_owned(),
        "hvb.AAAA".to_owned(),
        "hvs.\0".to_owned(),
        format!("hvs.{}", "x".repeat(100_000)),
        format!("hvb.{}", "x".repeat(100_000)),
    ];
    for token in [&service, &batch] {
        let (start, rest) = token.split_at(4);
        forms.extend([
            format!("{token} "),
            format!(" {token}"),
            format!("{token}\n"),
            format!("{token}\r\n"),
            format!("{token}\0"),
            format!("{token}="),
            format!("{token}A"),
            token.to_uppercase(),
            token[..token.len() - 1].to_owned(),
            rest.to_owned(),
            format!("{start}{start}{rest}"),
            format!("{}{rest}", if start == "hvs." { "hvb." } else { "hvs." }),
        ]);
    }
    for token in &forms {
        let (status, body) = world.ask("GET", "auth/token/lookup-self", token, json!({}));
        assert_eq!(status, 403, "{token:?}: {body}");
        assert_eq!(body["errors"][0], "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n");
        // Nor can anything be done to one.
        assert_eq!(call(&world.client, "lookup_token", &json!({ "token": token })).0, 403, "{token:?}");
        assert_eq!(call(&world.client, "renew_token", &json!({ "token": token })).0, 400, "{token:?}");
        assert_eq!(call(&world.client, "revoke_token", &json!({ "token": token })).0, 204, "{token:?}");
    }
    assert!(world.lives(&service) && world.lives(&batch));
}

#[test]
fn a_last_use_is_one_processs() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("okta.db");
    let client = client_at(&path);
    let tokens: Vec<String> = (0..TOKENS)
        .map(|_| create(&client, json!({ "policies": ["root"], "ttl": "1h", "num_uses": 1 })))
        .collect();
    std::fs::write(folder.path().join("tokens"), tokens.join("\n")).expect("written");
    let children: Vec<_> = (0..PROCESSES).map(|_| start_job("tokens::job_uses", "use", &path)).collect();
    let texts: Vec<String> = children.into_iter().map(finish).collect();
    for number in 0..TOKENS {
        let winners = texts.iter().filter(|text| text.contains(&format!("used {number}."))).count();
        assert_eq!(winners, 1, "{number}");
    }
}

#[test]
fn job_uses() {
    let Some(path) = job("use") else { return };
    let client = client_at(&path);
    let tokens = std::fs::read_to_string(path.with_file_name("tokens")).expect("read");
    for (number, token) in tokens.lines().enumerate() {
        let look = json!({ "method": "GET", "path": "auth/token/lookup-self", "token": token });
        match request(&client, &look).0 {
            200 => println!("used {number}."),
            status => assert_eq!(status, 403),
        }
    }
}

fn client_at(path: &Path) -> Client {
    open(&json!({ "storage": { "type": "sqlite", "path": path } }))
}

/// Where a token may be used from is where it may be renewed for, whoever asks.
#[test]
fn a_token_is_renewed_only_for_the_addresses_it_is_bound_to() {
    let world = World::new();
    world.done(
        "create_or_update_token_role",
        json!({ "role_name": "near", "token_bound_cidrs": "10.0.0.0/8",
        "allowed_policies": "dev", "renewable": true }),
    );
    let wish = json!({ "role_name": "near", "policies": "dev", "remote_address": "10.0.0.1" });
    let (status, body) = call(&world.client, "create_token", &wish);
    assert_eq!(status, 200, "{body}");
    let names = json!({ "token": body["auth"]["client_token"], "accessor": body["auth"]["accessor"] });
    for (operation, name) in [("renew_token", "token"), ("renew_accessor", "accessor")] {
        for (address, expected) in [(json!("10.9.9.9"), 200), (json!("192.0.2.1"), 403), (Value::Null, 403)] {
            let members = json!({ name: names[name], "remote_address": address });
            let (status, body) = call(&world.client, operation, &members);
            assert_eq!(status, expected, "{operation} {address}: {body}");
        }
    }
}

/// As Vault: what a request asks for with its token's last use, it gets, whichever way it names the token.
#[test]
fn a_token_looks_itself_up_with_its_last_use() {
    let world = World::new();
    for path in ["lookup-self", "lookup", "lookup-accessor"] {
        let wish = json!({ "policies": ["root"], "ttl": 60, "num_uses": 1 });
        let (_, body) = call(&world.client, "create_token", &wish);
        let auth = &body["auth"];
        let token = auth["client_token"].as_str().expect("a token");
        let (method, data) = match path {
            "lookup-self" => ("GET", json!({})),
            "lookup" => ("POST", json!({ "token": token })),
            _ => ("POST", json!({ "accessor": auth["accessor"] })),
        };
        let (status, body) = world.ask(method, &format!("auth/token/{path}"), token, data);
        assert_eq!((status, &body["data"]["num_uses"]), (200, &json!(-1)), "{path}: {body}");
        assert!(!world.lives(token), "{path}");
    }
}
