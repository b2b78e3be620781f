//! Calls that need no network, through the C ABI of the shipped library. Aims: 5 µs for a look-up by the host in memory,
//! 5 ms to open.
//!
//! `OKTA_AUTH_LIBRARY` is the path of `libokta_auth.so`, `OKTA_LOOPBACK` that of the loopback Okta: `make bench` sets both.

use bench::library::{Library, Operation, options};
use bench::okta::{Okta, login};
use divan::Bencher;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::LazyLock;

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
    let folder = tempfile::tempdir().expect("a folder");
    let database = (engine == "sqlite").then(|| folder.path().join("okta.db"));
    let client = LIBRARY.open(&options(&OKTA, database.as_deref()));
    client.configure(&OKTA);
    let request = request(&client.login(&login(0))).to_string();
    bencher.bench_local(|| assert_eq!(client.answer(function, &request, |_| ()).0, 200));
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
