//! What a failure of SQLite's means to the caller: a text that says what to do, with the file's name and
//! SQLite's result code, and nothing that was stored.

use crate::storage::StorageError;
use rusqlite::ffi;
use std::path::Path;

/// Turns an error of SQLite's into the engine's own.
pub(super) fn failure(path: &Path, error: &rusqlite::Error) -> StorageError {
    let shown = path.display();
    let Some(code) = error.sqlite_error().map(|error| error.extended_code) else {
        // The wrapper's own errors: a column of an unexpected type, text that is no UTF-8.
        return damaged(path, 0);
    };
    let text = match code & 0xff {
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED | ffi::SQLITE_PROTOCOL => return StorageError::Busy,
        ffi::SQLITE_FULL => return StorageError::Full,
        _ if code == ffi::SQLITE_IOERR_SHMSIZE => return StorageError::Full,
        ffi::SQLITE_CORRUPT => return damaged(path, code),
        ffi::SQLITE_NOTADB => format!("{shown} is not an SQLite database: name the right file"),
        _ if code == ffi::SQLITE_READONLY_DBMOVED => moved(path),
        ffi::SQLITE_READONLY | ffi::SQLITE_PERM | ffi::SQLITE_AUTH => read_only(path),
        ffi::SQLITE_CANTOPEN => format!(
            "the database {shown} could not be opened: it and its directory must exist and be writable by this \
             process, as SQLite keeps its files -wal and -shm beside it"
        ),
        ffi::SQLITE_IOERR => format!(
            "reading or writing the database {shown} failed (SQLite code {code}): look for disk errors in the \
             system's log, then try again"
        ),
        ffi::SQLITE_NOMEM => "out of memory while using the database".to_owned(),
        ffi::SQLITE_TOOBIG => "a record is too big for the database".to_owned(),
        _ => format!(
            "the database {shown} failed (SQLite code {code}): try again, and restore it from a backup if that goes on"
        ),
    };
    StorageError::Failed(text)
}

/// The text for a database whose path has come to name another file or none.
pub(super) fn moved(path: &Path) -> String {
    format!(
        "the database {} was moved, deleted or replaced while in use: put it back, or close the storage and open \
         it again",
        path.display()
    )
}

/// The text for a database that can be read only.
pub(super) fn read_only(path: &Path) -> String {
    format!(
        "the database {} cannot be written: give this process the right to write it and its directory, on a file \
         system that is not mounted read-only",
        path.display()
    )
}

fn damaged(path: &Path, code: i32) -> StorageError {
    StorageError::Failed(format!(
        "the database {} is damaged or truncated (SQLite code {code}): restore it from a backup",
        path.display()
    ))
}
