//! `sys/locked-users`: who is refused for a while, and how he is let in again.

use super::transactions;
use crate::api::router::{Call, Served};
use crate::error::{Code, Error, Result};
use crate::field::{Field, Kind};
use crate::json::{self, Object, Value};
use crate::limits;
use crate::mount::{MountKind, MountRef};
use crate::reply::Reply;

/// Fields of `sys/locked-users`.
pub const LIST_FIELDS: &[Field] = &[Field::new("mount_accessor", Kind::String)];
/// Fields of `sys/locked-users/<mount accessor>/unlock/<name>`, of which the routes know the whole rest as one.
pub const UNLOCK_FIELDS: &[Field] = &[Field::new(UNLOCK, Kind::String)];
/// The capture of a path that unlocks.
pub const UNLOCK: &str = "mount_accessor_and_alias";

/// Stands between the two parts of it.
pub const BEFORE_ALIAS: &str = "/unlock/";

/// `GET sys/locked-users`
pub fn list(call: &Call) -> Result<Served> {
    let wanted = call.fields.string_or_empty("mount_accessor")?;
    let table = call.core.mounts.table(&call.deadline)?;
    let mounts = table.mounts().iter().filter(|mount| mount.kind == MountKind::Okta && !mount.disabling);
    let (mut shown, mut total, mut warnings) = (Vec::new(), 0, Vec::new());
    for mount in mounts.filter(|mount| wanted.is_empty() || mount.accessor == wanted) {
        let Some(mount) = table.by_id(&mount.id) else { continue };
        let names = transactions::act_at(call, &mount, |transactions| transactions.locked_users())?;
        if names.len() >= limits::LOCKED_USERS {
            warnings.push(format!("{}: only {} are named", mount.path, limits::LOCKED_USERS));
        }
        let count = i64::try_from(names.len()).unwrap_or(i64::MAX);
        total += count;
        if count > 0 {
            shown.push(json::object([
                ("mount_accessor", Value::from(mount.accessor.as_str())),
                ("counts", Value::from(count)),
                ("alias_identifiers", Value::from(names)),
            ]));
        }
    }
    let mut namespaces: Vec<Object> = Vec::new();
    if total > 0 {
        namespaces.push(json::object([
            ("namespace_id", Value::from("root")),
            ("namespace_path", Value::from("")),
            ("counts", Value::from(total)),
            ("mount_accessors", Value::from(shown)),
        ]));
    }
    let data = json::object([("by_namespace", Value::from(namespaces)), ("total", Value::from(total))]);
    Ok(Some(Reply { warnings, ..Reply::data(data) }).into())
}

/// `POST sys/locked-users/<mount accessor>/unlock/<name>`
pub fn unlock(call: &Call) -> Result<Served> {
    let capture = call.capture(UNLOCK)?;
    let (accessor, name) = capture
        .split_once(BEFORE_ALIAS)
        .ok_or_else(|| Error::raised(404, Code::UnsupportedPath, "unsupported path"))?;
    let mount = of_accessor(call, accessor)?;
    transactions::act_at(call, &mount, |transactions| transactions.unlock(name))?;
    Ok(Served::Reply(None))
}

fn of_accessor(call: &Call, accessor: &str) -> Result<MountRef> {
    let table = call.core.mounts.table(&call.deadline)?;
    let id = table.mounts().iter().find(|mount| mount.accessor == accessor && mount.kind == MountKind::Okta);
    let found = id.and_then(|mount| table.by_id(&mount.id));
    found.ok_or_else(|| Error::new(404, Code::NotFound, "no Okta method has this mount accessor"))
}
