//! `POST /api/v1/authn` and the moves between its states.

use crate::answer::Answer;
use crate::faults::RateLimitVariant;
use crate::rates;
use crate::state::{Account, Shared, Step, Transaction, World, locked, random_text};
use crate::users::{Enrollment, Outcome, PasswordState};
use axum::body::Bytes;
use axum::extract::State;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// How long a session token lives, as `expiresAt` of SUCCESS says.
const SESSION_TOKEN_MILLIS: i64 = 300_000;

/// Primary authentication, or with `stateToken` alone the current state.
pub(crate) async fn start(State(okta): State<Arc<Shared>>, body: Bytes) -> Answer {
    let body = match object(&body) {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let mut world = locked(&okta.world);
    let now = okta.now_millis();
    let (Some(username), Some(password)) = (text(&body, "username"), text(&body, "password")) else {
        if text(&body, "stateToken").is_some() {
            return current(&okta, &mut world, &body);
        }
        let causes = ["The 'username' and 'password' attributes are required in this context."];
        return Answer::error(400, "E0000001", "Api validation failed: authRequest", &causes);
    };
    if world.settings.username_limit && world.rates.username_refused(username, now.div_euclid(1_000)) {
        return rates::too_many(RateLimitVariant::Normal, now.div_euclid(1_000), None);
    }
    let Some(login) = world.login(username) else { return Answer::authentication_failed() };
    let (show_lockouts, attempts) = (world.settings.show_lockouts, world.settings.password_attempts);
    let Some(account) = world.accounts.get_mut(&login) else { return Answer::authentication_failed() };
    match account.status() {
        "ACTIVE" | "PASSWORD_EXPIRED" => {}
        "LOCKED_OUT" if show_lockouts => return locked_out(&okta),
        _ => return Answer::authentication_failed(),
    }
    if account.user.password != password {
        account.wrong_passwords += 1;
        account.locked = account.wrong_passwords >= attempts;
        return if account.locked && show_lockouts {
            locked_out(&okta)
        } else {
            Answer::authentication_failed()
        };
    }
    account.wrong_passwords = 0;
    let warn = body.get("options").is_some_and(|options| options["warnBeforePasswordExpired"] == true);
    if account.user.mfa && !account.user.factors.is_empty() {
        enter(&okta, &mut world, None, &login, Step::MfaRequired, warn)
    } else {
        after_factors(&okta, &mut world, None, &login, warn)
    }
}

/// The current state once more.
pub(crate) async fn introspect(State(okta): State<Arc<Shared>>, body: Bytes) -> Answer {
    match object(&body) {
        Ok(body) => current(&okta, &mut locked(&okta.world), &body),
        Err(refusal) => refusal,
    }
}

/// Back from a challenge to the choice of factors.
pub(crate) async fn previous(State(okta): State<Arc<Shared>>, body: Bytes) -> Answer {
    in_transaction(&okta, &body, |world, token, transaction, _| match transaction.step {
        Step::MfaChallenge { .. } => {
            enter(&okta, world, Some(token), &transaction.login, Step::MfaRequired, transaction.warn)
        }
        _ => Answer::wrong_state(),
    })
}

/// Past a warning or an optional enrolment, where the link is published.
pub(crate) async fn skip(State(okta): State<Arc<Shared>>, body: Bytes) -> Answer {
    in_transaction(&okta, &body, |world, token, transaction, _| {
        let Some(account) = world.accounts.get(&transaction.login) else { return Answer::invalid_token() };
        let user = &account.user;
        match transaction.step {
            Step::PasswordWarn if user.password_state != PasswordState::WarnWithoutSkip => {
                after_password(&okta, world, Some(token), &transaction.login, transaction.warn)
            }
            Step::MfaEnroll if user.enrollment == Enrollment::Optional => {
                finish(&okta, world, Some(token), &transaction.login)
            }
            _ => Answer::wrong_state(),
        }
    })
}

/// Ends the transaction.
pub(crate) async fn cancel(State(okta): State<Arc<Shared>>, body: Bytes) -> Answer {
    in_transaction(&okta, &body, |world, token, _, _| {
        world.transactions.remove(token);
        Answer::json(200, &json!({ "relayState": "" }))
    })
}

/// A new password instead of an expired one.
pub(crate) async fn change_password(State(okta): State<Arc<Shared>>, body: Bytes) -> Answer {
    in_transaction(&okta, &body, |world, token, transaction, body| {
        if !matches!(transaction.step, Step::PasswordExpired | Step::PasswordWarn) {
            return Answer::wrong_state();
        }
        let Some(account) = world.accounts.get_mut(&transaction.login) else {
            return Answer::invalid_token();
        };
        if text(body, "oldPassword") != Some(&account.user.password) {
            let causes = ["oldPassword: The credentials provided were incorrect."];
            return Answer::error(403, "E0000014", "Update of credentials failed", &causes);
        }
        account.user.password = text(body, "newPassword").unwrap_or_default().to_owned();
        account.user.password_state = PasswordState::Good;
        account.user.status = "ACTIVE".to_owned();
        after_password(&okta, world, Some(token), &transaction.login, transaction.warn)
    })
}

/// Runs a move of the transaction whose state token the body has.
pub(crate) fn in_transaction(
    okta: &Shared,
    body: &[u8],
    go: impl FnOnce(&mut World, &str, Transaction, &Map<String, Value>) -> Answer,
) -> Answer {
    let body = match object(body) {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let Some(token) = text(&body, "stateToken") else { return Answer::invalid_token() };
    let mut world = locked(&okta.world);
    match world.touch(token, okta.now_millis()) {
        Some(transaction) => go(&mut world, token, transaction, &body),
        None => Answer::invalid_token(),
    }
}

/// What comes when the second factor is done with, or was not asked for.
pub(crate) fn after_factors(
    okta: &Shared,
    world: &mut World,
    token: Option<&str>,
    login: &str,
    warn: bool,
) -> Answer {
    let Some(account) = world.accounts.get(login) else { return Answer::authentication_failed() };
    let state = account.user.password_state;
    if state == PasswordState::Expired || account.user.status == "PASSWORD_EXPIRED" {
        return enter(okta, world, token, login, Step::PasswordExpired, warn);
    }
    match state {
        PasswordState::Warn if !warn => after_password(okta, world, token, login, warn),
        PasswordState::Warn | PasswordState::WarnAlways | PasswordState::WarnWithoutSkip => {
            enter(okta, world, token, login, Step::PasswordWarn, warn)
        }
        PasswordState::Good | PasswordState::Expired => after_password(okta, world, token, login, warn),
    }
}

fn after_password(okta: &Shared, world: &mut World, token: Option<&str>, login: &str, warn: bool) -> Answer {
    match world.accounts.get(login).map(|account| account.user.enrollment) {
        None | Some(Enrollment::None) => finish(okta, world, token, login),
        Some(_) => enter(okta, world, token, login, Step::MfaEnroll, warn),
    }
}

/// The end: the state token is worth nothing any more.
fn finish(okta: &Shared, world: &mut World, token: Option<&str>, login: &str) -> Answer {
    if let Some(token) = token {
        world.transactions.remove(token);
    }
    let Some(account) = world.accounts.get(login) else { return Answer::authentication_failed() };
    let mut user = account.user.embedded();
    let mut body =
        json!({ "status": "SUCCESS", "expiresAt": time(okta.now_millis() + SESSION_TOKEN_MILLIS) });
    let mut status = 200;
    match &account.user.outcome {
        Outcome::Success | Outcome::NoUser => {}
        Outcome::Unlock => body["recoveryType"] = json!("UNLOCK"),
        Outcome::OtherUser(id) => user["id"] = json!(id),
        Outcome::Status(other) => body["status"] = json!(other),
        Outcome::SuccessWith401 => status = 401,
    }
    if body["status"] == "SUCCESS" {
        body["sessionToken"] = json!(format!("2011{}", random_text(30)));
    }
    if account.user.outcome != Outcome::NoUser {
        body["_embedded"] = json!({ "user": user });
    }
    Answer::json(status, &body)
}

/// Enters a state, in a new transaction where there is no token yet, and shows it.
pub(crate) fn enter(
    okta: &Shared,
    world: &mut World,
    token: Option<&str>,
    login: &str,
    step: Step,
    warn: bool,
) -> Answer {
    let token = match token {
        Some(token) => {
            if let Some(transaction) = world.transactions.get_mut(token) {
                transaction.step = step;
            }
            token.to_owned()
        }
        None => world.begin(login, step, warn, okta.now_millis()),
    };
    show(okta, world, &token)
}

fn current(okta: &Shared, world: &mut World, body: &Map<String, Value>) -> Answer {
    let token = text(body, "stateToken").unwrap_or_default();
    match world.touch(token, okta.now_millis()) {
        Some(_) => show(okta, world, token),
        None => Answer::invalid_token(),
    }
}

/// The state of a transaction.
pub(crate) fn show(okta: &Shared, world: &World, token: &str) -> Answer {
    let Some(transaction) = world.transactions.get(token) else { return Answer::invalid_token() };
    let Some(account) = world.accounts.get(&transaction.login) else { return Answer::invalid_token() };
    let mut body = json!({ "stateToken": token, "expiresAt": time(transaction.expires) });
    let mut embedded = json!({ "user": account.user.embedded() });
    let mut links = json!({ "cancel": link(&okta.origin, "cancel", None) });
    match &transaction.step {
        Step::MfaRequired => {
            body["status"] = json!("MFA_REQUIRED");
            embedded[&world.settings.factors_key] = factors(okta, account, "verify");
            if let Some(types) = repeated_types(okta, account) {
                embedded["factorTypes"] = types;
            }
            embedded["policy"] = json!({ "allowRememberDevice": true, "rememberDeviceLifetimeInMinutes": 15,
                                         "rememberDeviceByDefault": false, "factorsPolicyInfo": {} });
        }
        Step::MfaChallenge { factor, push } => {
            body["status"] = json!("MFA_CHALLENGE");
            crate::factors::show_challenge(
                okta,
                account,
                factor,
                push.as_ref(),
                &mut body,
                &mut embedded,
                &mut links,
            );
            links["prev"] = link(&okta.origin, "previous", None);
        }
        Step::PasswordExpired => {
            body["status"] = json!("PASSWORD_EXPIRED");
            embedded["policy"] = complexity();
            links["next"] = link(&okta.origin, "credentials/change_password", Some("changePassword"));
        }
        Step::PasswordWarn => {
            body["status"] = json!("PASSWORD_WARN");
            embedded["policy"] = complexity();
            embedded["policy"]["expiration"] = json!({ "passwordExpireDays": 5 });
            links["next"] = link(&okta.origin, "credentials/change_password", Some("changePassword"));
            if account.user.password_state != PasswordState::WarnWithoutSkip {
                links["skip"] = link(&okta.origin, "skip", Some("skip"));
            }
        }
        Step::MfaEnroll => {
            body["status"] = json!("MFA_ENROLL");
            let optional = account.user.enrollment == Enrollment::Optional;
            let enrollment = if optional { "OPTIONAL" } else { "REQUIRED" };
            embedded[&world.settings.factors_key] = json!([
                { "factorType": "token:software:totp", "provider": "GOOGLE", "vendorName": "GOOGLE",
                  "status": "NOT_SETUP", "enrollment": enrollment,
                  "_links": { "enroll": link(&okta.origin, "factors", None) } },
            ]);
            if optional {
                links["skip"] = link(&okta.origin, "skip", Some("skip"));
            }
        }
    }
    body["_embedded"] = embedded;
    body["_links"] = links;
    Answer::json(200, &body)
}

fn factors(okta: &Shared, account: &Account, relation: &str) -> Value {
    let shown = account.user.factors.iter().map(|factor| {
        let mut shown = factor.shown();
        shown["_links"] =
            json!({ relation: link(&okta.origin, &format!("factors/{}/verify", factor.id), None) });
        shown
    });
    shown.collect()
}

/// Okta also lists the types once there are several factors of one.
fn repeated_types(okta: &Shared, account: &Account) -> Option<Value> {
    let kinds: BTreeSet<&str> = account.user.factors.iter().map(|factor| factor.kind.as_str()).collect();
    let shown = |kind| {
        let next = link(&okta.origin, &format!("factors/{kind}/verify"), Some(kind));
        json!({ "factorType": kind, "_links": { "next": next } })
    };
    (kinds.len() < account.user.factors.len()).then(|| kinds.into_iter().map(shown).collect())
}

fn complexity() -> Value {
    json!({ "complexity": { "minLength": 8, "minLowerCase": 1, "minUpperCase": 1, "minNumber": 1,
                            "minSymbol": 0, "excludeUsername": "true" } })
}

/// 200 LOCKED_OUT, without a state token.
fn locked_out(okta: &Shared) -> Answer {
    let unlock = link(&okta.origin, "recovery/unlock", Some("unlock"));
    Answer::json(200, &json!({ "status": "LOCKED_OUT", "_embedded": {}, "_links": { "next": unlock } }))
}

/// A link to an authn path.
pub(crate) fn link(origin: &str, path: &str, name: Option<&str>) -> Value {
    let mut link = json!({ "href": format!("{origin}/api/v1/authn/{path}"), "hints": { "allow": ["POST"] } });
    if let Some(name) = name {
        link["name"] = json!(name);
    }
    link
}

/// A time as Okta writes it, to the millisecond.
pub(crate) fn time(millis: i64) -> String {
    let seconds = u64::try_from(millis.div_euclid(1_000)).unwrap_or_default();
    let date = httpdate::HttpDate::from(UNIX_EPOCH + Duration::from_secs(seconds)).to_string();
    // `Tue, 15 Nov 1994 08:12:31 GMT`: the fields stand at fixed places.
    let month = "JanFebMarAprMayJunJulAugSepOctNovDec".find(&date[8..11]).unwrap_or_default() / 3 + 1;
    format!("{}-{month:02}-{}T{}.{:03}Z", &date[12..16], &date[5..7], &date[17..25], millis.rem_euclid(1_000))
}

/// The body as an object; Okta's complaint where it is none.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, Answer> {
    serde_json::from_slice(body)
        .map_err(|_| Answer::error(400, "E0000003", "The request body was not well-formed.", &[]))
}

/// A text member.
pub(crate) fn text<'b>(body: &'b Map<String, Value>, name: &str) -> Option<&'b str> {
    body.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_are_iso_8601() {
        assert_eq!(super::time(784_887_151_007), "1994-11-15T08:12:31.007Z");
    }
}
