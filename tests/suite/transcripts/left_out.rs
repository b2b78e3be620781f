//! The list of steps that are left out for now, each with its reason.

use super::scenario;
use serde::Deserialize;
use std::fs;

/// One entry of `tests/transcripts/left_out.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// A scenario, or several when it ends in `*`.
    pub scenario: String,
    pub steps: Steps,
    pub reason: String,
}

/// Which of a scenario's steps, counted from 0.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Steps {
    /// `"all"`
    All(All),
    These(Vec<usize>),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum All {
    All,
}

impl LeftOut {
    /// Whether the entry speaks of a scenario.
    pub fn names(&self, scenario: &str) -> bool {
        match self.scenario.strip_suffix('*') {
            Some(start) => scenario.starts_with(start),
            None => scenario == self.scenario,
        }
    }

    /// Whether the entry leaves a step out.
    pub fn has(&self, step: usize) -> bool {
        match &self.steps {
            Steps::All(All::All) => true,
            Steps::These(steps) => steps.contains(&step),
        }
    }
}

/// The whole list.
pub fn list() -> Vec<LeftOut> {
    let text = fs::read_to_string(scenario::folder().join("left_out.json")).unwrap();
    let list: Vec<LeftOut> = serde_json::from_str(&text).unwrap();
    assert!(list.iter().all(|entry| !entry.reason.is_empty()), "an entry has no reason");
    list
}
