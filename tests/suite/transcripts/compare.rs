//! Compares an answer with a recorded one in which values that change stand as placeholders.

use serde_json::{Map, Value};
use std::collections::HashMap;

/// How many seconds less than `<ttl:N>` and `<duration:N>` say are right.
const SECONDS_LESS: i64 = 3;

/// Members that may be left as they are, have values of our own, or be absent (with the plugins of Vault).
const OWN_VALUES: [&str; 6] = [
    "mount_type",
    "namespace",
    "deprecation_status",
    "plugin_version",
    "running_plugin_version",
    "running_sha256",
];

/// The text of a wrapped answer, whose members have an order of their own.
const WRAPPED: &str = "/data/response";

/// In a look-up of the root token: the host made it, where Vault's came with its storage.
const OWN_VALUES_OF_ROOT: [&str; 3] = ["display_name", "path", "orphan"];

/// Which value each numbered placeholder stands for in one scenario.
#[derive(Clone, Default)]
pub struct Bindings {
    values: HashMap<String, String>,
}

/// A place where the answer differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference(pub String);

impl Bindings {
    /// Fixes what a placeholder stands for.
    pub fn bind(&mut self, placeholder: &str, value: &str) {
        self.values.insert(placeholder.to_owned(), value.to_owned());
    }

    /// The same placeholder must be the same value, another one of its kind another value.
    fn same(&mut self, placeholder: &str, value: &str) -> bool {
        if let Some(known) = self.values.get(placeholder) {
            return known == value;
        }
        let kind = kind_of(placeholder);
        // Two spellings of one user are two entities in Vault and one here.
        let taken = kind != "entity"
            && self.values.iter().any(|(other, known)| kind_of(other) == kind && known == value);
        if !taken {
            self.bind(placeholder, value);
        }
        !taken
    }
}

fn kind_of(placeholder: &str) -> &str {
    placeholder.trim_matches(['<', '>']).split(':').next().unwrap_or_default()
}

/// Compares bodies. `open` holds JSON pointers of objects that may have more members than recorded.
pub fn bodies(expected: &Value, got: &Value, open: &[&str], bindings: &mut Bindings) -> Vec<Difference> {
    let mut comparison = Comparison { open, bindings, differences: Vec::new() };
    comparison.values("", expected, &without_lapse(got));
    comparison.differences
}

/// The answer without warnings of a TTL that is cut by the few seconds that have gone by, as that may be any number.
fn without_lapse(got: &Value) -> Value {
    let mut got = got.clone();
    if let Some(Value::Array(warnings)) = got.get_mut("warnings") {
        warnings.retain(|warning| !warning.as_str().is_some_and(tells_of_a_lapse));
        if warnings.is_empty() {
            got["warnings"] = Value::Null;
        }
    }
    got
}

fn tells_of_a_lapse(warning: &str) -> bool {
    let durations: Vec<_> = warning.split('"').skip(1).step_by(2).filter_map(go_duration).collect();
    let cut = matches!(durations[..], [wished, left] if (1..=SECONDS_LESS).contains(&(wished - left)));
    cut && warning.starts_with("TTL of ")
}

struct Comparison<'c> {
    open: &'c [&'c str],
    bindings: &'c mut Bindings,
    differences: Vec<Difference>,
}

impl Comparison<'_> {
    fn differs(&mut self, at: &str, expected: &Value, got: &Value) {
        let at = if at.is_empty() { "/" } else { at };
        self.differences.push(Difference(format!("{at}: expected {expected}, got {got}")));
    }

    fn values(&mut self, at: &str, expected: &Value, got: &Value) {
        match (expected, got) {
            (Value::Object(expected), Value::Object(got)) => self.objects(at, expected, got),
            (Value::Array(expected), Value::Array(got)) if accessors_only(expected) => {
                self.sets(at, expected, got);
            }
            (Value::Array(expected), Value::Array(got)) if expected.len() == got.len() => {
                for (index, (expected, got)) in expected.iter().zip(got).enumerate() {
                    self.values(&format!("{at}/{index}"), expected, got);
                }
            }
            (Value::String(expected), Value::String(got)) if at == WRAPPED => {
                let [expected, got] = [expected, got].map(|text| serde_json::from_str(text));
                let (expected, got) = (expected.expect("recorded JSON"), got.unwrap_or_default());
                self.values(at, &expected, &got);
            }
            (Value::String(text), got) => {
                let right = match got {
                    Value::String(got) => self.texts(text, got),
                    Value::Number(number) => numbers(at, text, number),
                    _ => false,
                };
                if !right {
                    self.differs(at, expected, got);
                }
            }
            _ if expected == got => {}
            _ => self.differs(at, expected, got),
        }
    }

    fn objects(&mut self, at: &str, expected: &Map<String, Value>, got: &Map<String, Value>) {
        let root = expected.get("id").is_some_and(|id| id == "<token:root>")
            || expected.get("accessor").is_some_and(|accessor| accessor == "<accessor:root>");
        let own = |name: &str| OWN_VALUES.contains(&name) || (root && OWN_VALUES_OF_ROOT.contains(&name));
        for (name, expected) in expected {
            let at = format!("{at}/{name}");
            match got.get(name) {
                Some(got) if !own(name) => self.values(&at, expected, got),
                None if !own(name) => self.differences.push(Difference(format!("{at}: missing {expected}"))),
                _ => {}
            }
        }
        let error_body = at.is_empty() && expected.contains_key("errors");
        if self.open.contains(&at) || error_body {
            return;
        }
        for (name, got) in got {
            if !expected.contains_key(name) && !own(name) {
                self.differences.push(Difference(format!("{at}/{name}: not expected: {got}")));
            }
        }
    }

    /// Accessors are listed in no order.
    fn sets(&mut self, at: &str, expected: &[Value], got: &[Value]) {
        let mut left: Vec<&str> = got.iter().filter_map(Value::as_str).collect();
        let mut unbound = Vec::new();
        for placeholder in expected.iter().filter_map(Value::as_str) {
            match self.bindings.values.get(placeholder) {
                Some(value) => match left.iter().position(|got| got == value) {
                    Some(place) => drop(left.remove(place)),
                    None => self.differences.push(Difference(format!("{at}: {placeholder} is missing"))),
                },
                None => unbound.push(placeholder),
            }
        }
        if left.len() != unbound.len() || got.len() != expected.len() {
            self.differs(at, &Value::from(expected.len()), &Value::from(got.len()));
        }
        for (placeholder, value) in unbound.into_iter().zip(left) {
            self.bindings.bind(placeholder, value);
        }
    }

    fn texts(&mut self, expected: &str, got: &str) -> bool {
        match expected {
            // Vault leaves it empty at times; that stands as an empty text in the transcript.
            "<request_id>" | "<uuid>" => is_uuid(got),
            "<time>" => is_time(got),
            "<plugin_version>" | "<built-in policy>" => true,
            _ if whole_placeholder(expected) => {
                well_formed(expected, got) && self.bindings.same(expected, got)
            }
            _ => embedded(expected, got),
        }
    }
}

fn accessors_only(values: &[Value]) -> bool {
    !values.is_empty()
        && values.iter().all(|value| value.as_str().is_some_and(|text| text.starts_with("<accessor:")))
}

fn whole_placeholder(text: &str) -> bool {
    matches!(kind_of(text), "token" | "accessor" | "entity" | "mount_accessor")
        && text.starts_with('<')
        && text.ends_with('>')
}

/// The form of the values that a placeholder stands for.
fn well_formed(placeholder: &str, value: &str) -> bool {
    let (kind, letters) =
        (kind_of(placeholder), |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric()));
    match kind {
        "accessor" => value.len() == 24 && letters(value),
        "entity" => is_uuid(value),
        "mount_accessor" => value.rsplit_once('_').is_some_and(|(kind, hex)| {
            kind.starts_with("auth_") && hex.len() == 8 && hex.bytes().all(|b| b.is_ascii_hexdigit())
        }),
        _ => !value.is_empty(),
    }
}

fn numbers(at: &str, expected: &str, got: &serde_json::Number) -> bool {
    let Some(got) = got.as_i64() else { return false };
    match expected.trim_matches(['<', '>']).split_once(':') {
        Some(("ttl", seconds)) => up_to_less(seconds, got),
        None if expected == "<time>" => {
            (at.ends_with("/creation_time") || at.ends_with("/last_renewal_time")) && got > 1_000_000_000
        }
        _ => false,
    }
}

fn up_to_less(expected: &str, got: i64) -> bool {
    expected.parse().is_ok_and(|expected: i64| (expected - SECONDS_LESS..=expected).contains(&got))
}

/// A text with `<duration:N>` or `<duration>` in it.
fn embedded(expected: &str, got: &str) -> bool {
    let Some((before, rest)) = expected.split_once("<duration") else { return expected == got };
    let (Some((argument, after)), Some(got)) = (rest.split_once('>'), got.strip_prefix(before)) else {
        return false;
    };
    let length = got.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'.').count();
    // A full stop may follow.
    let length = got[..length].trim_end_matches('.').len();
    let (duration, got) = got.split_at(length);
    let Some(seconds) = go_duration(duration) else { return false };
    let right = argument.strip_prefix(':').is_none_or(|expected| up_to_less(expected, seconds));
    right && embedded(after, got)
}

/// Whole seconds of `1h30m`.
fn go_duration(text: &str) -> Option<i64> {
    let mut seconds = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| c != '.' && !c.is_ascii_digit())?;
        let number: f64 = rest[..digits].parse().ok()?;
        let unit =
            rest[digits..].find(|c: char| c == '.' || c.is_ascii_digit()).map_or(rest.len(), |n| n + digits);
        seconds += number
            * match &rest[digits..unit] {
                "h" => 3_600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 0.001,
                "us" | "µs" => 1e-6,
                "ns" => 1e-9,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    (!text.is_empty()).then_some(seconds as i64)
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// RFC 3339, with or without a fraction, in UTC or with an offset.
fn is_time(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape.starts_with("0000-00-00T00:00:00") && (shape.ends_with('Z') || shape.ends_with("00:00"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(expected: Value, got: Value, differences: usize) {
        let found = bodies(&expected, &got, &["/data/open"], &mut Bindings::default());
        assert_eq!(found.len(), differences, "{expected} {got}: {found:?}");
    }

    #[test]
    fn plain_values() {
        check(json!({ "a": [1, { "b": null }] }), json!({ "a": [1, { "b": null }] }), 0);
        check(json!({ "a": 1 }), json!({ "a": 2 }), 1);
        check(json!({ "a": 1 }), json!({ "b": 1 }), 2);
        check(json!([1, 2]), json!([2, 1]), 2);
        check(json!([1]), json!([]), 1);
        check(json!({ "errors": [] }), json!({ "errors": [], "code": "x" }), 0);
        check(json!({ "data": { "open": {} } }), json!({ "data": { "open": { "more": 1 } } }), 0);
        check(json!({ "mount_type": "" }), json!({}), 0);
        let capped =
            |left: &str| json!({ "warnings": [format!("TTL of \"2h\" exceeded the max_ttl of \"{left}\"")] });
        check(json!({ "warnings": null }), capped("1h59m57s"), 0);
        check(json!({ "warnings": null }), capped("1h59m56s"), 1);
    }

    #[test]
    fn placeholders() {
        const UUID: &str = "0b5a8d40-1f0c-4b57-9f3d-6b7b4f0e1a2b";
        check(json!("<request_id>"), json!(UUID), 0);
        check(json!("<request_id>"), json!("x"), 1);
        check(json!("<time>"), json!("2026-11-24T03:07:43.123456789Z"), 0);
        check(json!("<time>"), json!("yesterday"), 1);
        check(json!({ "creation_time": "<time>" }), json!({ "creation_time": 1_900_000_000 }), 0);
        check(json!({ "other": "<time>" }), json!({ "other": 1_900_000_000 }), 1);
        for (seconds, differences) in [(60, 0), (57, 0), (56, 1), (61, 1)] {
            check(json!("<ttl:60>"), json!(seconds), differences);
        }
        check(json!("of \"<duration:5400>\"; <duration>."), json!("of \"1h30m\"; 250ms."), 0);
        check(json!("of \"<duration:5400>\""), json!("of \"1h29m56s\""), 1);
        check(json!("of <duration>"), json!("of x"), 1);
        check(json!("a <tag>"), json!("a <tag>"), 0);
    }

    #[test]
    fn numbered_placeholders_are_one_value_each() {
        check(json!(["<token:1>", "<token:1>", "<token:2>"]), json!(["hvs.a", "hvs.a", "hvs.b"]), 0);
        check(json!(["<token:1>", "<token:1>"]), json!(["hvs.a", "hvs.b"]), 1);
        check(json!(["<token:1>", "<token:2>"]), json!(["hvs.a", "hvs.a"]), 1);
        let entity = "0b5a8d40-1f0c-4b57-9f3d-6b7b4f0e1a2b";
        check(json!(["<entity:1>", "<entity:2>"]), json!([entity, entity]), 0);
        check(json!("<mount_accessor:1>"), json!("auth_okta_0a1b2c3d"), 0);
        check(json!("<mount_accessor:1>"), json!("okta_0a1b2c3d"), 1);
    }

    #[test]
    fn accessors_come_in_any_order() {
        let (a, b) = ("A".repeat(24), "B".repeat(24));
        let mut bindings = Bindings::default();
        bindings.bind("<accessor:root>", &b);
        let expected = json!(["<accessor:1>", "<accessor:root>"]);
        assert_eq!(bodies(&expected, &json!([b, a]), &[], &mut bindings), []);
        assert_ne!(bodies(&expected, &json!([a, a]), &[], &mut bindings), []);
    }
}
