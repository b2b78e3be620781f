//! The SQLite engine: one file, several processes, commits in groups.
//!
//! Layers from the outside in: this file turns storage calls into attempts that are repeated while another
//! process holds a lock; [`queue`] gathers concurrent commits; [`connections`] keeps the few open connections
//! and closes them before a fork; [`file`] says which file may be opened at all; [`schema`] is what stands in it.

mod connections;
mod failure;
mod file;
mod queue;
mod schema;

use super::fork::{self, CloseForFork, Generation};
use super::{Batch, Durability, Entry, Revision, Storage, StorageError};
use crate::deadline::{Cancel, Deadline};
use crate::limits;
use connections::{Connections, Writer};
use queue::CommitQueue;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A storage in one SQLite file. Any number of threads and processes may use the file at once.
///
/// `<path>-wal` and `<path>-shm` stand beside it while it is in use. A fork closes its connections, and they
/// are opened again by path when next needed: a process that changes its root or gives up the right to open
/// the file after [`SqliteStorage::open`] can no longer use it after a fork.
pub struct SqliteStorage {
    generation: Generation,
    connections: Arc<Connections>,
    queue: CommitQueue,
}

impl SqliteStorage {
    /// Opens the database, or makes a new one with mode 0600 where there is no file.
    ///
    /// # Errors
    /// [`StorageError::Failed`] with what to do when the file is not a database of this library, was made by
    /// a newer version, is damaged or empty, may be read by others, or cannot be written;
    /// [`StorageError::Busy`] when another process holds it until the deadline.
    pub fn open(path: &Path, deadline: &Deadline) -> Result<Self, StorageError> {
        let generation = fork::prepare_process()?;
        let path = file::locate(path)?;
        let connections = {
            let permit = fork::enter(generation, deadline)?;
            file::create_if_absent(&path)?;
            let claim = file::claim(&path)?;
            let connections = Arc::new(Connections::new(path, claim));
            let engine: Arc<dyn CloseForFork> = connections.clone();
            fork::register(Arc::downgrade(&engine), &permit);
            connections
        };
        let storage = Self { generation, connections, queue: CommitQueue::default() };
        // The first connection checks what the file is.
        storage.read(deadline, schema::last_revision)?;
        Ok(storage)
    }

    /// Does `work` inside the gate, and again while it is busy, until the deadline.
    fn attempt<T>(
        &self,
        deadline: &Deadline,
        work: impl Fn() -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let mut pause = Duration::from_micros(100);
        loop {
            let permit = fork::enter(self.generation, deadline)?;
            let result = work();
            drop(permit);
            if !matches!(result, Err(StorageError::Busy)) {
                return result;
            }
            if let Some(why) = deadline.interrupted() {
                return Err(why.into());
            }
            // Outside the gate, so that a wait for another process holds up no fork.
            std::thread::sleep(pause.min(deadline.remaining()));
            pause = (pause * 2).min(limits::STORAGE_POLL);
        }
    }

    fn read<T>(
        &self,
        deadline: &Deadline,
        work: impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StorageError> {
        self.attempt(deadline, || self.connections.read(deadline, &work))
    }

    /// Commits one group of what is queued. An error means that nothing was taken from the queue.
    fn commit_group(&self, deadline: &Deadline) -> Result<(), StorageError> {
        self.attempt(deadline, || {
            let Some(durability) = self.queue.next_durability() else {
                return Ok(());
            };
            self.connections.write(|writer| {
                writer.begin(durability)?;
                // Only now: while another process held the lock, commits went on to gather, and their
                // callers could still give up.
                let group = self.queue.take(durability);
                let results = self.run_group(writer, group.batches(), durability);
                group.answer(results);
                Ok(())
            })
        })
    }

    /// The result of each batch, once the begun transaction has ended.
    fn run_group(
        &self,
        writer: &mut Writer,
        batches: &[Batch],
        durability: Durability,
    ) -> Vec<Result<(), StorageError>> {
        match writer.commit(batches) {
            Ok(results) => results,
            // One batch may be too big for what is left, where the others have room: each by itself.
            Err(StorageError::Full) if batches.len() > 1 => batches
                .iter()
                .map(|batch| {
                    // Nobody may wait here: these callers can no longer give up.
                    writer.begin(durability)?;
                    let results = writer.commit(std::slice::from_ref(batch))?;
                    results.into_iter().next().unwrap_or_else(|| Err(queue::without_result()))
                })
                .collect(),
            Err(error) => batches.iter().map(|_| Err(error.clone())).collect(),
        }
    }
}

impl Storage for SqliteStorage {
    fn get(&self, key: &str, deadline: &Deadline) -> Result<Option<Entry>, StorageError> {
        self.read(deadline, |connection| schema::get(connection, key))
    }

    fn list(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
        deadline: &Deadline,
    ) -> Result<Vec<Entry>, StorageError> {
        self.read(deadline, |connection| schema::list(connection, prefix, after, limit))
    }

    fn last_revision(&self, deadline: &Deadline) -> Result<Revision, StorageError> {
        self.read(deadline, schema::last_revision)
    }

    fn commit(&self, batch: Batch, deadline: &Deadline) -> Result<(), StorageError> {
        // Before the queue's locks are touched: in a child of a fork they may be held for ever.
        if !fork::is_current(self.generation) {
            fork::enter(self.generation, deadline)?;
        }
        self.queue.commit(batch, deadline, || self.commit_group(deadline))
    }

    fn close(&self, deadline: &Deadline) {
        match fork::enter(self.generation, deadline) {
            Ok(_permit) => self.connections.close(deadline.remaining() >= limits::STORAGE_TIDY_CLOSE.0),
            // In a child nothing is open.
            Err(StorageError::Forked(_)) => {}
            // A fork is under way and waits for somebody: then it closes what is at rest, this engine's too.
            Err(_) => self.connections.refuse(),
        }
    }
}

impl Drop for SqliteStorage {
    fn drop(&mut self) {
        let is_ours = fork::is_current(self.generation);
        if is_ours && !self.connections.is_closed() {
            self.close(&Deadline::after(limits::CLOSE_TIMEOUT, Cancel::default()));
        }
        // In a child they belong to the parent, and to close them here would touch its files; during a fork they
        // are left to it.
        if !is_ours || !self.connections.is_released() {
            std::mem::forget(self.connections.clone());
        }
    }
}

#[cfg(test)]
mod tests;
