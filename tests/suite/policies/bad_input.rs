//! What strangers send to break policies or to get around them.

use super::door::{ask, client, token, write};
use crate::api::Daemon;
use crate::calls::{call, request};
use okta_auth::limits;
use okta_loopback::User;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[test]
fn a_policy_of_a_megabyte_and_one_of_ten_thousand_rules_are_good() {
    let client = client();
    let rules: String = (0..10_000)
        .map(|n| {
            format!(
                "path \"a/{n}\" {{ capabilities = [\"read\"] }}\npath \"b/+/{n}*\" {{ policy = \"read\" }}\n"
            )
        })
        .collect();
    write(&client, "many", &rules);
    let padding = "x".repeat((1 << 20) - 60);
    write(&client, "large", &format!("# {padding}\npath \"c\" {{ capabilities = [\"read\"] }}"));
    let json: serde_json::Map<String, Value> =
        (0..10_000).map(|n| (format!("d/{n}"), json!({ "capabilities": ["read"] }))).collect();
    write(&client, "json", &json!({ "path": json }).to_string());

    let asked = json!({ "token": token(&client, &["many", "large", "json"]),
                        "paths": ["a/9999", "a/10000", "b/x/9999/y", "c", "d/9999", "d/x"] });
    let (status, body) = call(&client, "get_capabilities", &asked);
    assert_eq!(status, 200, "{body}");
    let granted = |path: &str| body["data"][path][0].as_str().expect("a capability").to_owned();
    let granted: Vec<String> = ["a/9999", "a/10000", "b/x/9999/y", "c", "d/9999", "d/x"].map(granted).into();
    assert_eq!(granted, ["read", "deny", "list", "read", "read", "deny"]);
}

/// Names of policies are lower-cased once, in one way, wherever they come from: what a role forbids under one spelling
/// cannot be had under another.
#[test]
fn a_policy_has_no_second_spelling() {
    let client = client();
    write(&client, "ops", r#"path "sys/auth" { capabilities = ["read"] }"#);
    let role = json!({ "role_name": "ci", "disallowed_policies": ["ops"], "allowed_policies_glob": ["*"] });
    assert_eq!(call(&client, "create_or_update_token_role", &role).0, 204);
    for (spelt, status) in [("ops", 400), ("OPS", 400), (" ops ", 400), ("op\u{17f}", 200)] {
        let asked = json!({ "role_name": "ci", "policies": [spelt] });
        let (answered, body) = call(&client, "create_token", &asked);
        assert_eq!(answered, status, "{spelt}: {body}");
        if status == 200 {
            let token = body["auth"]["client_token"].as_str().expect("a token");
            assert_eq!(ask(&client, token, "GET", "sys/auth", json!({})).0, 403, "{spelt} is another policy");
        }
    }
    for name in ["secret ", " secret", "\u{a0}secret"] {
        let written = json!({ "name": name, "policy": "path \"a\" {}" });
        assert_eq!(call(&client, "create_or_update_acl_policy", &written).0, 400, "{name:?}");
    }
}

#[test]
fn policies_that_are_none_are_refused_and_change_nothing() {
    let client = client();
    write(&client, "dev", r#"path "a" { capabilities = ["read"] }"#);
    let nested = format!("path \"a\" {{ x = {}", "[".repeat(500_000));
    let braces = "a {".repeat(300_000);
    let json = format!("{{\"path\":{}", "{\"a\":".repeat(100_000));
    let comment = format!("/*{}", "*".repeat(1_000_000));
    let quote = format!("path \"{}", "\\".repeat(1_000_001));
    let heredoc = format!("name = <<{}", "E".repeat(1_000_000));
    for text in [
        nested.as_str(),
        &braces,
        &json,
        &comment,
        &quote,
        &heredoc,
        "path \"a\" {",
        "path \"a\u{0}\" {}",
        "\u{feff}path \"a\" {}",
        "path \"a+*\" { capabilities = [\"read\"] }",
        "path \"+*\" { capabilities = [\"read\"] }",
        "path \"a\" { capabilities = [\"read\", \"root\"] }",
        "path \"a\" { capabilities = [\"*\"] }",
        "path \"${a}\" { capabilities = [\"read\"] }",
        "path \"{{identity.entity.id\" { capabilities = [\"read\"] }",
        "[\"path\"]",
        "null",
        "AAAA",
    ] {
        let (status, body) =
            call(&client, "create_or_update_acl_policy", &json!({ "name": "dev", "policy": text }));
        let shown: String = text.chars().take(40).collect();
        let error = body["errors"][0].as_str().unwrap_or_default().to_owned();
        assert_eq!((status, body["code"].as_str()), (400, Some("invalid_request")), "{shown}: {body}");
        assert!(error.starts_with("failed to parse policy: "), "{shown}: {error}");
    }
    // No text of a request is that long.
    let over = json!({ "name": "dev", "policy": format!("#{}", "x".repeat(1 << 20)) });
    assert_eq!(call(&client, "create_or_update_acl_policy", &over).0, 400);
    let (_, body) = call(&client, "read_acl_policy", &json!({ "name": "dev" }));
    assert_eq!(body["data"]["policy"], r#"path "a" { capabilities = ["read"] }"#);
}

/// What is too much is refused when it is written: none of what was written is left out of a decision.
#[test]
fn templates_count_as_segments_and_none_that_denies_is_dropped() {
    let daemon = Daemon::new();
    daemon.okta.put_user(User::new("fred@acme.com", "correct horse"));
    let client = daemon.open();
    daemon.configure(&client);
    let rule = |number: usize| {
        let path = format!("a/{{{{identity.entity.id}}}}/{number}{}", "/+".repeat(997));
        format!("path {path:?} {{ capabilities = [\"deny\"] }}\n")
    };
    let rules = |count: usize| -> String {
        let granted = r#"path "a/*" { capabilities = ["read"] }"#.to_owned();
        granted + "\n" + &(0..count).map(rule).collect::<String>()
    };
    let most = limits::POLICY_SEGMENTS / 998;
    let over = json!({ "name": "p", "policy": rules(most + 1) });
    let (status, body) = call(&client, "create_or_update_acl_policy", &over);
    let text =
        format!("failed to parse policy: rules with '+' have over {} segments", limits::POLICY_SEGMENTS);
    assert_eq!((status, &body["errors"]), (400, &json!([text])));
    write(&client, "p", &rules(most));

    assert_eq!(call(&client, "configure", &json!({ "token_policies": "p" })).0, 204);
    let login = json!({ "username": "fred@acme.com", "password": "correct horse" });
    let (_, body) = call(&client, "login", &login);
    let (token, id) = (&body["auth"]["client_token"], body["auth"]["entity_id"].as_str().expect("an id"));
    for (number, status) in [(0, 403), (most - 1, 403), (most, 200)] {
        let path = format!("a/{id}/{number}{}", "/x".repeat(997));
        let asked = json!({ "token": token, "path": path, "operation": "read" });
        assert_eq!(call(&client, "authorize", &asked).0, status, "{number}");
    }
}

/// Thousands of values against thousands of pieces: a decision has the time of its request and no more.
#[test]
fn comparing_parameters_has_an_end() {
    let client = client();
    let globs: Vec<String> = (0..9_000).map(|number| format!("*x{number}*")).collect();
    let rule = |values: &str| {
        format!("path \"a/*\" {{ policy = \"write\" denied_parameters = {{ a = {values} }} }}")
    };
    write(&client, "globs", &rule(&json!(globs).to_string()));
    let token = token(&client, &["globs"]);
    let asked = |value: Value, more: Value| {
        let mut asked =
            json!({ "token": token, "path": "a/b", "operation": "update", "parameters": { "a": value } });
        asked.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        call(&client, "authorize", &asked)
    };
    let (status, body) = asked(json!("y,".repeat(500_000)), json!({}));
    let reason = "a parameter is too long to be compared with the values that the rule has for it";
    assert_eq!((status, &body["data"]["reason"]), (403, &json!(reason)));
    let (status, body) = asked(json!("y".repeat(1 << 20)), json!({}));
    assert_eq!((status, &body["data"]["reason"]), (403, &json!(reason)));
    let many = json!(vec!["abcdefgh".repeat(12); 10_000]);
    let begun = Instant::now();
    let (status, body) = asked(many.clone(), json!({ "timeout_ms": 20 }));
    assert_eq!((status, body["code"].as_str()), (503, Some("deadline_exceeded")), "{body}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());

    // Of equal texts there is nothing to go through.
    let texts: Vec<String> = (0..9_000).map(|number| format!("x{number}")).collect();
    write(&client, "globs", &rule(&json!(texts).to_string()));
    assert_eq!(asked(many, json!({})).0, 200);
    let last = json!(format!("{}x8999", "y,".repeat(9_999)));
    assert_eq!(asked(last, json!({})).1["data"]["reason"], "the rule denies a parameter or its value");
}

/// Lists and objects are compared as a whole, and as often as a rule has them.
#[test]
fn comparing_lists_has_an_end() {
    let client = client();
    let list = |last: usize| format!("[{}{last}]", "0,".repeat(4_999));
    let lists = (1..100).map(list).collect::<Vec<_>>().join(",");
    write(
        &client,
        "long",
        &format!(r#"path "a" {{ capabilities = ["update"] denied_parameters = {{ "x" = [{lists}] }} }}"#),
    );
    let token = token(&client, &["long"]);
    let given = (0..40).map(|_| list(999)).collect::<Vec<_>>().join(",");
    let asked =
        format!(r#"{{"token":"{token}","path":"a","operation":"update","parameters":{{"x":[{given}]}}}}"#);
    let answer = client.call("authorize", asked.as_bytes()).expect("an answer");
    let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(answer.status, 403, "{body}");
    assert!(body["data"]["reason"].as_str().is_some_and(|reason| reason.contains("compared")), "{body}");
}

#[test]
fn asking_for_capabilities_ends_by_its_deadline() {
    let client = client();
    let rule = |n: u32| {
        let segments: Vec<_> = (0..12).map(|bit| if n >> bit & 1 == 1 { "+" } else { "a" }).collect();
        format!("path \"+/{}\" {{ capabilities = [\"read\"] }}\n", segments.join("/"))
    };
    write(&client, "wide", &(0..4_096).map(rule).collect::<String>());
    let token = token(&client, &["wide"]);
    let paths: Vec<_> = (0..10_000).map(|n| format!("x{n}{}", "/a".repeat(12))).collect();
    let asked = json!({ "token": token, "paths": paths, "timeout_ms": 100 });
    let (status, body) = call(&client, "get_capabilities", &asked);
    assert_eq!((status, &body["code"]), (503, &json!("deadline_exceeded")), "{body}");
}

/// However a path is spelled, either it is the path that the policy speaks of, or it is refused.
#[test]
fn no_spelling_of_a_path_gets_around_a_policy() {
    let client = client();
    write(
        &client,
        "users",
        r#"path "auth/okta/users/*" { capabilities = ["read", "update", "delete", "list"] }
           path "auth/okta/users/boss" { capabilities = ["deny"] }"#,
    );
    let token = token(&client, &["users"]);
    assert_eq!(call(&client, "configure", &json!({ "org_name": "acme" })).0, 204);
    assert_eq!(call(&client, "register_user", &json!({ "username": "boss", "policies": "all" })).0, 204);
    for path in [
        "auth/okta/users/../config",
        "auth/okta/users/%2e%2e/config",
        "auth/okta/users/%2E%2E%2Fconfig",
        "auth/okta/users/..%2fconfig",
        "auth/okta/users/x/../../config",
        "auth/okta/users/./boss",
        "auth/okta/users//boss",
        "auth/okta/users%2f%2fboss",
        "//auth/okta/users/boss",
        "auth/okta/users/boss",
        "auth/okta/users/bos%73",
        "auth/okta%2fusers%2fboss",
        "auth/okta/users/boss%00",
        "auth/okta/users/boss%0a",
        "auth/okta/users/boss%0d%0a",
        "auth/okta/users/boss%zz",
        "auth/okta/users/boss%ff",
        "auth/okta/config",
        "auth/okta/users",
        "AUTH/okta/users/boss",
        "v1/v1/auth/okta/users/boss",
        "auth/okta/users/boss?x=../config",
        "auth/okta/users/boss#",
        "auth/okta/users/boss;x",
        "auth\\okta\\users\\boss",
    ] {
        for method in ["GET", "DELETE"] {
            let (status, body) = request(&client, &json!({ "method": method, "path": path, "token": token }));
            let nothing = matches!(status, 400 | 403)
                // These are names of their own, which nobody has.
                || (status == 404 && body["errors"] == json!([]) && method == "GET")
                || (status == 204 && method == "DELETE" && (path.ends_with('#') || path.ends_with(";x")));
            assert!(nothing, "{method} {path}: {status} {body}");
        }
    }
    let (status, body) = call(&client, "read_user", &json!({ "username": "boss" }));
    assert_eq!((status, &body["data"]["policies"]), (200, &json!(["all"])));
    assert_eq!(call(&client, "read_config", &json!({})).0, 200);
}

/// Here `BOSS` is the user `boss`, who to Vault is another: what is said of one spelling holds for all.
#[test]
fn no_letter_case_of_a_name_gets_around_a_policy() {
    let client = client();
    let (_, mounts) = call(&client, "list_auth_methods", &json!({}));
    let unlock =
        format!("sys/locked-users/{}/unlock", mounts["data"]["okta/"]["accessor"].as_str().expect("a text"));
    for folder in [
        "auth/okta/users",
        "auth/okta/groups",
        "auth/okta/revoke/users",
        "auth/okta/revoke/groups",
        "sys/policies/acl",
        "sys/policy",
        &unlock,
    ] {
        write(
            &client,
            "p",
            &format!(
                r#"path "{folder}/*" {{ capabilities = ["read", "update", "sudo"] }}
                   path "{folder}/Boss" {{ capabilities = ["deny"] }}
                   path "{folder}/clerk" {{ capabilities = ["read"] }}
                   path "{folder}/+/LEAF" {{ capabilities = ["read"] }}
                   path "{folder}/Fred" {{ capabilities = ["read", "update", "sudo"] required_parameters = ["policies"] }}"#
            ),
        );
        let token = token(&client, &["p"]);
        for (name, data, allowed) in [
            ("Boss", json!({}), false),
            ("boss", json!({}), false),
            ("bo\u{17f}\u{17f}", json!({}), false),
            ("CLERK", json!({}), false),
            ("x/leaf", json!({}), false),
            ("fred", json!({}), false),
            ("fred", json!({ "policies": "a", "policy": "{}" }), true),
            ("Fred", json!({ "policies": "a", "policy": "{}" }), true),
            ("JOE", json!({ "policies": "a", "policy": "{}" }), true),
        ] {
            let (status, body) = ask(&client, &token, "POST", &format!("{folder}/{name}"), data);
            assert_eq!(matches!(status, 200 | 204), allowed, "{folder}/{name}: {status} {body}");
        }
    }
}

#[test]
fn tokens_that_are_none_have_no_rights() {
    let client = client();
    write(&client, "dev", r#"path "*" { capabilities = ["read", "list", "update", "sudo"] }"#);
    let good = token(&client, &["dev"]);
    assert_eq!(ask(&client, &good, "GET", "sys/auth", Value::Null).0, 200);
    for bad in [
        format!("{good} "),
        format!("{good}\n"),
        format!(" {good}"),
        good[..good.len() - 1].to_owned(),
        good.to_uppercase(),
        format!("{good}x"),
        "hvs.".to_owned(),
        "root".to_owned(),
        "x".repeat(100_000),
    ] {
        let (status, body) = ask(&client, &bad, "GET", "sys/auth", Value::Null);
        assert!(matches!(status, 400 | 403), "{bad:?}: {status} {body}");
        let (status, _) =
            call(&client, "authorize", &json!({ "token": bad, "path": "a", "operation": "read" }));
        assert_eq!(status, 403, "{bad:?}");
    }
    assert_eq!(call(&client, "revoke_token", &json!({ "token": good })).0, 204);
    assert_eq!(ask(&client, &good, "GET", "sys/auth", Value::Null).0, 403);
}
