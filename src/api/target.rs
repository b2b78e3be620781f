//! Where a path leads: to which mount, to which table of routes, and who may come.

use super::client::Core;
use super::router::{Patience, Route};
use super::routes;
use super::trail::Place;
use crate::deadline::Deadline;
use crate::error::Result;
use crate::field::Field;
use crate::mount::{MountKind, MountRef, Table};
use crate::policy::Form;
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
    /// What the paths of named operations on it begin with.
    pub folder: &'static str,
    /// The path below the mount, or below `sys/`; all of it where it leads nowhere.
    pub rest: &'p str,
    /// Vault's `mount_type`.
    pub mount_type: &'static str,
    /// Who may come.
    pub access: Access,
    /// It takes `sudo` beside the right itself (Vault's root paths).
    pub is_protected: bool,
    /// A member that the route does not know is refused. Vault ignores it, but a question about rights that leaves
    /// out what was meant to narrow it is another question.
    pub refuses_unknown: bool,
    /// How long a request may take that does not say so.
    pub patience: Patience,
}

impl<'p> Target<'p> {
    /// Where this path leads.
    pub fn of(path: &'p str, table: &Arc<Table>) -> Self {
        let nowhere = Self::nowhere(path);
        if let Some(rest) = path.strip_prefix("sys/") {
            return Self {
                routes: Some(routes::system::ROUTES),
                folder: "sys/",
                rest,
                access: routes::system::access(rest),
                is_protected: routes::system::is_protected(rest),
                ..nowhere
            };
        }
        if let Some(rest) = path.strip_prefix("cubbyhole/") {
            return Self {
                routes: Some(routes::cubbyhole::ROUTES),
                folder: "cubbyhole/",
                rest,
                mount_type: "cubbyhole",
                ..nowhere
            };
        }
        let Some((mount, rest)) = path.strip_prefix("auth/").and_then(|path| table.route(path)) else {
            return nowhere;
        };
        let (kind, nowhere) = (mount.kind, Self { mount: Some(mount), rest, ..nowhere });
        let mount_type = kind.name();
        match kind {
            MountKind::Okta => Self {
                routes: Some(routes::okta::ROUTES),
                folder: "auth/{mount_point}/",
                mount_type,
                access: routes::okta::access(rest),
                patience: routes::okta::patience(rest),
                ..nowhere
            },
            MountKind::Token => Self {
                routes: Some(routes::token::ROUTES),
                folder: "auth/token/",
                mount_type,
                is_protected: routes::token::is_protected(rest),
                ..nowhere
            },
        }
    }

    /// Where a path leads that only the host's own operations have: what Vault has no path for.
    pub fn of_host(path: &'p str) -> Option<Self> {
        let rest = path.strip_prefix("host/")?;
        let routes = Some(routes::system::HOST_ROUTES);
        Some(Self { routes, folder: "host/", rest, refuses_unknown: true, ..Self::nowhere(path) })
    }

    fn nowhere(path: &'p str) -> Self {
        Self {
            mount: None,
            routes: None,
            folder: "",
            rest: path,
            mount_type: "system",
            access: Access::Permitted,
            is_protected: false,
            refuses_unknown: false,
            patience: Patience::Operation,
        }
    }

    /// Whether that is there which a write would change; `None` where it makes no difference to who may write, as
    /// Vault's backend has no existence check there.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn exists(&self, core: &Core, deadline: &Deadline) -> Result<Option<bool>> {
        match &self.mount {
            Some(mount) if mount.kind == MountKind::Okta => {
                routes::okta::exists(core, mount, self.rest, deadline)
            }
            Some(_) => routes::token::exists(core, self.rest, deadline),
            None => Ok(None),
        }
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

    /// The fields of the route; none where there is none.
    pub fn fields(&self) -> &'static [Field] {
        self.route().map_or(&[], |(route, _)| route.fields)
    }

    /// The one form of the path that leads here, where others lead to the same.
    pub fn one_form(&self, path: &str) -> Option<Form> {
        let Some((route, _)) = self.route() else {
            // Of the host's own paths, too, many a program takes one with a slash at its end for the same.
            return path.strip_suffix('/').map(|path| Form::of_folder(path.to_owned()));
        };
        route.pattern.one_form(path.strip_suffix(self.rest)?, self.rest)
    }

    /// What the audit log is told of it.
    pub fn place(&self) -> Place<'_> {
        let (mount, folder, mount_type) = (self.mount.as_deref(), self.folder, self.mount_type);
        let Some((route, capture)) = self.route() else {
            return Place { mount, folder, mount_type, fields: &[], hidden: self.rest, is_route: false };
        };
        let is_secret = |name| route.fields.iter().any(|field| field.secret && field.name == name);
        let hidden = capture.filter(|(name, _)| is_secret(*name)).map_or("", |(_, text)| text);
        Place { mount, folder, mount_type, fields: route.fields, hidden, is_route: true }
    }
}
