//! `make generate`: writes `src/ffi/operations.rs`, builds, and copies the header out of the build folder.

use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::write(root.join("src/ffi/operations.rs"), generate::functions())?;
    std::fs::copy(built_header(&root)?, root.join("include/okta_auth.h"))?;
    Ok(())
}

/// Builds the library and asks cargo where its build script wrote to.
fn built_header(root: &Path) -> Result<PathBuf> {
    let build = Command::new(env!("CARGO"))
        .args(["build", "--package", "okta_auth", "--message-format", "json"])
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()?;
    let messages = String::from_utf8_lossy(&build.stdout);
    let folders = messages.lines().filter_map(|line| line.split_once(r#""out_dir":""#)?.1.split_once('"'));
    let mut headers = folders.map(|(folder, _)| Path::new(folder).join("okta_auth.h"));
    headers.find(|header| header.exists()).ok_or_else(|| Error::other("the build left no header"))
}
