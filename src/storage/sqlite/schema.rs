//! What stands in the database file, and the statements that read and write it.

use crate::storage::{Batch, Entry, Revision, StorageError};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};
use std::path::Path;

/// Marks the file as one of this library ("okta" in ASCII).
const APPLICATION_ID: i32 = 0x6f6b_7461;
/// Goes up with each change of the tables that an older version must not touch.
const SCHEMA_VERSION: i32 = 1;

// Keys compare as bytes (BINARY is the default), as the keys of all engines do.
const TABLES: &str = "
    CREATE TABLE entries (
        key TEXT NOT NULL PRIMARY KEY,
        value BLOB NOT NULL,
        revision INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE last_revision (revision INTEGER NOT NULL) STRICT;
    INSERT INTO last_revision VALUES (0);
";

/// Writes an empty database into an empty file that nobody else knows of.
pub(super) fn create(path: &Path) -> rusqlite::Result<()> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    // A crash leaves a draft that is thrown away, so it needs no journal of its own.
    connection.pragma_update(None, "journal_mode", "MEMORY")?;
    connection.execute_batch("BEGIN IMMEDIATE")?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    connection.execute_batch(TABLES)?;
    connection.execute_batch("COMMIT")?;
    // Last, and kept in the file: every later connection finds it so.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.close().map_err(|(_, error)| error)
}

/// Refuses the database of another application, and one that a newer version has made.
pub(super) fn check_identity(path: &Path, application_id: i32, version: i32) -> Result<(), StorageError> {
    let path = path.display();
    if application_id != APPLICATION_ID {
        return Err(StorageError::Failed(format!(
            "{path} is a database of another application: name a file of your own for this library"
        )));
    }
    if version != SCHEMA_VERSION {
        return Err(StorageError::Failed(format!(
            "the database {path} has schema {version}, and this version of the library knows only schema \
             {SCHEMA_VERSION}: update the library"
        )));
    }
    Ok(())
}

/// The application id and schema version that a connection sees.
pub(super) fn identity(connection: &Connection) -> rusqlite::Result<(i32, i32)> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get(0));
    Ok((number("application_id")?, number("user_version")?))
}

/// The entry of a key.
pub(super) fn get(connection: &Connection, key: &str) -> rusqlite::Result<Option<Entry>> {
    connection
        .prepare_cached("SELECT key, value, revision FROM entries WHERE key = ?1")?
        .query_row([key], entry)
        .optional()
}

/// Entries in the order of their keys, as the trait describes.
pub(super) fn list(
    connection: &Connection,
    prefix: &str,
    after: &str,
    limit: usize,
) -> rusqlite::Result<Vec<Entry>> {
    // One range for both bounds; where keys stop to have the prefix, the reading ends.
    let (sql, from) = if after < prefix {
        ("SELECT key, value, revision FROM entries WHERE key >= ?1 ORDER BY key LIMIT ?2", prefix)
    } else {
        ("SELECT key, value, revision FROM entries WHERE key > ?1 ORDER BY key LIMIT ?2", after)
    };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![from, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        if !row.get_ref(0)?.as_str()?.starts_with(prefix) {
            break;
        }
        entries.push(entry(row)?);
    }
    Ok(entries)
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry { key: row.get(0)?, value: row.get(1)?, revision: row.get(2)? })
}

/// The last revision that was given out.
pub(super) fn last_revision(connection: &Connection) -> rusqlite::Result<Revision> {
    connection.prepare_cached("SELECT revision FROM last_revision")?.query_row([], |row| row.get(0))
}

/// Notes the last revision that was given out.
pub(super) fn set_last_revision(connection: &Connection, revision: Revision) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE last_revision SET revision = ?1")?.execute([revision]).map(drop)
}

/// Whether every check of a batch holds in the current transaction.
pub(super) fn checks_hold(connection: &Connection, batch: &Batch) -> rusqlite::Result<bool> {
    if batch.checks.is_empty() {
        return Ok(true);
    }
    let mut statement = connection.prepare_cached("SELECT revision FROM entries WHERE key = ?1")?;
    for check in &batch.checks {
        let revision: Option<Revision> = statement.query_row([&check.key], |row| row.get(0)).optional()?;
        if revision != check.revision {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Deletes, then writes, what a batch says.
pub(super) fn apply(connection: &Connection, batch: &Batch, revision: Revision) -> rusqlite::Result<()> {
    let mut delete = connection.prepare_cached("DELETE FROM entries WHERE key = ?1")?;
    for key in &batch.deletes {
        delete.execute([key])?;
    }
    let mut put = connection.prepare_cached(
        "INSERT INTO entries (key, value, revision) VALUES (?1, ?2, ?3)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = excluded.revision",
    )?;
    for (key, value) in &batch.puts {
        put.execute(params![key, value, revision])?;
    }
    Ok(())
}
