//! What Vault's `sys/policies/acl`, `sys/policy` and `sys/capabilities` answer (its
//! `vault/logical_system.go` and `vault/capabilities.go`).

use super::acl::{Acl, Decision, Form};
use super::compiled::Policy;
use super::names::{self, DEFAULT, ROOT};
use super::store::Policies;
use super::template::Attributes;
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::field::{Field, Fields, Kind};
use crate::json::{self, Object, Value};
use crate::letter_case;
use crate::limits;
use crate::reply::Reply;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The fields of `sys/policies/acl/<name>`.
pub const POLICY_FIELDS: &[Field] = &[Field::new("name", Kind::String), Field::new("policy", Kind::String)];
/// The fields of the older `sys/policy/<name>`.
pub const RULES_FIELDS: &[Field] = &[
    Field::new("name", Kind::String),
    Field::new("policy", Kind::String),
    Field::new("rules", Kind::String).standing_for(&["policy"]),
];
/// The fields of `sys/capabilities` and of its forms for the own token and by accessor.
pub const CAPABILITIES_FIELDS: &[Field] = &[
    Field::new("accessor", Kind::String),
    Field::new("path", Kind::List),
    Field::new("paths", Kind::List),
    Field::secret("token", Kind::String),
];
/// The fields of a decision that a host asks for.
pub const AUTHORIZE_FIELDS: &[Field] = &[
    Field::new("operation", Kind::String),
    Field::new("parameters", Kind::Object),
    Field::new("path", Kind::String),
    Field::secret("token", Kind::String),
    Field::new("wrapping_ttl", Kind::Seconds),
];

impl Policies {
    /// A policy's text, as the member `member` of `data`.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn read(&self, name: &str, member: &'static str, deadline: &Deadline) -> Result<Option<Reply>> {
        let name = letter_case::lower(name);
        let text = if name == ROOT { Some(String::new()) } else { self.text(&name, deadline)?.0 };
        Ok(text.map(|text| {
            Reply::data(json::object([("name", Value::from(name)), (member, Value::from(text))]))
        }))
    }

    /// The names of all policies that can be changed, and `root`. The older path shows them twice.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn list(&self, is_older_path: bool, deadline: &Deadline) -> Result<Option<Reply>> {
        let mut names = self.written(deadline)?;
        if let Err(place) = names.binary_search_by(|name| name.as_str().cmp(DEFAULT)) {
            names.insert(place, DEFAULT.to_owned());
        }
        names.push(ROOT.to_owned());
        let mut reply = Reply::keys(names.clone());
        if let (true, Some(Reply { data: Some(data), .. })) = (is_older_path, &mut reply) {
            data.insert("policies", Value::from(names));
        }
        Ok(reply)
    }

    /// Writes a policy: its text, or the text in base64.
    ///
    /// # Errors
    /// 400 with Vault's texts: what does not parse, and policies that cannot be changed.
    pub fn write(
        &self,
        name: &str,
        fields: &Fields,
        is_older_path: bool,
        deadline: &Deadline,
    ) -> Result<Option<Reply>> {
        // As the names that tokens hold are cleaned, or nobody could ever hold it.
        let clean = letter_case::lower(name);
        if clean != clean.trim() {
            return Err(refused("a policy's name cannot begin or end with a blank"));
        }
        let mut warnings = Vec::new();
        if clean != name {
            warnings.push(format!("policy name was converted to {clean}"));
        }
        let mut text = fields.string_or_empty("policy")?;
        if text.is_empty() && is_older_path {
            text = fields.string_or_empty("rules")?;
            warnings.push("'rules' is deprecated, please use 'policy' instead".to_owned());
        }
        if text.is_empty() {
            return Err(refused("'policy' parameter not supplied or empty"));
        }
        let unparsed = |why: &str| refused(format!("failed to parse policy: {why}"));
        if let Some(decoded) = decoded(&text) {
            text = String::from_utf8(decoded).map_err(|_| unparsed("the decoded text is not UTF-8"))?;
        }
        let (_, told) = Policy::compile(&clean, &text).map_err(|why| unparsed(&why))?;
        check_changeable("update", &clean)?;
        warnings.extend(told);
        self.change(&clean, Some(&text), deadline)?;
        Ok(Reply::warnings(warnings))
    }

    /// Deletes a policy; one that is not there is fine.
    ///
    /// # Errors
    /// 400 for the policies that are always there.
    pub fn delete(&self, name: &str, deadline: &Deadline) -> Result<()> {
        let name = letter_case::lower(name);
        check_changeable("delete", &name)?;
        if name == DEFAULT {
            return Err(refused("cannot delete default policy"));
        }
        self.change(&name, None, deadline)
    }
}

fn check_changeable(what: &str, name: &str) -> Result<()> {
    if names::is_built_in(name) && name != DEFAULT {
        return Err(refused(format!("cannot {what} {name:?} policy")));
    }
    Ok(())
}

fn refused(text: impl Into<String>) -> Error {
    Error::bad_request(Code::InvalidRequest, text)
}

/// What a text stands for that is base64, as Go reads it: line ends do not count.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    STANDARD.decode(text).ok()
}

/// The paths that a request for capabilities is about.
///
/// # Errors
/// 400 where there is none, or too many.
pub fn asked_paths(fields: &Fields) -> Result<Vec<String>> {
    let mut paths = fields.list("paths")?.unwrap_or_default();
    if paths.is_empty() {
        // Its deprecated name.
        paths = fields.list("path")?.unwrap_or_default();
    }
    if paths.is_empty() {
        return Err(refused("paths must be supplied"));
    }
    if paths.len() > limits::CAPABILITY_PATHS {
        let text = format!("over {} paths are asked for at once", limits::CAPABILITY_PATHS);
        return Err(Error::bad_request(Code::LimitReached, text));
    }
    if paths.iter().any(String::is_empty) {
        return Err(Error::raised(400, Code::InvalidRequest, "missing path"));
    }
    if paths.iter().any(|path| path.len() > limits::NAME_BYTES) {
        return Err(refused(format!("a path is longer than {} bytes", limits::NAME_BYTES)));
    }
    Ok(paths)
}

/// What is granted on each path, which has its one form beside it; of a single one it is shown by itself, too.
///
/// # Errors
/// 503 where the operation has to end: there may be thousands of paths, and as many rules.
pub fn capabilities(
    acl: &Acl,
    paths: &[(String, Option<Form>)],
    who: Option<&dyn Attributes>,
    deadline: &Deadline,
) -> Result<Reply> {
    let mut data = Object::new();
    for (path, one_form) in paths {
        deadline.check("looking at policies")?;
        let granted = acl.capabilities(path.trim_start_matches('/'), one_form.as_ref(), who);
        if paths.len() == 1 {
            data.insert("capabilities", Value::from(granted.clone()));
        }
        data.insert(path.clone(), Value::from(granted));
    }
    Ok(Reply::data(data))
}

/// A decision as a host reads it.
pub fn told(decision: &Decision) -> Object {
    let policies: Vec<&str> = decision.policies.iter().map(|name| &**name).collect();
    json::object([
        ("allowed", Value::from(decision.allowed)),
        ("policies", Value::from(policies)),
        ("reason", Value::from(decision.reason.text())),
        ("rule", Value::from(decision.rule.as_deref())),
        ("sudo", Value::from(decision.sudo)),
    ])
}
