//! What the lines of the audit log say, and what cannot be read from them.

use super::{Audited, pair};
use crate::calls::{call, request};
use serde_json::{Value, json};

/// Whoever asks what a token may do is told in the log whose it is, and what decided.
#[test]
fn a_hosts_question_about_rights_says_who_and_which_rule() {
    let audited = Audited::open();
    let policy =
        r#"path "printers/*" { capabilities = ["read"] } path "printers/secret" { capabilities = ["deny"] }"#;
    call(&audited.client, "create_or_update_acl_policy", &json!({ "name": "print", "policy": policy }));
    let token =
        call(&audited.client, "create_token", &json!({ "policies": ["print"], "display_name": "fred" }));
    let token = token.1["auth"]["client_token"].as_str().expect("a token").to_owned();
    let (accessor, hashed) = (audited.hash("x"), audited.hash(&token));
    assert_ne!(accessor, hashed);
    let ask = |operation: &str, path: &str| {
        let members = json!({ "token": token, "operation": operation, "path": path });
        audited.pair("authorize", members)
    };
    let (status, [request, response]) = ask("read", "/printers/hall");
    assert_eq!(status, 200, "{response}");
    assert_eq!(request["auth"], Value::Null);
    let auth = &response["auth"];
    assert_eq!((&auth["client_token"], &auth["display_name"]), (&hashed, &json!("token-fred")));
    assert_eq!(auth["token_policies"], json!(["default", "print"]));
    let granting = json!([{ "name": "print", "namespace_id": "root", "type": "acl" }]);
    let results = json!({ "allowed": true, "granting_policies": granting, "operation": "read",
        "path": "printers/hall", "rule": "printers/*" });
    assert_eq!(auth["policy_results"], results);

    let (status, [_, response]) = ask("read", "printers/secret");
    assert_eq!((status, &response["outcome"]), (403, &json!("refused")));
    let results = json!({ "allowed": false, "operation": "read", "path": "printers/secret",
        "reason": "the rule denies everything", "refusing_policies": ["print"], "rule": "printers/secret" });
    assert_eq!(response["auth"]["policy_results"], results);

    // A secret in a path of the library's own does not show, nor does a token in one of the host's.
    let (_, [_, response]) = ask("update", "auth/okta/transactions/1-0-secretid");
    let path = response["auth"]["policy_results"]["path"].as_str().expect("a path").to_owned();
    assert!(path.starts_with("auth/okta/transactions/hmac-sha256:"), "{path}");
    let (_, [_, response]) = ask("read", &format!("printers/{token}"));
    assert!(!response.to_string().contains(&token), "{response}");

    // Nor is it hidden whose token was shown where it must not be, and for what.
    let asked = json!({ "operation": "read", "path": "printers/hall" });
    let members = json!({ "token": "hvs.nobody", "operation": "read", "path": "printers/hall" });
    let (status, [_, response]) = audited.pair("authorize", members);
    assert_eq!((status, &response["auth"]["policy_results"]), (403, &asked));
    let role = json!({ "role_name": "near", "allowed_policies": "print", "token_bound_cidrs": "10.0.0.0/8" });
    call(&audited.client, "create_or_update_token_role", &role);
    let near = call(&audited.client, "create_token", &json!({ "role_name": "near", "policies": "print" })).1;
    audited.forget();
    let members = json!({ "token": near["auth"]["client_token"], "operation": "read", "path": "printers/hall",
        "remote_address": "192.0.2.1" });
    let (status, [_, response]) = audited.pair("authorize", members);
    let reason = "the token is bound to other addresses";
    let results = json!({ "allowed": false, "operation": "read", "path": "printers/hall", "reason": reason });
    assert_eq!((status, &response["auth"]["policy_results"]), (403, &results));
    assert_eq!(response["auth"]["token_policies"], json!(["default", "print"]));
}

#[test]
fn a_login_leaves_two_lines() {
    let audited = Audited::open();
    let login = json!({ "username": "Fred ", "password": "good", "remote_address": "192.0.2.7",
                        "user_agent": "sshd", "request_id": "r1" });
    let (status, [asked, answered]) = audited.pair("login", login);
    assert_eq!(status, 200);
    let time = asked["time"].as_str().expect("a time");
    assert!(time.ends_with('Z') && time.contains('T') && time.len() > 20, "{time}");
    let request = &asked["request"];
    for (name, expected) in [
        ("id", json!("r1")),
        ("function", json!("login")),
        ("operation", json!("update")),
        ("mount_point", json!("auth/okta/")),
        ("mount_type", json!("okta")),
        ("mount_class", json!("auth")),
        ("path", json!("auth/okta/login/Fred ")),
        ("remote_address", json!("192.0.2.7")),
        ("headers", json!({ "user-agent": ["sshd"] })),
        ("data", json!({ "password": audited.hash("good") })),
        ("host", json!(true)),
        ("namespace", json!({ "id": "root" })),
        ("client_token", Value::Null),
    ] {
        assert_eq!(request[name], expected, "{name}");
    }
    assert!(request["mount_accessor"].as_str().is_some_and(|accessor| accessor.starts_with("auth_okta_")));
    assert!(asked.get("auth").is_none() && asked.get("error").is_none(), "{asked}");

    assert_eq!(answered["request"], *request, "the answer repeats the request");
    for (name, expected) in [
        ("status", json!(200)),
        ("outcome", json!("success")),
        ("user", json!({ "name": "Fred", "okta_id": "00ufred", "okta_login": "fred" })),
        ("error", Value::Null),
        ("code", Value::Null),
    ] {
        assert_eq!(answered[name], expected, "{name}");
    }
    let auth = &answered["response"]["auth"];
    assert_eq!(auth["policies"], json!(["default"]));
    assert_eq!(auth["metadata"]["username"], "Fred");
    assert_eq!(auth["token_type"], "service");
    for name in ["client_token", "accessor"] {
        let text = auth[name].as_str().expect("a text");
        assert!(text.starts_with("hmac-sha256:") && text.len() == 12 + 64, "{name}: {text}");
    }
}

/// However much a request says, what came of it is told.
#[test]
fn nothing_that_is_asked_leaves_out_what_came_of_it() {
    let audited = Audited::open();
    let junk: serde_json::Map<_, _> = (0..9_000).map(|n| (format!("a{n:05}"), json!(n))).collect();
    for (password, status, outcome) in [("bad", 400, "refused"), ("good", 200, "success")] {
        let mut data = junk.clone();
        data.insert("password".to_owned(), json!(password));
        let asked = json!({ "method": "POST", "path": "auth/okta/login/fred", "data": data,
                            "headers": { "X-Forwarded-For": "198.51.100.4" } });
        assert_eq!(request(&audited.client, &asked).0, status);
        let [_, answered] = pair(audited.lines());
        assert_eq!((&answered["status"], &answered["outcome"]), (&json!(status), &json!(outcome)));
        assert_eq!(answered["user"]["name"], "fred");
        assert_eq!(answered["code"].is_string(), status != 200);
        assert_eq!(answered["request"]["headers"], json!({ "x-forwarded-for": ["198.51.100.4"] }));
        assert!(answered["left_out"].as_i64().is_some_and(|left_out| left_out > 0));
    }
}

/// The line that introduces a token says whose it is, and whether he has come for the first time.
#[test]
fn a_token_is_introduced_by_name() {
    let audited = Audited::open();
    for first in [json!(true), Value::Null] {
        let (_, [_, answered]) = audited.pair("login", json!({ "username": "fred", "password": "good" }));
        let auth = &answered["response"]["auth"];
        assert_eq!((&auth["display_name"], &auth["entity_created"]), (&json!("okta-fred"), &first));
        assert!(auth["token_issue_time"].is_string(), "{auth}");
    }
}

#[test]
fn refusals_and_failures_are_told_apart_and_whose_they_are() {
    let audited = Audited::open();
    let as_fred = |password: &str| json!({ "username": "fred", "password": password });
    let (status, [_, answered]) = audited.pair("login", as_fred("bad"));
    assert_eq!((status, &answered["status"], &answered["outcome"]), (400, &json!(400), &json!("refused")));
    assert_eq!(answered["code"], "invalid_credentials");
    assert_eq!(answered["user"], json!({ "name": "fred" }));
    assert_eq!(answered["okta"]["error_code"], "E0000004");
    assert!(answered["okta"]["error_id"].as_str().is_some_and(|id| !id.is_empty()), "{answered}");
    let error = answered["error"].as_str().expect("a text");
    assert!(error.starts_with("Okta auth failed"), "{error}");

    let wrong_code =
        json!({ "username": "gina", "password": "good", "totp": "000000", "provider": "GOOGLE" });
    let (status, [asked, answered]) = audited.pair("login", wrong_code);
    assert_eq!((status, &answered["code"]), (400, &json!("passcode_invalid")));
    assert_eq!(asked["request"]["data"]["totp"], audited.hash("000000"));
    assert_eq!(answered["user"]["okta_id"], "00ugina");
    let factor = json!({ "id": "ost1", "type": "token:software:totp", "provider": "GOOGLE" });
    assert_eq!(answered["factor"], factor);
    // A code that is written as a number is as secret.
    let as_number =
        json!({ "username": "gina", "password": "good", "totp": 1_234_567, "provider": "GOOGLE" });
    let (_, [asked, _]) = audited.pair("login", as_number);
    assert_eq!(asked["request"]["data"]["totp"], audited.hash("1234567"));

    // What never reached a route, or was no request of anybody's.
    let (status, [asked, answered]) = audited.pair("read_user", json!({ "username": 7, "request_id": "r2" }));
    assert_eq!((status, &answered["code"]), (400, &json!("invalid_request")));
    assert_eq!((&asked["request"]["id"], &asked["request"]["function"]), (&json!("r2"), &json!("read_user")));
    let (status, _) = request(&audited.client, &json!({ "method": "GET", "path": "auth/okta/config" }));
    let [asked, answered] = pair(audited.lines());
    assert_eq!(
        (status, &answered["status"], &asked["code"]),
        (403, &json!(403), &json!("permission_denied"))
    );
    assert_eq!(asked["request"]["path"], "auth/okta/config");
    assert!(asked["request"].get("host").is_none());
    assert!(audited.client.call("login", b"\xff").is_err());
    assert!(!audited.file().exists(), "no request, no line");
}

#[test]
fn the_callers_token_and_its_policies_are_shown_and_denials_too() {
    let audited = Audited::open();
    let token = |policy: &str| {
        let (status, body) = call(&audited.client, "create_token", &json!({ "policies": [policy] }));
        assert_eq!(status, 200, "{body}");
        audited.forget();
        body["auth"]["client_token"].as_str().expect("a token").to_owned()
    };
    let (root, dev) = (token("root"), token("dev"));
    for (token, status, allowed) in [(&root, 200, true), (&dev, 403, false)] {
        let asked = json!({ "method": "GET", "path": "/v1/auth/okta/config", "token": token,
                            "remote_address": "192.0.2.7:4711",
                            "headers": { "X-Forwarded-For": "198.51.100.4", "Cookie": "MARKER", "User-Agent": "curl" } });
        assert_eq!(request(&audited.client, &asked).0, status);
        let [asked, answered] = pair(audited.lines());
        assert_eq!(asked["auth"]["client_token"], audited.hash(token));
        let results = &asked["auth"]["policy_results"];
        assert_eq!(results["allowed"], allowed);
        match allowed {
            true => assert_eq!(
                results["granting_policies"],
                json!([{ "name": "root", "namespace_id": "root", "type": "acl" }])
            ),
            false => assert_eq!(results["reason"], "no rule is about this path"),
        }
        assert_eq!(asked["request"]["client_token"], audited.hash(token));
        assert_eq!(asked["request"]["client_token_accessor"], asked["auth"]["accessor"]);
        assert_eq!(
            (&asked["request"]["remote_address"], &asked["request"]["remote_port"]),
            (&json!("192.0.2.7"), &json!(4711))
        );
        let headers = json!({ "user-agent": ["curl"], "x-forwarded-for": ["198.51.100.4"] });
        assert_eq!(asked["request"]["headers"], headers);
        assert_eq!(answered["auth"], asked["auth"]);
    }
    // Of what Vault mounts by itself.
    for (path, kind) in [("sys/policies/acl/default", "system"), ("cubbyhole/response", "cubbyhole")] {
        request(&audited.client, &json!({ "method": "GET", "path": path, "token": root }));
        let [asked, _] = pair(audited.lines());
        let place = ["mount_point", "mount_type", "mount_class"].map(|name| asked["request"][name].clone());
        let folder = format!("{}/", path.split('/').next().expect("a folder"));
        assert_eq!(place, [json!(folder), json!(kind), json!("secret")], "{path}");
    }
    let unknown = json!({ "method": "GET", "path": "auth/okta/config", "token": "hvs.unknown" });
    assert_eq!(request(&audited.client, &unknown).0, 403);
    let [asked, _] = pair(audited.lines());
    assert_eq!(asked["request"]["client_token"], audited.hash("hvs.unknown"));
    assert!(asked.get("auth").is_none(), "{asked}");
}

#[test]
fn secrets_in_paths_are_hashed_and_so_is_a_path_that_leads_nowhere() {
    let audited = Audited::open();
    let id = "0123456789abcdef0123456789abcdef";
    let (status, [asked, answered]) = audited.pair("continue_transaction", json!({ "id": id }));
    assert_eq!((status, &answered["code"]), (404, &json!("not_found")));
    let hash = audited.hash(id);
    let hash = hash.as_str().expect("a text");
    assert_eq!(asked["request"]["path"], format!("auth/okta/transactions/{hash}"));
    let (_, [asked, _]) = audited.pair("verify", json!({ "nonce": id }));
    assert_eq!(asked["request"]["path"], format!("auth/okta/verify/{hash}"));
    for (path, shown) in [
        (format!("auth/okta/verfy/{id}"), "auth/okta/"),
        (format!("auth/nowhere/transactions/{id}"), ""),
        (format!("sys/nothing/{id}"), "sys/"),
    ] {
        assert_eq!(request(&audited.client, &json!({ "method": "GET", "path": path })).0, 403, "{path}");
        let [asked, answered] = pair(audited.lines());
        let path = asked["request"]["path"].as_str().expect("a path");
        assert!(path.starts_with(&format!("{shown}hmac-sha256:")), "{path}");
        assert!(!answered.to_string().contains(id), "{answered}");
    }
    // The host's own request gets as far as an error text that repeats the path.
    let (status, _) =
        call(&audited.client, "continue_transaction", &json!({ "id": id, "mount_point": "nowhere" }));
    assert_eq!(status, 404);
    let [_, answered] = pair(audited.lines());
    assert_eq!(answered["error"], "unsupported path");
    assert!(!answered.to_string().contains(id), "{answered}");
}

#[test]
fn a_transaction_is_followed_by_the_hash_of_its_id() {
    let audited = Audited::open();
    let (status, body) =
        call(&audited.client, "start_transaction", &json!({ "username": "gina", "password": "good" }));
    assert_eq!(status, 202, "{body}");
    let [_, answered] = pair(audited.lines());
    let id = body["data"]["id"].as_str().expect("an id");
    assert_eq!((&answered["outcome"], &answered["status"]), (&json!("pending"), &json!(202)));
    assert_eq!(answered["response"]["data"]["id"], audited.hash(id));
    assert_eq!(answered["user"]["okta_id"], "00ugina");
    let code = audited.okta.passcode("gina", "ost1").expect("a code");
    for (step, status) in
        [(json!({ "id": id, "factor_id": "ost1" }), 202), (json!({ "id": id, "passcode": code }), 200)]
    {
        assert_eq!(call(&audited.client, "continue_transaction", &step).0, status);
    }
    let lines = audited.lines();
    let done = lines.last().expect("a line");
    assert_eq!(done["user"]["name"], "gina");
    assert_eq!(done["factor"]["id"], "ost1");
    assert!(done["response"]["auth"]["client_token"].is_string(), "{done}");
    let hash = audited.hash(id);
    let path = done["request"]["path"].as_str().expect("a path");
    assert!(path.ends_with(hash.as_str().expect("a text")), "{path}");
}

#[test]
fn the_mounts_tuning_names_what_is_plain_but_no_secret_ever_is() {
    let audited = Audited::open();
    let tuning = json!({ "path": "okta", "audit_non_hmac_request_keys": ["policies", "password"],
                         "audit_non_hmac_response_keys": "base_url" });
    assert_eq!(call(&audited.client, "tune_auth_method", &tuning).0, 204);
    audited.forget();
    let group = json!({ "name": "ops", "policies": ["dev"] });
    let (_, [asked, _]) = audited.pair("register_group", group);
    assert_eq!(asked["request"]["data"], json!({ "policies": ["dev"] }));
    let (_, [asked, _]) = audited.pair("login", json!({ "username": "fred", "password": "bad" }));
    assert_eq!(asked["request"]["data"]["password"], audited.hash("bad"));
    // Sent to the wrong place, where nobody knows it as a secret.
    let tuning = json!({ "path": "okta", "audit_non_hmac_request_keys": ["policies", "passcode", "token", "Password"] });
    assert_eq!(call(&audited.client, "tune_auth_method", &tuning).0, 204);
    audited.forget();
    for name in ["passcode", "token", "Password"] {
        let (_, [asked, _]) =
            audited.pair("login", json!({ "username": "fred", "password": "bad", name: "123456" }));
        assert_eq!(asked["request"]["data"][name], audited.hash("123456"), "{asked}");
    }
    let token = "hvs.CAESIKMARKERMARKERMARKERMARKER";
    let swapped = json!({ "method": "GET", "path": "auth/token/lookup-self", "token": "hvs.x",
                          "headers": { "X-Vault-Wrap-TTL": token } });
    let (_, lines) = audited.pair("request", swapped);
    assert!(lines[1]["error"].as_str().is_some_and(|text| text.contains("duration")), "{}", lines[1]);
    assert!(!format!("{lines:?}").contains(token), "{lines:?}");
    let (_, [_, answered]) = audited.pair("read_config", json!({}));
    let data = &answered["response"]["data"];
    assert_eq!(data["base_url"], audited.okta.base_url());
    assert_eq!(data["org_name"], audited.hash(audited.okta.org()));
    assert_eq!(data["token_ttl"], 0);
}
