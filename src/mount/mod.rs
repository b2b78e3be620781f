//! Which methods are mounted where, and how each mount is tuned (Vault's `sys/auth`).
//!
//! It knows the mounts themselves, not what a method keeps under its mount nor the tokens that were issued
//! there: who disables a mount cleans those up between [`Mounts::begin_disable`] and [`Mounts::end_disable`].

mod config;
mod handlers;
#[cfg(test)]
mod tests;

pub use config::MountConfig;
pub use handlers::{ENABLE_FIELDS, PATH_FIELDS, TUNE_FIELDS};

use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::lockout::Lockout;
use crate::storage::{Barrier, Batch, Cache, Check, Moment, encode};
use crate::ttls::Ttls;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

/// The whole table is one record: it is small, and every change to it has to see all of it.
const TABLE_KEY: &str = "core/mounts";
/// The mount of the token store. It is always there and cannot be disabled.
pub const TOKEN_MOUNT: &str = "token/";

/// What a mount does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MountKind {
    /// The Okta auth method.
    Okta,
    /// The token store.
    Token,
}

impl MountKind {
    /// Vault's name of the type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Token => "token",
        }
    }
}

/// One mount.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Mount {
    /// Its path below `auth/`, with a slash at the end: `okta/`, `corp/okta/`.
    pub path: String,
    /// What it does.
    pub kind: MountKind,
    /// A UUID that is never used again: what the mount keeps is stored under it.
    pub id: String,
    /// `auth_okta_` and eight hex digits.
    pub accessor: String,
    /// For people.
    pub description: String,
    /// How it is tuned.
    pub config: MountConfig,
    /// Vault's `options`; kept and shown, without a meaning here.
    pub options: BTreeMap<String, String>,
    /// Vault's `local`; kept and shown.
    pub local: bool,
    /// Vault's `seal_wrap`; kept and shown.
    pub seal_wrap: bool,
    /// Vault's `external_entropy_access`; kept and shown.
    pub external_entropy_access: bool,
    /// It is being disabled: nothing is routed to it any more, and its data is going.
    pub disabling: bool,
}

impl Mount {
    /// The path without the slash at the end.
    pub fn name(&self) -> &str {
        self.path.trim_end_matches('/')
    }

    /// The TTLs that hold for it: its own where it sets them, otherwise those of the library.
    pub fn ttls(&self, system: Ttls) -> Ttls {
        let own_or = |own: i64, system: i64| if own > 0 { own } else { system };
        Ttls {
            default: own_or(self.config.default_lease_ttl, system.default),
            max: own_or(self.config.max_lease_ttl, system.max),
        }
    }

    /// How its users are locked.
    pub fn lockout(&self) -> Lockout {
        self.config.user_lockout.unwrap_or_default()
    }

    /// Display names of its logins start with this: `corp-okta` for `corp/okta/` (Vault).
    pub fn display_prefix(&self) -> String {
        self.name().replace('/', "-")
    }
}

/// A mount of a table that is shared.
#[derive(Clone)]
pub struct MountRef {
    table: Arc<Table>,
    index: usize,
}

impl Deref for MountRef {
    type Target = Mount;

    fn deref(&self) -> &Mount {
        // The index was found in this very table, which nobody can change.
        &self.table.mounts[self.index]
    }
}

/// All mounts of a storage.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Table {
    mounts: Vec<Mount>,
}

impl Table {
    /// Every mount, in the order of the paths.
    pub fn mounts(&self) -> &[Mount] {
        &self.mounts
    }

    /// The mount that a path below `auth/` belongs to, and the rest of the path.
    pub fn route<'p>(self: &Arc<Self>, path: &'p str) -> Option<(MountRef, &'p str)> {
        let (index, rest) = self.mounts.iter().enumerate().find_map(|(index, mount)| {
            let rest = path.strip_prefix(&mount.path).filter(|_| !mount.disabling)?;
            Some((index, rest))
        })?;
        Some((MountRef { table: Arc::clone(self), index }, rest))
    }

    /// The enabled mount of this id.
    pub fn by_id(self: &Arc<Self>, id: &str) -> Option<MountRef> {
        let index = self.mounts.iter().position(|mount| mount.id == id && !mount.disabling)?;
        Some(MountRef { table: Arc::clone(self), index })
    }

    /// The mount of exactly this path (with its slash), one that is being disabled included.
    pub fn get(&self, path: &str) -> Option<&Mount> {
        self.mounts.iter().find(|mount| mount.path == path)
    }

    /// The path of a mount that is this path, above it or below it.
    fn in_the_way(&self, path: &str) -> Option<&str> {
        let clashes = |mount: &&Mount| path.starts_with(&mount.path) || mount.path.starts_with(path);
        self.mounts.iter().find(clashes).map(|mount| mount.path.as_str())
    }
}

/// Reads and changes the table of mounts.
#[derive(Clone)]
pub struct Mounts {
    barrier: Arc<Barrier>,
    /// Every request looks at the table; it hardly ever changes.
    cache: Arc<Cache<Table>>,
}

impl Mounts {
    /// The mounts of the storage behind this barrier. An empty storage gets the token store and an Okta method
    /// at each of `initial`.
    pub fn open(barrier: Arc<Barrier>, initial: &[String], deadline: &Deadline) -> Result<Self> {
        let mounts = Self { barrier, cache: Arc::new(Cache::new(1)) };
        mounts.barrier.update(deadline, || {
            if mounts.barrier.read::<Table>(TABLE_KEY, deadline)?.is_some() {
                return Ok((Batch::default(), ()));
            }
            let mut table = Table::default();
            let mut batch = Batch::default();
            batch.checks.push(Check { key: TABLE_KEY.to_owned(), revision: None });
            let token_store = mounts.new_mount(TOKEN_MOUNT, MountKind::Token, "token based credentials")?;
            add(&mut table, &mut batch, token_store)?;
            for path in initial {
                add(&mut table, &mut batch, mounts.new_mount(path, MountKind::Okta, "")?)?;
            }
            batch.puts.push((TABLE_KEY.to_owned(), encode(&table)?));
            Ok((batch, ()))
        })?;
        Ok(mounts)
    }

    /// The table as it stands.
    pub fn table(&self, deadline: &Deadline) -> Result<Arc<Table>> {
        self.table_as_of(self.barrier.moment(deadline)?, deadline)
    }

    /// The table at this moment or later.
    pub fn table_as_of(&self, moment: Moment, deadline: &Deadline) -> Result<Arc<Table>> {
        let stored = self.barrier.read_cached(TABLE_KEY, &self.cache, moment, deadline)?;
        stored.map(|stored| stored.value).ok_or_else(|| {
            Error::new(503, Code::StorageFailed, "the storage holds no table of mounts: it is damaged")
        })
    }

    /// A condition for a commit: the mount is still enabled then.
    ///
    /// # Errors
    /// 403 when it is not even now.
    pub fn still_enabled(&self, mount: &Mount, deadline: &Deadline) -> Result<Check> {
        let key = enabled_key(&mount.id);
        match self.barrier.read::<()>(&key, deadline)? {
            Some(stored) => Ok(stored.check(&key)),
            None => Err(Error::permission_denied()),
        }
    }

    /// Adds a mount.
    ///
    /// # Errors
    /// 400 [`Code::PathInUse`] when a mount is at this path, above it or below it.
    pub fn enable(&self, mount: &Mount, deadline: &Deadline) -> Result<()> {
        self.change(deadline, |table, batch| add(table, batch, mount.clone()))
    }

    /// Changes a mount's description, options or tuning.
    ///
    /// # Errors
    /// 400 when there is no such mount, and what `change` answers.
    pub fn tune(
        &self,
        path: &str,
        deadline: &Deadline,
        change: impl Fn(&mut Mount) -> Result<()>,
    ) -> Result<()> {
        self.change(deadline, |table, _| {
            let mount = table.mounts.iter_mut().find(|mount| mount.path == path && !mount.disabling);
            change(mount.ok_or_else(|| {
                let text = format!("tune of path \"auth/{path}\" failed: no mount entry found");
                Error::bad_request(Code::NotFound, text)
            })?)
        })
    }

    /// Closes a mount to requests, and answers it so that its tokens and data can be removed. `None`: there is
    /// no such mount.
    pub fn begin_disable(&self, path: &str, deadline: &Deadline) -> Result<Option<Mount>> {
        let Some(mount) = self.table(deadline)?.get(path).cloned() else {
            return Ok(None);
        };
        self.change(deadline, |table, batch| {
            if let Some(found) = table.mounts.iter_mut().find(|found| found.id == mount.id) {
                found.disabling = true;
            }
            batch.deletes.push(enabled_key(&mount.id));
            Ok(())
        })?;
        Ok(Some(mount))
    }

    /// Forgets a mount whose tokens and data are gone.
    pub fn end_disable(&self, mount: &Mount, deadline: &Deadline) -> Result<()> {
        self.change(deadline, |table, _| {
            table.mounts.retain(|found| found.id != mount.id);
            Ok(())
        })
    }

    /// A mount that is not in the table yet.
    fn new_mount(&self, path: &str, kind: MountKind, description: &str) -> Result<Mount> {
        let accessor: [u8; 4] = self.barrier.random_bytes()?;
        let name = kind.name();
        Ok(Mount {
            path: normal_path(path)?,
            kind,
            id: self.barrier.new_uuid()?,
            accessor: format!("auth_{name}_{:08x}", u32::from_be_bytes(accessor)),
            description: description.to_owned(),
            config: MountConfig::default(),
            options: BTreeMap::new(),
            local: false,
            seal_wrap: false,
            external_entropy_access: false,
            disabling: false,
        })
    }

    fn change(
        &self,
        deadline: &Deadline,
        change: impl Fn(&mut Table, &mut Batch) -> Result<()>,
    ) -> Result<()> {
        self.barrier.update(deadline, || {
            let stored = self.barrier.read::<Table>(TABLE_KEY, deadline)?;
            let revision = stored.as_ref().map(|stored| stored.revision);
            let mut table = stored.map(|stored| stored.value).unwrap_or_default();
            let mut batch = Batch::default();
            change(&mut table, &mut batch)?;
            batch.checks.push(Check { key: TABLE_KEY.to_owned(), revision });
            batch.puts.push((TABLE_KEY.to_owned(), encode(&table)?));
            Ok((batch, ()))
        })
    }
}

fn add(table: &mut Table, batch: &mut Batch, mount: Mount) -> Result<()> {
    if let Some(path) = table.in_the_way(&mount.path) {
        return Err(Error::bad_request(Code::PathInUse, format!("path is already in use at {path}")));
    }
    if table.mounts.len() >= limits::MOUNTS {
        return Err(Error::bad_request(
            Code::LimitReached,
            format!("{} methods are enabled, and no more are possible", limits::MOUNTS),
        ));
    }
    batch.puts.push((enabled_key(&mount.id), encode(&())?));
    table.mounts.push(mount);
    table.mounts.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(())
}

/// A row that is there while the mount is enabled and never changes, so that a login can make its commit depend
/// on it without a tuning of the mount getting in the way.
fn enabled_key(id: &str) -> String {
    format!("core/enabled/{id}")
}

/// A mount path with one slash at its end and none at its start.
///
/// # Errors
/// 400 when it is empty, too long, or has an empty, `.` or `..` segment or a control character.
pub fn normal_path(path: &str) -> Result<String> {
    let name = path.trim_matches('/');
    let why = if name.is_empty() {
        "must not be empty".to_owned()
    } else if name.len() > limits::NAME_BYTES {
        format!("is longer than {} bytes", limits::NAME_BYTES)
    } else if name.chars().any(char::is_control) {
        "must not have control characters".to_owned()
    } else if name.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        "must not have empty, '.' or '..' segments".to_owned()
    } else {
        return Ok(format!("{name}/"));
    };
    Err(Error::bad_request(Code::InvalidRequest, format!("the path of an auth method {why}")))
}
