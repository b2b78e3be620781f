//! The door for requests of others: what it answers to everybody, and what it does not let through, whatever the token.

use crate::calls::{call, open, request};
use okta_auth::api::Client;
use serde_json::{Value, json};

fn token(client: &Client, policy: &str) -> Value {
    call(client, "create_token", &json!({ "policies": [policy] })).1["auth"]["client_token"].take()
}

fn get(client: &Client, path: &str, token: &Value) -> (u16, Value) {
    request(client, &json!({ "method": "GET", "path": path, "token": token }))
}

#[test]
fn monitors_need_no_token() {
    let client = open(&json!({}));
    for (path, names) in [
        (
            "sys/health",
            ["initialized", "sealed", "standby", "server_time_utc", "version", "audit_failures"].as_slice(),
        ),
        ("sys/health?standbyok=true", &["initialized", "sealed"]),
        ("sys/seal-status", &["initialized", "sealed", "t", "n", "progress", "version"]),
        ("sys/init", &["initialized"]),
    ] {
        let (status, body) = get(&client, path, &Value::Null);
        assert_eq!((status, &body["initialized"]), (200, &json!(true)), "{path}: {body}");
        assert!(names.iter().all(|name| body.get(name).is_some()), "{path}: {body}");
        assert!(body.get("data").is_none() && body["sealed"] != true, "{path}: {body}");
    }
    let head = |path: &str| request(&client, &json!({ "method": "HEAD", "path": path }));
    assert_eq!(head("sys/health"), (200, Value::Null));
    assert_eq!(head("sys/seal-status"), (405, Value::Null));
    let write = json!({ "method": "POST", "path": "sys/health", "data": {} });
    assert_eq!(request(&client, &write).0, 405);
}

/// Refused before the path or the token is looked at, and after.
#[test]
fn an_answer_to_head_has_no_body() {
    let client = open(&json!({}));
    let long = "x".repeat(70_000);
    for (path, headers, status) in [
        ("auth/okta/config", json!({}), 405),
        ("auth/okta/%00", json!({}), 400),
        ("auth//okta", json!({}), 400),
        (&long, json!({}), 400),
        ("sys/health", json!({ "X-Vault-Wrap-TTL": "-1" }), 400),
        ("sys/health", json!({ "X-Vault-Token": ["a", "b"] }), 400),
        ("auth/okta/config?help=1", json!({}), 403),
    ] {
        let (got, body) = request(&client, &json!({ "method": "HEAD", "path": path, "headers": headers }));
        assert_eq!((got, body), (status, Value::Null), "{path:.40} {headers}");
    }
}

#[test]
fn a_query_asks_for_a_listing_in_one_word() {
    let client = open(&json!({}));
    let root = token(&client, "root");
    assert_eq!(call(&client, "register_user", &json!({ "username": "fred" })).0, 204);
    for (query, status) in [
        ("list=true", 200),
        ("list=1&x=2", 200),
        ("%6cist=%74rue", 200),
        ("list=true&x=1&x=2", 200),
        // No listing is asked for, and there is nothing to read.
        ("list=false", 405),
        ("list=", 405),
        ("list", 405),
        ("List=true", 405),
        ("", 405),
        ("list=true&list=false", 400),
        ("list=false&list=true", 400),
        ("list=true&list=true", 400),
        ("list=true&%6cist=true", 400),
        ("list=yes", 400),
        ("list=true%00", 400),
        ("list=true;x", 400),
        ("list=true&a=%zz", 400),
        ("list=true&a=%ff", 400),
    ] {
        let (got, body) = get(&client, &format!("auth/okta/users?{query}"), &root);
        assert_eq!(got, status, "{query}: {body}");
    }
    // A write reads its members from its body alone.
    let write = json!({ "method": "POST", "path": "auth/okta/users/fred?policies=a&list=true", "token": root,
                        "body": r#"{"policies":"b"}"# });
    assert_eq!(request(&client, &write).0, 204);
    let read = call(&client, "read_user", &json!({ "username": "fred" })).1;
    assert_eq!(read["data"]["policies"], json!(["b"]));
}

#[test]
fn mounts_are_shown_to_those_who_may_see_them() {
    let client = open(&json!({ "mounts": ["okta", "corp/okta"] }));
    let tune = json!({ "path": "corp/okta", "listing_visibility": "unauth", "description": "for all" });
    assert_eq!(call(&client, "tune_auth_method", &tune).0, 204);
    let shown = |token: &Value| {
        let (status, body) = get(&client, "sys/internal/ui/mounts", token);
        assert_eq!((status, &body["data"]["secret"]), (200, &json!({})), "{body}");
        body["data"]["auth"].as_object().expect("an object").clone()
    };
    let of_all = shown(&Value::Null);
    assert_eq!(
        Value::from(of_all),
        json!({ "corp/okta/": {
        "type": "okta", "description": "for all", "options": {} } })
    );
    // The policy "default" lets every token see to itself.
    assert_eq!(shown(&token(&client, "nothing")).keys().collect::<Vec<_>>(), ["corp/okta/", "token/"]);
    let policy =
        json!({ "name": "reader", "policy": "path \"auth/okta/users/*\" { capabilities = [\"read\"] }" });
    assert_eq!(call(&client, "create_or_update_acl_policy", &policy).0, 204);
    let reader = token(&client, "reader");
    assert_eq!(shown(&reader).keys().collect::<Vec<_>>(), ["corp/okta/", "okta/", "token/"]);
    let root = token(&client, "root");
    assert_eq!(shown(&root).keys().collect::<Vec<_>>(), ["corp/okta/", "okta/", "token/"]);
    assert_eq!(get(&client, "sys/internal/ui/mounts", &json!("hvs.unknown")).0, 403);

    let one = |path: &str, token: &Value| get(&client, &format!("sys/internal/ui/mounts/{path}"), token);
    for path in ["auth/okta", "auth/okta/", "auth/okta/login/fred"] {
        let (status, body) = one(path, &root);
        assert_eq!((status, &body["data"]["path"]), (200, &json!("auth/okta/")), "{path}: {body}");
    }
    for (path, token) in [
        ("auth/okta", token(&client, "nothing")),
        ("auth/okta", Value::Null),
        ("auth/nosuch", root.clone()),
        ("okta", root.clone()),
    ] {
        let (status, body) = one(path, &token);
        assert_eq!((status, body["code"].as_str()), (403, Some("permission_denied")), "{path}: {body}");
    }
    assert_eq!(one("auth/corp/okta", &token(&client, "nothing")).0, 200);
}

#[test]
fn whoever_has_a_token_may_ask_for_help_and_nothing_is_done() {
    let client = open(&json!({}));
    let policy =
        json!({ "name": "one", "policy": r#"path "auth/okta/users/x" { capabilities = ["read"] }"# });
    assert_eq!(call(&client, "create_or_update_acl_policy", &policy).0, 204);
    let (weak, nobody) = (token(&client, "one"), token(&client, "nothing"));
    let help = |method: &str, path: &str, token: &Value| {
        let asked = json!({ "method": method, "path": path, "token": token, "data": { "org_name": "acme" } });
        request(&client, &asked)
    };
    for (method, path, parts) in [
        ("GET", "auth/okta/config?help=1", ["Request:  config", "org_name (", "api_token ("].as_slice()),
        ("POST", "auth/okta/config?help=1", &["org_name ("]),
        ("HELP", "auth/okta/config", &["org_name ("]),
        (
            "GET",
            "auth/okta/users/a/b?x=1&help=yes",
            &["GET auth/{mount_point}/users/{username}", "policies ("],
        ),
        ("LIST", "auth/okta/users?help=1", &["LIST auth/{mount_point}/users"]),
        ("GET", "auth/token/create?help=1", &["num_uses ("]),
        ("GET", "auth/token/lookup-self?help=1", &["    token\n"]),
        ("GET", "sys/auth/okta/tune?help=1", &["listing_visibility"]),
        ("GET", "sys/wrapping/unwrap?help=1", &["the wrapping token"]),
        ("GET", "auth/okta?help=1", &["## PATHS", "    POST login/{username}\n"]),
        ("GET", "auth/okta/?help=1", &["## PATHS"]),
        ("GET", "sys?help=1", &["POST wrapping/unwrap"]),
        ("GET", "cubbyhole/response?help=1", &["Request:  response"]),
    ] {
        let (status, body) = help(method, path, &weak);
        assert_eq!((status, &body["see_also"]), (200, &Value::Null), "{method} {path}: {body}");
        let text = body["help"].as_str().expect("a text");
        assert!(parts.iter().all(|part| text.contains(part)), "{method} {path}: {text}");
    }
    // No named operation is there: those of other folders are none of its.
    assert_eq!(help("GET", "cubbyhole?help=1", &weak).1["help"], "## PATHS\n");
    assert_eq!(call(&client, "read_config", &json!({})).0, 404, "help writes nothing");
    assert_eq!(help("GET", "auth/okta/login/fred?help=1", &Value::Null).0, 200);
    for (path, token, status) in [
        ("auth/okta/config?help=1", &Value::Null, 403),
        ("auth/okta/config?help=1", &json!("hvs.unknown"), 403),
        ("auth/okta/nosuch?help=1", &weak, 404),
        ("nosuch/path?help=1", &weak, 404),
        // No help is asked for.
        ("auth/okta/config?help=", &weak, 403),
        ("auth/okta/config?nohelp=1", &weak, 403),
    ] {
        assert_eq!(help("GET", path, token).0, status, "{path}");
    }
    // Who may do nothing at a mount is not told that it is there.
    for path in ["auth/okta", "auth/okta/", "auth/okta/config", "auth/okta/nosuch"] {
        let told = |path: &str| {
            let (status, body) = help("GET", &format!("{path}?help=1"), &nobody);
            (status, body["errors"][0].as_str().expect("a text").replace("nosuch", "okta"))
        };
        assert_eq!(told(path), told(&path.replacen("okta", "nosuch", 1)), "{path}");
    }
    assert_eq!(help("GET", "auth/token/create?help=1", &nobody).0, 200);
    let tuned = json!({ "path": "okta", "listing_visibility": "unauth" });
    assert_eq!(call(&client, "tune_auth_method", &tuned).0, 204);
    assert_eq!(help("GET", "auth/okta?help=1", &nobody).0, 200, "it is shown to everybody");
}

/// With a token that may do everything: what comes of a path is decided before anybody's rights are looked at, and on
/// the very path that is served.
#[test]
fn smuggled_paths_reach_nothing() {
    let client = open(&json!({}));
    let root = token(&client, "root");
    assert_eq!(call(&client, "configure", &json!({ "org_name": "acme" })).0, 204);
    for (path, expected) in [
        ("auth/okta/users/../config", 400),
        ("auth/okta/users/%2e%2e/config", 400),
        ("auth/okta/users/.%2E/config", 400),
        ("auth/okta/users/..%2fconfig", 400),
        ("auth/okta/users%2F..%2Fconfig", 400),
        ("auth/okta/./config", 400),
        ("auth/okta/%2e/config", 400),
        ("auth/okta/config/..", 400),
        ("../auth/okta/config", 400),
        ("/v1/../v1/auth/okta/config", 400),
        ("auth//okta/config", 400),
        ("auth/okta/%2fconfig", 400),
        ("auth/okta/config//", 400),
        ("//auth/okta/config", 400),
        ("/v1//auth/okta/config", 400),
        ("auth/okta/config%00", 400),
        ("auth/okta/config\u{0}", 400),
        ("auth/okta/users/a%00/../config", 400),
        ("auth/okta/config%0d%0aX-Vault-Token:%20x", 400),
        ("auth/okta/config\n", 400),
        ("auth/okta/config%7f", 400),
        // A user's name must not have "..", as in Vault.
        ("auth/okta/users/..;/config", 400),
        // Too long a form of ".." in UTF-8, and half a character.
        ("auth/okta/users/%c0%ae%c0%ae/config", 400),
        ("auth/okta/users/%e2%82", 400),
        ("auth/okta/users/%2", 400),
        ("auth/okta/users/%u002e", 400),
        // Decoded once: these are names, and nobody has them.
        ("auth/okta/users/%252e%252e", 404),
        ("auth/okta/users/%252e%252e%252fconfig", 404),
        ("auth\\okta\\config", 404),
        ("auth/okta/config%3Flist=true", 404),
        ("auth/okta/config%23", 404),
        ("auth/okta/CONFIG", 404),
        ("auth/okta/config%20", 404),
        ("v1/v1/auth/okta/config", 404),
        ("%76%31/auth/okta/config", 404),
        ("auth/okta%2Fconfig/", 404),
        // The same path in other letters: rights are looked up for what it means.
        ("%61uth/okta%2Fconfig", 200),
    ] {
        let (status, body) = get(&client, path, &root);
        assert_eq!(status, expected, "{path:?}: {body}");
        let write = json!({ "method": "POST", "path": path, "token": root, "data": { "org_name": "evil" } });
        if expected == 400 {
            assert_eq!(request(&client, &write).0, 400, "{path:?}");
        }
    }
    assert_eq!(get(&client, "%61uth/okta%2Fconfig", &token(&client, "nothing")).0, 403);
    assert_eq!(call(&client, "read_config", &json!({})).1["data"]["org_name"], "acme");
    assert_eq!(call(&client, "list_users", &json!({})).0, 404, "nobody was made");
}

#[test]
fn headers_that_say_two_things_are_refused() {
    let client = open(&json!({}));
    let (root, weak) = (token(&client, "root"), token(&client, "nothing"));
    let both = json!([weak, root]);
    let bearer = json!(format!("Bearer {}", root.as_str().expect("a text")));
    let with = |headers: Value| {
        request(
            &client,
            &json!({ "method": "POST", "path": "auth/okta/users/fred", "headers": headers, "body": "{}" }),
        )
    };
    for headers in [
        json!({ "X-Vault-Token": both }),
        json!({ "X-Vault-Token": weak, "x-vault-token": root }),
        json!({ "X-Vault-Token": ["", root] }),
        json!({ "X-Vault-Token": weak, "Authorization": bearer }),
        json!({ "X-Vault-Token": root, "Authorization": ["Bearer x", bearer] }),
        json!({ "X-Vault-Token": root, "Content-Type": ["application/json", "application/x-www-form-urlencoded"] }),
        json!({ "X-Vault-Token": root, "X-Vault-Wrap-TTL": ["60", "1h"] }),
        json!({ "X-Vault-Token": root, "Other": "a\r\nX-Vault-Wrap-TTL: 60" }),
        json!({ "X-Vault-Token": format!("{}\n", root.as_str().expect("a text")) }),
        json!({ "X-Vault-Token": { "a": root } }),
        json!({ "X-Vault-Token": [[root]] }),
        json!([["X-Vault-Token", root]]),
    ] {
        let (status, body) = with(headers.clone());
        assert_eq!((status, body["code"].as_str()), (400, Some("invalid_request")), "{headers}: {body}");
    }
    assert_eq!(call(&client, "list_users", &json!({})).0, 404, "nobody was made");
    // A blank is part of a token, which nobody has then.
    assert_eq!(with(json!({ "X-Vault-Token": format!("{} ", root.as_str().expect("a text")) })).0, 403);
    // The length is that of what came; nothing is cut, and nothing waited for.
    let twice =
        json!({ "X-Vault-Token": [root, root], "Authorization": bearer, "Content-Length": ["1", "9999"] });
    assert_eq!(with(twice).0, 204);
    assert_eq!(call(&client, "read_user", &json!({ "username": "fred" })).0, 200);
}
