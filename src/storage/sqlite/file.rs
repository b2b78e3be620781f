//! Which file is opened: a complete database of this library that only its owner can read.
//!
//! A new database is made beside its place and linked when complete, so a file that is there is never half
//! made: an empty one was emptied, and is refused rather than taken for a new storage.

use super::failure::{failure, moved};
use super::schema;
use crate::storage::StorageError;
use crate::storage::private_file::{beside, create, directory, refuse_shared};
use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What SQLite keeps beside a database.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];
/// Fixed parts of an SQLite file (its file format, §1.3 "The Database Header").
const HEADER_BYTES: usize = 100;
const MAGIC: &[u8] = b"SQLite format 3\0";
const USER_VERSION_AT: usize = 60;
const APPLICATION_ID_AT: usize = 68;

/// The files that engines of this process have open, one entry for each engine.
static CLAIMED: Mutex<Vec<FileId>> = Mutex::new(Vec::new());

/// Device and number: what stays the same when a file is renamed.
type FileId = (u64, u64);

/// Shows that an engine of this process has the file open; drop it after the last connection.
pub(super) struct Claim(FileId);

/// The absolute path of a database, so that it is the same file after a change of directory.
pub(super) fn locate(path: &Path) -> Result<PathBuf, StorageError> {
    let name = path.file_name().ok_or_else(|| {
        StorageError::Failed(format!("{:?} names no file: give the path of a database file", path))
    })?;
    let directory = directory(path);
    let directory = directory.canonicalize().map_err(|error| {
        StorageError::Failed(format!(
            "the directory {} of the database cannot be used: {error}; create it for this process",
            directory.display()
        ))
    })?;
    Ok(directory.join(name))
}

/// Makes an empty database where there is no file. Mode 0600 whatever the umask; SQLite gives its other
/// files the mode of this one.
pub(super) fn create_if_absent(path: &Path) -> Result<(), StorageError> {
    if fs::symlink_metadata(path).is_ok() {
        return Ok(());
    }
    // What is left of a deleted database must not be read into the new one. It may also be that another
    // process has made the database just now.
    if let Some(left) = COMPANIONS.iter().map(|end| beside(path, end)).find(|path| path.exists())
        && fs::symlink_metadata(path).is_err()
    {
        return Err(StorageError::Failed(format!(
            "the database {} does not exist but {} does: put the database back, or remove what is left of it",
            path.display(),
            left.display()
        )));
    }
    create(path, |draft, file| {
        // Closing a file gives up this process's locks on it: it must be closed before SQLite takes any.
        drop(file);
        schema::create(draft).map_err(|error| CreateError::Sqlite(failure(path, &error)))
    })
    .map_err(|error| match error {
        CreateError::Sqlite(error) => error,
        CreateError::Io(error) if error.kind() == io::ErrorKind::StorageFull => StorageError::Full,
        CreateError::Io(error) => StorageError::Failed(format!(
            "the database {} could not be created: {error}; its directory must be writable by this process",
            path.display()
        )),
    })
}

enum CreateError {
    Sqlite(StorageError),
    Io(io::Error),
}

impl From<io::Error> for CreateError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Checks the file before SQLite touches it, and notes that it is in use.
pub(super) fn claim(path: &Path) -> Result<Claim, StorageError> {
    let refused = StorageError::Failed;
    let metadata = fs::symlink_metadata(path).map_err(|error| unreadable(path, &error))?;
    if !metadata.is_file() {
        return Err(refused(format!(
            "{} is {}, not a database file: name a regular file",
            path.display(),
            kind(&metadata)
        )));
    }
    refuse_shared("database", path, &metadata).map_err(refused)?;
    for path in COMPANIONS.map(|end| beside(path, end)) {
        if let Ok(metadata) = fs::symlink_metadata(&path) {
            refuse_shared("file of the database", &path, &metadata).map_err(refused)?;
        }
    }
    let id = id_of(&metadata);
    let mut claimed = CLAIMED.lock().unwrap_or_else(PoisonError::into_inner);
    // To close any descriptor of a file gives up all locks that the process has on it (POSIX), so the header is
    // read by ourselves only while no engine here has the file open. One that has it has checked it.
    if !claimed.contains(&id) {
        check_header(path)?;
    }
    claimed.push(id);
    Ok(Claim(id))
}

impl Claim {
    /// Refuses when the path now names another file, or none: what SQLite would write into the one it has open
    /// could be gone, and what it would open now is not what was checked.
    pub(super) fn check(&self, path: &Path) -> Result<(), StorageError> {
        match fs::symlink_metadata(path) {
            Ok(metadata) if id_of(&metadata) == self.0 => Ok(()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unreadable(path, &error)),
            _ => Err(StorageError::Failed(moved(path))),
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut claimed = CLAIMED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(position) = claimed.iter().position(|id| *id == self.0) {
            claimed.swap_remove(position);
        }
    }
}

/// Refuses what SQLite would otherwise change by opening it: files of other formats and applications.
fn check_header(path: &Path) -> Result<(), StorageError> {
    let mut file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)
        .map_err(|error| unreadable(path, &error))?;
    let mut header = [0; HEADER_BYTES];
    if let Err(error) = file.read_exact(&mut header) {
        return Err(match error.kind() {
            io::ErrorKind::UnexpectedEof => StorageError::Failed(format!(
                "{} is empty or truncated: restore it from a backup, or remove it to start with an empty storage",
                path.display()
            )),
            _ => unreadable(path, &error),
        });
    }
    if !header.starts_with(MAGIC) {
        return Err(StorageError::Failed(format!(
            "{} is not an SQLite database: name the right file, or remove it to start with an empty storage",
            path.display()
        )));
    }
    schema::check_identity(path, number_at(&header, APPLICATION_ID_AT), number_at(&header, USER_VERSION_AT))
}

/// A big-endian number of the header; both are well inside it.
fn number_at(header: &[u8; HEADER_BYTES], at: usize) -> i32 {
    let bytes = header.iter().skip(at).take(4);
    bytes.fold(0, |number, byte| (number << 8) | i32::from(*byte))
}

fn id_of(metadata: &Metadata) -> FileId {
    (metadata.dev(), metadata.ino())
}

fn unreadable(path: &Path, error: &io::Error) -> StorageError {
    StorageError::Failed(format!(
        "the database {} cannot be read: {error}; this process must be able to read and write it",
        path.display()
    ))
}

fn kind(metadata: &Metadata) -> &'static str {
    if metadata.is_dir() {
        "a directory"
    } else if metadata.is_symlink() {
        "a symbolic link"
    } else {
        "a special file"
    }
}
