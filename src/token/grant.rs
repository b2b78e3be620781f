//! The token of a login.

use super::entity::AliasOf;
use super::record::{Record, State};
use super::store::Tokens;
use super::ttl::{Terms, ttl};
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::policy::names;
use crate::reply::Auth;
use crate::secret::Secret;
use crate::storage::Batch;
use crate::token_fields::TokenFields;
use crate::ttls::Ttls;
use std::collections::BTreeMap;

/// Policies that no token can be given.
const NOT_ASSIGNABLE: [&str; 2] = [names::RESPONSE_WRAPPING, "control-group"];

/// What a login is granted.
pub struct Grant<'a> {
    /// The user, and the mount that he logs in at.
    pub alias: AliasOf<'a>,
    /// The mount's TTLs, with the system's where it has none.
    pub mount_ttls: Ttls,
    /// The whole request path, such as `auth/okta/login/fred`.
    pub path: String,
    /// Such as `okta-fred`.
    pub display_name: String,
    /// What look-ups show as `meta` and the login as `metadata`.
    pub metadata: BTreeMap<String, String>,
    /// All policies, as they were mapped.
    pub policies: Vec<String>,
    /// TTLs, uses, addresses and `token_no_default_policy`; its `policies` are not looked at.
    pub settings: &'a TokenFields,
    /// The groups that the user has policies by.
    pub groups: Vec<String>,
    /// Whether the login gives a batch token.
    pub batch: bool,
    /// Whether the token can be renewed.
    pub renewable: bool,
}

impl Tokens {
    /// Issues the token of a login: one commit writes it, its user's entity if that is new, and does and checks
    /// what `prepare` adds. `prepare` is asked again after each lost race.
    ///
    /// Returns the `auth` member of the answer and Vault's warnings about its TTL.
    ///
    /// # Errors
    /// 400 for policies that a login cannot give, and for a batch token that would be too long, or of limited uses;
    /// what `prepare` answers; failures of the storage.
    pub fn issue(
        &self,
        grant: Grant<'_>,
        prepare: &mut dyn FnMut(&mut Batch) -> Result<()>,
        deadline: &Deadline,
    ) -> Result<(Auth, Vec<String>)> {
        let refuse = |text: &str| Err(Error::bad_request(Code::InvalidRequest, text));
        let settings = grant.settings;
        let policies = names::sanitise(&grant.policies, !settings.no_default_policy);
        if policies.iter().any(|policy| policy == names::ROOT) {
            return refuse("auth methods cannot create root tokens");
        }
        assignable(&policies)?;
        if grant.batch && settings.num_uses > 0 {
            return refuse("batch tokens cannot have \"num_uses\" set");
        }
        let time = self.clock.read();
        let created = time.now;
        let terms = Terms {
            increment: 0,
            ttl: settings.ttl,
            period: settings.period,
            max: settings.max_ttl,
            explicit_max: settings.explicit_max_ttl,
        };
        let (ttl, warnings) = ttl(grant.mount_ttls, terms, created, created)?;
        let template = Record {
            batch: grant.batch,
            accessor: String::new(),
            policies,
            path: grant.path,
            display_name: grant.display_name,
            meta: Some(grant.metadata),
            entity_id: String::new(),
            mount_id: grant.alias.mount_id.to_owned(),
            role: None,
            groups: grant.groups,
            parent: None,
            depth: 0,
            created,
            ttl,
            expires: Some(created.saturating_add(ttl)),
            ahead: time.ahead(),
            explicit_max: settings.explicit_max_ttl,
            period: settings.period,
            num_uses: settings.num_uses,
            bound_cidrs: settings.bound_cidrs.clone(),
            wrapped_for: None,
            leased: true,
            renewable: grant.renewable && !grant.batch,
            renewed: None,
            renewed_ttl: None,
            state: State::Live,
        };
        let alias = grant.alias;
        let mut entity_created = false;
        let prepare = |record: &mut Record, batch: &mut Batch| {
            prepare(batch)?;
            (record.entity_id, entity_created) = self.entity_for(&alias, batch, deadline)?;
            Ok(())
        };
        let (token, record) = if grant.batch {
            self.issue_batch(&template, deadline, prepare)?
        } else {
            self.sweep_aside(alias.mount_id, deadline);
            let (token, accessor) = self.new_names()?;
            let record = self.insert(token.expose(), Record { accessor, ..template }, deadline, prepare)?;
            (token, record)
        };
        Ok((Auth { entity_created, ..auth(token, &record, ttl) }, warnings))
    }
}

/// The `auth` member for a token with this many seconds left.
pub(super) fn auth(client_token: Secret<String>, record: &Record, lease_duration: i64) -> Auth {
    Auth {
        client_token,
        accessor: record.accessor.clone(),
        policies: record.policies.clone(),
        token_policies: record.policies.clone(),
        metadata: record.meta.clone(),
        lease_duration,
        renewable: record.renewable,
        entity_id: record.entity_id.clone(),
        token_type: record.type_name(),
        orphan: record.parent.is_none(),
        num_uses: record.num_uses,
        display_name: record.display_name.clone(),
        issued: record.created,
        entity_created: false,
    }
}

/// Refuses policies that no token can be given.
pub(super) fn assignable(policies: &[String]) -> Result<()> {
    match policies.iter().find(|policy| NOT_ASSIGNABLE.contains(&policy.as_str())) {
        Some(policy) => {
            Err(Error::bad_request(Code::InvalidRequest, format!("cannot assign policy \"{policy}\"")))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::deadline::Cancel;
    use crate::token::testing::*;
    use std::time::Duration;

    pub fn grant<'a>(user_id: &'a str, settings: &'a TokenFields) -> Grant<'a> {
        Grant {
            alias: AliasOf {
                mount_id: "m1",
                mount_accessor: "auth_okta_m1",
                user_id,
                name: user_id,
                typed: user_id,
                metadata: BTreeMap::from([("okta_user_id".to_owned(), user_id.to_owned())]),
                role: None,
                batch_until: None,
            },
            mount_ttls: MOUNT,
            path: "auth/okta/login/fred".to_owned(),
            display_name: "okta-fred".to_owned(),
            metadata: BTreeMap::from([("username".to_owned(), "fred".to_owned())]),
            policies: vec!["Dev".to_owned()],
            settings,
            groups: Vec::new(),
            batch: false,
            renewable: true,
        }
    }

    /// The same at another mount.
    pub fn of_mount<'a>(mount_id: &'a str, grant: Grant<'a>) -> Grant<'a> {
        Grant { alias: AliasOf { mount_id, ..grant.alias }, ..grant }
    }

    /// A login of one hour.
    pub fn login(tokens: &Tokens, user_id: &str) -> Auth {
        let settings = TokenFields { ttl: 3_600, ..TokenFields::default() };
        let issued = tokens.issue(grant(user_id, &settings), &mut |_| Ok(()), &deadline());
        issued.expect("issued").0
    }

    #[test]
    fn a_login_gets_an_orphan_with_its_users_entity() {
        let (tokens, _) = tokens();
        let (fred, again, bob) = (login(&tokens, "00u1"), login(&tokens, "00u1"), login(&tokens, "00u2"));
        assert_eq!(fred.entity_id, again.entity_id);
        assert_ne!(fred.entity_id, bob.entity_id);
        assert_ne!(fred.client_token.expose(), again.client_token.expose());
        assert!(fred.orphan && fred.renewable);
        assert_eq!(fred.policies, ["default", "dev"]);
        let data = looked_up(&tokens, &fred.client_token);
        assert_eq!(data["path"].as_str(), Some("auth/okta/login/fred"));
        assert_eq!(data["ttl"].as_i64(), Some(3_600));
    }

    #[test]
    fn what_a_login_cannot_give() {
        let (tokens, _) = tokens();
        let settings = TokenFields::default();
        let text = |change: &dyn Fn(&mut Grant<'_>)| {
            let mut grant = grant("00u1", &settings);
            change(&mut grant);
            let issued = tokens.issue(grant, &mut |_| Ok(()), &deadline());
            let error = issued.err().expect("refused");
            assert_eq!(error.status(), 400);
            error.text().map(str::to_owned).expect("a text")
        };
        assert_eq!(
            text(&|grant| grant.policies.push("ROOT".to_owned())),
            "auth methods cannot create root tokens"
        );
        assert_eq!(
            text(&|grant| grant.policies.push("response-wrapping".to_owned())),
            "cannot assign policy \"response-wrapping\""
        );
        assert!(text(&|grant| grant.alias.user_id = "").contains("id"));
        assert!(text(&|grant| grant.alias.user_id = "a\0b").contains("id"));
        assert!(stored_keys(&tokens).is_empty());
    }

    /// From the recordings of mounts with TTLs of their own.
    #[test]
    fn settings_within_the_mounts() {
        let (tokens, _) = tokens();
        let tuned = Ttls { default: 1_800, max: 3_600 };
        for (settings, seconds, warning) in [
            (TokenFields::default(), 1_800, ""),
            (TokenFields { ttl: 7_200, ..TokenFields::default() }, 3_600, "TTL of \"2h\""),
            (TokenFields { ttl: 600, max_ttl: 10_800, ..TokenFields::default() }, 600, ""),
            (TokenFields { period: 7_200, ..TokenFields::default() }, 3_600, "period of \"2h\""),
        ] {
            let grant = Grant { mount_ttls: tuned, ..grant("00u1", &settings) };
            let (auth, warnings) = tokens.issue(grant, &mut |_| Ok(()), &deadline()).expect("issued");
            assert_eq!(auth.lease_duration, seconds);
            assert!(warnings.concat().starts_with(warning), "{warnings:?}");
        }
    }

    #[test]
    fn nothing_is_written_when_a_check_fails() {
        let (tokens, _) = tokens();
        let settings = TokenFields::default();
        let mut prepare = |batch: &mut Batch| {
            batch.checks.push(crate::storage::Check { key: "mount/m1".to_owned(), revision: Some(1) });
            Ok(())
        };
        let soon = Deadline::after(Duration::from_millis(20), Cancel::default());
        let issued = tokens.issue(grant("00u1", &settings), &mut prepare, &soon);
        assert_eq!(issued.err().expect("the mount is gone").code(), Code::StorageBusy);
        assert!(stored_keys(&tokens).is_empty());
    }
}
