//! `sys/health`, `sys/seal-status`, `sys/init`: whether there is somebody to talk to, for monitors and clients. A
//! storage that is open is unsealed and the only one there is.

use crate::api::Answer;
use crate::api::router::{Call, Served};
use crate::error::Result;
use crate::json::{self, Object, Value};
use crate::reply::Reply;

/// The version whose API this is, and whose library; clients of Vault read the first half.
const VERSION: &str = concat!("1.21.4+okta-auth.", env!("CARGO_PKG_VERSION"));

/// `GET` and `HEAD sys/health`
pub fn health(call: &Call) -> Result<Served> {
    bare(json::object([
        ("initialized", Value::from(true)),
        ("sealed", Value::from(false)),
        ("standby", Value::from(false)),
        ("performance_standby", Value::from(false)),
        ("replication_performance_mode", Value::from("disabled")),
        ("replication_dr_mode", Value::from("disabled")),
        ("server_time_utc", Value::from(call.core.clock.now())),
        ("version", Value::from(VERSION)),
        ("enterprise", Value::from(false)),
        ("audit_failures", Value::from(i64::try_from(call.core.audit.failures()).unwrap_or(i64::MAX))),
    ]))
}

/// `GET sys/seal-status`
pub fn seal(_: &Call) -> Result<Served> {
    bare(json::object([
        ("type", Value::from("shamir")),
        ("initialized", Value::from(true)),
        ("sealed", Value::from(false)),
        ("t", Value::from(1)),
        ("n", Value::from(1)),
        ("progress", Value::from(0)),
        ("nonce", Value::from("")),
        ("version", Value::from(VERSION)),
        ("migration", Value::from(false)),
        ("recovery_seal", Value::from(false)),
    ]))
}

/// `GET sys/init`
pub fn init(_: &Call) -> Result<Served> {
    bare(json::object([("initialized", Value::from(true))]))
}

/// A body without Vault's envelope.
fn bare(body: Object) -> Result<Served> {
    Ok(Some(Reply { body: Some(Answer::json(200, &body).into_text()), ..Reply::default() }).into())
}
