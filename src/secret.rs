//! The one wrapper for secrets: passwords, passcodes, API tokens, client tokens, keys.
//!
//! It has no `Debug`, `Display`, `Serialize` or `PartialEq`, so a secret cannot slip into a log line, an
//! error text or a stored record by accident; it is wiped when dropped. To read it one has to say
//! [`Secret::expose`], which is easy to search for.

use std::io;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

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

/// Bytes in the making that may hold secrets: when they outgrow their place, the old one is wiped.
#[derive(Default)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Room for so many bytes before the first move.
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(capacity)))
    }

    /// Appends bytes.
    pub fn extend_from_slice(&mut self, bytes: &[u8]) {
        let needed = self.0.len().saturating_add(bytes.len());
        if needed > self.0.capacity() {
            // A Vec that grows by itself leaves a copy behind.
            let mut larger =
                Zeroizing::new(Vec::with_capacity(needed.max(self.0.capacity().saturating_mul(2))));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes, still wiped when dropped.
    pub fn into_inner(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

impl io::Write for SecretBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_keep_their_order_while_they_grow() {
        let mut bytes = SecretBytes::with_capacity(2);
        for number in 0..100_u8 {
            bytes.extend_from_slice(&[number, number]);
        }
        assert_eq!(bytes.len(), 200);
        let expected: Vec<u8> = (0..100).flat_map(|number| [number, number]).collect();
        assert_eq!(*bytes.into_inner(), expected);
    }
}
