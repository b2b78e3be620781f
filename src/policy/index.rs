//! The rules of one policy, arranged so that the one that counts for a path is found without looking at the others
//! (Vault's `vault/acl.go`, and "Policies" among its concepts).

use super::rule::Permissions;
use super::sorted::Sorted;
use super::weight;
use crate::limits;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

/// A rule: its path as it was written, and what it permits.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Without a slash at its start; with the `*` at its end, where it has one.
    pub path: Arc<str>,
    /// What it permits.
    pub permissions: Permissions,
    /// Where its first wildcard stands.
    first_wildcard: usize,
    /// How many segments of it stand for any.
    wildcards: usize,
}

/// How well a rule fits, other than by being the path itself: the greatest counts. Two rules rank alike only when
/// their paths are the same.
pub type Rank<'r> = (usize, bool, Reverse<usize>, usize, &'r str);

impl Rule {
    fn new(path: String, permissions: Permissions) -> Self {
        let text = path.strip_suffix('*').unwrap_or(&path);
        let first_wildcard = first_wildcard(&path).unwrap_or(text.len());
        let wildcards = text.split('/').filter(|segment| *segment == ANY).count();
        Self { path: path.into(), permissions, first_wildcard, wildcards }
    }

    /// How many bytes it owns.
    fn weight(&self) -> usize {
        weight::of_shared(&self.path) + self.permissions.weight()
    }

    fn rank(&self) -> Rank<'_> {
        let text = self.path.strip_suffix('*').unwrap_or(&self.path);
        let is_whole = text.len() == self.path.len();
        (self.first_wildcard, is_whole, Reverse(self.wildcards), text.len(), text)
    }
}

/// Stands for any one segment.
const ANY: &str = "+";

/// Where the first `+` stands in a path that has one at the start of a segment. Vault takes the first of all, in
/// whichever segment.
fn first_wildcard(path: &str) -> Option<usize> {
    let has_segments = path == ANY || path.starts_with("+/") || path.contains("/+");
    has_segments.then(|| path.find('+')).flatten()
}

/// Counts the segments of rules with a `+`, those that they share at their start once.
///
/// # Errors
/// More than [`limits::POLICY_SEGMENTS`].
pub fn check_segments<'p>(paths: impl Iterator<Item = &'p str>) -> Result<(), String> {
    let mut places: HashMap<(usize, &str), usize> = HashMap::new();
    for path in paths.filter(|path| first_wildcard(path).is_some()) {
        let mut at = 0;
        for segment in path.split('/') {
            let next = places.len() + 1;
            at = *places.entry((at, segment)).or_insert(next);
        }
        if places.len() > limits::POLICY_SEGMENTS {
            return Err(format!("rules with '+' have over {} segments", limits::POLICY_SEGMENTS));
        }
    }
    Ok(())
}

/// All rules of a policy.
#[derive(Clone, Debug, Default)]
pub struct Index {
    exact: HashMap<Arc<str>, Rule>,
    /// By what stands before the `*`.
    prefixes: Sorted<Rule>,
    /// A tree of segments, its root first; empty without such rules.
    segments: Box<[Node]>,
}

/// What rules with a `+` have in common up to some segment.
#[derive(Clone, Debug, Default)]
struct Node {
    literal: Sorted<usize>,
    any: Option<usize>,
    /// The rule that ends before the next segment.
    rule: Option<Box<Rule>>,
    /// Rules that end in this and a `*`.
    starts: Sorted<Rule>,
}

/// A node while rules are added.
#[derive(Default)]
struct Draft {
    literal: Vec<(Box<str>, usize)>,
    any: Option<usize>,
    rule: Option<Box<Rule>>,
    starts: Vec<(Box<str>, Rule)>,
}

impl From<Draft> for Node {
    fn from(draft: Draft) -> Self {
        Self {
            literal: draft.literal.into_iter().collect(),
            any: draft.any,
            rule: draft.rule,
            starts: draft.starts.into_iter().collect(),
        }
    }
}

impl Index {
    /// Arranges rules; those of one path are merged.
    pub fn new(rules: impl IntoIterator<Item = (String, Permissions)>) -> Self {
        let mut merged: HashMap<String, Permissions> = HashMap::new();
        for (path, permissions) in rules {
            match merged.get_mut(&path) {
                Some(held) => held.merge(&permissions),
                None => drop(merged.insert(path, permissions)),
            }
        }
        merged.values_mut().for_each(Permissions::settle);
        let mut exact = HashMap::new();
        let mut prefixes = Vec::new();
        let mut of_segments = Vec::new();
        for (path, permissions) in merged {
            let rule = Rule::new(path, permissions);
            if first_wildcard(&rule.path).is_some() {
                of_segments.push(rule);
            } else if let Some(prefix) = rule.path.strip_suffix('*') {
                prefixes.push((prefix.into(), rule));
            } else {
                exact.insert(Arc::clone(&rule.path), rule);
            }
        }
        Self { exact, prefixes: prefixes.into_iter().collect(), segments: tree(of_segments) }
    }

    /// How many bytes it takes.
    pub fn weight(&self) -> usize {
        let of_node = |node: &Node| {
            let of_rule = |rule: &Rule| weight::of_list::<Rule>(1) + rule.weight();
            let rule = node.rule.as_deref().map_or(0, of_rule);
            node.literal.weight(|_| 0) + rule + node.starts.weight(Rule::weight)
        };
        weight::of_table::<Arc<str>, Rule>(self.exact.len())
            + self.exact.values().map(Rule::weight).sum::<usize>()
            + self.prefixes.weight(Rule::weight)
            + weight::of_list::<Node>(self.segments.len())
            + self.segments.iter().map(of_node).sum::<usize>()
    }

    /// The rule for exactly this path.
    pub fn exact(&self, path: &str) -> Option<&Rule> {
        self.exact.get(path)
    }

    /// The best of the rules with a wildcard that fit the path.
    pub fn best(&self, path: &str) -> Option<(Rank<'_>, &Rule)> {
        let mut best = self.prefixes.starts_of(path).next().map(|(_, rule)| (rule.rank(), rule));
        self.each_of_segments(path, &mut |rule| {
            let rank = rule.rank();
            if best.as_ref().is_none_or(|(held, _)| *held < rank) {
                best = Some((rank, rule));
            }
        });
        best
    }

    /// The rules whose paths are below a folder, as far as they can be told without a path: it takes a look at all.
    pub fn below(&self, folder: &str) -> Vec<&Rule> {
        let plain = self.exact.values().chain(self.prefixes.values());
        let mut below: Vec<&Rule> = plain.filter(|rule| rule.path.starts_with(folder)).collect();
        let segments: Vec<&str> = folder.trim_end_matches('/').split('/').collect();
        let mut open: Vec<(usize, usize)> = self.segments.first().map(|_| (0, 0)).into_iter().collect();
        while let Some((at, depth)) = open.pop() {
            let node = &self.segments[at];
            let next = match segments.get(depth) {
                Some(segment) => node.literal.get(segment).copied().into_iter().collect(),
                None => {
                    below.extend(node.rule.as_deref().filter(|_| depth > segments.len()));
                    below.extend(node.starts.values());
                    node.literal.values().copied().collect::<Vec<_>>()
                }
            };
            open.extend(next.into_iter().chain(node.any).map(|next| (next, depth + 1)));
        }
        below
    }

    /// Walks over the tree: no node is met twice, however many wildcards there are.
    fn each_of_segments<'i>(&'i self, path: &str, found: &mut impl FnMut(&'i Rule)) {
        if self.segments.is_empty() {
            return;
        }
        let segments: Vec<&str> = path.split('/').collect();
        let mut open = vec![(0, 0)];
        while let Some((at, depth)) = open.pop() {
            let node = &self.segments[at];
            let Some(segment) = segments.get(depth) else {
                node.rule.as_deref().into_iter().for_each(&mut *found);
                continue;
            };
            node.starts.starts_of(segment).for_each(|(_, rule)| found(rule));
            open.extend(node.any.map(|next| (next, depth + 1)));
            open.extend(node.literal.get(segment).map(|next| (*next, depth + 1)));
        }
    }
}

/// The tree of rules with a `+`, its root first.
fn tree(rules: Vec<Rule>) -> Box<[Node]> {
    let paths: Vec<Arc<str>> = rules.iter().map(|rule| Arc::clone(&rule.path)).collect();
    let mut nodes: Vec<Draft> = rules.first().map(|_| Draft::default()).into_iter().collect();
    let mut places: HashMap<(usize, &str), usize> = HashMap::new();
    for (path, rule) in paths.iter().zip(rules) {
        let (path, start) = match path.strip_suffix('*') {
            None => (&**path, None),
            Some(path) => path.rsplit_once('/').map_or(("", Some(path)), |(path, start)| (path, Some(start))),
        };
        let mut at = 0;
        for segment in path.split('/') {
            let new = nodes.len();
            let next = *places.entry((at, segment)).or_insert(new);
            if next == new {
                match segment {
                    ANY => nodes[at].any = Some(new),
                    _ => nodes[at].literal.push((segment.into(), new)),
                }
                nodes.push(Draft::default());
            }
            at = next;
        }
        match start {
            Some(start) => nodes[at].starts.push((start.into(), rule)),
            None => nodes[at].rule = Some(Box::new(rule)),
        }
    }
    nodes.into_iter().map(Node::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(paths: &[&str]) -> Index {
        Index::new(paths.iter().map(|path| ((*path).to_owned(), Permissions::default())))
    }

    fn best<'i>(index: &'i Index, path: &str) -> Option<&'i str> {
        index.best(path).map(|(_, rule)| &*rule.path)
    }

    /// The table of Vault's own test of priorities: the second wins.
    #[test]
    fn the_more_specific_rule_wins() {
        for (one, other, path) in [
            ("+/*", "*", "a/b"),
            ("+/*", "foo/+/*", "foo/bar/baz"),
            ("foo/+/+/*", "foo/+/bar/baz", "foo/bar/bar/baz"),
            ("foo/+/+/baz", "foo/+/bar/baz", "foo/bar/bar/baz"),
            ("foo/+/(ar/baz", "foo/(ar/+/baz", "foo/(ar/(ar/baz"),
            ("foo/bar/+/baz*", "foo/bar/+/baz", "foo/bar/bar/baz"),
            ("foo/bar/+/b*", "foo/bar/+/ba*", "foo/bar/bar/baz"),
            ("a/+", "a/b*", "a/bc"),
            ("a/*", "a/+", "a/b"),
        ] {
            for rules in [[one, other], [other, one]] {
                assert_eq!(best(&index(&rules), path), Some(other), "{rules:?}");
            }
        }
    }

    #[test]
    fn segments_and_prefixes_fit_as_in_vault() {
        for (rule, path, fits) in [
            ("+", "a", true),
            ("+", "a/", false),
            ("+", "a/b", false),
            ("+/", "a/", true),
            ("a/+/c", "a/b/c", true),
            ("a/+/c", "a//c", true),
            ("a/+/c", "a/b/d", false),
            ("a/+/*", "a/b/", true),
            ("a/+/*", "a/b/c/d", true),
            ("a/+/*", "a/b", false),
            ("a/+/c*", "a/b/cd/e", true),
            ("a/+/c*", "a/b/xc", false),
            ("a/+b", "a/xb", false),
            ("a/+b", "a/+b", true),
            ("a/+b*", "a/+bc", true),
            ("a+/b", "a+/b", false),
            ("a*", "a", true),
            ("a*", "ab/c", true),
            ("a**", "a", false),
            ("a**", "a*b", true),
            ("é*", "éa", true),
            ("*", "", true),
        ] {
            assert_eq!(best(&index(&[rule]), path).is_some(), fits, "{rule} {path}");
        }
        assert!(index(&["a+/b", ""]).exact("a+/b").is_some());
        assert!(index(&["a/*/b"]).exact("a/*/b").is_some());
    }

    #[test]
    fn the_longest_prefix_is_found_among_its_neighbours() {
        let index = index(&["a*", "ab*", "abc/d*", "abcé*", "abd*", "b*", "aè*"]);
        for (path, prefix) in [
            ("abc/x", Some("ab*")),
            ("abc/d", Some("abc/d*")),
            ("abcè", Some("ab*")),
            ("abcéf", Some("abcé*")),
            ("a\u{10ffff}", Some("a*")),
            ("aé", Some("a*")),
            ("c", None),
            ("", None),
        ] {
            assert_eq!(best(&index, path), prefix, "{path}");
        }
    }

    #[test]
    fn segments_of_a_policy_are_bounded() {
        let counted = |paths: &[String]| check_segments(paths.iter().map(String::as_str));
        let more = "/+".repeat(999);
        // One segment is shared by all.
        let mut paths: Vec<String> =
            (0..(limits::POLICY_SEGMENTS - 1) / 1_000).map(|n| format!("+/{n}{more}")).collect();
        paths.push(format!("+/x{}", "/+".repeat((limits::POLICY_SEGMENTS - 1) % 1_000 - 1)));
        assert_eq!(counted(&paths), Ok(()));
        let written_out = "a/b/c".repeat(1_000);
        paths.extend([paths[0].clone(), written_out]);
        assert_eq!(counted(&paths), Ok(()));
        paths.push("+/{{identity.entity.id}}".to_owned());
        let refused = counted(&paths).expect_err("refused");
        assert!(refused.contains("over 200000 segments"), "{refused}");
    }
}
