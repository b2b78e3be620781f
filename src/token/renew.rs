//! `auth/token/renew`, `renew-self` and `renew-accessor`.

use super::batch;
use super::grant::auth;
use super::lookup::{accessor, invalid_accessor, missing_token};
use super::record::{self, Record};
use super::store::{Caller, Tokens, encoded};
use super::ttl::{Terms, ttl};
use super::wish::lesser;
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::field::{Field, Fields, Kind};
use crate::reply::Reply;
use crate::secret::Secret;
use crate::storage::{Batch, encode};
use crate::ttls::Ttls;
use std::sync::Arc;

/// The fields of `renew`, and of `renew-self`, which ignores `token`.
pub const RENEW_FIELDS: &[Field] =
    &[Field::new("increment", Kind::Seconds), Field::secret("token", Kind::String)];
/// The fields of `renew-accessor`.
pub const RENEW_ACCESSOR_FIELDS: &[Field] =
    &[Field::new("accessor", Kind::String), Field::new("increment", Kind::Seconds)];

/// What the method says when a login's token is to be renewed: its settings of today, in seconds.
pub struct LoginTerms {
    /// The TTLs of the login's mount.
    pub mount_ttls: Ttls,
    /// `token_ttl`
    pub ttl: i64,
    /// `token_max_ttl`
    pub max_ttl: i64,
    /// `token_period`
    pub period: i64,
    /// The groups that the user has policies by.
    pub groups: Vec<String>,
    /// Warnings that go into the answer.
    pub warnings: Vec<String>,
}

/// A renewal that was asked for: the token can be renewed as far as the token store knows. A login's token is
/// renewed on the terms of its method, which has to be asked between this and [`Tokens::renew`].
pub struct Renewal {
    index: String,
    record: Arc<Record>,
    /// Comes back in the answer; empty when the token was named by its accessor.
    client_token: Secret<String>,
    increment: i64,
}

impl Renewal {
    fn new(
        index: String,
        record: Arc<Record>,
        client_token: Secret<String>,
        fields: &Fields,
    ) -> Result<Self> {
        batch::refuse(&record, "be renewed")?;
        if !record.leased {
            return Err(refused("invalid lease ID"));
        }
        if !record.renewable && record.is_login() {
            return Err(Error::bad_request(
                Code::ReloginRequired,
                "the token cannot be renewed: when it was issued no api_token was configured to ask Okta with \
                 whether its user is still active; log in again",
            ));
        }
        if !record.renewable {
            return Err(refused("lease is not renewable"));
        }
        let increment = fields.seconds("increment")?.unwrap_or_default();
        Ok(Self { index, record, client_token, increment })
    }

    /// The token as it was found.
    pub fn record(&self) -> &Record {
        &self.record
    }
}

impl Tokens {
    /// The renewal of the token that is named.
    ///
    /// # Errors
    /// 400 `missing token ID`, `token not found`, `invalid lease ID` (it has no end), `lease is not renewable`,
    /// `batch tokens cannot be renewed`;
    /// 400 [`Code::ReloginRequired`] for a login's that was issued without an API token.
    pub fn renewal(&self, fields: &Fields, deadline: &Deadline) -> Result<Renewal> {
        let token = Secret::new(fields.string_or_empty("token")?);
        if token.expose().is_empty() {
            return Err(missing_token());
        }
        let (index, record) = self.find(token.expose(), deadline)?.ok_or_else(not_found)?;
        Renewal::new(index, record, token, fields)
    }

    /// The renewal of the caller's token.
    ///
    /// # Errors
    /// As [`Tokens::renewal`]; a token that took its last use for this is not found any more.
    pub fn renewal_of_caller(&self, caller: &Caller, fields: &Fields) -> Result<Renewal> {
        match caller {
            Caller::Host => Err(missing_token()),
            Caller::Token(bearer) if bearer.record.num_uses < 0 => Err(not_found()),
            Caller::Token(bearer) => {
                Renewal::new(bearer.index.clone(), bearer.record.clone(), bearer.token.clone(), fields)
            }
        }
    }

    /// The renewal of the token with this accessor.
    ///
    /// # Errors
    /// As [`Tokens::renewal`]; 400 `missing accessor`, `invalid accessor`.
    pub fn renewal_by_accessor(&self, fields: &Fields, deadline: &Deadline) -> Result<Renewal> {
        let accessor = accessor(fields)?;
        let (index, record) = self.find_by_accessor(&accessor, deadline)?.ok_or_else(invalid_accessor)?;
        Renewal::new(index, record, Secret::default(), fields)
    }

    /// Renews a token: a login's on the terms of its method, one that was created by hand (no terms) on its own,
    /// within `mount_ttls`, the TTLs of the token store.
    ///
    /// # Errors
    /// 400 `token not found` when it ended meanwhile; 500 `past the max TTL, cannot renew`. The token stays as it
    /// was.
    pub fn renew(
        &self,
        renewal: Renewal,
        login: Option<LoginTerms>,
        mount_ttls: Ttls,
        deadline: &Deadline,
    ) -> Result<Option<Reply>> {
        let Renewal { index, record: seen, client_token, increment } = renewal;
        let explicit_max = seen.explicit_max;
        let mut groups_of_today = None;
        let (mount_ttls, terms, mut warnings) = match login {
            Some(LoginTerms { mount_ttls, ttl, max_ttl, period, groups, warnings }) => {
                groups_of_today = Some(groups);
                (mount_ttls, Terms { increment, ttl, period, max: max_ttl, explicit_max }, warnings)
            }
            None => (mount_ttls, self.own_terms(&seen, increment, deadline)?, Vec::new()),
        };
        let key = record::record_key(&index);
        let (record, ttl, ttl_warnings) = self.barrier.update(deadline, || {
            // Read again: a token that was revoked or expired while the method was asked stays so.
            let stored = self.find_by_index(&index, deadline)?.ok_or_else(not_found)?;
            let checks = vec![stored.check(&key)];
            let mut record = Record::clone(&stored.value);
            let time = self.clock.read();
            let now = time.now;
            let (ttl, warnings) = ttl(mount_ttls, terms, record.created, now)?;
            let old_lease = record.lease_key(&index);
            record.expires = Some(now.saturating_add(ttl));
            record.ahead = time.ahead();
            record.renewed = Some(now);
            record.renewed_ttl = Some(ttl).filter(|_| !record.is_login());
            if let Some(groups) = &groups_of_today {
                record.groups.clone_from(groups);
            }
            let lease = record.lease_key(&index);
            let deletes = if old_lease == lease { Vec::new() } else { vec![old_lease] };
            let puts = vec![(key.clone(), encoded(&record)?), (lease, encode(&())?)];
            Ok((Batch { checks, puts, deletes, ..Batch::default() }, (record, ttl, warnings)))
        })?;
        warnings.extend(ttl_warnings);
        let auth = auth(client_token, &record, ttl);
        Ok(Some(Reply { auth: Some(auth), warnings, ..Reply::default() }))
    }

    /// The terms of a token that was created by hand: its own, and those of its role as it is today.
    fn own_terms(&self, record: &Record, increment: i64, deadline: &Deadline) -> Result<Terms> {
        let Record { ttl, period, explicit_max, renewed_ttl, .. } = *record;
        let ttl = renewed_ttl.unwrap_or(ttl);
        let terms = Terms { increment, ttl, period, max: 0, explicit_max };
        let Some(name) = &record.role else {
            return Ok(terms);
        };
        let Some(role) = self.role(name, deadline)? else {
            let text = format!("original token role {name:?} could not be found, not renewing");
            return Err(Error::raised(500, Code::ReloginRequired, format!("failed to renew entry: {text}")));
        };
        Ok(Terms {
            period: lesser(period, role.token.period),
            // Vault lets the role's stand for the token's, which may be earlier.
            explicit_max: lesser(explicit_max, role.token.explicit_max_ttl),
            ..terms
        })
    }
}

fn not_found() -> Error {
    Error::bad_request(Code::InvalidToken, "token not found")
}

fn refused(text: &str) -> Error {
    Error::bad_request(Code::InvalidRequest, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::testing::*;
    use std::time::Duration;

    /// What the method would say.
    type Method<'a> = &'a dyn Fn(&Record) -> Result<LoginTerms>;

    /// Renews a login's token, by what the method says meanwhile, or one created by hand.
    fn renew_by(
        tokens: &Tokens,
        token: &Secret<String>,
        json: &str,
        method: Option<Method>,
    ) -> Result<Reply> {
        let caller = bearer(tokens, token);
        let renewal = tokens.renewal_of_caller(&caller, &fields(RENEW_FIELDS, json))?;
        assert_eq!(renewal.record().is_login(), method.is_some());
        let terms = method.map(|method| method(renewal.record())).transpose()?;
        Ok(tokens.renew(renewal, terms, MOUNT, &deadline())?.expect("renewing answers"))
    }

    fn renew(tokens: &Tokens, token: &Secret<String>, json: &str) -> Result<Reply> {
        renew_by(tokens, token, json, None)
    }

    fn lease(reply: Result<Reply>) -> i64 {
        reply.expect("renewed").auth.expect("auth").lease_duration
    }

    /// From the recordings of created tokens.
    #[test]
    fn created_tokens() {
        let (tokens, clock) = tokens();
        let token = created(&tokens, &Caller::Host, r#"{"policies":["dev"],"ttl":"10m"}"#).client_token;
        clock.advance(Duration::from_secs(10));
        assert_eq!(lease(renew(&tokens, &token, "{}")), 600);
        assert_eq!(lease(renew(&tokens, &token, r#"{"increment":"1h"}"#)), 3_600);
        let capped = renew(&tokens, &token, r#"{"increment":"9000h"}"#).expect("capped");
        assert_eq!(
            capped.warnings,
            [
                "TTL of \"9000h\" exceeded the effective max_ttl of \"767h59m50s\"; TTL value is capped accordingly"
            ]
        );
        assert_eq!(lease(renew(&tokens, &token, r#"{"increment":60}"#)), 60);
        // What it got last, it gets again.
        assert_eq!(lease(renew(&tokens, &token, "{}")), 60);
        let data = looked_up(&tokens, &token);
        assert_eq!(data["ttl"].as_i64(), Some(60));
        assert_eq!(data["creation_ttl"].as_i64(), Some(600));
        assert_eq!(data["last_renewal_time"].as_i64(), Some(START + 10));
        // One lease row, moved along.
        assert_eq!(stored_keys(&tokens).iter().filter(|key| key.contains("lease")).count(), 1);
        clock.advance(Duration::from_secs(60));
        assert!(!lives(&tokens, &token));
    }

    #[test]
    fn refusals() {
        let (tokens, _) = tokens();
        let text = |json: &str| {
            let token = created(&tokens, &Caller::Host, json).client_token;
            let error = renew(&tokens, &token, "{}").err().expect("refused");
            assert_eq!(error.status(), 400);
            error.text().map(str::to_owned).expect("a text")
        };
        assert_eq!(text(ROOT), "invalid lease ID");
        assert_eq!(text(r#"{"policies":["dev"],"renewable":false}"#), "lease is not renewable");
        assert_eq!(text(r#"{"policies":["dev"],"num_uses":1}"#), "token not found");
        let unknown = fields(RENEW_FIELDS, r#"{"token":"hvs.unknown"}"#);
        let error = tokens.renewal(&unknown, &deadline()).err().expect("unknown");
        assert_eq!((error.status(), error.text()), (400, Some("token not found")));
    }

    #[test]
    fn periodic_tokens_end_by_their_explicit_maximum_only() {
        let (tokens, clock) = tokens();
        let endless = created(&tokens, &Caller::Host, r#"{"policies":["dev"],"period":600}"#).client_token;
        let ending =
            created(&tokens, &Caller::Host, r#"{"policies":["dev"],"period":600,"explicit_max_ttl":1000}"#)
                .client_token;
        clock.advance(Duration::from_secs(500));
        assert_eq!(lease(renew(&tokens, &ending, r#"{"increment":"2h"}"#)), 500);
        for _ in 0..10_000 {
            assert_eq!(lease(renew(&tokens, &endless, r#"{"increment":"2h"}"#)), 600);
            clock.advance(Duration::from_secs(599));
        }
        assert!(lives(&tokens, &endless) && !lives(&tokens, &ending));
    }

    #[test]
    fn a_login_is_renewed_by_the_terms_of_today_or_not_at_all() {
        let (tokens, clock) = tokens();
        let token = crate::token::grant::tests::login(&tokens, "fred").client_token;
        clock.advance(Duration::from_secs(1));
        let terms = |record: &Record| {
            assert_eq!(record.policies, ["default", "dev"]);
            Ok(LoginTerms {
                mount_ttls: MOUNT,
                ttl: 1_200,
                max_ttl: 0,
                period: 0,
                groups: Vec::new(),
                warnings: vec!["w".to_owned()],
            })
        };
        let reply = renew_by(&tokens, &token, "{}", Some(&terms)).expect("renewed");
        assert_eq!(reply.warnings, ["w"]);
        assert_eq!(lease(Ok(reply)), 1_200);
        let refuse = |_: &Record| {
            Err(Error::raised(500, Code::ReloginRequired, "policies have changed, not renewing"))
        };
        let error = renew_by(&tokens, &token, r#"{"increment":60}"#, Some(&refuse)).err().expect("refused");
        assert_eq!((error.status(), error.code()), (500, Code::ReloginRequired));
        assert_eq!(looked_up(&tokens, &token)["ttl"].as_i64(), Some(1_200));
    }

    #[test]
    fn what_ends_a_token_while_the_method_is_asked_wins() {
        for by_time in [true, false] {
            let (tokens, clock) = tokens();
            let token = crate::token::grant::tests::login(&tokens, "fred").client_token;
            let ends = |_: &Record| {
                if by_time {
                    clock.advance(Duration::from_secs(3_600));
                } else {
                    revoke(&tokens, &token);
                }
                Ok(LoginTerms {
                    mount_ttls: MOUNT,
                    ttl: 7_200,
                    max_ttl: 0,
                    period: 0,
                    groups: Vec::new(),
                    warnings: Vec::new(),
                })
            };
            let error = renew_by(&tokens, &token, "{}", Some(&ends)).err().expect("gone");
            assert_eq!(error.text(), Some("token not found"));
            assert!(!lives(&tokens, &token));
        }
    }
}
