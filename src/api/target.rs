//! Where a path leads: to which mount, to which table of routes, and who may come.

use super::router::{Patience, Route};
use super::routes;
use super::trail::Place;
use crate::mount::{MountKind, MountRef, Table};
use std::sync::Arc;

/// Who may come to a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever shows a token whose policies allow it.
    Permitted,
    /// Whoever shows a token, and whoever shows none: the route looks at what the token allows.
    Looked,
    /// Everybody; a token is not looked at.
    Open,
}

/// Where a path leads.
pub struct Target<'p> {
    /// The mount, for paths below `auth/`.
    pub mount: Option<MountRef>,
    /// What there is; nothing below paths that have no mount.
    pub routes: Option<&'static [Route]>,
    /// The path below the mount, or below `sys/`; all of it where it leads nowhere.
    pub rest: &'p str,
    /// Vault's `mount_type`.
    pub mount_type: &'static str,
    /// Who may come.
    pub access: Access,
    /// How long a request may take that does not say so.
    pub patience: Patience,
}

impl<'p> Target<'p> {
    /// Where this path leads.
    pub fn of(path: &'p str, table: &Arc<Table>) -> Self {
        let patience = Patience::Operation;
        let mount_type = "system";
        let nowhere =
            Self { mount: None, routes: None, rest: path, mount_type, access: Access::Permitted, patience };
        if let Some(rest) = path.strip_prefix("sys/") {
            let access = routes::system::access(rest);
            return Self { routes: Some(routes::system::ROUTES), rest, access, ..nowhere };
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
        let (routes, access, patience) = match mount.kind {
            MountKind::Okta => {
                (routes::okta::ROUTES, routes::okta::access(rest), routes::okta::patience(rest))
            }
            MountKind::Token => (routes::token::ROUTES, Access::Permitted, patience),
        };
        let mount_type = mount.kind.name();
        Self { mount: Some(mount), routes: Some(routes), rest, mount_type, access, patience }
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

    /// The route, and the capture of its path (name and text).
    pub fn route(&self) -> Option<(&'static Route, Option<(&'static str, &'p str)>)> {
        self.routes?.iter().find_map(|route| Some((route, route.pattern.matches(self.rest)?)))
    }

    /// What the audit log is told of it.
    pub fn place(&self) -> Place<'_> {
        let mount = self.mount.as_deref();
        let Some((route, capture)) = self.route() else {
            return Place { mount, fields: &[], hidden: self.rest, is_route: false };
        };
        let is_secret = |name| route.fields.iter().any(|field| field.secret && field.name == name);
        let hidden = capture.filter(|(name, _)| is_secret(*name)).map_or("", |(_, text)| text);
        Place { mount, fields: route.fields, hidden, is_route: true }
    }
}
