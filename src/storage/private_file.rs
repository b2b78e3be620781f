//! Files that only their owner may read: made complete or not at all, and refused when others could read them.

use super::user;
use ring::rand::{SecureRandom, SystemRandom};
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The mode of a file that is its owner's alone.
pub const OWNER_ONLY: u32 = 0o600;
const ROOT: u32 = 0;

/// Makes the file `path` with mode 0600, filled by `fill`, unless there is one.
///
/// It appears under its name complete and on the disk: `fill` works on a file beside it, which is then linked.
/// Of several processes that do this at once one wins, and the others leave its file alone.
pub(super) fn create<E: From<io::Error>>(
    path: &Path,
    fill: impl FnOnce(&Path, File) -> Result<(), E>,
) -> Result<(), E> {
    let draft = Draft(draft_path(path)?);
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC)
        .open(&draft.0)?;
    // The umask may have taken bits away from the owner.
    file.set_permissions(Permissions::from_mode(OWNER_ONLY))?;
    fill(&draft.0, file)?;
    File::open(&draft.0)?.sync_all()?;
    match fs::hard_link(&draft.0, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error.into()),
        _ => {}
    }
    drop(draft);
    File::open(directory(path))?.sync_all()?;
    Ok(())
}

/// Refuses a file that others than root and the user as whom this process acts own, or may read or write. `what`
/// names it in the text.
pub fn refuse_shared(what: &str, path: &Path, metadata: &Metadata) -> Result<(), String> {
    refuse_shared_for(user::effective(), what, path, metadata)
}

fn refuse_shared_for(user: u32, what: &str, path: &Path, metadata: &Metadata) -> Result<(), String> {
    let (mode, owner) = (metadata.permissions().mode() & 0o777, metadata.uid());
    let path = path.display();
    if owner != user && owner != ROOT {
        // Who owns a file can open it up again at any time, or exchange what is in it.
        return Err(format!(
            "the {what} {path} belongs to user {owner}, but this process acts as user {user}: run `chown {user} \
             {path}` if its content can be trusted, or name another file"
        ));
    }
    if mode & 0o077 != 0 {
        return Err(format!(
            "the {what} {path} has mode {mode:04o}, so others may use it: run `chmod 600 {path}`"
        ));
    }
    Ok(())
}

/// The folder a file is in.
pub(super) fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A path with something added to the file's name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn draft_path(path: &Path) -> io::Result<PathBuf> {
    let mut random = [0; 8];
    SystemRandom::new().fill(&mut random).map_err(|_| io::Error::other("the system gave no random bytes"))?;
    Ok(beside(path, &format!(".{:016x}.new", u64::from_be_bytes(random))))
}

/// Removes the draft whatever happened; what was linked keeps its other name.
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        // It can be gone, or its folder read-only: then there is nothing left to do.
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_somebody_else_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("okta.db.key");
        create::<io::Error>(&path, |_, _| Ok(())).expect("made");
        let metadata = fs::metadata(&path).expect("there");
        assert_eq!(refuse_shared("key file", &path, &metadata), Ok(()));
        let user = user::effective();
        if user == ROOT {
            // Root can give the file away, and then refuses it.
            assert_eq!(
                refuse_shared_for(4_711, "key file", &path, &metadata),
                Ok(()),
                "root's is everybody's"
            );
            std::os::unix::fs::chown(&path, Some(4_711), None).expect("given away");
            let metadata = fs::metadata(&path).expect("there");
            let text = refuse_shared("key file", &path, &metadata).expect_err("refused");
            assert!(text.contains("belongs to user 4711, but this process acts as user 0"), "{text}");
        } else {
            let text = refuse_shared_for(user + 1, "key file", &path, &metadata).expect_err("refused");
            assert!(text.contains(&format!("belongs to user {user}")), "{text}");
        }
    }
}
