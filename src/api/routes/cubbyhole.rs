//! `cubbyhole/response`: where a wrapping token finds its answer in Vault, still read by old clients.

use crate::api::request::Verb;
use crate::api::router::{Call, Pattern, Route, Served};
use crate::api::routes::system::VALIDATION;
use crate::error::Result;
use crate::json::{self, Value};
use crate::reply::Reply;
use crate::token::Caller;

/// Routes below `cubbyhole/`.
pub const ROUTES: &[Route] = &[Route {
    pattern: Pattern::Exact("response"),
    fields: &[],
    validation_prefix: VALIDATION,
    handlers: &[(Verb::Read, read)],
}];

const DEPRECATED: &str = "Reading from 'cubbyhole/response' is deprecated. Please use sys/wrapping/unwrap to unwrap \
                          responses, as it provides additional security checks and other benefits.";

/// The caller was let in by the one use of a wrapping token; other tokens have nothing here.
fn read(call: &Call) -> Result<Served> {
    let Caller::Token(bearer) = call.caller()? else { return Ok(Served::Reply(None)) };
    let reply = bearer.wrapped.clone().map(|body| Reply {
        warnings: vec![DEPRECATED.to_owned()],
        ..Reply::data(json::object([("response", Value::String(body))]))
    });
    Ok(reply.into())
}
