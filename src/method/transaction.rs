//! A login as Okta goes through with it, step by step. A step is one call to Okta; after it the login stands in
//! exactly one [`Progress`], so that nothing can be open and done at once. What fails ends it, with an error.
//!
//! Later answers are never merged into earlier ones: only who the user is, and that his password will expire, is
//! carried along.

use super::calls::Calls;
use super::failures::{failed, refused, refused_because};
use crate::clock::UnixSeconds;
use crate::error::{Code, Error, Result};
use crate::json::{self, Value};
use crate::okta::{
    Answer, Challenge, EnrollableFactor, Factor, FactorKind, FactorResult, PasswordPolicy, StateToken,
    Transaction, User,
};
use crate::secret::Secret;
use serde::{Deserialize, Serialize};

const FAILED: &str = "Okta auth failed";
const POLL_FAILED: &str = "Okta auth failed checking loop";

/// Where a login stands. Boxed, as thousands may wait in one process.
pub enum Progress {
    /// Okta let the user in.
    Passed(Passed),
    /// The password is right and will expire: Okta wants to be told to go on.
    PasswordWarning(Box<PasswordWarning>),
    /// The password was right; nothing was sent to the user yet.
    FactorRequired(Box<FactorRequired>),
    /// A factor waits for the user.
    Challenged(Box<Challenged>),
}

/// The end of a login that Okta let through.
#[derive(Clone, Debug)]
pub struct Passed {
    /// Who it is.
    pub user: User,
    /// Okta warned that his password will expire.
    pub password_warning: Option<Box<PasswordPolicy>>,
}

/// `PASSWORD_WARN` with its `skip` link.
pub struct PasswordWarning {
    context: Context,
    state_token: StateToken,
}

/// `MFA_REQUIRED`
#[derive(Clone, Serialize, Deserialize)]
pub struct FactorRequired {
    context: Context,
    #[serde(with = "crate::secret::sealed_record")]
    state_token: StateToken,
    factors: Vec<Factor>,
    expires_at: Option<UnixSeconds>,
}

/// `MFA_CHALLENGE` of a factor that was chosen here.
#[derive(Clone, Serialize, Deserialize)]
pub struct Challenged {
    context: Context,
    #[serde(with = "crate::secret::sealed_record")]
    state_token: StateToken,
    factor: Factor,
    awaits: Awaits,
    number: Option<i64>,
    expires_at: Option<UnixSeconds>,
}

/// What a challenge waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Awaits {
    /// Something on the user's device, which only asking again shows.
    Device,
    /// A code that was sent to the user, or that he has.
    Passcode,
}

/// What is known all along.
#[derive(Clone, Serialize, Deserialize)]
struct Context {
    /// Whether the password alone is enough here.
    bypass: bool,
    user: Option<User>,
    password_warning: Option<Box<PasswordPolicy>>,
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
    Context { bypass, user: None, password_warning: None }.advance(None, answer)
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

    /// Makes room: one was chosen, and thousands of logins may wait.
    pub fn forget_factors(&mut self) {
        self.factors = Vec::new();
    }

    /// The end of Okta's transaction.
    pub fn expires_at(&self) -> Option<UnixSeconds> {
        self.expires_at
    }

    /// Who is logging in, as far as Okta has said.
    pub fn user(&self) -> Option<&User> {
        self.context.user.as_ref()
    }

    /// Okta's warning that the password will expire.
    pub fn password_warning(&self) -> Option<&PasswordPolicy> {
        self.context.password_warning.as_deref()
    }

    /// Okta's name for the login.
    pub fn state_token(&self) -> &StateToken {
        &self.state_token
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
        self.context.clone().advance(Some(factor), answer)
    }

    /// Asks where the login stands, for when the answer to a call was lost; this sends nothing to the user.
    ///
    /// # Errors
    /// As [`start`].
    pub async fn look(&self, calls: &impl Calls) -> Result<Progress> {
        self.context.look(calls, &self.state_token, None).await
    }
}

impl Challenged {
    /// The factor that waits.
    pub fn factor(&self) -> &Factor {
        &self.factor
    }

    /// Who is logging in, as far as Okta has said.
    pub fn user(&self) -> Option<&User> {
        self.context.user.as_ref()
    }

    /// Okta's warning that the password will expire.
    pub fn password_warning(&self) -> Option<&PasswordPolicy> {
        self.context.password_warning.as_deref()
    }

    /// Okta's name for the login.
    pub fn state_token(&self) -> &StateToken {
        &self.state_token
    }

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
            .poll(&self.state_token, &self.factor.id)
            .await
            .map_err(|failure| failed(POLL_FAILED, failure))?;
        self.advance(answer)
    }

    /// Checks what the user gives.
    ///
    /// # Errors
    /// As [`start`].
    pub async fn verify(&self, calls: &impl Calls, given: Answer) -> Result<Progress> {
        let answer = calls
            .verify_factor(&self.state_token, &self.factor.id, given)
            .await
            .map_err(|failure| failed(FAILED, failure))?;
        self.advance(answer)
    }

    /// Sends another push or code.
    ///
    /// # Errors
    /// As [`start`].
    pub async fn resend(&self, calls: &impl Calls) -> Result<Progress> {
        let answer = calls
            .resend(&self.state_token, &self.factor.id)
            .await
            .map_err(|failure| failed(FAILED, failure))?;
        self.advance(answer)
    }

    /// Goes back to the choice of a factor.
    ///
    /// # Errors
    /// As [`start`].
    pub async fn back(&self, calls: &impl Calls) -> Result<Progress> {
        let answer = calls.previous(&self.state_token).await.map_err(|failure| failed(FAILED, failure))?;
        self.context.clone().advance(None, answer)
    }

    /// As [`FactorRequired::look`].
    ///
    /// # Errors
    /// As [`start`].
    pub async fn look(&self, calls: &impl Calls) -> Result<Progress> {
        self.context.look(calls, &self.state_token, Some(&self.factor)).await
    }

    fn advance(&self, answer: Transaction) -> Result<Progress> {
        self.context.clone().advance(Some(&self.factor), answer)
    }
}

impl Context {
    /// `known` is the factor that waits, unless Okta names another.
    async fn look(
        &self,
        calls: &impl Calls,
        state_token: &StateToken,
        known: Option<&Factor>,
    ) -> Result<Progress> {
        let answer = calls.state(state_token).await.map_err(|failure| failed(POLL_FAILED, failure))?;
        let shown = match &answer {
            Transaction::MfaChallenge(challenge) => challenge.factor.clone(),
            _ => None,
        };
        self.clone().advance(shown.as_ref().or(known), answer)
    }

    /// The one place where an answer of Okta's becomes progress; what is not known here is no login. `factor` is
    /// the one that the call was about.
    fn advance(mut self, factor: Option<&Factor>, answer: Transaction) -> Result<Progress> {
        match answer {
            Transaction::Success { user } => {
                self.recognise(Some(user))?;
                self.pass()
            }
            Transaction::PasswordWarn { skip, user, policy } => {
                self.recognise(user)?;
                match skip {
                    // Once only: a second warning means that skipping led nowhere.
                    Some(state_token) if self.password_warning.is_none() => {
                        self.password_warning = Some(Box::new(policy));
                        let warning = PasswordWarning { context: self, state_token };
                        Ok(Progress::PasswordWarning(Box::new(warning)))
                    }
                    _ => Err(refused(Code::LoginRefused)),
                }
            }
            Transaction::MfaRequired { state_token, user, factors, expires_at } => {
                self.recognise(user)?;
                if self.bypass {
                    return self.pass();
                }
                let required = FactorRequired { context: self, state_token, factors, expires_at };
                Ok(Progress::FactorRequired(Box::new(required)))
            }
            // A challenge that nobody here asked for is no login.
            Transaction::MfaChallenge(challenge) => match factor {
                Some(factor) => self.challenged(factor, *challenge),
                None => Err(refused(Code::LoginRefused)),
            },
            Transaction::MfaEnroll { user, factors } => {
                self.recognise(user)?;
                if self.bypass {
                    return self.pass();
                }
                Err(refused_because(
                    Code::MfaEnrollmentRequired,
                    "you must complete MFA enrollment to continue",
                )
                .with_data(json::object([("enrollable", enrollable(factors))])))
            }
            Transaction::PasswordExpired { policy } => Err(refused(Code::PasswordExpired)
                .with_data(json::object([("password_policy", Value::from(policy.to_json()))]))),
            Transaction::LockedOut => Err(refused(Code::LockedOut)),
            Transaction::Refused => Err(refused(Code::LoginRefused)),
        }
    }

    fn challenged(mut self, factor: &Factor, challenge: Challenge) -> Result<Progress> {
        self.recognise(challenge.user)?;
        let awaits = match challenge.result {
            // To ask one of these how it stands would send another code, or count as a wrong one.
            FactorResult::Waiting | FactorResult::Success | FactorResult::Absent
                if matches!(
                    factor.kind,
                    FactorKind::Sms | FactorKind::Call | FactorKind::Email | FactorKind::HardwareToken
                ) =>
            {
                Awaits::Passcode
            }
            FactorResult::Absent if factor.kind == FactorKind::Totp => Awaits::Passcode,
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
        Ok(Progress::Challenged(Box::new(Challenged {
            context: self,
            state_token: challenge.state_token,
            factor: factor.clone(),
            awaits,
            number: challenge.number,
            expires_at: challenge.expires_at,
        })))
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

fn enrollable(factors: Vec<EnrollableFactor>) -> Value {
    let factor = |factor: EnrollableFactor| {
        Value::from(json::object([
            ("type", Value::from(factor.factor_type)),
            ("provider", Value::from(factor.provider_name)),
            ("required", Value::from(factor.required)),
        ]))
    };
    Value::Array(factors.into_iter().map(factor).collect())
}

#[cfg(test)]
mod tests;
