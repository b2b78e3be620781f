//! `?help=1`: what a path is for, from the documentation of the named operations.

use super::Answer;
use super::operations::{OPERATIONS, Operation};
use super::router::Route;
use super::target::{Access, Target};
use crate::error::{Code, Error, Result};
use crate::json::{self, Value};
use crate::mount::{Mount, MountKind, Table};
use crate::reply::Reply;
use std::fmt::Write;
use std::sync::Arc;

/// Vault's answer to a request for help: a text of our own, and no OpenAPI document.
///
/// Below a mount that may not be there it is for those who it is shown to (`sees`); Vault tells everybody with a
/// token.
///
/// # Errors
/// 404 for a path that no route has.
pub fn help(
    path: &str,
    table: &Arc<Table>,
    sees: impl FnOnce(&Mount) -> Result<bool>,
) -> Result<Option<Reply>> {
    // A mount is named without the slash at its end.
    let slashed = format!("{path}/");
    let mut targets = [path, &slashed].into_iter().map(|path| Target::of(path, table));
    let target = &targets.find(|target| target.routes.is_some()).ok_or_else(|| no_route(path))?;
    if let Some(mount) = target.mount.as_ref().filter(|mount| mount.kind != MountKind::Token)
        && target.access == Access::Permitted
        && !sees(mount)?
    {
        return Err(no_route(path));
    }
    let routes = target.routes.unwrap_or_default();
    let route = routes.iter().find(|route| route.pattern.matches(target.rest).is_some());
    let text = match route {
        Some(route) => of_route(target, route),
        None if target.rest.is_empty() => of_mount(target),
        None => return Err(Error::raised(404, Code::UnsupportedPath, "unsupported path")),
    };
    let body =
        json::object([("help", Value::from(text)), ("see_also", Value::Null), ("openapi", Value::Null)]);
    Ok(Some(Reply { body: Some(Answer::json(200, &body).into_text()), ..Reply::default() }))
}

/// 404 for a path below no mount.
pub fn no_route(path: &str) -> Error {
    Error::new(404, Code::UnsupportedPath, format!("no handler for route {path:?}. route entry not found."))
}

fn of_route(target: &Target, route: &Route) -> String {
    let mut text = format!("Request:  {}\n", target.rest);
    let rows = || rows(target).filter(|(_, template)| fits(template, target.rest));
    for (row, _) in rows() {
        let _ = write!(text, "\n{} {}\n\n    {}\n\n    {}\n", row.method, row.path, row.summary, row.answer);
    }
    text.push_str("\n## PARAMETERS\n");
    for field in route.fields {
        let members = || rows().flat_map(|(row, _)| row.members.iter().copied().flatten());
        match members().find(|member| member.name == field.name) {
            Some(member) => {
                let _ =
                    write!(text, "\n    {} ({})\n\n        {}\n", member.name, member.shape, member.meaning);
            }
            None => {
                let _ = write!(text, "\n    {}\n", field.name);
            }
        }
    }
    text
}

fn of_mount(target: &Target) -> String {
    let mut text = "## PATHS\n".to_owned();
    for (row, template) in rows(target) {
        let _ = write!(text, "\n    {} {template}\n        {}\n", row.method, row.summary);
    }
    text
}

/// The operations on what is there, with the part of their paths that is below it.
fn rows(target: &Target) -> impl Iterator<Item = (&'static Operation, &'static str)> {
    let folder = target.folder;
    OPERATIONS.iter().filter_map(move |row| Some((row, row.path.strip_prefix(folder)?)))
}

/// Whether a path is of a template, in which `{name}` stands for any text, and `/{name?}` for nothing as well.
fn fits(template: &str, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let Some((start, (name, end))) =
        template.split_once('{').and_then(|(start, rest)| Some((start, rest.split_once('}')?)))
    else {
        return template == path;
    };
    let is_left_out = name.ends_with('?') && start.trim_end_matches('/') == path;
    let captured = path.strip_prefix(start).and_then(|path| path.strip_suffix(end));
    is_left_out || captured.is_some_and(|text| !text.is_empty())
}
