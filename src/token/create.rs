//! `auth/token/create`, `create-orphan` and `create/<role>`.

use super::entity::AliasOf;
use super::grant::auth;
use super::record::{self, CREATED, Record, State};
use super::role::Role;
use super::store::{Caller, Tokens, no_parent};
use super::ttl::{Terms, ttl};
use super::wish::{self, Wish, is_root, may_create, refused};
use crate::deadline::Deadline;
use crate::error::Result;
use crate::field::Fields;
use crate::policy::names;
use crate::reply::{Auth, Reply};
use crate::storage::Batch;
use crate::ttls::Ttls;
use std::collections::BTreeMap;

/// Vault's text; here such a token is looked up by HMAC-SHA256 like all others.
const CUSTOM_ID_WARNING: &str = "Supplying a custom ID for the token uses the weaker SHA1 hashing instead of the more secure SHA2-256 HMAC for token obfuscation. SHA1 hashed tokens on the wire leads to less secure lookups.";

/// A request for a token.
pub struct Creation<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// What for.
    pub fields: &'a Fields,
    /// By which path.
    pub by: By<'a>,
    /// The TTLs of the token store.
    pub mount_ttls: Ttls,
    /// The accessor of the token store's mount.
    pub mount_accessor: &'a str,
    /// Whether there is a policy of this name; of others is warned.
    pub policy_exists: &'a dyn Fn(&str) -> Result<bool>,
}

/// The path that a token is created by.
#[derive(Clone, Copy)]
pub enum By<'a> {
    /// `create`: a child of the caller's token, unless the request says otherwise.
    Caller,
    /// `create-orphan`: it has no parent.
    CallerAsOrphan,
    /// `create/<name>`: as this role says.
    Role(&'a str),
}

impl Tokens {
    /// Creates a token as a child of the caller's, or as an orphan. What the host creates is always an orphan; a
    /// token of the policy `root` without a TTL that it creates is like Vault's first root token.
    ///
    /// # Errors
    /// 400 with Vault's texts, and for the host when it names no policies.
    pub fn create(&self, creation: &Creation, deadline: &Deadline) -> Result<Option<Reply>> {
        let Creation { caller, fields, by, .. } = *creation;
        may_create(caller)?;
        let role = match by {
            By::Role(name) => {
                let role = self.role(name, deadline)?;
                Some(role.ok_or_else(|| refused(format!("unknown role {name}")))?)
            }
            By::Caller | By::CallerAsOrphan => None,
        };
        let role = role.as_ref();
        let mut wish = Wish::read(fields, role)?;
        let policies = wish::policies(caller, fields, role)?;
        wish.check_rights(caller, !matches!(by, By::Caller), &policies)?;
        let (template, mut warnings) = self.template(creation, role, &wish, policies)?;
        for policy in template.policies.iter().filter(|policy| *policy != names::ROOT) {
            if !(creation.policy_exists)(policy)? {
                warnings.push(format!("Policy \"{policy}\" does not exist"));
            }
        }
        let alias = wish.entity_alias.as_deref().map(|alias| AliasOf {
            mount_id: CREATED,
            mount_accessor: creation.mount_accessor,
            user_id: alias,
            name: alias,
            typed: alias,
            metadata: BTreeMap::new(),
            role: role.map(|role| role.name()),
            batch_until: template.expires.filter(|_| wish.batch),
        });
        let mut entity_created = false;
        let mut prepare = |record: &mut Record, batch: &mut Batch| {
            if let Some(alias) = &alias {
                (record.entity_id, entity_created) = self.entity_for(alias, batch, deadline)?;
            }
            // A parent is checked in any case; the creator of an orphan must not have been revoked either.
            if let (Caller::Token(bearer), None) = (caller, &record.parent) {
                let creator = self.find_by_index(&bearer.index, deadline)?.ok_or_else(no_parent)?;
                batch.checks.push(creator.check(&record::record_key(&bearer.index)));
            }
            Ok(())
        };
        let ttl = template.ttl;
        let (token, record) = if wish.batch {
            self.issue_batch(&template, deadline, prepare)?
        } else {
            self.sweep_aside(CREATED, deadline);
            let (new, accessor) = self.new_names()?;
            let custom = wish.id.take();
            if custom.is_some() {
                warnings.push(CUSTOM_ID_WARNING.to_owned());
            }
            let custom_index = custom.as_ref().map(|id| self.barrier.index_of(id.expose()));
            let token = custom.unwrap_or(new);
            let template = Record { accessor, ..template };
            let record = self.insert(token.expose(), template, deadline, |record, batch| {
                if let Some(index) = &custom_index
                    && self.is_taken(index, deadline)?
                {
                    return Err(refused("cannot create a token with a duplicate ID"));
                }
                prepare(record, batch)
            })?;
            (token, record)
        };
        let auth = Auth { entity_created, ..auth(token, &record, ttl) };
        Ok(Some(Reply { auth: Some(auth), warnings, ..Reply::default() }))
    }

    /// The record of the new token but for its accessor, and Vault's warnings about its TTL.
    fn template(
        &self,
        creation: &Creation,
        role: Option<&Role>,
        wish: &Wish,
        policies: Vec<String>,
    ) -> Result<(Record, Vec<String>)> {
        let Creation { caller, fields, by, mount_ttls, .. } = *creation;
        let time = self.clock.read();
        let (terms, mut warnings) = wish.terms(role);
        let (ttl, ttl_warnings) = life(caller, &policies, mount_ttls, terms, time.now)?;
        warnings.extend(ttl_warnings);
        let is_endless = ttl == 0;
        let is_orphan = match by {
            By::Role(_) => role.is_some_and(|role| role.orphan),
            By::Caller => wish.no_parent,
            By::CallerAsOrphan => true,
        };
        let parent = match caller {
            Caller::Token(bearer) if !is_orphan => Some(bearer),
            _ => None,
        };
        let bound_cidrs = match (role, parent) {
            _ if is_endless => Vec::new(),
            (Some(role), _) => role.token.bound_cidrs.clone(),
            (None, Some(parent)) => parent.record.bound_cidrs.clone(),
            (None, None) => Vec::new(),
        };
        // Vault makes its first root token when it is initialised; here the host is who can.
        let is_first_root = is_endless && matches!(caller, Caller::Host);
        let (path, plain_name) = match by {
            _ if is_first_root => ("auth/token/root".to_owned(), "root"),
            By::Caller => ("auth/token/create".to_owned(), "token"),
            By::CallerAsOrphan => ("auth/token/create-orphan".to_owned(), "token"),
            By::Role(_) => (role.map(Role::token_path).unwrap_or_default(), "token"),
        };
        let uses_of_role = role.map_or(0, |role| role.token.num_uses);
        let record = Record {
            batch: wish.batch,
            accessor: String::new(),
            policies,
            path,
            display_name: wish.display_name.clone().unwrap_or_else(|| plain_name.to_owned()),
            meta: fields.pairs("meta")?.filter(|meta| !meta.is_empty()),
            entity_id: parent.map(|parent| parent.record.entity_id.clone()).unwrap_or_default(),
            mount_id: CREATED.to_owned(),
            role: role.map(|role| role.name().to_owned()),
            groups: Vec::new(),
            parent: parent.map(|parent| parent.index.clone()),
            depth: 0,
            created: time.now,
            ttl,
            expires: (!is_endless).then(|| time.now.saturating_add(ttl)),
            ahead: time.ahead(),
            explicit_max: wish.explicit_max,
            period: wish.period,
            num_uses: wish::lesser(wish.num_uses, uses_of_role),
            bound_cidrs,
            wrapped_for: None,
            leased: !is_first_root,
            renewable: !is_endless && !wish.batch && wish.renewable && role.is_none_or(|role| role.renewable),
            renewed: None,
            renewed_ttl: None,
            state: State::Live,
        };
        if record.batch && record.num_uses > 0 {
            return Err(refused("batch tokens cannot have \"num_uses\" set"));
        }
        Ok((record, warnings))
    }

    /// Whether a token is stored under this index; one that has ended makes room.
    fn is_taken(&self, index: &str, deadline: &Deadline) -> Result<bool> {
        if self.find_by_index(index, deadline)?.is_some() {
            return Ok(true);
        }
        self.remove_if_dead(index, deadline)?;
        Ok(self.barrier.read::<Record>(&record::record_key(index), deadline)?.is_some())
    }
}

/// The seconds that the new token has; none for a root token without end, which only one without end can create.
fn life(
    caller: &Caller,
    policies: &[String],
    mount_ttls: Ttls,
    terms: Terms,
    now: i64,
) -> Result<(i64, Vec<String>)> {
    if !is_root(policies) || terms.ttl > 0 || terms.period > 0 {
        return ttl(mount_ttls, terms, now, now);
    }
    let expires = caller.record().is_some_and(|parent| parent.expires.is_some());
    if terms.explicit_max == 0 && expires {
        return Err(refused("expiring root tokens cannot create non-expiring root tokens"));
    }
    Ok((terms.explicit_max, Vec::new()))
}
