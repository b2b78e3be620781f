//! The one wrapper for secrets: passwords, passcodes, API tokens, client tokens, keys.
//!
//! It has no `Debug`, `Display`, `Serialize` or `PartialEq`, so a secret cannot slip into a log line, an
//! error text or a stored record by accident; it is wiped when dropped. To read it one has to say
//! [`Secret::expose`], which is easy to search for.

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// A value that is wiped on drop and can be read only by saying so.
#[derive(Clone, Default)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes ownership of a secret value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The secret itself. Every caller must keep it out of logs, error texts and unsealed records.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize + AsRef<[u8]>> Secret<T> {
    /// Compares in time that depends on the lengths only.
    pub fn matches(&self, other: &[u8]) -> bool {
        self.0.as_ref().ct_eq(other).into()
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl From<&str> for Secret<String> {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Secret<String> {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// Serde for secrets inside records that the barrier seals before they are stored. Name it in a
/// `#[serde(with = "crate::secret::sealed_record")]` on the field, and only there.
pub mod sealed_record {
    use super::Secret;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes the secret in clear: the record it stands in must go through the barrier.
    pub fn serialize<S: Serializer>(secret: &Secret<String>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose())
    }

    /// Reads a secret of an opened record.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret<String>, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}
