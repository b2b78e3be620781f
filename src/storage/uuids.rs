//! Random UUIDs, a stock at a time: asking the system costs more than all else of a short request's id.

use super::barrier::push_hex;
use crate::error::{Code, Error, Result};
use ring::rand::{SecureRandom, SystemRandom};
use std::sync::{Mutex, PoisonError};

/// How many are made at once: a page of bytes.
const STOCK: usize = 256;

/// Makes ids that are to be unique and are no secrets. A child that was forked has the parent's stock, but is
/// refused before it could use it.
#[derive(Default)]
pub struct Uuids {
    stock: Mutex<Vec<[u8; 16]>>,
}

impl Uuids {
    /// A random UUID (RFC 9562, version 4).
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn next(&self, random: &SystemRandom) -> Result<String> {
        let mut bytes = self.bytes(random)?;
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let mut text = String::with_capacity(36);
        for (place, byte) in bytes.iter().enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            push_hex(&mut text, &[*byte]);
        }
        Ok(text)
    }

    fn bytes(&self, random: &SystemRandom) -> Result<[u8; 16]> {
        let mut stock = self.stock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = stock.pop() {
            return Ok(bytes);
        }
        let mut fresh = [[0; 16]; STOCK];
        random.fill(fresh.as_flattened_mut()).map_err(|_| no_random_bytes())?;
        let [first, others @ ..] = fresh;
        stock.extend_from_slice(&others);
        Ok(first)
    }
}

/// The system has none.
pub fn no_random_bytes() -> Error {
    Error::new(500, Code::Internal, "the system gave no random bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_is_of_version_4_and_another_over_many_stocks() {
        let (uuids, random) = (Uuids::default(), SystemRandom::new());
        let mut seen = BTreeSet::new();
        for _ in 0..STOCK * 4 + 1 {
            let uuid = uuids.next(&random).expect("random");
            assert_eq!(uuid.len(), 36);
            assert_eq!(
                uuid.char_indices().filter(|(_, c)| *c == '-').map(|(at, _)| at).collect::<Vec<_>>(),
                [8, 13, 18, 23]
            );
            assert_eq!(uuid.get(14..15), Some("4"));
            assert!(matches!(uuid.get(19..20), Some("8" | "9" | "a" | "b")), "{uuid}");
            assert!(seen.insert(uuid));
        }
    }
}
