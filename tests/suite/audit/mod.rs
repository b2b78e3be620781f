//! The audit log: what its lines say, where they go, and what happens when they cannot be written.

mod content;
mod sinks;

use crate::calls::{call, open};
use okta_auth::api::Client;
use okta_loopback::{Factor, Okta, User};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A client with an audit file, and an Okta with fred and gina.
struct Audited {
    okta: Okta,
    folder: TempDir,
    client: Client,
}

impl Audited {
    fn open() -> Self {
        let okta = Okta::start();
        okta.put_user(User::new("fred", "good").id("00ufred"));
        okta.put_user(User::new("gina", "good").id("00ugina").factor(Factor::totp(
            "ost1",
            "GOOGLE",
            "JBSWY3DPEHPK3PXP",
        )));
        let folder = tempfile::tempdir().expect("a folder");
        let audit = json!({ "file": folder.path().join("audit.log") });
        let client = open(&json!({ "ca_pem": okta.ca_pem(), "audit": audit }));
        let audited = Self { okta, folder, client };
        let config = json!({ "org_name": audited.okta.org(), "base_url": audited.okta.base_url() });
        assert_eq!(call(&audited.client, "configure", &config).0, 204);
        audited.forget();
        audited
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("audit.log")
    }

    fn forget(&self) {
        fs::remove_file(self.file()).expect("there");
    }

    /// The lines since the last look.
    fn lines(&self) -> Vec<Value> {
        let lines = lines(&self.file());
        self.forget();
        lines
    }

    /// What stands for a text in a line.
    fn hash(&self, text: &str) -> Value {
        let (status, body) = call(&self.client, "audit_hash", &json!({ "input": text }));
        assert_eq!(status, 200, "{body}");
        self.forget();
        body["data"]["hash"].clone()
    }

    /// The lines that one call makes: of the request and of the answer.
    fn pair(&self, operation: &str, members: Value) -> (u16, [Value; 2]) {
        let (status, _) = call(&self.client, operation, &members);
        (status, pair(self.lines()))
    }
}

fn lines(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).expect("an audit file");
    assert!(text.ends_with('\n'), "{text}");
    text.lines().map(|line| serde_json::from_str(line).expect("one JSON object in a line")).collect()
}

fn pair(lines: Vec<Value>) -> [Value; 2] {
    let pair: [Value; 2] = lines.try_into().expect("two lines");
    assert_eq!((&pair[0]["type"], &pair[1]["type"]), (&json!("request"), &json!("response")));
    pair
}
