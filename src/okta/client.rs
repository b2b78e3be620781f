//! The calls this library makes to Okta, each a method.

use super::failure::{Call, Failure, FailureKind};
use super::transport::{Origin, Response, Settings, Transport};
use super::{Group, Org, StateToken, Transaction, User, UserStatus, answer, links, pacing};
use crate::deadline::Deadline;
use crate::json;
use crate::limits;
use crate::secret::{Secret, SecretBytes};
use bytes::Bytes;
use reqwest::Url;
use reqwest::header::{HeaderValue, LINK};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// What the user gives a factor.
#[derive(Clone)]
pub enum Answer {
    /// Nothing: Okta sends the push, the message or the call.
    Nothing,
    /// A passcode.
    PassCode(Secret<String>),
    /// The answer to a security question.
    Answer(Secret<String>),
}

/// A client of Okta: a pool of connections and the rules by which it is used. Copies share the pool. Its futures run
/// on the network thread ([`super::Network::run`]).
///
/// Calls of a transaction carry a password, a passcode or send a message: each is sent once, whatever happens. The
/// API token goes out with queries of users and groups and with nothing else.
#[derive(Clone)]
pub struct Client {
    transport: Arc<Transport>,
    /// No query is tried again when its pause would end later.
    until: Option<Instant>,
}

impl Client {
    /// A client with these settings. No connection is made, no thread started and no file read yet.
    ///
    /// # Errors
    /// What is wrong with `roots` or `proxy`.
    pub fn new(settings: Settings) -> Result<Self, String> {
        Ok(Self { transport: Arc::new(Transport::new(settings)?), until: None })
    }

    /// The same client for an operation that ends with this deadline: a query that would have to wait longer for its
    /// next try fails at once, with Okta's reason instead of a time-out.
    #[must_use]
    pub fn within(&self, deadline: &Deadline) -> Self {
        Self { transport: Arc::clone(&self.transport), until: Some(deadline.at()) }
    }

    /// Waits for a turn to call Okta, of which [`limits::OKTA_CALLS`] are given out at once; it ends when dropped.
    /// Queries of users and groups wait by themselves, for each try anew.
    pub async fn turn(&self) -> impl Send + '_ {
        self.transport.turn().await
    }

    /// Begins an authn transaction with user name and password.
    ///
    /// # Errors
    /// Okta's refusal, or why there was no answer that could be used.
    pub async fn authenticate(
        &self,
        org: &Org,
        username: &str,
        password: &Secret<String>,
        origin: &Origin,
    ) -> Result<Transaction, Failure> {
        let members = [("username", username), ("password", password.expose().as_str())];
        let response = self.transport.post(org, authn_url(org, &[])?, json_body(&members), origin).await?;
        answer::transaction(Call::Authenticate, &response, None)
    }

    /// Lets a factor send its push, message or call, or checks a passcode or answer.
    ///
    /// # Errors
    /// As [`Client::authenticate`]. An empty passcode is refused here: Okta would take its absence for the wish to
    /// have another message sent.
    pub async fn verify_factor(
        &self,
        org: &Org,
        state_token: &StateToken,
        factor_id: &str,
        given: Answer,
        origin: &Origin,
    ) -> Result<Transaction, Failure> {
        let given = match &given {
            Answer::Nothing => None,
            Answer::PassCode(code) => Some(("passCode", code)),
            Answer::Answer(text) => Some(("answer", text)),
        };
        if given.is_some_and(|(_, text)| text.expose().is_empty()) {
            return Err(Failure::new(
                FailureKind::PasscodeRefused,
                "an empty passcode or answer is not sent",
            ));
        }
        let given = given.map(|(name, text)| (name, text.expose().as_str()));
        self.go_on(org, &["factors", factor_id, "verify"], state_token, given, origin).await
    }

    /// Asks how a factor that was sent stands. To be called only while the last answer was `WAITING`: after a
    /// rejection or time-out the same call would send another push.
    ///
    /// # Errors
    /// As [`Client::authenticate`].
    pub async fn poll(
        &self,
        org: &Org,
        state_token: &StateToken,
        factor_id: &str,
        origin: &Origin,
    ) -> Result<Transaction, Failure> {
        self.go_on(org, &["factors", factor_id, "verify"], state_token, None, origin).await
    }

    /// Asks in which state a transaction is; this sends nothing to the user, whatever the state.
    ///
    /// # Errors
    /// As [`Client::authenticate`].
    pub async fn state(
        &self,
        org: &Org,
        state_token: &StateToken,
        origin: &Origin,
    ) -> Result<Transaction, Failure> {
        self.go_on(org, &[], state_token, None, origin).await
    }

    /// Has a factor's message sent again. Okta allows it every 30 seconds (e-mail: 5).
    ///
    /// # Errors
    /// As [`Client::authenticate`]; a cool-down is [`FailureKind::RateLimited`].
    pub async fn resend(
        &self,
        org: &Org,
        state_token: &StateToken,
        factor_id: &str,
        origin: &Origin,
    ) -> Result<Transaction, Failure> {
        self.go_on(org, &["factors", factor_id, "verify", "resend"], state_token, None, origin).await
    }

    /// Passes over a password that will expire. Only where Okta published the link ([`Transaction::PasswordWarn`]).
    ///
    /// # Errors
    /// As [`Client::authenticate`].
    pub async fn skip(
        &self,
        org: &Org,
        state_token: &StateToken,
        origin: &Origin,
    ) -> Result<Transaction, Failure> {
        self.go_on(org, &["skip"], state_token, None, origin).await
    }

    /// Goes back from a challenge to the choice of a factor.
    ///
    /// # Errors
    /// As [`Client::authenticate`].
    pub async fn previous(
        &self,
        org: &Org,
        state_token: &StateToken,
        origin: &Origin,
    ) -> Result<Transaction, Failure> {
        self.go_on(org, &["previous"], state_token, None, origin).await
    }

    /// Ends a transaction; its state token is void from then on.
    ///
    /// # Errors
    /// As [`Client::authenticate`].
    pub async fn cancel(&self, org: &Org, state_token: &StateToken, origin: &Origin) -> Result<(), Failure> {
        let members = [("stateToken", state_token.expose().as_str())];
        let response =
            self.transport.post(org, authn_url(org, &["cancel"])?, json_body(&members), origin).await?;
        // What stands in the body differs from server to server and says nothing.
        if response.is_success() { Ok(()) } else { Err(Failure::of(Call::Transaction, &response)) }
    }

    /// Asks for a user by Okta's id.
    ///
    /// # Errors
    /// [`FailureKind::ApiTokenRefused`], [`FailureKind::NotFound`] and the others, but none of those of a login.
    pub async fn user(
        &self,
        org: &Org,
        api_token: &Secret<String>,
        user_id: &str,
    ) -> Result<(User, UserStatus), Failure> {
        let url = user_url(org, user_id, &[])?;
        let response = self.query(org, &url, &authorization(api_token)?).await?;
        let (user, status) = answer::user(&response)?;
        if user.id != user_id {
            return Err(Failure::invalid(response.status, "Okta's answer is about another user"));
        }
        Ok((user, status))
    }

    /// Asks for all groups of a user, by Okta's id: every page, or a failure.
    ///
    /// # Errors
    /// As [`Client::user`], and where the pages cannot be followed to their end.
    pub async fn user_groups(
        &self,
        org: &Org,
        api_token: &Secret<String>,
        user_id: &str,
    ) -> Result<Vec<Group>, Failure> {
        let authorization = authorization(api_token)?;
        let mut url = user_url(org, user_id, &["groups"])?;
        let mut seen = HashSet::new();
        let mut groups = Vec::new();
        loop {
            let response = self.query(org, &url, &authorization).await?;
            let page = answer::groups(&response)?;
            if groups.len() + page.len() > limits::OKTA_GROUPS {
                let limit = limits::OKTA_GROUPS;
                return Err(Failure::invalid(
                    response.status,
                    format!("the user is in more than {limit} groups"),
                ));
            }
            groups.extend(page);
            let Some(next) = next_page(org, &url, &response)? else { return Ok(groups) };
            seen.insert(std::mem::replace(&mut url, next));
            if seen.contains(&url) {
                return Err(Failure::invalid(
                    response.status,
                    "the pages of Okta's groups go round in a circle",
                ));
            }
            if seen.len() >= limits::OKTA_GROUP_PAGES {
                let limit = limits::OKTA_GROUP_PAGES;
                return Err(Failure::invalid(
                    response.status,
                    format!("Okta's groups fill more than {limit} pages"),
                ));
            }
        }
    }

    async fn go_on(
        &self,
        org: &Org,
        path: &[&str],
        state_token: &StateToken,
        given: Option<(&str, &str)>,
        origin: &Origin,
    ) -> Result<Transaction, Failure> {
        let state = [("stateToken", state_token.expose().as_str())];
        let members: Vec<_> = state.into_iter().chain(given).collect();
        let response = self.transport.post(org, authn_url(org, path)?, json_body(&members), origin).await?;
        answer::transaction(Call::Transaction, &response, Some(state_token))
    }

    /// A query may be asked again where Okta says that it was too busy to hear it.
    async fn query(&self, org: &Org, url: &Url, authorization: &HeaderValue) -> Result<Response, Failure> {
        let mut tries = 0;
        loop {
            let turn = self.transport.turn().await;
            let response = Box::pin(self.transport.get(org, url.clone(), authorization.clone())).await?;
            drop(turn);
            tries += 1;
            let retry_after = pacing::retry_after(&response.headers);
            match pacing::pause_before_retry(response.status, retry_after, tries) {
                Some(pause) if self.has_time_for(pause) => self.transport.clock().pause(pause).await,
                _ => return Ok(response),
            }
        }
    }

    fn has_time_for(&self, pause: Duration) -> bool {
        self.until.is_none_or(|until| until.saturating_duration_since(Instant::now()) > pause)
    }
}

fn authn_url(org: &Org, rest: &[&str]) -> Result<Url, Failure> {
    let path: Vec<&str> = ["api", "v1", "authn"].into_iter().chain(rest.iter().copied()).collect();
    org.url(&path).map_err(|text| Failure::new(FailureKind::InvalidAnswer, text))
}

fn user_url(org: &Org, user_id: &str, rest: &[&str]) -> Result<Url, Failure> {
    if !answer::is_id(user_id) {
        return Err(Failure::new(FailureKind::InvalidAnswer, "the id is none of a user of Okta's"));
    }
    let path: Vec<&str> = ["api", "v1", "users", user_id].into_iter().chain(rest.iter().copied()).collect();
    org.url(&path).map_err(|text| Failure::new(FailureKind::InvalidAnswer, text))
}

/// Where the next page is, as seen from the one that was asked for (RFC 8288, section 3.2). It is given out with the API token, so it must be on the same origin.
fn next_page(org: &Org, asked: &Url, response: &Response) -> Result<Option<Url>, Failure> {
    let invalid = |text: &str| Failure::invalid(response.status, text);
    let lines = response.headers.get_all(LINK).iter().map(HeaderValue::as_bytes);
    let next = links::next(lines).map_err(|_| invalid("Okta's Link header cannot be understood"))?;
    let Some(next) = next else { return Ok(None) };
    let next = asked.join(&next).map_err(|_| invalid("Okta's link to the next page is no URL"))?;
    if !org.has(&next) {
        return Err(invalid("Okta's link to the next page leads to another host; it is not followed"));
    }
    Ok(Some(next))
}

/// A JSON object of texts, wiped when the call is over; what TLS and the kernel copy from it is out of our hands.
fn json_body(members: &[(&str, &str)]) -> Bytes {
    let mut body = SecretBytes::with_capacity(256);
    for (index, (name, text)) in members.iter().enumerate() {
        body.extend_from_slice(if index == 0 { b"{" } else { b"," });
        json::write_string(name, &mut body);
        body.extend_from_slice(b":");
        json::write_string(text, &mut body);
    }
    body.extend_from_slice(b"}");
    Bytes::from_owner(body.into_inner())
}

/// `SSWS <token>`, wiped when the last copy is dropped and left out of debug output.
fn authorization(api_token: &Secret<String>) -> Result<HeaderValue, Failure> {
    let token = api_token.expose();
    let mut text = Zeroizing::new(Vec::with_capacity(5 + token.len()));
    text.extend_from_slice(b"SSWS ");
    text.extend_from_slice(token.as_bytes());
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(text)).map_err(|_| {
        Failure::new(FailureKind::ApiTokenRefused, "api_token holds characters that no header can carry")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_not_escaped_for_html() {
        let body = json_body(&[("username", "fred"), ("password", "<tag> & \"ünï🙂\" \\ \u{0}")]);
        let expected = r#"{"username":"fred","password":"<tag> & \"ünï🙂\" \\ \u0000"}"#;
        assert_eq!(std::str::from_utf8(&body), Ok(expected));
    }

    #[test]
    fn the_api_token_is_no_part_of_debug_output() {
        let value = authorization(&Secret::from("00hunter2")).expect("a header");
        assert_eq!(value.as_bytes(), b"SSWS 00hunter2");
        assert!(!format!("{value:?}").contains("hunter2"));
        let failure = authorization(&Secret::from("00\nhunter2")).expect_err("refused");
        assert!(failure.kind == FailureKind::ApiTokenRefused && !failure.text.contains("hunter2"));
    }
}
