//! Paths that name who asks: `secret/{{identity.entity.id}}/*` ("Templated policies" in Vault's documentation).
//!
//! A template is taken apart once, when its policy is compiled. What it is resolved to for one entity is a path like
//! any other, whose form the template's author alone has decided: a name that would add a segment or a wildcard to it
//! resolves to nothing.

use super::weight;
use crate::letter_case;

/// A path with values to be put in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    /// The values, each behind a text.
    values: Box<[(Box<str>, Attribute)]>,
    end: Box<str>,
}

/// What stands in a path for something else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Any segment.
    Segment,
    /// This value.
    Value(Attribute),
}

/// Something that is known of an entity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// `identity.entity.id`
    EntityId,
    /// `identity.entity.name`
    EntityName,
    /// `identity.entity.aliases.<mount accessor>.id`
    AliasId(String),
    /// `identity.entity.aliases.<mount accessor>.name`
    AliasName(String),
    /// `identity.entity.aliases.<mount accessor>.metadata.<key>`
    AliasMetadata(String, String),
    /// What no entity here has, such as groups.
    Unknown,
}

/// What templates read of who asks.
pub trait Attributes {
    /// The value, where there is one.
    fn attribute(&self, attribute: &Attribute) -> Option<&str>;
}

impl Template {
    /// Takes a path apart; `None` when nothing is to be put in.
    ///
    /// # Errors
    /// Braces that do not match.
    pub fn parse(path: &str) -> Result<Option<Self>, &'static str> {
        const UNBALANCED: &str = "unbalanced templating characters";
        let mut pieces = path.split("{{");
        let mut end = pieces.next().unwrap_or_default();
        if end.contains("}}") {
            return Err(UNBALANCED);
        }
        let mut values = Vec::new();
        for piece in pieces {
            let (name, text) = piece.split_once("}}").ok_or(UNBALANCED)?;
            if text.contains("}}") {
                return Err(UNBALANCED);
            }
            values.push((end.into(), Attribute::of(name.trim())));
            end = text;
        }
        Ok((!values.is_empty()).then(|| Self { values: values.into(), end: end.into() }))
    }

    /// The values that are put in.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.values.iter().map(|(_, attribute)| attribute)
    }

    /// Whether it names something that no entity here has, so that it is never resolved.
    pub fn is_idle(&self) -> bool {
        self.attributes().any(|attribute| *attribute == Attribute::Unknown)
    }

    /// The same with all folded that is written out.
    pub fn folded(&self) -> Self {
        let fold = |text: &str| letter_case::fold(text).into();
        let values = self.values.iter().map(|(text, attribute)| (fold(text), attribute.clone())).collect();
        Self { values, end: fold(&self.end) }
    }

    /// How many bytes it owns.
    pub fn weight(&self) -> usize {
        let values = self.values.iter().map(|(text, attribute)| weight::of_text(text) + attribute.weight());
        weight::of_list::<(Box<str>, Attribute)>(self.values.len())
            + values.sum::<usize>()
            + weight::of_text(&self.end)
    }

    /// What every path begins with that it may be about, whatever the values.
    pub fn start(&self) -> &str {
        let text = self.values.first().map_or(&*self.end, |(text, _)| text);
        text.split('+').next().unwrap_or_default()
    }

    /// All paths that it may be about, whatever the values, as one path.
    pub fn widest(&self) -> String {
        format!("{}*", self.start())
    }

    /// It from its start to its end: texts that are written out and the step behind each, and the text that is left,
    /// without the `*` at its end.
    pub fn steps(&self) -> (Vec<(&str, Step)>, &str) {
        let mut steps = Vec::new();
        let mut begins_segment = true;
        for (text, attribute) in &self.values {
            let text = segments_of(text, begins_segment, false, &mut steps);
            steps.push((text, Step::Value(attribute.clone())));
            begins_segment = false;
        }
        let end = self.end.strip_suffix('*').unwrap_or(&self.end);
        let ends_segment = end.len() == self.end.len();
        let end = segments_of(end, begins_segment, ends_segment, &mut steps);
        (steps, end)
    }

    /// The path for one entity.
    pub fn resolve(&self, who: &dyn Attributes) -> Resolved {
        let mut path = String::new();
        for (text, attribute) in &self.values {
            path.push_str(text);
            match who.attribute(attribute) {
                None | Some("") => return Resolved::Nowhere,
                Some(value) if is_harmless(value) => path.push_str(value),
                Some(_) => return Resolved::Elsewhere,
            }
        }
        path.push_str(&self.end);
        // The author's `+` and a `*` behind what was put in.
        if path.contains("+*") { Resolved::Elsewhere } else { Resolved::Path(path) }
    }
}

/// Takes the `+` that are whole segments out of a text. What is left stands behind the last of them.
fn segments_of<'t>(
    text: &'t str,
    begins_segment: bool,
    ends_segment: bool,
    steps: &mut Vec<(&'t str, Step)>,
) -> &'t str {
    let mut done = 0;
    for (place, _) in text.match_indices('+') {
        let before = &text[..place];
        let behind = &text[place + 1..];
        let begins = if before.is_empty() { begins_segment } else { before.ends_with('/') };
        let ends = if behind.is_empty() { ends_segment } else { behind.starts_with('/') };
        if begins && ends {
            steps.push((&text[done..place], Step::Segment));
            done = place + 1;
        }
    }
    &text[done..]
}

/// What a template comes to.
#[derive(Debug, PartialEq, Eq)]
pub enum Resolved {
    /// This path.
    Path(String),
    /// The entity has no such value.
    Nowhere,
    /// It has one that is more than a part of a segment, and could lead to the paths of others.
    Elsewhere,
}

/// Whether a value may make a template one that leads elsewhere.
pub fn may_lead_elsewhere(value: &str) -> bool {
    !is_harmless(value) || value.ends_with('+')
}

/// Whether a value is nothing but a part of one segment, wherever it is put.
fn is_harmless(value: &str) -> bool {
    !value.starts_with('+')
        && !value.starts_with('.')
        && !value.contains(['/', '*'])
        && !value.contains("..")
        && !value.chars().any(char::is_control)
}

impl Step {
    /// How many bytes it owns.
    pub fn weight(&self) -> usize {
        match self {
            Self::Segment => 0,
            Self::Value(attribute) => attribute.weight(),
        }
    }
}

impl Attribute {
    /// How many bytes it owns.
    pub fn weight(&self) -> usize {
        match self {
            Self::EntityId | Self::EntityName | Self::Unknown => 0,
            Self::AliasId(accessor) | Self::AliasName(accessor) => weight::of_text(accessor),
            Self::AliasMetadata(accessor, key) => weight::of_text(accessor) + weight::of_text(key),
        }
    }

    fn of(name: &str) -> Self {
        Self::known(name).unwrap_or(Self::Unknown)
    }

    fn known(name: &str) -> Option<Self> {
        let name = name.strip_prefix("identity.entity.")?;
        match name {
            "id" => return Some(Self::EntityId),
            "name" => return Some(Self::EntityName),
            _ => {}
        }
        let (accessor, name) = name.strip_prefix("aliases.")?.split_once('.')?;
        let accessor = accessor.to_owned();
        match name {
            "id" => Some(Self::AliasId(accessor)),
            "name" => Some(Self::AliasName(accessor)),
            _ => Some(Self::AliasMetadata(accessor, name.strip_prefix("metadata.")?.to_owned())),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An entity of which only its name is known.
    pub struct Named<'n>(pub &'n str);

    impl Attributes for Named<'_> {
        fn attribute(&self, attribute: &Attribute) -> Option<&str> {
            match attribute {
                Attribute::EntityName => Some(self.0),
                Attribute::AliasMetadata(accessor, key) if accessor == "auth_okta_1" && key == "a.b" => {
                    Some("meta")
                }
                _ => None,
            }
        }
    }

    fn resolve(path: &str, name: &str) -> Option<String> {
        match Template::parse(path).expect(path).expect("a template").resolve(&Named(name)) {
            Resolved::Path(path) => Some(path),
            Resolved::Nowhere | Resolved::Elsewhere => None,
        }
    }

    #[test]
    fn values_are_put_in() {
        assert_eq!(resolve("a/{{identity.entity.name}}/*", "fred").as_deref(), Some("a/fred/*"));
        assert_eq!(resolve("{{ identity.entity.name }}{{identity.entity.name}}", "x").as_deref(), Some("xx"));
        assert_eq!(
            resolve("+/{{identity.entity.aliases.auth_okta_1.metadata.a.b}}", "").as_deref(),
            Some("+/meta")
        );
        assert_eq!(
            resolve("a/{{identity.entity.name}}", "fred+x@acme.com").as_deref(),
            Some("a/fred+x@acme.com")
        );
        assert_eq!(Template::parse("a/{b}"), Ok(None));
        for broken in ["a}}b", "{{a", "{{a}}b}}", "{{a{{b}}"] {
            assert!(Template::parse(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn what_cannot_be_resolved_is_none() {
        for path in [
            "{{identity.entity.id}}",
            "{{identity.groups.names.ops.id}}",
            "{{identity.entity.aliases.auth_okta_2.name}}",
            "{{identity.entity.aliases.auth_okta_1}}",
            "{{}}",
        ] {
            assert_eq!(resolve(path, "fred"), None, "{path}");
        }
    }

    /// CVE-2026-5006
    #[test]
    fn names_cannot_leave_their_segment() {
        for name in ["", "a/b", "/", "*", "a*", "+", "+a", ".", "..", "a..b", ".hidden", "a\nb", "a\0"] {
            assert_eq!(resolve("a/{{identity.entity.name}}/b", name), None, "{name:?}");
        }
    }
}
