//! Why a call to Okta brought no usable answer.

use super::answer;
use super::lenient::{OneOrMany, Text};
use super::pacing;
use super::transport::Response;
use crate::error::OktaDetail;
use crate::limits;
use serde::Deserialize;

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
    /// The answer is no JSON, too large, a redirect, or breaks a rule of this client.
    InvalidAnswer,
    /// 401 E0000004 and its kin: the user was refused.
    CredentialsRefused,
    /// E0000068, E0000082, E0000083, E0000087: a passcode or answer that is wrong, used before or out of its time.
    PasscodeRefused,
    /// E0000113: the passcode was good, and Okta wants another one; the text says which.
    AnotherPasscode,
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

/// Which call it was: Okta's codes mean different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// The first call of an authn transaction.
    Authenticate,
    /// A later call, which goes on with a state token.
    Transaction,
    /// A query with the API token.
    Query,
}

impl Failure {
    pub(super) fn new(kind: FailureKind, text: impl Into<String>) -> Self {
        Self { kind, okta: OktaDetail::default(), text: text.into(), retry_after: None }
    }

    /// An answer that breaks a rule of this client.
    pub(super) fn invalid(status: u16, text: impl Into<String>) -> Self {
        Self::new(FailureKind::InvalidAnswer, text).with_status(status)
    }

    pub(super) fn with_status(mut self, status: u16) -> Self {
        self.okta.status = Some(status);
        self
    }

    /// What an answer that is no success says. The status comes first; a body that claims otherwise is not heard.
    pub(super) fn of(call: Call, response: &Response) -> Self {
        let status = response.status;
        if (300..400).contains(&status) {
            return Self::invalid(
                status,
                format!(
                    "Okta answered with a redirect (HTTP status {status}), which is not followed; check org_name and base_url"
                ),
            );
        }
        let body = answer::parse::<ErrorBody>(&response.body).ok();
        let code = body.as_ref().and_then(|body| body.error_code.0.as_deref()).and_then(code);
        let (kind, text) = match (&body, status) {
            (_, 429) => {
                let said = body.as_ref().map(ErrorBody::text);
                (FailureKind::RateLimited, said.unwrap_or_else(|| "Okta's rate limit is exceeded".into()))
            }
            (None, _) => (
                FailureKind::InvalidAnswer,
                format!("Okta answered HTTP status {status} with a body that is no JSON"),
            ),
            (Some(body), _) => (kind(call, status, code.as_deref().unwrap_or_default()), body.text()),
        };
        let retry_after = matches!(kind, FailureKind::RateLimited)
            // A cool-down has nothing to do with the rate limit whose state stands in the headers of every answer.
            .then(|| cool_down(code.as_deref()).or_else(|| pacing::retry_after(&response.headers)))
            .flatten();
        let error_id = body.and_then(|body| body.error_id.0).map(|id| quote(&id));
        Self {
            kind,
            okta: OktaDetail { status: Some(status), error_code: code, error_id },
            text,
            retry_after,
        }
    }
}

fn kind(call: Call, status: u16, code: &str) -> FailureKind {
    match (call, status, code) {
        (_, _, "E0000047" | "E0000109" | "E0000118" | "E0000133") => FailureKind::RateLimited,
        // A feature that the organisation lacks, though it comes as 401.
        (_, _, "E0000015") => FailureKind::Other,
        (Call::Query, 401, _) | (Call::Query, 403, "E0000006" | "E0000005") => FailureKind::ApiTokenRefused,
        (Call::Query, 404, "E0000007") => FailureKind::NotFound,
        (Call::Query, ..) => FailureKind::Other,
        (_, _, "E0000004" | "E0000085" | "E0000207" | "E0000259") => FailureKind::CredentialsRefused,
        (_, _, "E0000064") => FailureKind::PasswordExpired,
        (_, _, "E0000069" | "E0000119") => FailureKind::LockedOut,
        (_, _, "E0000068" | "E0000082" | "E0000083" | "E0000087") => FailureKind::PasscodeRefused,
        (Call::Transaction, _, "E0000113") => FailureKind::AnotherPasscode,
        (Call::Transaction, _, "E0000011") => FailureKind::TransactionExpired,
        _ => FailureKind::Other,
    }
}

/// Seconds of the cool-downs that Okta names only in words ("Please wait 30 seconds").
fn cool_down(code: Option<&str>) -> Option<u64> {
    match code? {
        "E0000109" | "E0000133" => Some(30),
        "E0000118" => Some(5),
        _ => None,
    }
}

/// Okta's error, or that of its OAuth endpoints and of proxies in front. Every member may be missing.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    #[serde(rename = "errorCode")]
    error_code: Text,
    #[serde(rename = "errorSummary")]
    error_summary: Text,
    #[serde(rename = "errorId")]
    error_id: Text,
    #[serde(rename = "errorCauses")]
    error_causes: OneOrMany<Cause>,
    /// So written in some answers.
    #[serde(rename = "errorCause")]
    error_cause: OneOrMany<Cause>,
    error_description: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cause {
    #[serde(rename = "errorSummary")]
    error_summary: Text,
}

impl ErrorBody {
    /// As Okta's Go SDK, and so Vault, words it.
    fn text(&self) -> String {
        let summary = self.error_summary.0.as_deref().or(self.error_description.0.as_deref());
        let Some(summary) = summary else { return "the API returned an unknown error".to_owned() };
        let causes: Vec<String> = (self.error_causes.0.iter())
            .chain(&self.error_cause.0)
            .filter_map(|cause| cause.error_summary.0.as_deref())
            .take(limits::OKTA_QUOTED_CAUSES)
            .map(|cause| format!("errorSummary: {}", quote(cause)))
            .collect();
        let summary = quote(summary);
        if causes.is_empty() {
            format!("the API returned an error: {summary}")
        } else {
            format!("the API returned an error: {summary}. Causes: {}", causes.join(", "))
        }
    }
}

/// An error code is only passed on when it looks like one.
fn code(text: &str) -> Option<String> {
    (text.len() <= 32 && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .then(|| text.to_owned())
}

/// A text of Okta's, made fit for error texts and screens: one line, no control characters, nothing that turns the
/// direction of writing, and not too long.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::new();
    for c in text.chars() {
        let c = match c {
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {
                continue;
            }
            '\u{2028}' | '\u{2029}' => ' ',
            c if c.is_control() => ' ',
            c => c,
        };
        if quoted.len() + c.len_utf8() > limits::OKTA_QUOTE_BYTES {
            quoted.push('…');
            break;
        }
        quoted.push(c);
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;

    fn failure(call: Call, status: u16, body: &str) -> Failure {
        let body = body.as_bytes().to_vec().into();
        Failure::of(call, &Response { status, headers: HeaderMap::new(), body })
    }

    #[test]
    fn kinds_by_call_status_and_code() {
        use Call::{Authenticate, Query, Transaction};
        use FailureKind as Kind;
        for (call, status, code, kind) in [
            (Authenticate, 401, "E0000004", Kind::CredentialsRefused),
            (Authenticate, 401, "E0000207", Kind::CredentialsRefused),
            (Authenticate, 403, "E0000085", Kind::CredentialsRefused),
            (Authenticate, 401, "E0000064", Kind::PasswordExpired),
            (Authenticate, 403, "E0000119", Kind::LockedOut),
            (Authenticate, 401, "E0000011", Kind::Other),
            (Authenticate, 429, "E0000047", Kind::RateLimited),
            (Authenticate, 500, "E0000009", Kind::Other),
            (Authenticate, 401, "E0000015", Kind::Other),
            (Transaction, 401, "E0000011", Kind::TransactionExpired),
            (Transaction, 403, "E0000068", Kind::PasscodeRefused),
            (Transaction, 403, "E0000069", Kind::LockedOut),
            (Transaction, 403, "E0000082", Kind::PasscodeRefused),
            (Transaction, 409, "E0000113", Kind::AnotherPasscode),
            (Transaction, 403, "E0000079", Kind::Other),
            (Transaction, 429, "E0000109", Kind::RateLimited),
            (Query, 401, "E0000011", Kind::ApiTokenRefused),
            (Query, 403, "E0000006", Kind::ApiTokenRefused),
            (Query, 401, "E0000015", Kind::Other),
            (Query, 404, "E0000007", Kind::NotFound),
            (Query, 404, "E0000008", Kind::Other),
            (Query, 400, "E0000029", Kind::Other),
        ] {
            let failure = failure(
                call,
                status,
                &format!(r#"{{"errorCode":"{code}","errorSummary":"S","errorId":"oae1"}}"#),
            );
            assert_eq!(failure.kind, kind, "{call:?} {status} {code}");
            assert_eq!(failure.okta.error_code.as_deref(), Some(code));
            assert_eq!((failure.okta.status, failure.okta.error_id.as_deref()), (Some(status), Some("oae1")));
        }
    }

    #[test]
    fn texts_are_those_of_the_sdk() {
        for (body, text) in [
            (
                r#"{"errorSummary":"Authentication failed","errorCauses":[]}"#,
                "the API returned an error: Authentication failed",
            ),
            (
                r#"{"errorSummary":"A","errorCauses":[{"errorSummary":"b"},{"errorSummary":"c"},{}]}"#,
                "the API returned an error: A. Causes: errorSummary: b, errorSummary: c",
            ),
            (
                r#"{"errorSummary":"A","errorCause":[{"errorSummary":"b"}]}"#,
                "the API returned an error: A. Causes: errorSummary: b",
            ),
            (r#"{"error":"x","error_description":"D"}"#, "the API returned an error: D"),
            (r#"{"errorSummary":7,"errorCauses":"x"}"#, "the API returned an unknown error"),
            ("{}", "the API returned an unknown error"),
            ("<html>secret</html>", "Okta answered HTTP status 403 with a body that is no JSON"),
            ("", "Okta answered HTTP status 403 with a body that is no JSON"),
            ("[]", "Okta answered HTTP status 403 with a body that is no JSON"),
        ] {
            assert_eq!(failure(Call::Authenticate, 403, body).text, text, "{body}");
        }
    }

    #[test]
    fn quotes_are_one_clean_short_line() {
        assert_eq!(quote("a\r\nb\u{202e}c\u{7}"), "a  bc ");
        let long = quote(&"ü".repeat(1_000));
        assert!(long.len() <= limits::OKTA_QUOTE_BYTES + '…'.len_utf8() && long.ends_with('…'));
    }

    #[test]
    fn cool_downs_have_their_seconds() {
        assert_eq!(failure(Call::Transaction, 429, r#"{"errorCode":"E0000118"}"#).retry_after, Some(5));
        assert_eq!(failure(Call::Transaction, 429, "<html>").retry_after, None);
        assert_eq!(failure(Call::Transaction, 403, r#"{"errorCode":"E0000068"}"#).retry_after, None);
    }
}
