//! What a caller gets back.

use super::router::Dress;
use crate::error::{Code, Error, OktaDetail, Result};
use crate::json::{self, Object, Value};
use crate::reply::Reply;
use crate::secret::{Secret, SecretBytes};
use zeroize::Zeroizing;

/// An answer as Vault's HTTP server would send it: a status and a JSON body, which is empty for 204.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// UTF-8 JSON, wiped on drop: it may hold a token.
    pub body: Zeroizing<Vec<u8>>,
}

/// What a request has come to, before it is put into words.
pub struct Answered(pub Result<Option<Reply>>);

impl Answered {
    /// What a success says.
    pub fn reply(&self) -> Option<&Reply> {
        self.0.as_ref().ok().and_then(Option::as_ref)
    }

    /// The member `data`, of a success or an error.
    pub fn data(&self) -> Option<&Object> {
        match &self.0 {
            Ok(reply) => reply.as_ref().and_then(|reply| reply.data.as_ref()),
            Err(error) => error.data(),
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match &self.0 {
            Ok(Some(reply)) => reply.status.unwrap_or(200),
            Ok(None) => 204,
            Err(error) => error.status(),
        }
    }

    /// Whether it is an error of this code.
    pub fn is_code(&self, code: Code) -> bool {
        self.0.as_ref().is_err_and(|error| error.code() == code)
    }

    /// The answer, dressed as Vault would.
    pub fn into_answer(self, request_id: Option<&str>, dress: &Dress) -> Answer {
        let mut answer = match self.0 {
            Err(error) => Answer::error(&error, dress.authenticated, request_id),
            Ok(Some(reply)) => {
                Answer::reply(reply, request_id.unwrap_or_default(), dress.mount_type, dress.repeats_data)
            }
            Ok(None) => Answer::empty(),
        };
        if dress.bodiless {
            answer.body.clear();
        }
        answer
    }

    /// One word for it.
    pub fn outcome(&self) -> &'static str {
        match self.status() {
            _ if self.is_code(Code::Cancelled) => "cancelled",
            202 => "pending",
            ..400 => "success",
            400..500 => "refused",
            500.. => "failed",
        }
    }
}

/// Why there is no answer. The C ABI has a negative code for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The request is not UTF-8.
    InvalidUtf8,
    /// The request is over [`crate::limits::REQUEST_BYTES`].
    TooLarge,
    /// The operation was cancelled, or the client closed while it ran.
    Cancelled,
    /// The client is closed.
    Closed,
    /// There is no operation of this name.
    UnknownOperation,
    /// A submitted operation has not ended yet.
    Pending,
    /// There is no such ticket, or its result was collected.
    InvalidTicket,
    /// A submitted operation ended in a fault of the library.
    Panicked,
    /// The client belongs to the process that this one was forked from, or a database was in use at the fork, so
    /// that this process can open none.
    Forked,
}

impl Answer {
    /// An error body: Vault's `errors`, and our `code`, `retry_after`, `okta` and `request_id`.
    pub fn error(error: &Error, authenticated: bool, request_id: Option<&str>) -> Self {
        let errors: Vec<String> = error.shown(authenticated).into_iter().collect();
        let mut body =
            json::object([("errors", Value::from(errors)), ("code", Value::from(error.code().name()))]);
        if let Some(request_id) = request_id {
            body.insert("request_id", Value::from(request_id));
        }
        if let Some(seconds) = error.retry_after() {
            body.insert("retry_after", Value::from(i64::try_from(seconds).unwrap_or(i64::MAX)));
        }
        if let Some(okta) = error.okta().filter(|okta| **okta != OktaDetail::default()) {
            let detail: Object = json::object([
                ("status", Value::from(okta.status.map(i64::from))),
                ("error_code", Value::from(okta.error_code.clone())),
                ("error_id", Value::from(okta.error_id.clone())),
            ]);
            body.insert("okta", Value::from(detail));
        }
        if let Some(data) = error.data() {
            body.insert("data", Value::from(data.clone()));
        }
        Self::json(error.status(), &body)
    }

    /// Vault's envelope around a reply. `repeats_data`: the members of `data` stand at the top, too.
    pub fn reply(reply: Reply, request_id: &str, mount_type: &str, repeats_data: bool) -> Self {
        if let Some(body) = reply.body {
            return Self {
                status: reply.status.unwrap_or(200),
                body: Zeroizing::new(body.expose().as_bytes().to_vec()),
            };
        }
        // Vault tells nothing of a wrapped answer.
        let (request_id, mount_type) =
            if reply.wrap_info.is_some() { ("", "") } else { (request_id, mount_type) };
        let warnings = if reply.warnings.is_empty() { Value::Null } else { Value::from(reply.warnings) };
        let repeated = if repeats_data { reply.data.clone() } else { None };
        let mut body = json::object([
            ("auth", Value::from(reply.auth.map(|auth| auth.to_json()))),
            ("data", Value::from(reply.data)),
            ("lease_duration", Value::from(0)),
            ("lease_id", Value::from("")),
            ("mount_type", Value::from(mount_type)),
            ("renewable", Value::from(false)),
            ("request_id", Value::from(request_id)),
            ("warnings", warnings),
            ("wrap_info", Value::from(reply.wrap_info)),
        ]);
        for (name, value) in repeated.into_iter().flatten() {
            if !body.contains_key(&name) {
                body.insert(name, value);
            }
        }
        Self::json(reply.status.unwrap_or(200), &body)
    }

    /// A body of this object.
    pub fn json(status: u16, body: &Object) -> Self {
        let mut text = SecretBytes::with_capacity(1_024);
        json::write_object(body, &mut text);
        Self { status, body: text.into_inner() }
    }

    /// The body as the text that it is.
    pub fn into_text(self) -> Secret<String> {
        String::from_utf8_lossy(&self.body).into_owned().into()
    }

    /// 204 without a body.
    pub fn empty() -> Self {
        Self { status: 204, body: Zeroizing::default() }
    }
}
