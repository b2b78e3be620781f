//! One call from its text to its answer, in the steps that blocking and submitted calls share: let in, begun,
//! talked over with Okta, ended. Only the middle one waits for the network.

use super::answer::Answered;
use super::client::Core;
use super::request::{Context, Request};
use super::router::{self, Dress, Exchange, Finish, Progress, Served, Warnings};
use super::trail::Trail;
use super::{Answer, NoAnswer};
use crate::deadline::{Cancel, Deadline, Interrupted};
use crate::error::{Code, Error, Result};
use crate::json::Value;
use crate::limits;
use crate::log::Level;
use crate::reply::Reply;
use crate::secret::Secret;
use std::sync::Arc;

/// What a call comes to.
pub type Outcome = std::result::Result<Answer, NoAnswer>;

/// The name under which the door is called.
pub const DOOR: &str = "request";

/// A call whose request is well-formed.
pub struct Admitted {
    core: Arc<Core>,
    label: Label,
    request: Request,
    deadline: Deadline,
}

/// What a call's answer, its log record and its audit lines name it by.
#[derive(Clone)]
struct Label {
    operation: &'static str,
    request_id: Arc<str>,
    bodiless: bool,
    trail: Trail,
}

/// How far a call has come.
pub enum Step {
    /// To its end.
    Ended(Outcome),
    /// To an exchange with Okta, and then there is this rest.
    Exchange(Exchange, Rest),
}

/// What is left of a call while Okta is waited for.
pub struct Rest {
    core: Arc<Core>,
    label: Label,
    dress: Dress,
    warnings: Warnings,
    deadline: Deadline,
}

impl Admitted {
    /// Takes a call's request apart: a named operation's, or the door's ([`DOOR`]). `Err` holds how a call ends that
    /// is not let in.
    pub fn new(
        core: &Arc<Core>,
        operation: &str,
        text: &[u8],
        cancel: Cancel,
    ) -> std::result::Result<Self, Outcome> {
        if text.len() > limits::REQUEST_BYTES {
            return Err(Err(NoAnswer::TooLarge));
        }
        let text = std::str::from_utf8(text).map_err(|_| Err(NoAnswer::InvalidUtf8))?;
        let mut context = Context::default();
        let (name, request) = if operation == DOOR {
            (DOOR, Request::from_door(text, &mut context))
        } else {
            Request::named(operation, text, &mut context).ok_or(Err(NoAnswer::UnknownOperation))?
        };
        let refused = |error: Error, request_id: Option<&str>| {
            let trail = Trail::new(&core.audit, name, request_id, &context);
            let answered = Answered(Err(error));
            let answered = match trail.end(&core.audit, &answered) {
                Ok(()) => answered,
                Err(unaudited) => Answered(Err(unaudited)),
            };
            let dress = Dress { bodiless: context.bodiless, ..Dress::default() };
            let answer = answered.into_answer(request_id, &dress);
            logged(core, name, answer.status);
            Err(Ok(answer))
        };
        let mut request = match request {
            Ok(request) => request,
            Err(error) => return refused(error, context.request_id.as_deref()),
        };
        let request_id = match request.context.request_id.take() {
            Some(id) => id,
            None => match core.barrier.new_uuid() {
                Ok(id) => id,
                Err(error) => return refused(error, None),
            },
        };
        let timeout = request.context.timeout.unwrap_or(limits::OPERATION_TIMEOUT);
        let deadline = Deadline::after(timeout, cancel);
        let trail = Trail::new(&core.audit, name, Some(&request_id), &request.context);
        let bodiless = request.context.bodiless;
        let label = Label { operation: name, request_id: request_id.into(), bodiless, trail };
        Ok(Self { core: Arc::clone(core), label, request, deadline })
    }

    /// When the call ends at the latest, as far as its request tells.
    pub fn deadline(&self) -> &Deadline {
        &self.deadline
    }

    /// Ends a call that cannot be begun.
    pub fn refuse(self, error: Error) -> Outcome {
        self.label.end(&self.core, Answered(Err(error)), None, &self.label.dress(), &self.deadline)
    }

    /// What ends the call from outside, should it have to be ended while others are at it.
    pub fn late(&self) -> Late {
        Late { core: Arc::clone(&self.core), label: self.label.clone() }
    }

    /// Does everything up to the point where Okta is needed. Waits for the storage.
    pub fn begin(self) -> Step {
        let Self { core, label, request, deadline } = self;
        let (dress, progress) = router::route(&core, request, &deadline, &label.trail);
        let rest = Rest { core, label, dress, warnings: Warnings::default(), deadline };
        match progress {
            Progress::Done(result) => Step::Ended(rest.end(result)),
            Progress::Network(exchange, deadline, warnings) => {
                Step::Exchange(exchange, Rest { deadline, warnings, ..rest })
            }
        }
    }
}

impl Rest {
    /// When the call ends at the latest.
    pub fn deadline(&self) -> &Deadline {
        &self.deadline
    }

    /// Goes on with what the exchange brought. Waits for the storage.
    pub fn go_on(self, finish: Finish) -> Step {
        match finish() {
            Ok(Served::Exchange(next)) => Step::Exchange(next, self),
            Ok(Served::Reply(reply)) => Step::Ended(self.end(Ok(reply))),
            Err(error) => Step::Ended(self.end(Err(error))),
        }
    }

    /// Ends a call whose exchange did not end.
    pub fn interrupted(self, why: Interrupted) -> Outcome {
        self.end(Err(Error::interrupted(why, WAITING)))
    }

    fn end(self, result: Result<Option<Reply>>) -> Outcome {
        let Self { core, label, dress, warnings, deadline } = self;
        let result = result.map(|reply| warnings.add_to(reply));
        let issued = result.as_ref().ok().and_then(|reply| reply.as_ref()?.auth.as_ref());
        let issued = issued.map(|auth| auth.client_token.clone());
        let result = result.and_then(|reply| match &dress.wrap {
            Some(wrap) => wrap.wrap(&core, reply, &label.request_id, dress.mount_type, &deadline),
            None => Ok(reply),
        });
        let (result, issued) = match result {
            Ok(None) if dress.is_read => (Err(Error::not_found()), None),
            Ok(reply) => (Ok(reply), issued),
            Err(error) => {
                take_back(&core, issued);
                (Err(error), None)
            }
        };
        label.end(&core, Answered(result), issued, &dress, &deadline)
    }
}

/// The end of a call from outside.
pub struct Late {
    core: Arc<Core>,
    label: Label,
}

impl Late {
    /// How the call ends, and what logs it.
    pub fn outcome(self, why: Interrupted) -> (Outcome, impl FnOnce() + Send + 'static) {
        let Self { core, label } = self;
        let error = move || Answered(Err(Error::interrupted(why, WAITING)));
        let outcome = label.outcome(error(), &label.dress());
        let status = outcome.as_ref().ok().map(|answer| answer.status);
        let log = move || {
            // The caller has his answer already. That its line cannot be written was logged by who tried.
            let _ = label.trail.end_late(&core.audit, &error());
            if let Some(status) = status {
                logged(&core, label.operation, status);
            }
        };
        (outcome, log)
    }
}

impl Label {
    /// How an answer is dressed before anything is known of its path.
    fn dress(&self) -> Dress {
        Dress { bodiless: self.bodiless, ..Dress::default() }
    }

    /// Makes the answer, once its audit line is written, and logs that it was given.
    fn end(
        &self,
        core: &Core,
        answered: Answered,
        issued: Option<Secret<String>>,
        dress: &Dress,
        deadline: &Deadline,
    ) -> Outcome {
        let answered = match self.trail.end(&core.audit, &answered) {
            Ok(()) => answered,
            Err(unaudited) => {
                let wrapping = answered.reply().and_then(|reply| reply.wrap_info.as_ref()?.get("token"));
                let wrapping = wrapping.and_then(Value::as_str).map(Secret::from);
                take_back(core, issued.into_iter().chain(wrapping));
                Answered(Err(unaudited.unless_cancelled(deadline)))
            }
        };
        let outcome = self.outcome(answered, dress);
        if let Ok(answer) = &outcome {
            logged(core, self.operation, answer.status);
        }
        outcome
    }

    fn outcome(&self, answered: Answered, dress: &Dress) -> Outcome {
        if answered.is_code(Code::Cancelled) {
            return Err(NoAnswer::Cancelled);
        }
        if answered.is_code(Code::Forked) {
            return Err(NoAnswer::Forked);
        }
        Ok(answered.into_answer(Some(&self.request_id), dress))
    }
}

/// Revokes what an answer would have given, had it been wrapped or audited. Nobody has seen it yet: where even that
/// fails, its rows are all that is left of it until it expires. The operation's own time may be what failed.
fn take_back(core: &Core, tokens: impl IntoIterator<Item = Secret<String>>) {
    let deadline = Deadline::after(limits::UNSEEN_TOKEN_TIME, Cancel::default());
    for token in tokens {
        if let Err(error) = core.tokens.revoke_unseen(&token, &deadline) {
            let error = Value::from(error.text().unwrap_or_default());
            core.logger.log(Level::Error, "unseen_token_left", &[("error", error)]);
        }
    }
}

/// What a call was doing when it was interrupted.
const WAITING: &str = "waiting for Okta, for the storage, or for other logins of the same user";

/// Logs that a call was answered; neither its path nor its members, which may be secrets.
fn logged(core: &Core, operation: &str, status: u16) {
    let level = if status < 500 { Level::Info } else { Level::Error };
    if core.logger.wants(level) {
        let status = Value::from(i64::from(status));
        core.logger.log(level, "answered", &[("operation", Value::from(operation)), ("status", status)]);
    }
}
