//! The recorded scenarios as they stand in the files.

use okta_loopback::Rule;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// `<topic>/<name>`.
    pub name: String,
    #[serde(rename = "about")]
    _about: String,
    #[serde(rename = "vault")]
    _vault: String,
    pub okta: Vec<Rule>,
    pub steps: Vec<Step>,
}

/// A request and its answer, or the answer to an earlier request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    #[serde(default)]
    pub request: Option<Request>,
    #[serde(default)]
    pub capture: BTreeMap<String, String>,
    #[serde(default)]
    pub background: Option<String>,
    #[serde(default)]
    pub after_okta_calls: Option<usize>,
    #[serde(default, rename = "await")]
    pub awaits: Option<String>,
    #[serde(default)]
    pub sleep_before_ms: Option<u64>,
    #[serde(default, rename = "note")]
    _note: Option<String>,
    #[serde(default)]
    pub response: Option<Response>,
    #[serde(default)]
    pub okta_calls: Option<Vec<OktaCall>>,
    #[serde(default)]
    pub mended: Vec<Mark>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub token: String,
    #[serde(default)]
    pub query: Option<String>,
    #[serde(default)]
    pub data: Option<Value>,
    #[serde(default)]
    pub raw: Option<String>,
    #[serde(default)]
    pub headers: Map<String, Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    pub status: u16,
    pub body: Value,
}

/// What Okta received.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OktaCall {
    pub method: String,
    pub path: String,
    pub body: Value,
    pub headers: BTreeMap<String, String>,
}

/// Where our answer may or must differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    pub quirk: String,
    pub must: String,
}

impl Scenario {
    /// The part of the name before the slash.
    pub fn topic(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }
}

/// All scenarios, by name.
pub fn all() -> Vec<Scenario> {
    let mut files = Vec::new();
    for topic in entries(&folder()) {
        if topic.is_dir() {
            files.extend(entries(&topic));
        }
    }
    files
        .iter()
        .map(|file| {
            let text = fs::read_to_string(file).unwrap();
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
        })
        .collect()
}

/// Where the scenarios are.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}
