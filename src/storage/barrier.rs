//! The barrier: what is stored is sealed with AES-256-GCM, with its own key in the store as associated data,
//! so that a value can neither be read nor moved to another place.
//!
//! A sealed value is `version (1 byte) · key number (4 bytes, big endian) · salt (32 bytes) · ciphertext · tag`.
//! Each value has a subkey of its own, HKDF-SHA256 of the barrier key and its random salt. A subkey seals one
//! value only, so its nonce can be zero, and the number of writes under one barrier key has no practical bound.

use super::cache::{Cache, Moment};
use super::uuids::Uuids;
use super::{Batch, Check, Entry, Revision, Storage, StorageError};
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::secret::{Secret, SecretBytes};
use ring::rand::{SecureRandom, SystemRandom};
use ring::{aead, hkdf, hmac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::{Duration, Instant};
use zeroize::Zeroize;

const VERSION: u8 = 1;
/// Rotation will count up from here.
const FIRST_KEY_NUMBER: u32 = 1;
const SALT_BYTES: usize = 32;
const HEADER_BYTES: usize = 1 + 4 + SALT_BYTES;
const SUBKEY_INFO: &[u8] = b"okta_auth barrier value";
/// Holds the key under which tokens and accessors are found; made with the storage, never rotated.
const INDEX_KEY: &str = "core/index-key";

/// The 32 bytes that open a storage.
pub type BarrierKey = Secret<[u8; 32]>;

/// An engine behind its encryption: clear values in and out.
pub struct Barrier {
    engine: Box<dyn Storage>,
    key: hkdf::Prk,
    random: SystemRandom,
    uuids: Uuids,
    index_key: hmac::Key,
    /// How many records there were below a prefix when they were last counted.
    counts: Cache<u64>,
}

/// A record read from the barrier, with the revision a later commit can check.
#[derive(Debug)]
pub struct Stored<T> {
    /// The record.
    pub value: T,
    /// The write it is of.
    pub revision: Revision,
}

impl<T> Stored<T> {
    /// The condition that the record is still as it was read.
    pub fn check(&self, key: &str) -> Check {
        Check { key: key.to_owned(), revision: Some(self.revision) }
    }
}

/// What a key holds, for one who can go on where it cannot be read.
pub enum Found<T> {
    /// There is no such key.
    Nothing,
    /// A record.
    Record(Stored<T>),
    /// A value that is damaged, or of a form that this version does not read.
    Unreadable(Revision),
}

impl Barrier {
    /// Opens a storage, and initialises an empty one.
    ///
    /// # Errors
    /// [`Code::WrongKey`] when the storage was sealed with another key; nothing is changed then.
    pub fn open(engine: Box<dyn Storage>, key: &BarrierKey, deadline: &Deadline) -> Result<Self> {
        let random = SystemRandom::new();
        let mut barrier = Self {
            engine,
            key: hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, key.expose()),
            random,
            uuids: Uuids::default(),
            index_key: hmac::Key::new(hmac::HMAC_SHA256, &[]),
            counts: Cache::new(limits::COUNTS_KEPT),
        };
        let mut index_key = barrier.index_key_bytes(deadline)?;
        barrier.index_key = hmac::Key::new(hmac::HMAC_SHA256, &index_key);
        index_key.zeroize();
        Ok(barrier)
    }

    /// The stored index key; the first to open an empty storage makes it.
    fn index_key_bytes(&self, deadline: &Deadline) -> Result<Vec<u8>> {
        loop {
            if let Some(entry) = self.engine.get(INDEX_KEY, deadline).map_err(StorageError::into_error)? {
                return self.unseal(INDEX_KEY, entry.value).map_err(|_| {
                    Error::new(
                        503,
                        Code::WrongKey,
                        "the barrier key does not open this storage: give the key it was created with",
                    )
                });
            }
            let bytes = self.random_bytes::<32>()?.to_vec();
            let batch = Batch {
                checks: vec![Check { key: INDEX_KEY.to_owned(), revision: None }],
                puts: vec![(INDEX_KEY.to_owned(), bytes)],
                ..Batch::default()
            };
            match self.commit_once(batch, deadline) {
                // Somebody else was first, or we were: what is stored counts.
                Ok(()) | Err(StorageError::Conflict) => {}
                Err(error) => return Err(error.into_error()),
            }
        }
    }

    /// A record and its revision.
    pub fn read<T: DeserializeOwned>(&self, key: &str, deadline: &Deadline) -> Result<Option<Stored<T>>> {
        let entry = self.engine.get(key, deadline).map_err(StorageError::into_error)?;
        entry.map(|entry| self.open_entry(entry)).transpose()
    }

    /// As [`Barrier::read`], but what cannot be read is no error.
    pub fn look<T: DeserializeOwned>(&self, key: &str, deadline: &Deadline) -> Result<Found<T>> {
        let Some(entry) = self.engine.get(key, deadline).map_err(StorageError::into_error)? else {
            return Ok(Found::Nothing);
        };
        Ok(self.found(entry))
    }

    /// The write that a key's value is of; the value is not opened.
    pub fn revision_of(&self, key: &str, deadline: &Deadline) -> Result<Option<Revision>> {
        let entry = self.engine.get(key, deadline).map_err(StorageError::into_error)?;
        Ok(entry.map(|entry| entry.revision))
    }

    fn open_entry<T: DeserializeOwned>(&self, entry: Entry) -> Result<Stored<T>> {
        let Entry { key, value, revision } = entry;
        let mut clear = self.unseal(&key, value)?;
        let value = decode(&key, &clear);
        clear.zeroize();
        Ok(Stored { value: value?, revision })
    }

    fn found<T: DeserializeOwned>(&self, entry: Entry) -> Found<T> {
        let revision = entry.revision;
        self.open_entry(entry).map_or(Found::Unreadable(revision), Found::Record)
    }

    /// Which moment it is in the life of the storage, for [`Barrier::read_cached`].
    pub fn moment(&self, deadline: &Deadline) -> Result<Moment> {
        self.engine.last_revision(deadline).map(Moment).map_err(StorageError::into_error)
    }

    /// As [`Barrier::read`], for a record that is read far more often than it is written: it is not read again as long
    /// as nothing was written since this moment, which the caller has just taken; and neither opened nor parsed again
    /// as long as it is of the write that `cache` holds. Other processes' writes are seen, too.
    pub fn read_cached<T: DeserializeOwned>(
        &self,
        key: &str,
        cache: &Cache<T>,
        moment: Moment,
        deadline: &Deadline,
    ) -> Result<Option<Stored<Arc<T>>>> {
        if let Some((value, revision)) = cache.as_of(key, moment) {
            return Ok(Some(Stored { value, revision }));
        }
        let Some(entry) = self.engine.get(key, deadline).map_err(StorageError::into_error)? else {
            cache.forget(key);
            return Ok(None);
        };
        let revision = entry.revision;
        if let Some(value) = cache.of_write(key, revision, moment) {
            return Ok(Some(Stored { value, revision }));
        }
        let Stored { value, .. } = self.open_entry(entry)?;
        let value = Arc::new(value);
        cache.keep(key, &value, revision, moment);
        Ok(Some(Stored { value, revision }))
    }

    /// Up to `limit` records below `prefix` whose keys come after `after`, in the order of their keys.
    pub fn list<T: DeserializeOwned>(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
        deadline: &Deadline,
    ) -> Result<Vec<(String, Stored<T>)>> {
        let entries = self.entries(prefix, after, limit, deadline)?;
        entries.into_iter().map(|entry| Ok((entry.key.clone(), self.open_entry(entry)?))).collect()
    }

    /// As [`Barrier::list`], but what cannot be read is no error.
    pub fn list_found<T: DeserializeOwned>(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
        deadline: &Deadline,
    ) -> Result<Vec<(String, Found<T>)>> {
        let entries = self.entries(prefix, after, limit, deadline)?;
        Ok(entries.into_iter().map(|entry| (entry.key.clone(), self.found(entry))).collect())
    }

    /// As [`Barrier::list`], but no value is opened: for rows whose keys say everything, whatever became of their
    /// values.
    pub fn list_keys(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
        deadline: &Deadline,
    ) -> Result<Vec<(String, Revision)>> {
        let entries = self.entries(prefix, after, limit, deadline)?;
        Ok(entries.into_iter().map(|entry| (entry.key, entry.revision)).collect())
    }

    /// How many records there are below `prefix`, counted up to `limit`; none is opened.
    pub fn count(&self, prefix: &str, limit: usize, deadline: &Deadline) -> Result<usize> {
        let (mut count, mut after) = (0, String::new());
        loop {
            let page_size = limits::STORAGE_PAGE.min(limit - count);
            let page = self.entries(prefix, &after, page_size, deadline)?;
            count += page.len();
            match page.into_iter().last() {
                Some(last) if count < limit => after = last.key,
                _ => return Ok(count),
            }
        }
    }

    /// Whether there are less than `limit` records below `prefix`, where no commit adds more than one. They are counted
    /// again only when there may have come enough since the last time.
    pub fn has_room(&self, prefix: &str, limit: usize, deadline: &Deadline) -> Result<bool> {
        let now = self.moment(deadline)?;
        let most = self.counts.last(prefix).and_then(|(count, then)| {
            let commits = now.commits_since(then)?;
            Some(count.saturating_add(commits))
        });
        let limit_of_all = u64::try_from(limit).unwrap_or(u64::MAX);
        if most.is_some_and(|most| most < limit_of_all) {
            return Ok(true);
        }
        let count = u64::try_from(self.count(prefix, limit, deadline)?).unwrap_or(u64::MAX);
        self.counts.keep(prefix, &Arc::new(count), now.0, now);
        Ok(count < limit_of_all)
    }

    fn entries(&self, prefix: &str, after: &str, limit: usize, deadline: &Deadline) -> Result<Vec<Entry>> {
        self.engine.list(prefix, after, limit, deadline).map_err(StorageError::into_error)
    }

    /// All records below `prefix`, read page by page.
    pub fn list_all<T: DeserializeOwned>(
        &self,
        prefix: &str,
        deadline: &Deadline,
    ) -> Result<Vec<(String, Stored<T>)>> {
        let mut all: Vec<(String, Stored<T>)> = Vec::new();
        loop {
            let after = all.last().map(|(key, _)| key.clone()).unwrap_or_default();
            let page = self.list(prefix, &after, limits::STORAGE_PAGE, deadline)?;
            let last = page.len() < limits::STORAGE_PAGE;
            all.extend(page);
            if last {
                return Ok(all);
            }
        }
    }

    /// Deletes everything below `prefix`, in bounded batches: what is there at the end is what somebody wrote
    /// meanwhile.
    pub fn delete_all(&self, prefix: &str, deadline: &Deadline) -> Result<()> {
        loop {
            let page = self.entries(prefix, "", limits::STORAGE_PAGE, deadline)?;
            if page.is_empty() {
                return Ok(());
            }
            let deletes = page.into_iter().map(|entry| entry.key).collect();
            let batch = Batch { deletes, ..Batch::default() };
            self.engine.commit(batch, deadline).map_err(StorageError::into_error)?;
        }
    }

    /// Reads, decides and commits; when somebody else was faster, does it all again.
    ///
    /// # Errors
    /// What `attempt` answers; [`Code::StorageBusy`] when others are faster until the deadline, or when `attempt`
    /// checks again for what has become of the past; failures of the engine.
    pub fn update<T>(
        &self,
        deadline: &Deadline,
        mut attempt: impl FnMut() -> Result<(Batch, T)>,
    ) -> Result<T> {
        let (mut longest_pause, limit) = limits::STORAGE_CONFLICT_PAUSE;
        let mut stale = Vec::new();
        loop {
            let (batch, result) = attempt()?;
            if batch.checks.iter().any(|check| stale.contains(check)) {
                return Err(StorageError::Conflict.into_error());
            }
            let checks = batch.checks.clone();
            match self.commit_once(batch, deadline) {
                Ok(()) => return Ok(result),
                Err(StorageError::Conflict) => {}
                Err(error) => return Err(error.into_error()),
            }
            stale = self.stale(checks, deadline)?;
            self.pause(longest_pause, deadline)?;
            longest_pause = (longest_pause * 2).min(limit);
        }
    }

    /// Those conditions that can never hold again, as no revision comes twice.
    fn stale(&self, mut checks: Vec<Check>, deadline: &Deadline) -> Result<Vec<Check>> {
        let mut failure = None;
        checks.retain(|check| {
            let revision = self.revision_of(&check.key, deadline).map_err(|error| failure = Some(error));
            check.revision.is_some() && revision.is_ok_and(|revision| revision != check.revision)
        });
        failure.map_or(Ok(checks), Err)
    }

    /// A pause of random length, so that those who were in each other's way come apart.
    fn pause(&self, longest: Duration, deadline: &Deadline) -> Result<()> {
        let random = u32::from_be_bytes(self.random_bytes()?);
        let end = Instant::now() + longest.mul_f64(f64::from(random) / f64::from(u32::MAX));
        loop {
            if let Some(why) = deadline.interrupted() {
                return Err(StorageError::from(why).into_error());
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(limits::STORAGE_POLL));
        }
    }

    fn commit_once(&self, mut batch: Batch, deadline: &Deadline) -> std::result::Result<(), StorageError> {
        if batch.is_empty() {
            return Ok(());
        }
        for (key, value) in &mut batch.puts {
            if value.len() > limits::STORAGE_VALUE_BYTES {
                let megabytes = limits::STORAGE_VALUE_BYTES >> 20;
                return Err(StorageError::Failed(format!(
                    "the record {key:?} is over {megabytes} MiB: store less of it; nothing was changed"
                )));
            }
            *value = self
                .seal(key, std::mem::take(value))
                .map_err(|error| StorageError::Failed(error.text().unwrap_or_default().to_owned()))?;
        }
        self.engine.commit(batch, deadline)
    }

    /// The name under which a token or accessor is stored: HMAC-SHA256 in hex.
    pub fn index_of(&self, secret: &str) -> String {
        let tag = hmac::sign(&self.index_key, secret.as_bytes());
        let mut text = String::with_capacity(2 * tag.as_ref().len());
        push_hex(&mut text, tag.as_ref());
        text
    }

    /// Random bytes of the system.
    pub fn random_bytes<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.random
            .fill(&mut bytes)
            .map_err(|_| Error::new(500, Code::Internal, "the system gave no random bytes"))?;
        Ok(bytes)
    }

    /// A random UUID (RFC 9562, version 4).
    pub fn new_uuid(&self) -> Result<String> {
        self.uuids.next(|| self.random_bytes())
    }

    /// Lets go of the engine's files, by the deadline.
    pub fn close(&self, deadline: &Deadline) {
        self.engine.close(deadline);
    }

    /// Seals what is kept under a key, or what is kept elsewhere, for a `key` that the storage never has.
    pub fn seal(&self, key: &str, mut clear: Vec<u8>) -> Result<Vec<u8>> {
        let salt = self.random_bytes::<SALT_BYTES>()?;
        let subkey = self.subkey(&salt)?;
        let mut sealed = Vec::with_capacity(HEADER_BYTES + clear.len() + aead::MAX_TAG_LEN);
        sealed.push(VERSION);
        sealed.extend_from_slice(&FIRST_KEY_NUMBER.to_be_bytes());
        sealed.extend_from_slice(&salt);
        let nonce = aead::Nonce::assume_unique_for_key([0; aead::NONCE_LEN]);
        let tag = subkey
            .seal_in_place_separate_tag(nonce, aead::Aad::from(key.as_bytes()), &mut clear)
            .map_err(|_| Error::new(500, Code::Internal, "a value could not be sealed"))?;
        sealed.extend_from_slice(&clear);
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Opens what was sealed for this `key`.
    ///
    /// # Errors
    /// 503 for anything else.
    pub fn unseal(&self, key: &str, mut sealed: Vec<u8>) -> Result<Vec<u8>> {
        let damaged = || {
            Error::new(
                503,
                Code::StorageFailed,
                format!("the stored value of {key:?} is damaged or was sealed with another key"),
            )
        };
        let header = sealed.get(..HEADER_BYTES).ok_or_else(damaged)?;
        let (Some((&version, rest)), key_number) = (header.split_first(), FIRST_KEY_NUMBER.to_be_bytes())
        else {
            return Err(damaged());
        };
        let (number, salt) = rest.split_at(key_number.len());
        if version != VERSION || number != key_number {
            return Err(Error::new(
                503,
                Code::StorageFailed,
                format!("the stored value of {key:?} was sealed by a newer version or under another key"),
            ));
        }
        let subkey = self.subkey(salt)?;
        let nonce = aead::Nonce::assume_unique_for_key([0; aead::NONCE_LEN]);
        let aad = aead::Aad::from(key.as_bytes());
        let clear = subkey.open_within(nonce, aad, &mut sealed, HEADER_BYTES..).map_err(|_| damaged())?;
        let length = clear.len();
        sealed.truncate(length);
        Ok(sealed)
    }

    fn subkey(&self, salt: &[u8]) -> Result<aead::LessSafeKey> {
        let info = [SUBKEY_INFO, salt];
        self.key
            .expand(&info, &aead::AES_256_GCM)
            .map(aead::UnboundKey::from)
            .map(aead::LessSafeKey::new)
            .map_err(|_| Error::new(500, Code::Internal, "a key could not be derived"))
    }
}

/// The bytes of a record as it goes into a [`Batch`].
pub fn encode<T: Serialize>(record: &T) -> Result<Vec<u8>> {
    let mut text = SecretBytes::with_capacity(512);
    serde_json::to_writer(&mut text, record)
        .map_err(|_| Error::new(500, Code::Internal, "a record could not be written as JSON"))?;
    // Sealing overwrites it.
    Ok(std::mem::take(&mut *text.into_inner()))
}

fn decode<T: DeserializeOwned>(key: &str, clear: &[u8]) -> Result<T> {
    // serde's text could repeat a stored value, so only the key is named.
    serde_json::from_slice(clear).map_err(|_| {
        Error::new(
            503,
            Code::StorageFailed,
            format!("the stored record {key:?} is of a form that this version does not read"),
        )
    })
}

/// Appends two lower-case hex digits for each byte. Formatting them one by one would be a tenth of a token's look-up.
pub fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 0xf)]));
    }
}

#[cfg(test)]
mod tests;
