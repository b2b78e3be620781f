//! The one error of an operation: what the caller is told, and with which status.

use crate::deadline::{Deadline, Interrupted};
use crate::json::Object;
use std::borrow::Cow;
use std::fmt;

/// The result of everything that can end an operation.
pub type Result<T> = std::result::Result<T, Error>;

/// A refusal or failure as the caller sees it: an HTTP status of Vault's, Vault's text, and a stable code.
///
/// It never holds a secret or a raw value of the request.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    status: u16,
    code: Code,
    /// None: Vault's empty list of errors.
    text: Option<String>,
    listed: bool,
    retry_after: Option<u64>,
    okta: Option<OktaDetail>,
    data: Option<Object>,
}

/// What Okta said, kept apart from the text. None of it is a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OktaDetail {
    /// HTTP status of Okta's answer.
    pub status: Option<u16>,
    /// `errorCode`, such as `E0000004`.
    pub error_code: Option<String>,
    /// `errorId`: what Okta's support asks for.
    pub error_id: Option<String>,
}

impl Error {
    /// An error that the handler answers itself: Vault shows its text bare.
    pub fn new(status: u16, code: Code, text: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            status,
            code,
            text: Some(text.into()),
            listed: false,
            retry_after: None,
            okta: None,
            data: None,
        }))
    }

    /// 400 with this text.
    pub fn bad_request(code: Code, text: impl Into<String>) -> Self {
        Self::new(400, code, text)
    }

    /// An error that Vault passes up as a Go error: on paths that need a token its text is printed as a list of
    /// one (`1 error occurred:\n\t* …\n\n`), on `login` and `verify` bare.
    pub fn raised(status: u16, code: Code, text: impl Into<String>) -> Self {
        let mut error = Self::new(status, code, text);
        error.0.listed = true;
        error
    }

    /// Vault's empty list of errors.
    pub fn without_text(status: u16, code: Code) -> Self {
        let mut error = Self::new(status, code, "");
        error.0.text = None;
        error
    }

    /// 404 with an empty list of errors.
    pub fn not_found() -> Self {
        Self::without_text(404, Code::NotFound)
    }

    /// 403 `permission denied`.
    pub fn permission_denied() -> Self {
        Self::raised(403, Code::PermissionDenied, "permission denied")
    }

    /// 503: the operation's time was up, or it was cancelled. `doing` names what it was doing.
    pub fn interrupted(why: Interrupted, doing: &str) -> Self {
        match why {
            Interrupted::TimedOut => {
                Self::new(503, Code::DeadlineExceeded, format!("the operation's time was up while {doing}"))
            }
            Interrupted::Cancelled => {
                Self::new(503, Code::Cancelled, format!("the operation was cancelled while {doing}"))
            }
            Interrupted::Unavailable => Self::new(
                503,
                Code::LimitReached,
                format!(
                    "no thread of the library's was free while {doing}: too many operations wait, or a limit on \
                     threads or open files is reached"
                ),
            ),
        }
    }

    /// This error, or that the operation was cancelled where it was: whoever cancels takes away what it failed for want
    /// of, as the close of a handle does.
    #[must_use]
    pub fn unless_cancelled(self, deadline: &Deadline) -> Self {
        match deadline.interrupted() {
            Some(why @ Interrupted::Cancelled) => {
                Self::interrupted(why, "its audit lines were being written")
            }
            _ => self,
        }
    }

    /// Adds what Okta said.
    #[must_use]
    pub fn with_okta(mut self, detail: OktaDetail) -> Self {
        self.0.okta = Some(detail);
        self
    }

    /// Adds the seconds after which the caller may try again.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// Adds a `data` member to the error body.
    #[must_use]
    pub fn with_data(mut self, data: Object) -> Self {
        self.0.data = Some(data);
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The stable name.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The bare text; `None` where Vault's list of errors is empty.
    pub fn text(&self) -> Option<&str> {
        self.0.text.as_deref()
    }

    /// The text as an answer on a path that needs a token (`authenticated`) or none carries it.
    pub fn shown(&self, authenticated: bool) -> Option<String> {
        let text = self.0.text.as_deref()?;
        Some(if self.0.listed && authenticated {
            format!("1 error occurred:\n\t* {text}\n\n")
        } else {
            text.to_owned()
        })
    }

    /// Seconds after which the caller may try again, where known.
    pub fn retry_after(&self) -> Option<u64> {
        self.0.retry_after
    }

    /// What Okta said, where it said something.
    pub fn okta(&self) -> Option<&OktaDetail> {
        self.0.okta.as_ref()
    }

    /// The `data` member of the error body.
    pub fn data(&self) -> Option<&Object> {
        self.0.data.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().unwrap_or("not found"))
    }
}

impl std::error::Error for Error {}

/// Declares [`Code`] with its stable names, so that the list, the enum and the documentation cannot drift apart.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// The stable, machine-readable name of an error: the member `code` of an error body. Names are only added.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The name as it stands in an error body.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }
        }
    };
}

codes! {
    /// A member of the request is missing, of the wrong type or not allowed.
    InvalidRequest = "invalid_request",
    /// The request is no acceptable JSON.
    InvalidJson = "invalid_json",
    /// The request is over a limit of size.
    TooLarge = "too_large",
    /// Nothing is stored under this name.
    NotFound = "not_found",
    /// The path exists, but not for this method.
    UnsupportedOperation = "unsupported_operation",
    /// The path does not exist.
    UnsupportedPath = "unsupported_path",
    /// The caller may not do this.
    PermissionDenied = "permission_denied",
    /// The user gave too many wrong passwords or codes and is refused for a while; see `retry_after`.
    UserLocked = "user_locked",
    /// The token is unknown, expired or revoked.
    InvalidToken = "invalid_token",
    /// The mount has no configuration yet.
    NotConfigured = "not_configured",
    /// Okta refused the user: wrong password, unknown user, hidden lockout or policy. Okta does not tell which.
    InvalidCredentials = "invalid_credentials",
    /// The account is locked at Okta.
    LockedOut = "locked_out",
    /// The password was right but has expired.
    PasswordExpired = "password_expired",
    /// Okta answered with a state that is no login.
    LoginRefused = "login_refused",
    /// The user must enrol a factor first.
    MfaEnrollmentRequired = "mfa_enrollment_required",
    /// A passcode (`totp`) is needed.
    PasscodeRequired = "passcode_required",
    /// The passcode was wrong, used before, or of another time window.
    PasscodeInvalid = "passcode_invalid",
    /// The passcode was good, and Okta wants another one (the next of a hardware token, a new PIN); the text says which.
    AnotherPasscode = "another_passcode_required",
    /// The user has no factor that can be used here.
    NoSupportedFactor = "no_supported_factor",
    /// The user has no such factor, or it cannot be used here.
    FactorUnavailable = "factor_unavailable",
    /// A factor is to be chosen before a passcode or answer can be given.
    FactorRequired = "factor_required",
    /// The password is right and will expire soon.
    PasswordExpiring = "password_expiring",
    /// Too many wrong passcodes or answers.
    TooManyAttempts = "too_many_attempts",
    /// Another step of the transaction is under way.
    StepInProgress = "step_in_progress",
    /// The user rejected the push.
    PushRejected = "push_rejected",
    /// The user did not answer the push in time.
    ChallengeTimeout = "challenge_timeout",
    /// A number challenge came up, but the login named no `nonce` to publish the number under.
    NonceRequired = "nonce_required",
    /// The `nonce` is too short or is in use.
    NonceInvalid = "nonce_invalid",
    /// Okta or a local limit asks to slow down; see `retry_after`.
    RateLimited = "rate_limited",
    /// Okta could not be reached: name resolution, connection, TLS.
    OktaUnreachable = "okta_unreachable",
    /// Okta's answer did not come in time.
    OktaTimeout = "okta_timeout",
    /// Okta's answer was not understood or not acceptable.
    OktaInvalidAnswer = "okta_invalid_answer",
    /// Okta failed or refused for another reason; see `okta`.
    OktaError = "okta_error",
    /// Okta does not accept the configured `api_token`, or it lacks rights.
    ApiTokenRefused = "api_token_refused",
    /// The token cannot be renewed any more; the user has to log in again.
    ReloginRequired = "relogin_required",
    /// A mount of this path, above it or below it exists.
    PathInUse = "path_in_use",
    /// The storage failed, is full or cannot be read.
    StorageFailed = "storage_failed",
    /// The storage was busy or contended for too long.
    StorageBusy = "storage_busy",
    /// The barrier key is not the one the storage was sealed with.
    WrongKey = "wrong_key",
    /// The operation's time was up.
    DeadlineExceeded = "deadline_exceeded",
    /// The operation was cancelled or its handle closed.
    Cancelled = "cancelled",
    /// A bound on open handles, transactions or tickets is reached.
    LimitReached = "limit_reached",
    /// This library does not do this.
    Unsupported = "unsupported",
    /// The audit log cannot be written, and nothing is to be done or answered without it.
    AuditFailed = "audit_failed",
    /// A fault of the library; please report it.
    Internal = "internal",
    /// Okta's transaction has expired or was cancelled; start a new login.
    TransactionExpired = "transaction_expired",
    /// The storage belongs to the process that this one was forked from, or was in use while it was forked.
    Forked = "forked",
}

/// The beginning of a text that is longer than so many bytes, and a sign that there was more.
pub fn beginning(text: &str, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit {
        return text.into();
    }
    let end = (0..=limit).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}…", text.get(..end).unwrap_or_default()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listed_errors_are_decorated_where_a_token_is_needed() {
        let error = Error::permission_denied();
        assert_eq!(error.shown(true).as_deref(), Some("1 error occurred:\n\t* permission denied\n\n"));
        assert_eq!(error.shown(false).as_deref(), Some("permission denied"));
        assert_eq!(Error::not_found().shown(true), None);
    }

    #[test]
    fn names_of_codes_are_unique() {
        let names: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
    }
}
