//! `auth/token/roles/<name>`: what tokens may be made by `create/<name>`.

use super::store::Tokens;
use crate::cidr::Cidr;
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::field::{Field, Fields, Kind};
use crate::json::{self, Value};
use crate::limits;
use crate::policy::{glob, names};
use crate::reply::Reply;
use crate::storage::{Batch, Check, encode};
use crate::token_fields::{TokenFields, TypeRule};
use serde::{Deserialize, Serialize};

/// The capture of a role's path.
pub const ROLE_NAME: &str = "role_name";

/// The fields of `roles/<name>`.
pub const ROLE_FIELDS: &[Field] = &[
    Field::new("allowed_entity_aliases", Kind::List),
    Field::new("allowed_policies", Kind::List),
    Field::new("allowed_policies_glob", Kind::List),
    Field::new("bound_cidrs", Kind::List).standing_for(&["token_bound_cidrs"]),
    Field::new("disallowed_policies", Kind::List),
    Field::new("disallowed_policies_glob", Kind::List),
    Field::new("explicit_max_ttl", Kind::Seconds).standing_for(&["token_explicit_max_ttl"]),
    Field::new("orphan", Kind::Bool),
    Field::new("path_suffix", Kind::String),
    Field::new("period", Kind::Seconds).standing_for(&["token_period"]),
    Field::new("renewable", Kind::Bool),
    Field::new(ROLE_NAME, Kind::String),
    Field::new("token_bound_cidrs", Kind::List),
    Field::new("token_explicit_max_ttl", Kind::Seconds),
    Field::new("token_no_default_policy", Kind::Bool),
    Field::new("token_num_uses", Kind::Int),
    Field::new("token_period", Kind::Seconds),
    Field::new("token_type", Kind::String),
];

const PREFIX: &str = "token/role/";

/// A role as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub struct Role {
    name: String,
    /// Cleaned.
    allowed_policies: Vec<String>,
    /// Cleaned.
    allowed_policies_glob: Vec<String>,
    disallowed_policies: Vec<String>,
    disallowed_policies_glob: Vec<String>,
    /// In lower case; `None` is shown as `null`.
    allowed_entity_aliases: Option<Vec<String>>,
    /// Whether its tokens have no parent.
    pub orphan: bool,
    /// Whether its tokens can be renewed.
    pub renewable: bool,
    /// What stands behind the role's name in the path of its tokens.
    path_suffix: String,
    /// Which type its tokens have.
    pub token_type: TypeRule,
    /// What of the `token_*` fields a role has: addresses, explicit maximum, period, uses, `token_no_default_policy`.
    pub token: TokenFields,
    /// Which of them were written by their old names, and are shown under those, too.
    by_old_name: OldNames,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct OldNames {
    period: bool,
    explicit_max_ttl: bool,
    bound_cidrs: bool,
}

impl Tokens {
    /// Writes a role; what is not given stays.
    ///
    /// # Errors
    /// 400 with Vault's texts; 400 when there are too many.
    pub fn write_role(
        &self,
        fields: &Fields,
        greatest_ttl: i64,
        deadline: &Deadline,
    ) -> Result<Option<Reply>> {
        let name = fields.string_or_empty(ROLE_NAME)?;
        let key = role_key(&name);
        let warnings = self.barrier.update(deadline, || {
            let stored = self.barrier.read::<Role>(&key, deadline)?;
            let revision = stored.as_ref().map(|stored| stored.revision);
            if stored.is_none() && !self.barrier.has_room(PREFIX, limits::TOKEN_ROLES, deadline)? {
                let text = format!("{} roles are there, and no more are possible", limits::TOKEN_ROLES);
                return Err(Error::bad_request(Code::LimitReached, text));
            }
            let mut role = stored.map_or_else(|| Role::new(&name), |stored| stored.value);
            let warnings = role.set(fields, greatest_ttl)?;
            let value = encode(&role)?;
            if value.len() > limits::TOKEN_RECORD_BYTES {
                let text = format!("the role is over {} bytes", limits::TOKEN_RECORD_BYTES);
                return Err(Error::bad_request(Code::TooLarge, text));
            }
            let checks = vec![Check { key: key.clone(), revision }];
            Ok((Batch { checks, puts: vec![(key.clone(), value)], ..Batch::default() }, warnings))
        })?;
        Ok(Reply::warnings(warnings))
    }

    /// Whether there is such a role.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn has_role(&self, name: &str, deadline: &Deadline) -> Result<bool> {
        Ok(self.barrier.revision_of(&role_key(name), deadline)?.is_some())
    }

    /// Shows a role.
    pub fn read_role(&self, name: &str, deadline: &Deadline) -> Result<Option<Reply>> {
        Ok(self.role(name, deadline)?.map(|role| Reply::data(role.to_json())))
    }

    /// The names of all roles, sorted.
    pub fn list_roles(&self, deadline: &Deadline) -> Result<Option<Reply>> {
        let rows = self.barrier.list_keys(PREFIX, "", limits::TOKEN_ROLES, deadline)?;
        let names = rows.iter().filter_map(|(key, _)| key.strip_prefix(PREFIX));
        Ok(Reply::keys(names.map(str::to_owned).collect()))
    }

    /// Deletes a role; an unknown one is fine. Its tokens live on, and cannot be renewed.
    pub fn delete_role(&self, name: &str, deadline: &Deadline) -> Result<Option<Reply>> {
        let deletes = vec![role_key(name)];
        self.barrier.update(deadline, || Ok((Batch { deletes: deletes.clone(), ..Batch::default() }, None)))
    }

    /// A role.
    pub(super) fn role(&self, name: &str, deadline: &Deadline) -> Result<Option<Role>> {
        Ok(self.barrier.read::<Role>(&role_key(name), deadline)?.map(|stored| stored.value))
    }
}

impl Role {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            allowed_policies: Vec::new(),
            allowed_policies_glob: Vec::new(),
            disallowed_policies: Vec::new(),
            disallowed_policies_glob: Vec::new(),
            allowed_entity_aliases: None,
            orphan: false,
            renewable: true,
            path_suffix: String::new(),
            token_type: TypeRule::DefaultService,
            token: TokenFields::default(),
            by_old_name: OldNames::default(),
        }
    }

    /// Takes over what a request gives, and says what is to be warned of.
    fn set(&mut self, fields: &Fields, greatest_ttl: i64) -> Result<Vec<String>> {
        if let Some(suffix) = fields.string("path_suffix")? {
            check_suffix(&suffix)?;
            self.path_suffix = suffix;
        }
        for (name, flag) in [("orphan", &mut self.orphan), ("renewable", &mut self.renewable)] {
            if let Some(given) = fields.bool(name)? {
                *flag = given;
            }
        }
        for (name, list, clean) in [
            ("allowed_policies", &mut self.allowed_policies, names_of as fn(&[String]) -> Vec<String>),
            ("allowed_policies_glob", &mut self.allowed_policies_glob, names_of),
            ("disallowed_policies", &mut self.disallowed_policies, each_once),
            ("disallowed_policies_glob", &mut self.disallowed_policies_glob, each_once),
        ] {
            if let Some(given) = fields.list(name)? {
                *list = clean(&given);
            }
        }
        if let Some(aliases) = fields.list("allowed_entity_aliases")? {
            self.allowed_entity_aliases = Some(each_once(&aliases));
        }
        let mut warnings = self.set_token_fields(fields)?;
        if let Some(name) = fields.string("token_type")? {
            self.token_type = TypeRule::parse(&name)
                .filter(|_| !name.is_empty())
                .ok_or_else(|| refused(format!("invalid 'token_type' value {name:?}")))?;
        }
        self.check_type()?;
        let explicit_max = self.token.explicit_max_ttl;
        if explicit_max > greatest_ttl {
            warnings.push(format!(
                "the explicit maximum of {explicit_max} seconds is above the greatest TTL of tokens, \
                 {greatest_ttl} seconds, which cuts it"
            ));
        }
        Ok(warnings)
    }

    /// The `token_*` fields, and those of them that had another name before.
    fn set_token_fields(&mut self, fields: &Fields) -> Result<Vec<String>> {
        let mut warnings = Vec::new();
        self.token.set_limits(fields).map_err(in_role)?;
        for (new, old, by_old_name) in [
            ("token_period", "period", &mut self.by_old_name.period),
            ("token_explicit_max_ttl", "explicit_max_ttl", &mut self.by_old_name.explicit_max_ttl),
            ("token_bound_cidrs", "bound_cidrs", &mut self.by_old_name.bound_cidrs),
        ] {
            let given = |name| fields.raw(name).is_some_and(|value| !matches!(value, Value::Null));
            match (given(new), given(old)) {
                (true, true) => {
                    *by_old_name = false;
                    warnings.push(format!(
                        "Both '{new}' and deprecated '{old}' value supplied, ignoring the deprecated value"
                    ));
                }
                (true, false) => *by_old_name = false,
                (false, true) => *by_old_name = true,
                (false, false) => continue,
            }
            if *by_old_name {
                self.token.set_by_old_name(old, fields).map_err(in_role)?;
            }
        }
        Ok(warnings)
    }

    /// What batch tokens cannot have.
    fn check_type(&self) -> Result<()> {
        let token = &self.token;
        let conflict = match self.token_type {
            TypeRule::Batch if !self.orphan => "non-orphan tokens",
            TypeRule::Batch | TypeRule::DefaultBatch if token.period > 0 => "periodic tokens",
            TypeRule::Batch if self.renewable => "renewable tokens",
            TypeRule::Batch if token.explicit_max_ttl > 0 => "tokens with an explicit max TTL",
            TypeRule::Batch | TypeRule::DefaultBatch if token.num_uses > 0 => "tokens with limited use count",
            _ => return Ok(()),
        };
        let token_type = self.token_type.name();
        Err(refused(format!("'token_type' cannot be '{token_type}' when role is set to generate {conflict}")))
    }

    /// The path that its tokens remember.
    pub(super) fn token_path(&self) -> String {
        let suffix = if self.path_suffix.is_empty() { "" } else { "/" };
        format!("auth/token/create/{}{suffix}{}", self.name, self.path_suffix)
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it says which policies its tokens may have at most.
    pub(super) fn allows_some(&self) -> bool {
        !self.allowed_policies.is_empty() || !self.allowed_policies_glob.is_empty()
    }

    /// Whether it says which policies its tokens may have; otherwise the rules of tokens without a role hold.
    pub(super) fn decides_policies(&self) -> bool {
        [
            &self.allowed_policies,
            &self.allowed_policies_glob,
            &self.disallowed_policies,
            &self.disallowed_policies_glob,
        ]
        .iter()
        .any(|list| !list.is_empty())
    }

    /// The policies of a token that is created with these wishes by one who has `own`.
    ///
    /// # Errors
    /// 400 with Vault's texts for one that the role does not allow.
    pub(super) fn policies(
        &self,
        wished: &[String],
        no_default_policy: bool,
        own: &[String],
    ) -> Result<Vec<String>> {
        let is_in = |list: &[String], policy: &str| list.iter().any(|known| known == policy);
        let is_like = |list: &[String], policy: &str| list.iter().any(|known| glob::matches(known, policy));
        let adds_default = !no_default_policy
            && !self.token.no_default_policy
            && !is_in(&self.disallowed_policies, names::DEFAULT)
            && !is_like(&self.disallowed_policies_glob, names::DEFAULT);
        let mut policies = if wished.is_empty() { Vec::new() } else { names::sanitise(wished, adds_default) };
        if self.allows_some() {
            let allowed = names::sanitise(&self.allowed_policies, adds_default);
            let like = &self.allowed_policies_glob;
            if policies.is_empty() {
                policies = allowed;
            } else if policies.iter().any(|policy| !is_in(&allowed, policy) && !is_like(like, policy)) {
                return Err(refused(format!(
                    "token policies ({}) must be subset of the role's allowed policies ({}) or glob policies ({})",
                    quoted(&policies),
                    quoted(&allowed),
                    quoted(like)
                )));
            }
        } else if policies.is_empty() {
            policies = names::sanitise(own, adds_default);
        }
        let disallowed = policies.iter().find(|policy| {
            is_in(&self.disallowed_policies, policy) || is_like(&self.disallowed_policies_glob, policy)
        });
        match disallowed {
            Some(policy) => Err(refused(format!("token policy {policy:?} is disallowed by this role"))),
            None => Ok(policies),
        }
    }

    /// Whether a token may be created for the entity of this alias, which is in lower case.
    pub(super) fn allows_alias(&self, alias: &str) -> bool {
        self.allowed_entity_aliases.iter().flatten().any(|known| glob::matches(known, alias))
    }

    fn to_json(&self) -> json::Object {
        let Self { token, by_old_name, .. } = self;
        let if_old = |by_old_name: bool, seconds: i64| Value::from(if by_old_name { seconds } else { 0 });
        let aliases = self.allowed_entity_aliases.clone().map_or(Value::Null, Value::from);
        let mut data = json::object([
            ("allowed_entity_aliases", aliases),
            ("allowed_policies", Value::from(self.allowed_policies.clone())),
            ("allowed_policies_glob", Value::from(self.allowed_policies_glob.clone())),
            ("disallowed_policies", Value::from(self.disallowed_policies.clone())),
            ("disallowed_policies_glob", Value::from(self.disallowed_policies_glob.clone())),
            ("explicit_max_ttl", if_old(by_old_name.explicit_max_ttl, token.explicit_max_ttl)),
            ("name", Value::from(self.name.as_str())),
            ("orphan", Value::from(self.orphan)),
            ("path_suffix", Value::from(self.path_suffix.as_str())),
            ("period", if_old(by_old_name.period, token.period)),
            ("renewable", Value::from(self.renewable)),
            ("token_explicit_max_ttl", Value::from(token.explicit_max_ttl)),
            ("token_no_default_policy", Value::from(token.no_default_policy)),
            ("token_period", Value::from(token.period)),
            ("token_type", Value::from(self.token_type.name())),
        ]);
        let cidrs: Vec<String> = token.bound_cidrs.iter().map(Cidr::to_string).collect();
        if !cidrs.is_empty() {
            if by_old_name.bound_cidrs {
                data.insert("bound_cidrs", Value::from(cidrs.clone()));
            }
            data.insert("token_bound_cidrs", Value::from(cidrs));
        }
        if token.num_uses > 0 {
            data.insert("token_num_uses", Value::from(token.num_uses));
        }
        data
    }
}

/// What may be given: `root` stands alone.
fn names_of(list: &[String]) -> Vec<String> {
    names::sanitise(list, false)
}

/// What may not be given, and aliases: each stands for itself.
fn each_once(list: &[String]) -> Vec<String> {
    names::clean(list).into_iter().collect()
}

/// As Go prints a list of texts.
fn quoted(list: &[String]) -> String {
    let texts: Vec<String> = list.iter().map(|text| format!("{text:?}")).collect();
    format!("[{}]", texts.join(" "))
}

/// Vault looks for a good piece anywhere in it; here all of it has to be good.
fn check_suffix(suffix: &str) -> Result<()> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let is_good = match suffix.as_bytes() {
        [] => true,
        [first, middle @ .., last] if !middle.is_empty() => {
            is_word(first)
                && is_word(last)
                && middle.iter().all(|byte| is_word(byte) || matches!(byte, b'-' | b'.'))
        }
        _ => false,
    };
    if !is_good {
        return Err(refused("given role path suffix contains invalid characters; must match \\w[\\w-.]+\\w"));
    }
    if suffix.contains("..") {
        return Err(refused("error registering path suffix: path cannot contain parent references"));
    }
    Ok(())
}

fn in_role(error: Error) -> Error {
    refused(format!("error parsing role fields: {}", error.text().unwrap_or_default()))
}

fn role_key(name: &str) -> String {
    format!("{PREFIX}{name}")
}

fn refused(text: impl Into<String>) -> Error {
    Error::bad_request(Code::InvalidRequest, text)
}
