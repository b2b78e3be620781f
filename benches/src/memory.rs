//! Resident memory, in a process that does nothing else.

use crate::library::{Library, options};
use crate::logins::logins;
use crate::okta::{Okta, USERS};
use crate::table::Table;
use crate::usage::resident_megabytes;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

/// The first argument of such a process.
pub const ROLE: &str = "memory-of-the-library";
const LOGINS: usize = 10_000;

/// Starts the process and prints what it says.
pub fn measure(library: &Path, okta: &Okta, table: &mut Table) {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program)
        .arg(ROLE)
        .args([library.as_os_str(), okta.line.to_string().as_ref()])
        .stderr(Stdio::inherit())
        .output()
        .expect("a process");
    let text = String::from_utf8_lossy(&output.stdout);
    for line in text.lines() {
        let (value, what) = line.split_once(' ').expect("a value and its name");
        table.row(what, value.parse().expect("a number"), "MB", None);
    }
    assert!(output.status.success(), "{text}");
}

/// What the process does: one line for each look at its memory.
pub fn child(library: &str, okta: &str) {
    let okta: Value = serde_json::from_str(okta).expect("JSON");
    let okta = Okta::running(okta);
    println!("{:.2} resident before the library is loaded", resident_megabytes());
    let library = Library::load(Path::new(library));
    let folder = tempfile::tempdir().expect("a folder");
    let client = library.open(&options(&okta, Some(&folder.path().join("okta.db"))));
    client.configure(&okta);
    println!("{:.2} resident when idle, SQLite open and configured", resident_megabytes());
    logins(&library, &client, 1, 1);
    println!("{:.2} resident after the first login", resident_megabytes());
    logins(&library, &client, USERS, LOGINS / USERS);
    println!("{:.2} resident after 10,000 logins at 64 at a time", resident_megabytes());
    logins(&library, &client, USERS, LOGINS / USERS);
    println!("{:.2} resident after 20,000", resident_megabytes());
}
