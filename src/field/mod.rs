//! The fields of a path: which JSON inputs Vault accepts for each type, and what they become
//! (its package `sdk/framework`, `field_data.go`).

mod convert;
mod duration;

pub use duration::{format_duration, parse_lifetime, parse_nanos, parse_seconds};

use crate::error::{Code, Error, Result};
use crate::json::{Object, Value};
use std::collections::BTreeMap;

/// The types that Vault's paths use here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text; numbers and booleans become text, `null` is `""` and counts as given.
    String,
    /// `true`, `false` and the texts of Go's ParseBool; `null` is `false` and counts as given.
    Bool,
    /// An integer, or its text with Go's prefixes; `null` is 0 and counts as given.
    Int,
    /// Seconds, or a Go duration text; `null` counts as not given.
    Seconds,
    /// A text that is split at commas, or an array of scalars; elements are trimmed, empty ones kept.
    List,
    /// An array of scalars, each trimmed; a single scalar is a list of one and is not split.
    Texts,
    /// An object of anything.
    Object,
    /// An object of scalars, or texts of the form `key=value`.
    Pairs,
    /// Anything; the handler looks at it itself.
    Any,
}

/// The fields of a path that takes any members there are.
pub const ANYTHING: &[Field] = &[Field::new("*", Kind::Any)];

/// One field of a path.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Whether its value must not come back in an error text.
    pub secret: bool,
    /// The fields whose place it takes, such as that of which it is the deprecated name.
    pub stands_for: &'static [&'static str],
}

impl Field {
    /// A field whose value may be shown.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, secret: false, stands_for: &[] }
    }

    /// A field that holds a secret.
    pub const fn secret(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, secret: true, stands_for: &[] }
    }

    /// The same, for a field that takes the place of these.
    pub const fn standing_for(self, names: &'static [&'static str]) -> Self {
        Self { stands_for: names, ..self }
    }

    /// What the path makes of a value, as texts that are equal where it is the same: one for each element of a list,
    /// one for a text, a number or a boolean however it is spelt; none for what is refused, and for objects.
    pub fn readings(&self, value: &Value) -> Vec<String> {
        let one = |text: String| vec![text];
        match self.kind {
            Kind::String => convert::string(value).map(one),
            Kind::Bool => convert::bool(value).map(|flag| one(flag.to_string())),
            Kind::Int => convert::int(value).map(|number| one(number.to_string())),
            Kind::Seconds => convert::seconds(value).map(|seconds| one(seconds.to_string())),
            Kind::List => convert::list(value),
            Kind::Texts => convert::texts(value),
            Kind::Object | Kind::Pairs | Kind::Any => Ok(Vec::new()),
        }
        .unwrap_or_default()
    }
}

/// The members of a request for one path, with the fields that the path has.
///
/// The typed getters answer `None` for a field that was not given; "given" is Vault's notion, in which `null`
/// counts for everything but durations.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    schema: &'static [Field],
    members: Object,
}

impl Fields {
    /// Puts members and schema together; nothing is checked yet.
    pub fn new(schema: &'static [Field], members: Object) -> Self {
        Self { schema, members }
    }

    /// Converts every known field once, so that a handler is reached only by a request whose types are right.
    ///
    /// # Errors
    /// 400 with Vault's `error converting input for field …`; `prefix` stands before it.
    pub fn validate(&self, prefix: &str) -> Result<()> {
        for field in self.schema {
            if let Some(value) = self.members.get(field.name) {
                convert::check(field, value).map_err(|cause| {
                    Error::bad_request(
                        Code::InvalidRequest,
                        format!("{prefix}error converting input for field \"{}\": {cause}", field.name),
                    )
                })?;
            }
        }
        Ok(())
    }

    /// Names of members that the path has no field for, sorted.
    pub fn unknown(&self) -> Vec<String> {
        let known = |name: &str| self.schema.iter().any(|field| field.name == name || field.name == "*");
        self.members.keys().filter(|name| !known(name)).map(str::to_owned).collect()
    }

    /// All members as they came.
    pub fn all(&self) -> &Object {
        &self.members
    }

    /// The member as it came.
    pub fn raw(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// A [`Kind::String`] field.
    pub fn string(&self, name: &str) -> Result<Option<String>> {
        self.get(name, convert::string)
    }

    /// A [`Kind::String`] field, `""` when not given.
    pub fn string_or_empty(&self, name: &str) -> Result<String> {
        Ok(self.string(name)?.unwrap_or_default())
    }

    /// A [`Kind::Bool`] field.
    pub fn bool(&self, name: &str) -> Result<Option<bool>> {
        self.get(name, convert::bool)
    }

    /// A [`Kind::Int`] field.
    pub fn int(&self, name: &str) -> Result<Option<i64>> {
        self.get(name, convert::int)
    }

    /// A [`Kind::Seconds`] field.
    pub fn seconds(&self, name: &str) -> Result<Option<i64>> {
        if matches!(self.members.get(name), Some(Value::Null)) {
            return Ok(None);
        }
        self.get(name, convert::seconds)
    }

    /// A [`Kind::List`] field.
    pub fn list(&self, name: &str) -> Result<Option<Vec<String>>> {
        self.get(name, convert::list)
    }

    /// A [`Kind::Texts`] field.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>> {
        self.get(name, convert::texts)
    }

    /// A [`Kind::Pairs`] field.
    pub fn pairs(&self, name: &str) -> Result<Option<BTreeMap<String, String>>> {
        self.get(name, convert::pairs)
    }

    /// A [`Kind::Object`] field.
    pub fn object(&self, name: &str) -> Result<Option<Object>> {
        self.get(name, convert::object)
    }

    fn get<T>(
        &self,
        name: &str,
        convert: impl FnOnce(&Value) -> std::result::Result<T, String>,
    ) -> Result<Option<T>> {
        // validate() has already said what is wrong in Vault's words; this is for a handler that reads a field
        // its path does not declare.
        self.members.get(name).map(convert).transpose().map_err(|_| {
            Error::bad_request(Code::InvalidRequest, format!("field {name:?} is of the wrong type"))
        })
    }
}
