//! A request on its way to a route, from a named operation or from the door.

use super::body::{parse_body, parse_pairs, percent_decode};
use super::headers::{Headers, same, same_token, wrap_ttl};
use super::members::{Members, parse_object};
use super::operations::{OPERATIONS, Operation};
use crate::error::{Code, Error, Result, beginning};
use crate::json::{self, Object, Value};
use crate::limits;
use crate::secret::Secret;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// What is to be done with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// GET
    Read,
    /// POST and PUT
    Update,
    /// DELETE
    Delete,
    /// LIST, and GET with `?list=true`
    List,
    /// PATCH
    Patch,
    /// OPTIONS, which no path has
    Options,
    /// HELP, and any with `?help=…`
    Help,
}

/// With whose authority a request comes.
pub enum Authority {
    /// The host's own: it may do everything, as it could read the storage anyway.
    Host,
    /// That of the token it carries, if any.
    Token(Option<Secret<String>>),
}

/// A request, with everything that is not about its path taken apart.
pub struct Request {
    /// What is to be done.
    pub verb: Verb,
    /// Vault's path without `/v1/`, decoded; a listing's ends in a slash.
    pub path: Arc<str>,
    /// The members of its body or query.
    pub data: Object,
    /// Whose it is.
    pub authority: Authority,
    /// The answer is to be wrapped, and can be unwrapped for so many seconds.
    pub wrap_ttl: Option<i64>,
    /// What the caller may know it again by.
    pub context: Context,
    /// The value of its `X-Forwarded-For` header.
    pub forwarded_for: Option<String>,
}

/// The members that every operation takes, but for `mount_point`.
#[derive(Default)]
pub struct Context {
    /// Given back in the answer.
    pub request_id: Option<String>,
    /// The address of the user's machine.
    pub remote_address: Option<IpAddr>,
    /// Its port, where it was given.
    pub remote_port: Option<u16>,
    /// The user's program, for Okta's log.
    pub user_agent: Option<String>,
    /// The bound of the whole operation.
    pub timeout: Option<Duration>,
    /// The answer has no body, as to HEAD.
    pub bodiless: bool,
}

impl Context {
    /// Takes the common members out. A wrong `request_id` is found first, so that every later error carries it.
    fn take(&mut self, members: &mut Members) -> Result<()> {
        if let Some(id) = members.text("request_id")? {
            if id.is_empty() || id.len() > limits::REQUEST_ID_BYTES || id.chars().any(char::is_control) {
                return Err(Error::bad_request(
                    Code::InvalidRequest,
                    format!(
                        "\"request_id\" must have 1 to {} bytes and no control characters",
                        limits::REQUEST_ID_BYTES
                    ),
                ));
            }
            self.request_id = Some(id);
        }
        if let Some(text) = members.text("remote_address")? {
            let (address, port) = address(&text)?;
            (self.remote_address, self.remote_port) = (Some(address), port);
        }
        self.user_agent = members.text("user_agent")?;
        if self.user_agent.as_ref().is_some_and(|agent| !is_user_agent(agent)) {
            return Err(Error::bad_request(
                Code::InvalidRequest,
                "\"user_agent\" must be printable ASCII text of a header's length",
            ));
        }
        self.timeout = members.millis("timeout_ms")?;
        Ok(())
    }
}

/// Whether a text can go to Okta as a header's value.
fn is_user_agent(text: &str) -> bool {
    text.len() <= limits::OKTA_HEADER_BYTES && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

impl Request {
    /// A named operation's name and request. The context is filled as far as it was read, also when this fails.
    ///
    /// # Errors
    /// 400; `None` for an unknown operation.
    pub fn named(name: &str, text: &str, context: &mut Context) -> Option<(&'static str, Result<Self>)> {
        let row = OPERATIONS.iter().find(|row| row.name == name)?;
        let request = parse_object(text, "request", json::parse).and_then(|object| {
            let mut members = Members::of("member", object);
            context.take(&mut members)?;
            let wrap_ttl = asked_wrap_ttl(&mut members)?;
            let path = fill_path(row.path, &mut members)?;
            let verb = match row.method {
                "GET" => Verb::Read,
                "LIST" => Verb::List,
                "DELETE" => Verb::Delete,
                _ => Verb::Update,
            };
            Ok(Self {
                verb,
                path: listed(verb, checked(path)?).into(),
                data: parameters(row, members)?,
                authority: Authority::Host,
                wrap_ttl: wrap_ttl.filter(|seconds| *seconds > 0),
                context: std::mem::take(context),
                forwarded_for: None,
            })
        });
        Some((row.name, request))
    }

    /// Somebody else's request: Vault's method, path, token and body.
    ///
    /// # Errors
    /// What Vault's HTTP layer answers for a request that does not reach its router.
    pub fn from_door(text: &str, context: &mut Context) -> Result<Self> {
        let mut members = Members::of("member", parse_object(text, "request", json::parse_envelope)?);
        context.take(&mut members)?;
        let wrap_ttl = asked_wrap_ttl(&mut members)?;
        let method = members.text("method")?;
        context.bodiless = method.as_deref() == Some("HEAD");
        let wire_path = members.text("path")?;
        let token = members.text("token")?.map(Secret::new);
        let given = Given::of(members.take("data"), members.text("body")?.map(Secret::new))?;
        let headers = Headers::parse(members.take("headers"))?;
        // A stranger's odd one is no reason to refuse him.
        let agent = headers.all("user-agent").filter(|agent| is_user_agent(agent));
        context.user_agent = context.user_agent.take().or(agent);
        members.finish()?;
        let method = method.ok_or_else(|| missing("method"))?;
        let wire_path = wire_path.ok_or_else(|| missing("path"))?;
        if wire_path.len() > limits::WIRE_PATH_BYTES {
            let limit = limits::WIRE_PATH_BYTES;
            let text = format!("the path and its query are longer than {limit} bytes");
            return Err(Error::new(431, Code::TooLarge, text));
        }
        let (path, query) = wire_path.split_once('?').unwrap_or((&wire_path, ""));
        let path = checked(percent_decode(strip_version(path), false)?)?;

        let wrap_ttl = same("wrap_ttl and its header", wrap_ttl, headers.wrap_ttl()?, i64::eq)?;
        let token = same_token("token and its header", token, headers.token()?)?;
        let content_type = headers.one("content-type")?;
        let mut verb = match query_asks_for_help(query) {
            true => Verb::Help,
            false => verb_of(&method, &path, content_type)?,
        };
        let mut members = match verb {
            Verb::Help => Object::new(),
            Verb::Update | Verb::Patch => given.members(content_type)?,
            _ => parse_pairs(query)?,
        };
        if verb == Verb::Read && is_listing(&mut members)? {
            verb = Verb::List;
        }
        Ok(Self {
            verb,
            path: listed(verb, path).into(),
            data: members,
            authority: Authority::Token(token),
            wrap_ttl: wrap_ttl.filter(|seconds| *seconds > 0),
            context: std::mem::take(context),
            forwarded_for: headers.all("x-forwarded-for"),
        })
    }
}

/// What is left for the path once its own members and the common ones are taken out. What is to be wrapped stands in
/// a member of its own, as its members may have any names.
fn parameters(row: &Operation, mut members: Members) -> Result<Object> {
    if row.name != "wrap" {
        return Ok(members.rest());
    }
    let data = members.object("data")?.ok_or_else(|| missing("data"))?;
    members.finish()?;
    Ok(data)
}

/// The member `wrap_ttl`.
fn asked_wrap_ttl(members: &mut Members) -> Result<Option<i64>> {
    members.duration("wrap_ttl")?.map(|text| wrap_ttl(&text, "wrap_ttl")).transpose()
}

fn missing(name: &str) -> Error {
    Error::bad_request(Code::InvalidRequest, format!("member {name:?} is missing"))
}

/// Vault answers HEAD and unknown verbs before it looks at the path.
fn verb_of(method: &str, path: &str, content_type: Option<&str>) -> Result<Verb> {
    let patch_type = "application/merge-patch+json";
    let media_type =
        content_type.map(|content_type| content_type.split(';').next().unwrap_or_default().trim());
    match method {
        "GET" => Ok(Verb::Read),
        // Monitors do not care for the body.
        "HEAD" if path == "sys/health" => Ok(Verb::Read),
        "POST" | "PUT" => Ok(Verb::Update),
        "DELETE" => Ok(Verb::Delete),
        "LIST" => Ok(Verb::List),
        "OPTIONS" => Ok(Verb::Options),
        "HELP" => Ok(Verb::Help),
        "PATCH" => match media_type {
            None => Err(Error::bad_request(Code::InvalidRequest, "mime: no media type")),
            Some(media_type) if media_type.eq_ignore_ascii_case(patch_type) => Ok(Verb::Patch),
            Some(media_type) => Err(Error::new(
                415,
                Code::InvalidRequest,
                format!(
                    "PATCH requires Content-Type of {patch_type}, provided {}",
                    beginning(media_type, limits::REPEATED_BYTES)
                ),
            )),
        },
        _ => Err(Error::without_text(405, Code::UnsupportedOperation)),
    }
}

/// The parameters of a write, which other verbs leave unread.
enum Given {
    Nothing,
    Data(Object),
    Body(Secret<String>),
}

impl Given {
    fn of(data: Option<Value>, body: Option<Secret<String>>) -> Result<Self> {
        match (data, body) {
            (Some(_), Some(_)) => {
                Err(Error::bad_request(Code::InvalidRequest, "give either \"data\" or \"body\", not both"))
            }
            (Some(Value::Object(object)), None) => Ok(Self::Data(object)),
            (Some(other), None) => Err(Error::bad_request(
                Code::InvalidRequest,
                format!("\"data\" must be an object, not a JSON {}", other.kind()),
            )),
            (None, Some(body)) if body.expose().len() > limits::REQUEST_BODY_BYTES => Err(Error::new(
                413,
                Code::TooLarge,
                format!("the body is larger than {} bytes", limits::REQUEST_BODY_BYTES),
            )),
            (None, Some(body)) => Ok(Self::Body(body)),
            (None, None) => Ok(Self::Nothing),
        }
    }

    fn members(self, content_type: Option<&str>) -> Result<Object> {
        match self {
            Self::Nothing => Ok(Object::new()),
            Self::Data(object) => Ok(object),
            Self::Body(body) => parse_body(body.expose(), content_type),
        }
    }
}

/// `?help=1`, whatever the method: Vault looks at it first of all.
fn query_asks_for_help(query: &str) -> bool {
    query.split('&').filter_map(|pair| pair.strip_prefix("help=")).any(|value| !value.is_empty())
}

/// `?list=true`: the member goes, as in Vault. Vault takes the first of several; here they are none that is known.
fn is_listing(query: &mut Object) -> Result<bool> {
    let Some(value) = query.remove("list") else {
        return Ok(false);
    };
    match value.as_str() {
        Some("" | "0" | "f" | "F" | "false" | "FALSE" | "False") => Ok(false),
        Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Ok(true),
        _ => Err(Error::without_text(400, Code::InvalidRequest)),
    }
}

/// A listing's path ends in a slash.
pub(super) fn listed(verb: Verb, mut path: String) -> String {
    if verb == Verb::List && !path.ends_with('/') {
        path.push('/');
    }
    path
}

fn strip_version(path: &str) -> &str {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.strip_prefix("v1/").unwrap_or(path)
}

/// Refuses what Vault's HTTP server cleans away or refuses before its router sees it: such a path means another
/// one to whoever checked it earlier.
pub(super) fn checked(path: String) -> Result<String> {
    let refuse = |why: &str| Err(Error::bad_request(Code::InvalidRequest, format!("the path {why}")));
    if path.len() > limits::NAME_BYTES {
        return refuse(&format!("is longer than {} bytes", limits::NAME_BYTES));
    }
    if path.chars().any(char::is_control) {
        return refuse("must not have control characters");
    }
    let inner = path.strip_suffix('/').unwrap_or(&path);
    if !path.is_empty() && inner.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return refuse("must not have empty, '.' or '..' segments");
    }
    Ok(path)
}

/// A path template with the members of the request put in; a `{name?}` that is not given goes with its slash.
fn fill_path(template: &str, members: &mut Members) -> Result<String> {
    let mut path = String::new();
    // Taken out whether or not the path has it: it is a member that every operation takes.
    let mount_point = members.text("mount_point")?.unwrap_or_else(|| "okta".to_owned());
    for (index, segment) in template.split('/').enumerate() {
        if index > 0 {
            path.push('/');
        }
        match segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')) {
            None => path.push_str(segment),
            Some("mount_point") => path.push_str(mount_point.trim_matches('/')),
            Some(name) => {
                let (name, is_optional) = name.strip_suffix('?').map_or((name, false), |name| (name, true));
                match members.text(name)?.filter(|value| !value.is_empty()) {
                    Some(value) => path.push_str(&value),
                    None if is_optional => path.truncate(path.trim_end_matches('/').len()),
                    None => return Err(missing(name)),
                }
            }
        }
    }
    Ok(path)
}

/// An address, with or without a port.
fn address(text: &str) -> Result<(IpAddr, Option<u16>)> {
    let with_port = |socket: SocketAddr| (socket.ip(), Some(socket.port()));
    let parsed = text.parse().map(|address| (address, None)).or_else(|_| text.parse().map(with_port));
    parsed.map_err(|_: std::net::AddrParseError| {
        Error::bad_request(Code::InvalidRequest, "\"remote_address\" must be an IPv4 or IPv6 address")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(text: &str) -> Result<Request> {
        Request::from_door(text, &mut Context::default())
    }

    fn named(name: &str, text: &str) -> Result<Request> {
        Request::named(name, text, &mut Context::default()).expect("a known operation").1
    }

    #[test]
    fn paths_reach_the_router_in_one_form() {
        for (wire, path) in [
            ("/v1/auth/okta/config", "auth/okta/config"),
            ("v1/sys/auth", "sys/auth"),
            ("auth/okta/users/a%20b", "auth/okta/users/a b"),
            ("auth/okta/users/a%252Fb", "auth/okta/users/a%2Fb"),
            ("auth/okta/users/", "auth/okta/users/"),
            ("", ""),
        ] {
            let request = door(&format!(r#"{{"method":"GET","path":"{wire}"}}"#)).expect(wire);
            assert_eq!(&*request.path, path);
        }
    }

    #[test]
    fn paths_that_mean_something_else_after_cleaning_are_refused() {
        for wire in [
            "auth/okta/users/../config",
            "auth/okta/users/%2e%2e/config",
            "auth//okta/config",
            "auth/okta/users/a%00b",
            "auth/okta/users/a%0ab",
            "auth/okta/users/a%zzb",
            "auth/okta/users/%ff",
            "./sys/auth",
            "//",
        ] {
            let refused = door(&format!(r#"{{"method":"GET","path":"{wire}"}}"#));
            assert_eq!(refused.err().map(|error| error.status()), Some(400), "{wire}");
        }
        let refused = named("read_user", r#"{"username":"a/../../config"}"#);
        assert_eq!(refused.err().map(|error| error.status()), Some(400));
    }

    #[test]
    fn a_path_with_its_query_has_an_end() {
        let of = |length: usize| {
            let query = "x".repeat(length - "a?".len());
            door(&format!(r#"{{"method":"GET","path":"a?{query}"}}"#))
        };
        assert!(of(limits::WIRE_PATH_BYTES).is_ok());
        let error = of(limits::WIRE_PATH_BYTES + 1).err().expect("refused");
        assert_eq!((error.status(), error.code()), (431, Code::TooLarge));
    }

    #[test]
    fn headers_have_an_end_and_little_of_a_request_is_repeated() {
        let half = "x".repeat(limits::HEADER_BYTES / 2);
        let of = |last: &str| {
            let headers = format!(r#"{{"a":"{half}","b":["{last}"]}}"#);
            door(&format!(r#"{{"method":"GET","path":"a","headers":{headers}}}"#))
        };
        assert!(of(&half[2..]).is_ok());
        let error = of(&half[1..]).err().expect("refused");
        assert_eq!((error.status(), error.code()), (431, Code::TooLarge));
        let headers = format!(r#"{{"Content-Type":"{half}"}}"#);
        let patch = format!(r#"{{"method":"PATCH","path":"a","headers":{headers}}}"#);
        let error = door(&patch).err().expect("refused");
        assert_eq!(error.status(), 415);
        assert!(error.text().is_some_and(|text| text.len() < 2 * limits::REPEATED_BYTES));
    }

    #[test]
    fn things_said_twice_and_differently_are_refused() {
        for text in [
            r#"{"method":"GET","path":"x","token":"a","headers":{"X-Vault-Token":"b"}}"#,
            r#"{"method":"GET","path":"x","headers":{"X-Vault-Token":["a","b"]}}"#,
            r#"{"method":"GET","path":"x","headers":{"X-Vault-Token":"a","x-vault-token":"b"}}"#,
            r#"{"method":"GET","path":"x","headers":{"X-Vault-Token":"a","Authorization":"Bearer b"}}"#,
            r#"{"method":"POST","path":"x","data":{},"body":"{}"}"#,
            r#"{"method":"GET","path":"x","data":{},"body":"{}"}"#,
        ] {
            assert_eq!(door(text).err().map(|error| error.status()), Some(400), "{text}");
        }
        let text = r#"{"method":"GET","path":"x","token":"a","headers":{"X-Vault-Token":["a","a"]}}"#;
        assert!(door(text).is_ok());
    }

    /// Texts as recorded.
    #[test]
    fn a_wrap_ttl_is_read_in_every_form() {
        let asked = |member: &str| door(&format!(r#"{{"method":"GET","path":"x"{member}}}"#));
        for (member, seconds) in [
            ("", None),
            (r#","wrap_ttl":60"#, Some(60)),
            (r#","wrap_ttl":"1d""#, Some(86_400)),
            (r#","wrap_ttl":0"#, None),
            (r#","wrap_ttl":null"#, None),
            // Never taken for none.
            (r#","wrap_ttl":"1ms""#, Some(1)),
            (r#","headers":{"X-Vault-Wrap-TTL":" 60"}"#, Some(60)),
            (r#","headers":{"X-Vault-Wrap-TTL":"1500ms"}"#, Some(1)),
            (r#","headers":{"X-Vault-Wrap-TTL":"99999h"}"#, Some(359_996_400)),
            (r#","headers":{"X-Vault-Wrap-TTL":""}"#, None),
            (r#","wrap_ttl":"1m","headers":{"X-Vault-Wrap-TTL":"60"}"#, Some(60)),
            (r#","wrap_ttl":"1m","headers":{"X-Vault-Wrap-TTL":""}"#, Some(60)),
        ] {
            assert_eq!(asked(member).expect(member).wrap_ttl, seconds, "{member}");
        }
        for (member, text) in [
            (
                r#","headers":{"X-Vault-Wrap-TTL":"-1"}"#,
                "error parsing X-Vault-Wrap-TTL header: requested wrap ttl cannot be negative",
            ),
            (
                r#","headers":{"X-Vault-Wrap-TTL":"-5ms"}"#,
                "error parsing X-Vault-Wrap-TTL header: requested wrap ttl cannot be negative",
            ),
            (
                r#","headers":{"X-Vault-Wrap-TTL":"abc"}"#,
                "error parsing X-Vault-Wrap-TTL header: time: invalid duration \"abc\"",
            ),
            (r#","wrap_ttl":1.5"#, "error parsing wrap_ttl: time: missing unit in duration \"1.5\""),
            (
                r#","wrap_ttl":61,"headers":{"X-Vault-Wrap-TTL":"60"}"#,
                "wrap_ttl and its header say different things",
            ),
            (
                r#","wrap_ttl":0,"headers":{"X-Vault-Wrap-TTL":"60"}"#,
                "wrap_ttl and its header say different things",
            ),
        ] {
            let error = asked(member).err().expect(member);
            assert_eq!((error.status(), error.text()), (400, Some(text)), "{member}");
        }
    }

    #[test]
    fn a_bearer_in_lower_case_is_no_token() {
        for (header, has_token) in [("Bearer abc", true), ("bearer abc", false), ("Basic abc", false)] {
            let text = format!(r#"{{"method":"GET","path":"x","headers":{{"Authorization":"{header}"}}}}"#);
            let request = door(&text).expect("accepted");
            let Authority::Token(token) = request.authority else {
                panic!("the door never has the host's authority");
            };
            assert_eq!(token.is_some(), has_token, "{header}");
        }
    }

    #[test]
    fn common_members_are_taken_out_before_the_fields() {
        let text = r#"{"mount_point":"corp/okta","username":"fred","timeout_ms":5,"remote_address":"[::1]:9",
                       "user_agent":"sshd","request_id":"r","groups":"a"}"#;
        let request = named("register_user", text).expect("accepted");
        assert_eq!(&*request.path, "auth/corp/okta/users/fred");
        assert_eq!(request.data.keys().collect::<Vec<_>>(), ["groups"]);
        assert_eq!(request.context.timeout, Some(Duration::from_millis(5)));
        assert_eq!(request.context.remote_address, Some(IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])));
        assert_eq!(request.context.request_id.as_deref(), Some("r"));
    }

    #[test]
    fn unknown_members_and_wrong_types_are_refused_by_name() {
        for (text, part) in [
            (r#"{"path":"x"}"#, "\"method\" is missing"),
            (r#"{"method":"GET"}"#, "\"path\" is missing"),
            (r#"{"method":"GET","path":"x","bogus":1}"#, "\"bogus\""),
            (r#"{"method":"GET","path":"x","token":["hunter2"]}"#, "\"token\" must be a string"),
            (r#"{"method":"GET","path":"x","timeout_ms":-1}"#, "\"timeout_ms\""),
            (r#"{"method":"GET","path":"x","remote_address":"nowhere"}"#, "\"remote_address\""),
            (r#"{"method":"GET","path":"x","wrap_ttl":["60s"]}"#, "\"wrap_ttl\""),
        ] {
            let error = door(text).err().expect("must be refused").to_string();
            assert!(error.contains(part) && !error.contains("hunter2"), "{text}: {error}");
        }
    }
}
