//! Where a path leads: to which mount, to which table of routes, and who may come.

use super::router::{Patience, Route};
use super::routes;
use crate::mount::{MountKind, MountRef, Table};
use std::sync::Arc;

/// Where a path leads.
pub struct Target<'p> {
    /// The mount, for paths below `auth/`.
    pub mount: Option<MountRef>,
    /// What there is; nothing below paths that have no mount.
    pub routes: Option<&'static [Route]>,
    /// The path below the mount, or below `sys/`.
    pub rest: &'p str,
    /// Vault's `mount_type`.
    pub mount_type: &'static str,
    /// No token is needed.
    pub open_to_all: bool,
    /// How long a request may take that does not say so.
    pub patience: Patience,
}

impl<'p> Target<'p> {
    /// Where this path leads.
    pub fn of(path: &'p str, table: &Arc<Table>) -> Self {
        let patience = Patience::Operation;
        let mount_type = "system";
        let nowhere = Self { mount: None, routes: None, rest: "", mount_type, open_to_all: false, patience };
        if let Some(rest) = path.strip_prefix("sys/") {
            let open_to_all = routes::system::is_open_to_all(rest);
            return Self { routes: Some(routes::system::ROUTES), rest, open_to_all, ..nowhere };
        }
        if let Some(rest) = path.strip_prefix("cubbyhole/") {
            return Self {
                routes: Some(routes::cubbyhole::ROUTES),
                rest,
                mount_type: "cubbyhole",
                ..nowhere
            };
        }
        let Some((mount, rest)) = path.strip_prefix("auth/").and_then(|path| table.route(path)) else {
            return nowhere;
        };
        let (routes, open_to_all, patience) = match mount.kind {
            MountKind::Okta => {
                (routes::okta::ROUTES, routes::okta::is_open_to_all(rest), routes::okta::patience(rest))
            }
            MountKind::Token => (routes::token::ROUTES, false, patience),
        };
        let mount_type = mount.kind.name();
        Self { mount: Some(mount), routes: Some(routes), rest, mount_type, open_to_all, patience }
    }

    /// The path as others may see it: the id of a transaction is a secret.
    pub fn shown_path(&self, path: &Arc<str>) -> Arc<str> {
        match path.strip_suffix(self.rest) {
            Some(mount) if self.mount.is_some() && self.rest.starts_with("transactions/") => {
                format!("{mount}transactions").into()
            }
            _ => Arc::clone(path),
        }
    }
}
