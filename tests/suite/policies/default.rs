//! The policy `default`, path by path: it is all that most logins have.

use super::door::ask;
use crate::api::Daemon;
use crate::calls::{call, request};
use okta_loopback::User;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ID: &str = "{{identity.entity.id}}";
const NAME: &str = "{{identity.entity.name}}";

/// Every rule, a path that it is about, and what it grants there. Revoking the token comes last.
const RULES: &[(&str, &str, &[&str])] = &[
    ("auth/token/lookup-self", "auth/token/lookup-self", &["read"]),
    ("auth/token/renew-self", "auth/token/renew-self", &["update"]),
    ("sys/capabilities-self", "sys/capabilities-self", &["update"]),
    ("sys/internal/ui/resultant-acl", "sys/internal/ui/resultant-acl", &["read"]),
    ("identity/entity/id/{{identity.entity.id}}", "identity/entity/id/{{identity.entity.id}}", &["read"]),
    (
        "identity/entity/name/{{identity.entity.name}}",
        "identity/entity/name/{{identity.entity.name}}",
        &["read"],
    ),
    ("identity/oidc/provider/+/authorize", "identity/oidc/provider/any/authorize", &["read", "update"]),
    ("sys/leases/lookup", "sys/leases/lookup", &["update"]),
    ("sys/leases/renew", "sys/leases/renew", &["update"]),
    ("sys/renew", "sys/renew", &["update"]),
    ("cubbyhole/*", "cubbyhole/a/b", &["create", "delete", "list", "read", "update"]),
    ("sys/wrapping/lookup", "sys/wrapping/lookup", &["update"]),
    ("sys/wrapping/unwrap", "sys/wrapping/unwrap", &["update"]),
    ("sys/wrapping/wrap", "sys/wrapping/wrap", &["update"]),
    ("sys/tools/hash", "sys/tools/hash", &["update"]),
    ("sys/tools/hash/*", "sys/tools/hash/sha2-256", &["update"]),
    ("sys/control-group/request", "sys/control-group/request", &["update"]),
    ("auth/token/revoke-self", "auth/token/revoke-self", &["update"]),
];

/// Like something in it, and not granted by it.
const NEAR_MISSES: &[&str] = &[
    "auth/token/lookup",
    "auth/token/renew",
    "auth/token/revoke",
    "auth/token/create",
    "auth/token/lookup-self/x",
    "auth/token/lookup-selfx",
    "auth/token/lookup-sel",
    "AUTH/token/lookup-self",
    "auth/Token/lookup-self",
    "sys/capabilities",
    "sys/capabilities-accessor",
    "sys/internal/ui/resultant-acls",
    "sys/leases",
    "sys/leases/lookup/auth",
    "sys/leases/renew/x",
    "sys/leases/revoke",
    "sys/revoke",
    "sys/renew/x",
    "sys/wrapping/rewrap",
    "sys/tools/random",
    "sys/tools/hashx",
    "sys/control-group/authorize",
    "cubbyholes/a",
    "identity/entity/id",
    "identity/entity/id/x",
    "identity/entity/name/x",
    "identity/oidc/provider/a/b/authorize",
    "identity/oidc/provider/authorize",
    "sys/policies/acl/default",
    "sys/auth",
];

/// As they are asked for at the door; whether something is to be created is not the caller's to say.
const METHODS: &[(&str, &str)] =
    &[("read", "GET"), ("delete", "DELETE"), ("list", "LIST"), ("patch", "PATCH"), ("update", "POST")];

/// A wrapping token that is none is refused before the caller is.
fn is_about_another(path: &str) -> bool {
    ["lookup", "rewrap", "unwrap"].iter().any(|what| path.strip_prefix("sys/wrapping/") == Some(what))
}

#[test]
fn the_default_policy_grants_what_vaults_does_and_no_more() {
    let daemon = Daemon::new();
    daemon.okta.put_user(User::new("fred@acme.com", "correct horse"));
    let client = daemon.open();
    daemon.configure(&client);
    let (_, policy) = call(&client, "read_acl_policy", &json!({ "name": "default" }));
    let text = policy["data"]["policy"].as_str().expect("a text");
    let written = text.lines().filter_map(|line| line.strip_prefix("path \"")?.strip_suffix("\" {"));
    let listed: BTreeSet<&str> = RULES.iter().map(|(rule, _, _)| *rule).collect();
    assert_eq!(written.collect::<BTreeSet<_>>(), listed);

    let login = json!({ "username": "fred@acme.com", "password": "correct horse" });
    let (_, body) = call(&client, "login", &login);
    assert_eq!(body["auth"]["policies"], json!(["default"]));
    let token = body["auth"]["client_token"].as_str().expect("a token");
    let id = body["auth"]["entity_id"].as_str().expect("an id");

    let granted = |path: &str| {
        ask(&client, token, "POST", "sys/capabilities-self", json!({ "path": path })).1["data"]["capabilities"].clone()
    };
    let authorized = |operation: &str, path: &str| {
        let asked = json!({ "token": token, "operation": operation, "path": path });
        call(&client, "authorize", &asked).0 == 200
    };
    let admitted = |method: &str, path: &str| {
        let mut asked = json!({ "method": method, "path": path, "token": token, "data": {} });
        if method == "PATCH" {
            asked["headers"] = json!({ "Content-Type": "application/merge-patch+json" });
        }
        request(&client, &asked).0 != 403
    };
    for path in NEAR_MISSES {
        assert_eq!(granted(path), json!(["deny"]), "{path}");
        for (operation, method) in METHODS {
            assert!(!authorized(operation, path), "{operation} {path}");
            assert!(!admitted(method, path) || is_about_another(path), "{method} {path}");
        }
    }
    // The name of an entity is told to nobody.
    for (_, path, capabilities) in RULES.iter().filter(|(rule, _, _)| !rule.contains(NAME)) {
        let path = path.replace(ID, id);
        assert_eq!(granted(&path), json!(capabilities), "{path}");
        assert_eq!(authorized("create", &path), capabilities.contains(&"create"), "create {path}");
        for (operation, method) in METHODS {
            let expected = capabilities.contains(operation);
            assert_eq!(authorized(operation, &path), expected, "{operation} {path}");
            assert!(admitted(method, &path) == expected || is_about_another(&path), "{method} {path}");
        }
    }
    assert_eq!(ask(&client, token, "GET", "auth/token/lookup-self", Value::Null).0, 403);
}
