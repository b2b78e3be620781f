//! Calling a client with JSON, for tests of the whole library.

use okta_auth::api::{Client, NotOpened};
use serde_json::Value;

/// Opens a client.
pub fn open(options: &Value) -> Client {
    Client::open(options.to_string().as_bytes()).unwrap_or_else(|refusal| panic!("{refusal:?}"))
}

/// Status and body of the refusal to open.
pub fn refusal_to_open(options: &Value) -> (u16, Value) {
    match Client::open(options.to_string().as_bytes()) {
        Err(NotOpened::Refused(answer)) => (answer.status, parsed(&answer.body)),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("opened: {options}"),
    }
}

/// Status and body of an operation's answer; null for an empty body.
pub fn call(client: &Client, operation: &str, request: &Value) -> (u16, Value) {
    let answer = client.call(operation, request.to_string().as_bytes()).expect("an answer");
    (answer.status, parsed(&answer.body))
}

/// As [`call`], for somebody else's request.
pub fn request(client: &Client, request: &Value) -> (u16, Value) {
    let answer = client.request(request.to_string().as_bytes()).expect("an answer");
    (answer.status, parsed(&answer.body))
}

fn parsed(body: &[u8]) -> Value {
    if body.is_empty() { Value::Null } else { serde_json::from_slice(body).expect("JSON") }
}
