//! Renewal of a login's token. Vault keeps the password and logs in again, second factor included; here Okta is
//! asked with the API token whether the user is still active and which groups he is in.

use super::Method;
use super::calls::Calls;
use super::failures::{failed, refused_because};
use super::login::{NO_GROUPS, groups_failed};
use crate::cidr::Cidr;
use crate::error::{Code, Error, Result};
use crate::okta::{FailureKind, Group, Org, UserStatus};
use crate::policy::names;
use crate::secret::Secret;
use std::net::IpAddr;

/// The token to be renewed, as its login left it.
#[derive(Clone, Copy, Debug)]
pub struct Renewed<'a> {
    /// `username` of its metadata.
    pub username: &'a str,
    /// `okta_user_id` of its metadata; empty when it has none.
    pub okta_user_id: &'a str,
    /// Its own policies.
    pub policies: &'a [String],
}

/// A renewal that may be put to Okta.
pub struct PreparedRenewal {
    /// What it rests on.
    pub premise: Premise,
    api_token: Secret<String>,
}

/// What must still hold when Okta has answered.
#[derive(Clone)]
pub struct Premise {
    /// Where Okta is.
    pub org: Org,
    remote: Option<IpAddr>,
}

/// What a renewed token gets. Its explicit end, networks, uses, type and metadata stay as issued.
#[derive(Debug)]
pub struct RenewalTerms {
    /// As its login would get them today, not cleaned; the same as it has.
    pub policies: Vec<String>,
    /// Names of the user's groups today.
    pub groups: Vec<String>,
    /// Those that policies are mapped to.
    pub mapped_groups: Vec<String>,
    /// `token_ttl` of today, seconds.
    pub ttl: i64,
    /// `token_max_ttl` of today, seconds.
    pub max_ttl: i64,
    /// `token_period` of today, seconds.
    pub period: i64,
    /// For the answer.
    pub warnings: Vec<String>,
}

impl Method<'_> {
    /// The first phase: everything that can refuse a renewal before Okta is asked.
    ///
    /// # Errors
    /// Vault's, and 400 `relogin_required` without an API token; storage errors.
    pub fn prepare_renewal(&self, remote: Option<IpAddr>) -> Result<PreparedRenewal> {
        let config = self.config()?.ok_or_else(not_configured)?;
        if !Cidr::allow(&config.token.bound_cidrs, remote) {
            return Err(not_from_here());
        }
        let api_token = config.api_token().cloned().ok_or_else(|| {
            Error::bad_request(
                Code::ReloginRequired,
                "the token of a login cannot be renewed without a configured api_token, as Okta cannot be asked whether the user is still active: log in again",
            )
        })?;
        Ok(PreparedRenewal { premise: Premise { org: config.org()?, remote }, api_token })
    }

    /// The third phase: whether the user would still get the same policies.
    ///
    /// # Errors
    /// 500 with Vault's text and code `relogin_required` when he would not; 403 and 400 when the configuration was
    /// changed against this renewal while Okta was asked; storage errors.
    pub fn finish_renewal(
        &self,
        premise: &Premise,
        token: Renewed<'_>,
        groups: &[Group],
    ) -> Result<RenewalTerms> {
        let config = self.config()?.ok_or_else(not_configured)?;
        if !Cidr::allow(&config.token.bound_cidrs, premise.remote) {
            return Err(not_from_here());
        }
        if config.org()? != premise.org {
            return Err(Error::bad_request(
                Code::ReloginRequired,
                "the configuration was changed to another organisation during the renewal: log in again",
            ));
        }
        let mapping = self.mapping(token.username, groups)?;
        let mut policies = config.token.policies;
        policies.extend(mapping.policies);
        if !names::equivalent(&policies, token.policies) {
            return Err(Error::raised(
                500,
                Code::ReloginRequired,
                "failed to renew entry: policies have changed, not renewing",
            ));
        }
        Ok(RenewalTerms {
            policies,
            groups: mapping.groups,
            mapped_groups: mapping.mapped_groups,
            ttl: config.token.ttl,
            max_ttl: config.token.max_ttl,
            period: config.token.period,
            warnings: if groups.is_empty() { vec![NO_GROUPS.to_owned()] } else { Vec::new() },
        })
    }
}

/// The second phase: whether the user of this id is active, and his groups.
///
/// # Errors
/// 400 `relogin_required` when he is not active or gone; Okta's failures. The token stays as it is.
pub async fn still_active(
    calls: impl Calls,
    prepared: PreparedRenewal,
    user_id: String,
) -> Result<Vec<Group>> {
    let not_active = || refused_because(Code::ReloginRequired, "the user is not active at Okta");
    if user_id.is_empty() {
        return Err(refused_because(Code::ReloginRequired, "the token names no user of Okta's"));
    }
    let PreparedRenewal { api_token, .. } = prepared;
    let (user, status) = match calls.user(&api_token, &user_id).await {
        Ok(answer) => answer,
        Err(failure) if failure.kind == FailureKind::NotFound => {
            return Err(not_active().with_okta(failure.okta));
        }
        Err(failure) => return Err(failed("okta failure retrieving the user", failure)),
    };
    if user.id != user_id {
        return Err(Error::bad_request(
            Code::OktaInvalidAnswer,
            "okta failure retrieving the user: Okta's answer is about another user",
        ));
    }
    if status != UserStatus::Active {
        return Err(not_active());
    }
    calls.user_groups(&api_token, &user_id).await.map_err(groups_failed)
}

fn not_from_here() -> Error {
    Error::raised(403, Code::PermissionDenied, "failed to renew entry: permission denied")
}

fn not_configured() -> Error {
    Error::raised(500, Code::NotConfigured, "failed to renew entry: Okta backend not configured")
}

#[cfg(test)]
mod tests;
