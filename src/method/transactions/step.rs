//! The conversations with Okta that steps are made of. They touch no storage, and may be dropped at any point.

use super::given_up::Watch;
use super::record::Stage;
use super::wish::{Ask, Wish};
use crate::error::{Code, Error, Result};
use crate::method::Calls;
use crate::method::login::{Attempt, Authenticated, Pending, with_groups};
use crate::method::transaction::{Challenged, FactorRequired, Passed, Progress};
use crate::okta::{Answer, Factor, Org, User};
use crate::secret::Secret;
use std::net::IpAddr;
use std::time::Duration;

/// A start that may be put to Okta.
pub struct Started {
    pub(super) id: Secret<String>,
    pub(super) attempt: Attempt,
    pub(super) pending: Pending,
    pub(super) wish: Wish,
}

/// What Okta said to a start.
pub struct Begun {
    pub(super) id: Secret<String>,
    pub(super) pending: Pending,
    pub(super) wish: Wish,
    pub(super) api_token: Option<Secret<String>>,
    pub(super) outcome: Result<Reached>,
}

/// A step that may be put to Okta.
pub struct Step {
    pub(super) id: Secret<String>,
    pub(super) username: String,
    pub(super) org: Org,
    pub(super) api_token: Option<Secret<String>>,
    pub(super) remote: Option<IpAddr>,
    pub(super) stage: Stage,
    pub(super) unsure: bool,
    pub(super) ask: Ask,
    pub(super) claim: u64,
    pub(super) watch: Option<Watch>,
    pub(super) limit: Duration,
}

/// What Okta said to a step.
pub struct Asked {
    pub(super) step: Step,
    pub(super) outcome: Result<Reached>,
}

/// Where Okta's answers have led.
pub(super) enum Reached {
    Passed(Authenticated),
    FactorRequired(Box<FactorRequired>),
    Challenged(Box<Challenged>),
}

impl Started {
    /// Its user's name, as it was typed.
    pub fn username(&self) -> &str {
        self.pending.username()
    }

    /// Where Okta is.
    pub fn org(&self) -> &Org {
        &self.pending.org
    }

    /// Checks the password. Nothing is sent to the user.
    pub async fn run(self, calls: impl Calls) -> Begun {
        let Self { id, attempt, pending, wish } = self;
        let (progress, api_token) = attempt.start(&calls).await;
        let outcome = settle_down(progress, &calls, api_token.as_ref()).await;
        Begun { id, pending, wish, api_token, outcome }
    }
}

impl Begun {
    /// Who is logging in, as far as Okta has said.
    pub fn user(&self) -> Option<&User> {
        self.outcome.as_ref().ok().and_then(Reached::user)
    }
}

impl Asked {
    /// Who is logging in, as far as Okta has said.
    pub fn user(&self) -> Option<&User> {
        self.outcome.as_ref().ok().and_then(Reached::user)
    }
}

impl Reached {
    fn user(&self) -> Option<&User> {
        match self {
            Self::Passed(authenticated) => Some(&authenticated.passed.user),
            Self::FactorRequired(required) => required.user(),
            Self::Challenged(challenged) => challenged.user(),
        }
    }
}

impl Step {
    /// Its user's name, as it was typed.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The factor that it is about.
    pub fn factor(&self) -> Option<&Factor> {
        match &self.ask {
            Ask::Poll => self.stage.factor(),
            Ask::Send(factor) | Ask::Resend(factor) | Ask::Back(factor) | Ask::Check(factor, _) => {
                Some(factor)
            }
        }
    }

    /// Its claim is not needed any more.
    pub(super) fn settled(&mut self) {
        if let Some(watch) = self.watch.take() {
            watch.settled();
        }
    }

    /// Where Okta is.
    pub fn org(&self) -> &Org {
        &self.org
    }

    /// Asks Okta what is to be asked. It ends before its claim does.
    pub async fn run(self, calls: impl Calls) -> Asked {
        let asked = async {
            let progress = self.ask(&calls).await;
            settle_down(progress, &calls, self.api_token.as_ref()).await
        };
        let outcome = tokio::time::timeout(self.limit, asked).await;
        let outcome = outcome.unwrap_or_else(|_| {
            Err(Error::new(
                503,
                Code::OktaTimeout,
                "Okta auth failed: the step's time was up while waiting for Okta",
            ))
        });
        Asked { step: self, outcome }
    }

    async fn ask(&self, calls: &impl Calls) -> Result<Progress> {
        let mut at = match &self.stage {
            Stage::Choose(required) | Stage::Chosen { required, .. } => Place::Required(required.clone()),
            Stage::Challenged(challenged) => Place::Challenged(challenged.clone()),
        };
        if self.unsure {
            let seen = match &at {
                Place::Required(required) => required.look(calls).await?,
                Place::Challenged(challenged) => challenged.look(calls).await?,
            };
            at = match (seen, &self.ask) {
                (seen, Ask::Poll) => return Ok(seen),
                // It was sent already.
                (Progress::Challenged(challenged), Ask::Send(factor))
                    if challenged.factor().id == factor.id =>
                {
                    return Ok(Progress::Challenged(challenged));
                }
                (Progress::FactorRequired(required), _) => Place::Required(required),
                (Progress::Challenged(challenged), _) => Place::Challenged(challenged),
                (seen, _) => return Ok(seen),
            };
        }
        match (at, &self.ask) {
            (Place::Challenged(challenged), Ask::Poll) => challenged.poll(calls).await,
            (Place::Challenged(challenged), Ask::Back(_)) => challenged.back(calls).await,
            (Place::Challenged(challenged), Ask::Resend(_)) => challenged.resend(calls).await,
            (Place::Challenged(challenged), Ask::Check(factor, given))
                if challenged.factor().id == factor.id =>
            {
                challenged.verify(calls, given.clone()).await
            }
            (Place::Challenged(challenged), Ask::Send(factor)) => match challenged.back(calls).await? {
                Progress::FactorRequired(required) => required.verify(calls, factor, Answer::Nothing).await,
                elsewhere => Ok(elsewhere),
            },
            (Place::Challenged(challenged), Ask::Check(factor, given)) => match challenged.back(calls).await?
            {
                Progress::FactorRequired(required) => required.verify(calls, factor, given.clone()).await,
                elsewhere => Ok(elsewhere),
            },
            (Place::Required(required), Ask::Send(factor)) => {
                required.verify(calls, factor, Answer::Nothing).await
            }
            (Place::Required(required), Ask::Check(factor, given)) => {
                required.verify(calls, factor, given.clone()).await
            }
            // There is no challenge that could be polled or sent again: the caller may choose anew.
            (Place::Required(required), Ask::Poll | Ask::Back(_) | Ask::Resend(_)) => {
                Ok(Progress::FactorRequired(required))
            }
        }
    }
}

enum Place {
    Required(Box<FactorRequired>),
    Challenged(Box<Challenged>),
}

/// Passes over a warning about the password, and asks for the groups of who was let in.
async fn settle_down(
    progress: Result<Progress>,
    calls: &impl Calls,
    api_token: Option<&Secret<String>>,
) -> Result<Reached> {
    let mut progress = progress?;
    let passed: Passed = loop {
        progress = match progress {
            Progress::Passed(passed) => break passed,
            Progress::FactorRequired(required) => return Ok(Reached::FactorRequired(required)),
            Progress::Challenged(challenged) => return Ok(Reached::Challenged(challenged)),
            // It comes once only.
            Progress::PasswordWarning(warning) => warning.skip(calls).await?,
        };
    };
    with_groups(calls, passed, api_token).await.map(Reached::Passed)
}
