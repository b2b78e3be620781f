use super::{cubbyhole, okta, system, token};
use crate::api::Client;
use crate::api::request::Verb;
use crate::api::router::{Pattern, Route};
use crate::api::target::{Access, Target};
use crate::deadline::{Cancel, Deadline};
use okta_loopback::{Okta, User};
use serde_json::{Value, json};
use std::time::Duration;

/// Everything that has a name is there once, and is called `boss`.
struct World {
    _okta: Okta,
    client: Client,
    accessor: String,
}

const MOUNTS: [(&str, &[Route]); 4] = [
    ("auth/okta/", okta::ROUTES),
    ("auth/token/", token::ROUTES),
    ("sys/", system::ROUTES),
    ("cubbyhole/", cubbyhole::ROUTES),
];
/// Other spellings of `boss` as a path has them; the third has the long s.
const SPELLINGS: [&str; 7] = ["BOSS", "Boss", "bo%C5%BFs", "%20boss", "boss%20", "%C2%A0BOSS%09", "boss/"];

impl World {
    fn new() -> Self {
        let okta = Okta::start();
        okta.put_user(User::new("boss", "good"));
        let options = json!({ "ca_pem": okta.ca_pem() });
        let client = Client::open(options.to_string().as_bytes()).expect("opens");
        let mut world = Self { _okta: okta, client, accessor: String::new() };
        let config = json!({ "org_name": world._okta.org(), "base_url": world._okta.base_url() });
        world.call("configure", config);
        world.call("enable_auth_method", json!({ "path": "boss", "type": "okta" }));
        world.call("register_user", json!({ "username": "boss", "groups": "boss" }));
        world.call("register_group", json!({ "name": "boss", "policies": "boss" }));
        world.call("create_or_update_acl_policy", json!({ "name": "boss", "policy": "# none" }));
        world.call("create_or_update_token_role", json!({ "role_name": "boss" }));
        let mounts = world.call("list_auth_methods", json!({}));
        world.accessor = mounts["data"]["okta/"]["accessor"].as_str().expect("an accessor").to_owned();
        world
    }

    fn call(&self, operation: &str, request: Value) -> Value {
        let answer = self.client.call(operation, request.to_string().as_bytes()).expect("an answer");
        let body = serde_json::from_slice(&answer.body).unwrap_or_default();
        assert!(answer.status < 300, "{operation}: {body}");
        body
    }

    /// A token that may do everything but what a policy denies.
    fn token_denied(&self, path: &str) -> String {
        let policy = format!(
            "path \"*\" {{ capabilities = {:?} }}\npath {path:?} {{ capabilities = [\"deny\"] }}",
            ["create", "read", "update", "delete", "list", "patch", "sudo"]
        );
        self.call("create_or_update_acl_policy", json!({ "name": "all-but", "policy": policy }));
        let created = self.call("create_token", json!({ "policies": ["all-but"], "ttl": "1h" }));
        created["auth"]["client_token"].as_str().expect("a token").to_owned()
    }

    /// The status, and the body without what is another in each answer.
    fn ask(&self, token: &str, verb: Verb, path: &str) -> (u16, Value) {
        let method = match verb {
            Verb::Read => "GET",
            Verb::Update => "POST",
            Verb::Delete => "DELETE",
            Verb::List => "LIST",
            other => panic!("no route has {other:?}"),
        };
        let request = json!({ "method": method, "path": path, "token": token });
        let answer = self.client.request(request.to_string().as_bytes()).expect("an answer");
        let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        body.as_object_mut().map(|body| body.remove("request_id"));
        (answer.status, body)
    }

    /// What stands around `boss` in the paths of a route that policies are asked about.
    fn around(&self, mount: &str, pattern: &Pattern) -> Option<(String, String)> {
        let (start, name, end) = match pattern {
            Pattern::Exact(_) | Pattern::Folder(_) => return None,
            Pattern::Capture(start, name, _) | Pattern::Name(start, name, _) => (start, name, ""),
            Pattern::CaptureBetween(start, name, _, end) => (start, name, *end),
        };
        let before = match *name {
            "prefix" => "auth/okta/login/".to_owned(),
            super::lockout::UNLOCK => format!("{}/unlock/", self.accessor),
            _ => String::new(),
        };
        let before = format!("{mount}{start}{before}");
        self.asks_policies(&format!("{before}boss{end}")).then(|| (before, end.to_owned()))
    }

    fn asks_policies(&self, path: &str) -> bool {
        let deadline = Deadline::after(Duration::from_secs(60), Cancel::default());
        let table = self.client.core().mounts.table(&deadline).expect("a table");
        Target::of(path, &table).access == Access::Permitted
    }
}

/// A route whose handlers take several spellings for one name has to say so in its pattern: otherwise what a policy
/// denies is done under another spelling.
#[test]
fn no_spelling_of_a_name_gets_around_a_policy_on_any_route() {
    let world = World::new();
    let login = world.call("login", json!({ "username": "boss", "password": "good" }));
    let accessor = &login["auth"]["accessor"];
    for _ in 0..5 {
        let _ = world.client.call("login", br#"{"username":"boss","password":"bad"}"#);
    }
    let mut asked = 0;
    for (mount, routes) in MOUNTS {
        for route in routes {
            let Some((start, end)) = world.around(mount, &route.pattern) else { continue };
            let denied = format!("{start}boss{end}");
            let token = world.token_denied(&denied);
            for (verb, _) in route.handlers {
                let (status, body) = world.ask(&token, *verb, &denied);
                assert_eq!(status, 403, "{verb:?} {denied}: {body}");
                for spelling in SPELLINGS {
                    // Either it is denied as well, or it is a name that nobody has.
                    let path = format!("{start}{spelling}{end}");
                    let (status, body) = world.ask(&token, *verb, &path);
                    let unknown = spelling.replace("bo", "no").replace("BO", "NO").replace("Bo", "No");
                    let (other_status, other) = world.ask(&token, *verb, &format!("{start}{unknown}{end}"));
                    let plain = |body: &Value| {
                        body.to_string().to_lowercase().replace("boss", "noss").replace("boſs", "noſs")
                    };
                    let is_unknown = (status, plain(&body)) == (other_status, plain(&other));
                    assert!(
                        status == 403 || is_unknown,
                        "{verb:?} {path}: {status} {body}, not {other_status} {other}"
                    );
                    asked += 1;
                }
            }
            // What a name is to be found under has to be there for this to show anything.
            if route.handlers.iter().any(|(verb, _)| *verb == Verb::Read) {
                let token = world.token_denied("nothing");
                let (status, body) = world.ask(&token, Verb::Read, &denied);
                assert_eq!(status, 200, "{denied}: {body}");
            }
        }
    }
    assert!(asked > 150, "{asked}");
    // Nobody has ended his token or unlocked him.
    world.call("lookup_accessor", json!({ "accessor": accessor }));
    assert_eq!(world.call("list_locked_users", json!({}))["data"]["total"], 1);
}

/// As the slash at the end of a folder.
#[test]
fn no_slash_gets_around_a_policy_on_any_route() {
    let world = World::new();
    let mut asked = 0;
    for (mount, routes) in MOUNTS {
        for route in routes {
            let (Pattern::Folder(folder) | Pattern::Exact(folder)) = route.pattern else { continue };
            let denied = format!("{mount}{folder}");
            if !world.asks_policies(&denied) {
                continue;
            }
            let token = world.token_denied(&denied);
            for (verb, _) in route.handlers {
                for path in [denied.clone(), format!("{denied}/")] {
                    let (status, body) = world.ask(&token, *verb, &path);
                    assert!(matches!(status, 400 | 403 | 404 | 405), "{verb:?} {path}: {status} {body}");
                    assert!(status != 404 || path.ends_with('/'), "{verb:?} {path}: {status} {body}");
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 40, "{asked}");
}
