//! A key-value store whose one write is an atomic compare-and-swap batch, and the barrier that encrypts what
//! goes into it.
//!
//! Engines know nothing of what they store; everything else talks to [`Barrier`]. No type of an engine
//! leaves this module.

mod barrier;
mod cache;
mod fork;
pub mod key;
mod memory;
mod private_file;
mod sqlite;
mod user;
mod uuids;

pub use barrier::{Barrier, BarrierKey, Found, Stored, encode, push_hex};
pub use cache::{Cache, Moment};
pub use memory::MemoryStorage;
pub use private_file::{OWNER_ONLY, refuse_shared};
pub use sqlite::SqliteStorage;

use crate::deadline::{Deadline, Interrupted};
use crate::error::{Code, Error};

/// The number of a commit, and of all values that it wrote. Each commit that writes anything has a greater one than all
/// before it, so one key never has the same twice, not even after it was deleted and written again.
pub type Revision = u64;

/// A stored value.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Path-like text, `/` between its parts.
    pub key: String,
    /// Sealed bytes in an engine, clear bytes out of the barrier.
    pub value: Vec<u8>,
    /// Which write it is of.
    pub revision: Revision,
}

/// What one commit does: all of it, or nothing.
#[derive(Default)]
pub struct Batch {
    /// What must hold for the commit to happen.
    pub checks: Vec<Check>,
    /// Keys to write, with their values.
    pub puts: Vec<(String, Vec<u8>)>,
    /// Keys to delete; an absent one is fine.
    pub deletes: Vec<String>,
    /// Whether the answer waits for the disk.
    pub durability: Durability,
}

impl Batch {
    /// Whether it checks and changes nothing.
    pub fn is_empty(&self) -> bool {
        self.checks.is_empty() && self.puts.is_empty() && self.deletes.is_empty()
    }

    /// Whether it changes anything.
    pub fn writes(&self) -> bool {
        !self.puts.is_empty() || !self.deletes.is_empty()
    }
}

/// A condition of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The key it is about.
    pub key: String,
    /// `Some`: the key's value is of this very write. `None`: there is no such key.
    pub revision: Option<Revision>,
}

/// Whether a commit is on the disk when it returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// It is: it survives a power cut.
    #[default]
    Durable,
    /// It is visible to everybody at once, but may be lost in a power cut.
    Relaxed,
}

/// An engine. Every call ends by its deadline, a wait for another process included.
pub trait Storage: Send + Sync {
    /// The value of a key.
    fn get(&self, key: &str, deadline: &Deadline) -> Result<Option<Entry>, StorageError>;

    /// Up to `limit` entries whose keys start with `prefix` and are greater than `after` (when not empty), in
    /// the order of the keys' bytes.
    fn list(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
        deadline: &Deadline,
    ) -> Result<Vec<Entry>, StorageError>;

    /// That of the last commit that wrote anything: as long as it is the same, nothing has changed.
    fn last_revision(&self, deadline: &Deadline) -> Result<Revision, StorageError>;

    /// Does everything in the batch if all its checks hold. [`StorageError::Conflict`] when one does not;
    /// nothing is changed then, nor after any other error. A wait for others ends by the deadline; once the
    /// writing has begun it is seen through, so that the answer is known.
    fn commit(&self, batch: Batch, deadline: &Deadline) -> Result<(), StorageError>;

    /// Lets go of files and connections by the deadline; calls after it fail. What is still in use is let go when
    /// its call ends.
    fn close(&self, deadline: &Deadline);
}

/// Why a storage call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageError {
    /// A check of a commit did not hold: read again and decide anew.
    Conflict,
    /// Others held the store until the deadline.
    Busy,
    /// The operation was cancelled.
    Cancelled,
    /// No room is left.
    Full,
    /// This process may not use the engine, or no database at all, because of a fork. With what to do.
    Forked(&'static str),
    /// Anything else, with a text that says what to do and holds no stored value.
    Failed(String),
}

impl StorageError {
    /// What a call on a closed engine answers.
    fn closed() -> Self {
        Self::Failed("the storage is closed".to_owned())
    }

    /// What a caller is told.
    pub fn into_error(self) -> Error {
        let failed = |text| Error::new(503, Code::StorageFailed, text);
        match self {
            Self::Conflict | Self::Busy => Error::new(
                503,
                Code::StorageBusy,
                "the storage was busy with other requests for too long; try again",
            ),
            Self::Cancelled => Error::interrupted(Interrupted::Cancelled, "using the storage"),
            Self::Full => {
                failed("the storage is full: free space and try again; nothing was changed".to_owned())
            }
            Self::Forked(text) => Error::new(503, Code::Forked, text),
            Self::Failed(text) => failed(text),
        }
    }
}

impl From<Interrupted> for StorageError {
    fn from(why: Interrupted) -> Self {
        match why {
            Interrupted::Cancelled => Self::Cancelled,
            // A deadline never says Unavailable; it means that nobody can wait here.
            Interrupted::TimedOut | Interrupted::Unavailable => Self::Busy,
        }
    }
}
