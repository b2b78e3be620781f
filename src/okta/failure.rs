//! Why a call to Okta brought no usable answer.

use crate::error::OktaDetail;

/// A failed call: its kind, what Okta said, and a text.
#[derive(Debug)]
pub struct Failure {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// Status, code and id of Okta's answer, as far as there was one.
    pub okta: OktaDetail,
    /// What went wrong, without any secret: Okta's summary and causes, or the transport's reason.
    pub text: String,
    /// Seconds until another try makes sense, where known.
    pub retry_after: Option<u64>,
}

/// The kinds of failure a caller may have to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureKind {
    /// Name resolution, connection or TLS failed; nothing was received.
    Unreachable,
    /// The answer did not come in time.
    TimedOut,
    /// The operation was cancelled.
    Cancelled,
    /// The answer is no JSON, too large, a redirect, or breaks a rule of this client.
    InvalidAnswer,
    /// 401 E0000004 and its kin: the user was refused.
    CredentialsRefused,
    /// E0000068: a wrong passcode or answer.
    PasscodeRefused,
    /// E0000069 or E0000119: the account is locked.
    LockedOut,
    /// E0000064: the password has expired.
    PasswordExpired,
    /// E0000011 on a transaction call: the state token has expired or was cancelled.
    TransactionExpired,
    /// 401 E0000011 or 403 E0000006 on a user or group query: the API token does not do.
    ApiTokenRefused,
    /// 404 E0000007: no such user.
    NotFound,
    /// 429, or a cool-down of a factor.
    RateLimited,
    /// Any other error that Okta answered.
    Other,
}
