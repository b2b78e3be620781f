//! `login/<username>`, in three phases: what can be said without Okta, what only Okta can say, and what follows
//! from it. Only the second waits for the network, and it touches no storage.

use super::calls::Calls;
use super::config::NO_API_TOKEN;
use super::factors;
use super::failures::{failed, refused};
use super::nonces::{Nonces, Published};
use super::transaction::{self, Awaits, Challenged, FactorRequired, Passed, Progress};
use super::{Method, names};
use crate::cidr::Cidr;
use crate::clock::Clock;
use crate::deadline::{Deadline, Interrupted};
use crate::error::{Code, Error, Result};
use crate::field::{Field, Fields, Kind};
use crate::limits;
use crate::okta::{Answer, Factor, FactorKind, Group, Org, Provider, User};
use crate::secret::Secret;
use crate::token_fields::TokenFields;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// Fields of `login/<username>`.
pub const LOGIN_FIELDS: &[Field] = &[
    Field::new("username", Kind::String),
    Field::secret("password", Kind::String),
    Field::secret("totp", Kind::String),
    Field::secret("nonce", Kind::String),
    Field::new("provider", Kind::String),
];

/// The member of a token's metadata with the name as it was typed, without blanks around it.
pub const USERNAME: &str = "username";
/// The member of a token's metadata with the user's id at Okta.
pub const OKTA_USER_ID: &str = "okta_user_id";

const PASSWORD_WARNING: &str = "Your Okta password is in warning state and needs to be changed soon.";
/// The warning of a user without groups.
pub const NO_GROUPS: &str = "no Okta groups found; only policies from locally-defined groups available";

/// A login that may be put to Okta.
pub struct Prepared {
    username: String,
    org: Org,
    remote: Option<IpAddr>,
    attempt: Attempt,
}

/// What is put to Okta.
pub struct Attempt {
    mount_id: String,
    username: String,
    password: Secret<String>,
    /// Empty when not given.
    passcode: Secret<String>,
    /// Empty when not given.
    nonce: Secret<String>,
    provider: Option<Provider>,
    bypass: bool,
    api_token: Option<Secret<String>>,
}

/// What Okta said.
#[derive(Debug)]
pub struct Authenticated {
    pub(super) passed: Passed,
    /// `None`: Okta was not asked, for want of an API token.
    pub(super) groups: Option<Vec<Group>>,
}

/// A login that succeeded: what its token is to be like.
#[derive(Debug)]
pub struct Login {
    /// Who it is at Okta.
    pub user: User,
    /// The name as it was typed, without blanks around it.
    pub username: String,
    /// The method's part of the token's display name.
    pub display_name: String,
    /// `username` and `policies` as in Vault, `okta_user_id` and, where Okta gave it, `okta_login`.
    pub metadata: BTreeMap<String, String>,
    /// Names of all groups, mapped or not.
    pub groups: Vec<String>,
    /// Those that policies are mapped to.
    pub mapped_groups: Vec<String>,
    /// `token_policies` and what groups and user map to, not cleaned.
    pub policies: Vec<String>,
    /// The other fields of the configuration that the token takes over.
    pub token: TokenFields,
    /// Whether the token can be renewed: that needs an API token.
    pub renewable: bool,
    /// For the answer.
    pub warnings: Vec<String>,
}

impl Method<'_> {
    /// The first phase: everything that can refuse a login before Okta is asked.
    ///
    /// # Errors
    /// 400 and 403 with Vault's texts; 500 when the configuration makes no address; storage errors.
    pub fn prepare_login(&self, fields: &Fields, remote: Option<IpAddr>) -> Result<Prepared> {
        let provider = factors::provider(&fields.string_or_empty("provider")?)?;
        self.prepare_password(fields, provider, remote)
    }

    /// [`Method::prepare_login`] when it is known whose TOTP factor is meant.
    pub(super) fn prepare_password(
        &self,
        fields: &Fields,
        provider: Option<Provider>,
        remote: Option<IpAddr>,
    ) -> Result<Prepared> {
        let typed = fields.string_or_empty("username")?;
        let username = typed.trim();
        names::key(username, "missing username")?;
        let config = self
            .config()?
            .ok_or_else(|| Error::bad_request(Code::NotConfigured, "Okta auth method not configured"))?;
        if !Cidr::allow(&config.token.bound_cidrs, remote) {
            return Err(Error::permission_denied());
        }
        let password = Secret::new(fields.string_or_empty("password")?);
        if password.expose().is_empty() {
            return Err(Error::bad_request(Code::InvalidRequest, "missing password"));
        }
        let attempt = Attempt {
            mount_id: self.mount_id.to_owned(),
            username: username.to_owned(),
            password,
            passcode: Secret::new(fields.string_or_empty("totp")?),
            nonce: Secret::new(fields.string_or_empty("nonce")?),
            provider,
            bypass: config.bypass_okta_mfa,
            api_token: config.api_token().cloned(),
        };
        Ok(Prepared { username: username.to_owned(), org: config.org()?, remote, attempt })
    }

    /// The third phase: what Okta's word is worth here.
    ///
    /// The configuration is read again, as in Vault, since a user may take minutes to answer a push. A login that
    /// was let through by one organisation is worth nothing at another.
    ///
    /// # Errors
    /// 500 when the configuration is gone; 403 and 400 when it changed against this login; storage errors.
    pub fn finish_login(&self, prepared: Pending, answer: Authenticated) -> Result<Login> {
        let Pending { username, org, remote } = prepared;
        let config = self
            .config()?
            .ok_or_else(|| Error::new(500, Code::NotConfigured, "Okta backend not configured"))?;
        if !Cidr::allow(&config.token.bound_cidrs, remote) {
            return Err(Error::permission_denied());
        }
        if config.org()? != org {
            return Err(Error::bad_request(
                Code::LoginRefused,
                "the configuration was changed to another organisation during the login; log in again",
            ));
        }
        let Authenticated { passed: Passed { user, password_warning }, groups } = answer;
        let mut warnings = Vec::new();
        if password_warning.is_some() {
            warnings.push(PASSWORD_WARNING.to_owned());
        }
        match &groups {
            None => warnings.push(NO_API_TOKEN.to_owned()),
            Some(groups) if groups.is_empty() => warnings.push(NO_GROUPS.to_owned()),
            Some(_) => {}
        }
        let renewable = groups.is_some();
        let mapping = self.mapping(&username, &groups.unwrap_or_default())?;
        let mut metadata = BTreeMap::from([
            (USERNAME.to_owned(), username.clone()),
            ("policies".to_owned(), mapping.policies.join(",")),
            (OKTA_USER_ID.to_owned(), user.id.clone()),
        ]);
        if !user.login.is_empty() {
            metadata.insert("okta_login".to_owned(), user.login.clone());
        }
        let mut policies = config.token.policies.clone();
        policies.extend(mapping.policies);
        Ok(Login {
            user,
            display_name: username.clone(),
            username,
            metadata,
            groups: mapping.groups,
            mapped_groups: mapping.mapped_groups,
            policies,
            token: config.token,
            renewable,
            warnings,
        })
    }
}

/// What the third phase needs of the first.
pub struct Pending {
    /// The name as it was typed, without blanks around it.
    pub(super) username: String,
    /// Where Okta is.
    pub(super) org: Org,
    /// Who asks.
    pub(super) remote: Option<IpAddr>,
}

impl Pending {
    /// The name as it was typed, without blanks around it.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// Where Okta is.
    pub fn org(&self) -> &Org {
        &self.org
    }
}

impl Attempt {
    /// The first call to Okta: the password, which is gone after it.
    pub(super) async fn start(self, calls: &impl Calls) -> (Result<Progress>, Option<Secret<String>>) {
        let progress = transaction::start(calls, &self.username, &self.password, self.bypass).await;
        (progress, self.api_token)
    }
}

impl Prepared {
    /// Where Okta is.
    pub fn org(&self) -> &Org {
        &self.org
    }

    /// Parts what goes to Okta from what stays here.
    pub fn split(self) -> (Attempt, Pending) {
        let Self { username, org, remote, attempt, .. } = self;
        (attempt, Pending { username, org, remote })
    }
}

/// How far the password has led.
pub enum Reached {
    /// Okta has let the user in.
    Passed(Authenticated),
    /// Okta wants a second factor, and this one is to be taken.
    Factor(Box<Chosen>),
}

/// A second factor that is to be taken. Nothing was sent to the user yet.
pub struct Chosen {
    attempt: Attempt,
    required: Box<FactorRequired>,
    factor: Factor,
}

/// The second phase up to the second factor. It may be dropped at any point, and then sends nothing more.
///
/// # Errors
/// Okta's refusals and failures, with Vault's texts; 400 when the user has no factor that can be taken.
#[expect(clippy::manual_async_fn, reason = "the arguments of an async function take their room twice")]
pub fn authenticate(calls: impl Calls, mut attempt: Attempt) -> impl Future<Output = Result<Reached>> + Send {
    async move {
        let password = std::mem::take(&mut attempt.password);
        let start = transaction::start(&calls, &attempt.username, &password, attempt.bypass);
        let mut progress = Box::pin(start).await?;
        drop(password);
        loop {
            progress = match progress {
                Progress::Passed(passed) => {
                    let groups = with_groups(&calls, passed, attempt.api_token.as_ref());
                    return Box::pin(groups).await.map(Reached::Passed);
                }
                Progress::PasswordWarning(warning) => Box::pin(warning.skip(&calls)).await?,
                Progress::FactorRequired(mut required) => {
                    let passcode_given = !attempt.passcode.expose().is_empty();
                    let factor = factors::choose(required.factors(), attempt.provider, passcode_given)?;
                    let factor = factor.clone();
                    required.forget_factors();
                    return Ok(Reached::Factor(Box::new(Chosen { attempt, required, factor })));
                }
                // Nobody has asked for it.
                Progress::Challenged(_) => return Err(refused(Code::LoginRefused)),
            };
        }
    }
}

impl Chosen {
    /// Whether something is sent to the user when it is taken.
    pub fn sends(&self) -> bool {
        self.factor.kind != FactorKind::Totp
    }

    /// Who is logging in, as far as Okta has said.
    pub fn user(&self) -> Option<&User> {
        self.required.user()
    }

    /// The factor.
    pub fn factor(&self) -> &Factor {
        &self.factor
    }

    /// The rest of the second phase. It may be dropped at any point, and then sends nothing more.
    ///
    /// # Errors
    /// Okta's refusals and failures, with Vault's texts. 503 `deadline_exceeded` when the user has not answered by
    /// the deadline, and not before.
    pub fn take(
        self,
        calls: impl Calls,
        nonces: Nonces,
        clock: Clock,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Authenticated>> + Send {
        let Self { attempt, required, factor } = self;
        let Attempt { mount_id, nonce, api_token, passcode, .. } = attempt;
        let waiting = Waiting { mount_id, nonce, api_token, nonces, clock, deadline };
        // Boxed one after the other, as thousands of users may be waited for.
        let first = Box::pin(async move {
            let given = match factor.kind {
                FactorKind::Totp => Answer::PassCode(passcode),
                _ => Answer::Nothing,
            };
            let progress = required.verify(&calls, &factor, given).await;
            (calls, progress)
        });
        async move {
            let (calls, progress) = first.await;
            Box::pin(waiting.until_answered(calls, progress?)).await
        }
    }
}

/// A login whose second factor was taken.
struct Waiting {
    mount_id: String,
    nonce: Secret<String>,
    api_token: Option<Secret<String>>,
    nonces: Nonces,
    clock: Clock,
    deadline: Deadline,
}

impl Waiting {
    #[expect(clippy::manual_async_fn, reason = "the arguments of an async function take their room twice")]
    fn until_answered(
        self,
        calls: impl Calls,
        mut progress: Progress,
    ) -> impl Future<Output = Result<Authenticated>> + Send {
        async move {
            let mut published = None;
            let mut polled = false;
            let passed = loop {
                progress = match &progress {
                    Progress::Passed(passed) => break passed.clone(),
                    Progress::PasswordWarning(warning) => Box::pin(warning.skip(&calls)).await?,
                    // One factor for one login: whoever must give two is not served by a call that takes one.
                    Progress::FactorRequired(_) => return Err(refused(Code::LoginRefused)),
                    Progress::Challenged(challenged) => {
                        self.show(challenged, &mut published)?;
                        self.wait_for_turn(challenged, polled).await?;
                        polled = true;
                        Box::pin(challenged.poll(&calls)).await?
                    }
                };
            };
            Box::pin(with_groups(&calls, passed, self.api_token.as_ref())).await
        }
    }

    /// Shows the number to tap to whoever asks with the nonce.
    fn show(&self, challenged: &Challenged, published: &mut Option<Published>) -> Result<()> {
        match (challenged.number(), &published) {
            (None, _) => {}
            (Some(number), Some(published)) => published.show(number),
            (Some(number), None) => {
                *published = Some(self.nonces.publish(&self.mount_id, self.nonce.expose(), number)?);
            }
        }
        Ok(())
    }

    /// The first poll comes at once, each other after a pause.
    async fn wait_for_turn(&self, challenged: &Challenged, polled: bool) -> Result<()> {
        if challenged.awaits() == Awaits::Passcode {
            return Err(refused(Code::LoginRefused));
        }
        if polled {
            let pause = pause_before_poll(self.deadline.remaining());
            // Without time for another poll, only the deadline is waited for.
            self.clock.pause(pause.unwrap_or(self.deadline.remaining())).await;
            let over = self.deadline.interrupted().or(pause.is_none().then_some(Interrupted::TimedOut));
            if let Some(why) = over {
                return Err(Error::interrupted(why, "waiting for the user"));
            }
        }
        Ok(())
    }
}

/// Asks for the groups of a user whom Okta has let in, where there is an API token to ask with.
pub(super) async fn with_groups(
    calls: &impl Calls,
    passed: Passed,
    api_token: Option<&Secret<String>>,
) -> Result<Authenticated> {
    let groups = match api_token {
        None => None,
        Some(api_token) => Some(calls.user_groups(api_token, &passed.user.id).await.map_err(groups_failed)?),
    };
    Ok(Authenticated { passed, groups })
}

/// What is said when the groups of a user cannot be had: the login or renewal fails then.
pub(super) fn groups_failed(failure: crate::okta::Failure) -> Error {
    failed("okta failure retrieving groups", failure)
}

/// How long to wait for the next poll with so much time left: the last one still comes, a little before the deadline.
/// `None`: it has come.
fn pause_before_poll(remaining: Duration) -> Option<Duration> {
    let until_last = remaining.checked_sub(limits::OKTA_LAST_POLL)?;
    // Two polls are not closer together than the last one is to the end.
    (until_last >= limits::OKTA_LAST_POLL).then(|| until_last.min(limits::OKTA_POLL_PAUSE))
}

#[cfg(test)]
mod tests;
