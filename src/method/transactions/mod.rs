//! Logins as transactions: started, continued and cancelled by calls that never wait for a person, from any process
//! with the same storage.
//!
//! A request goes through the method in turns. What is stored is looked at and claimed for one step
//! ([`Transactions::start`], [`Transactions::go_on`]); Okta is asked ([`Started::run`], [`Step::run`]), which touches
//! no storage; and what Okta said is stored ([`Transactions::begin`], [`Transactions::settle`]). Between two steps a
//! transaction is open and stands in one of the stages that can be stored; what is done or has failed is a [`Next`]
//! or an error, and its record is gone.

mod given_up;
mod lockout;
mod record;
mod settle;
mod step;
mod store;
mod users;
mod wish;

pub use given_up::GivenUp;
pub use settle::{Done, Finished, Next};
pub use step::{Asked, Begun, Started, Step};
pub use wish::{CONTINUE_FIELDS, START_FIELDS};

use self::record::{Claim, LastError, Record};
use self::wish::{Ask, Decision, Wish};
use super::Method;
use super::config::Config;
use crate::cidr::Cidr;
use crate::clock::Clock;
use crate::error::{Code, Error, Result};
use crate::field::Fields;
use crate::json::{Object, Value};
use crate::limits;
use crate::lockout::Lockout;
use crate::okta::Org;
use crate::secret::Secret;
use crate::storage::Durability;
use std::net::IpAddr;
use std::time::Duration;

/// The transactions of a mount, for one request.
#[derive(Clone, Copy)]
pub struct Transactions<'a> {
    /// The mount's method; what its guards say must hold whenever a transaction is written.
    pub method: Method<'a>,
    /// Where time comes from.
    pub clock: &'a Clock,
    /// Claims of this process that nobody has to wait for.
    pub given_up: &'a GivenUp,
    /// How users are locked.
    pub lockout: Lockout,
}

/// What a step needs to know beside the record.
struct Terms {
    org: Org,
    api_token: Option<Secret<String>>,
    remote: Option<IpAddr>,
}

impl Transactions<'_> {
    /// Everything about a start that can be said before Okta is asked, but for whether its user is admitted
    /// ([`Transactions::admit_user`]).
    ///
    /// # Errors
    /// As [`Method::prepare_login`]; 400 when several factors are chosen; 503 `limit_reached` when
    /// too many transactions are open.
    pub fn start(&self, fields: &Fields, remote: Option<IpAddr>) -> Result<Started> {
        let wish = Wish::of_start(fields)?;
        let (attempt, pending) = self.method.prepare_password(fields, None, remote)?.split();
        let id = self.new_id()?;
        self.make_room(&self.index_of(&id))?;
        Ok(Started { id, attempt, pending, wish })
    }

    /// Whose password or code a step is to try; nobody's where it tries none, or the transaction is not known.
    ///
    /// # Errors
    /// Storage errors.
    pub fn guesser(&self, fields: &Fields) -> Result<Option<String>> {
        let given =
            |name: &str| Ok::<_, Error>(!Secret::new(fields.string_or_empty(name)?).expose().is_empty());
        if !(given("passcode")? || given("answer")?) {
            return Ok(None);
        }
        let index = self.index_of(&Secret::new(fields.string_or_empty("id")?));
        let method = &self.method;
        let stored = method.barrier.read::<Record>(&method.record_key(&index), method.deadline)?;
        Ok(stored.map(|stored| stored.value.username))
    }

    /// Claims a transaction for a step, or says what there is to say without one.
    ///
    /// # Errors
    /// 404 for an unknown id; 400 `transaction_expired`; 400 for a wish that does not fit; 403 from an address that
    /// may not log in, and for a user who is locked; 429 `rate_limited` within a cool-down. The transaction stays open unless the error says that
    /// it has failed.
    pub fn go_on(&self, fields: &Fields, remote: Option<IpAddr>) -> Result<Next> {
        let id = Secret::new(fields.string_or_empty("id")?);
        let index = self.index_of(&id);
        let config = self.admit(remote)?;
        let terms = Terms { org: config.org()?, api_token: config.api_token().cloned(), remote };
        let now_millis = self.clock.now_millis();
        let next = self.change(&index, |record, user| {
            if let Some(error) = self.over(record, &terms.org) {
                return Ok(Change::Remove(Err(failed(&id, error))));
            }
            let wish =
                Wish::of_step(fields).map_err(|error| error.with_data(record.view(&id, user, now_millis)))?;
            let now = now_millis.div_euclid(1_000);
            let given_up = record.claim.as_ref().is_some_and(|claim| self.given_up.has(claim.id));
            if record.is_claimed(now) && !given_up {
                let mut shown = record.clone();
                if !wish.is_poll() {
                    shown.last_error = Some(LastError::new(
                        Code::StepInProgress,
                        "another step of the transaction is under way: try again",
                    ));
                }
                return Ok(Change::Leave(Ok(Next::Open(shown.view(&id, user, now_millis)))));
            }
            // Whoever held the claim is dead, or has given up: nobody knows what Okta answered.
            record.unsure |= record.claim.take().is_some();
            let before = record.clone();
            let decision = wish.decide(record, user, now_millis, false).map_err(|error| {
                // Not failed: what is left to do stands in the data.
                error.with_data(before.view(&id, user, now_millis))
            })?;
            Ok(match decision {
                Decision::Show => Change::Leave(Ok(Next::Open(record.view(&id, user, now_millis)))),
                Decision::Store => Change::Store(Ok(Next::Open(record.view(&id, user, now_millis)))),
                Decision::Ask(ask) => {
                    self.admit_user(&record.username)
                        .map_err(|error| error.with_data(before.view(&id, user, now_millis)))?;
                    Change::Store(Ok(Next::Ask(Box::new(self.claim(&id, record, &terms, ask)?))))
                }
            })
        })?;
        next.ok_or_else(unknown)?
    }

    /// Ends a transaction: its id is unknown from here on. What is answered tells Okta, in one call.
    ///
    /// # Errors
    /// 404 for an unknown id; 403 as for a step.
    pub fn cancel(&self, fields: &Fields, remote: Option<IpAddr>) -> Result<Cancelled> {
        let id = Secret::new(fields.string_or_empty("id")?);
        let config = self.admit(remote)?;
        let org = config.org()?;
        let now = self.clock.now();
        let cancelled = self.change(&self.index_of(&id), |record, _| {
            let state_token = record.stage.state_token().clone();
            let is_ours = record.org == org.to_string();
            // There is nothing left to tell Okta of a transaction that is over there.
            let state_token = (is_ours && now < record.expires).then_some(state_token);
            let limit = self.time_for_okta().min(limits::TRANSACTION_CANCEL);
            Ok(Change::Remove(Cancelled { org: org.clone(), state_token, limit }))
        })?;
        cancelled.ok_or_else(unknown)
    }

    /// The configuration, when it lets this address log in.
    fn admit(&self, remote: Option<IpAddr>) -> Result<Config> {
        // Without a configuration nothing was ever started.
        let config = self.method.config()?.ok_or_else(unknown)?;
        if Cidr::allow(&config.token.bound_cidrs, remote) {
            Ok(config)
        } else {
            Err(Error::permission_denied())
        }
    }

    /// Why a transaction is over before the next step, if it is.
    fn over(&self, record: &Record, org: &Org) -> Option<Error> {
        if self.clock.now() >= record.expires {
            return Some(Error::bad_request(
                Code::TransactionExpired,
                "the login transaction has expired: start another",
            ));
        }
        (record.org != org.to_string()).then(|| {
            Error::bad_request(
                Code::LoginRefused,
                "the configuration was changed to another organisation during the login; log in again",
            )
        })
    }

    /// Takes a record for one step.
    fn claim(&self, id: &Secret<String>, record: &mut Record, terms: &Terms, ask: Ask) -> Result<Step> {
        let limit = self.time_for_okta().min(limits::TRANSACTION_STEP);
        let claim = u64::from_be_bytes(self.method.barrier.random_bytes()?);
        let seconds = i64::try_from(limit.as_secs()).unwrap_or(i64::MAX);
        let until = self.clock.now() + seconds + limits::TRANSACTION_CLAIM_SLACK_SECONDS;
        record.claim = Some(Claim { id: claim, until });
        let watch = matches!(ask, Ask::Poll).then(|| self.given_up.watch(claim));
        Ok(Step {
            id: id.clone(),
            username: record.username.clone(),
            org: terms.org.clone(),
            api_token: terms.api_token.clone(),
            remote: terms.remote,
            stage: record.stage.clone(),
            unsure: record.unsure,
            ask,
            claim,
            watch,
            limit,
        })
    }

    /// What the request's time leaves for talking to Okta: its end must still be told.
    fn time_for_okta(&self) -> Duration {
        let remaining = self.method.deadline.remaining();
        remaining - limits::TRANSACTION_SETTLE.min(remaining / 4)
    }

    /// 128 random bits in hex.
    fn new_id(&self) -> Result<Secret<String>> {
        let bits = u128::from_be_bytes(self.method.barrier.random_bytes()?);
        Ok(Secret::new(format!("{bits:032x}")))
    }

    fn index_of(&self, id: &Secret<String>) -> String {
        self.method.barrier.index_of(id.expose())
    }
}

/// A transaction that was ended here; Okta is yet to be told.
pub struct Cancelled {
    org: Org,
    state_token: Option<crate::okta::StateToken>,
    limit: Duration,
}

impl Cancelled {
    /// Where Okta is.
    pub fn org(&self) -> &Org {
        &self.org
    }

    /// Tells Okta, once, and does not care what it says, or whether it does: the transaction is over there by itself
    /// before long.
    pub async fn tell(self, calls: impl super::Calls) {
        if let Some(state_token) = self.state_token {
            let _ = tokio::time::timeout(self.limit, calls.cancel(&state_token)).await;
        }
    }
}

/// What becomes of a record.
enum Change<T> {
    /// It is stored as it is now.
    Store(T),
    /// It goes, and with it its place among those of its user.
    Remove(T),
    /// It stays as it was.
    Leave(T),
}

/// 404: no transaction has this id (any more).
fn unknown() -> Error {
    Error::new(
        404,
        Code::NotFound,
        "no transaction has this id: it is wrong, or its transaction is done, failed, cancelled or expired",
    )
}

/// Marks an error as the end of the transaction.
fn failed(id: &Secret<String>, error: Error) -> Error {
    let mut data: Object = error.data().cloned().unwrap_or_default();
    data.insert("id".to_owned(), Value::String(id.clone()));
    data.insert("state".to_owned(), Value::from("failed"));
    error.with_data(data)
}

#[cfg(test)]
mod tests;
