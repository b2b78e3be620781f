//! Response wrapping: what becomes of an answer whose caller wants it kept under a token of one use.

use super::Answer;
use super::client::Core;
use crate::clock::rfc3339;
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::json::{self, Object, Value};
use crate::reply::Reply;
use crate::token::{Caller, NewWrapping};
use std::sync::Arc;

/// How an answer is to be wrapped.
#[derive(Clone)]
pub struct Wrap {
    /// The life of the wrapping token, in seconds.
    pub ttl: i64,
    /// What was asked for, as those see it who look at the wrapping token.
    pub path: Arc<str>,
    /// The answer is a listing, of which Vault says in other words that there is none.
    pub of_listing: bool,
    /// For whom.
    pub wisher: Wisher,
}

/// Who wants an answer wrapped.
#[derive(Clone)]
pub enum Wisher {
    /// The host.
    Host,
    /// The bearer of a token: his entity, or where it has none the index of the token that it comes from, as he may make
    /// as many as he likes.
    Bearer(String),
    /// Nobody that is known yet, or whoever shows a wrapping token. He gets a login wrapped, as whom he has logged in.
    Stranger,
}

impl Wisher {
    /// Who this caller is.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn of(core: &Core, caller: &Caller, deadline: &Deadline) -> Result<Self> {
        Ok(match caller {
            Caller::Host => Self::Host,
            Caller::Token(bearer) if bearer.record.is_wrapping() => Self::Stranger,
            Caller::Token(bearer) if bearer.record.entity_id.is_empty() => {
                Self::Bearer(core.tokens.first_ancestor(bearer, deadline)?)
            }
            Caller::Token(bearer) => Self::Bearer(bearer.record.entity_id.clone()),
        })
    }
}

impl Wrap {
    /// Wraps a success that has an envelope. An open transaction stays bare: a wrapped answer is a 200, and that means yes.
    ///
    /// # Errors
    /// 400 where a stranger wants what is no login to be wrapped; those of the storage. Nobody has seen the token then
    /// that the answer would have held.
    pub fn wrap(
        &self,
        core: &Core,
        reply: Option<Reply>,
        request_id: &str,
        mount_type: &str,
        deadline: &Deadline,
    ) -> Result<Option<Reply>> {
        let reply = match reply {
            Some(reply) if reply.status.is_none() && reply.wrap_info.is_none() && reply.body.is_none() => {
                reply
            }
            None if self.of_listing => {
                return Err(Error::new(404, Code::NotFound, "unsupported path"));
            }
            other => return Ok(other),
        };
        // What strangers have wrapped nobody could bound.
        let who = match (&self.wisher, &reply.auth) {
            (Wisher::Host, _) => None,
            (Wisher::Bearer(who), _) => Some(who.clone()),
            (Wisher::Stranger, Some(auth)) => Some(auth.entity_id.clone()),
            (Wisher::Stranger, None) => {
                let text = "this answer is wrapped only for those who show a token of their own";
                return Err(Error::bad_request(Code::InvalidRequest, text));
            }
        };
        // A batch token has no accessor.
        let accessor =
            reply.auth.as_ref().map(|auth| auth.accessor.clone()).filter(|accessor| !accessor.is_empty());
        let body = Answer::reply(reply, request_id, mount_type, false).into_text();
        let wrapping = core.tokens.wrap(body, self.ttl, &self.path, who.as_deref(), deadline)?;
        Ok(Some(wrapped_reply(&wrapping, accessor)))
    }
}

/// The answer that a wrapping token stands in.
pub fn wrapped_reply(wrapping: &NewWrapping, wrapped_accessor: Option<String>) -> Reply {
    let record = &wrapping.record;
    let mut info: Object = json::object([
        ("token", Value::String(wrapping.token.clone())),
        ("accessor", Value::from(record.accessor.as_str())),
        ("ttl", Value::from(record.ttl)),
        ("creation_time", Value::from(rfc3339(record.created))),
        ("creation_path", Value::from(record.path.as_str())),
    ]);
    if let Some(accessor) = wrapped_accessor {
        info.insert("wrapped_accessor", Value::from(accessor));
    }
    Reply { wrap_info: Some(info), ..Reply::default() }
}
