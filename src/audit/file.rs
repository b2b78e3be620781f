//! The audit file: lines are only ever added to it, each by one write, so that those of threads and processes never
//! mix. It is its owner's alone, and is opened anew when it was moved away or removed, as rotation does.

use crate::storage::{OWNER_ONLY, refuse_shared};
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A file to which lines are added.
pub struct AuditFile {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    opened: Option<Opened>,
    closed: bool,
}

struct Opened {
    file: File,
    identity: Identity,
    /// Its last line may have been cut short, by a full disk or the end of a process: the next one has to begin on its
    /// own.
    torn: bool,
}

/// Device, inode and mode.
type Identity = (u64, u64, u32);

fn identity(metadata: &Metadata) -> Identity {
    (metadata.dev(), metadata.ino(), metadata.mode())
}

impl AuditFile {
    /// The file of this name; nothing is opened yet.
    ///
    /// # Errors
    /// The name leads nowhere: it is empty, or the working directory is gone.
    pub fn new(path: &Path) -> io::Result<Self> {
        // The host may change its working directory before the next rotation.
        Ok(Self { path: std::path::absolute(path)?, state: Mutex::default() })
    }

    /// Opens it, and makes it where it is not there. The first line would do the same.
    ///
    /// # Errors
    /// It cannot be opened for writing, is no regular file, is a symbolic link, or others may read or write it.
    pub fn open(&self) -> io::Result<()> {
        self.lock().current(&self.path).map(|_| ())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a line, whose last byte ends it. Waits for the disk as long as the system takes to accept it.
    ///
    /// # Errors
    /// The line is not in the file, or not all of it.
    pub fn add(&self, line: &[u8]) -> io::Result<()> {
        let mut state = self.lock();
        let opened = state.current(&self.path)?;
        let separated;
        let line = if opened.torn && opened.is_torn()? {
            separated = [b"\n", line].concat();
            &separated
        } else {
            line
        };
        let written = loop {
            match opened.file.write(line) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        opened.torn = written < line.len();
        if opened.torn {
            return Err(io::Error::new(ErrorKind::WriteZero, "only a part of a line could be written"));
        }
        Ok(())
    }

    /// Closes it for ever.
    pub fn close(&self) {
        *self.lock() = State { opened: None, closed: true };
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The file that stands under the name now.
    fn current(&mut self, path: &Path) -> io::Result<&mut Opened> {
        if self.closed {
            return Err(io::Error::other("it is closed"));
        }
        let there = fs::symlink_metadata(path).ok().map(|there| identity(&there));
        if self.opened.as_ref().is_some_and(|opened| Some(opened.identity) != there) {
            self.opened = None;
        }
        match &mut self.opened {
            Some(opened) => Ok(opened),
            none => Ok(none.insert(Opened::at(path)?)),
        }
    }
}

impl Opened {
    fn at(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        // Without O_NONBLOCK the opening of a pipe would wait for its reader.
        let flags = libc::O_NOFOLLOW | libc::O_CLOEXEC | libc::O_NONBLOCK | libc::O_NOCTTY;
        options.append(true).read(true).mode(OWNER_ONLY).custom_flags(flags);
        let file = match options.clone().create_new(true).open(path) {
            Ok(file) => {
                // The umask may have taken bits away from the owner.
                file.set_permissions(Permissions::from_mode(OWNER_ONLY))?;
                file
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => options.open(path)?,
            Err(error) => return Err(error),
        };
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        refuse_shared("audit file", path, &metadata).map_err(io::Error::other)?;
        Ok(Self { file, identity: identity(&metadata), torn: true })
    }

    /// Whether it ends in the middle of a line. Another process may have gone on after its own.
    fn is_torn(&self) -> io::Result<bool> {
        let mut last = [b'\n'];
        if let Some(at) = self.file.metadata()?.len().checked_sub(1) {
            self.file.read_at(&mut last, at)?;
        }
        Ok(last != [b'\n'])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    #[test]
    fn a_file_that_was_moved_or_removed_is_opened_anew() {
        let folder = folder();
        let (path, old) = (folder.path().join("audit.log"), folder.path().join("audit.log.1"));
        let file = AuditFile::new(&path).expect("a name");
        file.add(b"1\n").expect("added");
        fs::rename(&path, &old).expect("moved");
        file.add(b"2\n").expect("added");
        assert_eq!(fs::read_to_string(&old).expect("read"), "1\n");
        assert_eq!(fs::read_to_string(&path).expect("read"), "2\n");
        fs::remove_file(&path).expect("removed");
        file.add(b"3\n").expect("added");
        // Emptied in place, as some rotate.
        OpenOptions::new().write(true).truncate(true).open(&path).expect("emptied");
        file.add(b"4\n").expect("added");
        assert_eq!(fs::read_to_string(&path).expect("read"), "4\n");
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, OWNER_ONLY);
        file.close();
        assert!(file.add(b"5\n").is_err());
        assert_eq!(fs::read_to_string(&path).expect("read"), "4\n");
    }

    #[test]
    fn a_line_begins_on_its_own_where_the_last_one_was_cut_short() {
        let folder = folder();
        let path = folder.path().join("audit.log");
        let (one, other) = (AuditFile::new(&path).expect("a name"), AuditFile::new(&path).expect("a name"));
        one.add(b"1\n").expect("added");
        OpenOptions::new().append(true).open(&path).expect("there").write_all(b"cut").expect("written");
        other.open().expect("opens");
        one.lock().opened.as_mut().expect("open").torn = true;
        other.add(b"2\n").expect("added");
        one.add(b"3\n").expect("added");
        assert_eq!(fs::read_to_string(&path).expect("read"), "1\ncut\n2\n3\n");
    }

    #[test]
    fn a_file_that_was_opened_up_is_not_written_to() {
        let folder = folder();
        let path = folder.path().join("audit.log");
        let file = AuditFile::new(&path).expect("a name");
        file.add(b"1\n").expect("added");
        fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("opened up");
        assert!(file.add(b"2\n").is_err());
        fs::set_permissions(&path, Permissions::from_mode(OWNER_ONLY)).expect("closed");
        file.add(b"3\n").expect("added");
        assert_eq!(fs::read_to_string(&path).expect("read"), "1\n3\n");
    }

    #[test]
    fn only_a_regular_file_of_its_owner_alone_is_written_to() {
        let folder = folder();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("target"), "").expect("written");
        std::os::unix::fs::symlink(at("target"), at("link")).expect("linked");
        std::os::unix::fs::symlink(at("nowhere"), at("dangling")).expect("linked");
        fs::create_dir(at("folder")).expect("made");
        let fifo = std::process::Command::new("mkfifo").arg(at("fifo")).status().expect("runs");
        assert!(fifo.success());
        fs::write(at("shared"), "").expect("written");
        fs::set_permissions(at("shared"), Permissions::from_mode(0o640)).expect("opened up");
        for name in ["link", "dangling", "folder", "fifo", "shared", "missing/file"] {
            assert!(AuditFile::new(&at(name)).expect("a name").open().is_err(), "{name}");
        }
        assert!(!at("nowhere").exists());
        // Nor is it when such a thing takes its place later.
        let file = AuditFile::new(&at("audit.log")).expect("a name");
        file.open().expect("opens");
        fs::remove_file(at("audit.log")).expect("removed");
        fs::rename(at("link"), at("audit.log")).expect("moved");
        assert!(file.add(b"1\n").is_err());
        assert_eq!(fs::read_to_string(at("target")).expect("read"), "");
        fs::remove_file(at("audit.log")).expect("removed");
        file.add(b"2\n").expect("added");
    }
}
