//! From (verb, path) to a handler, in the order in which Vault's core and framework check things: form of the path,
//! token, rights, mount, route, operation, fields. The line of the request in the audit log comes behind the rights.

use super::client::Core;
use super::help;
use super::request::{Authority, Context, Request, Verb};
use super::rights;
use super::routes;
use super::target::{Access, Target};
use super::trail::Trail;
use super::wrapping::{Wisher, Wrap};
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result, beginning};
use crate::field::{self, Field, Fields};
use crate::json::Value;
use crate::limits;
use crate::method;
use crate::mount::{Mount, MountRef};
use crate::policy::Form;
use crate::reply::Reply;
use crate::storage::Moment;
use crate::token::{Caller, Wrapping, invalid_wrapping_token};
use std::pin::Pin;
use std::sync::Arc;

/// What a path serves.
pub struct Route {
    /// Which paths it is.
    pub pattern: Pattern,
    /// The members it knows, its captures included.
    pub fields: &'static [Field],
    /// Stands before the text of a conversion error.
    pub validation_prefix: &'static str,
    /// What it does for which verb.
    pub handlers: &'static [(Verb, Handler)],
}

/// How long a request may take that does not say so itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// As long as any: [`crate::limits::OPERATION_TIMEOUT`].
    Operation,
    /// As long as a person needs to find his phone: the option `login_timeout_ms`.
    Person,
}

/// Carries out a request as far as it goes without Okta.
pub type Handler = fn(&Call) -> Result<Served>;

/// What a handler brought.
pub enum Served {
    /// All that is to be said. `None` has no body: 204, or 404 for a read or a listing.
    Reply(Option<Reply>),
    /// A conversation that has to come first; it is to be run on the network thread.
    Exchange(Exchange),
}

impl From<Option<Reply>> for Served {
    fn from(reply: Option<Reply>) -> Self {
        Self::Reply(reply)
    }
}

/// A conversation with Okta. It touches no storage, so that the network thread waits for nobody; what it brings
/// home is stored by the [`Finish`] it ends with, on another thread.
pub type Exchange = Pin<Box<dyn Future<Output = Finish> + Send>>;

/// What follows once Okta has answered: the reply, or another exchange where what is stored decides over it. A
/// request makes a handful of them at most.
pub type Finish = Box<dyn FnOnce() -> Result<Served> + Send>;

/// A form of paths. A capture takes any text but none.
pub enum Pattern {
    /// Exactly this.
    Exact(&'static str),
    /// This, with or without a slash at its end.
    Folder(&'static str),
    /// This, and a capture of this name behind it.
    Capture(&'static str, &'static str, Names),
    /// This, and a capture of this name that is one of Vault's generic names: letters, digits and `_`, inside `-` and
    /// `.`, too.
    Name(&'static str, &'static str, Names),
    /// This, a capture of this name, and this behind it.
    CaptureBetween(&'static str, &'static str, Names, &'static str),
}

/// Which texts of a capture the handlers take for one. What a policy says of one of them it says of all.
#[derive(Clone, Copy)]
pub enum Names {
    /// Each is another.
    Exact,
    /// Letter case does not count.
    AnyCase,
    /// Neither letter case nor blanks around it count: a user as he is typed.
    Typed,
    /// So it is of what stands behind this.
    TypedBehind(&'static str),
    /// A slash at the end does not count.
    Mount,
}

impl Names {
    /// The one form of a path whose captured text stands between these two; none where it has no other.
    fn one_form(self, start: &str, text: &str, end: &str) -> Option<Form> {
        match self {
            Self::Exact => None,
            Self::AnyCase => Some(Form::of_any_case(&format!("{start}{text}{end}"))),
            Self::Typed => Some(Form::of_any_case(&format!("{start}{}{end}", method::canonical(text)))),
            Self::TypedBehind(separator) => {
                let (before, typed) = text.split_once(separator)?;
                let typed = method::canonical(typed);
                Some(Form::of_any_case(&format!("{start}{before}{separator}{typed}{end}")))
            }
            Self::Mount => text.strip_suffix('/').map(|mount| Form::exact(format!("{start}{mount}{end}"))),
        }
    }
}

impl Pattern {
    /// The capture (its name and text), when the path is of this form.
    pub fn matches<'p>(&self, path: &'p str) -> Option<Option<(&'static str, &'p str)>> {
        let captured = |name: &'static str, text: &'p str| (!text.is_empty()).then_some(Some((name, text)));
        match self {
            Self::Exact(exact) => (path == *exact).then_some(None),
            Self::Folder(folder) => (path.strip_suffix('/').unwrap_or(path) == *folder).then_some(None),
            Self::Capture(start, name, _) => captured(name, path.strip_prefix(start)?),
            Self::Name(start, name, _) => {
                captured(name, path.strip_prefix(start).filter(|rest| is_name(rest))?)
            }
            Self::CaptureBetween(start, name, _, end) => {
                captured(name, path.strip_prefix(start)?.strip_suffix(end)?)
            }
        }
    }

    /// The one form of a path (in two parts: the mount, and what this matches), where it has several.
    pub fn one_form(&self, mount: &str, path: &str) -> Option<Form> {
        let (start, names, end) = match self {
            Self::Exact(_) => return None,
            Self::Folder(folder) => {
                return path.ends_with('/').then(|| Form::of_folder(format!("{mount}{folder}")));
            }
            Self::Capture(start, _, names) | Self::Name(start, _, names) => (start, names, ""),
            Self::CaptureBetween(start, _, names, end) => (start, names, *end),
        };
        let text = path.strip_prefix(start)?.strip_suffix(end)?;
        names.one_form(&format!("{mount}{start}"), text, end)
    }
}

/// Vault's `GenericNameRegex`.
fn is_name(text: &str) -> bool {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.chars().all(is_inside) && !text.starts_with(['-', '.']) && !text.ends_with(['-', '.'])
}

/// A request at its route.
#[derive(Clone)]
pub struct Call {
    /// Everything that is kept and shared.
    pub core: Arc<Core>,
    /// The mount, for paths below `auth/`.
    pub mount: Option<MountRef>,
    /// The members of the request and the captures of the path.
    pub fields: Arc<Fields>,
    /// Who asks; nobody in particular on a path that is open to all.
    pub caller: Option<Arc<Caller>>,
    /// The wrapping token that the request is about, on the paths that are about one.
    pub wrapping: Option<Arc<Wrapping>>,
    /// Whether the answer will be wrapped.
    pub wraps: bool,
    /// What is known of the request besides its members.
    pub context: Arc<Context>,
    /// The value of its `X-Forwarded-For` header.
    pub forwarded_for: Option<Arc<str>>,
    /// When it came, in the life of the storage.
    pub moment: Moment,
    /// The end of the operation.
    pub deadline: Deadline,
    /// What the audit log is told.
    pub trail: Trail,
}

impl Call {
    /// A capture of the path.
    pub fn capture(&self, name: &str) -> Result<String> {
        self.fields.string_or_empty(name)
    }

    /// Who asks.
    pub fn caller(&self) -> Result<&Caller> {
        self.caller.as_deref().ok_or_else(Error::permission_denied)
    }

    /// The wrapping token of a path that is about one.
    pub fn wrapping(&self) -> Result<&Wrapping> {
        self.wrapping.as_deref().ok_or_else(invalid_wrapping_token)
    }

    /// The mount of a path below `auth/`.
    pub fn mount(&self) -> Result<&MountRef> {
        self.mount
            .as_ref()
            .ok_or_else(|| Error::new(500, Code::Internal, "a route of a mount was reached without one"))
    }
}

/// How the answer to a request is to be dressed.
#[derive(Default)]
pub struct Dress {
    /// Whether the path needs a token: error texts look different then.
    pub authenticated: bool,
    /// Vault's `mount_type`.
    pub mount_type: &'static str,
    /// Whether nothing means 404.
    pub is_read: bool,
    /// Whether `data` is repeated at the top of the body, as under `sys/`.
    pub repeats_data: bool,
    /// How it is wrapped, where that is asked for.
    pub wrap: Option<Wrap>,
    /// The answer has no body.
    pub bodiless: bool,
}

/// A request that has been carried out as far as it goes without Okta.
pub enum Progress {
    /// All of it.
    Done(Result<Option<Reply>>),
    /// What is left: an exchange with Okta, which ends by this deadline; the warnings are to be added to its reply.
    Network(Exchange, Deadline, Warnings),
}

/// Vault's warnings about parameters, which stand behind those of a handler.
#[derive(Default)]
pub struct Warnings {
    texts: Vec<String>,
    /// They are to be heard even where the answer would have no body: a host's misspelt member is a mistake in its
    /// program. Vault says nothing there, so others' requests are answered as it does.
    insistent: bool,
}

impl Warnings {
    /// Adds them to a reply. Where there is none they make one, or are dropped.
    pub fn add_to(self, reply: Option<Reply>) -> Option<Reply> {
        let reply = reply.or_else(|| (self.insistent && !self.texts.is_empty()).then(Reply::default));
        reply.map(|mut reply| {
            reply.warnings.extend(self.texts);
            reply
        })
    }

    /// What was ignored, and what the path's capture took the place of.
    fn about(fields: &Fields, replaced: Option<&str>, insistent: bool) -> Self {
        let mut warnings = Vec::new();
        let unknown = fields.unknown();
        if !unknown.is_empty() {
            let names = unknown.join(" ");
            let names = beginning(&names, limits::REPEATED_BYTES);
            warnings.push(format!("Endpoint ignored these unrecognized parameters: [{names}]"));
        }
        if let Some(name) = replaced {
            warnings.push(format!(
                "Endpoint replaced the value of these parameters with the values captured from the endpoint's \
                 path: [{name}]"
            ));
        }
        Self { texts: warnings, insistent }
    }
}

/// Carries out a request up to the point where Okta is needed.
pub fn route(core: &Arc<Core>, request: Request, deadline: &Deadline, trail: &Trail) -> (Dress, Progress) {
    let mut dress = Dress {
        authenticated: true,
        mount_type: "",
        is_read: matches!(request.verb, Verb::Read | Verb::List),
        repeats_data: request.path.strip_prefix("sys/").is_some_and(routes::system::repeats_data),
        wrap: None,
        bodiless: request.context.bodiless,
    };
    let progress = carry_out(core, request, deadline, &mut dress, trail);
    (dress, progress.unwrap_or_else(|error| Progress::Done(Err(error))))
}

fn carry_out(
    core: &Arc<Core>,
    request: Request,
    deadline: &Deadline,
    dress: &mut Dress,
    trail: &Trail,
) -> Result<Progress> {
    let path = Arc::clone(&request.path);
    let seen = core.barrier.moment(deadline);
    let seen = seen.and_then(|moment| Ok((moment, core.mounts.table_as_of(moment, deadline)?)));
    let of_host = matches!(request.authority, Authority::Host).then(|| Target::of_host(&path)).flatten();
    let target = of_host.unwrap_or_else(|| {
        let table = seen.as_ref().map(|(_, table)| Arc::clone(table));
        Target::of(&path, &table.unwrap_or_default())
    });
    let found = writable(&request).and_then(|()| wrappable(core, &request)).and(seen);
    dress.wrap = request.wrap_ttl.filter(|_| found.is_ok()).map(|ttl| Wrap {
        ttl,
        path: target.shown_path(&path),
        of_listing: request.verb == Verb::List,
        wisher: match request.authority {
            Authority::Host => Wisher::Host,
            Authority::Token(_) => Wisher::Stranger,
        },
    });
    let admitted = found.and_then(|(moment, table)| {
        let arrival = Arrival { core, target: &target, moment, deadline, trail };
        let admission = arrival.admit(&request, dress)?;
        Ok((arrival, admission, table))
    });
    let refusal = admitted.as_ref().map_or_else(Some, |(_, admission, _)| admission.refusal.as_ref());
    let begun = trail.begin(&core.audit, &request, target.place(), refusal);
    begun.map_err(|unaudited| unaudited.unless_cancelled(deadline))?;
    let (arrival, mut admission, table) = admitted?;
    // Only now, as nothing is done before the line of the request; and for those that are refused as well (Vault).
    if let Some(caller) = &mut admission.caller {
        core.tokens.charge(caller, deadline)?;
    }
    if let Some(refusal) = admission.refusal {
        return Err(refusal);
    }
    if request.verb == Verb::Help {
        let sees =
            |mount: &Mount| rights::sees(core, admission.caller.as_ref(), mount, arrival.moment, deadline);
        return Ok(Progress::Done(help::help(&path, &table, sees)));
    }
    arrival.serve(request, admission)
}

fn writable(request: &Request) -> Result<()> {
    if matches!(request.verb, Verb::Update | Verb::Patch) && request.path.ends_with('/') {
        return Err(Error::bad_request(Code::InvalidRequest, "cannot write to a path ending in '/'"));
    }
    Ok(())
}

/// What waits for a stranger's wrapping token takes room for as long as that lives; Vault keeps it for a century.
fn wrappable(core: &Core, request: &Request) -> Result<()> {
    let max = core.ttls.max;
    match (&request.authority, request.wrap_ttl) {
        (Authority::Token(_), Some(ttl)) if ttl > max => {
            let max = field::format_duration(max);
            let text = format!("requested wrap ttl is longer than the max_lease_ttl of {max}");
            Err(Error::bad_request(Code::InvalidRequest, text))
        }
        _ => Ok(()),
    }
}

/// Who asks.
struct Admission {
    /// Nobody in particular where the path is open to all.
    caller: Option<Caller>,
    /// The wrapping token that he asks about.
    wrapping: Option<Wrapping>,
    /// Why he may not do what he asks for.
    refusal: Option<Error>,
}

/// A request that has come to where it leads.
#[derive(Clone, Copy)]
pub struct Arrival<'r> {
    /// Everything that is kept and shared.
    pub core: &'r Arc<Core>,
    /// Where it leads.
    pub target: &'r Target<'r>,
    /// When it came, in the life of the storage.
    pub moment: Moment,
    /// The end of the operation.
    pub deadline: &'r Deadline,
    /// What the audit log is told.
    pub trail: &'r Trail,
}

impl Arrival<'_> {
    /// Finds out who asks, and whether he may do what he asks for.
    fn admit(&self, request: &Request, dress: &mut Dress) -> Result<Admission> {
        let Self { core, target, deadline, trail, .. } = *self;
        let asks_help = request.verb == Verb::Help;
        let wrapping = if asks_help { None } else { routes::wrapping::shown(core, request, deadline)? };
        let unknown = target.access == Access::Looked && matches!(request.authority, Authority::Token(None));
        if target.access == Access::Open || unknown {
            dress.authenticated = false;
            return Ok(Admission { caller: None, wrapping, refusal: None });
        }
        dress.mount_type = target.mount_type;
        let mut caller = self.authenticate(request)?;
        if let Some(wrap) = &mut dress.wrap {
            wrap.wisher = Wisher::of(core, &caller, deadline)?;
        }
        let mut refusal = None;
        if target.access == Access::Permitted
            && !asks_help
            && let Some(decision) = rights::decide(self, request, &mut caller)?
        {
            trail.decision(&decision);
            refusal = (!decision.allowed).then(Error::permission_denied);
        }
        Ok(Admission { caller: Some(caller), wrapping, refusal })
    }

    fn authenticate(&self, request: &Request) -> Result<Caller> {
        match &request.authority {
            Authority::Host => Ok(Caller::Host),
            Authority::Token(None) => Err(Error::new(403, Code::PermissionDenied, "permission denied")),
            Authority::Token(Some(token)) => {
                let remote = request.context.remote_address;
                rights::bearer(self.core, self.trail, token, remote, self.moment, self.deadline)
            }
        }
    }

    /// Finds the handler and calls it.
    fn serve(self, request: Request, admission: Admission) -> Result<Progress> {
        let Self { core, target, moment, deadline, trail } = self;
        if target.routes.is_none() {
            return Err(help::no_route(&request.path));
        }
        let (route, capture) =
            target.route().ok_or_else(|| Error::raised(404, Code::UnsupportedPath, "unsupported path"))?;
        let handler = route.handlers.iter().find(|(verb, _)| *verb == request.verb);
        let (_, handler) =
            handler.ok_or_else(|| Error::raised(405, Code::UnsupportedOperation, "unsupported operation"))?;

        let mut members = request.data;
        let mut replaced = None;
        if let Some((name, text)) = capture
            && members.insert(name.to_owned(), Value::from(text)).is_some()
        {
            replaced = Some(name);
        }
        let fields = Fields::new(route.fields, members);
        if let Some(name) = fields.unknown().first().filter(|_| target.refuses_unknown) {
            return Err(Error::bad_request(Code::InvalidRequest, format!("unknown member {name:?}")));
        }
        fields.validate(route.validation_prefix)?;
        let is_read = matches!(request.verb, Verb::Read | Verb::List);
        let insistent = matches!(request.authority, Authority::Host) && !is_read;
        let warnings = Warnings::about(&fields, replaced, insistent);
        let deadline = match request.context.timeout {
            Some(_) => deadline.clone(),
            None => deadline.lasting(core.timeout(target.patience)),
        };
        let call = Call {
            core: core.clone(),
            mount: target.mount.clone(),
            fields: Arc::new(fields),
            caller: admission.caller.map(Arc::new),
            wrapping: admission.wrapping.map(Arc::new),
            wraps: request.wrap_ttl.is_some(),
            context: Arc::new(request.context),
            forwarded_for: request.forwarded_for.map(Arc::from),
            moment,
            deadline,
            trail: trail.clone(),
        };
        Ok(match handler(&call)? {
            Served::Reply(reply) => Progress::Done(Ok(warnings.add_to(reply))),
            Served::Exchange(exchange) => Progress::Network(exchange, call.deadline, warnings),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_capture_what_vaults_regular_expressions_do() {
        let user = Pattern::Capture("users/", "name", Names::AnyCase);
        assert_eq!(user.matches("users/a/b"), Some(Some(("name", "a/b"))));
        assert_eq!(user.matches("users/"), None);
        let tune = Pattern::CaptureBetween("auth/", "path", Names::Mount, "/tune");
        assert_eq!(tune.matches("auth/corp/okta/tune"), Some(Some(("path", "corp/okta"))));
        assert_eq!(tune.matches("auth/tune"), None);
        let role = Pattern::Name("roles/", "role_name", Names::Exact);
        for (name, fits) in [
            ("a", true),
            ("a-b.c_d", true),
            ("", false),
            ("-a", false),
            ("a.", false),
            ("a b", false),
            ("a/b", false),
            ("ä", false),
        ] {
            assert_eq!(role.matches(&format!("roles/{name}")).is_some(), fits, "{name}");
        }
        let users = Pattern::Folder("users");
        assert_eq!((users.matches("users"), users.matches("users/")), (Some(None), Some(None)));
        assert_eq!(users.matches("usersx"), None);
        assert_eq!(Pattern::Exact("config").matches("config/"), None);
    }
}
