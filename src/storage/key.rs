//! Where the barrier key comes from: given as text, read from a file, or made with a new database.
//!
//! A key file holds the 32 bytes in base64 on one line. No error shows any of it.

use super::BarrierKey;
use super::private_file::{beside, create, refuse_shared};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom, SystemRandom};
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
/// No flag of `open`, which follows links by itself.
const FOLLOW_LINKS: i32 = 0;

/// A key from its base64 text; blanks around it are ignored.
///
/// # Errors
/// 400 when it is not the base64 of exactly 32 bytes.
pub fn from_base64(text: &str) -> Result<BarrierKey> {
    decode(text.as_bytes()).ok_or_else(|| {
        Error::bad_request(
            Code::InvalidRequest,
            "the barrier key must be 32 bytes in base64: make one with `head -c 32 /dev/urandom | base64`",
        )
    })
}

/// The key in a key file that must exist.
///
/// # Errors
/// 503 when it cannot be read, belongs to another user, is readable by others than its owner, or holds no key.
pub fn from_file(path: &Path) -> Result<BarrierKey> {
    must_be_there(path, read_if_there(path, FOLLOW_LINKS)?)
}

fn must_be_there(path: &Path, key: Option<BarrierKey>) -> Result<BarrierKey> {
    key.ok_or_else(|| failed(format!("the key file {} does not exist: name an existing one", path.display())))
}

/// A new key of the system's random bytes.
///
/// # Errors
/// 500 when the system gives none.
pub fn random() -> Result<BarrierKey> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    let filled = SystemRandom::new().fill(key.as_mut());
    filled.map_err(|_| Error::new(500, Code::Internal, "the system gave no random bytes"))?;
    Ok(BarrierKey::new(*key))
}

/// The key in `<database>.key`, which is made at random (mode 0600) as long as there is no database.
///
/// Processes that start at once end with one key.
///
/// # Errors
/// 503 when the database exists but its key file does not, when the key file is a symbolic link, which only an
/// explicit name may follow, and as [`from_file`].
pub fn of_database(database: &Path) -> Result<BarrierKey> {
    let path = path_of(database);
    if let Some(key) = read_if_there(&path, libc::O_NOFOLLOW)? {
        return Ok(key);
    }
    // symlink_metadata: a dangling link is no reason to make a new key either.
    if fs::symlink_metadata(database).is_ok() {
        // Somebody else may have made both files since we looked for the key.
        return read_if_there(&path, libc::O_NOFOLLOW)?.ok_or_else(|| {
            failed(format!(
                "the database {} exists but its key file {} does not: restore the key file, or name the key; \
                 without it the database cannot be read, and a new key would not open it",
                database.display(),
                path.display(),
            ))
        });
    }
    make(&path).map_err(|error| {
        failed(format!(
            "the key file {} could not be made: {error}; its directory must be writable by this process and have room",
            path.display()
        ))
    })?;
    // Ours, or that of a process that was faster.
    must_be_there(&path, read_if_there(&path, libc::O_NOFOLLOW)?)
}

/// Where the key of a database is kept unless the caller names another place: `<database>.key`.
pub fn path_of(database: &Path) -> PathBuf {
    beside(database, ".key")
}

fn make(path: &Path) -> io::Result<()> {
    create(path, |_, mut file| {
        let key = random().map_err(io::Error::other)?;
        let text = Zeroizing::new(STANDARD.encode(key.expose()) + "\n");
        file.write_all(text.as_bytes())
    })
}

fn read_if_there(path: &Path, links: i32) -> Result<Option<BarrierKey>> {
    let shown = path.display();
    let unreadable = |error: io::Error| failed(format!("the key file {shown} could not be read: {error}"));
    // O_NONBLOCK: a pipe of this name must not hang the caller.
    let file = match OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | links).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.raw_os_error() == Some(libc::ELOOP) => {
            return Err(failed(format!(
                "the key file {shown} is a symbolic link: name the file it leads to with the option \"key_file\""
            )));
        }
        Err(error) => return Err(unreadable(error)),
    };
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(failed(format!(
            "the key file {shown} is not a regular file: name the file with the key"
        )));
    }
    refuse_shared("key file", path, &metadata).map_err(failed)?;
    // Room for all of it from the start: a vector that grows leaves copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(limits::KEY_FILE_BYTES));
    file.take(limits::KEY_FILE_BYTES as u64).read_to_end(&mut text).map_err(unreadable)?;
    let key = decode(&text).ok_or_else(|| {
        failed(format!("the key file {shown} does not hold 32 bytes in base64: restore it from a copy"))
    })?;
    Ok(Some(key))
}

fn decode(text: &[u8]) -> Option<BarrierKey> {
    // One byte more than a key, so that a longer text is seen as such.
    let mut bytes = Zeroizing::new([0; KEY_BYTES + 4]);
    let length = STANDARD.decode_slice(text.trim_ascii(), bytes.as_mut()).ok()?;
    let key = bytes.get(..length)?.try_into().ok()?;
    Some(Secret::new(key))
}

fn failed(text: String) -> Error {
    Error::new(503, Code::StorageFailed, text)
}
