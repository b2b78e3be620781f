//! The conversions of Vault's field types, with the error texts of Go's mapstructure and strconv.

use super::duration::parse_seconds;
use super::{Field, Kind};
use crate::json::{Object, Value};
use std::collections::BTreeMap;

type Conversion<T> = Result<T, String>;

/// Whether a value can be converted; the cause stands in for a secret field's value.
pub fn check(field: &Field, value: &Value) -> Conversion<()> {
    let result = match field.kind {
        // Nothing is converted here, nor put into the text of a refusal that is replaced below: it may be a secret,
        // and this copy of it would not be wiped.
        Kind::String if field.secret && matches!(value, Value::Array(_) | Value::Object(_)) => {
            Err(String::new())
        }
        Kind::String if matches!(value, Value::Array(_) | Value::Object(_)) => {
            Err(unconvertible(value, "", "string"))
        }
        Kind::String => Ok(()),
        Kind::Bool => bool(value).map(drop),
        Kind::Int => int(value).map(drop),
        Kind::Seconds if matches!(value, Value::Null) => Ok(()),
        Kind::Seconds => match seconds(value) {
            Ok(seconds) if seconds < 0 => Err(format!("cannot provide negative value '{seconds}'")),
            other => other.map(drop),
        },
        Kind::List => list(value).map(drop),
        Kind::Texts => texts(value).map(drop),
        Kind::Object => object(value).map(drop),
        Kind::Pairs => pairs(value).map(drop),
        Kind::Any => Ok(()),
    };
    if field.secret && result.is_err() {
        return Err(format!("a {} is not accepted here", value.kind()));
    }
    result
}

/// Text of a scalar; `true` is `1`, `null` is empty, as mapstructure's weak decoding has it.
pub fn string(value: &Value) -> Conversion<String> {
    string_at(value, "")
}

fn string_at(value: &Value, place: &str) -> Conversion<String> {
    match value {
        Value::Null => Ok(String::new()),
        Value::Bool(value) => Ok(if *value { "1" } else { "0" }.to_owned()),
        Value::Number(number) => Ok(number.text().to_owned()),
        Value::String(text) => Ok(text.expose().clone()),
        Value::Array(_) | Value::Object(_) => Err(unconvertible(value, place, "string")),
    }
}

/// Go's ParseBool over the text of a scalar.
pub fn bool(value: &Value) -> Conversion<bool> {
    let text = match value {
        Value::Null => return Ok(false),
        Value::Bool(value) => return Ok(*value),
        Value::Number(number) => number.text(),
        Value::String(text) => text.expose(),
        Value::Array(_) | Value::Object(_) => return Err(unconvertible(value, "", "bool")),
    };
    match text {
        "" | "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        _ => Err(format!(
            "cannot parse '' as bool: strconv.ParseBool: parsing {}: invalid syntax",
            go_quote(text)
        )),
    }
}

/// Go's ParseInt with base 0 over the text of a scalar.
pub fn int(value: &Value) -> Conversion<i64> {
    let text = match value {
        Value::Null => return Ok(0),
        Value::Bool(value) => return Ok(i64::from(*value)),
        Value::Number(number) => number.text(),
        Value::String(text) if text.expose().is_empty() => return Ok(0),
        Value::String(text) => text.expose(),
        Value::Array(_) | Value::Object(_) => return Err(unconvertible(value, "", "int")),
    };
    parse_int(text)
        .map_err(|why| format!("cannot parse '' as int: strconv.ParseInt: parsing {}: {why}", go_quote(text)))
}

fn parse_int(text: &str) -> Result<i64, &'static str> {
    const SYNTAX: &str = "invalid syntax";
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, prefixed, digits) = if let Some(rest) = lower.strip_prefix("0x") {
        (16, true, rest)
    } else if let Some(rest) = lower.strip_prefix("0b") {
        (2, true, rest)
    } else if let Some(rest) = lower.strip_prefix("0o") {
        (8, true, rest)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (8, true, &lower[1..])
    } else {
        (10, false, lower.as_str())
    };
    // Go allows an underscore after a base prefix and between digits, in base 0 only with a prefix or digits around.
    let well_placed =
        !digits.ends_with('_') && !digits.contains("__") && (prefixed || !digits.starts_with('_'));
    let digits: String = digits.chars().filter(|c| *c != '_').collect();
    if digits.is_empty() || !well_placed || !digits.chars().all(|c| c.is_digit(base)) {
        return Err(SYNTAX);
    }
    let signed = if negative { format!("-{digits}") } else { digits };
    i64::from_str_radix(&signed, base).map_err(|_| "value out of range")
}

/// Whole seconds of a number or a duration text; may be negative.
pub fn seconds(value: &Value) -> Conversion<i64> {
    match value {
        Value::Number(number) => parse_seconds(number.text()),
        Value::String(text) => parse_seconds(text.expose()),
        Value::Null => Ok(0),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            Err("could not parse duration from input".to_owned())
        }
    }
}

/// The elements of a comma text or of an array of scalars, each trimmed, empty ones kept.
pub fn list(value: &Value) -> Conversion<Vec<String>> {
    match value {
        Value::String(text) if !text.expose().is_empty() => {
            Ok(text.expose().split(',').map(|element| element.trim().to_owned()).collect())
        }
        other => texts(other),
    }
}

/// The elements of an array of scalars, each trimmed, empty ones kept; a single scalar is a list of one.
pub fn texts(value: &Value) -> Conversion<Vec<String>> {
    let elements = match value {
        Value::Null => return Ok(Vec::new()),
        Value::String(text) if text.expose().is_empty() => return Ok(Vec::new()),
        Value::Object(object) if object.is_empty() => return Ok(Vec::new()),
        Value::Array(elements) => elements.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut list = Vec::with_capacity(elements.len());
    let mut causes = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        match string_at(element, &format!("[{index}]")) {
            Ok(text) => list.push(text.trim().to_owned()),
            Err(cause) => causes.push(cause),
        }
    }
    if causes.is_empty() { Ok(list) } else { Err(decoding_errors(&causes)) }
}

/// An object of scalars.
fn map(value: &Value) -> Conversion<BTreeMap<String, String>> {
    let object = match value {
        Value::Null => return Ok(BTreeMap::new()),
        Value::Object(object) => object,
        other => return Err(format!("'' expected a map, got '{}'", go_kind(other))),
    };
    let mut map = BTreeMap::new();
    let mut causes = Vec::new();
    for (name, value) in object {
        match string_at(value, &format!("[{name}]")) {
            Ok(text) => {
                map.insert(name.to_owned(), text);
            }
            Err(cause) => causes.push(cause),
        }
    }
    if causes.is_empty() { Ok(map) } else { Err(decoding_errors(&causes)) }
}

/// An object of anything.
pub fn object(value: &Value) -> Conversion<Object> {
    match value {
        Value::Null => Ok(Object::new()),
        Value::Object(object) => Ok(object.clone()),
        other => Err(format!("'' expected a map, got '{}'", go_kind(other))),
    }
}

/// An object of scalars, or a list of `key=value` texts.
pub fn pairs(value: &Value) -> Conversion<BTreeMap<String, String>> {
    if let Ok(map) = map(value) {
        return Ok(map);
    }
    let mut pairs = BTreeMap::new();
    for text in texts(value)? {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => pairs.insert(name.to_owned(), value.to_owned()),
            _ => return Err(format!("invalid key pair {}", go_quote(&text))),
        };
    }
    Ok(pairs)
}

fn decoding_errors(causes: &[String]) -> String {
    let lines: String = causes.iter().map(|cause| format!("\n* {cause}")).collect();
    format!("{} error(s) decoding:\n{lines}", causes.len())
}

fn unconvertible(value: &Value, place: &str, expected: &str) -> String {
    format!(
        "'{place}' expected type '{expected}', got unconvertible type '{}', value: '{}'",
        go_type(value),
        go_print(value)
    )
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(_) => "json.Number",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

fn go_kind(value: &Value) -> &'static str {
    match value {
        Value::Number(_) => "string",
        Value::Array(_) => "slice",
        Value::Object(_) => "map",
        other => go_type(other),
    }
}

/// A value as Go's `%v` prints it.
fn go_print(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.text().to_owned(),
        Value::String(text) => text.expose().clone(),
        Value::Array(elements) => {
            let elements: Vec<_> = elements.iter().map(go_print).collect();
            format!("[{}]", elements.join(" "))
        }
        Value::Object(object) => {
            let members: Vec<_> =
                object.iter().map(|(name, value)| format!("{name}:{}", go_print(value))).collect();
            format!("map[{}]", members.join(" "))
        }
    }
}

/// A text as Go's strconv.Quote shows it, as far as texts that occur here need it.
pub fn go_quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() && u32::from(c) < 0x80 => {
                quoted.push_str(&format!("\\x{:02x}", u32::from(c)))
            }
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn cause(kind: Kind, json: &str) -> String {
        let value = parse(json).expect("valid JSON");
        check(&Field::new("f", kind), &value).expect_err("must be refused")
    }

    #[test]
    fn integers_as_go_reads_them() {
        for (text, value) in [
            ("42", 42),
            ("-7", -7),
            ("+7", 7),
            ("0x10", 16),
            ("010", 8),
            ("0o17", 15),
            ("0b11", 3),
            ("0", 0),
            ("1_000", 1000),
            ("0x_f", 15),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(parse_int(text), Ok(value), "{text}");
        }
        for text in ["", "-", "1.5", "abc", "0x", "08", "1__0", "_1", "1_", " 1", "1 ", "é"] {
            assert_eq!(parse_int(text), Err("invalid syntax"), "{text}");
        }
        assert_eq!(parse_int("9223372036854775808"), Err("value out of range"));
    }

    #[test]
    fn causes_are_vaults() {
        assert_eq!(
            cause(Kind::String, r#"["a",{"b":1}]"#),
            "'' expected type 'string', got unconvertible type '[]interface {}', value: '[a map[b:1]]'"
        );
        assert_eq!(
            cause(Kind::Bool, "2"),
            "cannot parse '' as bool: strconv.ParseBool: parsing \"2\": invalid syntax"
        );
        assert_eq!(
            cause(Kind::List, r#"["x",["a"]]"#),
            "1 error(s) decoding:\n\n* '[1]' expected type 'string', got unconvertible type '[]interface {}', value: '[a]'"
        );
        assert_eq!(cause(Kind::Seconds, "-5"), "cannot provide negative value '-5'");
        assert_eq!(cause(Kind::Seconds, "true"), "could not parse duration from input");
    }

    #[test]
    fn texts_are_not_split_and_pairs_are_maps_or_lists() {
        let value = |json: &str| parse(json).expect("valid JSON");
        assert_eq!(texts(&value(r#""ops, DEV""#)), Ok(vec!["ops, DEV".to_owned()]));
        assert_eq!(texts(&value(r#"[" a ",1]"#)), Ok(vec!["a".to_owned(), "1".to_owned()]));
        let one = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
        for json in [r#"{"a":1}"#, r#"["a=1"]"#, r#""a=1""#] {
            assert_eq!(pairs(&value(json)), Ok(one.clone()), "{json}");
        }
        assert_eq!(cause(Kind::Pairs, r#""text""#), "invalid key pair \"text\"");
        assert_eq!(
            cause(Kind::Pairs, r#"{"a":["b"]}"#),
            "1 error(s) decoding:\n\n* '[0]' expected type 'string', got unconvertible type 'map[string]interface {}', value: 'map[a:[b]]'"
        );
    }

    #[test]
    fn a_secret_is_not_repeated() {
        let value = parse(r#"["hunter2"]"#).expect("valid JSON");
        let field = Field::secret("password", Kind::String);
        let cause = check(&field, &value).expect_err("must be refused");
        assert!(!cause.contains("hunter2") && cause.contains("array"), "{cause}");
    }

    /// The table of Vault's own field tests (`sdk/framework/field_data_test.go`).
    #[test]
    fn conversions_of_vaults_unit_tests() {
        let list_of = |json: &str| list(&parse(json).expect("valid JSON")).expect("a list");
        assert_eq!(list_of(r#""""#), Vec::<String>::new());
        assert_eq!(list_of(r#""value1""#), ["value1"]);
        assert_eq!(list_of(r#""value1,value2,value3""#), ["value1", "value2", "value3"]);
        assert_eq!(list_of(r#"["value1"]"#), ["value1"]);
        assert_eq!(list_of("[]"), Vec::<String>::new());
        assert_eq!(list_of("123"), ["123"]);
        assert_eq!(list_of(r#"[123,"abc"]"#), ["123", "abc"]);
        let string_of = |json: &str| string(&parse(json).expect("valid JSON")).expect("a string");
        assert_eq!(string_of(r#""bar""#), "bar");
        assert_eq!(string_of("42"), "42");
        let seconds_of = |json: &str| seconds(&parse(json).expect("valid JSON")).expect("seconds");
        assert_eq!(seconds_of(r#""42""#), 42);
        assert_eq!(seconds_of(r#""42m""#), 2520);
        assert_eq!(seconds_of("42"), 42);
        assert_eq!(seconds_of("0"), 0);
        for json in [r#""-42""#, r#""-42m""#, "-42"] {
            let _ = cause(Kind::Seconds, json);
        }
    }
}
