//! Takes out of an answer what differs from run to run.

use serde_json::Value;

/// Members whose values are random, or times.
const CHANGING: [&str; 15] = [
    "request_id",
    "uuid",
    "client_token",
    "accessor",
    "entity_id",
    "id",
    "error_id",
    "creation_time",
    "expire_time",
    "issue_time",
    "last_renewal",
    "last_renewal_time",
    "expires_at",
    "okta_user_id",
    "poll_after",
];
/// Members with seconds that may have passed.
const COUNTING: [&str; 2] = ["ttl", "retry_after"];

/// The body as a text that is the same in every run.
pub fn body(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let mut value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    clean(&mut value);
    value.to_string()
}

fn clean(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let changes = CHANGING.contains(&name.as_str()) && !value.is_null() && value != "";
                let counts = COUNTING.contains(&name.as_str()) && value.as_i64().is_some_and(|n| n > 0);
                if changes || counts {
                    *value = Value::from(format!("<{name}>"));
                } else {
                    clean(value);
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(clean),
        _ => {}
    }
}
