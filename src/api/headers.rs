//! The headers of a request, and what may be said by a header and by a member as well.

use crate::error::{Code, Error, Result};
use crate::field;
use crate::json::Value;
use crate::limits;
use crate::secret::Secret;

/// The headers of a request; names in lower case.
pub struct Headers(Vec<(String, Secret<String>)>);

impl Headers {
    /// Reads the member `headers` of a request.
    ///
    /// # Errors
    /// 400 for another shape, and for control characters; 431 for more than [`limits::HEADER_BYTES`].
    pub fn parse(value: Option<Value>) -> Result<Self> {
        let refuse = || {
            Error::bad_request(
                Code::InvalidRequest,
                "\"headers\" must be an object whose members are strings or arrays of strings",
            )
        };
        let (mut headers, mut bytes) = (Vec::new(), 0);
        let object = match value {
            None => return Ok(Self(headers)),
            Some(Value::Object(object)) => object,
            Some(_) => return Err(refuse()),
        };
        for (name, value) in object {
            let values = match value {
                Value::Array(values) => values,
                single => vec![single],
            };
            for value in values {
                let text = value.as_str().ok_or_else(refuse)?;
                if text.chars().any(char::is_control) {
                    return Err(Error::bad_request(
                        Code::InvalidRequest,
                        "a value of \"headers\" has control characters",
                    ));
                }
                bytes += name.len() + text.len();
                if bytes > limits::HEADER_BYTES {
                    let text = format!("\"headers\" have more than {} bytes", limits::HEADER_BYTES);
                    return Err(Error::new(431, Code::TooLarge, text));
                }
                headers.push((name.to_ascii_lowercase(), Secret::from(text)));
            }
        }
        Ok(Self(headers))
    }

    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.expose().as_str())
    }

    /// A header that must not say different things.
    pub fn one<'a>(&'a self, name: &'a str) -> Result<Option<&'a str>> {
        let mut values = self.values(name);
        let first = values.next();
        if values.any(|value| Some(value) != first) {
            return Err(Error::bad_request(
                Code::InvalidRequest,
                format!("the header {name:?} stands there more than once and says different things"),
            ));
        }
        Ok(first)
    }

    /// All lines of a header as one.
    pub fn all(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self.values(name).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The token in `X-Vault-Token` or `Authorization: Bearer`.
    pub fn token(&self) -> Result<Option<Secret<String>>> {
        let own = self.one("x-vault-token")?.map(Secret::from);
        let bearer =
            self.one("authorization")?.and_then(|value| value.strip_prefix("Bearer ")).map(Secret::from);
        same_token("the headers X-Vault-Token and Authorization", own, bearer)
    }

    /// What is asked for by `X-Vault-Wrap-TTL`, in seconds.
    pub fn wrap_ttl(&self) -> Result<Option<i64>> {
        let text = self.one("x-vault-wrap-ttl")?.map(str::trim).filter(|text| !text.is_empty());
        text.map(|text| wrap_ttl(text, "X-Vault-Wrap-TTL header")).transpose()
    }
}

/// One of two, or both when they are the same.
pub fn same<T>(what: &str, one: Option<T>, other: Option<T>, equal: fn(&T, &T) -> bool) -> Result<Option<T>> {
    match (one, other) {
        (Some(one), Some(other)) if !equal(&one, &other) => {
            Err(Error::bad_request(Code::InvalidRequest, format!("{what} say different things")))
        }
        (one, other) => Ok(one.or(other)),
    }
}

/// [`same`] for tokens.
pub fn same_token(
    what: &str,
    one: Option<Secret<String>>,
    other: Option<Secret<String>>,
) -> Result<Option<Secret<String>>> {
    same(what, one, other, |one, other| one.matches(other.expose().as_bytes()))
}

/// The life of a wrapping token that is wished for, in seconds; 0 asks for none. `source` says where it stands.
///
/// # Errors
/// 400 in Vault's words.
pub fn wrap_ttl(text: &str, source: &str) -> Result<i64> {
    let ttl = field::parse_lifetime(text).and_then(|seconds| match seconds {
        ..0 => Err("requested wrap ttl cannot be negative".to_owned()),
        seconds => Ok(seconds),
    });
    ttl.map_err(|why| Error::bad_request(Code::InvalidRequest, format!("error parsing {source}: {why}")))
}
