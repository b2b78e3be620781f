//! Calls that need no network.

use crate::library::{Client, Library, options};
use crate::okta::{Okta, login};
use crate::table::{Aim, Table, median};
use crate::usage;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;

const BATCHES: usize = 50;
const LOOKUPS_OF_A_BATCH: usize = 1_000;
const OPENINGS: usize = 51;

/// Looking up a token: by the host, and through the door as its holder.
pub fn lookup(library: &Path, okta: &Okta, table: &mut Table) {
    let library = Library::load(library);
    let folder = tempfile::tempdir().expect("a folder");
    for (engine, database) in [("memory", None), ("SQLite", Some(folder.path().join("okta.db")))] {
        let client = library.open(&options(okta, database.as_deref()));
        client.configure(okta);
        let token = client.login(&login(0));
        let by_host = json!({ "token": token }).to_string();
        let by_holder =
            json!({ "method": "GET", "path": "auth/token/lookup-self", "token": token }).to_string();
        for (what, operation, request, aim) in [
            ("token lookup", "lookup_token", by_host, 5.0),
            ("lookup-self through the door", "request", by_holder, 5.0),
        ] {
            let aim = (operation == "lookup_token").then_some(Aim::AtMost(aim));
            let microseconds = microseconds_of_a_call(&library, &client, operation, &request);
            table.row(&format!("{what}, {engine} engine"), microseconds, "µs", aim);
        }
    }
}

fn microseconds_of_a_call(library: &Library, client: &Client<'_>, operation: &str, request: &str) -> f64 {
    let function = library.operation(operation);
    // The calls run on this thread alone, so CPU is the time they take on a machine with nothing else to do.
    let batch = || {
        let start = usage::cpu();
        for _ in 0..LOOKUPS_OF_A_BATCH {
            assert_eq!(client.answer(function, request, |_| ()).0, 200);
        }
        (usage::cpu() - start).as_secs_f64() * 1e6 / LOOKUPS_OF_A_BATCH as f64
    };
    batch();
    median((0..BATCHES).map(|_| batch()).collect())
}

/// Opening a handle; closing is not counted.
pub fn open(library: &Path, table: &mut Table) {
    let library = Library::load(library);
    let folder = tempfile::tempdir().expect("a folder");
    let database = json!({ "storage": { "type": "sqlite", "path": folder.path().join("okta.db") } });
    drop(library.open(&database));
    table.row(
        "open, an SQLite database that is there",
        milliseconds(&library, &database),
        "ms",
        Some(Aim::AtMost(5.0)),
    );
    table.row("open, memory", milliseconds(&library, &json!({})), "ms", Some(Aim::AtMost(5.0)));
}

fn milliseconds(library: &Library, options: &Value) -> f64 {
    let times = (0..OPENINGS).map(|_| {
        let start = Instant::now();
        let client = library.open(options);
        let time = start.elapsed();
        drop(client);
        time.as_secs_f64() * 1e3
    });
    median(times.collect())
}
