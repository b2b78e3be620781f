//! The templated rules of one policy, arranged so that for a request only those are resolved that may be about it.
//!
//! They are a tree: of texts that are written out, and behind each what stands for something else, a value of the
//! entity's or any segment. What the entity has there leads on or does not, for all rules that have it in common.

use super::rule::{Capability, Permissions};
use super::sorted::Sorted;
use super::template::{self, Attribute, Attributes, Resolved, Step, Template};
use super::weight;
use crate::letter_case;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Templated rules.
#[derive(Debug, Default)]
pub struct Templates {
    rules: Box<[(Template, Permissions)]>,
    /// The first is the root; there is none without rules.
    nodes: Box<[Node]>,
    /// What each begins with, whatever it is resolved to.
    starts: Sorted<()>,
    /// Those that deny, by the values in them.
    denying: BTreeMap<Attribute, Vec<usize>>,
}

type Node = Sorted<Branch>;

/// What has a text in common.
#[derive(Debug, Default)]
struct Branch {
    /// Rules of which nothing follows, but for a `*`.
    ends: Vec<usize>,
    next: Vec<(Step, usize)>,
}

/// Which of the rules are about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// Those that spell it as it is spelled.
    This,
    /// Those that spell it in any letter case; the path is folded.
    Any,
}

impl Spelling {
    /// How a text has to be spelled.
    pub fn of(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::This => Cow::Borrowed(text),
            Self::Any => Cow::Owned(letter_case::fold(text)),
        }
    }
}

/// What is asked for: a path, or a folder and all that is below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Rules about this path.
    Path,
    /// Rules about this folder, or about anything below it.
    Below,
}

impl Templates {
    /// Arranges rules; those of one template are merged.
    pub fn new(rules: impl IntoIterator<Item = (Template, Permissions)>) -> Self {
        let mut merged: HashMap<Template, Permissions> = HashMap::new();
        for (template, permissions) in rules {
            match merged.get_mut(&template) {
                Some(held) => held.merge(&permissions),
                None => drop(merged.insert(template, permissions)),
            }
        }
        merged.values_mut().for_each(Permissions::settle);
        let rules: Box<[(Template, Permissions)]> = merged.into_iter().collect();
        let starts: BTreeSet<&str> = rules.iter().map(|(template, _)| template.start()).collect();
        let starts = starts.into_iter().map(|start| (start.into(), ())).collect();
        let mut denying: BTreeMap<Attribute, Vec<usize>> = BTreeMap::new();
        for (number, (template, permissions)) in rules.iter().enumerate() {
            if permissions.capabilities.have(Capability::Deny) {
                for attribute in template.attributes() {
                    denying.entry(attribute.clone()).or_default().push(number);
                }
            }
        }
        denying.values_mut().for_each(Vec::shrink_to_fit);
        Self { nodes: tree(&rules), starts, denying, rules }
    }

    /// The same with everything folded that is written out.
    pub fn folded(&self) -> Self {
        Self::new(self.rules.iter().map(|(template, permissions)| (template.folded(), permissions.clone())))
    }

    /// Whether folding changes nothing.
    pub fn are_folded(&self) -> bool {
        self.rules.iter().all(|(template, _)| template.folded() == *template)
    }

    /// How many bytes they take.
    pub fn weight(&self) -> usize {
        let of_rule =
            |(template, permissions): &(Template, _)| template.weight() + Permissions::weight(permissions);
        let of_branch = |branch: &Branch| {
            weight::of_list::<usize>(branch.ends.len())
                + weight::of_list::<(Step, usize)>(branch.next.len())
                + branch.next.iter().map(|(step, _)| step.weight()).sum::<usize>()
        };
        let of_numbers = |(attribute, numbers): (&Attribute, &Vec<usize>)| {
            attribute.weight() + weight::of_list::<usize>(numbers.len())
        };
        weight::of_list::<(Template, Permissions)>(self.rules.len())
            + self.rules.iter().map(of_rule).sum::<usize>()
            + weight::of_list::<Node>(self.nodes.len())
            + self.nodes.iter().map(|node| node.weight(of_branch)).sum::<usize>()
            + self.starts.weight(|()| 0)
            + weight::of_tree::<Attribute, Vec<usize>>(self.denying.len())
            + self.denying.iter().map(of_numbers).sum::<usize>()
    }

    /// Whether any may be about a path, whoever asks.
    pub fn may_concern(&self, path: &str, scope: Scope) -> bool {
        self.starts.starts_of(path).next().is_some()
            || (scope == Scope::Below && self.starts.beginning_with(path).next().is_some())
    }

    /// The rules that they are for an entity, as far as they may be about the path. A template that cannot be resolved
    /// is none; but where one that denies has a value that could lead elsewhere, all is denied that it may be about.
    pub fn resolve(
        &self,
        who: &dyn Attributes,
        path: &str,
        spelling: Spelling,
        scope: Scope,
    ) -> Vec<(String, Permissions)> {
        let mut candidates = self.reached(who, path, spelling, scope);
        candidates.extend(self.not_to_be_escaped(who, path, scope));
        candidates.sort_unstable();
        candidates.dedup();
        let resolve = |number: usize| {
            let (template, permissions) = &self.rules[number];
            let path = match template.resolve(who) {
                Resolved::Path(path) => spelling.of(&path).into_owned(),
                Resolved::Elsewhere if permissions.capabilities.have(Capability::Deny) => template.widest(),
                Resolved::Elsewhere | Resolved::Nowhere => return None,
            };
            Some((path, permissions.clone()))
        };
        candidates.into_iter().filter_map(resolve).collect()
    }

    /// Rules that begin as the path does, as far as they have no `*`.
    fn reached(&self, who: &dyn Attributes, path: &str, spelling: Spelling, scope: Scope) -> Vec<usize> {
        let mut reached = Vec::new();
        // Nodes, and what is left of the path for them.
        let mut open: Vec<(usize, &str)> = self.nodes.first().map(|_| (0, path)).into_iter().collect();
        while let Some((node, left)) = open.pop() {
            let node = &self.nodes[node];
            for (text, branch) in node.starts_of(left) {
                let left = &left[text.len()..];
                reached.extend(branch.ends.iter().copied());
                for (step, next) in &branch.next {
                    let value = match step {
                        Step::Segment => Cow::Borrowed(left.split('/').next().unwrap_or_default()),
                        Step::Value(attribute) => match who.attribute(attribute) {
                            Some(value) if !value.is_empty() => spelling.of(value),
                            _ => continue,
                        },
                    };
                    if scope == Scope::Below && value.starts_with(left) {
                        reached.extend(self.all_behind(*next));
                    } else if let Some(left) = left.strip_prefix(&*value) {
                        open.push((*next, left));
                    }
                }
            }
            if scope == Scope::Below {
                for (_, branch) in node.beginning_with(left).filter(|(text, _)| text.len() > left.len()) {
                    reached.extend(branch.ends.iter().copied());
                    reached.extend(branch.next.iter().flat_map(|(_, next)| self.all_behind(*next)));
                }
            }
        }
        reached
    }

    /// Rules that deny, and that the entity's value could lead elsewhere.
    fn not_to_be_escaped(&self, who: &dyn Attributes, path: &str, scope: Scope) -> Vec<usize> {
        let may_lead =
            |attribute: &Attribute| who.attribute(attribute).is_some_and(template::may_lead_elsewhere);
        let those = self.denying.iter().filter(|(attribute, _)| may_lead(attribute));
        let numbers = those.flat_map(|(_, numbers)| numbers.iter().copied());
        let may_concern =
            |start: &str| path.starts_with(start) || (scope == Scope::Below && start.starts_with(path));
        numbers.filter(|number| may_concern(self.rules[*number].0.start())).collect()
    }

    fn all_behind(&self, node: usize) -> Vec<usize> {
        let mut all = Vec::new();
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            for branch in self.nodes[node].values() {
                all.extend(branch.ends.iter().copied());
                open.extend(branch.next.iter().map(|(_, next)| *next));
            }
        }
        all
    }
}

/// The tree of rules, its root first.
fn tree(rules: &[(Template, Permissions)]) -> Box<[Node]> {
    let mut nodes: Vec<Vec<(Box<str>, Branch)>> = rules.first().map(|_| Vec::new()).into_iter().collect();
    // Where a text stands among those of a node, and which node follows on a step behind it.
    let mut places: HashMap<(usize, &str), usize> = HashMap::new();
    let mut followers: HashMap<(usize, usize, Step), usize> = HashMap::new();
    // What is never resolved leads nowhere.
    for (number, (template, _)) in rules.iter().enumerate().filter(|(_, (template, _))| !template.is_idle()) {
        let (steps, end) = template.steps();
        let mut at = 0;
        let mut branch_of = |nodes: &mut Vec<Vec<(Box<str>, Branch)>>, at: usize, text| {
            let texts = &mut nodes[at];
            let place = *places.entry((at, text)).or_insert(texts.len());
            if place == texts.len() {
                texts.push((text.into(), Branch::default()));
            }
            place
        };
        for (text, step) in steps {
            let place = branch_of(&mut nodes, at, text);
            let new = nodes.len();
            let next = *followers.entry((at, place, step.clone())).or_insert(new);
            if next == new {
                nodes[at][place].1.next.push((step, new));
                nodes.push(Vec::new());
            }
            at = next;
        }
        let place = branch_of(&mut nodes, at, end);
        nodes[at][place].1.ends.push(number);
    }
    let arranged = |(text, mut branch): (Box<str>, Branch)| {
        branch.ends.shrink_to_fit();
        branch.next.shrink_to_fit();
        (text, branch)
    };
    nodes.into_iter().map(|texts| texts.into_iter().map(arranged).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::index::Index;
    use super::*;
    use proptest::prelude::*;

    struct Bearer<'b> {
        name: &'b str,
        id: &'b str,
    }

    impl Attributes for Bearer<'_> {
        fn attribute(&self, attribute: &Attribute) -> Option<&str> {
            match attribute {
                Attribute::EntityName => Some(self.name),
                Attribute::EntityId => Some(self.id),
                _ => None,
            }
        }
    }

    fn templates(paths: impl IntoIterator<Item = (String, bool)>) -> Templates {
        Templates::new(paths.into_iter().filter_map(|(path, denies)| {
            let capability = if denies { Capability::Deny } else { Capability::Read };
            let capabilities = [capability].into_iter().collect();
            Some((Template::parse(&path).ok()??, Permissions { capabilities, ..Permissions::default() }))
        }))
    }

    #[test]
    fn of_tens_of_thousands_few_are_resolved() {
        let paths = (0..30_000).map(|n| match n % 3 {
            0 => format!("{n}/{{{{identity.entity.name}}}}"),
            1 => format!("a/{{{{identity.entity.name}}}}/{n}"),
            _ => format!("+/{{{{identity.entity.id}}}}/{n}*"),
        });
        let templates = templates(paths.enumerate().map(|(n, path)| (path, n % 2 == 0)));
        assert_eq!(templates.rules.len(), 30_000);
        for (name, id, path, most) in [
            ("fred", "1", "3/fred", 1),
            ("fred", "1", "a/fred/4", 1),
            ("fred", "1", "x/1/29999", 5),
            ("fred", "1", "a/joe/4", 0),
            ("fr*ed", "1", "a/fred/4", 5_000),
        ] {
            let who = Bearer { name, id };
            let resolved = templates.resolve(&who, path, Spelling::This, Scope::Path);
            assert!(resolved.len() <= most, "{path}: {}", resolved.len());
            assert_eq!(resolved.is_empty(), most == 0, "{path}");
        }
    }

    proptest! {
        /// Beside resolving all.
        #[test]
        fn none_that_counts_is_left_out(
            paths in prop::collection::vec(("([aA+/NI]|/N/){0,6}[*]?", any::<bool>()), 1..12),
            name in "[aA+]{1,2}|\\*", id in "[aA+]{1,2}", path in "([aA+/]|/a/){0,6}", folds: bool,
        ) {
            let spelled = |path: &str| {
                let path = path.replace('I', "{{identity.entity.id}}").replace('N', "{{identity.entity.name}}");
                if path.contains("+*") { String::new() } else { path }
            };
            let templates = templates(paths.iter().map(|(path, denies)| (spelled(path), *denies)));
            let (templates, spelling) =
                if folds { (templates.folded(), Spelling::Any) } else { (templates, Spelling::This) };
            let who = Bearer { name: &name, id: &id };
            let all = templates.rules.iter().filter_map(|(template, permissions)| {
                let path = match template.resolve(&who) {
                    Resolved::Path(path) => path,
                    Resolved::Elsewhere if permissions.capabilities.have(Capability::Deny) => template.widest(),
                    _ => return None,
                };
                Some((spelling.of(&path).into_owned(), permissions.clone()))
            });
            let all = Index::new(all);
            let path = spelling.of(&path).into_owned();
            let told = |rule: &super::super::index::Rule| (rule.path.to_string(), rule.permissions.clone());
            let of_path = Index::new(templates.resolve(&who, &path, spelling, Scope::Path));
            for path in [&*path, path.strip_suffix('/').unwrap_or(&path)] {
                prop_assert_eq!(of_path.exact(path).map(told), all.exact(path).map(told));
                let best = |index: &Index| index.best(path).map(|(_, rule)| told(rule));
                prop_assert_eq!(best(&of_path), best(&all));
                prop_assert!(
                    (all.exact(path).is_none() && all.best(path).is_none()) || templates.may_concern(path, Scope::Path)
                );
            }
            let folder = format!("{}/", path.trim_end_matches('/'));
            let of_folder = Index::new(templates.resolve(&who, &folder, spelling, Scope::Below));
            let below = |index: &Index| {
                let mut below: Vec<_> = index.below(&folder).into_iter().map(told).collect();
                below.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
                below
            };
            prop_assert_eq!(below(&of_folder), below(&all));
            prop_assert!(all.below(&folder).is_empty() || templates.may_concern(&folder, Scope::Below));
        }
    }
}
