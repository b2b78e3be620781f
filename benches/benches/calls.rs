//! Calls that need no network, through the C ABI of the shipped library. Aims: 5 µs for a look-up by the host in memory,
//! 2 µs for a token's check with a decision under 50 rules, at most 1.3 times that beside 100,000 tokens and 10,000
//! policies, 5 ms to open.
//!
//! `OKTA_AUTH_LIBRARY` is the path of `libokta_auth.so`, `OKTA_LOOPBACK` that of the loopback Okta: `make bench` sets both.

use bench::library::{Client, Library, Operation, options};
use bench::okta::{Okta, login};
use divan::Bencher;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::LazyLock;
use tempfile::TempDir;

static OKTA: LazyLock<Okta> = LazyLock::new(|| Okta::start(&path("OKTA_LOOPBACK")));
static LIBRARY: LazyLock<Library> = LazyLock::new(|| Library::load(&path("OKTA_AUTH_LIBRARY")));

fn path(variable: &str) -> PathBuf {
    std::env::var_os(variable).unwrap_or_else(|| panic!("{variable} is not set: run `make bench`")).into()
}

fn main() {
    // The Okta ends with this process, which holds its input.
    divan::main();
}

const ENGINES: [&str; 2] = ["memory", "sqlite"];

/// Looking up a token as the host does.
#[divan::bench(args = ENGINES)]
fn look_up_token(bencher: Bencher, engine: &str) {
    asked(bencher, engine, LIBRARY.operation("lookup_token"), |token| json!({ "token": token }));
}

/// Looking it up as its holder does, through the door.
#[divan::bench(args = ENGINES)]
fn look_up_self_through_the_door(bencher: Bencher, engine: &str) {
    asked(
        bencher,
        engine,
        LIBRARY.operation("request"),
        |token| json!({ "method": "GET", "path": "auth/token/lookup-self", "token": token }),
    );
}

fn asked(bencher: Bencher, engine: &str, function: Operation, request: fn(&str) -> Value) {
    let Store { client, _folder } = Store::open(engine);
    let request = request(&client.login(&login(0))).to_string();
    bencher.bench_local(|| assert_eq!(client.answer(function, &request, |_| ()).0, 200));
}

/// Reading the configuration through the door.
#[divan::bench(args = ENGINES)]
fn read_the_configuration_through_the_door(bencher: Bencher, engine: &str) {
    let store = Store::open(engine);
    let (_, written) = store.client.call(
        "create_or_update_acl_policy",
        &json!({ "name": "reader", "policy": "path \"auth/okta/config\" { capabilities = [\"read\"] }" }),
    );
    assert!(written.is_null(), "{written}");
    let request = json!({ "method": "GET", "path": "auth/okta/config", "token": store.token("reader") });
    let request = request.to_string();
    let door = LIBRARY.operation("request");
    bencher.bench_local(|| assert_eq!(store.client.answer(door, &request, |_| ()).0, 200));
}

/// Whether the bearer of a token may do something on a path of the host's, under 50 rules.
#[divan::bench(args = ENGINES)]
fn check_a_token_and_decide_under_50_rules(bencher: Bencher, engine: &str) {
    let store = Store::open(engine);
    store.write_rules("rules");
    store.decide(bencher);
}

/// The same, with 100,000 tokens and 10,000 policies stored.
#[divan::bench]
fn check_a_token_and_decide_among_many(bencher: Bencher) {
    let store = Store::open("memory");
    for number in 0..9_999 {
        store.write_rules(&format!("other{number}"));
    }
    store.write_rules("rules");
    for _ in 0..99_999 {
        store.token("other1");
    }
    store.decide(bencher);
}

/// A client with its storage.
struct Store {
    client: Client<'static>,
    _folder: TempDir,
}

impl Store {
    fn open(engine: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = (engine == "sqlite").then(|| folder.path().join("okta.db"));
        let client = LIBRARY.open(&options(&OKTA, database.as_deref()));
        client.configure(&OKTA);
        Self { client, _folder: folder }
    }

    /// A policy of 50 rules, of each kind some.
    fn write_rules(&self, name: &str) {
        let rules: String = (0..50)
            .map(|number| {
                let path = match number % 3 {
                    0 => format!("printers/{number}/jobs"),
                    1 => format!("floors/{number}/*"),
                    _ => format!("rooms/+/{number}/+"),
                };
                format!("path \"{path}\" {{ capabilities = [\"read\", \"update\"] }}\n")
            })
            .collect();
        let request = json!({ "name": name, "policy": rules });
        assert_eq!(self.client.call("create_or_update_acl_policy", &request).0, 204);
    }

    fn token(&self, policy: &str) -> String {
        let (status, answer) = self.client.call("create_token", &json!({ "policies": [policy] }));
        assert_eq!(status, 200, "{answer}");
        answer["auth"]["client_token"].as_str().expect("a token").to_owned()
    }

    fn decide(&self, bencher: Bencher) {
        let request =
            json!({ "token": self.token("rules"), "path": "rooms/north/17/door", "operation": "update" });
        let request = request.to_string();
        let authorize = LIBRARY.operation("authorize");
        bencher.bench_local(|| assert_eq!(self.client.answer(authorize, &request, |_| ()).0, 200));
    }
}

/// Opening a handle of a storage that is there; closing is not counted. A sample's handles are open all at once.
#[divan::bench(args = ENGINES, sample_size = 16)]
fn open(bencher: Bencher, engine: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("okta.db");
    let storage = match engine {
        "sqlite" => json!({ "storage": { "type": "sqlite", "path": path } }),
        _ => json!({}),
    };
    drop(LIBRARY.open(&storage));
    bencher.bench_local(|| LIBRARY.open(&storage));
}
