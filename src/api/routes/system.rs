//! `sys/…`: the mounts.

use crate::api::request::Verb;
use crate::api::router::{Call, Pattern, Route, Served};
use crate::api::routes::wrapping;
use crate::error::Result;
use crate::field::ANYTHING;
use crate::mount::{ENABLE_FIELDS, PATH_FIELDS, TUNE_FIELDS};

/// The prefix of conversion errors everywhere but at a method's `config`.
pub const VALIDATION: &str = "Field validation failed: ";

/// Routes below `sys/`. The first that fits counts.
pub const ROUTES: &[Route] = &[
    Route {
        pattern: Pattern::Exact("auth"),
        fields: PATH_FIELDS,
        validation_prefix: VALIDATION,
        handlers: &[(Verb::Read, |call| Ok(call.core.mounts.read_all(&call.deadline)?.into()))],
    },
    tuning(Pattern::CaptureBetween("auth/", "path", "/tune")),
    tuning(Pattern::CaptureBetween("mounts/auth/", "path", "/tune")),
    Route {
        pattern: Pattern::Capture("auth/", "path"),
        fields: ENABLE_FIELDS,
        validation_prefix: VALIDATION,
        handlers: &[(Verb::Read, read), (Verb::Update, enable), (Verb::Delete, disable)],
    },
    Route {
        pattern: Pattern::Exact("wrapping/wrap"),
        fields: ANYTHING,
        validation_prefix: VALIDATION,
        handlers: &[(Verb::Update, wrapping::wrap)],
    },
    Route {
        pattern: Pattern::Exact("wrapping/lookup"),
        fields: wrapping::FIELDS,
        validation_prefix: VALIDATION,
        handlers: &[(Verb::Read, wrapping::lookup), (Verb::Update, wrapping::lookup)],
    },
    Route {
        pattern: Pattern::Exact("wrapping/unwrap"),
        fields: wrapping::FIELDS,
        validation_prefix: VALIDATION,
        handlers: &[(Verb::Update, wrapping::unwrap)],
    },
    Route {
        pattern: Pattern::Exact("wrapping/rewrap"),
        fields: wrapping::FIELDS,
        validation_prefix: VALIDATION,
        handlers: &[(Verb::Update, wrapping::rewrap)],
    },
];

/// Whether a path below `sys/` needs no token of the caller's own.
pub fn is_open_to_all(rest: &str) -> bool {
    rest == "wrapping/lookup"
}

/// Whether the members of `data` stand at the top of the body, too: of old this is how these paths answer.
pub fn repeats_data(rest: &str) -> bool {
    ["auth", "mounts", "policy"]
        .iter()
        .any(|name| rest.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
        || matches!(rest, "capabilities" | "capabilities-self" | "capabilities-accessor")
}

const fn tuning(pattern: Pattern) -> Route {
    Route {
        pattern,
        fields: TUNE_FIELDS,
        validation_prefix: VALIDATION,
        handlers: &[(Verb::Read, read_tuning), (Verb::Update, tune)],
    }
}

fn read(call: &Call) -> Result<Served> {
    Ok(call.core.mounts.read_one(&call.capture("path")?, &call.deadline)?.into())
}

fn enable(call: &Call) -> Result<Served> {
    Ok(call
        .core
        .mounts
        .write_enable(&call.capture("path")?, &call.fields, call.core.ttls, &call.deadline)?
        .into())
}

fn disable(call: &Call) -> Result<Served> {
    let path = call.core.mounts.path_to_disable(&call.capture("path")?)?;
    call.core.disable(&path, &call.deadline)?;
    Ok(Served::Reply(None))
}

fn read_tuning(call: &Call) -> Result<Served> {
    let path = call.capture("path")?;
    Ok(call.core.mounts.read_tuning(&path, call.core.ttls, &call.deadline)?.into())
}

fn tune(call: &Call) -> Result<Served> {
    let path = call.capture("path")?;
    Ok(call.core.mounts.write_tuning(&path, &call.fields, call.core.ttls, &call.deadline)?.into())
}
