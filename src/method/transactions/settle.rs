//! What becomes of a transaction when Okta has answered.

use super::record::{LastError, Record, Stage, View, cool_down};
use super::step::{Asked, Begun, Reached, Step};
use super::users::UserRow;
use super::wish::{Ask, Decision};
use super::{Change, Terms, Transactions, failed, unknown};
use crate::clock::UnixSeconds;
use crate::error::{Code, Error, Result};
use crate::json::Object;
use crate::limits;
use crate::method::login::{Authenticated, Login, Pending};
use crate::okta::{Factor, PasswordPolicy};
use crate::secret::Secret;
use crate::storage::Batch;

/// Where a request leaves a transaction, unless it failed.
pub enum Next {
    /// It is open, and this is what there is to show of it.
    Open(Object),
    /// Okta has to be asked first.
    Ask(Box<Step>),
    /// Okta has let the user in: a token can be issued.
    Passed(Box<Finished>),
}

/// A transaction that Okta has let pass. It is over when its token is issued, or when that fails.
pub struct Finished {
    id: Secret<String>,
    pending: Pending,
    authenticated: Authenticated,
    /// What was stored of it; a start that needs no second factor stores nothing.
    record: Option<Record>,
    ends: UnixSeconds,
}

impl Transactions<'_> {
    /// Stores a new transaction whose password is right.
    ///
    /// # Errors
    /// Okta's refusal or failure, as a login has it; 429 `limit_reached` when the user has too many transactions
    /// open. The transaction has failed then.
    pub fn begin(&self, begun: Begun) -> Result<Next> {
        let Begun { id, pending, wish, api_token, outcome } = begun;
        let now_millis = self.clock.now_millis();
        let now = now_millis.div_euclid(1_000);
        let refused = |error| {
            self.count_refusal(&pending.username, &error);
            failed(&id, error)
        };
        let required = match outcome.map_err(refused)? {
            Reached::Passed(authenticated) => {
                let ends = now.saturating_add(limits::TRANSACTION_LIFETIME_SECONDS);
                let finished = Finished { id, pending, authenticated, record: None, ends };
                return Ok(Next::Passed(Box::new(finished)));
            }
            Reached::FactorRequired(required) => required,
            // No factor was taken yet: the state machine lets no challenge pass here.
            Reached::Challenged(_) => {
                return Err(Error::new(500, Code::Internal, "a challenge came before a factor was chosen"));
            }
        };
        let Pending { username, org, remote } = pending;
        let user_index = self.user_index(required.user(), &username);
        let template = Record::new(username, user_index, org.to_string(), required, now);
        let terms = Terms { org, api_token, remote };
        self.insert(&id, &template, |record, user| {
            let (mut changed, mut counted) = (record.clone(), user.clone());
            match wish.decide(&mut changed, &mut counted, now_millis, true) {
                Ok(decision) => {
                    (*record, *user) = (changed, counted);
                    if let Decision::Ask(ask) = decision {
                        return Ok(Next::Ask(Box::new(self.claim(&id, record, &terms, ask)?)));
                    }
                }
                Err(error) => record.last_error = Some(LastError::of(&error)),
            }
            Ok(Next::Open(record.view(&id, user, now_millis)))
        })
    }

    /// Stores what a step has come to.
    ///
    /// # Errors
    /// What ended the transaction; or an error that leaves it open, whose data shows it.
    pub fn settle(&self, asked: Asked) -> Result<Next> {
        let Asked { mut step, outcome } = asked;
        let index = self.index_of(&step.id);
        let outcome = match outcome {
            Ok(Reached::Passed(authenticated)) => return self.passed(step, authenticated),
            Ok(Reached::FactorRequired(required)) => Ok(Stage::Choose(required)),
            Ok(Reached::Challenged(challenged)) => Ok(Stage::Challenged(challenged)),
            Err(error) => {
                self.count_refusal(&step.username, &error);
                Err(error)
            }
        };
        let now_millis = self.clock.now_millis();
        let now = now_millis.div_euclid(1_000);
        let settled = self.change(&index, |record, user| {
            if record.claim.as_ref().is_none_or(|claim| claim.id != step.claim) {
                // The claim has lapsed, and somebody else goes on with the transaction.
                return Ok(Change::Leave(Settled::Open(record.view(&step.id, user, now_millis))));
            }
            record.claim = None;
            record.unsure = false;
            record.last_error = None;
            let change = match &outcome {
                Ok(stage) => {
                    step.reached(record, user, stage.clone(), now_millis);
                    record.set_end(now);
                    Fate::Open
                }
                Err(error) => step.fate(record, user, error, now_millis),
            };
            Ok(match change {
                Fate::Open => Change::Store(Settled::Open(record.view(&step.id, user, now_millis))),
                Fate::Refused => Change::Store(Settled::Refused(record.view(&step.id, user, now_millis))),
                Fate::Failed(instead) => Change::Remove(Settled::Failed(instead)),
            })
        })?;
        step.settled();
        match (settled.ok_or_else(unknown)?, outcome) {
            (Settled::Open(data), _) | (Settled::Refused(data), Ok(_)) => Ok(Next::Open(data)),
            (Settled::Refused(data), Err(error)) => Err(error.with_data(data)),
            (Settled::Failed(Some(error)), _) | (Settled::Failed(None), Err(error)) => {
                Err(failed(&step.id, error))
            }
            (Settled::Failed(None), Ok(_)) => Err(unknown()),
        }
    }

    fn passed(&self, mut step: Step, authenticated: Authenticated) -> Result<Next> {
        step.settled();
        let method = &self.method;
        let key = method.record_key(&self.index_of(&step.id));
        let record = method.barrier.read::<Record>(&key, method.deadline)?.ok_or_else(unknown)?.value;
        let ends = record.expires;
        let pending = Pending { username: step.username, org: step.org, remote: step.remote };
        Ok(Next::Passed(Box::new(Finished {
            id: step.id,
            pending,
            authenticated,
            record: Some(record),
            ends,
        })))
    }

    /// What the token of a finished transaction is to be like, and what to show beside it.
    ///
    /// # Errors
    /// As [`crate::method::Method::finish_login`]. The transaction has failed then.
    pub fn finish(&self, finished: Finished) -> Result<(Login, Done)> {
        let Finished { id, pending, authenticated, record, ends } = finished;
        let warning = authenticated.passed.password_warning.clone();
        let done = Done { id, record, ends, warning };
        match self.method.finish_login(pending, authenticated) {
            Ok(login) => Ok((login, done)),
            Err(error) => Err(self.give_up(&done, error)),
        }
    }

    /// Adds what ends a transaction to the commit of its token: so the token is given once.
    ///
    /// # Errors
    /// 404 when it was cancelled, or finished by somebody else.
    pub fn complete(&self, done: &Done, batch: &mut Batch) -> Result<()> {
        if done.record.is_none() {
            return Ok(());
        }
        self.remove_with(&self.index_of(&done.id), batch)
    }

    /// Ends a transaction whose token could not be issued.
    pub fn give_up(&self, done: &Done, error: Error) -> Error {
        if done.record.is_some() {
            // When this fails, too, it ends by itself: Okta's part of it is over.
            let _ = self.change(&self.index_of(&done.id), |_, _| Ok(Change::Remove(())));
        }
        if error.status() == 404 { error } else { failed(&done.id, error) }
    }
}

/// A finished transaction, as far as it is shown.
pub struct Done {
    id: Secret<String>,
    record: Option<Record>,
    ends: UnixSeconds,
    warning: Option<Box<PasswordPolicy>>,
}

impl Done {
    /// The `data` of the answer.
    pub fn data(&self) -> Object {
        View {
            id: &self.id,
            state: "done",
            factors: self.record.as_ref().map_or(&[], |record| &record.factors),
            factor: self.record.as_ref().and_then(|record| record.stage.factor()),
            expires: self.ends,
            password_warning: self.warning.as_deref(),
        }
        .to_json()
    }
}

enum Settled {
    Open(Object),
    Refused(Object),
    Failed(Option<Error>),
}

/// What an answer of Okta's means for the transaction.
enum Fate {
    /// It is open.
    Open,
    /// It is open, but the caller is told of the error.
    Refused,
    /// It is over: with this error, or with Okta's.
    Failed(Option<Error>),
}

impl Step {
    /// Okta has answered with a state.
    fn reached(&self, record: &mut Record, user: &mut UserRow, stage: Stage, now_millis: i64) {
        if let Ask::Check(..) = self.ask {
            refund_check(record, user);
        }
        match stage {
            Stage::Choose(required) | Stage::Chosen { required, .. } => {
                record.list(required.clone());
                let choose = |factor: &Factor| {
                    let factor = record.factors.iter().find(|listed| listed.id == factor.id).cloned();
                    if let Some(factor) = factor {
                        record.stage = Stage::Chosen { required, factor };
                    }
                };
                match (&self.ask, &self.stage) {
                    // The second: a check whose answer was lost has not happened.
                    (Ask::Back(factor), _) | (Ask::Poll, Stage::Chosen { factor, .. }) => choose(factor),
                    (Ask::Poll | Ask::Send(_) | Ask::Resend(_), _) => {
                        record.last_error = Some(LastError::new(
                            Code::ChallengeTimeout,
                            "Okta waits for nothing: the challenge was lost; choose a factor",
                        ));
                    }
                    // Right, and Okta wants another factor.
                    (Ask::Check(..), _) => {}
                }
            }
            challenged @ Stage::Challenged(_) => {
                record.stage = challenged;
                record.poll_pause = limits::OKTA_POLL_PAUSE.as_secs() as i64;
                record.poll_at = now_millis + record.poll_pause * 1_000;
            }
        }
    }

    /// Okta, or the way to it, has refused.
    fn fate(&self, record: &mut Record, user: &mut UserRow, error: &Error, now_millis: i64) -> Fate {
        let is_check = matches!(self.ask, Ask::Check(..));
        match error.code() {
            Code::PasscodeInvalid if is_check && record.attempts_left > 0 => {
                record.last_error = Some(LastError::of(error));
                Fate::Open
            }
            Code::PasscodeInvalid if is_check => Fate::Failed(Some(too_many_attempts(error))),
            Code::AnotherPasscode if is_check => {
                refund_check(record, user);
                record.last_error = Some(LastError::of(error));
                Fate::Open
            }
            Code::RateLimited => {
                let seconds = error.retry_after().and_then(|after| i64::try_from(after).ok()).unwrap_or(0);
                self.slow_down(record, user, seconds, now_millis);
                if matches!(self.ask, Ask::Poll) {
                    record.last_error = Some(LastError::of(error));
                    Fate::Open
                } else {
                    Fate::Refused
                }
            }
            _ if is_lost(error) => {
                record.unsure = true;
                record.poll_pause = record.poll_pause.max(limits::OKTA_POLL_PAUSE.as_secs() as i64);
                record.poll_at = now_millis + record.poll_pause * 1_000;
                record.last_error = Some(LastError::of(error));
                Fate::Refused
            }
            _ => Fate::Failed(None),
        }
    }

    /// Okta asks to slow down: what was asked of it has not happened.
    fn slow_down(&self, record: &mut Record, user: &mut UserRow, seconds: i64, now_millis: i64) {
        let now = now_millis.div_euclid(1_000);
        match &self.ask {
            Ask::Poll => {
                record.poll_pause = seconds
                    .max(record.poll_pause.saturating_mul(2))
                    .clamp(1, limits::TRANSACTION_POLL_PAUSE_SECONDS);
                record.poll_at = now_millis + record.poll_pause * 1_000;
            }
            Ask::Send(factor) | Ask::Resend(factor) => {
                record.sends_left += 1;
                user.sent = user.sent.saturating_sub(1);
                if cool_down(factor.kind).is_some_and(|own| own > 0) {
                    user.cool_down(factor, seconds, now);
                }
            }
            Ask::Check(..) => refund_check(record, user),
            Ask::Back(_) => {}
        }
    }
}

/// A passcode or answer was counted as wrong before it was checked, and was not.
fn refund_check(record: &mut Record, user: &mut UserRow) {
    record.attempts_left = (record.attempts_left + 1).min(limits::TRANSACTION_ATTEMPTS);
    user.wrong = user.wrong.saturating_sub(1);
}

fn too_many_attempts(last: &Error) -> Error {
    let error = Error::bad_request(
        Code::TooManyAttempts,
        "too many wrong passcodes or answers: the transaction has ended",
    );
    match last.okta() {
        Some(okta) => error.with_okta(okta.clone()),
        None => error,
    }
}

/// Whether nobody knows what Okta made of the call, so that the transaction may well go on there.
fn is_lost(error: &Error) -> bool {
    let okta_failed = error.okta().and_then(|okta| okta.status).is_some_and(|status| status >= 500);
    okta_failed
        || matches!(
            error.code(),
            Code::OktaUnreachable | Code::OktaTimeout | Code::Cancelled | Code::DeadlineExceeded
        )
}
