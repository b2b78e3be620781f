//! What a request for a new token asks for, and whether this caller may have it.

use super::batch;
use super::entity;
use super::grant::assignable;
use super::role::{ROLE_NAME, Role};
use super::store::{Caller, no_parent};
use super::ttl::Terms;
use crate::error::{Code, Error, Result};
use crate::field::{Field, Fields, Kind, parse_seconds};
use crate::letter_case;
use crate::limits;
use crate::policy::names;
use crate::secret::Secret;
use crate::token_fields::TokenType;

/// The fields of `create` and `create-orphan`. The times are texts to Vault: it reads them after the types have
/// been checked, so their errors come without a prefix.
pub const CREATE_FIELDS: &[Field] = &[
    Field::new("display_name", Kind::String),
    Field::new("entity_alias", Kind::String),
    Field::new("explicit_max_ttl", Kind::String),
    Field::secret("id", Kind::String),
    Field::new("lease", Kind::String).standing_for(&["ttl"]),
    Field::new("meta", Kind::Pairs),
    Field::new("no_default_policy", Kind::Bool),
    Field::new("no_parent", Kind::Bool),
    Field::new("num_uses", Kind::Int),
    Field::new("period", Kind::String),
    Field::new("policies", Kind::Texts),
    Field::new("renewable", Kind::Bool),
    Field::new("ttl", Kind::String),
    Field::new("type", Kind::String),
];

/// The fields of `create/<role>`.
pub const CREATE_BY_ROLE_FIELDS: &[Field] = &{
    let mut fields = [Field::new(ROLE_NAME, Kind::String); CREATE_FIELDS.len() + 1];
    let (_, others) = fields.split_at_mut(1);
    others.copy_from_slice(CREATE_FIELDS);
    fields
};

/// Beginnings that only generated tokens have.
const RESERVED_PREFIXES: [&str; 6] = ["hvs.", "hvb.", "hvr.", "s.", "b.", "r."];

/// What a request asks for. Times are in seconds, 0 is "not set".
pub(super) struct Wish {
    pub batch: bool,
    pub num_uses: i64,
    pub explicit_max: i64,
    pub period: i64,
    ttl: i64,
    pub no_parent: bool,
    pub renewable: bool,
    /// With its prefix, where a name was given.
    pub display_name: Option<String>,
    /// In lower case.
    pub entity_alias: Option<String>,
    pub id: Option<Secret<String>>,
}

impl Wish {
    pub fn read(fields: &Fields, role: Option<&Role>) -> Result<Self> {
        let asked = match fields.string_or_empty("type")?.as_str() {
            "" => TokenType::Default,
            "service" => TokenType::Service,
            "batch" => TokenType::Batch,
            _ => return Err(refused("invalid 'token_type' value")),
        };
        let num_uses = fields.int("num_uses")?.unwrap_or_default();
        if num_uses < 0 {
            return Err(refused("number of uses cannot be negative"));
        }
        let given = |name| Ok(fields.string(name)?.filter(|text| !text.is_empty()));
        let entity_alias = given("entity_alias")?.map(|alias| letter_case::lower(&alias));
        if let Some(alias) = &entity_alias {
            let role =
                role.ok_or_else(|| refused("'entity_alias' is only allowed in combination with token role"))?;
            if !role.allows_alias(alias) || !entity::is_name(alias) {
                return Err(refused("invalid 'entity_alias' value"));
            }
        }
        let ttl_name = if fields.string_or_empty("ttl")?.is_empty() { "lease" } else { "ttl" };
        Ok(Self {
            batch: role.map_or(asked == TokenType::Batch, |role| role.token_type.is_batch(asked)),
            num_uses,
            explicit_max: seconds(fields, "explicit_max_ttl")?,
            period: seconds(fields, "period")?,
            ttl: seconds(fields, ttl_name)?,
            no_parent: fields.bool("no_parent")?.unwrap_or_default(),
            renewable: fields.bool("renewable")?.unwrap_or(true),
            display_name: given("display_name")?.map(|name| display_name(&name)),
            entity_alias,
            id: given("id")?.map(Secret::new),
        })
    }

    /// Whether this caller may have it with these policies.
    pub fn check_rights(&self, caller: &Caller, is_free_to_orphan: bool, policies: &[String]) -> Result<()> {
        if self.batch {
            self.check_batch(policies)?;
        }
        assignable(policies)?;
        for (asked, what) in [
            (self.id.is_some(), "specify token id"),
            (self.no_parent && !is_free_to_orphan, "create orphan token"),
            (self.period > 0, "create periodic token"),
        ] {
            if asked && !caller.has_sudo() {
                return Err(refused(format!("root or sudo privileges required to {what}")));
            }
        }
        self.id.as_ref().map_or(Ok(()), |id| check_custom_id(id.expose()))
    }

    fn check_batch(&self, policies: &[String]) -> Result<()> {
        let cannot = |name: &str| Err(refused(format!("batch tokens cannot have \"{name}\" set")));
        let limits =
            [("explicit_max_ttl", self.explicit_max), ("num_uses", self.num_uses), ("period", self.period)];
        if let Some((name, _)) = limits.iter().find(|(_, value)| *value > 0) {
            return cannot(name);
        }
        if is_root(policies) {
            return Err(refused("batch tokens cannot be root tokens"));
        }
        // Vault makes one with an id of its own instead, and says nothing.
        if self.id.is_some() { cannot("id") } else { Ok(()) }
    }

    /// Puts the limits of the role beside its own, and says where both are set: the lesser one counts.
    pub fn terms(&self, role: Option<&Role>) -> (Terms, Vec<String>) {
        let mut warnings = Vec::new();
        let mut terms = Terms {
            increment: 0,
            ttl: self.ttl,
            period: self.period,
            max: 0,
            explicit_max: self.explicit_max,
        };
        if let Some(Role { token, .. }) = role {
            for (own, of_role, what) in [
                (&mut terms.explicit_max, token.explicit_max_ttl, "Explicit max TTL"),
                (&mut terms.period, token.period, "Period"),
            ] {
                let is_twofold = *own > 0 && of_role > 0;
                *own = lesser(*own, of_role);
                if is_twofold {
                    warnings.push(format!(
                        "{what} specified both during creation call and in role; using the lesser value of {own} \
                         seconds"
                    ));
                }
            }
        }
        (terms, warnings)
    }
}

/// The lesser of two limits, of which 0 is none.
pub(super) fn lesser(one: i64, other: i64) -> i64 {
    match (one, other) {
        (0, limit) | (limit, 0) => limit,
        (one, other) => one.min(other),
    }
}

/// Whether the caller's token can be used to create another.
pub(super) fn may_create(caller: &Caller) -> Result<()> {
    let Some(record) = caller.record() else {
        return Ok(());
    };
    batch::refuse(record, "create more tokens")?;
    match record.num_uses {
        1.. => Err(refused("restricted use token cannot generate child tokens")),
        // This request took its last use.
        ..0 => Err(no_parent()),
        0 => Ok(()),
    }
}

/// The policies of the new token: the caller's where none are named, otherwise some of his, or any with `sudo`, or
/// those that a role allows.
pub(super) fn policies(caller: &Caller, fields: &Fields, role: Option<&Role>) -> Result<Vec<String>> {
    let wished = fields.texts("policies")?.unwrap_or_default();
    let without_default = fields.bool("no_default_policy")?.unwrap_or_default();
    // A role's own keeps `default` from being added, not from being wished for (Vault).
    let no_default = without_default || role.is_some_and(|role| role.token.no_default_policy);
    let root = [names::ROOT.to_owned()];
    let own = caller.record().map_or(root.as_slice(), |record| record.policies.as_slice());
    let mut policies = match role.filter(|role| role.decides_policies()) {
        Some(role) if role.allows_some() || !wished.is_empty() || caller.record().is_some() => {
            role.policies(&wished, without_default, own)?
        }
        // Vault gives the policies of the caller's token; the host has no token, and may do everything.
        _ if wished.is_empty() && caller.record().is_none() => {
            return Err(refused("\"policies\" is missing: name them, \"root\" included"));
        }
        _ if wished.is_empty() => names::sanitise(own, false),
        _ if caller.has_sudo() => names::sanitise(&wished, !no_default),
        _ => {
            let clean = names::sanitise(&wished, false);
            if !clean.iter().all(|policy| own.contains(policy)) {
                return Err(refused("child policies must be subset of parent"));
            }
            let has_default = own.iter().any(|policy| policy == names::DEFAULT);
            names::sanitise(&clean, !no_default && has_default)
        }
    };
    if without_default {
        policies.retain(|policy| policy != names::DEFAULT);
    }
    if is_root(&policies) && !is_root(own) {
        return Err(refused("root tokens may not be created without parent token being root"));
    }
    Ok(policies)
}

pub(super) fn is_root(policies: &[String]) -> bool {
    policies.iter().any(|policy| policy == names::ROOT)
}

fn check_custom_id(id: &str) -> Result<()> {
    if let Some(prefix) = RESERVED_PREFIXES.iter().find(|prefix| id.starts_with(**prefix)) {
        return Err(refused(format!("custom token ID cannot have the '{prefix}' prefix")));
    }
    if id.contains('.') {
        return Err(refused("custom token ID cannot have a '.' in the value"));
    }
    if id.len() > limits::NAME_BYTES {
        return Err(refused(format!("a custom token ID can have {} bytes at most", limits::NAME_BYTES)));
    }
    Ok(())
}

fn seconds(fields: &Fields, name: &str) -> Result<i64> {
    let seconds = parse_seconds(&fields.string_or_empty(name)?).map_err(refused)?;
    if seconds < 0 { Err(refused(format!("{name} must be positive"))) } else { Ok(seconds) }
}

/// `token-` and the name, with `-` for all but letters, digits and hyphens.
fn display_name(wished: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = "token-".chars().chain(wished.chars()).map(safe).collect();
    name.strip_suffix('-').unwrap_or(&name).to_owned()
}

pub(super) fn refused(text: impl Into<String>) -> Error {
    Error::bad_request(Code::InvalidRequest, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_names() {
        for (wished, name) in
            [("fred & co./x", "token-fred---co--x"), ("child", "token-child"), ("é!", "token--")]
        {
            assert_eq!(display_name(wished), name, "{wished}");
        }
    }

    #[test]
    fn the_lesser_of_two_limits() {
        for (one, other, less) in [(0, 0, 0), (0, 5, 5), (5, 0, 5), (3, 5, 3), (5, 3, 3)] {
            assert_eq!(lesser(one, other), less);
        }
    }
}
