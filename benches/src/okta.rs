//! The loopback Okta in a process of its own.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

/// Users that log in; as many as the most concurrent logins.
pub const USERS: usize = 64;
/// The password of all of them.
pub const PASSWORD: &str = "correct horse";
/// Who is in 600 groups, on three pages.
pub const USER_OF_MANY_GROUPS: &str = "many@bench.test";

/// What a client has to know; the line that the program prints.
pub struct Okta {
    /// What it printed.
    pub line: Value,
    process: Option<(Child, ChildStdin)>,
}

impl Okta {
    /// One that another process started.
    pub fn running(line: Value) -> Self {
        Self { line, process: None }
    }

    /// Starts it with its users.
    pub fn start(program: &Path) -> Self {
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let stdin = child.stdin.take().expect("piped");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("its line");
        let okta = Self { line: serde_json::from_str(&line).expect("JSON"), process: Some((child, stdin)) };
        let groups = |count: usize| (0..count).map(|i| json!({ "name": format!("Group {i}") })).collect();
        let user = |login: String, groups: Vec<Value>| json!({ "login": login, "password": PASSWORD, "groups": groups });
        let mut users: Vec<Value> = (0..USERS).map(|i| user(login(i), groups(5))).collect();
        users.push(user(USER_OF_MANY_GROUPS.to_owned(), groups(600)));
        okta.control("/users", &Value::from(users));
        // A record of all calls would only slow it down.
        okta.control("/recording", &json!({ "on": false }));
        okta
    }

    /// Users whose phones nobody looks at.
    pub fn add_patient_users(&self, count: usize) {
        let phone = json!({ "type": "push", "pushes": [{ "after_ms": 3_600_000 }] });
        let users: Vec<Value> = (0..count)
            .map(|i| json!({ "login": patient_login(i), "password": PASSWORD, "factors": [phone] }))
            .collect();
        for some in users.chunks(1_000) {
            self.control("/users", &Value::from(some));
        }
    }

    /// How many pushes it has sent.
    pub fn pushes_sent(&self) -> u64 {
        let counts = self.exchange("GET", "/counts", "");
        let body: Value = serde_json::from_str(&counts).expect("JSON");
        body["pushes"].as_u64().expect("a number")
    }

    /// A text of its line.
    pub fn text(&self, name: &str) -> &str {
        self.line[name].as_str().expect("a text")
    }

    /// A control request.
    fn control(&self, path: &str, body: &Value) {
        self.exchange("POST", path, &body.to_string());
    }

    /// HTTP by hand: the HTTP clients of this program are under test.
    fn exchange(&self, method: &str, path: &str, body: &str) -> String {
        let address = self.text("control_url").trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("the control port");
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
        answer.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned())
    }
}

impl Drop for Okta {
    fn drop(&mut self) {
        if let Some((mut child, stdin)) = self.process.take() {
            // It ends when its input closes.
            drop(stdin);
            let _ = child.wait();
        }
    }
}

/// The login of a user.
pub fn login(user: usize) -> String {
    format!("user{user}@bench.test")
}

/// The login of a user who has a phone.
pub fn patient_login(user: usize) -> String {
    format!("patient{user}@bench.test")
}
