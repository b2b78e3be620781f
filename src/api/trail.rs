//! What the audit log is told of a request: who asks for what before it is carried out, and what came of it.
//!
//! Members that Vault has are named and placed as there. Texts of requests and answers are hashed, but those of keys
//! that the mount's tuning names; what a field declares to be a secret is hashed even then.

use super::answer::Answered;
use super::request::{Authority, Context, Request, Verb};
use crate::audit::{Audit, Hasher, LineType, Part};
use crate::clock::rfc3339;
use crate::error::{Code, Error, OktaDetail, Result};
use crate::field::Field;
use crate::json::{self, Object, Value};
use crate::mount::{Mount, MountKind};
use crate::okta::{Factor, User};
use crate::policy::Decision;
use crate::reply::Auth;
use crate::secret::SecretBytes;
use crate::token::Caller;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The trail of one request; it notes nothing where nobody audits. Copies share it.
#[derive(Clone, Default)]
pub struct Trail(Option<Arc<Shared>>);

struct Shared {
    function: &'static str,
    request_id: Box<str>,
    known: Mutex<Known>,
}

/// What is known of a request so far.
#[derive(Default)]
struct Known {
    /// Members of a line, ready to be written.
    request: Vec<u8>,
    caller: Vec<u8>,
    accessor: String,
    asked: Vec<u8>,
    decision: Vec<u8>,
    user: Who,
    factor: Option<[String; 3]>,
    plain_answer_keys: Vec<String>,
    /// Its path leads nowhere, and could be anything.
    hides_path: bool,
    begun: bool,
    ended: bool,
}

#[derive(Default)]
struct Who {
    /// As it was typed, without blanks around it.
    name: String,
    okta_id: String,
    okta_login: String,
}

/// The id of the one namespace of Vault's community edition.
const ROOT_NAMESPACE: &str = "root";

/// Where a request's path leads.
#[derive(Clone, Copy, Default)]
pub struct Place<'a> {
    /// The mount.
    pub mount: Option<&'a Mount>,
    /// What the paths of named operations there begin with, and Vault's `mount_type`.
    pub folder: &'static str,
    /// See `folder`.
    pub mount_type: &'static str,
    /// The fields of its route.
    pub fields: &'static [Field],
    /// The end of the path that must not be read: a secret capture, or what leads nowhere.
    pub hidden: &'a str,
    /// Whether the path leads anywhere.
    pub is_route: bool,
}

impl Trail {
    /// The trail of a request to this function, as far as its envelope tells.
    pub fn new(audit: &Audit, function: &'static str, request_id: Option<&str>, context: &Context) -> Self {
        if !audit.is_on() {
            return Self::default();
        }
        let request_id = request_id.unwrap_or_default();
        let mut part = Part::default();
        part.object("request", |part| add_context(part, function, request_id, context));
        let known = Mutex::new(Known { request: part.into_members(), ..Known::default() });
        Self(Some(Arc::new(Shared { function, request_id: request_id.into(), known })))
    }

    /// Notes who asks.
    pub fn caller(&self, audit: &Audit, caller: &Caller) {
        let (Some(mut known), Caller::Token(bearer)) = (self.known(), caller) else { return };
        let (record, hasher) = (&bearer.record, audit.hasher());
        let mut part = Part::default();
        part.hashed_text("client_token", bearer.token.expose(), hasher);
        part.hashed_text("accessor", &record.accessor, hasher);
        part.text("display_name", &record.display_name);
        part.texts("policies", &record.policies);
        part.texts("token_policies", &record.policies);
        part.object("metadata", |part| {
            for (name, text) in record.meta.iter().flatten() {
                part.text(name, text);
            }
        });
        part.text("entity_id", &record.entity_id);
        part.text("token_type", record.type_name());
        part.number("token_ttl", record.ttl);
        part.text("token_issue_time", &rfc3339(record.created));
        // The use of this request is taken after its line.
        if record.num_uses > 0 {
            part.number("remaining_uses", record.num_uses - 1);
        }
        part.count_left_out();
        known.accessor.clone_from(&record.accessor);
        known.caller = part.into_members();
    }

    /// Notes what else the host asks about: whether the caller noted may do this at this path, which leads here.
    pub fn asked(&self, audit: &Audit, operation: &str, path: &str, hidden: &str) {
        let Some(mut known) = self.known() else { return };
        let mut part = Part::default();
        part.text("operation", operation);
        add_path(&mut part, path, hidden, audit.hasher());
        known.asked = part.into_members();
    }

    /// Notes why the caller is refused, whatever his policies say.
    pub fn refused(&self, why: &str) {
        let Some(mut known) = self.known() else { return };
        let mut part = Part::default();
        part.flag("allowed", false);
        part.text("reason", why);
        known.decision = part.into_members();
    }

    /// Notes what the caller's policies say.
    pub fn decision(&self, decision: &Decision) {
        let Some(mut known) = self.known() else { return };
        let mut part = Part::default();
        part.flag("allowed", decision.allowed);
        if decision.allowed {
            let granting = |name: &Arc<str>| {
                let members = [("name", &**name), ("namespace_id", ROOT_NAMESPACE), ("type", "acl")];
                Value::from(json::object(members.map(|(name, text)| (name, Value::from(text)))))
            };
            let granting: Vec<Value> = decision.policies.iter().map(granting).collect();
            part.value("granting_policies", &Value::from(granting));
        } else {
            part.texts("refusing_policies", &decision.policies);
            part.text("reason", decision.reason.text());
        }
        part.text("rule", decision.rule.as_deref().unwrap_or_default());
        known.decision = part.into_members();
    }

    /// Writes the line of the request, which is about to be carried out, or is refused with this error.
    ///
    /// # Errors
    /// As [`Audit::write`]; nothing is to be done then.
    pub fn begin(
        &self,
        audit: &Audit,
        request: &Request,
        place: Place,
        refusal: Option<&Error>,
    ) -> Result<()> {
        let (Some(shared), Some(mut known)) = (&self.0, self.known()) else { return Ok(()) };
        let mut part = Part::default();
        known.add_caller(&mut part);
        let accessor = std::mem::take(&mut known.accessor);
        part.object("request", |part| {
            add_context(part, shared.function, &shared.request_id, &request.context);
            add_request(part, request, place, &accessor, audit.hasher());
        });
        part.count_left_out();
        known.request = part.into_members();
        known.hides_path = !place.is_route;
        known.plain_answer_keys =
            place.mount.map(|mount| mount.config.audit_non_hmac_response_keys.clone()).unwrap_or_default();
        if place.mount.is_some_and(|mount| mount.kind == MountKind::Token) {
            // Those of accessors.
            known.plain_answer_keys.retain(|key| key != "keys");
        }
        known.begun = true;
        let mut line = Part::line();
        line.append(&known.request);
        if let Some(error) = refusal {
            add_error(&mut line, error, known.hides_path, audit.hasher());
        }
        drop(known);
        audit.write(LineType::Request, line)
    }

    /// Notes who is logging in, by the name as it was typed.
    pub fn user_name(&self, name: &str) {
        if let Some(mut known) = self.known() {
            known.user.name = name.trim().to_owned();
        }
    }

    /// Notes who it is at Okta.
    pub fn user(&self, user: Option<&User>) {
        if let (Some(mut known), Some(user)) = (self.known(), user) {
            known.user.okta_id.clone_from(&user.id);
            known.user.okta_login.clone_from(&user.login);
        }
    }

    /// Notes the second factor that is taken.
    pub fn factor(&self, factor: Option<&Factor>) {
        if let (Some(mut known), Some(factor)) = (self.known(), factor) {
            known.factor =
                Some([factor.id.clone(), factor.factor_type.clone(), factor.provider_name.clone()]);
        }
    }

    /// Writes the line of the answer, and before it that of a request that never was begun.
    ///
    /// # Errors
    /// As [`Audit::write`]; the answer is not to be given then.
    pub fn end(&self, audit: &Audit, answered: &Answered) -> Result<()> {
        let Some(known) = self.known() else { return Ok(()) };
        // What a fork took away is audited by the process that it was taken from.
        if known.begun || answered.is_code(Code::Forked) {
            drop(known);
        } else {
            let mut line = Part::line();
            line.append(&known.request);
            if let Err(error) = &answered.0 {
                add_error(&mut line, error, known.hides_path, audit.hasher());
            }
            drop(known);
            audit.write(LineType::Request, line)?;
        }
        self.end_late(audit, answered)
    }

    /// As [`Trail::end`], for a call that is ended from outside while others may still be at it.
    ///
    /// # Errors
    /// As [`Audit::write`].
    pub fn end_late(&self, audit: &Audit, answered: &Answered) -> Result<()> {
        let Some(mut known) = self.known() else { return Ok(()) };
        if answered.is_code(Code::Forked) {
            return Ok(());
        }
        let mut part = Part::default();
        part.object("response", |part| {
            let (reply, hasher) = (answered.reply(), audit.hasher());
            if let Some(auth) = reply.and_then(|reply| reply.auth.as_ref()) {
                part.object("auth", |part| add_auth(part, auth, hasher));
            }
            if let Some(data) = answered.data() {
                part.object("data", |part| {
                    add_answer(part, data, &known.plain_answer_keys, hasher);
                });
            }
            if let Some(body) = reply.and_then(|reply| reply.body.as_ref()) {
                part.hashed_text("body", body.expose(), hasher);
            }
            if let Some(wrap_info) = reply.and_then(|reply| reply.wrap_info.as_ref()) {
                part.object("wrap_info", |part| add_wrap_info(part, wrap_info, hasher));
            }
            let warnings = reply.map_or(&[][..], |reply| &reply.warnings);
            let warnings: Vec<_> = warnings.iter().map(|warning| hasher.without_tokens(warning)).collect();
            part.texts("warnings", &warnings);
            part.count_left_out();
        });
        let mut line = Part::line();
        // One that the host asked about, after the line of its request.
        known.add_caller(&mut line);
        line.append(&known.request);
        line.append(&part.into_members());
        if let Err(error) = &answered.0 {
            add_error(&mut line, error, known.hides_path, audit.hasher());
        }
        line.text("outcome", answered.outcome());
        if !answered.is_code(Code::Cancelled) {
            line.number("status", i64::from(answered.status()));
        }
        line.object("user", |part| {
            part.text("name", &audit.hasher().without_tokens(&known.user.name));
            part.text("okta_id", &known.user.okta_id);
            part.text("okta_login", &known.user.okta_login);
        });
        if let Some([id, kind, provider]) = &known.factor {
            line.object("factor", |part| {
                part.text("id", id);
                part.text("type", kind);
                part.text("provider", provider);
            });
        }
        if std::mem::replace(&mut known.ended, true) {
            // The caller was told something else before: that the time was up, or that the call was cancelled.
            line.flag("untold", true);
        }
        drop(known);
        audit.write(LineType::Response, line)
    }

    fn known(&self) -> Option<MutexGuard<'_, Known>> {
        let shared = self.0.as_ref()?;
        Some(shared.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Known {
    /// Who asks and what his policies say, once.
    fn add_caller(&mut self, part: &mut Part) {
        let [caller, asked, decision] =
            [&mut self.caller, &mut self.asked, &mut self.decision].map(std::mem::take);
        part.object("auth", |part| {
            part.append(&caller);
            part.object("policy_results", |part| {
                part.append(&asked);
                part.append(&decision);
            });
        });
    }
}

/// What stands in a request beside its path and members.
fn add_context(part: &mut Part, function: &str, request_id: &str, context: &Context) {
    part.text("id", request_id);
    part.text("function", function);
    part.text(
        "remote_address",
        &context.remote_address.map(|address| address.to_string()).unwrap_or_default(),
    );
    if let Some(port) = context.remote_port {
        part.number("remote_port", i64::from(port));
    }
}

fn add_request(part: &mut Part, request: &Request, place: Place, accessor: &str, hasher: &Hasher) {
    part.text("operation", verb(request.verb));
    match place.mount {
        Some(mount) => {
            part.text("mount_point", &format!("auth/{}", mount.path));
            part.text("mount_type", mount.kind.name());
            part.text("mount_accessor", &mount.accessor);
            part.text("mount_class", "auth");
        }
        // What Vault mounts by itself.
        None if matches!(place.folder, "sys/" | "cubbyhole/") => {
            part.text("mount_point", place.folder);
            part.text("mount_type", place.mount_type);
            part.text("mount_class", "secret");
        }
        None => {}
    }
    match &request.authority {
        Authority::Host => part.flag("host", true),
        Authority::Token(Some(token)) => {
            part.hashed_text("client_token", token.expose(), hasher);
            part.hashed_text("client_token_accessor", accessor, hasher);
        }
        Authority::Token(None) => {}
    }
    part.object("namespace", |part| part.text("id", ROOT_NAMESPACE));
    if let Some(seconds) = request.wrap_ttl {
        part.number("wrap_ttl", seconds);
    }
    add_path(part, &request.path, place.hidden, hasher);
    part.object("headers", |part| {
        for (name, value) in [
            ("user-agent", request.context.user_agent.as_deref()),
            ("x-forwarded-for", request.forwarded_for.as_deref()),
        ] {
            let value = value.map(|value| hasher.without_tokens(value));
            part.texts(name, value.as_slice());
        }
    });
    part.object("data", |part| {
        let plain = place.mount.map_or(&[][..], |mount| &mount.config.audit_non_hmac_request_keys);
        add_data(part, &request.data, place.fields, plain, hasher);
    });
}

/// `hidden` is the end of the path that must not be read.
fn add_path(part: &mut Part, path: &str, hidden: &str, hasher: &Hasher) {
    match path.strip_suffix(hidden) {
        Some(shown) if !hidden.is_empty() => part.text("path", &format!("{shown}{}", hasher.hash(hidden))),
        _ => part.text("path", &hasher.without_tokens(path)),
    }
}

/// A member that the path does not know is hashed whatever the mount's tuning says: it may be a secret that was sent to
/// the wrong place.
fn add_data(part: &mut Part, data: &Object, fields: &[Field], plain: &[String], hasher: &Hasher) {
    for (name, value) in data {
        match fields.iter().find(|field| field.name == name) {
            Some(field) if !field.secret && is_among(plain, name) => part.value(name, value),
            // The names inside may be what should have been the value.
            Some(field) if field.secret && matches!(value, Value::Object(_)) => {
                let mut text = SecretBytes::with_capacity(1_024);
                value.write(&mut text);
                part.hashed_text(name, &String::from_utf8_lossy(&text.into_inner()), hasher);
            }
            field => part.hashed(name, value, field.is_none_or(|field| field.secret), hasher),
        }
    }
}

/// Members of answers that hold tokens, accessors and ids of transactions.
const SECRET_ANSWERS: [&str; 4] = ["id", "token", "client_token", "accessor"];

fn add_answer(part: &mut Part, data: &Object, plain: &[String], hasher: &Hasher) {
    for (name, value) in data {
        if is_among(plain, name) && !SECRET_ANSWERS.contains(&name) {
            part.value(name, value);
        } else {
            part.hashed(name, value, false, hasher);
        }
    }
}

fn is_among(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known == name)
}

/// A token that was issued or renewed.
fn add_auth(part: &mut Part, auth: &Auth, hasher: &Hasher) {
    part.hashed_text("client_token", auth.client_token.expose(), hasher);
    part.hashed_text("accessor", &auth.accessor, hasher);
    part.texts("policies", &auth.policies);
    part.texts("token_policies", &auth.token_policies);
    part.object("metadata", |part| {
        for (name, text) in auth.metadata.iter().flatten() {
            part.text(name, text);
        }
    });
    part.text("display_name", &auth.display_name);
    part.text("entity_id", &auth.entity_id);
    if auth.entity_created {
        part.flag("entity_created", true);
    }
    part.text("token_type", auth.token_type);
    part.number("token_ttl", auth.lease_duration);
    part.text("token_issue_time", &rfc3339(auth.issued));
    part.flag("renewable", auth.renewable);
    if auth.num_uses != 0 {
        part.number("num_uses", auth.num_uses);
    }
}

fn add_wrap_info(part: &mut Part, wrap_info: &Object, hasher: &Hasher) {
    for (name, value) in wrap_info {
        match name {
            "ttl" | "creation_time" | "creation_path" => part.value(name, value),
            _ => part.hashed(name, value, true, hasher),
        }
    }
}

/// Error texts repeat no secret; but where a path leads nowhere they repeat the path.
fn add_error(line: &mut Part, error: &Error, hides_path: bool, hasher: &Hasher) {
    let text = error.text().unwrap_or_default();
    let repeats_path = hides_path && error.code() == Code::UnsupportedPath;
    line.text("error", &hasher.without_tokens(if repeats_path { "unsupported path" } else { text }));
    line.text("code", error.code().name());
    if let Some(OktaDetail { status, error_code, error_id }) = error.okta() {
        line.object("okta", |part| {
            if let Some(status) = status {
                part.number("status", i64::from(*status));
            }
            part.text("error_code", error_code.as_deref().unwrap_or_default());
            part.text("error_id", error_id.as_deref().unwrap_or_default());
        });
    }
}

/// Vault's names.
fn verb(verb: Verb) -> &'static str {
    match verb {
        Verb::Read => "read",
        Verb::Update => "update",
        Verb::Delete => "delete",
        Verb::List => "list",
        Verb::Patch => "patch",
        Verb::Options => "options",
        Verb::Help => "help",
    }
}
