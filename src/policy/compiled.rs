//! A policy as decisions use it: parsed and arranged once, until its text changes.

use super::document::{self, Stanza};
use super::index::{self, Index};
use super::rule::Capability;
use super::template::{Attributes, Template};
use super::templates::{Scope, Spelling, Templates};
use crate::letter_case;
use crate::limits;
use std::sync::Arc;

/// One policy.
#[derive(Debug)]
pub struct Policy {
    /// Its name.
    pub name: Arc<str>,
    rules: Rules,
    /// The same with their paths folded; none where that changes nothing.
    folded: Option<Rules>,
}

#[derive(Debug)]
struct Rules {
    /// Those that are the same for everybody.
    plain: Index,
    templates: Templates,
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
        // No entity's values make them more.
        index::check_segments(document.stanzas.iter().map(|stanza| &*stanza.path))?;
        let mut templates = Vec::new();
        let mut plain = Vec::new();
        for Stanza { path, permissions } in document.stanzas {
            match Template::parse(&path)? {
                None => plain.push((path, permissions)),
                Some(template) => {
                    let denies = permissions.capabilities.have(Capability::Deny);
                    if denies && template.is_idle() && warnings.len() < limits::POLICY_KEYS_NAMED {
                        warnings.push(format!(
                            "path {path:?} denies nothing: no entity has what its template names"
                        ));
                    }
                    templates.push((template, permissions));
                }
            }
        }
        let templates = Templates::new(templates);
        let is_folded =
            templates.are_folded() && plain.iter().all(|(path, _)| letter_case::fold(path) == *path);
        let folded = (!is_folded).then(|| Rules {
            plain: Index::new(plain.iter().map(|(path, one)| (letter_case::fold(path), one.clone()))),
            templates: templates.folded(),
        });
        let rules = Rules { plain: Index::new(plain), templates };
        Ok((Self { name: name.into(), rules, folded }, warnings))
    }

    fn rules(&self, spelling: Spelling) -> &Rules {
        match (spelling, &self.folded) {
            (Spelling::Any, Some(folded)) => folded,
            _ => &self.rules,
        }
    }

    /// Whether a rule for this path may depend on who asks.
    pub fn reads_entity(&self, path: &str, spelling: Spelling, scope: Scope) -> bool {
        self.rules(spelling).templates.may_concern(path, scope)
    }

    /// The rules that are the same for everybody.
    pub fn plain(&self, spelling: Spelling) -> &Index {
        &self.rules(spelling).plain
    }

    /// The rules that are this entity's own, as far as they may be about the path.
    pub fn own(&self, who: &dyn Attributes, path: &str, spelling: Spelling, scope: Scope) -> Index {
        Index::new(self.rules(spelling).templates.resolve(who, path, spelling, scope))
    }

    /// How many bytes it takes.
    pub fn weight(&self) -> usize {
        let weight = |rules: &Rules| rules.plain.weight() + rules.templates.weight();
        weight(&self.rules) + self.folded.as_ref().map_or(0, weight) + size_of::<Self>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing of a policy is left out: its texts are held, and each part takes room beside them.
    #[test]
    fn a_policy_weighs_what_it_holds() {
        let paths =
            ["a/N", "a/N*", "+/N", "+/N*", "+/a/N/*", "a/{{identity.entity.id}}/N", "A/N", "N/{{x}}/+"];
        let rules = paths.map(|path| format!("path \"{path}\" {{}}\n"));
        let denying = paths.map(|path| format!("path \"{path}\" {{ policy = \"deny\" }}\n"));
        let listed = [
            "path \"N\" { allowed_parameters = { a = [\"N\"] } }\n",
            "path \"N*\" { denied_parameters = { kN = [] } }\n",
            "path \"+/N\" { required_parameters = [\"N\"] }\n",
        ];
        let weight = |text: &str| Policy::compile("p", text).expect("a policy").0.weight();
        let many = |form: &str| -> String { (0..2_000).map(|n| form.replace('N', &n.to_string())).collect() };
        for form in rules.iter().chain(&denying).map(String::as_str).chain(listed) {
            let text = many(form);
            let (weight, one) = (weight(&text), weight(&form.replace('N', "1")));
            assert!((3 * text.len()..60 * text.len()).contains(&weight), "{form} {} {weight}", text.len());
            assert!(weight > 2_000 * 100 && one < 10_000, "{form} {weight} {one}");
        }
        for parameters in ["allowed", "denied"] {
            for value in ["\"N\",", "N,", "[N],", "{ a = N },", "{ kN = true },"] {
                let values = many(value);
                let text = format!("path \"a\" {{ {parameters}_parameters = {{ a = [{values}] }} }}");
                let weight = weight(&text);
                assert!(
                    (3 * text.len()..60 * text.len()).contains(&weight),
                    "{value} {} {weight}",
                    text.len()
                );
            }
        }
    }
}
