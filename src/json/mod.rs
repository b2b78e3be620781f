//! JSON as requests carry it: the text of numbers is kept, duplicate keys are refused, everything is
//! bounded, and no error text repeats the input.
//!
//! serde_json does the reading. Its visitors see numbers only as `u64`, `i64` or `f64`, yet Vault tells
//! `60`, `60.0` and `1e3` apart, and the feature `arbitrary_precision` would change the host's serde_json
//! too. So one pass before notes where each number stands, and our visitor takes those texts in order.

mod object;

pub use object::{Name, Object};

use crate::limits;
use crate::secret::Secret;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;

/// A JSON value. Strings are kept as [`Secret`]: a request may hold a password anywhere.
#[derive(Clone)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it was written.
    Number(Number),
    /// A string.
    String(Secret<String>),
    /// An array.
    Array(Vec<Value>),
    /// An object.
    Object(Object),
}

/// The text of a JSON number. A passcode may be written as one.
#[derive(Clone)]
pub struct Number(Secret<Box<str>>);

impl Number {
    /// The number as it was written.
    pub fn text(&self) -> &str {
        self.0.expose()
    }
}

impl Value {
    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text.expose()),
            _ => None,
        }
    }

    /// The members of an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The elements of an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// A number without fraction or exponent that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.text().parse().ok(),
            _ => None,
        }
    }

    /// `string`, `number` …: what it is, for error texts that must not show what is in it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// Appends the value as JSON text.
    pub fn write(&self, out: &mut impl Write) {
        match self {
            Self::Null => put(out, b"null"),
            Self::Bool(true) => put(out, b"true"),
            Self::Bool(false) => put(out, b"false"),
            Self::Number(number) => put(out, number.text().as_bytes()),
            Self::String(text) => write_string(text.expose(), out),
            Self::Array(elements) => {
                put(out, b"[");
                for (index, element) in elements.iter().enumerate() {
                    if index > 0 {
                        put(out, b",");
                    }
                    element.write(out);
                }
                put(out, b"]");
            }
            Self::Object(object) => write_object(object, out),
        }
    }
}

/// Appends an object as JSON text. To be used with a [`crate::secret::SecretBytes`] where it may hold a secret.
pub fn write_object(object: &Object, out: &mut impl Write) {
    put(out, b"{");
    for (index, (name, value)) in object.iter().enumerate() {
        if index > 0 {
            put(out, b",");
        }
        write_string(name, out);
        put(out, b":");
        value.write(out);
    }
    put(out, b"}");
}

/// Appends a JSON string with its quotes.
pub fn write_string(text: &str, out: &mut impl Write) {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    // Without a way out, so that many bytes are looked at in one step.
    if text.bytes().fold(true, |all, byte| all & is_plain(byte)) {
        put(out, b"\"");
        put(out, text.as_bytes());
        put(out, b"\"");
        return;
    }
    // A str is always representable; for the writer see `put`.
    let _ = serde_json::to_writer(out, text);
}

/// What is written to is memory, which does not fail.
fn put(out: &mut impl Write, bytes: &[u8]) {
    let _ = out.write_all(bytes);
}

/// Builds an [`Object`] from names and values: `object([("id", Value::from("x"))])`. Soonest where they come in the
/// order of their names.
pub fn object<const N: usize>(members: [(&'static str, Value); N]) -> Object {
    let mut object = Object::with_capacity(N);
    for (name, value) in members {
        object.insert(name, value);
    }
    object
}

/// The [`Object`] of a map of texts.
pub fn texts(map: &BTreeMap<String, String>) -> Object {
    let mut object = Object::new();
    for (name, value) in map {
        object.insert(name.clone(), Value::from(value.as_str()));
    }
    object
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(Secret::from(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(Secret::new(text))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(Number(Secret::new(value.to_string().into())))
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(elements: Vec<T>) -> Self {
        Self::Array(elements.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Why a text is no acceptable JSON. The text names a place and a rule, never a piece of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError(String);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParseError {}

/// Reads one JSON value; only white space may follow it.
///
/// # Errors
/// Broken syntax, text after the value, a duplicate key, or one of the limits of [`crate::limits`] exceeded.
pub fn parse(text: &str) -> Result<Value, ParseError> {
    read(text, false)
}

fn read(text: &str, is_envelope: bool) -> Result<Value, ParseError> {
    let numbers = RefCell::new(NumberTexts { text, position: 0 });
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // Our own seed counts depth, with its own limit.
    deserializer.disable_recursion_limit();
    let values = Cell::new(0);
    let seed = ValueSeed { numbers: &numbers, values: &values, depth: 0, is_envelope };
    let value = seed.deserialize(&mut deserializer).map_err(explain)?;
    deserializer.end().map_err(explain)?;
    Ok(value)
}

/// Like [`parse`], for bytes that may not be UTF-8.
///
/// # Errors
/// As [`parse`], and bytes that are not UTF-8.
pub fn parse_bytes(bytes: &[u8]) -> Result<Value, ParseError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| ParseError(format!("the text is not UTF-8 from byte {} on", error.valid_up_to())))?;
    read(text, false)
}

/// Like [`parse`], for an object that carries another text as one of its members: these have no limit of
/// their own, because the text has.
///
/// # Errors
/// As [`parse`].
pub fn parse_envelope(text: &str) -> Result<Value, ParseError> {
    read(text, true)
}

/// serde_json's texts name syntax and place only: our visitor accepts every type, so none repeats a value.
fn explain(error: serde_json::Error) -> ParseError {
    ParseError(error.to_string())
}

/// Walks over the text from number to number, in the order in which the deserializer meets them.
struct NumberTexts<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> NumberTexts<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        let mut in_string = false;
        while let Some(&byte) = bytes.get(self.position) {
            match byte {
                b'\\' if in_string => self.position += 1,
                b'"' => in_string = !in_string,
                b'-' | b'0'..=b'9' if !in_string => {
                    let rest = self.text.get(self.position..)?;
                    let end = rest
                        .find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'))
                        .unwrap_or(rest.len());
                    self.position += end;
                    return rest.get(..end);
                }
                _ => {}
            }
            self.position += 1;
        }
        None
    }
}

struct ValueSeed<'s, 'a> {
    numbers: &'s RefCell<NumberTexts<'a>>,
    /// How many were read so far.
    values: &'s Cell<usize>,
    depth: usize,
    is_envelope: bool,
}

impl ValueSeed<'_, '_> {
    fn number<E: de::Error>(&self) -> Result<Value, E> {
        let text = self.numbers.borrow_mut().next();
        text.map(|text| Value::Number(Number(Secret::new(text.into()))))
            .ok_or_else(|| E::custom("a number could not be located"))
    }

    fn deeper<E: de::Error>(&self) -> Result<Self, E> {
        if self.depth >= limits::JSON_DEPTH {
            return Err(E::custom("JSON input exceeds allowed nesting depth"));
        }
        Ok(Self { depth: self.depth + 1, ..*self })
    }
}

fn check_string<E: de::Error>(text: &str) -> Result<(), E> {
    if text.len() > limits::JSON_STRING_BYTES {
        return Err(E::custom("JSON string value exceeds allowed length"));
    }
    Ok(())
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let count = self.values.get() + 1;
        self.values.set(count);
        if count > limits::JSON_VALUES {
            return Err(de::Error::custom("JSON input exceeds allowed count of values"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Value, E> {
        self.number()
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Value, E> {
        self.number()
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Value, E> {
        self.number()
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        if !(self.is_envelope && self.depth == 1) {
            check_string(text)?;
        }
        Ok(Value::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element_seed(self.deeper()?)? {
            if elements.len() >= limits::JSON_ARRAY_ELEMENTS {
                return Err(de::Error::custom("JSON array exceeds allowed element count"));
            }
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = access.next_key::<String>()? {
            check_string(&name)?;
            let value = access.next_value_seed(self.deeper()?)?;
            if members.len() >= limits::JSON_OBJECT_ENTRIES {
                return Err(de::Error::custom("JSON object exceeds allowed entry count"));
            }
            members.push((Name::from(name), value));
        }
        Object::of(members).map(Value::Object).map_err(|_| de::Error::custom("duplicate key in object"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(text: &str) -> String {
        let mut out = Vec::new();
        parse(text).expect("valid JSON").write(&mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    fn refusal(text: &str) -> String {
        parse(text).expect_err("must be refused").to_string()
    }

    #[test]
    fn numbers_keep_their_text() {
        let text = r#"{"a":[60.0,1e3,60,-0,"12 \" 13",1.5E-7],"b":"\\","c":18446744073709551616,"d":{}}"#;
        assert_eq!(round(text), text);
    }

    #[test]
    fn nesting_ends_at_the_limit() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(&nested(limits::JSON_DEPTH)).is_ok());
        assert!(refusal(&nested(limits::JSON_DEPTH + 1)).contains("nesting depth"));
        assert!(refusal(&"[".repeat(100_000)).contains("nesting depth"));
    }

    #[test]
    fn counts_and_lengths_end_at_their_limits() {
        let list = |count: usize| format!("[{}]", vec!["1"; count].join(","));
        assert!(parse(&list(limits::JSON_ARRAY_ELEMENTS)).is_ok());
        assert!(refusal(&list(limits::JSON_ARRAY_ELEMENTS + 1)).contains("element count"));
        let members = |count: usize| {
            let members: Vec<_> = (0..count).map(|n| format!("\"{n}\":1")).collect();
            format!("{{{}}}", members.join(","))
        };
        assert!(parse(&members(limits::JSON_OBJECT_ENTRIES)).is_ok());
        assert!(refusal(&members(limits::JSON_OBJECT_ENTRIES + 1)).contains("entry count"));
        // Lists of 99 elements, each with its list: a hundred values.
        let lists = |count: usize| {
            let inner = format!("[{}]", ["1"; 99].join(","));
            let rows: Vec<_> = (0..count).map(|_| inner.as_str()).collect();
            format!("[{}]", rows.join(","))
        };
        assert!(parse(&lists(limits::JSON_VALUES / 100 - 1)).is_ok());
        assert!(refusal(&lists(limits::JSON_VALUES / 100 + 1)).contains("count of values"));
        let string = |bytes: usize| format!("\"{}\"", "x".repeat(bytes));
        assert!(parse(&string(limits::JSON_STRING_BYTES)).is_ok());
        assert!(refusal(&string(limits::JSON_STRING_BYTES + 1)).contains("length"));
    }

    #[test]
    fn a_member_of_an_envelope_may_be_long_but_nothing_inside_of_it() {
        let long = "x".repeat(limits::JSON_STRING_BYTES + 1);
        assert!(parse_envelope(&format!(r#"{{"body":"{long}"}}"#)).is_ok());
        assert!(parse_envelope(&format!(r#"{{"data":{{"a":"{long}"}}}}"#)).is_err());
        assert!(parse_envelope(&format!(r#"{{"{long}":1}}"#)).is_err());
    }

    #[test]
    fn refusals_do_not_repeat_the_input() {
        for text in [
            r#"{"hunter2":1,"hunter2":2}"#,
            r#"{"password":"hunter2" "x"}"#,
            r#"["hunter2"] hunter2"#,
            "hunter2",
            r#"{"password":hunter2}"#,
        ] {
            assert!(!refusal(text).contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn debug_shows_no_content() {
        let value = parse(r#"{"password":"hunter2"}"#).expect("valid JSON");
        assert_eq!(format!("{value:?}"), "object");
    }
}
