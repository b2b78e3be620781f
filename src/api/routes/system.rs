//! `sys/…`: the mounts, and what the audit log shows of a text.

use crate::api::request::Verb;
use crate::api::rights;
use crate::api::router::{Call, Handler, Names, Pattern, Route, Served};
use crate::api::routes::{lockout, policies, status, wrapping};
use crate::api::target::Access;
use crate::error::{Code, Error, Result};
use crate::field::{ANYTHING, Field, Kind};
use crate::json::{self, Value};
use crate::mount::{ENABLE_FIELDS, Mount, MountKind, PATH_FIELDS, TUNE_FIELDS};
use crate::policy::{AUTHORIZE_FIELDS, CAPABILITIES_FIELDS, POLICY_FIELDS, RULES_FIELDS};
use crate::reply::Reply;
use crate::secret::Secret;
use crate::token::CREATED;

/// The mounts that a user may see, for those who offer him a choice.
const VISIBLE: &str = "internal/ui/mounts";

/// The prefix of conversion errors everywhere but at a method's `config`.
pub const VALIDATION: &str = "Field validation failed: ";

/// Routes below `sys/`. The first that fits counts.
pub const ROUTES: &[Route] = &[
    route(
        Pattern::Exact("auth"),
        PATH_FIELDS,
        &[(Verb::Read, |call| Ok(call.core.mounts.read_all(&call.deadline)?.into()))],
    ),
    open("health", &[(Verb::Read, status::health)]),
    open("seal-status", &[(Verb::Read, status::seal)]),
    open("init", &[(Verb::Read, status::init)]),
    route(Pattern::Folder(VISIBLE), &[], &[(Verb::Read, visible)]),
    route(
        Pattern::Capture("internal/ui/mounts/", "path", Names::Mount),
        PATH_FIELDS,
        &[(Verb::Read, read_visible)],
    ),
    tuning(Pattern::CaptureBetween("auth/", "path", Names::Mount, "/tune")),
    tuning(Pattern::CaptureBetween("mounts/auth/", "path", Names::Mount, "/tune")),
    route(
        Pattern::Capture("auth/", "path", Names::Mount),
        ENABLE_FIELDS,
        &[(Verb::Read, read), (Verb::Update, enable), (Verb::Delete, disable)],
    ),
    route(
        Pattern::Capture("leases/revoke-prefix/", "prefix", Names::Exact),
        &[Field::new("prefix", Kind::String), Field::new("sync", Kind::Bool)],
        &[(Verb::Update, revoke_prefix)],
    ),
    route(Pattern::Exact("locked-users"), lockout::LIST_FIELDS, &[(Verb::Read, lockout::list)]),
    route(
        Pattern::Capture("locked-users/", lockout::UNLOCK, Names::TypedBehind(lockout::BEFORE_ALIAS)),
        lockout::UNLOCK_FIELDS,
        &[(Verb::Update, lockout::unlock)],
    ),
    route(
        Pattern::Exact("audit-hash/file"),
        &[Field::secret("input", Kind::String)],
        &[(Verb::Update, audit_hash)],
    ),
    route(Pattern::Exact("wrapping/wrap"), ANYTHING, &[(Verb::Update, wrapping::wrap)]),
    route(
        Pattern::Exact("wrapping/lookup"),
        wrapping::FIELDS,
        &[(Verb::Read, wrapping::lookup), (Verb::Update, wrapping::lookup)],
    ),
    route(Pattern::Exact("wrapping/unwrap"), wrapping::FIELDS, &[(Verb::Update, wrapping::unwrap)]),
    route(Pattern::Exact("wrapping/rewrap"), wrapping::FIELDS, &[(Verb::Update, wrapping::rewrap)]),
    route(Pattern::Folder("policies/acl"), &[], &[(Verb::List, policies::list)]),
    route(
        Pattern::Capture("policies/acl/", "name", Names::AnyCase),
        POLICY_FIELDS,
        &[(Verb::Read, policies::read), (Verb::Update, policies::write), (Verb::Delete, policies::delete)],
    ),
    route(
        Pattern::Folder("policy"),
        &[],
        &[(Verb::Read, policies::list_at_older_path), (Verb::List, policies::list_at_older_path)],
    ),
    route(
        Pattern::Capture("policy/", "name", Names::AnyCase),
        RULES_FIELDS,
        &[
            (Verb::Read, policies::read_rules),
            (Verb::Update, policies::write_at_older_path),
            (Verb::Delete, policies::delete),
        ],
    ),
    route(Pattern::Exact("capabilities"), CAPABILITIES_FIELDS, &[(Verb::Update, policies::capabilities)]),
    route(
        Pattern::Exact("capabilities-self"),
        CAPABILITIES_FIELDS,
        &[(Verb::Update, policies::capabilities_self)],
    ),
    route(
        Pattern::Exact("capabilities-accessor"),
        CAPABILITIES_FIELDS,
        &[(Verb::Update, policies::capabilities_by_accessor)],
    ),
];

/// Routes below `host/`.
pub const HOST_ROUTES: &[Route] =
    &[route(Pattern::Exact("authorize"), AUTHORIZE_FIELDS, &[(Verb::Update, policies::authorize)])];

/// Who may come to a path below `sys/`.
pub fn access(rest: &str) -> Access {
    match rest {
        "wrapping/lookup" | "health" | "seal-status" | "init" => Access::Open,
        _ if rest == VISIBLE || rest.starts_with("internal/ui/mounts/") => Access::Looked,
        _ => Access::Permitted,
    }
}

/// Whether a path below `sys/` needs `sudo` beside the right itself (Vault's root paths). `mounts/auth/…/tune` is another
/// way to `auth/…/tune`, which is one of them; in Vault it needs none.
pub fn is_protected(rest: &str) -> bool {
    ["auth/", "mounts/auth/", "leases/revoke-prefix/"].iter().any(|folder| rest.starts_with(folder))
}

/// Whether the members of `data` stand at the top of the body, too: of old this is how these paths answer.
pub fn repeats_data(rest: &str) -> bool {
    ["auth", "mounts", "policy"]
        .iter()
        .any(|name| rest.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
        || matches!(rest, "capabilities" | "capabilities-self" | "capabilities-accessor")
}

/// A path for monitors, whose own members are ignored.
const fn open(path: &'static str, handlers: &'static [(Verb, Handler)]) -> Route {
    route(Pattern::Exact(path), ANYTHING, handlers)
}

const fn route(pattern: Pattern, fields: &'static [Field], handlers: &'static [(Verb, Handler)]) -> Route {
    Route { pattern, fields, validation_prefix: VALIDATION, handlers }
}

const fn tuning(pattern: Pattern) -> Route {
    route(pattern, TUNE_FIELDS, &[(Verb::Read, read_tuning), (Verb::Update, tune)])
}

fn visible(call: &Call) -> Result<Served> {
    let sees = |mount: &Mount| sees(call, mount);
    Ok(call.core.mounts.read_visible(&sees, call.caller.is_some(), &call.deadline)?.into())
}

fn read_visible(call: &Call) -> Result<Served> {
    call.caller()?;
    let sees = |mount: &Mount| sees(call, mount);
    Ok(call.core.mounts.read_one_visible(&call.capture("path")?, &sees, &call.deadline)?.into())
}

fn sees(call: &Call, mount: &Mount) -> Result<bool> {
    rights::sees(&call.core, call.caller.as_deref(), mount, call.moment, &call.deadline)
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

fn audit_hash(call: &Call) -> Result<Served> {
    let input = Secret::new(call.fields.string_or_empty("input")?);
    if input.expose().is_empty() {
        return Err(Error::bad_request(Code::InvalidRequest, "the \"input\" parameter is empty"));
    }
    let hash = call.core.audit.hasher().hash(input.expose());
    Ok(Some(Reply::data(json::object([("hash", Value::from(hash))]))).into())
}

/// Revokes the tokens that were issued by a path or below it, as their leases have it in their names.
fn revoke_prefix(call: &Call) -> Result<Served> {
    if !call.caller()?.has_sudo() {
        return Err(Error::permission_denied());
    }
    let prefix = call.capture("prefix")?;
    for mount in call.core.mounts.table(&call.deadline)?.mounts() {
        let path = format!("auth/{}", mount.path);
        if path.starts_with(&prefix) || prefix.starts_with(&path) {
            let id = if mount.kind == MountKind::Token { CREATED } else { &mount.id };
            call.core.tokens.revoke_path(id, &prefix, &call.deadline)?;
        }
    }
    Ok(Served::Reply(None))
}
