//! The binary and its control path.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

struct Program {
    child: Child,
    line: Value,
}

impl Program {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_okta_loopback"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { line: serde_json::from_str(&line).unwrap(), child }
    }

    fn control(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let address = self.line["control_url"].as_str().unwrap().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let body = body.to_string();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
        let more = format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all((head + &more).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap_or_default())
    }
}

#[test]
fn it_serves_until_its_standard_input_closes() {
    let mut program = Program::start();
    let ca_file = program.line["ca_file"].as_str().unwrap().to_owned();
    assert_eq!(std::fs::read_to_string(&ca_file).unwrap(), program.line["ca_pem"].as_str().unwrap());
    let joined = format!(
        "https://{}.{}",
        program.line["org"].as_str().unwrap(),
        program.line["base_url"].as_str().unwrap()
    );
    assert_eq!(program.line["url"], joined);

    let user = json!({ "login": "fred", "password": "pw", "groups": [{ "name": "Ops" }],
                       "factors": [{ "type": "push", "id": "opf1", "pushes": [{ "waiting": null, "number": 7 }] },
                                   { "type": "token:software:totp", "id": "ost1" }] });
    for (method, path, body, status, answer) in [
        ("POST", "/users", user.clone(), 200, json!({})),
        ("POST", "/users", json!([user, { "login": "ann" }]), 200, json!({})),
        ("POST", "/users", json!({ "login": "x", "surprise": 1 }), 400, Value::Null),
        ("POST", "/users/remove", json!({ "login": "ann" }), 200, json!({})),
        ("POST", "/faults", json!([{ "path": "/x", "kind": { "rate_limited": "zero" } }]), 200, json!({})),
        ("POST", "/faults", json!([{ "path": "/x", "kind": "html502" }]), 200, json!({})),
        ("POST", "/rules", Value::Null, 200, json!({})),
        ("POST", "/tokens", json!({ "token": "t" }), 200, json!({})),
        ("POST", "/tap", json!({ "login": "fred" }), 200, json!({ "tapped": false })),
        ("POST", "/recording", json!({ "on": false }), 200, json!({})),
        ("GET", "/calls", Value::Null, 200, json!([])),
        ("POST", "/expire", json!({}), 200, json!({})),
        ("POST", "/settings", json!({ "page_sise": 1 }), 400, Value::Null),
    ] {
        assert_eq!(program.control(method, path, &body), (status, answer), "{path} {body}");
    }
    assert_eq!(program.control("POST", "/settings", &json!({ "page_size": 3 })).1["page_size"], 3);
    let passcode = program.control("POST", "/passcode", &json!({ "login": "fred", "factor": "ost1" })).1;
    assert_eq!(passcode["passcode"].as_str().unwrap().len(), 6);
    let now = program.control("POST", "/advance", &json!({ "seconds": 1000 })).1["now"].as_i64().unwrap();
    assert!(program.control("POST", "/advance", &json!({ "seconds": 0 })).1["now"].as_i64().unwrap() >= now);
    assert_eq!(program.control("GET", "/counts", &Value::Null).1["pushes"], 0);
    assert_eq!(program.control("POST", "/reset", &Value::Null).0, 200);

    drop(program.child.stdin.take());
    assert!(program.child.wait().unwrap().success());
    assert!(!std::path::Path::new(&ca_file).exists());
}
