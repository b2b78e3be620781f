//! The in-memory engine: for tests, and for hosts that keep nothing.

use super::{Batch, Entry, Revision, Storage, StorageError};
use crate::deadline::Deadline;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

/// A sorted map behind a lock. Durability means nothing to it.
#[derive(Default)]
pub struct MemoryStorage {
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    entries: BTreeMap<String, (Vec<u8>, Revision)>,
    last_revision: Revision,
    closed: bool,
}

impl MemoryStorage {
    fn open_state(&self) -> Result<RwLockReadGuard<'_, State>, StorageError> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        if state.closed { Err(StorageError::closed()) } else { Ok(state) }
    }
}

impl State {
    fn revision_of(&self, key: &str) -> Option<Revision> {
        self.entries.get(key).map(|(_, revision)| *revision)
    }
}

impl Storage for MemoryStorage {
    fn get(&self, key: &str, _: &Deadline) -> Result<Option<Entry>, StorageError> {
        let state = self.open_state()?;
        Ok(state.entries.get(key).map(|(value, revision)| Entry {
            key: key.to_owned(),
            value: value.clone(),
            revision: *revision,
        }))
    }

    fn list(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
        _: &Deadline,
    ) -> Result<Vec<Entry>, StorageError> {
        let state = self.open_state()?;
        let start = if after < prefix { Bound::Included(prefix) } else { Bound::Excluded(after) };
        let found = state.entries.range::<str, _>((start, Bound::Unbounded));
        Ok(found
            .take_while(|(key, _)| key.starts_with(prefix))
            .take(limit)
            .map(|(key, (value, revision))| Entry {
                key: key.clone(),
                value: value.clone(),
                revision: *revision,
            })
            .collect())
    }

    fn last_revision(&self, _: &Deadline) -> Result<Revision, StorageError> {
        Ok(self.open_state()?.last_revision)
    }

    fn commit(&self, batch: Batch, _: &Deadline) -> Result<(), StorageError> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return Err(StorageError::closed());
        }
        if batch.checks.iter().any(|check| state.revision_of(&check.key) != check.revision) {
            return Err(StorageError::Conflict);
        }
        if !batch.writes() {
            return Ok(());
        }
        state.last_revision += 1;
        let revision = state.last_revision;
        for key in &batch.deletes {
            state.entries.remove(key);
        }
        for (key, value) in batch.puts {
            state.entries.insert(key, (value, revision));
        }
        Ok(())
    }

    fn close(&self, _: &Deadline) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        *state = State { closed: true, ..State::default() };
    }
}
