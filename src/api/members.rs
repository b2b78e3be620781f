//! Requests and options as objects whose members are taken out one by one.

use crate::error::{Code, Error, Result};
use crate::json::{self, Object, Value};
use std::time::Duration;

/// The longest time-out that can be asked for: a day.
const GREATEST_TIMEOUT_MS: i64 = 86_400_000;

/// How a text, or bytes that should be one, is read.
pub type Parse<T> = fn(&T) -> std::result::Result<Value, json::ParseError>;

/// A JSON object; nothing at all is an empty one.
pub fn parse_object<T: AsRef<[u8]> + ?Sized>(text: &T, what: &str, parse: Parse<T>) -> Result<Object> {
    if text.as_ref().is_empty() {
        return Ok(Object::new());
    }
    match parse(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(other) => Err(Error::bad_request(
            Code::InvalidJson,
            format!("the {what} must be a JSON object, not a JSON {}", other.kind()),
        )),
        Err(error) => Err(Error::bad_request(
            Code::InvalidJson,
            format!("the {what} could not be parsed as JSON: {error}"),
        )),
    }
}

/// The members of an object that are taken out one by one; what is left over is refused by name.
pub struct Members {
    what: &'static str,
    object: Object,
}

impl Members {
    /// The members of an object; `what` names one of them in error texts.
    pub fn of(what: &'static str, object: Object) -> Self {
        Self { what, object }
    }

    /// Any member; `null` counts as not given.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.object.remove(name).filter(|value| !matches!(value, Value::Null))
    }

    /// A text.
    pub fn text(&mut self, name: &str) -> Result<Option<String>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.expose().clone())),
            Some(other) => Err(self.wrong(name, "a string", &other)),
        }
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(self.wrong(name, "true or false", &other)),
        }
    }

    /// An object.
    pub fn object(&mut self, name: &str) -> Result<Option<Object>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(other) => Err(self.wrong(name, "an object", &other)),
        }
    }

    /// Milliseconds: a whole number from 1 to a day's.
    pub fn millis(&mut self, name: &str) -> Result<Option<Duration>> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        match value.as_i64() {
            Some(millis @ 1..=GREATEST_TIMEOUT_MS) => Ok(Some(Duration::from_millis(millis.unsigned_abs()))),
            _ => Err(Error::bad_request(
                Code::InvalidRequest,
                format!(
                    "{} {name:?} must be a whole number of milliseconds from 1 to {GREATEST_TIMEOUT_MS}",
                    self.what
                ),
            )),
        }
    }

    /// Seconds or a duration, as the text that it is read from.
    pub fn duration(&mut self, name: &str) -> Result<Option<String>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.expose().clone())),
            Some(Value::Number(number)) => Ok(Some(number.text().to_owned())),
            Some(other) => Err(self.wrong(name, "seconds or a duration text", &other)),
        }
    }

    /// What is left.
    pub fn rest(self) -> Object {
        self.object
    }

    /// Refuses what is left.
    pub fn finish(self) -> Result<()> {
        match self.object.keys().next() {
            None => Ok(()),
            Some(name) => {
                Err(Error::bad_request(Code::InvalidRequest, format!("unknown {} {name:?}", self.what)))
            }
        }
    }

    /// The error of a member of the wrong type.
    fn wrong(&self, name: &str, wanted: &str, found: &Value) -> Error {
        Error::bad_request(
            Code::InvalidRequest,
            format!("{} {name:?} must be {wanted}, not a JSON {}", self.what, found.kind()),
        )
    }
}
