//! Random UUIDs, a stock at a time: asking the system costs more than all else of a short request's id.

use super::barrier::push_hex;
use crate::error::Result;
use std::sync::{Mutex, PoisonError};

const UUID_BYTES: usize = 16;
/// How many are made at once.
const STOCK: usize = 256;
/// What they are made of: a page.
pub const STOCK_BYTES: usize = STOCK * UUID_BYTES;

/// Makes ids that are to be unique and are no secrets. A child that was forked has the parent's stock, but is
/// refused before it could use it.
#[derive(Default)]
pub struct Uuids {
    stock: Mutex<Vec<[u8; UUID_BYTES]>>,
}

impl Uuids {
    /// A random UUID (RFC 9562, version 4). Where none is left, `random_bytes` make the next ones.
    ///
    /// # Errors
    /// Those of `random_bytes`.
    pub fn next(&self, random_bytes: impl Fn() -> Result<[u8; STOCK_BYTES]>) -> Result<String> {
        let mut bytes = self.bytes(random_bytes)?;
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

    fn bytes(&self, random_bytes: impl Fn() -> Result<[u8; STOCK_BYTES]>) -> Result<[u8; UUID_BYTES]> {
        let mut stock = self.stock.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(bytes) = stock.pop() {
                return Ok(bytes);
            }
            stock.extend_from_slice(random_bytes()?.as_chunks().0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::rand::{SecureRandom, SystemRandom};
    use std::collections::BTreeSet;

    #[test]
    fn each_is_of_version_4_and_another_over_many_stocks() {
        let (uuids, random) = (Uuids::default(), SystemRandom::new());
        let random_bytes = || {
            let mut bytes = [0; STOCK_BYTES];
            random.fill(&mut bytes).expect("random");
            Ok(bytes)
        };
        let mut seen = BTreeSet::new();
        for _ in 0..STOCK * 4 + 1 {
            let uuid = uuids.next(random_bytes).expect("random");
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
