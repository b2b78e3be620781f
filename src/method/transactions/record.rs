//! What is stored of a transaction, and under which keys.
//!
//! | key below `auth/<mount id>/transaction/` | what it is for |
//! |---|---|
//! | `id/<index>` | the transaction's [`Record`]; the index is the HMAC of its id |
//! | `user/<index>` | what is counted for one user ([`super::users::UserRow`]), by the HMAC of Okta's id |
//! | `end/<time>/id/<index>`, `end/<time>/user/<index>` | finds both in the order in which they end |

use super::users::UserRow;
use crate::clock::UnixSeconds;
use crate::error::{Code, Error};
use crate::json::{self, Object, Value};
use crate::limits;
use crate::method::Method;
use crate::method::transaction::{Awaits, Challenged, FactorRequired};
use crate::okta::{Factor, FactorKind, PasswordPolicy, StateToken};
use crate::secret::Secret;
use serde::{Deserialize, Serialize};

/// Digits of a time in a key: enough for 30,000 years, so that keys sort as the times do.
const TIME_DIGITS: usize = 12;

/// An open transaction. Times are Unix seconds unless they say otherwise.
#[derive(Clone, Serialize, Deserialize)]
pub struct Record {
    /// The name as it was typed, without blanks around it.
    pub username: String,
    /// What its user's counters are found by.
    pub user_index: String,
    /// The organisation it was started at.
    pub org: String,
    /// When it was started.
    pub started: UnixSeconds,
    /// The second at which it is gone.
    pub expires: UnixSeconds,
    /// Where it stands at Okta.
    pub stage: Stage,
    /// The active factors, as Okta last listed them.
    pub factors: Vec<Factor>,
    /// Wrong passcodes and answers that it still bears.
    pub attempts_left: u32,
    /// Pushes and messages that it may still have sent.
    pub sends_left: u32,
    /// Seconds between two polls.
    pub poll_pause: i64,
    /// Okta is not polled before this, in milliseconds since 1970.
    pub poll_at: i64,
    /// What went wrong at the last step without ending it.
    pub last_error: Option<LastError>,
    /// The answer to the last call to Okta was lost: the state has to be asked for before anything else.
    pub unsure: bool,
    /// The step that is under way.
    pub claim: Option<Claim>,
}

/// What can be stored between two steps: a transaction that is done or has failed is not.
#[derive(Clone, Serialize, Deserialize)]
pub enum Stage {
    /// A factor is to be chosen.
    Choose(Box<FactorRequired>),
    /// A factor was chosen whose code or answer needs no call to Okta beforehand.
    Chosen {
        /// What Okta waits for.
        required: Box<FactorRequired>,
        /// The factor.
        factor: Factor,
    },
    /// Okta has a factor wait for the user.
    Challenged(Box<Challenged>),
}

/// A step has the transaction to itself until it is settled or its time is up.
#[derive(Clone, Serialize, Deserialize)]
pub struct Claim {
    /// A random number: whose claim it is.
    pub id: u64,
    /// When it lapses, should its process have died.
    pub until: UnixSeconds,
}

/// An error that leaves the transaction open.
#[derive(Clone, Serialize, Deserialize)]
pub struct LastError {
    /// The name of a [`Code`].
    pub code: String,
    /// A text for people.
    pub text: String,
}

impl LastError {
    pub fn new(code: Code, text: impl Into<String>) -> Self {
        Self { code: code.name().to_owned(), text: text.into() }
    }

    pub fn of(error: &Error) -> Self {
        Self::new(error.code(), error.text().unwrap_or_default())
    }
}

impl Stage {
    /// The chosen factor.
    pub fn factor(&self) -> Option<&Factor> {
        match self {
            Self::Choose(_) => None,
            Self::Chosen { factor, .. } => Some(factor),
            Self::Challenged(challenged) => Some(challenged.factor()),
        }
    }

    /// What the user is to do about the chosen factor.
    pub fn asks(&self) -> Option<Asks> {
        let of_factor = |factor: &Factor| match factor.kind {
            FactorKind::Question => Asks::Answer,
            _ => Asks::Passcode,
        };
        match self {
            Self::Choose(_) => None,
            Self::Chosen { factor, .. } => Some(of_factor(factor)),
            Self::Challenged(challenged) => Some(match (challenged.awaits(), challenged.number()) {
                (Awaits::Device, None) => Asks::Approval,
                (Awaits::Device, Some(number)) => Asks::Number(number),
                (Awaits::Passcode, _) => of_factor(challenged.factor()),
            }),
        }
    }

    /// Okta's warning that the password will expire.
    pub fn password_warning(&self) -> Option<&PasswordPolicy> {
        match self {
            Self::Choose(required) | Self::Chosen { required, .. } => required.password_warning(),
            Self::Challenged(challenged) => challenged.password_warning(),
        }
    }

    /// Okta's name for the login.
    pub fn state_token(&self) -> &StateToken {
        match self {
            Self::Choose(required) | Self::Chosen { required, .. } => required.state_token(),
            Self::Challenged(challenged) => challenged.state_token(),
        }
    }

    /// The end of Okta's transaction.
    pub fn expires_at(&self) -> Option<UnixSeconds> {
        match self {
            Self::Choose(required) | Self::Chosen { required, .. } => required.expires_at(),
            Self::Challenged(challenged) => challenged.expires_at(),
        }
    }
}

/// What a user is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// To approve the push.
    Approval,
    /// To tap this number. It may be 0.
    Number(i64),
    /// A code.
    Passcode,
    /// The answer to a question.
    Answer,
}

impl Record {
    /// A transaction whose password was right just now.
    pub fn new(
        username: String,
        user_index: String,
        org: String,
        required: Box<FactorRequired>,
        now: UnixSeconds,
    ) -> Self {
        let mut record = Self {
            username,
            user_index,
            org,
            started: now,
            expires: 0,
            factors: Vec::new(),
            stage: Stage::Choose(required.clone()),
            attempts_left: limits::TRANSACTION_ATTEMPTS,
            sends_left: limits::TRANSACTION_SENDS,
            poll_pause: 0,
            poll_at: 0,
            last_error: None,
            unsure: false,
            claim: None,
        };
        record.list(required);
        record.set_end(now);
        record
    }

    /// Back to the choice among these factors.
    pub fn list(&mut self, required: Box<FactorRequired>) {
        self.factors = required.factors().iter().filter(|factor| factor.active).cloned().collect();
        self.stage = Stage::Choose(required);
    }

    /// The end: Okta's, but no later than our own. An end of Okta's that lies in the past comes from a clock that is
    /// wrong, ours or Okta's, and Okta will say itself when it is over.
    pub fn set_end(&mut self, now: UnixSeconds) {
        let own = self.started.saturating_add(limits::TRANSACTION_LIFETIME_SECONDS);
        let okta = self.stage.expires_at().filter(|end| *end > now);
        self.expires = okta.map_or(own, |end| end.min(own));
    }

    /// Whether a step is under way.
    pub fn is_claimed(&self, now: UnixSeconds) -> bool {
        // A claim that ends later than any can is one from before the clock was set back.
        let longest = limits::TRANSACTION_STEP.as_secs() as i64 + limits::TRANSACTION_CLAIM_SLACK_SECONDS;
        self.claim.as_ref().is_some_and(|claim| claim.until > now && claim.until - now <= longest)
    }
}

/// The `data` of an answer: the same members in each.
pub struct View<'a> {
    pub id: &'a Secret<String>,
    pub state: &'static str,
    pub factors: &'a [Factor],
    pub factor: Option<&'a Factor>,
    pub expires: UnixSeconds,
    pub password_warning: Option<&'a PasswordPolicy>,
}

impl Record {
    /// What a caller is shown of an open transaction at this moment.
    pub fn view(&self, id: &Secret<String>, user: &UserRow, now_millis: i64) -> Object {
        let asks = self.stage.asks();
        let mut data = View {
            id,
            state: if asks.is_some() { "challenge" } else { "mfa_required" },
            factors: &self.factors,
            factor: self.stage.factor(),
            expires: self.expires,
            password_warning: self.stage.password_warning(),
        }
        .to_json();
        let mut show = |name: &str, value: Value| {
            data.insert(name.to_owned(), value);
        };
        // Where an answer was lost, a poll tells what became of it, whatever the last state was.
        if self.unsure || matches!(asks, Some(Asks::Approval | Asks::Number(_))) {
            // A step back of the clock must not make anybody wait for long.
            let wait = (self.poll_at - now_millis + 999).div_euclid(1_000).clamp(1, self.poll_pause.max(1));
            show("poll_after", Value::from(wait));
        }
        if let Some(Asks::Passcode | Asks::Answer) = asks {
            show("attempts_left", Value::from(i64::from(self.attempts_left)));
        }
        show(
            "challenge",
            Value::from(asks.map(|asks| self.challenge(asks, user, now_millis.div_euclid(1_000)))),
        );
        if let Some(error) = &self.last_error {
            let members =
                [("code", Value::from(error.code.as_str())), ("text", Value::from(error.text.as_str()))];
            show("last_error", Value::from(json::object(members)));
        }
        data
    }

    fn challenge(&self, asks: Asks, user: &UserRow, now: UnixSeconds) -> Object {
        let factor = self.stage.factor();
        let (name, number) = match asks {
            Asks::Approval => ("push", None),
            Asks::Number(number) => ("number", Some(number)),
            Asks::Passcode => ("passcode", None),
            Asks::Answer => ("question", None),
        };
        let question = factor.filter(|_| asks == Asks::Answer).and_then(|factor| factor.question.as_deref());
        let resend_after = factor.filter(|factor| cool_down(factor.kind).is_some());
        json::object([
            ("type", Value::from(name)),
            ("number", Value::from(number)),
            ("question", Value::from(question)),
            ("resend_after", Value::from(resend_after.map(|factor| user.cooling(factor, now)))),
        ])
    }
}

impl View<'_> {
    /// The members, those of a challenge empty.
    pub fn to_json(&self) -> Object {
        let warning = self.password_warning.map(|policy| {
            let mut warning = policy.to_json();
            warning.insert("code".to_owned(), Value::from(Code::PasswordExpiring.name()));
            warning
        });
        json::object([
            ("id", Value::String(self.id.clone())),
            ("state", Value::from(self.state)),
            ("factors", Value::Array(self.factors.iter().map(shown).map(Value::from).collect())),
            ("factor", Value::from(self.factor.map(shown))),
            ("challenge", Value::Null),
            ("poll_after", Value::Null),
            ("expires_at", Value::from(crate::clock::rfc3339(self.expires))),
            ("attempts_left", Value::Null),
            ("last_error", Value::Null),
            ("password_warning", Value::from(warning)),
        ])
    }
}

fn shown(factor: &Factor) -> Object {
    json::object([
        ("id", Value::from(factor.id.as_str())),
        ("type", Value::from(factor.factor_type.as_str())),
        ("provider", Value::from(factor.provider_name.as_str())),
        ("name", Value::from(factor.name.as_str())),
        ("supported", Value::from(factor.kind != FactorKind::Unsupported)),
    ])
}

/// Seconds between two messages of a factor that sends some (Okta's own limits); none between two pushes.
pub fn cool_down(kind: FactorKind) -> Option<i64> {
    match kind {
        FactorKind::Push => Some(0),
        FactorKind::Sms | FactorKind::Call => Some(limits::MESSAGE_COOL_DOWN_SECONDS),
        FactorKind::Email => Some(limits::EMAIL_COOL_DOWN_SECONDS),
        _ => None,
    }
}

impl Method<'_> {
    pub(super) fn record_key(&self, index: &str) -> String {
        self.key("transaction/id/", index)
    }

    pub(super) fn record_end_key(&self, end: UnixSeconds, index: &str) -> String {
        self.key("transaction/end/", &format!("{:0TIME_DIGITS$}/id/{index}", end.max(0)))
    }

    pub(super) fn user_key(&self, index: &str) -> String {
        self.key("transaction/user/", index)
    }

    pub(super) fn user_end_key(&self, end: UnixSeconds, index: &str) -> String {
        self.key("transaction/end/", &format!("{:0TIME_DIGITS$}/user/{index}", end.max(0)))
    }
}

/// What a key below `end/` says: when, whether it is a user's row, and the index.
pub fn parse_end(rest: &str) -> Option<(UnixSeconds, bool, &str)> {
    let (time, rest) = rest.split_once('/')?;
    let (kind, index) = rest.split_once('/')?;
    Some((time.parse().ok()?, kind == "user", index))
}
