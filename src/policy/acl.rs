//! What the policies of a token say about a request (Vault's `vault/acl.go`).
//!
//! Each policy is compiled by itself, and a decision asks each for the one of its rules that fits best. That is the same
//! as merging them all first: whichever rule would be the best of all is the best of its own policy, too. So nothing has
//! to be kept for a combination of policies.

use super::compiled::Policy;
use super::index::{Index, Rule};
use super::parameters::{self, Wrong};
use super::rule::{Capabilities, Capability, Permissions};
use super::template::Attributes;
use super::templates::{Scope, Spelling};
use crate::deadline::Deadline;
use crate::error::{Error, Result};
use crate::field::Field;
use crate::json::Object;
use crate::letter_case;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The policies of a token.
pub struct Acl {
    is_root: bool,
    policies: Vec<Arc<Policy>>,
}

/// What is asked.
pub struct Asked<'a> {
    /// The capability that it needs; one that no policy has is `None`.
    pub capability: Option<Capability>,
    /// The path, without a slash at its start; a listing's ends in one.
    pub path: &'a str,
    /// Its parameters.
    pub data: &'a Object,
    /// The fields that the path has for them; none where it is the host's own.
    pub fields: &'static [Field],
    /// How long the answer is to live wrapped, in seconds; `None` is unwrapped.
    pub wrap_ttl: Option<i64>,
    /// Whether the path is protected, so that it takes `sudo` as well.
    pub protected: bool,
    /// The one form of the path, where it has several. It has to be allowed as it is spelled, as in Vault, and must not
    /// be refused by what a rule says of that form.
    pub one_form: Option<&'a Form>,
}

/// A path that stands for all spellings of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    path: String,
    spelling: Spelling,
    is_of_listings: bool,
}

impl Form {
    /// That of paths which differ otherwise than in letter case.
    pub fn exact(path: String) -> Self {
        Self { path, spelling: Spelling::This, is_of_listings: true }
    }

    /// That of a folder's path with a slash. A listing's path has that slash itself, so this is no form of it.
    pub fn of_folder(path: String) -> Self {
        Self { is_of_listings: false, ..Self::exact(path) }
    }

    /// That of paths which differ in letter case, too.
    pub fn of_any_case(path: &str) -> Self {
        Self { path: letter_case::fold(path), spelling: Spelling::Any, is_of_listings: true }
    }

    fn is_of(&self, capability: Option<Capability>) -> bool {
        self.is_of_listings || capability != Some(Capability::List)
    }
}

/// What became of it, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is allowed.
    pub allowed: bool,
    /// Whether `sudo` is granted at the path.
    pub sudo: bool,
    /// The policies that grant it, or those whose rule refuses it; sorted.
    pub policies: Vec<Arc<str>>,
    /// The path of the rule that decided, as its policy has it.
    pub rule: Option<Arc<str>>,
    /// In which way.
    pub reason: Reason,
}

/// Why a request is allowed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The policy `root` may do everything.
    Root,
    /// A rule grants it.
    Granted,
    /// No rule is about the path.
    NoRule,
    /// The rule denies everything.
    Denied,
    /// The rule does not grant this capability.
    NotGranted,
    /// The answer is not to be wrapped, or for too short or too long a time.
    WrapTtl,
    /// A parameter is missing.
    ParameterMissing,
    /// A parameter is denied, or its value.
    ParameterDenied,
    /// A parameter is not among those that are allowed, or its value.
    ParameterNotAllowed,
    /// A parameter is too long, or a text of too many pieces, to be compared with what the rule has for it.
    ParameterTooLong,
    /// The path is protected, and the rule does not grant `sudo`.
    SudoMissing,
}

impl Reason {
    /// For people.
    pub fn text(self) -> &'static str {
        match self {
            Self::Root => "the policy root may do everything",
            Self::Granted => "the rule grants it",
            Self::NoRule => "no rule is about this path",
            Self::Denied => "the rule denies everything",
            Self::NotGranted => "the rule does not grant this operation",
            Self::WrapTtl => "the rule asks for a wrapped answer, with a time to live within its bounds",
            Self::ParameterMissing => "a parameter that the rule requires is missing",
            Self::ParameterDenied => "the rule denies a parameter or its value",
            Self::ParameterNotAllowed => "the rule does not allow a parameter or its value",
            Self::ParameterTooLong => {
                "a parameter is too long to be compared with the values that the rule has for it"
            }
            Self::SudoMissing => "the path is protected, and the rule does not grant sudo",
        }
    }
}

/// The best rules of those policies that have one for the path; all of them have the same path.
struct Match<'m> {
    rules: Vec<(&'m Arc<str>, &'m Rule)>,
}

impl Match<'_> {
    fn permissions(&self) -> Cow<'_, Permissions> {
        let mut rules = self.rules.iter().map(|(_, rule)| &rule.permissions);
        let mut merged = rules.next().map_or_else(Cow::default, Cow::Borrowed);
        rules.for_each(|other| merged.to_mut().merge(other));
        merged
    }

    fn policies(&self, which: impl Fn(Capabilities) -> bool) -> Vec<Arc<str>> {
        let those = self.rules.iter().filter(|(_, rule)| which(rule.permissions.capabilities));
        let mut names: Vec<_> = those.map(|(name, _)| Arc::clone(name)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Acl {
    /// That of the policy `root`.
    pub fn root() -> Self {
        Self { is_root: true, policies: Vec::new() }
    }

    /// That of these policies.
    pub fn new(policies: Vec<Arc<Policy>>) -> Self {
        Self { is_root: false, policies }
    }

    /// Whether what a request is allowed may depend on who asks.
    pub fn reads_entity_for(&self, path: &str, one_form: Option<&Form>) -> bool {
        let reads = |path: &str, spelling| {
            self.policies.iter().any(|policy| policy.reads_entity(path, spelling, Scope::Path))
        };
        reads(path, Spelling::This) || one_form.is_some_and(|form| reads(&form.path, form.spelling))
    }

    /// Whether what is allowed on a folder or below it may depend on who asks.
    pub fn reads_entity_below(&self, folder: &str) -> bool {
        self.policies.iter().any(|policy| policy.reads_entity(folder, Spelling::This, Scope::Below))
    }

    /// Decides over a request; `who` asks, where that is known.
    ///
    /// # Errors
    /// 503 where the time is up before all parameters are compared.
    pub fn decide(
        &self,
        asked: &Asked,
        who: Option<&dyn Attributes>,
        deadline: &Deadline,
    ) -> Result<Decision> {
        if self.is_root {
            let policies = vec![super::names::ROOT.into()];
            return Ok(Decision { allowed: true, sudo: true, policies, rule: None, reason: Reason::Root });
        }
        let decision = self.decide_on(asked, asked.path, Spelling::This, who, deadline)?;
        let Some(form) = asked.one_form.filter(|form| decision.allowed && form.is_of(asked.capability))
        else {
            return Ok(decision);
        };
        let other = self.decide_on(asked, &form.path, form.spelling, who, deadline)?;
        // Where no rule is about that form, the rule about this spelling is meant.
        Ok(if other.allowed || other.reason == Reason::NoRule { decision } else { other })
    }

    fn decide_on(
        &self,
        asked: &Asked,
        path: &str,
        spelling: Spelling,
        who: Option<&dyn Attributes>,
        deadline: &Deadline,
    ) -> Result<Decision> {
        let indexes = self.indexes(who, path, spelling, Scope::Path);
        let Some(found) = find(&indexes, path, asked.capability == Some(Capability::List)) else {
            return Ok(Decision {
                allowed: false,
                sudo: false,
                policies: Vec::new(),
                rule: None,
                reason: Reason::NoRule,
            });
        };
        let permissions = found.permissions();
        let reason = reason(&permissions, asked, deadline)?;
        let allowed = reason == Reason::Granted;
        let grants = |one: Capabilities| asked.capability.is_some_and(|capability| one.have(capability));
        Ok(Decision {
            allowed,
            sudo: permissions.capabilities.have(Capability::Sudo),
            policies: found.policies(|one| !allowed || grants(one)),
            rule: found.rules.first().map(|(_, rule)| Arc::clone(&rule.path)),
            reason,
        })
    }

    /// What is granted on a path, whatever the parameters: the names of the capabilities, sorted. Vault looks as for a
    /// listing. Where the path has `one_form`, what [`Acl::decide`] would refuse because of it is not granted.
    pub fn capabilities(
        &self,
        path: &str,
        one_form: Option<&Form>,
        who: Option<&dyn Attributes>,
    ) -> Vec<&'static str> {
        if self.is_root {
            return vec![super::names::ROOT];
        }
        let indexes = self.indexes(who, path, Spelling::This, Scope::Path);
        let here = find(&indexes, path, true).map(|found| found.permissions().capabilities);
        let here = here.unwrap_or_default();
        let Some(form) = one_form else {
            return here.names();
        };
        let indexes = self.indexes(who, &form.path, form.spelling, Scope::Path);
        let meant =
            |is_listing| find(&indexes, &form.path, is_listing).map(|found| found.permissions().capabilities);
        let others = meant(false);
        // Without a slash at its end it is the same to a listing.
        let listing = if form.path.ends_with('/') { meant(true) } else { others };
        let stays = |capability: &Capability| {
            let meant = if *capability == Capability::List { listing } else { others };
            let counts = form.is_of(Some(*capability));
            here.have(*capability) && meant.is_none_or(|meant| !counts || meant.have(*capability))
        };
        Capability::ALL.into_iter().filter(stays).collect::<Capabilities>().names()
    }

    /// Whether anything is granted on a folder (with its slash) or somewhere below it.
    pub fn reaches(&self, folder: &str, who: Option<&dyn Attributes>) -> bool {
        let indexes = self.indexes(who, folder, Spelling::This, Scope::Below);
        let is_granted = |set: Capabilities| set != Capabilities::default() && !set.have(Capability::Deny);
        let mut below: BTreeMap<&str, Permissions> = BTreeMap::new();
        for rule in indexes.iter().flat_map(|(_, index)| index.below(folder)) {
            below.entry(&rule.path).or_default().merge(&rule.permissions);
        }
        let at_folder = find(&indexes, folder, true).map(|found| found.permissions().capabilities);
        self.is_root
            || at_folder.is_some_and(is_granted)
            || below.values().any(|permissions| is_granted(permissions.capabilities))
    }

    /// The rules of each policy: those that are the same for everybody, and this entity's own.
    fn indexes(
        &self,
        who: Option<&dyn Attributes>,
        path: &str,
        spelling: Spelling,
        scope: Scope,
    ) -> Indexes<'_> {
        let mut indexes: Indexes = Vec::with_capacity(self.policies.len());
        for policy in &self.policies {
            indexes.push((&policy.name, Cow::Borrowed(policy.plain(spelling))));
            if let Some(who) = who.filter(|_| policy.reads_entity(path, spelling, scope)) {
                indexes.push((&policy.name, Cow::Owned(policy.own(who, path, spelling, scope))));
            }
        }
        indexes
    }
}

type Indexes<'i> = Vec<(&'i Arc<str>, Cow<'i, Index>)>;

fn find<'m>(indexes: &'m Indexes, path: &str, is_listing: bool) -> Option<Match<'m>> {
    let exact = |path: &str| {
        let rules: Vec<_> =
            indexes.iter().filter_map(|(name, index)| Some((*name, index.exact(path)?))).collect();
        (!rules.is_empty()).then_some(Match { rules })
    };
    let best = |path: &str| {
        let mut rank = None;
        let mut rules = Vec::new();
        for (name, index) in indexes {
            let Some((other, rule)) = index.best(path) else { continue };
            if rank.as_ref().is_none_or(|held| *held < other) {
                rules.clear();
                rank = Some(other);
            }
            if rank.as_ref() == Some(&other) {
                rules.push((*name, rule));
            }
        }
        (!rules.is_empty()).then_some(Match { rules })
    };
    // For a listing Vault looks at the path without its slash first.
    let folder = path.strip_suffix('/').filter(|_| is_listing);
    exact(path).or_else(|| folder.and_then(exact)).or_else(|| folder.and_then(best)).or_else(|| best(path))
}

fn reason(permissions: &Permissions, asked: &Asked, deadline: &Deadline) -> Result<Reason> {
    let granted = permissions.capabilities;
    if granted.have(Capability::Deny) {
        return Ok(Reason::Denied);
    }
    let Some(capability) = asked.capability.filter(|capability| granted.have(*capability)) else {
        return Ok(Reason::NotGranted);
    };
    if !wrap_ttl_fits(permissions, asked.wrap_ttl) {
        return Ok(Reason::WrapTtl);
    }
    use Capability::{Create, Patch, Read, Recover, Update};
    if matches!(capability, Read | Update | Create | Patch | Recover) {
        match parameters::check(permissions, asked.data, asked.fields, deadline) {
            Ok(()) => {}
            Err(Wrong::Missing) => return Ok(Reason::ParameterMissing),
            Err(Wrong::Denied) => return Ok(Reason::ParameterDenied),
            Err(Wrong::NotAllowed) => return Ok(Reason::ParameterNotAllowed),
            Err(Wrong::TooLong) => return Ok(Reason::ParameterTooLong),
            Err(Wrong::Interrupted(why)) => {
                return Err(Error::interrupted(why, "comparing the parameters with a policy"));
            }
        }
    }
    if asked.protected && !granted.have(Capability::Sudo) {
        return Ok(Reason::SudoMissing);
    }
    Ok(Reason::Granted)
}

fn wrap_ttl_fits(permissions: &Permissions, asked: Option<i64>) -> bool {
    let (min, max) = (permissions.min_wrapping_ttl, permissions.max_wrapping_ttl);
    if min == 0 && max == 0 {
        return true;
    }
    let Some(nanos) = asked.map(|seconds| seconds.saturating_mul(1_000_000_000)) else {
        return false;
    };
    // The bounds of two rules that were merged may exclude each other.
    nanos >= min && (max == 0 || nanos <= max)
}

#[cfg(test)]
mod tests;
