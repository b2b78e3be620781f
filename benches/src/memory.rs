//! Resident memory and threads, in processes that do nothing else.

use crate::logins::logins;
use crate::table::{Aim, Table};
use crate::usage::{resident_megabytes, threads};
use bench::library::{Library, options};
use bench::okta::{Okta, PASSWORD, USERS, patient_login};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The first argument of a process that logs in.
pub const LOGINS_ROLE: &str = "memory-of-logins";
/// The first argument of a process whose logins wait.
pub const PENDING_ROLE: &str = "memory-of-pending-pushes";

/// The first argument of a process that keeps transactions open.
pub const OPEN_ROLE: &str = "memory-of-open-transactions";

const LOGINS: usize = 10_000;
const PENDING: usize = 10_000;
/// Longer than it takes a slow machine to send all pushes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts the processes and prints what they say.
pub fn measure(library: &Path, okta: &Okta, table: &mut Table) {
    for row in rows_of(LOGINS_ROLE, library, okta) {
        table.row(&row.name, row.value, "MB", None);
    }
    okta.add_patient_users(PENDING);
    for role in [OPEN_ROLE, PENDING_ROLE] {
        for row in rows_of(role, library, okta) {
            let (unit, most) = if row.name.starts_with("threads") { ("", 3.0) } else { ("MB", 60.0) };
            table.row(&row.name, row.value, unit, Some(Aim::AtMost(most)));
        }
    }
}

struct Row {
    name: String,
    value: f64,
}

fn rows_of(role: &str, library: &Path, okta: &Okta) -> Vec<Row> {
    let output = Command::new(std::env::current_exe().expect("this program"))
        .arg(role)
        .args([library.as_os_str(), okta.line.to_string().as_ref()])
        .stderr(Stdio::inherit())
        .output()
        .expect("a process");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    let row = |line: &str| {
        let (value, name) = line.split_once(' ').expect("a value and its name");
        Row { name: name.to_owned(), value: value.parse().expect("a number") }
    };
    text.lines().map(row).collect()
}

/// What the first process does: one line for each look at its memory.
pub fn log_in(library: &str, okta: &str) {
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

/// The most that a process was seen with.
#[derive(Default)]
struct Most {
    resident: f64,
    threads: f64,
}

impl Most {
    fn look(&mut self) {
        self.resident = self.resident.max(resident_megabytes());
        self.threads = self.threads.max(threads());
    }

    fn print(&self, with: &str) {
        println!("{:.2} resident at most with {with}", self.resident);
        println!("{:.0} threads at most, the caller's own included", self.threads);
    }
}

/// What the second process does: it starts transactions whose pushes nobody answers, and polls each.
pub fn keep_transactions_open(library: &str, okta: &str) {
    let okta: Value = serde_json::from_str(okta).expect("JSON");
    let okta = Okta::running(okta);
    let library = Library::load(Path::new(library));
    let client = library.open(&options(&okta, None));
    client.configure(&okta);
    let mut most = Most::default();
    let start = |user: usize| {
        let request = json!({ "username": patient_login(user), "password": PASSWORD,
                              "factor_type": "push", "provider": "OKTA" });
        let (status, body) = client.call("start_transaction", &request);
        assert_eq!((status, &body["data"]["state"]), (202, &json!("challenge")), "{body}");
        json!({ "id": body["data"]["id"] })
    };
    let polls: Vec<Value> = (0..PENDING).map(start).collect();
    most.look();
    for poll in &polls {
        let (status, body) = client.call("continue_transaction", poll);
        assert_eq!(status, 202, "{body}");
    }
    most.look();
    most.print("10,000 pushes of open transactions");
}

/// What the third process does: it begins logins that wait for a phone, and looks at itself meanwhile.
pub fn wait_for_phones(library: &str, okta: &str) {
    let okta: Value = serde_json::from_str(okta).expect("JSON");
    let okta = Okta::running(okta);
    let library = Library::load(Path::new(library));
    let client = library.open(&options(&okta, None));
    client.configure(&okta);
    let before = okta.pushes_sent();
    for user in 0..PENDING {
        let request = json!({ "username": patient_login(user), "password": PASSWORD });
        client.submit_login(&request.to_string());
    }
    let begun = Instant::now();
    let mut most = Most::default();
    // A few seconds more, in which all are polled.
    let mut all_since = None;
    while all_since.is_none_or(|since: Instant| since.elapsed() < Duration::from_secs(3)) {
        most.look();
        if all_since.is_none() && okta.pushes_sent() >= before + PENDING as u64 {
            all_since = Some(Instant::now());
        }
        assert!(begun.elapsed() < PATIENCE, "{} pushes of {PENDING}", okta.pushes_sent() - before);
        std::thread::sleep(Duration::from_millis(20));
    }
    most.print("10,000 logins that wait for their pushes");
}
