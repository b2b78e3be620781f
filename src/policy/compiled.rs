//! A policy as decisions use it: parsed and arranged once, until its text changes.

use super::document::{self, Stanza};
use super::index::Index;
use super::rule::{Capability, Permissions};
use super::template::{Attributes, Resolved, Template};
use crate::letter_case;
use crate::limits;
use std::sync::Arc;

/// One policy.
#[derive(Debug)]
pub struct Policy {
    /// Its name.
    pub name: Arc<str>,
    rules: Index,
    /// The same with their paths folded; none where that changes nothing.
    folded: Option<Index>,
    templates: Vec<TemplatedRule>,
}

#[derive(Debug)]
struct TemplatedRule {
    template: Template,
    permissions: Permissions,
    /// What every path begins with that the rule may be about; folded.
    start: Box<str>,
    /// Where it denies: all that it could be about, as a path.
    widest: Option<Box<str>>,
}

impl TemplatedRule {
    fn may_concern(&self, path: &str) -> bool {
        let path = letter_case::fold(path);
        path.starts_with(&*self.start) || self.start.starts_with(&path)
    }
}

impl Policy {
    /// Compiles a text. The second half warns of what it says without effect.
    ///
    /// # Errors
    /// What is wrong with it, without Vault's `failed to parse policy: `.
    pub fn compile(name: &str, text: &str) -> Result<(Self, Vec<String>), String> {
        let document = document::read(text)?;
        let mut warnings = Vec::new();
        if !document.without_effect.is_empty() {
            let keys: Vec<_> = document.without_effect.into_iter().collect();
            warnings.push(format!("These keys have no effect: {}", keys.join(", ")));
        }
        let mut templates = Vec::new();
        let mut rules = Vec::new();
        for Stanza { path, permissions } in document.stanzas {
            match Template::parse(&path)? {
                None => rules.push((path, permissions)),
                Some(template) => {
                    let denies = permissions.capabilities.have(Capability::Deny);
                    if denies && template.is_idle() && warnings.len() < limits::POLICY_KEYS_NAMED {
                        warnings.push(format!(
                            "path {path:?} denies nothing: no entity has what its template names"
                        ));
                    }
                    let end = [path.find("{{"), path.find('+')].into_iter().flatten().min();
                    let start = &path[..end.unwrap_or_default()];
                    let widest = denies.then(|| format!("{start}*").into());
                    let start = letter_case::fold(start).into();
                    templates.push(TemplatedRule { template, permissions, start, widest });
                }
            }
        }
        let is_folded = rules.iter().all(|(path, _)| letter_case::fold(path) == *path);
        let folded = (!is_folded).then(|| Index::new(fold(rules.iter().cloned()))).transpose()?;
        let policy = Self { name: name.into(), rules: Index::new(rules)?, folded, templates };
        Ok((policy, warnings))
    }

    /// Whether a rule for this path, or below it, may depend on who asks.
    pub fn reads_entity(&self, path: &str) -> bool {
        self.templates.iter().any(|rule| rule.may_concern(path))
    }

    /// The rules that are the same for everybody.
    pub fn rules(&self, spelling: Spelling) -> &Index {
        match (spelling, &self.folded) {
            (Spelling::Any, Some(folded)) => folded,
            _ => &self.rules,
        }
    }

    /// The rules that are this entity's own, as far as they may be about the path. A template that cannot be resolved
    /// makes none; but where one that denies has a value that could lead elsewhere, all is denied that it may be about.
    pub fn rules_of(&self, who: &dyn Attributes, path: &str, spelling: Spelling) -> Index {
        let about_path = self.templates.iter().filter(|rule| rule.may_concern(path));
        let resolved = about_path.filter_map(|rule| {
            let resolved = rule.template.resolve(who);
            let path = match &resolved {
                Resolved::Path(path) => path,
                Resolved::Nowhere => return None,
                Resolved::Elsewhere => rule.widest.as_deref()?,
            };
            Some((path.strip_prefix('/').unwrap_or(path).to_owned(), rule.permissions.clone()))
        });
        let resolved: Vec<_> =
            if spelling == Spelling::Any { fold(resolved).collect() } else { resolved.collect() };
        // It is too large only where its author has gone to the limit: then nothing is granted by it.
        Index::new(resolved).unwrap_or_default()
    }

    /// How much room it takes.
    pub fn weight(&self) -> usize {
        let folded = self.folded.as_ref().map_or(0, Index::weight);
        1 + self.rules.weight() + folded + self.templates.len()
    }
}

/// Which of the rules are about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// Those that spell it as it is spelled.
    This,
    /// Those that spell it in any letter case; the path is folded.
    Any,
}

fn fold(rules: impl Iterator<Item = (String, Permissions)>) -> impl Iterator<Item = (String, Permissions)> {
    rules.map(|(path, permissions)| (letter_case::fold(&path), permissions))
}
