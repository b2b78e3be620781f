//! A login as Okta goes through with it, step by step. A step is one call to Okta; after it the login stands in
//! exactly one [`Progress`], so that nothing can be open and done at once. What fails ends it, with an error.
//!
//! Later answers are never merged into earlier ones: only who the user is, and that his password will expire, is
//! carried along.

use super::calls::Calls;
use super::failures::{failed, refused, refused_because};
use crate::clock::UnixSeconds;
use crate::error::{Code, Error, Result};
use crate::okta::{Answer, Challenge, Factor, FactorResult, StateToken, Transaction, User};
use crate::secret::Secret;

const FAILED: &str = "Okta auth failed";
const POLL_FAILED: &str = "Okta auth failed checking loop";

/// Where a login stands.
pub enum Progress {
    /// Okta let the user in.
    Passed(Passed),
    /// The password is right and will expire: Okta wants to be told to go on.
    PasswordWarning(PasswordWarning),
    /// The password was right; nothing was sent to the user yet.
    FactorRequired(FactorRequired),
    /// A factor waits for the user.
    Challenged(Challenged),
}

/// The end of a login that Okta let through.
#[derive(Debug)]
pub struct Passed {
    /// Who it is.
    pub user: User,
    /// Whether Okta warned that his password will expire.
    pub password_warning: bool,
}

/// `PASSWORD_WARN` with its `skip` link.
pub struct PasswordWarning {
    context: Context,
    state_token: StateToken,
}

/// `MFA_REQUIRED`
pub struct FactorRequired {
    context: Context,
    state_token: StateToken,
    factors: Vec<Factor>,
    expires_at: Option<UnixSeconds>,
}

/// `MFA_CHALLENGE` of a factor that was chosen here.
pub struct Challenged {
    context: Context,
    state_token: StateToken,
    factor_id: String,
    awaits: Awaits,
    number: Option<i64>,
    expires_at: Option<UnixSeconds>,
}

/// What a challenge waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaits {
    /// Something on the user's device, which only asking again shows.
    Device,
    /// A code that was sent to the user.
    Passcode,
}

/// What is known all along.
#[derive(Clone)]
struct Context {
    /// Whether the password alone is enough here.
    bypass: bool,
    user: Option<User>,
    password_warning: bool,
}

/// The first step: the password. With `bypass` Okta's demand for a second factor, or to enrol one, counts as
/// success.
///
/// # Errors
/// Okta's refusal or failure, with Vault's texts.
pub async fn start(
    calls: &impl Calls,
    username: &str,
    password: &Secret<String>,
    bypass: bool,
) -> Result<Progress> {
    let answer = calls.authenticate(username, password).await.map_err(|failure| failed(FAILED, failure))?;
    Context { bypass, user: None, password_warning: false }.advance(None, answer)
}

impl PasswordWarning {
    /// Goes on without a new password.
    ///
    /// # Errors
    /// As [`start`].
    pub async fn skip(&self, calls: &impl Calls) -> Result<Progress> {
        let answer = calls.skip(&self.state_token).await.map_err(|failure| failed(FAILED, failure))?;
        self.context.clone().advance(None, answer)
    }
}

impl FactorRequired {
    /// The factors that Okta offers, in its order.
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// The end of Okta's transaction.
    pub fn expires_at(&self) -> Option<UnixSeconds> {
        self.expires_at
    }

    /// Takes a factor: checks what the user gives, or sends him a push or a code where he gives nothing.
    ///
    /// # Errors
    /// As [`start`].
    pub async fn verify(&self, calls: &impl Calls, factor: &Factor, given: Answer) -> Result<Progress> {
        let answer = calls
            .verify_factor(&self.state_token, &factor.id, given)
            .await
            .map_err(|failure| failed(FAILED, failure))?;
        self.context.clone().advance(Some(&factor.id), answer)
    }
}

impl Challenged {
    /// What it waits for.
    pub fn awaits(&self) -> Awaits {
        self.awaits
    }

    /// The number to tap, as the last answer gave it. It may be 0.
    pub fn number(&self) -> Option<i64> {
        self.number
    }

    /// The end of Okta's transaction.
    pub fn expires_at(&self) -> Option<UnixSeconds> {
        self.expires_at
    }

    /// Asks how it stands; this sends nothing to the user.
    ///
    /// # Errors
    /// As [`start`].
    pub async fn poll(&self, calls: &impl Calls) -> Result<Progress> {
        let answer = calls
            .poll(&self.state_token, &self.factor_id)
            .await
            .map_err(|failure| failed(POLL_FAILED, failure))?;
        self.context.clone().advance(Some(&self.factor_id), answer)
    }
}

impl Context {
    /// The one place where an answer of Okta's becomes progress; what is not known here is no login. `factor_id` is
    /// the factor that the call was about.
    fn advance(mut self, factor_id: Option<&str>, answer: Transaction) -> Result<Progress> {
        match answer {
            Transaction::Success { user } => {
                self.recognise(Some(user))?;
                self.pass()
            }
            Transaction::PasswordWarn { skip, user, .. } => {
                self.recognise(user)?;
                match skip {
                    // Once only: a second warning means that skipping led nowhere.
                    Some(state_token) if !self.password_warning => {
                        self.password_warning = true;
                        Ok(Progress::PasswordWarning(PasswordWarning { context: self, state_token }))
                    }
                    _ => Err(refused(Code::LoginRefused)),
                }
            }
            Transaction::MfaRequired { state_token, user, factors, expires_at } => {
                self.recognise(user)?;
                if self.bypass {
                    return self.pass();
                }
                Ok(Progress::FactorRequired(FactorRequired {
                    context: self,
                    state_token,
                    factors,
                    expires_at,
                }))
            }
            // A challenge that nobody here asked for is no login.
            Transaction::MfaChallenge(challenge) => match factor_id {
                Some(factor_id) => self.challenged(factor_id, *challenge),
                None => Err(refused(Code::LoginRefused)),
            },
            Transaction::MfaEnroll { user } => {
                self.recognise(user)?;
                if self.bypass {
                    return self.pass();
                }
                Err(refused_because(
                    Code::MfaEnrollmentRequired,
                    "you must complete MFA enrollment to continue",
                ))
            }
            Transaction::PasswordExpired => Err(refused(Code::PasswordExpired)),
            Transaction::LockedOut => Err(refused(Code::LockedOut)),
            Transaction::Refused => Err(refused(Code::LoginRefused)),
        }
    }

    fn challenged(mut self, factor_id: &str, challenge: Challenge) -> Result<Progress> {
        self.recognise(challenge.user)?;
        let awaits = match challenge.result {
            // Accepted, though the transaction is not finished: the next answer should say so.
            FactorResult::Waiting | FactorResult::Success => Awaits::Device,
            FactorResult::Challenge => Awaits::Passcode,
            FactorResult::Rejected => {
                return Err(Error::bad_request(Code::PushRejected, "multi-factor authentication denied"));
            }
            FactorResult::TimedOut => {
                return Err(Error::bad_request(
                    Code::ChallengeTimeout,
                    "failed to complete multi-factor authentication",
                ));
            }
            FactorResult::Absent | FactorResult::Failed => return Err(refused(Code::LoginRefused)),
        };
        Ok(Progress::Challenged(Challenged {
            context: self,
            state_token: challenge.state_token,
            factor_id: factor_id.to_owned(),
            awaits,
            number: challenge.number,
            expires_at: challenge.expires_at,
        }))
    }

    /// Holds an answer's user against the one named before: a transaction is one user's from start to end.
    fn recognise(&mut self, user: Option<User>) -> Result<()> {
        let Some(user) = user else {
            return Ok(());
        };
        match &self.user {
            Some(known) if known.id != user.id => Err(Error::bad_request(
                Code::OktaInvalidAnswer,
                format!("{FAILED}: an answer of Okta's names another user than the one before"),
            )),
            // An answer may leave out the login name.
            Some(_) if user.login.is_empty() => Ok(()),
            _ => {
                self.user = Some(user);
                Ok(())
            }
        }
    }

    fn pass(self) -> Result<Progress> {
        match self.user {
            Some(user) => Ok(Progress::Passed(Passed { user, password_warning: self.password_warning })),
            None => Err(Error::bad_request(
                Code::OktaInvalidAnswer,
                format!("{FAILED}: Okta's answer names no user"),
            )),
        }
    }
}

#[cfg(test)]
mod tests;
