//! What Okta answers, as types.

use super::PasswordPolicy;
use crate::clock::UnixSeconds;
use crate::secret::Secret;
use serde::{Deserialize, Serialize};

/// Okta's name for a running authn transaction: whoever has it can go on with it.
pub type StateToken = Secret<String>;

/// One answer of the authn API (`status` and what belongs to it). Later answers are never merged into earlier
/// ones. A caller logs nobody in but on [`Transaction::Success`].
#[non_exhaustive]
pub enum Transaction {
    /// `SUCCESS` that is a login: not one with a `recoveryType`.
    Success {
        /// Who logged in.
        user: User,
    },
    /// `PASSWORD_WARN`: the password is right and will expire.
    PasswordWarn {
        /// Goes on with it, by the published `skip` link; `None`: Okta published none.
        skip: Option<StateToken>,
        /// Who logged in.
        user: Option<User>,
        /// When it expires, and what the next one must be like, as far as Okta says so.
        policy: PasswordPolicy,
    },
    /// `MFA_REQUIRED`: the password was right, a factor is to be chosen.
    MfaRequired {
        /// Goes on with it.
        state_token: StateToken,
        /// Who is logging in.
        user: Option<User>,
        /// The factors offered, in Okta's order.
        factors: Vec<Factor>,
        /// The end of the transaction.
        expires_at: Option<UnixSeconds>,
    },
    /// `MFA_CHALLENGE`: a factor waits for the user.
    MfaChallenge(Box<Challenge>),
    /// `MFA_ENROLL` or `MFA_ENROLL_ACTIVATE`: the user must enrol a factor first.
    MfaEnroll {
        /// Who is logging in.
        user: Option<User>,
        /// What can be enrolled, in Okta's order.
        factors: Vec<EnrollableFactor>,
    },
    /// `PASSWORD_EXPIRED`.
    PasswordExpired {
        /// What the next password must be like, as far as Okta says so.
        policy: PasswordPolicy,
    },
    /// `LOCKED_OUT`.
    LockedOut,
    /// Every other status, known (`PASSWORD_RESET`, `RECOVERY` …) or unknown: no login.
    Refused,
}

/// A factor that waits for the user.
pub struct Challenge {
    /// Goes on with it.
    pub state_token: StateToken,
    /// Who is logging in.
    pub user: Option<User>,
    /// The factor it is about, as far as Okta repeats it.
    pub factor: Option<Factor>,
    /// How it stands.
    pub result: FactorResult,
    /// The number to tap. It may be 0.
    pub number: Option<i64>,
    /// The end of the transaction.
    pub expires_at: Option<UnixSeconds>,
}

/// `factorResult`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FactorResult {
    /// The user has not answered yet.
    Waiting,
    /// A code was sent and is to be given.
    Challenge,
    /// Accepted, though the transaction is not finished: ask again.
    Success,
    /// The user said no.
    Rejected,
    /// The user said nothing in time.
    TimedOut,
    /// No result was given.
    Absent,
    /// Anything else: the challenge failed.
    Failed,
}

/// A factor that the user has not, or not wholly, enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrollableFactor {
    /// `factorType` as Okta wrote it.
    pub factor_type: String,
    /// `provider` as Okta wrote it.
    pub provider_name: String,
    /// `enrollment` is `REQUIRED`.
    pub required: bool,
}

/// A user as the authn and users API show him.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Okta's id, `00u…`; never empty.
    pub id: String,
    /// `profile.login`; empty when Okta does not say.
    pub login: String,
}

/// `status` of a user in the users API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserStatus {
    /// May log in.
    Active,
    /// Everything else.
    NotActive,
}

/// A group of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Okta's id, `00g…`.
    pub id: String,
    /// `profile.name`.
    pub name: String,
}

/// A second factor of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    /// Okta's id.
    pub id: String,
    /// What it is.
    pub kind: FactorKind,
    /// `factorType` as Okta wrote it.
    pub factor_type: String,
    /// Whose it is.
    pub provider: Provider,
    /// `provider` as Okta wrote it.
    pub provider_name: String,
    /// The name of the device, or the masked number or address; empty when Okta gives none.
    pub name: String,
    /// The question of a security question.
    pub question: Option<String>,
    /// `status` is `ACTIVE` or not given.
    pub active: bool,
}

/// `factorType`, as far as this library knows what to do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum FactorKind {
    /// `push`
    Push,
    /// `token:software:totp`
    Totp,
    /// `sms`
    Sms,
    /// `call`
    Call,
    /// `email`
    Email,
    /// `question`
    Question,
    /// `token`, `token:hardware`, `token:hotp`
    HardwareToken,
    /// Needs a browser, or is unknown.
    Unsupported,
}

/// `provider`, compared as Okta writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Provider {
    /// `OKTA`
    Okta,
    /// `GOOGLE`
    Google,
    /// Every other.
    Other,
}
