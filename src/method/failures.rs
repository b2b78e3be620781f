//! What a caller is told when Okta refuses or fails.

use crate::error::{Code, Error};
use crate::okta::{Failure, FailureKind};

/// Text of every login that Okta did not let through.
const REFUSED: &str = "okta authentication failed";

/// 400: Okta answered with a state that is no login.
pub(super) fn refused(code: Code) -> Error {
    Error::bad_request(code, REFUSED)
}

/// 400, with Vault's text and more.
pub(super) fn refused_because(code: Code, why: &str) -> Error {
    Error::bad_request(code, format!("{REFUSED}: {why}"))
}

/// A failed call as Vault words it: what was done, Okta's text, and Okta's error code, where it gave one.
///
/// Vault answers 400 to all of them. That stays where Okta answered; 429 and 503 tell a caller that another try
/// makes sense.
pub(super) fn failed(doing: &str, failure: Failure) -> Error {
    let (status, code) = match failure.kind {
        FailureKind::Unreachable => (503, Code::OktaUnreachable),
        FailureKind::TimedOut => (503, Code::OktaTimeout),
        FailureKind::RateLimited => (429, Code::RateLimited),
        FailureKind::InvalidAnswer => (400, Code::OktaInvalidAnswer),
        FailureKind::CredentialsRefused => (400, Code::InvalidCredentials),
        FailureKind::PasscodeRefused => (400, Code::PasscodeInvalid),
        FailureKind::AnotherPasscode => (400, Code::AnotherPasscode),
        FailureKind::LockedOut => (400, Code::LockedOut),
        FailureKind::PasswordExpired => (400, Code::PasswordExpired),
        FailureKind::TransactionExpired => (400, Code::TransactionExpired),
        FailureKind::ApiTokenRefused => (400, Code::ApiTokenRefused),
        FailureKind::NotFound | FailureKind::Other => (400, Code::OktaError),
    };
    let suffix = failure.okta.error_code.as_ref().map(|code| format!(" (code={code})")).unwrap_or_default();
    let error =
        Error::new(status, code, format!("{doing}: {}{suffix}", failure.text)).with_okta(failure.okta);
    match failure.retry_after {
        Some(seconds) => error.with_retry_after(seconds),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::OktaDetail;

    #[test]
    fn status_code_and_text_of_each_kind() {
        for (kind, error_code, status, code, text) in [
            (
                FailureKind::CredentialsRefused,
                Some("E0000004"),
                400,
                "invalid_credentials",
                "Okta auth failed: why (code=E0000004)",
            ),
            (
                FailureKind::PasscodeRefused,
                Some("E0000068"),
                400,
                "passcode_invalid",
                "Okta auth failed: why (code=E0000068)",
            ),
            (FailureKind::RateLimited, None, 429, "rate_limited", "Okta auth failed: why"),
            (FailureKind::Unreachable, None, 503, "okta_unreachable", "Okta auth failed: why"),
            (FailureKind::TimedOut, None, 503, "okta_timeout", "Okta auth failed: why"),
        ] {
            let okta = OktaDetail { error_code: error_code.map(str::to_owned), ..OktaDetail::default() };
            let failure = Failure { kind, okta, text: "why".into(), retry_after: Some(7) };
            let error = failed("Okta auth failed", failure);
            assert_eq!((error.status(), error.code().name(), error.text()), (status, code, Some(text)));
            assert_eq!(error.retry_after(), Some(7), "{code}");
        }
    }
}
