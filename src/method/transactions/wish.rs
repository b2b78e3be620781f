//! What a caller wants of a transaction, and whether it may be done.

use super::record::{Asks, LastError, Record, Stage, cool_down};
use super::users::UserRow;
use crate::clock::UnixSeconds;
use crate::error::{Code, Error, Result};
use crate::field::{Field, Fields, Kind};
use crate::json::Value;
use crate::limits;
use crate::method::factors;
use crate::okta::{Answer, Factor, FactorKind, Provider};
use crate::secret::Secret;

/// Fields of `transactions`.
pub const START_FIELDS: &[Field] = &[
    Field::new("username", Kind::String),
    Field::secret("password", Kind::String),
    Field::secret("totp", Kind::String),
    Field::new("provider", Kind::String),
    Field::new("factor_id", Kind::String),
    Field::new("factor_type", Kind::String),
];

/// Fields of `transactions/<id>`.
pub const CONTINUE_FIELDS: &[Field] = &[
    Field::secret("id", Kind::String),
    Field::new("factor_id", Kind::String),
    Field::new("factor_type", Kind::String),
    Field::new("provider", Kind::String),
    Field::secret("passcode", Kind::String),
    Field::secret("answer", Kind::String),
    Field::new("resend", Kind::Bool),
];

/// What is asked of a transaction.
#[derive(Clone)]
pub enum Wish {
    /// To say how it stands.
    Poll,
    /// To take this factor.
    Choose(Selector),
    /// To check a code.
    Passcode(Secret<String>),
    /// To check the answer to a security question.
    Answer(Secret<String>),
    /// To send the push or message once more.
    Resend,
    /// To choose as Vault's login does when it is given a code, and to check it.
    Totp(Option<Provider>, Secret<String>),
}

/// Which factor.
#[derive(Clone)]
pub enum Selector {
    Id(String),
    /// As Okta writes the type; the provider in any letter case. Of several it is the last, as in Vault.
    Kind(String, Option<String>),
}

/// What is to be done.
pub enum Decision {
    /// To say how it stands.
    Show,
    /// To store what was changed, and to show it.
    Store,
    /// To ask Okta.
    Ask(Ask),
}

/// What Okta is asked.
pub enum Ask {
    /// How the challenge stands.
    Poll,
    /// To send a push or message of this factor.
    Send(Factor),
    /// To send it once more.
    Resend(Factor),
    /// To end the challenge, so that this factor's code can be given.
    Back(Factor),
    /// To check what the user gave.
    Check(Factor, Answer),
}

impl Wish {
    /// The wish of a start. Without a choice of factor nothing is sent.
    ///
    /// # Errors
    /// 400 when several factors are chosen, or what is given cannot be a code.
    pub fn of_start(fields: &Fields) -> Result<Self> {
        let totp = given(fields, "totp")?;
        let chosen = selector(fields)?;
        match (totp, chosen) {
            (Some(_), Some(_)) => Err(two_at_once("totp, factor_id and factor_type")),
            (None, Some(selector)) => Ok(Self::Choose(selector)),
            (totp, None) => {
                let provider = factors::provider(&fields.string_or_empty("provider")?)?;
                let Some(totp) = totp else { return Ok(Self::Poll) };
                let totp = code(FactorKind::Totp, &totp)
                    .ok_or_else(|| Error::bad_request(Code::PasscodeInvalid, NO_CODE))?;
                Ok(Self::Totp(provider, totp))
            }
        }
    }

    /// The wish of a step.
    ///
    /// # Errors
    /// 400 when there is more than one, or one of a factor that is not named.
    pub fn of_step(fields: &Fields) -> Result<Self> {
        // Empty is given here: it must not pass for a poll.
        let is_given = |name: &str| !matches!(fields.raw(name), None | Some(Value::Null));
        let secret = |name: &str| -> Result<Option<Secret<String>>> {
            if is_given(name) { Ok(fields.string(name)?.map(Secret::new)) } else { Ok(None) }
        };
        for name in ["factor_id", "factor_type"] {
            if is_given(name) && fields.string_or_empty(name)?.is_empty() {
                return Err(Error::bad_request(Code::InvalidRequest, format!("{name} names no factor")));
            }
        }
        if is_given("provider") && !is_given("factor_id") && !is_given("factor_type") {
            let text = "provider chooses a factor together with factor_type only";
            return Err(Error::bad_request(Code::InvalidRequest, text));
        }
        let resend = fields.bool("resend")?.unwrap_or_default();
        let wishes = [
            selector(fields)?.map(Self::Choose),
            secret("passcode")?.map(Self::Passcode),
            secret("answer")?.map(Self::Answer),
            resend.then_some(Self::Resend),
        ];
        let mut wishes = wishes.into_iter().flatten();
        match (wishes.next(), wishes.next()) {
            (_, Some(_)) => {
                Err(two_at_once("factor_id (or factor_type with provider), passcode, answer and resend"))
            }
            (wish, None) => Ok(wish.unwrap_or(Self::Poll)),
        }
    }

    /// Decides, and changes the record and the user's counters for what is about to happen: what is asked of Okta
    /// counts from here on, so that a step whose end is lost has counted, too.
    ///
    /// # Errors
    /// Why it cannot be done; the record is as it was then.
    pub fn decide(
        &self,
        record: &mut Record,
        user: &mut UserRow,
        now_millis: i64,
        first: bool,
    ) -> Result<Decision> {
        let now = now_millis.div_euclid(1_000);
        match self {
            Self::Poll if first => Ok(Decision::Store),
            Self::Poll => Ok(poll(record, now_millis)),
            Self::Choose(selector) => {
                let factor = selector.find(&record.factors)?.clone();
                choose(record, user, factor, now)
            }
            Self::Totp(provider, code) => {
                let factor = factors::choose(&record.factors, *provider, true)?.clone();
                if factor.kind != FactorKind::Totp {
                    return choose(record, user, factor, now);
                }
                choose(record, user, factor.clone(), now)?;
                check(record, user, factor, Answer::PassCode(code.clone()), now)
            }
            Self::Passcode(text) => {
                let factor = asked_for(record, Asks::Passcode)?;
                match code(factor.kind, text) {
                    Some(code) => check(record, user, factor, Answer::PassCode(code), now),
                    None => Ok(not_sent(record, NO_CODE)),
                }
            }
            Self::Answer(text) => {
                let factor = asked_for(record, Asks::Answer)?;
                let answer = text.expose().trim();
                if answer.is_empty() || answer.len() > limits::ANSWER_BYTES {
                    return Ok(not_sent(record, "an answer has at least one character, and not hundreds"));
                }
                check(record, user, factor, Answer::Answer(Secret::from(answer)), now)
            }
            Self::Resend => resend(record, user, now),
        }
    }

    /// Whether a caller who is told nothing but the state would take it for the answer to his wish.
    pub fn is_poll(&self) -> bool {
        matches!(self, Self::Poll)
    }
}

const NO_CODE: &str = "this cannot be a code of the factor: nothing was sent to Okta";

fn two_at_once(names: &str) -> Error {
    Error::bad_request(Code::InvalidRequest, format!("only one of {names} can be given"))
}

fn given(fields: &Fields, name: &str) -> Result<Option<Secret<String>>> {
    Ok(fields.string(name)?.filter(|text| !text.is_empty()).map(Secret::new))
}

fn selector(fields: &Fields) -> Result<Option<Selector>> {
    let text = |name| Ok(fields.string(name)?.filter(|text| !text.is_empty()));
    let (id, kind, provider) = (text("factor_id")?, text("factor_type")?, text("provider")?);
    match (id, kind) {
        (Some(_), Some(_)) => Err(two_at_once("factor_id and factor_type")),
        (Some(id), None) => Ok(Some(Selector::Id(id))),
        (None, Some(kind)) => Ok(Some(Selector::Kind(kind, provider))),
        (None, None) => Ok(None),
    }
}

impl Selector {
    fn find<'f>(&self, factors: &'f [Factor]) -> Result<&'f Factor> {
        let fits = |factor: &&Factor| match self {
            Self::Id(id) => factor.id == *id,
            Self::Kind(kind, provider) => {
                factor.factor_type == *kind
                    && provider
                        .as_ref()
                        .is_none_or(|provider| provider.eq_ignore_ascii_case(&factor.provider_name))
            }
        };
        let unavailable = |text: &str| Error::bad_request(Code::FactorUnavailable, text);
        match factors.iter().rfind(fits) {
            None => Err(unavailable("the user has no such factor that is active")),
            Some(factor) if factor.kind == FactorKind::Unsupported => Err(unavailable(
                "this factor needs a browser, or is of a kind that this library does not know",
            )),
            Some(factor) => Ok(factor),
        }
    }
}

fn poll(record: &Record, now_millis: i64) -> Decision {
    let waits = matches!(record.stage.asks(), Some(Asks::Approval | Asks::Number(_)));
    // Also after the clock was set back.
    let early = (1..=record.poll_pause.saturating_mul(1_000)).contains(&(record.poll_at - now_millis));
    if !early && (waits || record.unsure) { Decision::Ask(Ask::Poll) } else { Decision::Show }
}

fn choose(record: &mut Record, user: &mut UserRow, factor: Factor, now: UnixSeconds) -> Result<Decision> {
    // A repeat of the same request must not send another push.
    if record.stage.factor().is_some_and(|chosen| chosen.id == factor.id) && !record.unsure {
        return Ok(Decision::Show);
    }
    if cool_down(factor.kind).is_some() {
        charge_message(record, user, &factor, now)?;
        return Ok(Decision::Ask(Ask::Send(factor)));
    }
    match &record.stage {
        Stage::Choose(required) | Stage::Chosen { required, .. } if !record.unsure => {
            record.stage = Stage::Chosen { required: required.clone(), factor };
            record.last_error = None;
            Ok(Decision::Store)
        }
        _ => Ok(Decision::Ask(Ask::Back(factor))),
    }
}

fn resend(record: &mut Record, user: &mut UserRow, now: UnixSeconds) -> Result<Decision> {
    match &record.stage {
        Stage::Challenged(challenged) if cool_down(challenged.factor().kind).is_some() => {
            let factor = challenged.factor().clone();
            charge_message(record, user, &factor, now)?;
            Ok(Decision::Ask(Ask::Resend(factor)))
        }
        _ => Err(Error::bad_request(Code::InvalidRequest, "nothing was sent that could be sent again")),
    }
}

/// Notes a push or message that is about to be sent.
fn charge_message(record: &mut Record, user: &mut UserRow, factor: &Factor, now: UnixSeconds) -> Result<()> {
    let limited =
        |seconds: u64, text: &str| Err(Error::new(429, Code::RateLimited, text).with_retry_after(seconds));
    let cooling = user.cooling(factor, now);
    // Where the answer to the last call was lost, nobody knows whether a message was sent; Okta will say.
    if cooling > 0 && !record.unsure {
        return limited(
            u64::try_from(cooling).unwrap_or(1),
            "a message was sent just now; Okta sends another only later",
        );
    }
    if record.sends_left == 0 {
        let text = "this transaction has sent as many pushes and messages as it may: start another";
        return Err(Error::new(429, Code::RateLimited, text));
    }
    user.charge_sent(now)?;
    record.sends_left -= 1;
    if let Some(seconds) = cool_down(factor.kind).filter(|seconds| *seconds > 0) {
        user.cool_down(factor, seconds, now);
    }
    Ok(())
}

/// Notes a code or answer that is about to be checked as a wrong one.
fn check(
    record: &mut Record,
    user: &mut UserRow,
    factor: Factor,
    given: Answer,
    now: UnixSeconds,
) -> Result<Decision> {
    if user.wrong >= limits::TRANSACTION_USER_ATTEMPTS {
        let text = "too many wrong passcodes or answers of this user, over all his transactions";
        return Err(Error::new(429, Code::TooManyAttempts, text).with_retry_after(user.window_left(now)));
    }
    record.attempts_left = record.attempts_left.saturating_sub(1);
    user.count_wrong(now);
    Ok(Decision::Ask(Ask::Check(factor, given)))
}

/// The chosen factor, when it asks for this.
fn asked_for(record: &Record, wanted: Asks) -> Result<Factor> {
    let (member, other) = match wanted {
        Asks::Answer => ("answer", "passcode"),
        _ => ("passcode", "answer"),
    };
    match (record.stage.asks(), record.stage.factor()) {
        (Some(asks), Some(factor)) if asks == wanted => Ok(factor.clone()),
        (Some(Asks::Approval | Asks::Number(_)), _) => Err(Error::bad_request(
            Code::InvalidRequest,
            format!("the push is to be approved on the user's device; it takes no {member}"),
        )),
        (Some(_), _) => Err(Error::bad_request(
            Code::InvalidRequest,
            format!("the chosen factor does not take the member {member} but {other}"),
        )),
        (None, _) => Err(Error::bad_request(Code::FactorRequired, "a factor is to be chosen first")),
    }
}

fn not_sent(record: &mut Record, text: &str) -> Decision {
    record.last_error = Some(LastError::new(Code::PasscodeInvalid, text));
    Decision::Store
}

/// A code without the blanks around it, when it has the form of one.
fn code(kind: FactorKind, text: &Secret<String>) -> Option<Secret<String>> {
    let code = text.expose().trim();
    let fits = match kind {
        FactorKind::HardwareToken => {
            (1..=limits::ANSWER_BYTES).contains(&code.len())
                && code.bytes().all(|byte| byte.is_ascii_graphic())
        }
        _ => limits::PASSCODE_DIGITS.contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit()),
    };
    fits.then(|| Secret::from(code))
}
