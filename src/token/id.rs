//! Random names: tokens and accessors.

use crate::error::Result;
use crate::storage::Barrier;
use zeroize::Zeroizing;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The greatest multiple of 62 that a byte can reach: bytes from here on are thrown away, so that every
/// character is equally likely.
const FAIR_BYTES: u8 = 62 * 4;
/// 24 characters of 62 are 142 bits.
const RANDOM_CHARACTERS: usize = 24;

/// `hvs.` and 24 random letters and digits.
pub fn service_token(barrier: &Barrier) -> Result<String> {
    let mut token = String::with_capacity(4 + RANDOM_CHARACTERS);
    token.push_str("hvs.");
    push_random(barrier, &mut token)?;
    Ok(token)
}

/// 24 random letters and digits.
pub fn accessor(barrier: &Barrier) -> Result<String> {
    let mut accessor = String::with_capacity(RANDOM_CHARACTERS);
    push_random(barrier, &mut accessor)?;
    Ok(accessor)
}

fn push_random(barrier: &Barrier, text: &mut String) -> Result<()> {
    let full = text.len() + RANDOM_CHARACTERS;
    loop {
        let bytes = Zeroizing::new(barrier.random_bytes::<32>()?);
        for byte in bytes.iter().filter(|byte| **byte < FAIR_BYTES) {
            if text.len() == full {
                return Ok(());
            }
            text.push(char::from(BASE62[usize::from(byte % 62)]));
        }
        if text.len() == full {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::testing::barrier;
    use std::collections::BTreeSet;

    #[test]
    fn names_have_vaults_forms_and_differ() {
        let barrier = barrier();
        let mut seen = BTreeSet::new();
        let mut used = BTreeSet::new();
        for _ in 0..500 {
            let token = service_token(&barrier).expect("random");
            let random = token.strip_prefix("hvs.").expect("a service token");
            let accessor = accessor(&barrier).expect("random");
            for name in [random, &accessor] {
                assert_eq!(name.len(), 24);
                assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
                used.extend(name.bytes());
                assert!(seen.insert(name.to_owned()));
            }
        }
        assert_eq!(used.len(), 62);
    }
}
