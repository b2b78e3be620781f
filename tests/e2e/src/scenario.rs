//! The scenario files.

use okta_loopback::{Fault, User};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// A file of `scenarios`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its file's name.
    #[serde(skip)]
    pub name: String,
    /// Who is known to Okta.
    #[serde(default)]
    pub users: Vec<User>,
    /// What is wrong with Okta.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// Whether Okta tells who is locked.
    #[serde(default)]
    pub show_lockouts: bool,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// One step: exactly one of `call`, `cancel`, `restart` and `passcode`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// An operation to be carried out.
    pub call: Option<String>,
    /// An operation to be begun, and cancelled once Okta was called so often.
    pub cancel: Option<String>,
    /// The number of calls.
    #[serde(default)]
    pub after_calls: usize,
    /// Close, and open the same database again.
    #[serde(default)]
    pub restart: bool,
    /// A factor of fred's whose code of now is to be known as `{passcode}`.
    pub passcode: Option<String>,
    /// The request; `{name}` in its texts stands for what was kept.
    #[serde(default)]
    pub request: Map<String, Value>,
    /// What to keep under a name: a JSON pointer into the answer.
    #[serde(default)]
    pub keep: BTreeMap<String, String>,
    /// The status that must come.
    #[serde(default)]
    pub status: i32,
    /// The code that must come with a refusal.
    pub code: Option<String>,
    /// Texts that the answer must hold.
    #[serde(default)]
    pub contains: Vec<String>,
}

impl Scenario {
    /// All of a folder, by their names.
    pub fn all(folder: &Path) -> Vec<Self> {
        let files = std::fs::read_dir(folder).expect("the folder of the scenarios");
        let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
        paths.sort();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("a scenario");
        let mut scenario: Self =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        scenario.name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        scenario
    }
}
