//! From groups to policies.

use super::Method;
use crate::error::Result;
use crate::okta::Group;

/// What a user gets by his groups and his own entry.
pub(super) struct Mapping {
    /// Names of all groups, mapped or not: Okta's in its order, then those of the user's entry.
    pub groups: Vec<String>,
    /// Those of them that policies are mapped to, as they are called here.
    pub mapped_groups: Vec<String>,
    /// Policies in the order in which they were found. As in Vault nothing is cleaned or dropped here.
    pub policies: Vec<String>,
}

impl Method<'_> {
    /// Looks up each group and the user's own entry, by the name that he logs in with. It costs one read for each
    /// group, however many are mapped.
    ///
    /// # Errors
    /// Storage errors: Vault only logs them, and a login would quietly lack policies.
    pub(super) fn mapping(&self, username: &str, okta_groups: &[Group]) -> Result<Mapping> {
        let user = self.user(username)?.unwrap_or_default();
        let of_okta = okta_groups.iter().map(|group| group.name.as_str());
        let groups: Vec<String> = of_okta
            .chain(user.groups.iter().map(String::as_str))
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        let mut policies = Vec::new();
        let mut mapped_groups = Vec::new();
        for name in &groups {
            if let Some(group) = self.mapped_group(name)? {
                policies.extend(group.policies);
                mapped_groups.push(group.name);
            }
        }
        mapped_groups.sort_unstable();
        mapped_groups.dedup();
        policies.extend(user.policies);
        Ok(Mapping { groups, mapped_groups, policies })
    }
}
