//! Reads the bodies of Okta's answers. Each is read afresh and on its own; new members are ignored, members of a type
//! that nobody expects count as missing where that is safe, and everything else is refused.

use super::failure::{Call, Failure, quote};
use super::lenient::{OneOrMany, Text, Whole};
use super::policy::PolicyBody;
use super::transaction::{
    Challenge, EnrollableFactor, Factor, FactorKind, FactorResult, Group, Provider, StateToken, Transaction,
    User, UserStatus,
};
use super::transport::Response;
use crate::clock;
use crate::limits;
use crate::secret::Secret;
use serde::Deserialize;
use serde::de::{Error as _, IgnoredAny};

/// Reads an answer of the authn API. `sent` is the state token of the call: a challenge whose answer leaves it out
/// goes on with it.
pub(super) fn transaction(
    call: Call,
    response: &Response,
    sent: Option<&StateToken>,
) -> Result<Transaction, Failure> {
    let body: Body = json(call, response)?;
    let status = body.status.0.as_deref();
    if status.is_none() && body.error_code.0.is_some() {
        // E0000070 comes with HTTP status 202.
        return Err(Failure::of(call, response));
    }
    let embedded = body.embedded.unwrap_or_default();
    let user = embedded.user.and_then(UserBody::into_user);
    let expires_at = body.expires_at.0.as_deref().and_then(clock::from_rfc3339);
    let state_token = body.state_token.0.filter(|token| !token.is_empty()).map(Secret::new);
    let no_token = || Failure::invalid(response.status, "Okta's answer holds no state token");
    Ok(match status {
        Some("SUCCESS") if body.recovery_type.is_some() => Transaction::Refused,
        Some("SUCCESS") => Transaction::Success {
            user: user.ok_or_else(|| Failure::invalid(response.status, "Okta's answer names no user"))?,
        },
        Some("PASSWORD_WARN") => Transaction::PasswordWarn {
            // Without the link the step is not on offer, whatever the token could do.
            skip: state_token.filter(|_| body.links.is_some_and(|links| links.skip.is_some())),
            user,
            policy: embedded.policy.map(PolicyBody::into_policy).unwrap_or_default(),
        },
        Some("MFA_REQUIRED") => {
            let listed = if embedded.factors.0.is_empty() { embedded.factor } else { embedded.factors };
            Transaction::MfaRequired {
                state_token: state_token.ok_or_else(no_token)?,
                user,
                factors: listed.0.into_iter().filter_map(FactorBody::into_factor).collect(),
                expires_at,
            }
        }
        Some("MFA_CHALLENGE") => {
            let mut shown: Vec<FactorBody> =
                embedded.factor.0.into_iter().chain(embedded.factors.0).collect();
            let number = shown.iter().find_map(FactorBody::number);
            let factor = if shown.is_empty() { None } else { shown.swap_remove(0).into_factor() };
            Transaction::MfaChallenge(Box::new(Challenge {
                state_token: state_token.or_else(|| sent.cloned()).ok_or_else(no_token)?,
                user,
                factor,
                result: factor_result(body.factor_result.0.as_deref()),
                number,
                expires_at,
            }))
        }
        Some("MFA_ENROLL" | "MFA_ENROLL_ACTIVATE") => {
            let listed = embedded.factors.0.into_iter().chain(embedded.factor.0);
            Transaction::MfaEnroll { user, factors: listed.map(FactorBody::into_enrollable).collect() }
        }
        Some("PASSWORD_EXPIRED") => Transaction::PasswordExpired {
            policy: embedded.policy.map(PolicyBody::into_policy).unwrap_or_default(),
        },
        Some("LOCKED_OUT") => Transaction::LockedOut,
        _ => Transaction::Refused,
    })
}

/// Reads a user of the users API.
pub(super) fn user(response: &Response) -> Result<(User, UserStatus), Failure> {
    let body: UserBody = json(Call::Query, response)?;
    let status = match body.status.0.as_deref() {
        Some("ACTIVE") => UserStatus::Active,
        _ => UserStatus::NotActive,
    };
    let user =
        body.into_user().ok_or_else(|| Failure::invalid(response.status, "Okta's answer names no user"))?;
    Ok((user, status))
}

/// Reads one page of groups. An empty body and `null` are no groups, as for Vault.
pub(super) fn groups(response: &Response) -> Result<Vec<Group>, Failure> {
    if response.is_success() && response.body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Vec::new());
    }
    check(Call::Query, response)?;
    let groups: Option<Vec<GroupBody>> =
        serde_json::from_slice(&response.body).map_err(|error| unreadable(response, &error))?;
    let groups = groups.unwrap_or_default();
    Ok(groups.into_iter().map(|group| Group { id: group.id, name: group.profile.name }).collect())
}

/// Whether an id can be put into a path: not empty, not too long, no control characters, and not `me`, which would
/// be read as the owner of the API token.
pub(super) fn is_id(id: &str) -> bool {
    !matches!(id, "" | "." | "..")
        && !id.eq_ignore_ascii_case("me")
        && id.len() <= limits::OKTA_ID_BYTES
        && !id.chars().any(char::is_control)
}

/// Reads a JSON object. Derived readers would take an array for one, member by member; this one does not.
pub(super) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> serde_json::Result<T> {
    if body.trim_ascii_start().first() != Some(&b'{') {
        serde_json::from_slice::<IgnoredAny>(body)?;
        return Err(serde_json::Error::custom("no object"));
    }
    serde_json::from_slice(body)
}

fn json<'a, T: Deserialize<'a>>(call: Call, response: &'a Response) -> Result<T, Failure> {
    check(call, response)?;
    parse(&response.body).map_err(|error| unreadable(response, &error))
}

fn check(call: Call, response: &Response) -> Result<(), Failure> {
    if !response.is_success() {
        return Err(Failure::of(call, response));
    }
    if response.body.is_empty() {
        return Err(Failure::invalid(response.status, "Okta's answer is empty"));
    }
    if !response.says_json() {
        return Err(Failure::invalid(response.status, "Okta's answer does not say that it is JSON"));
    }
    Ok(())
}

/// serde_json's own text may repeat a piece of the body.
fn unreadable(response: &Response, error: &serde_json::Error) -> Failure {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "breaks off",
        serde_json::error::Category::Data => "has not the expected shape",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => "is no JSON",
    };
    let place = match (error.line(), error.column()) {
        (0, _) => String::new(),
        (line, column) => format!(" (line {line}, column {column})"),
    };
    Failure::invalid(response.status, format!("Okta's answer {what}{place}"))
}

fn factor_result(text: Option<&str>) -> FactorResult {
    match text {
        None | Some("") => FactorResult::Absent,
        Some("WAITING") => FactorResult::Waiting,
        Some("CHALLENGE") => FactorResult::Challenge,
        Some("SUCCESS") => FactorResult::Success,
        Some("REJECTED") => FactorResult::Rejected,
        Some("TIMEOUT") => FactorResult::TimedOut,
        Some(_) => FactorResult::Failed,
    }
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    status: Text,
    #[serde(default, rename = "stateToken")]
    state_token: Text,
    #[serde(default, rename = "factorResult")]
    factor_result: Text,
    #[serde(default, rename = "expiresAt")]
    expires_at: Text,
    #[serde(rename = "recoveryType")]
    recovery_type: Option<IgnoredAny>,
    #[serde(default, rename = "errorCode")]
    error_code: Text,
    #[serde(rename = "_embedded")]
    embedded: Option<Embedded>,
    #[serde(rename = "_links")]
    links: Option<Links>,
}

#[derive(Default, Deserialize)]
struct Embedded {
    user: Option<UserBody>,
    /// Okta's documentation and its servers do not agree on which of the two holds the list; both are read, each as
    /// a list or as a single factor.
    #[serde(default)]
    factors: OneOrMany<FactorBody>,
    #[serde(default)]
    factor: OneOrMany<FactorBody>,
    policy: Option<PolicyBody>,
}

#[derive(Deserialize)]
struct Links {
    skip: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct UserBody {
    #[serde(default)]
    id: Text,
    #[serde(default)]
    status: Text,
    profile: Option<UserProfile>,
}

#[derive(Deserialize)]
struct UserProfile {
    #[serde(default)]
    login: Text,
}

impl UserBody {
    fn into_user(self) -> Option<User> {
        let id = self.id.0.filter(|id| is_id(id))?;
        let login = self.profile.and_then(|profile| profile.login.0).unwrap_or_default();
        Some(User { id, login: quote(&login) })
    }
}

#[derive(Deserialize)]
struct FactorBody {
    #[serde(default)]
    id: Text,
    #[serde(default, rename = "factorType")]
    factor_type: Text,
    #[serde(default)]
    provider: Text,
    #[serde(default)]
    status: Text,
    #[serde(default)]
    enrollment: Text,
    profile: Option<FactorProfile>,
    #[serde(rename = "_embedded")]
    embedded: Option<FactorEmbedded>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct FactorProfile {
    name: Text,
    phone_number: Text,
    email: Text,
    authenticator_name: Text,
    credential_id: Text,
    question_text: Text,
    question: Text,
}

#[derive(Deserialize)]
struct FactorEmbedded {
    challenge: Option<ChallengeBody>,
}

#[derive(Deserialize)]
struct ChallengeBody {
    #[serde(default, rename = "correctAnswer")]
    correct_answer: Whole,
}

impl FactorBody {
    fn number(&self) -> Option<i64> {
        self.embedded.as_ref()?.challenge.as_ref()?.correct_answer.0
    }

    fn into_enrollable(self) -> EnrollableFactor {
        EnrollableFactor {
            factor_type: quote(&self.factor_type.0.unwrap_or_default()),
            provider_name: quote(&self.provider.0.unwrap_or_default()),
            required: self.enrollment.0.as_deref() == Some("REQUIRED"),
        }
    }

    /// None for a factor without an id: nothing could be done with it.
    fn into_factor(self) -> Option<Factor> {
        let id = self.id.0.filter(|id| is_id(id))?;
        let factor_type = quote(&self.factor_type.0.unwrap_or_default());
        let provider_name = quote(&self.provider.0.unwrap_or_default());
        let profile = self.profile.unwrap_or_default();
        let name = profile.name.0.or(profile.phone_number.0).or(profile.email.0);
        let name = name.or(profile.authenticator_name.0).or(profile.credential_id.0);
        Some(Factor {
            id,
            kind: factor_kind(&factor_type),
            factor_type,
            provider: match provider_name.as_str() {
                "OKTA" => Provider::Okta,
                "GOOGLE" => Provider::Google,
                _ => Provider::Other,
            },
            provider_name,
            name: quote(&name.unwrap_or_default()),
            question: profile.question_text.0.or(profile.question.0).map(|question| quote(&question)),
            active: self.status.0.is_none_or(|status| status == "ACTIVE"),
        })
    }
}

fn factor_kind(factor_type: &str) -> FactorKind {
    match factor_type {
        "push" => FactorKind::Push,
        "token:software:totp" => FactorKind::Totp,
        "sms" => FactorKind::Sms,
        "call" => FactorKind::Call,
        "email" => FactorKind::Email,
        "question" => FactorKind::Question,
        "token" | "token:hardware" | "token:hotp" => FactorKind::HardwareToken,
        _ => FactorKind::Unsupported,
    }
}

/// Nothing but these two may be required (Okta's own samples show no more), and neither may be missing: a group that
/// is passed over could be the one that matters.
#[derive(Deserialize)]
struct GroupBody {
    id: String,
    profile: GroupProfile,
}

#[derive(Deserialize)]
struct GroupProfile {
    name: String,
}

#[cfg(test)]
mod tests;
