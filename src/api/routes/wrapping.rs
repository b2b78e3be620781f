//! `sys/wrapping/…`: answers that are kept under tokens of one use.

use crate::api::client::Core;
use crate::api::request::{Authority, Request};
use crate::api::router::{Call, Served};
use crate::api::wrapping::wrapped_reply;
use crate::clock::rfc3339;
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::field::{Field, Kind};
use crate::json::{self, Value};
use crate::reply::Reply;
use crate::token::{Caller, Wrapping, invalid_wrapping_token};

/// The fields of `lookup`, `unwrap` and `rewrap`. The token is found by [`shown`], before the caller's rights are.
pub const FIELDS: &[Field] = &[Field::secret("token", Kind::String)];

/// The wrapping token that a request is about, for paths that are about one: that of its body, or else the one it
/// comes with. Vault looks at it before anything else, and takes no use.
///
/// # Errors
/// 403 where none is named, 400 where it is none that can be used; Vault's texts.
pub fn shown(core: &Core, request: &Request, deadline: &Deadline) -> Result<Option<Wrapping>> {
    let unwraps = match &*request.path {
        "sys/wrapping/unwrap" => true,
        "sys/wrapping/lookup" | "sys/wrapping/rewrap" => false,
        _ => return Ok(None),
    };
    let refuse = |why: &str| {
        let text = format!("error validating wrapping token: {why}");
        Err(Error::new(403, Code::InvalidToken, text))
    };
    let named = request.data.get("token").filter(|token| !matches!(token, Value::Null));
    let token = match (named, &request.authority) {
        (Some(Value::String(token)), _) if token.expose().is_empty() => {
            return refuse("empty token in request body");
        }
        (Some(Value::String(token)), _) | (None, Authority::Token(Some(token))) => token,
        (Some(_), _) => return refuse("could not decode token in request body"),
        (None, _) => return refuse("token is empty"),
    };
    if token.expose().is_empty() {
        return refuse("token is empty");
    }
    if unwraps && request.wrap_ttl.is_some() {
        let text = "an answer is not unwrapped to be wrapped again: use sys/wrapping/rewrap";
        return Err(Error::bad_request(Code::InvalidRequest, text));
    }
    core.tokens.find_wrapping(token.expose(), deadline)?.ok_or_else(invalid_wrapping_token).map(Some)
}

/// `POST sys/wrapping/wrap`
pub fn wrap(call: &Call) -> Result<Served> {
    if call.wraps {
        return Ok(Some(Reply::data(call.fields.all().clone())).into());
    }
    Err(Error::bad_request(Code::InvalidRequest, "endpoint requires response wrapping to be used"))
}

/// `GET` and `POST sys/wrapping/lookup`
pub fn lookup(call: &Call) -> Result<Served> {
    let record = &call.wrapping()?.record;
    let data = json::object([
        ("creation_path", Value::from(record.path.as_str())),
        ("creation_time", Value::from(rfc3339(record.created))),
        ("creation_ttl", Value::from(record.ttl)),
    ]);
    Ok(Some(Reply::data(data)).into())
}

/// `POST sys/wrapping/unwrap`
pub fn unwrap(call: &Call) -> Result<Served> {
    let wrapping = call.wrapping()?;
    let body = match call.caller()? {
        // To be let in it was used up.
        Caller::Token(bearer) if bearer.index == wrapping.index => {
            bearer.wrapped.clone().ok_or_else(invalid_wrapping_token)?
        }
        _ => call.core.tokens.unwrap(wrapping, &call.deadline)?,
    };
    Ok(Some(Reply { body: Some(body), ..Reply::default() }).into())
}

/// `POST sys/wrapping/rewrap`
pub fn rewrap(call: &Call) -> Result<Served> {
    let renewed = call.core.tokens.rewrap(call.wrapping()?, &call.deadline)?;
    Ok(Some(wrapped_reply(&renewed, None)).into())
}
