//! The open connections of one engine: one that writes, a few that read, opened when first needed.
//!
//! All of it is used under a permit of the fork gate, so at a fork every connection is at rest here.

use super::failure::{failure, read_only};
use super::file::Claim;
use super::schema;
use crate::deadline::Deadline;
use crate::limits;
use crate::storage::fork::CloseForFork;
use crate::storage::private_file::beside;
use crate::storage::{Batch, Durability, StorageError};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The connections of one engine.
pub(super) struct Connections {
    path: PathBuf,
    idle: Mutex<Idle>,
    returned: Condvar,
}

#[derive(Default)]
struct Idle {
    closed: bool,
    writer: Option<Writer>,
    readers: Vec<Connection>,
    /// Readers that are in use.
    reading: usize,
    /// Whether the writer is in use.
    writing: bool,
    /// Given up after the last connection.
    claim: Option<Claim>,
}

impl Connections {
    /// No connection yet; the first use opens one.
    pub(super) fn new(path: PathBuf, claim: Claim) -> Self {
        let idle = Idle { claim: Some(claim), ..Idle::default() };
        Self { path, idle: Mutex::new(idle), returned: Condvar::new() }
    }

    /// Does `work` with a connection that reads.
    ///
    /// # Errors
    /// [`StorageError::Busy`] also when all connections are in use until the deadline.
    pub(super) fn read<T>(
        &self,
        deadline: &Deadline,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StorageError> {
        let (seat, connection) = self.take_reader(deadline)?;
        let connection = match connection {
            Some(connection) => connection,
            None => self.open(Role::Reads)?,
        };
        let result = work(&connection).map_err(|error| failure(&self.path, &error));
        if may_be_kept(&result) {
            seat.give_back(|idle| idle.readers.push(connection));
        }
        result
    }

    /// Does `work` with the connection that writes; the caller sees to it that it is the only one.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let (seat, writer) = {
            let mut idle = self.idle();
            if idle.closed {
                return Err(StorageError::closed());
            }
            idle.writing = true;
            (Seat { connections: self, role: Role::Writes }, idle.writer.take())
        };
        self.check_file()?;
        let mut writer = match writer {
            Some(writer) => writer,
            None => Writer::new(&self.path, self.open(Role::Writes)?),
        };
        let result = work(&mut writer);
        // A connection that is still in its transaction could not be rolled back.
        if may_be_kept(&result) && !writer.suspect && writer.connection.is_autocommit() {
            seat.give_back(|idle| idle.writer = Some(writer));
        }
        result
    }

    /// Closes what is at rest; what is in use is closed when its call ends. When `tidy`, the log is carried over
    /// into the database file unless it is long, so that nothing is left beside it.
    pub(super) fn close(&self, tidy: bool) {
        let log_bytes = fs::metadata(beside(&self.path, "-wal")).map_or(0, |log| log.len());
        let mut idle = self.idle();
        idle.closed = true;
        idle.close_connections(tidy && log_bytes <= limits::STORAGE_TIDY_CLOSE.1);
        idle.release_claim();
        self.returned.notify_all();
    }

    /// Lets nobody in any more and leaves the closing to a fork that is under way.
    pub(super) fn refuse(&self) {
        self.idle().closed = true;
        self.returned.notify_all();
    }

    /// Whether nobody is let in any more.
    pub(super) fn is_closed(&self) -> bool {
        self.idle().closed
    }

    /// Whether nothing is open any more, for good.
    pub(super) fn is_released(&self) -> bool {
        self.idle().claim.is_none()
    }

    fn take_reader(&self, deadline: &Deadline) -> Result<(Seat<'_>, Option<Connection>), StorageError> {
        let mut idle = self.idle();
        while idle.reading >= limits::STORAGE_READERS {
            if let Some(why) = deadline.interrupted() {
                return Err(why.into());
            }
            let waited = self.returned.wait_timeout(idle, limits::STORAGE_POLL);
            idle = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if idle.closed {
            return Err(StorageError::closed());
        }
        idle.reading += 1;
        let connection = idle.readers.pop();
        drop(idle);
        Ok((Seat { connections: self, role: Role::Reads }, connection))
    }

    fn open(&self, role: Role) -> Result<Connection, StorageError> {
        self.check_file()?;
        open(&self.path, role)
    }

    fn check_file(&self) -> Result<(), StorageError> {
        match &self.idle().claim {
            Some(claim) => claim.check(&self.path),
            None => Err(StorageError::closed()),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CloseForFork for Connections {
    fn close_for_fork(&self) {
        let mut idle = self.idle();
        idle.close_connections(false);
        idle.release_claim();
    }
}

impl Idle {
    /// A checkpoint at the last connection's end makes its caller wait for the disk.
    fn close_connections(&mut self, with_checkpoint: bool) {
        let writer = self.writer.take().map(|writer| writer.connection);
        for connection in std::mem::take(&mut self.readers).into_iter().chain(writer) {
            if !with_checkpoint {
                // Failing to set this only costs that time.
                let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
            }
        }
    }

    fn release_claim(&mut self) {
        if self.closed && self.reading == 0 && !self.writing {
            self.claim = None;
        }
    }
}

/// The right to use one connection; given up when dropped, which must be after the connection.
struct Seat<'a> {
    connections: &'a Connections,
    role: Role,
}

impl Seat<'_> {
    /// Keeps the connection that `keep` holds for the next caller, unless the engine was closed meanwhile.
    fn give_back(self, keep: impl FnOnce(&mut Idle)) {
        let mut idle = self.connections.idle();
        if !idle.closed {
            keep(&mut idle);
        }
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut idle = self.connections.idle();
        match self.role {
            Role::Reads => idle.reading -= 1,
            Role::Writes => idle.writing = false,
        }
        idle.release_claim();
        self.connections.returned.notify_one();
    }
}

/// The connection that writes.
pub(super) struct Writer {
    path: PathBuf,
    connection: Connection,
    durability: Durability,
    /// A commit failed in a way that a fresh connection may not repeat.
    suspect: bool,
}

impl Writer {
    fn new(path: &Path, connection: Connection) -> Self {
        Self { path: path.to_owned(), connection, durability: Durability::Durable, suspect: false }
    }

    /// Takes the write lock; [`StorageError::Busy`] when another process has it.
    pub(super) fn begin(&mut self, durability: Durability) -> Result<(), StorageError> {
        self.begin_transaction(durability).map_err(|error| failure(&self.path, &error))
    }

    fn begin_transaction(&mut self, durability: Durability) -> rusqlite::Result<()> {
        if self.durability != durability {
            // In WAL mode NORMAL does not sync at a commit. The sync of a later FULL commit covers the whole
            // log, so what was relaxed before it is durable then too.
            let synchronous = match durability {
                Durability::Durable => "FULL",
                Durability::Relaxed => "NORMAL",
            };
            self.connection.pragma_update(None, "synchronous", synchronous)?;
            self.durability = durability;
        }
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([]).map(drop)
    }

    /// Runs the batches one after the other in the begun transaction and ends it.
    ///
    /// # Errors
    /// Nothing of any batch is done then.
    pub(super) fn commit(
        &mut self,
        batches: &[Batch],
    ) -> Result<Vec<Result<(), StorageError>>, StorageError> {
        self.commit_transaction(batches).map_err(|error| {
            if !self.connection.is_autocommit() {
                // Failing, it leaves the transaction open, and the connection is closed for that.
                let _ = self.connection.execute_batch("ROLLBACK");
            }
            let error = failure(&self.path, &error);
            self.suspect |= matches!(error, StorageError::Failed(_));
            error
        })
    }

    fn commit_transaction(&self, batches: &[Batch]) -> rusqlite::Result<Vec<Result<(), StorageError>>> {
        let connection = &self.connection;
        let first = schema::last_revision(connection)?;
        let mut revision = first;
        let mut results = Vec::with_capacity(batches.len());
        for batch in batches {
            results.push(if schema::checks_hold(connection, batch)? {
                // What only checks leaves the file alone, so that it waits for no disk.
                if batch.writes() {
                    revision += 1;
                    schema::apply(connection, batch, revision)?;
                }
                Ok(())
            } else {
                Err(StorageError::Conflict)
            });
        }
        if revision != first {
            schema::set_last_revision(connection, revision)?;
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(results)
    }
}

#[cfg(test)]
impl Writer {
    pub(super) fn limit_pages(&self, pages: u32) {
        self.connection
            .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
            .expect("the limit is set");
    }

    pub(super) fn synchronous(&self) -> i32 {
        self.connection.pragma_query_value(None, "synchronous", |row| row.get(0)).expect("read")
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Reads,
    Writes,
}

fn open(path: &Path, role: Role) -> Result<Connection, StorageError> {
    let failed = |error: rusqlite::Error| failure(path, &error);
    // Not CREATE: a file that went away must be missed, not replaced.
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    // SQLite's own wait knows neither the deadline nor its cancel.
    connection.busy_timeout(Duration::ZERO).map_err(failed)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false).map_err(failed)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map_err(failed)?;
    let (application_id, version) = schema::identity(&connection).map_err(failed)?;
    schema::check_identity(path, application_id, version)?;
    if connection.is_readonly("main").map_err(failed)? {
        return Err(StorageError::Failed(read_only(path)));
    }
    // Nothing goes to a temporary file, so no variable of the environment says where.
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(failed)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    // Somebody may have converted the file; in WAL mode already, this changes nothing.
    connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
    if role == Role::Reads {
        connection.pragma_update(None, "query_only", true).map_err(failed)?;
    }
    Ok(connection)
}

/// After any other error a fresh connection finds out whether the cause is still there.
fn may_be_kept<T>(result: &Result<T, StorageError>) -> bool {
    matches!(result, Ok(_) | Err(StorageError::Busy | StorageError::Full))
}
