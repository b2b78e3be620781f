//! How an audit line shows what must not be read from it: by an HMAC under a key of the storage's own, so that who
//! knows a value can look for it.

use crate::deadline::Deadline;
use crate::error::Result;
use crate::secret::{Secret, sealed_record};
use crate::storage::{Barrier, Batch, Check, encode, push_hex};
use ring::hmac;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Not the index key: whoever holds an audit log and this key can find no row of the storage by them.
const KEY: &str = "core/audit-key";
/// Stands before each HMAC, as in Vault.
const PREFIX: &str = "hmac-sha256:";

/// Hides texts.
pub struct Hasher(hmac::Key);

#[derive(Serialize, Deserialize)]
struct Stored {
    /// 32 random bytes in hex.
    #[serde(with = "sealed_record")]
    key: Secret<String>,
}

impl Hasher {
    /// The hasher of a storage, whose key the first to ask for makes.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn open(barrier: &Barrier, deadline: &Deadline) -> Result<Self> {
        let stored = barrier.update(deadline, || {
            if let Some(stored) = barrier.read::<Stored>(KEY, deadline)? {
                return Ok((Batch::default(), stored.value));
            }
            let mut key = String::with_capacity(64);
            push_hex(&mut key, &barrier.random_bytes::<32>()?);
            let stored = Stored { key: Secret::new(key) };
            let checks = vec![Check { key: KEY.to_owned(), revision: None }];
            let puts = vec![(KEY.to_owned(), encode(&stored)?)];
            Ok((Batch { checks, puts, ..Batch::default() }, stored))
        })?;
        // The text of the key is as random as its bytes.
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, stored.key.expose().as_bytes())))
    }

    /// `hmac-sha256:` and the HMAC in hex.
    pub fn hash(&self, text: &str) -> String {
        let tag = hmac::sign(&self.0, text.as_bytes());
        let mut shown = String::with_capacity(PREFIX.len() + 64);
        shown.push_str(PREFIX);
        push_hex(&mut shown, tag.as_ref());
        shown
    }

    /// A text that is meant to be read, with a hash in the place of each token that somebody has put into it by
    /// mistake: an error may repeat what it is about.
    pub fn without_tokens<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut shown = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("hvs.").into_iter().chain(rest.find("hvb.")).min() {
            let (before, token) = rest.split_at(start);
            let is_of_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            let end = token.find(|c| !is_of_token(c)).unwrap_or(token.len());
            let (token, after) = token.split_at(end);
            shown.push_str(before);
            shown.push_str(&self.hash(token));
            rest = after;
        }
        if shown.is_empty() {
            return Cow::Borrowed(text);
        }
        shown.push_str(rest);
        Cow::Owned(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deadline::Cancel;
    use crate::storage::MemoryStorage;
    use std::time::Duration;

    #[test]
    fn a_token_in_a_readable_text_is_hashed() {
        let deadline = Deadline::after(Duration::from_secs(60), Cancel::default());
        let engine = Box::new(MemoryStorage::default());
        let barrier = Barrier::open(engine, &Secret::new([7; 32]), &deadline).expect("opens");
        let hasher = Hasher::open(&barrier, &deadline).expect("a key");
        let (one, two) = (hasher.hash("hvs.CAESIJ-x_1"), hasher.hash("hvb.AA"));
        for (text, shown) in [
            ("nothing here", "nothing here".to_owned()),
            ("invalid duration \"hvs.CAESIJ-x_1\"", format!("invalid duration \"{one}\"")),
            ("hvb.AA hvs.CAESIJ-x_1,hvb.AA", format!("{two} {one},{two}")),
        ] {
            assert_eq!(hasher.without_tokens(text), shown);
        }
    }

    #[test]
    fn a_storage_has_one_key_and_it_is_not_the_index_key() {
        let deadline = Deadline::after(Duration::from_secs(60), Cancel::default());
        let open = || {
            Barrier::open(Box::new(MemoryStorage::default()), &Secret::new([7; 32]), &deadline)
                .expect("opens")
        };
        let barrier = open();
        let hasher = || Hasher::open(&barrier, &deadline).expect("a key");
        let hash = hasher().hash("fred");
        assert_eq!(hash, hasher().hash("fred"));
        assert_ne!(hash, hasher().hash("Fred"));
        let hex = hash.strip_prefix("hmac-sha256:").expect("Vault's form");
        assert!(hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()));
        assert_ne!(hex, barrier.index_of("fred"));
        let other = open();
        assert_ne!(hash, Hasher::open(&other, &deadline).expect("a key").hash("fred"));
    }
}
