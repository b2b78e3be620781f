//! `auth/token/renew`, `renew-self` and `renew-accessor`.

use super::grant::auth;
use super::lookup::{accessor, invalid_accessor, missing_token};
use super::record::{self, Record};
use super::store::{Caller, Tokens};
use super::ttl::{MountTtls, Terms, ttl};
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::field::{Field, Fields, Kind};
use crate::reply::Reply;
use crate::secret::Secret;
use crate::storage::{Batch, encode};

/// The fields of `renew`, and of `renew-self`, which ignores `token`.
pub const RENEW_FIELDS: &[Field] =
    &[Field::new("increment", Kind::Seconds), Field::secret("token", Kind::String)];
/// The fields of `renew-accessor`.
pub const RENEW_ACCESSOR_FIELDS: &[Field] =
    &[Field::new("accessor", Kind::String), Field::new("increment", Kind::Seconds)];

/// What the method says when a login's token is to be renewed: its settings of today, in seconds.
pub struct LoginTerms {
    /// The TTLs of the login's mount.
    pub mount: MountTtls,
    /// `token_ttl`
    pub ttl: i64,
    /// `token_max_ttl`
    pub max_ttl: i64,
    /// `token_period`
    pub period: i64,
    /// Warnings that go into the answer.
    pub warnings: Vec<String>,
}

/// Asks the method whether the login that a record is of may go on; an error of its refuses the renewal.
pub type RenewLogin<'a> = &'a mut dyn FnMut(&Record) -> Result<LoginTerms>;

impl Tokens {
    /// Renews the token that is named. `mount` are the TTLs of the token store, which count for tokens that were
    /// created by hand; those of logins ask `renew_login`.
    ///
    /// # Errors
    /// 400 `missing token ID`, `token not found`, `invalid lease ID` (it has no end), `lease is not renewable`;
    /// 500 `past the max TTL, cannot renew`; what the method answers. The token stays as it was.
    pub fn renew(
        &self,
        fields: &Fields,
        mount: MountTtls,
        renew_login: RenewLogin<'_>,
        deadline: &Deadline,
    ) -> Result<Option<Reply>> {
        let token = Secret::new(fields.string_or_empty("token")?);
        if token.expose().is_empty() {
            return Err(missing_token());
        }
        let (index, stored) = self.find(token.expose(), deadline)?.ok_or_else(not_found)?;
        let renewed =
            self.prolong(&index, &stored.value, increment(fields)?, mount, renew_login, deadline)?;
        Ok(Some(renewed.reply(token)))
    }

    /// Renews the caller's token.
    ///
    /// # Errors
    /// As [`Tokens::renew`]; a token that took its last use for this is not found any more.
    pub fn renew_self(
        &self,
        caller: &Caller,
        fields: &Fields,
        mount: MountTtls,
        renew_login: RenewLogin<'_>,
        deadline: &Deadline,
    ) -> Result<Option<Reply>> {
        match caller {
            Caller::Host => Err(missing_token()),
            Caller::Token(bearer) if bearer.record.num_uses < 0 => Err(not_found()),
            Caller::Token(bearer) => {
                let (index, record) = (&bearer.index, &bearer.record);
                let renewed =
                    self.prolong(index, record, increment(fields)?, mount, renew_login, deadline)?;
                Ok(Some(renewed.reply(bearer.token.clone())))
            }
        }
    }

    /// Renews the token with this accessor; the answer's `client_token` stays empty.
    ///
    /// # Errors
    /// As [`Tokens::renew`]; 400 `missing accessor`, `invalid accessor`.
    pub fn renew_accessor(
        &self,
        fields: &Fields,
        mount: MountTtls,
        renew_login: RenewLogin<'_>,
        deadline: &Deadline,
    ) -> Result<Option<Reply>> {
        let accessor = accessor(fields)?;
        let (index, stored) = self.find_by_accessor(&accessor, deadline)?.ok_or_else(invalid_accessor)?;
        let renewed =
            self.prolong(&index, &stored.value, increment(fields)?, mount, renew_login, deadline)?;
        Ok(Some(renewed.reply(Secret::default())))
    }

    fn prolong(
        &self,
        index: &str,
        seen: &Record,
        increment: i64,
        mount: MountTtls,
        renew_login: RenewLogin<'_>,
        deadline: &Deadline,
    ) -> Result<Renewed> {
        if !seen.leased {
            return Err(refused("invalid lease ID"));
        }
        if !seen.renewable {
            return Err(refused("lease is not renewable"));
        }
        let explicit_max = seen.explicit_max;
        let (mount, terms, mut warnings) = if seen.is_login() {
            let LoginTerms { mount, ttl, max_ttl, period, warnings } = renew_login(seen)?;
            (mount, Terms { increment, ttl, period, max: max_ttl, explicit_max }, warnings)
        } else {
            let terms = Terms { increment, ttl: seen.ttl, period: seen.period, max: 0, explicit_max };
            (mount, terms, Vec::new())
        };
        let key = record::record_key(index);
        let (record, ttl, ttl_warnings) = self.barrier.update(deadline, || {
            // Read again: a token that was revoked or expired while the method was asked stays so.
            let stored = self.find_by_index(index, deadline)?.ok_or_else(not_found)?;
            let checks = vec![stored.check(&key)];
            let mut record = stored.value;
            let now = self.clock.now();
            let (ttl, warnings) = ttl(mount, terms, record.created, now)?;
            let old_lease = record.lease_key(index);
            record.expires = Some(now.saturating_add(ttl));
            record.renewed = Some(now);
            let lease = record.lease_key(index);
            let deletes = if old_lease == lease { Vec::new() } else { vec![old_lease] };
            let puts = vec![(key.clone(), encode(&record)?), (lease, encode(&())?)];
            Ok((Batch { checks, puts, deletes, ..Batch::default() }, (record, ttl, warnings)))
        })?;
        warnings.extend(ttl_warnings);
        Ok(Renewed { record, ttl, warnings })
    }
}

struct Renewed {
    record: Record,
    ttl: i64,
    warnings: Vec<String>,
}

impl Renewed {
    fn reply(self, client_token: Secret<String>) -> Reply {
        let auth = auth(client_token, &self.record, self.ttl);
        Reply { auth: Some(auth), warnings: self.warnings, ..Reply::default() }
    }
}

fn increment(fields: &Fields) -> Result<i64> {
    Ok(fields.seconds("increment")?.unwrap_or_default())
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

    fn renew(
        tokens: &Tokens,
        token: &Secret<String>,
        json: &str,
        renew_login: RenewLogin<'_>,
    ) -> Result<Reply> {
        let caller = bearer(tokens, token);
        let fields = fields(RENEW_FIELDS, json);
        Ok(tokens.renew_self(&caller, &fields, MOUNT, renew_login, &deadline())?.expect("renewing answers"))
    }

    fn not_asked(_: &Record) -> Result<LoginTerms> {
        panic!("no method is asked for a token created by hand")
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
        assert_eq!(lease(renew(&tokens, &token, "{}", &mut not_asked)), 600);
        assert_eq!(lease(renew(&tokens, &token, r#"{"increment":"1h"}"#, &mut not_asked)), 3_600);
        let capped = renew(&tokens, &token, r#"{"increment":"9000h"}"#, &mut not_asked).expect("capped");
        assert_eq!(
            capped.warnings,
            [
                "TTL of \"9000h\" exceeded the effective max_ttl of \"767h59m50s\"; TTL value is capped accordingly"
            ]
        );
        assert_eq!(lease(renew(&tokens, &token, r#"{"increment":60}"#, &mut not_asked)), 60);
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
            let error = renew(&tokens, &token, "{}", &mut not_asked).err().expect("refused");
            assert_eq!(error.status(), 400);
            error.text().map(str::to_owned).expect("a text")
        };
        assert_eq!(text("{}"), "invalid lease ID");
        assert_eq!(text(r#"{"policies":["dev"],"renewable":false}"#), "lease is not renewable");
        assert_eq!(text(r#"{"policies":["dev"],"num_uses":1}"#), "token not found");
        let unknown = fields(RENEW_FIELDS, r#"{"token":"hvs.unknown"}"#);
        let error = tokens.renew(&unknown, MOUNT, &mut not_asked, &deadline()).err().expect("unknown");
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
        assert_eq!(lease(renew(&tokens, &ending, r#"{"increment":"2h"}"#, &mut not_asked)), 500);
        for _ in 0..1_000 {
            assert_eq!(lease(renew(&tokens, &endless, r#"{"increment":"2h"}"#, &mut not_asked)), 600);
            clock.advance(Duration::from_secs(599));
        }
        assert!(lives(&tokens, &endless) && !lives(&tokens, &ending));
    }

    #[test]
    fn a_login_is_renewed_by_the_terms_of_today_or_not_at_all() {
        let (tokens, clock) = tokens();
        let token = crate::token::grant::tests::login(&tokens, "fred").client_token;
        clock.advance(Duration::from_secs(1));
        let mut terms = |record: &Record| {
            assert_eq!(record.policies, ["default", "dev"]);
            Ok(LoginTerms { mount: MOUNT, ttl: 1_200, max_ttl: 0, period: 0, warnings: vec!["w".to_owned()] })
        };
        let reply = renew(&tokens, &token, "{}", &mut terms).expect("renewed");
        assert_eq!(reply.warnings, ["w"]);
        assert_eq!(lease(Ok(reply)), 1_200);
        let mut refuse = |_: &Record| {
            Err(Error::raised(500, Code::ReloginRequired, "policies have changed, not renewing"))
        };
        let error = renew(&tokens, &token, r#"{"increment":60}"#, &mut refuse).err().expect("refused");
        assert_eq!((error.status(), error.code()), (500, Code::ReloginRequired));
        assert_eq!(looked_up(&tokens, &token)["ttl"].as_i64(), Some(1_200));
    }

    #[test]
    fn what_ends_a_token_while_the_method_is_asked_wins() {
        for by_time in [true, false] {
            let (tokens, clock) = tokens();
            let token = crate::token::grant::tests::login(&tokens, "fred").client_token;
            let mut ends = |_: &Record| {
                if by_time {
                    clock.advance(Duration::from_secs(3_600));
                } else {
                    revoke(&tokens, &token);
                }
                Ok(LoginTerms { mount: MOUNT, ttl: 7_200, max_ttl: 0, period: 0, warnings: Vec::new() })
            };
            let error = renew(&tokens, &token, "{}", &mut ends).err().expect("gone");
            assert_eq!(error.text(), Some("token not found"));
            assert!(!lives(&tokens, &token));
        }
    }
}
