//! One call from its text to its answer, in the steps that blocking and submitted calls share: let in, begun,
//! talked over with Okta, ended. Only the middle one waits for the network.

use super::client::Core;
use super::request::{Context, Request};
use super::router::{self, Dress, Exchange, Finish, Progress, Served, Warnings};
use super::{Answer, NoAnswer};
use crate::deadline::{Cancel, Deadline, Interrupted};
use crate::error::{Code, Error, Result};
use crate::json::Value;
use crate::limits;
use crate::log::Level;
use crate::reply::Reply;
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

/// What a call's answer and its log record name it by.
#[derive(Clone)]
struct Label {
    operation: &'static str,
    request_id: Arc<str>,
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
        let refused = |error: &Error, request_id: Option<&str>| {
            let mut answer = Answer::error(error, false, request_id);
            if context.bodiless {
                answer.body.clear();
            }
            logged(core, name, answer.status);
            Err(Ok(answer))
        };
        let mut request = match request {
            Ok(request) => request,
            Err(error) => return refused(&error, context.request_id.as_deref()),
        };
        let request_id = match request.context.request_id.take() {
            Some(id) => id,
            None => match core.barrier.new_uuid() {
                Ok(id) => id,
                Err(error) => return refused(&error, None),
            },
        };
        let timeout = request.context.timeout.unwrap_or(limits::OPERATION_TIMEOUT);
        let deadline = Deadline::after(timeout, cancel);
        let label = Label { operation: name, request_id: request_id.into() };
        Ok(Self { core: Arc::clone(core), label, request, deadline })
    }

    /// When the call ends at the latest, as far as its request tells.
    pub fn deadline(&self) -> &Deadline {
        &self.deadline
    }

    /// Ends a call that cannot be begun.
    pub fn refuse(self, error: Error) -> Outcome {
        let outcome = self.label.outcome(Err(error), Dress::default());
        self.label.log(&self.core, &outcome);
        outcome
    }

    /// What ends the call from outside, should it have to be ended while others are at it.
    pub fn late(&self) -> Late {
        Late { core: Arc::clone(&self.core), label: self.label.clone() }
    }

    /// Does everything up to the point where Okta is needed. Waits for the storage.
    pub fn begin(self) -> Step {
        let Self { core, label, request, deadline } = self;
        let (dress, progress) = router::route(&core, request, &deadline);
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

    /// Makes the answer, and logs that it was given.
    fn end(self, result: Result<Option<Reply>>) -> Outcome {
        let Self { core, label, dress, warnings, deadline } = self;
        let result = result.map(|reply| warnings.add_to(reply)).and_then(|reply| match &dress.wrap {
            Some(wrap) => wrap.wrap(&core, reply, &label.request_id, dress.mount_type, &deadline),
            None => Ok(reply),
        });
        let outcome = label.outcome(result, dress);
        label.log(&core, &outcome);
        outcome
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
        let outcome = label.outcome(Err(Error::interrupted(why, WAITING)), Dress::default());
        let status = outcome.as_ref().ok().map(|answer| answer.status);
        let log = move || {
            if let Some(status) = status {
                logged(&core, label.operation, status);
            }
        };
        (outcome, log)
    }
}

impl Label {
    fn outcome(&self, result: Result<Option<Reply>>, dress: Dress) -> Outcome {
        let request_id = &self.request_id;
        let mut answer = match result {
            Err(error) if error.code() == Code::Cancelled => return Err(NoAnswer::Cancelled),
            Err(error) if error.code() == Code::Forked => return Err(NoAnswer::Forked),
            Err(error) => Answer::error(&error, dress.authenticated, Some(request_id)),
            Ok(Some(reply)) => Answer::reply(reply, request_id, dress.mount_type, dress.repeats_data),
            Ok(None) if dress.is_read => Answer::error(&Error::not_found(), true, Some(request_id)),
            Ok(None) => Answer::empty(),
        };
        if dress.bodiless {
            answer.body.clear();
        }
        Ok(answer)
    }

    fn log(&self, core: &Core, outcome: &Outcome) {
        if let Ok(answer) = outcome {
            logged(core, self.operation, answer.status);
        }
    }
}

/// What a call was doing when it was interrupted.
const WAITING: &str = "waiting for Okta or for the storage";

/// Logs that a call was answered; neither its path nor its members, which may be secrets.
fn logged(core: &Core, operation: &str, status: u16) {
    let level = if status < 500 { Level::Info } else { Level::Error };
    if core.logger.wants(level) {
        let status = Value::from(i64::from(status));
        core.logger.log(level, "answered", &[("operation", Value::from(operation)), ("status", status)]);
    }
}
