//! `sys/policies/acl`, `sys/policy`, `sys/capabilities…`, and what a host asks about its own paths.

use crate::api::request::{Verb, checked, listed};
use crate::api::rights::{Rights, bearer, judge};
use crate::api::router::{Call, Served};
use crate::api::target::Target;
use crate::error::{Code, Error, Result};
use crate::policy::{self, Asked, Capability, Form, asked_paths};
use crate::reply::Reply;
use crate::secret::Secret;
use crate::token::{Caller, Record, accessor, invalid_accessor};

pub fn read(call: &Call) -> Result<Served> {
    Ok(call.core.policies.read(&call.capture("name")?, "policy", &call.deadline)?.into())
}

pub fn read_rules(call: &Call) -> Result<Served> {
    Ok(call.core.policies.read(&call.capture("name")?, "rules", &call.deadline)?.into())
}

pub fn list(call: &Call) -> Result<Served> {
    Ok(call.core.policies.list(false, &call.deadline)?.into())
}

pub fn list_at_older_path(call: &Call) -> Result<Served> {
    Ok(call.core.policies.list(true, &call.deadline)?.into())
}

pub fn write(call: &Call) -> Result<Served> {
    write_at(call, false)
}

pub fn write_at_older_path(call: &Call) -> Result<Served> {
    write_at(call, true)
}

fn write_at(call: &Call, is_older_path: bool) -> Result<Served> {
    let name = call.capture("name")?;
    Ok(call.core.policies.write(&name, &call.fields, is_older_path, &call.deadline)?.into())
}

pub fn delete(call: &Call) -> Result<Served> {
    call.core.policies.delete(&call.capture("name")?, &call.deadline)?;
    Ok(Served::Reply(None))
}

/// Those of a token that is named; the host may name it by its accessor as well.
pub fn capabilities(call: &Call) -> Result<Served> {
    let token = Secret::new(call.fields.string_or_empty("token")?);
    let by_accessor = !call.fields.string_or_empty("accessor")?.is_empty();
    if token.expose().is_empty() && by_accessor && matches!(call.caller()?, Caller::Host) {
        return capabilities_by_accessor(call);
    }
    if token.expose().is_empty() {
        return Err(Error::raised(500, Code::InvalidRequest, "no token found"));
    }
    let record = call.core.tokens.record_of(token.expose(), &call.deadline)?;
    let record = record.ok_or_else(|| Error::raised(400, Code::InvalidToken, "invalid token"))?;
    granted(call, &record)
}

/// Those of the caller's own token.
pub fn capabilities_self(call: &Call) -> Result<Served> {
    granted(call, call.caller()?.record().ok_or_else(Error::permission_denied)?)
}

/// Those of the token with this accessor.
pub fn capabilities_by_accessor(call: &Call) -> Result<Served> {
    // Vault answers this one by itself, unlike the other paths with an accessor.
    let missing = || Error::bad_request(Code::InvalidRequest, "missing accessor");
    let accessor = accessor(&call.fields).map_err(|_| missing())?;
    let record = call.core.tokens.record_of_accessor(&accessor, &call.deadline)?;
    let record = record.ok_or_else(invalid_accessor)?;
    granted(call, &record)
}

fn granted(call: &Call, record: &Record) -> Result<Served> {
    let table = call.core.mounts.table_as_of(call.moment, &call.deadline)?;
    let with_form = |path: String| {
        let plain = path.trim_start_matches('/');
        let one_form = Target::of(plain, &table).one_form(plain);
        (path, one_form)
    };
    let paths: Vec<_> = asked_paths(&call.fields)?.into_iter().map(with_form).collect();
    let rights = Rights::of(&call.core, record, call.moment, &call.deadline, |acl| {
        let reads_entity = |(path, one_form): &(String, Option<Form>)| {
            acl.reads_entity_for(path.trim_start_matches('/'), one_form.as_ref())
        };
        paths.iter().any(reads_entity)
    })?;
    Ok(Some(policy::capabilities(&rights.acl, &paths, rights.who(), &call.deadline)?).into())
}

/// Whether a token may do something, on whatever path the host means; on one that the door serves, as the door would
/// decide. It takes one use of the token, as the request itself would there.
pub fn authorize(call: &Call) -> Result<Served> {
    let (verb, capability) = operation(&call.fields.string_or_empty("operation")?)?;
    let path = call.fields.string_or_empty("path")?;
    let path = listed(verb, checked(path.strip_prefix('/').unwrap_or(&path).to_owned())?);
    let data = call.fields.object("parameters")?.unwrap_or_default();
    let token = Secret::new(call.fields.string_or_empty("token")?);
    let table = call.core.mounts.table_as_of(call.moment, &call.deadline)?;
    let target = Target::of(&path, &table);
    let one_form = target.one_form(&path);
    // A path that leads nowhere here is the host's own.
    let place = target.place();
    let hidden = if place.is_route { place.hidden } else { "" };
    call.trail.asked(&call.core.audit, capability.name(), &path, hidden);
    let remote = call.context.remote_address;
    let mut caller = bearer(&call.core, &call.trail, &token, remote, call.moment, &call.deadline)?;
    call.core.tokens.charge(&mut caller, &call.deadline)?;
    let record = caller.record().ok_or_else(Error::permission_denied)?;
    let wrap_ttl = call.fields.seconds("wrapping_ttl")?.filter(|seconds| *seconds > 0);
    let asked = Asked {
        capability: Some(capability),
        path: &path,
        data: &data,
        fields: target.fields(),
        wrap_ttl,
        protected: target.is_protected && target.route().is_some(),
        one_form: one_form.as_ref(),
    };
    let decision = judge(&call.core, record, &asked, call.moment, &call.deadline)?;
    call.trail.decision(&decision);
    let told = policy::told(&decision);
    if decision.allowed {
        return Ok(Some(Reply::data(told)).into());
    }
    Err(Error::permission_denied().with_data(told))
}

fn operation(name: &str) -> Result<(Verb, Capability)> {
    Ok(match name {
        "create" => (Verb::Update, Capability::Create),
        "read" => (Verb::Read, Capability::Read),
        "update" => (Verb::Update, Capability::Update),
        "delete" => (Verb::Delete, Capability::Delete),
        "list" => (Verb::List, Capability::List),
        "patch" => (Verb::Patch, Capability::Patch),
        _ => {
            let text = "\"operation\" must be create, read, update, delete, list or patch";
            return Err(Error::bad_request(Code::InvalidRequest, text));
        }
    })
}
