//! What one rule of a policy permits, and how rules of the same path are merged.

use super::values::Values;
use super::weight;
use std::collections::{BTreeMap, BTreeSet};

/// Something that a policy can grant on a path; `deny` takes everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Capability {
    /// Write what is not there.
    Create,
    /// Remove.
    Delete,
    /// Nothing at all, whatever else is granted at the same path.
    Deny,
    /// List what is below.
    List,
    /// Change a part.
    Patch,
    /// Read.
    Read,
    /// Read from a snapshot; nothing here asks for it.
    Recover,
    /// Hear of events; nothing here asks for it.
    Subscribe,
    /// Enter paths that are protected beyond the right itself.
    Sudo,
    /// Write what is there already, and all that is no plain write.
    Update,
}

impl Capability {
    /// All of them, in the order of their names.
    pub const ALL: [Self; 10] = [
        Self::Create,
        Self::Delete,
        Self::Deny,
        Self::List,
        Self::Patch,
        Self::Read,
        Self::Recover,
        Self::Subscribe,
        Self::Sudo,
        Self::Update,
    ];

    /// As policies write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Delete => "delete",
            Self::Deny => "deny",
            Self::List => "list",
            Self::Patch => "patch",
            Self::Read => "read",
            Self::Recover => "recover",
            Self::Subscribe => "subscribe",
            Self::Sudo => "sudo",
            Self::Update => "update",
        }
    }

    /// The capability of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capability| capability.name() == name)
    }
}

/// A set of capabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(u16);

impl Capabilities {
    /// Whether it is among them.
    pub fn have(self, capability: Capability) -> bool {
        self.0 & 1 << capability as u16 != 0
    }

    /// Adds one. Beside `deny` there is nothing.
    pub fn add(&mut self, capability: Capability) {
        if capability == Capability::Deny {
            self.0 = 0;
        }
        if !self.have(Capability::Deny) {
            self.0 |= 1 << capability as u16;
        }
    }

    /// Adds those of another set.
    fn join(&mut self, other: Self) {
        Capability::ALL
            .into_iter()
            .filter(|capability| other.have(*capability))
            .for_each(|one| self.add(one));
    }

    /// Their names, sorted; `deny` alone where nothing is granted.
    pub fn names(self) -> Vec<&'static str> {
        let set = if self.0 == 0 { Self(1 << Capability::Deny as u16) } else { self };
        Capability::ALL.into_iter().filter(|one| set.have(*one)).map(Capability::name).collect()
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        let mut set = Self::default();
        capabilities.into_iter().for_each(|capability| set.add(capability));
        set
    }
}

/// For each parameter, by its name in lower case, the values that it is about; none stand for all values.
pub type Parameters = BTreeMap<String, Values>;

/// What a rule permits at its path.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Permissions {
    /// What may be done.
    pub capabilities: Capabilities,
    /// The only parameters that a request may have; none are no bound.
    pub allowed: Parameters,
    /// Parameters that a request must not have.
    pub denied: Parameters,
    /// Parameters that it must have, in lower case.
    pub required: BTreeSet<String>,
    /// The shortest life of a wrapped answer, in nanoseconds; with it an answer must be wrapped. 0 is no bound.
    pub min_wrapping_ttl: i64,
    /// The longest one, likewise.
    pub max_wrapping_ttl: i64,
}

impl Permissions {
    /// How many bytes it owns.
    pub fn weight(&self) -> usize {
        let of_parameters = |parameters: &Parameters| {
            let of_one = |(name, values): (&String, &Values)| weight::of_text(name) + values.weight();
            weight::of_tree::<String, Values>(parameters.len()) + parameters.iter().map(of_one).sum::<usize>()
        };
        of_parameters(&self.allowed)
            + of_parameters(&self.denied)
            + weight::of_tree::<String, ()>(self.required.len())
            + self.required.iter().map(|name| weight::of_text(name)).sum::<usize>()
    }

    /// Has done with merging, where it was many rules of one policy.
    pub fn settle(&mut self) {
        self.allowed.values_mut().chain(self.denied.values_mut()).for_each(Values::settle);
    }

    /// Adds what another rule of the same path permits, as Vault merges them: whoever denies wins; capabilities add
    /// up, bounds too.
    pub fn merge(&mut self, other: &Self) {
        if self.capabilities.have(Capability::Deny) {
            return;
        }
        if other.capabilities.have(Capability::Deny) {
            *self = Self { capabilities: other.capabilities, ..Self::default() };
            return;
        }
        self.capabilities.join(other.capabilities);
        merge_parameters(&mut self.allowed, &other.allowed);
        merge_parameters(&mut self.denied, &other.denied);
        self.required.extend(other.required.iter().cloned());
        // The smaller bound wins, for the shortest life as well (Vault).
        for (bound, other) in [
            (&mut self.min_wrapping_ttl, other.min_wrapping_ttl),
            (&mut self.max_wrapping_ttl, other.max_wrapping_ttl),
        ] {
            if *bound == 0 || (other != 0 && other < *bound) {
                *bound = other;
            }
        }
    }
}

/// On whichever side a parameter has no values, it has none, which stands for all.
fn merge_parameters(into: &mut Parameters, other: &Parameters) {
    for (name, values) in other {
        match into.get_mut(name) {
            None => drop(into.insert(name.clone(), values.clone())),
            Some(held) => held.merge(values),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::hcl::Value;
    use Capability::{Create, Deny, Read, Sudo};

    fn parameters(given: &[(&str, &[u8])]) -> Parameters {
        let values = |name, numbers: &[u8]| {
            let numbers = numbers.iter().map(|number| Value::Number(number.to_string().into()));
            Values::of(name, &numbers.collect::<Vec<_>>())
        };
        given.iter().map(|(name, numbers)| ((*name).to_owned(), values(name, numbers))).collect()
    }

    #[test]
    fn deny_stands_alone() {
        let set = |capabilities: &[Capability]| capabilities.iter().copied().collect::<Capabilities>();
        assert_eq!(set(&[Read, Create]).names(), ["create", "read"]);
        assert_eq!(set(&[Read, Deny, Create]).names(), ["deny"]);
        assert_eq!(set(&[]).names(), ["deny"]);
        assert!(!set(&[]).have(Deny));
        for capability in Capability::ALL {
            assert_eq!(Capability::of(capability.name()), Some(capability));
        }
    }

    /// The table of Vault's own test of merging.
    #[test]
    fn rules_of_one_path_are_merged() {
        let granting = |capabilities: &[Capability]| Permissions {
            capabilities: capabilities.iter().copied().collect(),
            ..Permissions::default()
        };
        let mut one = Permissions {
            allowed: parameters(&[("test", &[1, 2]), ("empty", &[]), ("full", &[1])]),
            denied: parameters(&[("baz", &[])]),
            required: BTreeSet::from(["foo".to_owned()]),
            min_wrapping_ttl: 100,
            max_wrapping_ttl: 300,
            ..granting(&[Read])
        };
        let other = Permissions {
            allowed: parameters(&[("test", &[3, 4]), ("empty", &[1]), ("full", &[])]),
            denied: parameters(&[("zip", &[])]),
            required: BTreeSet::from(["bar".to_owned()]),
            min_wrapping_ttl: 50,
            max_wrapping_ttl: 200,
            ..granting(&[Create, Sudo])
        };
        one.merge(&other);
        one.settle();
        let merged = Permissions {
            allowed: parameters(&[("test", &[1, 2, 3, 4]), ("empty", &[]), ("full", &[])]),
            denied: parameters(&[("baz", &[]), ("zip", &[])]),
            required: BTreeSet::from(["bar".to_owned(), "foo".to_owned()]),
            min_wrapping_ttl: 50,
            max_wrapping_ttl: 200,
            ..granting(&[Read, Create, Sudo])
        };
        assert_eq!(one, merged);
        one.merge(&Permissions::default());
        assert_eq!(one, merged);
        one.merge(&granting(&[Deny]));
        assert_eq!(one, granting(&[Deny]));
        one.merge(&merged);
        assert_eq!(one, granting(&[Deny]));
    }
}
