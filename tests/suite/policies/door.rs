//! What a token may do at the door, and what a host is told that it may do elsewhere.

use crate::api::Daemon;
use crate::calls::{call, open, request};
use okta_auth::api::Client;
use okta_auth::limits;
use okta_loopback::User;
use serde_json::{Value, json};
use std::sync::{Arc, Barrier};

/// A client on a storage in memory.
pub fn client() -> Client {
    open(&json!({}))
}

pub fn write(client: &Client, name: &str, policy: &str) {
    let (status, body) =
        call(client, "create_or_update_acl_policy", &json!({ "name": name, "policy": policy }));
    assert_eq!(status, 204, "{body}");
}

/// A token of these policies, and of no others.
pub fn token(client: &Client, policies: &[&str]) -> String {
    token_with(client, json!({ "policies": policies, "no_default_policy": true }))
}

fn token_with(client: &Client, request: Value) -> String {
    let (status, body) = call(client, "create_token", &request);
    assert_eq!(status, 200, "{body}");
    body["auth"]["client_token"].as_str().expect("a token").to_owned()
}

pub fn ask(client: &Client, token: &str, method: &str, path: &str, data: Value) -> (u16, Value) {
    request(client, &json!({ "method": method, "path": path, "token": token, "data": data }))
}

fn authorize(client: &Client, token: &str, operation: &str, path: &str, more: Value) -> (u16, Value) {
    let mut asked = json!({ "token": token, "operation": operation, "path": path });
    asked.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    call(client, "authorize", &asked)
}

#[test]
fn a_host_is_told_who_decided_and_why() {
    let client = client();
    write(
        &client,
        "printing",
        r#"path "printers/+" { capabilities = ["read", "update", "sudo"] allowed_parameters = { "paper" = ["A*"] } }
           path "printers/secret" { capabilities = ["deny"] }
           path "printers" { capabilities = ["list"] }
           path "drafts/*" { capabilities = ["read"] min_wrapping_ttl = "1m" max_wrapping_ttl = "1h" }"#,
    );
    write(&client, "reading", r#"path "printers/+" { capabilities = ["read"] }"#);
    let token = token(&client, &["printing", "reading"]);
    for (operation, path, more, allowed, policies, rule, reason) in [
        (
            "read",
            "printers/3",
            json!({}),
            true,
            &["printing", "reading"][..],
            "printers/+",
            "the rule grants it",
        ),
        (
            "update",
            "printers/3",
            json!({ "parameters": { "paper": "A4" } }),
            true,
            &["printing"],
            "printers/+",
            "the rule grants it",
        ),
        (
            "update",
            "/printers/3",
            json!({ "parameters": { "paper": "Letter" } }),
            false,
            &["printing", "reading"],
            "printers/+",
            "the rule does not allow a parameter or its value",
        ),
        (
            "delete",
            "printers/3",
            json!({}),
            false,
            &["printing", "reading"],
            "printers/+",
            "the rule does not grant this operation",
        ),
        (
            "read",
            "printers/secret",
            json!({}),
            false,
            &["printing"],
            "printers/secret",
            "the rule denies everything",
        ),
        ("list", "printers", json!({}), true, &["printing"], "printers", "the rule grants it"),
        ("list", "printers/", json!({}), true, &["printing"], "printers", "the rule grants it"),
        (
            "read",
            "drafts/1",
            json!({}),
            false,
            &["printing"],
            "drafts/*",
            "the rule asks for a wrapped answer, with a time to live within its bounds",
        ),
        (
            "read",
            "drafts/1",
            json!({ "wrapping_ttl": "90s" }),
            true,
            &["printing"],
            "drafts/*",
            "the rule grants it",
        ),
    ] {
        let (status, body) = authorize(&client, &token, operation, path, more.clone());
        let told = json!({
            "allowed": allowed, "sudo": rule == "printers/+", "policies": policies, "rule": rule, "reason": reason,
        });
        assert_eq!(
            (status, &body["data"]),
            (if allowed { 200 } else { 403 }, &told),
            "{operation} {path} {more}"
        );
    }
    let (status, body) = authorize(&client, &token, "read", "elsewhere", json!({}));
    assert_eq!((status, &body["code"]), (403, &json!("permission_denied")));
    assert_eq!(body["data"]["rule"], Value::Null);
    // What was meant to narrow the question is not passed over.
    let (status, body) =
        authorize(&client, &token, "update", "printers/3", json!({ "paramters": { "paper": "B5" } }));
    assert_eq!((status, &body["errors"]), (400, &json!(["unknown member \"paramters\""])));
    let root = self::token(&client, &["root"]);
    assert_eq!(authorize(&client, &root, "delete", "sys/auth/x", json!({})).0, 200);
    // Only the host asks.
    assert_eq!(
        ask(
            &client,
            &root,
            "POST",
            "host/authorize",
            json!({ "token": token, "path": "a", "operation": "read" })
        )
        .0,
        404
    );
}

/// On a path that the door serves, an answer about rights is what the door would do, whichever spelling is asked about.
#[test]
fn questions_about_rights_are_answered_as_the_door_decides() {
    let client = client();
    let policy = r#"
        path "auth/okta/users/*" { capabilities = ["read", "delete", "list"] }
        path "auth/okta/users/Boss" { capabilities = ["deny"] }
        path "auth/okta/users/clerk" { capabilities = ["read"] }
        path "sys/policy/" { capabilities = ["read", "list"] }
        path "sys/policy" { capabilities = ["update"] }
        path "sys/auth/corp" { capabilities = ["read", "delete"] }
        path "staff/*" { capabilities = ["read"] }
        path "staff/Boss" { capabilities = ["deny"] }"#;
    write(&client, "p", policy);
    let token = token(&client, &["p"]);
    for name in ["boss", "clerk", "joe"] {
        assert_eq!(call(&client, "register_user", &json!({ "username": name })).0, 204);
    }
    for (path, granted, method, operation, status) in [
        ("auth/okta/users/Boss", json!(["deny"]), "GET", "read", 403),
        ("auth/okta/users/boss", json!(["deny"]), "GET", "read", 403),
        ("auth/okta/users/bo\u{17f}s", json!(["deny"]), "GET", "read", 403),
        ("auth/okta/users/CLERK", json!(["read"]), "GET", "read", 200),
        ("auth/okta/users/CLERK", json!(["read"]), "DELETE", "delete", 403),
        ("auth/okta/users/JOE", json!(["delete", "list", "read"]), "GET", "read", 200),
        ("sys/policy/", json!(["list"]), "GET", "read", 403),
        // It is protected, and nothing grants `sudo`.
        ("sys/auth/corp", json!(["delete", "read"]), "DELETE", "delete", 403),
    ] {
        let asked = json!({ "token": token, "paths": [path] });
        let (_, body) = call(&client, "get_capabilities", &asked);
        assert_eq!(body["data"]["capabilities"], granted, "{path}");
        assert_eq!(authorize(&client, &token, operation, path, json!({})).0, status, "{operation} {path}");
        assert_eq!(ask(&client, &token, method, path, Value::Null).0, status, "{method} {path}");
    }
    // What a host has of its own is as it is spelled.
    for (path, granted, status) in [("staff/Boss", "deny", 403), ("staff/boss", "read", 200)] {
        let (_, body) = call(&client, "get_capabilities", &json!({ "token": token, "paths": [path] }));
        assert_eq!(body["data"]["capabilities"], json!([granted]), "{path}");
        assert_eq!(authorize(&client, &token, "read", path, json!({})).0, status, "{path}");
    }
}

/// A rule that cannot be resolved is left out, which its author would not expect of a `deny`.
#[test]
fn a_policy_whose_deny_can_never_hold_is_written_with_a_warning() {
    let client = client();
    for (template, capability, warned) in [
        ("identity.groups.names.ops.id", "deny", true),
        ("identity.entity.metadata.team", "deny", true),
        ("identity.groups.names.ops.id", "read", false),
        ("identity.entity.id", "deny", false),
    ] {
        let policy = format!("path \"a/{{{{{template}}}}}/*\" {{ capabilities = [{capability:?}] }}");
        let written = json!({ "name": "p", "policy": policy });
        let (status, body) = call(&client, "create_or_update_acl_policy", &written);
        let expected =
            format!("path \"a/{{{{{template}}}}}/*\" denies nothing: no entity has what its template names");
        let found = body["warnings"] == json!([expected]);
        assert_eq!(
            (status, found),
            (if warned { 200 } else { 204 }, warned),
            "{template} {capability}: {body}"
        );
    }
    let rule =
        |n: usize| format!("path \"{n}/{{{{identity.groups.ids.x.name}}}}\" {{ policy = \"deny\" }}\n");
    let many: String = (0..limits::POLICY_KEYS_NAMED + 1).map(rule).collect();
    let (_, body) = call(&client, "create_or_update_acl_policy", &json!({ "name": "p", "policy": many }));
    assert_eq!(body["warnings"].as_array().map(Vec::len), Some(limits::POLICY_KEYS_NAMED));
}

#[test]
fn a_question_takes_one_use_and_of_many_at_once_one_gets_the_last() {
    let client = Arc::new(client());
    write(&client, "a", r#"path "a" { capabilities = ["read"] }"#);
    let uses = |uses: i64| token_with(&client, json!({ "policies": ["a"], "num_uses": uses }));
    let twice = uses(2);
    assert_eq!(authorize(&client, &twice, "update", "a", json!({})).0, 403);
    assert_eq!(authorize(&client, &twice, "read", "a", json!({})).0, 200);
    let (status, body) = authorize(&client, &twice, "read", "a", json!({}));
    assert_eq!((status, &body["code"], body.get("data")), (403, &json!("invalid_token"), None));

    let once = uses(1);
    let start = Arc::new(Barrier::new(8));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (client, once, start) = (Arc::clone(&client), once.clone(), Arc::clone(&start));
            std::thread::spawn(move || {
                start.wait();
                authorize(&client, &once, "read", "a", json!({})).0
            })
        })
        .collect();
    let mut statuses: Vec<u16> =
        threads.into_iter().map(|thread| thread.join().expect("an answer")).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403, 403, 403, 403, 403, 403, 403]);
    // What the host looks up takes none.
    let thrice = uses(3);
    let asked = json!({ "token": thrice, "paths": "a" });
    assert_eq!(call(&client, "get_capabilities", &asked).1["data"]["capabilities"], json!(["read"]));
    assert_eq!(call(&client, "lookup_token", &json!({ "token": thrice })).1["data"]["num_uses"], 3);
}

#[test]
fn a_change_of_a_policy_counts_from_the_next_request_on_in_every_client() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = json!({ "storage": { "type": "sqlite", "path": folder.path().join("okta.db") } });
    let (one, other) = (open(&options), open(&options));
    let read = r#"path "auth/okta/config" { capabilities = ["read"] }"#;
    let token = token(&one, &["dev"]);
    let status = |client: &Client| ask(client, &token, "GET", "auth/okta/config", Value::Null).0;
    assert_eq!((status(&one), status(&other)), (403, 403));
    write(&other, "dev", read);
    assert_eq!((status(&one), status(&other)), (404, 404));
    assert_eq!(call(&one, "delete_acl_policy", &json!({ "name": "DEV" })).0, 204);
    assert_eq!((status(&other), status(&one)), (403, 403));
}

/// What needs a right that the caller lacks is not checked in any other way, so that nothing is learned from it.
#[test]
fn nothing_is_told_to_those_without_rights() {
    let client = client();
    assert_eq!(call(&client, "configure", &json!({ "org_name": "acme" })).0, 204);
    assert_eq!(call(&client, "register_user", &json!({ "username": "fred" })).0, 204);
    let nobody = token(&client, &["nothing"]);
    let denied = |asked: &Value| {
        let (status, mut body) = request(&client, asked);
        body.as_object_mut().expect("an object").remove("request_id");
        (status, body)
    };
    let expected = denied(&json!({ "method": "GET", "path": "nosuch/path", "token": nobody }));
    assert_eq!(expected.0, 403);
    for (method, path, data) in [
        ("GET", "auth/okta/users/fred", Value::Null),
        ("GET", "auth/okta/users/joe", Value::Null),
        ("LIST", "auth/okta/users", Value::Null),
        ("DELETE", "auth/okta/users/fred", Value::Null),
        ("POST", "auth/okta/config", json!({ "org_name": ["x"], "token_ttl": "soon" })),
        ("POST", "auth/none/config", json!({})),
        ("POST", "auth/token/create", json!({ "ttl": "soon" })),
        ("POST", "auth/token/lookup-accessor", json!({ "accessor": "x" })),
        ("GET", "sys/policies/acl/default", Value::Null),
        ("POST", "sys/policies/acl/x", json!({ "policy": "path" })),
        ("POST", "sys/capabilities", json!({})),
        ("POST", "sys/capabilities-self", json!({})),
        ("GET", "sys/auth", Value::Null),
        ("GET", "sys/auth/okta/tune", Value::Null),
        ("PATCH", "auth/okta/config", json!({})),
        ("OPTIONS", "auth/okta/config", Value::Null),
    ] {
        let mut asked = json!({ "method": method, "path": path, "token": nobody, "data": data });
        if method == "PATCH" {
            asked["headers"] = json!({ "Content-Type": "application/merge-patch+json" });
        }
        assert_eq!(denied(&asked), expected, "{method} {path}");
    }
}

#[test]
fn a_role_is_made_with_create_and_changed_with_update() {
    let client = client();
    write(&client, "maker", r#"path "auth/token/roles/*" { capabilities = ["create"] }"#);
    write(&client, "changer", r#"path "auth/token/roles/*" { capabilities = ["update"] }"#);
    let (maker, changer) = (token(&client, &["maker"]), token(&client, &["changer"]));
    let statuses: Vec<u16> = [&changer, &maker, &maker, &changer]
        .map(|token| ask(&client, token, "POST", "auth/token/roles/r", json!({})).0)
        .into();
    assert_eq!(statuses, [403, 204, 403, 204]);
}

/// `sudo` at the path of the request lets a token do what else only `root` may.
#[test]
fn sudo_counts_at_the_path_where_it_is_granted() {
    let client = client();
    write(&client, "strong", r#"path "auth/token/create" { capabilities = ["update", "sudo"] }"#);
    write(&client, "weak", r#"path "auth/token/create" { capabilities = ["update"] }"#);
    for (policy, status) in [("strong", 200), ("weak", 400)] {
        let token = token(&client, &[policy]);
        let data = json!({ "policies": [policy], "no_parent": true });
        assert_eq!(ask(&client, &token, "POST", "auth/token/create", data).0, status, "{policy}");
    }
}

/// What is one thing by two paths takes the same right by both.
#[test]
fn tuning_a_mount_takes_sudo_by_either_path() {
    let client = client();
    for (policy, capabilities, status) in
        [("weak", r#"["read","update"]"#, 403), ("strong", r#"["read","update","sudo"]"#, 204)]
    {
        write(&client, policy, &format!(r#"path "sys/*" {{ capabilities = {capabilities} }}"#));
        let token = token(&client, &[policy]);
        for path in ["sys/auth/okta/tune", "sys/mounts/auth/okta/tune"] {
            let data = json!({ "description": "x" });
            assert_eq!(ask(&client, &token, "POST", path, data).0, status, "{policy} {path}");
            assert_eq!(
                ask(&client, &token, "GET", path, json!({})).0 == 403,
                status == 403,
                "{policy} {path}"
            );
        }
    }
}

/// What is a list to the path is allowed element by element, however it is written. In Vault `dev-*` lets all of the
/// second text in.
#[test]
fn no_element_gets_in_behind_an_allowed_one() {
    let client = client();
    write(
        &client,
        "roles",
        r#"path "auth/token/roles/*" {
             capabilities = ["create", "update"]
             allowed_parameters = { "allowed_policies_glob" = ["dev-*"], "token_bound_cidrs" = ["10.*"] }
           }"#,
    );
    let token = token(&client, &["roles"]);
    for (data, status) in [
        (json!({ "allowed_policies_glob": "dev-x,dev-y", "token_bound_cidrs": ["10.0.0.0/8"] }), 204),
        (json!({ "allowed_policies_glob": "dev-x,*" }), 403),
        (json!({ "token_bound_cidrs": "10.0.0.0/8,0.0.0.0/0" }), 403),
        (json!({ "token_bound_cidrs": ["10.0.0.0/8", "0.0.0.0/0"] }), 403),
    ] {
        assert_eq!(ask(&client, &token, "POST", "auth/token/roles/r", data.clone()).0, status, "{data}");
    }
}

/// A slash at the end gets nobody around a rule about a path of the host's own.
#[test]
fn a_slash_at_the_end_opens_nothing() {
    let client = client();
    write(
        &client,
        "printing",
        r#"path "printers/*" { capabilities = ["read", "list"] } path "printers/secret" { capabilities = ["deny"] }
           path "rooms/" { capabilities = ["read"] }"#,
    );
    let token = token(&client, &["printing"]);
    for (operation, path, status) in [
        ("read", "printers/secret", 403),
        ("read", "printers/secret/", 403),
        ("read", "/printers/secret/", 403),
        ("read", "printers/secret/x", 200),
        ("read", "printers/hall/", 200),
        ("list", "printers/hall", 200),
        // It has to be allowed as it is asked for.
        ("read", "rooms/", 200),
        ("read", "rooms", 403),
    ] {
        assert_eq!(authorize(&client, &token, operation, path, json!({})).0, status, "{operation} {path}");
        let asked = json!({ "token": token, "paths": [path] });
        let granted = call(&client, "get_capabilities", &asked).1["data"][path].clone();
        let has = granted.as_array().is_some_and(|granted| granted.contains(&json!("read")));
        assert!(operation == "list" || has == (status == 200), "{path}: {granted}");
    }
}

/// The names of users reach paths by templates, and each user reaches his own alone.
#[test]
fn a_template_is_the_bearers_own_path() {
    let daemon = Daemon::new();
    for login in ["fred@acme.com", "fred+x@acme.com", "a/b@acme.com", "*@acme.com", "+"] {
        daemon.okta.put_user(User::new(login, "correct horse"));
    }
    let client = daemon.open();
    daemon.configure(&client);
    let (_, mounts) = call(&client, "list_auth_methods", &json!({}));
    let accessor = mounts["okta/"]["accessor"].as_str().expect("an accessor").to_owned();
    write(
        &client,
        "own",
        &format!(
            r#"path "homes/{{{{identity.entity.aliases.{accessor}.name}}}}/*" {{ capabilities = ["read"] }}
               path "by-id/{{{{identity.entity.id}}}}" {{ capabilities = ["read"] }}
               path "at-okta/{{{{identity.entity.aliases.{accessor}.metadata.okta_user_id}}}}" {{
                 capabilities = ["read"]
               }}
               path "elsewhere/{{{{identity.entity.aliases.auth_okta_00000000.name}}}}" {{
                 capabilities = ["read"]
               }}
               path "teams/{{{{identity.groups.names.ops.id}}}}" {{ capabilities = ["read"] }}"#
        ),
    );
    assert_eq!(call(&client, "configure", &json!({ "token_policies": "own" })).0, 204);
    let log_in = |name: &str| {
        let (status, body) =
            call(&client, "login", &json!({ "username": name, "password": "correct horse" }));
        assert_eq!(status, 200, "{body}");
        body["auth"].clone()
    };
    let may = |auth: &Value, path: &str| {
        let token = auth["client_token"].as_str().expect("a token");
        authorize(&client, token, "read", path, json!({})).0 == 200
    };
    let (fred, plus) = (log_in("fred@acme.com"), log_in("fred+x@acme.com"));
    assert!(may(&fred, "homes/fred@acme.com/x") && may(&plus, "homes/fred+x@acme.com/x"));
    assert!(!may(&fred, "homes/fred+x@acme.com/x") && !may(&plus, "homes/fred@acme.com/x"));
    let id = |auth: &Value| auth["entity_id"].as_str().expect("an id").to_owned();
    assert!(may(&fred, &format!("by-id/{}", id(&fred))) && !may(&fred, &format!("by-id/{}", id(&plus))));
    let okta_id = fred["metadata"]["okta_user_id"].as_str().expect("an id");
    assert!(may(&fred, &format!("at-okta/{okta_id}")) && !may(&plus, &format!("at-okta/{okta_id}")));
    assert!(!may(&fred, "elsewhere/fred@acme.com") && !may(&fred, "teams/ops"));
    // CVE-2026-5006: such a name is no part of a path.
    for name in ["a/b@acme.com", "*@acme.com", "+"] {
        let auth = log_in(name);
        for path in
            ["homes/a/b@acme.com/x", "homes/a/b@acme.com", "homes/x@acme.com/x", "homes/+/x", "homes/x/y"]
        {
            assert!(!may(&auth, path), "{name} {path}");
        }
        assert!(may(&auth, &format!("by-id/{}", id(&auth))));
    }
    // The one policy that every token has.
    let own = format!("identity/entity/id/{}", id(&fred));
    let asked = json!({ "token": fred["client_token"], "paths": [own, "identity/entity/id/x"] });
    let granted = call(&client, "get_capabilities", &asked).1["data"].clone();
    assert_eq!((&granted[&own], &granted["identity/entity/id/x"]), (&json!(["read"]), &json!(["deny"])));
}
