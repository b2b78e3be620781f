//! The loopback Okta as a program: it prints one line of JSON and ends when its standard input closes.

use okta_loopback::{API_TOKEN, Okta};
use serde_json::json;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let okta = Okta::start();
    let ca_file = CaFile::write(okta.ca_pem())?;
    let line = json!({ "url": okta.url(), "org": okta.org(), "base_url": okta.base_url(),
                       "ca_file": ca_file.path(), "ca_pem": okta.ca_pem(), "control_url": okta.control_url(),
                       "api_token": API_TOKEN });
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()?;

    let mut stdin = io::stdin().lock();
    let mut ignored = [0; 4_096];
    while stdin.read(&mut ignored)? > 0 {}
    Ok(())
}

/// The certificate authority as a file, which is gone when the program is.
struct CaFile(PathBuf);

impl CaFile {
    fn write(pem: &str) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("okta_loopback-{}.pem", std::process::id()));
        // A process of the same number that was killed may have left one.
        let _ = fs::remove_file(&path);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let file_to_remove = Self(path);
        file.write_all(pem.as_bytes())?;
        Ok(file_to_remove)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for CaFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
