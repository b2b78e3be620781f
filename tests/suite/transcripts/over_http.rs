//! The same through servers of Vault's HTTP API, which tests/http has in each language.
//!
//! A server prints its address as a line. To `POST /open` with options it opens a client, and answers with a path below
//! which that client is served, and with a root token. It ends when its standard input closes.

use super::replay::Door;
use super::{options, replay_and_judge, scenario};
use okta_loopback::Okta;
use serde_json::Value;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// The commands that start the servers, one after the other, with `;` between them.
const SERVERS: &str = "OKTA_AUTH_HTTP_SERVERS";

/// Scenarios that run at the same time: most of them wait for the next poll of a push.
const WORKERS: usize = 24;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(100);

#[test]
#[ignore = "make test-http starts the servers"]
fn transcripts_replay_over_http() {
    let mut scenarios = scenario::all();
    // Nobody drives the clock of a server.
    scenarios.retain(|scenario| scenario.steps.iter().all(|step| step.sleep_before_ms.is_none()));
    let commands = std::env::var(SERVERS).expect(SERVERS);
    std::thread::scope(|scope| {
        for command in commands.split(';') {
            let scenarios = &scenarios;
            scope.spawn(move || {
                let server = Server::start(command);
                replay_and_judge(command, scenarios, WORKERS, |okta| server.open(okta));
            });
        }
    });
}

struct Server {
    program: Child,
    address: String,
}

impl Server {
    fn start(command: &str) -> Self {
        let mut words = command.split(' ');
        let mut program = Command::new(words.next().expect("a command"))
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command}: {error}"));
        let mut address = String::new();
        let output = program.stdout.take().expect("it is piped");
        BufReader::new(output).read_line(&mut address).expect("a line of text");
        Self { program, address: address.trim().to_owned() }
    }

    fn open(&self, okta: &Okta) -> Result<Arc<dyn Door>, String> {
        let answer = send(&self.address, "POST", "/open", &[], &options(okta).to_string())?;
        let opened: Value = serde_json::from_str(&answer.body).map_err(|error| error.to_string())?;
        let text = |name: &str| opened[name].as_str().unwrap_or_default().to_owned();
        Ok(Arc::new(Http {
            address: self.address.clone(),
            path: text("path"),
            root: (text("token"), text("accessor")),
        }))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.program.stdin.take());
        // One that has ended already is no reason to fail.
        let _ = self.program.wait();
    }
}

/// A client behind a server.
struct Http {
    address: String,
    path: String,
    root: (String, String),
}

impl Door for Http {
    fn request(&self, envelope: &Value) -> Result<(u16, Vec<u8>), String> {
        let text = |name: &str| envelope[name].as_str().unwrap_or_default();
        let mut headers: Vec<(&str, &str)> = Vec::new();
        if let Some(token) = envelope["token"].as_str() {
            headers.push(("X-Vault-Token", token));
        }
        for (name, value) in envelope["headers"].as_object().into_iter().flatten() {
            headers.push((name, value.as_str().ok_or("a header that is no text")?));
        }
        let body = envelope.get("data").map_or_else(|| text("body").to_owned(), Value::to_string);
        let path = format!("{}/v1/{}", self.path, text("path"));
        let answer = send(&self.address, text("method"), &path, &headers, &body)?;
        for (name, value) in [("content-type", "application/json"), ("cache-control", "no-store")] {
            if answer.headers.get(name).map(String::as_str) != Some(value) {
                return Err(format!("{name} is {:?}", answer.headers.get(name)));
            }
        }
        Ok((answer.status, answer.body.into_bytes()))
    }

    fn root_token(&self) -> Result<(String, String), String> {
        Ok(self.root.clone())
    }

    fn advance(&self, _: Duration) {}
}

struct Answer {
    status: u16,
    /// Names in lower case.
    headers: HashMap<String, String>,
    body: String,
}

/// One request on a connection of its own.
fn send(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Answer, String> {
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
    let exchange = || -> std::io::Result<String> {
        let mut connection = TcpStream::connect(address)?;
        connection.set_read_timeout(Some(PATIENCE))?;
        connection.write_all(request.as_bytes())?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = exchange().map_err(|error| format!("{method} {path}: {error}"))?;
    parsed(&answer).ok_or_else(|| format!("{method} {path}: not an answer: {answer:?}"))
}

fn parsed(answer: &str) -> Option<Answer> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: HashMap<_, _> = lines
        .map(|line| line.split_once(':').unwrap_or((line, "")))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    (!headers.contains_key("transfer-encoding")).then(|| Answer { status, headers, body: body.to_owned() })
}

#[test]
fn answers_are_taken_apart() {
    let answer = parsed("HTTP/1.1 404 Not Found\r\nContent-Type: a/b\r\nX:y\r\n\r\n{}\r\n\r\n").unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (404, "{}\r\n\r\n"));
    assert_eq!((answer.headers["content-type"].as_str(), answer.headers["x"].as_str()), ("a/b", "y"));
    assert!(parsed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").is_none());
    assert!(parsed("nonsense").is_none());
}
