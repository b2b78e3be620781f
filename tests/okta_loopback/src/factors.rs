//! Second factors: `POST /api/v1/authn/factors/{id}/verify` and its `resend`.

use crate::answer::Answer;
use crate::authn::{after_factors, enter, in_transaction, link, text};
use crate::state::{Account, Shared, Step, Transaction, World, random_text};
use crate::totp;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// How long a code by SMS, call or e-mail is good.
const MESSAGE_MILLIS: i64 = 300_000;

/// Time steps before and after now whose codes are good.
const TOTP_TOLERANCE: i64 = 1;

/// Time steps whose codes are recognised as too early or too late.
const TOTP_KNOWN: i64 = 10;

/// A factor of a user. Only `type` must be named in a control request.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// Made from type, provider and login when empty.
    #[serde(default)]
    pub id: String,
    /// `push`, `token:software:totp`, `sms`, `call`, `email`, `question`, `token:hardware`, `token`,
    /// `token:hotp`; any other is listed and challenged, but can never be answered.
    #[serde(rename = "type")]
    pub kind: String,
    /// `OKTA`, `GOOGLE`, `YUBICO`, `RSA`, ...
    #[serde(default = "okta")]
    pub provider: String,
    /// The member `status` of the list, which shows none when absent.
    #[serde(default)]
    pub status: Option<String>,
    /// `profile.name`, of a phone for instance.
    #[serde(default)]
    pub name: String,
    /// Base32 secret of a TOTP.
    #[serde(default = "secret")]
    pub secret: String,
    /// The code of a hardware token, or of each message in place of a random one.
    #[serde(default)]
    pub code: Option<String>,
    /// The text of a question.
    #[serde(default)]
    pub question: String,
    /// The answer to the question.
    #[serde(default)]
    pub answer: String,
    /// What a hardware token asks once before it takes a code (409 E0000113).
    #[serde(default)]
    pub prompt: Option<String>,
    /// What happens to the first push, the second, ...; the last one repeats.
    #[serde(default)]
    pub pushes: Vec<PushScript>,
}

/// What the person with the phone does about a push. The answer to the request that sends it is WAITING.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PushScript {
    /// How many polls are answered WAITING; null: until [`crate::Okta::tap`] or the time-out.
    pub waiting: Option<u32>,
    /// Milliseconds that pass before an answer, in place of `waiting`.
    pub after_ms: Option<i64>,
    /// `SUCCESS`, or the factor result: `REJECTED`, `TIMEOUT`, or any other text.
    pub then: String,
    /// The number to tap, shown while WAITING.
    pub number: Option<i64>,
    /// From which poll on the number is shown; 0 is the answer to the sending request.
    pub number_from: u32,
}

/// A push on its way.
#[derive(Clone)]
pub(crate) struct Push {
    pub script: PushScript,
    polls: u32,
    sent: i64,
    /// WAITING, or how it ended.
    pub result: String,
    /// What a test's finger did.
    pub tapped: Option<String>,
}

/// A code on its way.
#[derive(Clone)]
pub(crate) struct Sent {
    pub code: String,
    at: i64,
}

fn okta() -> String {
    "OKTA".to_owned()
}

fn secret() -> String {
    "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".to_owned()
}

impl Default for PushScript {
    fn default() -> Self {
        Self { waiting: Some(1), after_ms: None, then: "SUCCESS".to_owned(), number: None, number_from: 0 }
    }
}

impl PushScript {
    /// WAITING for some polls, then this result.
    pub fn new(waiting: u32, then: impl Into<String>) -> Self {
        Self { waiting: Some(waiting), then: then.into(), ..Self::default() }
    }

    /// WAITING until [`crate::Okta::tap`].
    pub fn until_tapped() -> Self {
        Self { waiting: None, ..Self::default() }
    }

    /// The same, showing a number from a poll on.
    pub fn number(mut self, number: i64, from: u32) -> Self {
        self.number = Some(number);
        self.number_from = from;
        self
    }
}

impl Factor {
    /// An Okta factor of this type.
    pub fn new(kind: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            kind: kind.into(),
            provider: okta(),
            status: None,
            name: String::new(),
            secret: secret(),
            code: None,
            question: String::new(),
            answer: String::new(),
            prompt: None,
            pushes: Vec::new(),
        }
    }

    /// A phone that approves each push after one poll.
    pub fn push(id: impl Into<String>) -> Self {
        let mut factor = Self::new("push", id);
        factor.name = "A phone".to_owned();
        factor
    }

    /// A time-based code, of provider `OKTA` or `GOOGLE`.
    pub fn totp(id: impl Into<String>, provider: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { secret: secret.into(), ..Self::new("token:software:totp", id).provider(provider) }
    }

    /// A question and its answer.
    pub fn question(id: impl Into<String>, question: impl Into<String>, answer: impl Into<String>) -> Self {
        Self { question: question.into(), answer: answer.into(), ..Self::new("question", id) }
    }

    /// The same with this script for the next push that has none.
    pub fn script(mut self, script: PushScript) -> Self {
        self.pushes.push(script);
        self
    }

    /// The same of another provider.
    pub fn provider(mut self, provider: impl Into<String>) -> Self {
        self.provider = provider.into();
        self
    }

    /// The same with a fixed code.
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// The same with a status.
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.status = Some(status.into());
        self
    }

    /// The same with a name of the device.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Fills in what was left out.
    pub(crate) fn complete(&mut self, login: &str) {
        if self.id.is_empty() {
            let prefix = if self.kind == "push" { "opf" } else { "fac" };
            let seed = format!("{login}/{}/{}", self.kind, self.provider);
            let digest = ring::digest::digest(&ring::digest::SHA256, seed.as_bytes());
            let bytes = digest.as_ref()[..8].iter();
            self.id = bytes.fold(prefix.to_owned(), |id, byte| format!("{id}{byte:02x}"));
        }
    }

    /// An element of the list of factors, without its links.
    pub(crate) fn shown(&self) -> Value {
        let profile = match self.kind.as_str() {
            "push" => json!({ "credentialId": "robin", "deviceType": "SmartPhone_Android", "keys": [],
                              "name": self.name, "platform": "ANDROID", "version": "34" }),
            "sms" | "call" => json!({ "phoneNumber": "+1 XXX-XXX-1234" }),
            "email" => json!({ "email": "r...n@corp.test" }),
            "question" => json!({ "question": "custom", "questionText": self.question }),
            _ => json!({ "credentialId": "robin" }),
        };
        let mut shown = json!({ "id": self.id, "factorType": self.kind, "provider": self.provider,
                                "vendorName": self.provider, "profile": profile });
        if let Some(status) = &self.status {
            shown["status"] = json!(status);
        }
        shown
    }

    /// Seconds between two messages, where this factor sends any.
    fn cool_down(&self) -> Option<i64> {
        match self.kind.as_str() {
            "sms" | "call" => Some(30),
            "email" => Some(5),
            _ => None,
        }
    }
}

/// Sends, polls, or checks a code: which of them, the factor and the state decide.
pub(crate) async fn verify(State(okta): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> Answer {
    in_transaction(&okta, &body, |world, token, transaction, body| {
        let Some(factor) = factor_of(world, &transaction, &id) else {
            return Answer::not_found(&format!("{id} (UserFactor)"));
        };
        let challenged = match &transaction.step {
            Step::MfaRequired => false,
            Step::MfaChallenge { factor, .. } if *factor == id => true,
            _ => return Answer::wrong_state(),
        };
        if world.accounts.get(&transaction.login).is_none_or(|account| account.locked) {
            return user_locked();
        }
        match factor.kind.as_str() {
            "push" => match transaction.step.clone() {
                Step::MfaChallenge { push: Some(push), .. } if push.result == "WAITING" => {
                    poll(&okta, world, token, &transaction, factor, push)
                }
                _ => send_push(&okta, world, token, &transaction, factor),
            },
            "sms" | "call" | "email" => match text(body, "passCode") {
                None => send_message(&okta, world, token, &transaction, &factor),
                Some(code) => check(&okta, world, token, &transaction, &factor, code),
            },
            "question" => {
                check(&okta, world, token, &transaction, &factor, text(body, "answer").unwrap_or_default())
            }
            _ => match text(body, "passCode") {
                Some(code) => check(&okta, world, token, &transaction, &factor, code),
                None if challenged => wrong_code(world, &transaction, &factor),
                None => challenge(&okta, world, token, &transaction, &factor, None),
            },
        }
    })
}

/// Another push or message, where one is under way.
pub(crate) async fn resend(State(okta): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> Answer {
    in_transaction(&okta, &body, |world, token, transaction, _| {
        let Some(factor) = factor_of(world, &transaction, &id) else {
            return Answer::not_found(&format!("{id} (UserFactor)"));
        };
        match &transaction.step {
            Step::MfaChallenge { factor: challenged, .. } if *challenged == id => {}
            _ => return Answer::wrong_state(),
        }
        match factor.kind.as_str() {
            "push" => send_push(&okta, world, token, &transaction, factor),
            "sms" | "call" | "email" => send_message(&okta, world, token, &transaction, &factor),
            _ => Answer::wrong_state(),
        }
    })
}

fn factor_of(world: &World, transaction: &Transaction, id: &str) -> Option<Factor> {
    let account = world.accounts.get(&transaction.login)?;
    account.user.factors.iter().find(|factor| factor.id == id).cloned()
}

fn challenge(
    okta: &Shared,
    world: &mut World,
    token: &str,
    transaction: &Transaction,
    factor: &Factor,
    push: Option<Push>,
) -> Answer {
    let step = Step::MfaChallenge { factor: factor.id.clone(), push };
    enter(okta, world, Some(token), &transaction.login, step, transaction.warn)
}

fn send_push(
    okta: &Shared,
    world: &mut World,
    token: &str,
    transaction: &Transaction,
    factor: Factor,
) -> Answer {
    let Some(account) = world.accounts.get_mut(&transaction.login) else { return Answer::invalid_token() };
    let history = account.factors.entry(factor.id.clone()).or_default();
    let script = factor.pushes.get(history.pushes).or(factor.pushes.last()).cloned().unwrap_or_default();
    history.pushes += 1;
    okta.record.pushes.fetch_add(1, Ordering::Relaxed);
    let push = Push { script, polls: 0, sent: okta.now_millis(), result: "WAITING".to_owned(), tapped: None };
    challenge(okta, world, token, transaction, &factor, Some(push))
}

fn poll(
    okta: &Shared,
    world: &mut World,
    token: &str,
    transaction: &Transaction,
    factor: Factor,
    mut push: Push,
) -> Answer {
    push.polls += 1;
    let age = okta.now_millis() - push.sent;
    let answered = match (push.script.after_ms, push.script.waiting) {
        (Some(after), _) => age >= after,
        (None, Some(waiting)) => push.polls > waiting,
        (None, None) => false,
    };
    if let Some(result) = push.tapped.take() {
        push.result = result;
    } else if age >= world.settings.push_seconds * 1_000 {
        push.result = "TIMEOUT".to_owned();
    } else if answered {
        push.result = push.script.then.clone();
    }
    if push.result == "SUCCESS" {
        return passed(okta, world, token, transaction);
    }
    challenge(okta, world, token, transaction, &factor, Some(push))
}

fn send_message(
    okta: &Shared,
    world: &mut World,
    token: &str,
    transaction: &Transaction,
    factor: &Factor,
) -> Answer {
    let Some(account) = world.accounts.get_mut(&transaction.login) else { return Answer::invalid_token() };
    let now = okta.now_millis();
    let history = account.factors.entry(factor.id.clone()).or_default();
    let wait = factor.cool_down().unwrap_or_default() * 1_000;
    if history.sent.as_ref().is_some_and(|sent| now - sent.at < wait) {
        let (code, text) = match factor.kind.as_str() {
            "sms" => {
                ("E0000109", "An SMS message was recently sent. Please wait 30 seconds before trying again.")
            }
            "call" => {
                ("E0000133", "A phone call was recently made. Please wait 30 seconds before trying again.")
            }
            _ => ("E0000118", "An email was recently sent. Please wait 5 seconds before trying again."),
        };
        return Answer::error(429, code, text, &[]);
    }
    let code = factor.code.clone().unwrap_or_else(random_code);
    history.sent = Some(Sent { code, at: now });
    okta.record.messages.fetch_add(1, Ordering::Relaxed);
    challenge(okta, world, token, transaction, factor, None)
}

/// Six random digits.
fn random_code() -> String {
    random_text(6).bytes().map(|byte| char::from(b'0' + byte % 10)).collect()
}

/// Checks what the user typed.
fn check(
    okta: &Shared,
    world: &mut World,
    token: &str,
    transaction: &Transaction,
    factor: &Factor,
    typed: &str,
) -> Answer {
    let Some(account) = world.accounts.get_mut(&transaction.login) else { return Answer::invalid_token() };
    let now = okta.now_millis();
    let history = account.factors.entry(factor.id.clone()).or_default();
    let right = match factor.kind.as_str() {
        "question" => factor.answer == typed,
        "sms" | "call" | "email" => {
            history.sent.as_ref().is_some_and(|sent| sent.code == typed && now - sent.at < MESSAGE_MILLIS)
        }
        "token:software:totp" => {
            match totp_counter(&factor.secret, typed, totp::counter(now.div_euclid(1_000))) {
                Totp::Good(counter) if history.used_counter.is_some_and(|used| counter <= used) => {
                    let text = "Each code can only be used once. Please wait for a new code and try again.";
                    return Answer::error(403, "E0000082", text, &[]);
                }
                Totp::Good(counter) => {
                    history.used_counter = Some(counter);
                    true
                }
                Totp::OtherTime => {
                    return Answer::error(
                        403,
                        "E0000083",
                        "PassCode is valid but exceeded time window.",
                        &[],
                    );
                }
                Totp::Wrong => false,
            }
        }
        _ => match &factor.prompt {
            Some(prompt) if !history.prompted => {
                history.prompted = true;
                return Answer::error(409, "E0000113", &format!("{prompt}."), &[]);
            }
            _ => factor.code.as_deref() == Some(typed),
        },
    };
    if !right {
        return wrong_code(world, transaction, factor);
    }
    history.sent = None;
    passed(okta, world, token, transaction)
}

enum Totp {
    Good(i64),
    OtherTime,
    Wrong,
}

fn totp_counter(secret: &str, typed: &str, now: i64) -> Totp {
    let Some(secret) = totp::base32(secret) else { return Totp::Wrong };
    let near = (now - TOTP_KNOWN..=now + TOTP_KNOWN).filter(|counter| totp::code(&secret, *counter) == typed);
    match near.min_by_key(|counter| (counter - now).abs()) {
        Some(counter) if (counter - now).abs() <= TOTP_TOLERANCE => Totp::Good(counter),
        Some(_) => Totp::OtherTime,
        None => Totp::Wrong,
    }
}

fn passed(okta: &Shared, world: &mut World, token: &str, transaction: &Transaction) -> Answer {
    if let Some(account) = world.accounts.get_mut(&transaction.login) {
        account.wrong_codes = 0;
    }
    after_factors(okta, world, Some(token), &transaction.login, transaction.warn)
}

/// One step up the ladder from E0000068 to E0000069.
fn wrong_code(world: &mut World, transaction: &Transaction, factor: &Factor) -> Answer {
    let attempts = world.settings.code_attempts;
    let Some(account) = world.accounts.get_mut(&transaction.login) else { return Answer::invalid_token() };
    account.wrong_codes += 1;
    if account.wrong_codes >= attempts {
        account.locked = true;
        return user_locked();
    }
    let cause = match factor.kind.as_str() {
        "question" => "Your answer doesn't match our records. Please try again.",
        kind if kind.starts_with("token") => "Your token doesn't match our records. Please try again.",
        _ => "Your passcode doesn't match our records. Please try again.",
    };
    Answer::error(403, "E0000068", "Invalid Passcode/Answer", &[cause])
}

fn user_locked() -> Answer {
    Answer::error(403, "E0000069", "User Locked", &["User Locked"])
}

/// What MFA_CHALLENGE shows beside its state token.
pub(crate) fn show_challenge(
    okta: &Shared,
    account: &Account,
    id: &str,
    push: Option<&Push>,
    body: &mut Value,
    embedded: &mut Value,
    links: &mut Value,
) {
    let Some(factor) = account.user.factors.iter().find(|factor| factor.id == id) else { return };
    let verify = format!("factors/{id}/verify");
    let mut shown = factor.shown();
    let mut next = "verify";
    if let Some(push) = push {
        body["factorResult"] = json!(push.result);
        if push.result == "WAITING" {
            next = "poll";
            if let Some(number) = push.script.number
                && push.polls >= push.script.number_from
            {
                shown["_embedded"] = json!({ "challenge": { "correctAnswer": number } });
            }
        }
    } else if factor.kind == "email" {
        body["factorResult"] = json!("CHALLENGE");
    }
    links["next"] = link(&okta.origin, &verify, Some(next));
    if push.is_some() || factor.cool_down().is_some() {
        links["resend"] = json!([link(&okta.origin, &format!("{verify}/resend"), Some(&factor.kind))]);
    }
    embedded["factor"] = shown;
}

/// The finger on the phone: answers the push that waits. False when none does.
pub(crate) fn tap(world: &mut World, login: &str, result: &str, number: Option<i64>) -> bool {
    let login = world.login(login).unwrap_or_default();
    for transaction in world.transactions.values_mut().filter(|transaction| transaction.login == login) {
        if let Step::MfaChallenge { push: Some(push), .. } = &mut transaction.step
            && push.result == "WAITING"
            && push.tapped.is_none()
        {
            let missed = number.is_some() && number != push.script.number;
            push.tapped = Some(if missed { "REJECTED" } else { result }.to_owned());
            return true;
        }
    }
    false
}

/// The code that the user would type now: of a TOTP the current one, else the one last sent or fixed.
pub(crate) fn passcode(okta: &Shared, world: &World, login: &str, factor: &str) -> Option<String> {
    let account = world.account(login)?;
    let factor = account.user.factors.iter().find(|known| known.id == factor)?;
    match factor.kind.as_str() {
        "token:software:totp" => {
            let secret = totp::base32(&factor.secret)?;
            Some(totp::code(&secret, totp::counter(okta.now_millis().div_euclid(1_000))))
        }
        "sms" | "call" | "email" => account
            .factors
            .get(&factor.id)
            .and_then(|history| history.sent.as_ref())
            .map(|sent| sent.code.clone()),
        "question" => Some(factor.answer.clone()),
        _ => factor.code.clone(),
    }
}
