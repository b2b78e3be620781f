//! What is created, and what is refused.

use super::testing::*;
use super::{By, Caller, Tokens};
use crate::error::Code;
use crate::json::{self, Value};
use crate::limits;
use crate::reply::Reply;

fn shown(reply: &Reply) -> String {
    let mut auth = reply.auth.as_ref().expect("auth").to_json();
    for name in ["client_token", "accessor", "mfa_requirement", "token_type", "token_policies"] {
        auth.remove(name);
    }
    let mut text = Vec::new();
    json::write_object(&auth, &mut text);
    Value::from(reply.warnings.clone()).write(&mut text);
    String::from_utf8(text).expect("UTF-8")
}

fn check(tokens: &Tokens, caller: &Caller, request: &str, answer: &str) {
    let given = match create(tokens, caller, request) {
        Ok(reply) => shown(&reply),
        Err(error) => format!("{} {}", error.status(), error.text().unwrap_or_default()),
    };
    assert_eq!(given, answer, "{request}");
}

#[test]
fn the_host_says_what_its_token_may_do() {
    let (tokens, _) = tokens();
    for request in ["{}", r#"{"policy":["dev"]}"#, r#"{"policies":[]}"#, r#"{"policies":null,"ttl":60}"#] {
        check(&tokens, &Caller::Host, request, "400 \"policies\" is missing: name them, \"root\" included");
    }
    assert!(stored_keys(&tokens).is_empty());
}

/// From the recordings of a root token's children.
#[test]
fn root_creates_with_each_field() {
    let (tokens, _) = tokens();
    let root = bearer(&tokens, &created(&tokens, &Caller::Host, ROOT).client_token);
    for (request, answer) in [
        (
            "{}",
            r#"{"entity_id":"","lease_duration":0,"metadata":null,"num_uses":0,"orphan":false,"policies":["root"],"renewable":false}[]"#,
        ),
        (
            r#"{"policies":["dev","default","dev"],"ttl":"1h","meta":{"k":"v","n":1},"num_uses":5}"#,
            r#"{"entity_id":"","lease_duration":3600,"metadata":{"k":"v","n":"1"},"num_uses":5,"orphan":false,"policies":["default","dev"],"renewable":true}[]"#,
        ),
        (
            r#"{"policies":"ops, DEV","period":3600,"no_default_policy":true}"#,
            r#"{"entity_id":"","lease_duration":3600,"metadata":null,"num_uses":0,"orphan":false,"policies":["ops, dev"],"renewable":true}[]"#,
        ),
        (
            r#"{"policies":["unknown"],"explicit_max_ttl":"2h","ttl":14400,"renewable":false}"#,
            r#"{"entity_id":"","lease_duration":7200,"metadata":null,"num_uses":0,"orphan":false,"policies":["default","unknown"],"renewable":false}["TTL of \"4h\" exceeded the effective max_ttl of \"2h\"; TTL value is capped accordingly","Policy \"unknown\" does not exist"]"#,
        ),
        (
            r#"{"policies":["dev"],"no_parent":true,"ttl":60}"#,
            r#"{"entity_id":"","lease_duration":60,"metadata":null,"num_uses":0,"orphan":true,"policies":["default","dev"],"renewable":true}[]"#,
        ),
        (
            r#"{"policies":["dev"],"type":"service","lease":"20m"}"#,
            r#"{"entity_id":"","lease_duration":1200,"metadata":null,"num_uses":0,"orphan":false,"policies":["default","dev"],"renewable":true}[]"#,
        ),
        (
            r#"{"policies":["root","dev"]}"#,
            r#"{"entity_id":"","lease_duration":0,"metadata":null,"num_uses":0,"orphan":false,"policies":["root"],"renewable":false}[]"#,
        ),
        (
            r#"{"policies":["default"]}"#,
            r#"{"entity_id":"","lease_duration":2764800,"metadata":null,"num_uses":0,"orphan":false,"policies":["default"],"renewable":true}[]"#,
        ),
    ] {
        check(&tokens, &root, request, answer);
    }
}

#[test]
fn what_creation_refuses() {
    let (tokens, _) = tokens();
    let root = bearer(&tokens, &created(&tokens, &Caller::Host, ROOT).client_token);
    create(&tokens, &root, r#"{"id":"a b"}"#).expect("a custom id");
    for (request, text) in [
        (r#"{"ttl":"abc"}"#, "time: invalid duration \"abc\""),
        (r#"{"ttl":-1}"#, "ttl must be positive"),
        (r#"{"ttl":1.5}"#, "time: missing unit in duration \"1.5\""),
        (r#"{"period":-1}"#, "period must be positive"),
        (r#"{"explicit_max_ttl":"x"}"#, "time: invalid duration \"x\""),
        (r#"{"num_uses":-1}"#, "number of uses cannot be negative"),
        (r#"{"type":"junk"}"#, "invalid 'token_type' value"),
        (r#"{"policies":["response-wrapping"]}"#, "cannot assign policy \"response-wrapping\""),
        (r#"{"policies":["control-group"]}"#, "cannot assign policy \"control-group\""),
        (r#"{"id":"with.dot"}"#, "custom token ID cannot have a '.' in the value"),
        (r#"{"id":"hvs.prefixed"}"#, "custom token ID cannot have the 'hvs.' prefix"),
        (r#"{"id":"s.prefixed"}"#, "custom token ID cannot have the 's.' prefix"),
        (r#"{"id":"a b"}"#, "cannot create a token with a duplicate ID"),
        (r#"{"entity_alias":"x"}"#, "'entity_alias' is only allowed in combination with token role"),
        (r#"{"type":"batch","period":60}"#, "batch tokens cannot have \"period\" set"),
        (r#"{"type":"batch","num_uses":1}"#, "batch tokens cannot have \"num_uses\" set"),
        (r#"{"type":"batch","explicit_max_ttl":60}"#, "batch tokens cannot have \"explicit_max_ttl\" set"),
        (r#"{"type":"batch","id":"x"}"#, "batch tokens cannot be root tokens"),
        (r#"{"type":"batch","policies":["dev"],"id":"x"}"#, "batch tokens cannot have \"id\" set"),
    ] {
        check(&tokens, &root, request, &format!("400 {text}"));
    }
    let long = "x".repeat(limits::NAME_BYTES);
    create(&tokens, &root, &format!("{{\"id\":\"{long}\"}}")).expect("just short enough");
    let error = create(&tokens, &root, &format!("{{\"id\":\"{long}x\"}}")).err().expect("too long");
    assert_eq!(error.text(), Some("a custom token ID can have 2048 bytes at most"));
}

/// From the recordings of what a login may create.
#[test]
fn a_token_without_root_passes_on_what_it_has() {
    let (tokens, _) = tokens();
    let login = created(&tokens, &Caller::Host, r#"{"policies":["dev"],"ttl":"1h"}"#);
    let login = bearer(&tokens, &login.client_token);
    for (request, policies) in [
        ("{}", ["default", "dev"].as_slice()),
        (r#"{"policies":["dev"]}"#, &["default", "dev"]),
        (r#"{"policies":["dev"],"no_default_policy":true}"#, &["dev"]),
        (r#"{"policies":["default"]}"#, &["default"]),
    ] {
        assert_eq!(created(&tokens, &login, request).policies, policies, "{request}");
    }
    // A child's TTL is not limited by its parent's.
    assert_eq!(created(&tokens, &login, r#"{"ttl":"100h"}"#).lease_duration, 360_000);
    for (request, text) in [
        (r#"{"policies":["ops"]}"#, "child policies must be subset of parent"),
        (r#"{"policies":["root"]}"#, "child policies must be subset of parent"),
        (r#"{"no_parent":true}"#, "root or sudo privileges required to create orphan token"),
        (r#"{"period":"1h"}"#, "root or sudo privileges required to create periodic token"),
        (r#"{"id":"x"}"#, "root or sudo privileges required to specify token id"),
    ] {
        check(&tokens, &login, request, &format!("400 {text}"));
    }
    let orphan = create_by(&tokens, &login, By::CallerAsOrphan, "{}").expect("only update is needed");
    let orphan = orphan.auth.expect("auth");
    assert!(orphan.orphan);
}

#[test]
fn tokens_of_limited_uses_have_no_children() {
    let (tokens, _) = tokens();
    let thrice = created(&tokens, &Caller::Host, r#"{"policies":["dev"],"num_uses":3}"#);
    let once = created(&tokens, &Caller::Host, r#"{"policies":["dev"],"num_uses":1}"#);
    let thrice = bearer(&tokens, &thrice.client_token);
    check(&tokens, &thrice, "{}", "400 restricted use token cannot generate child tokens");
    let once = bearer(&tokens, &once.client_token);
    check(&tokens, &once, "{}", "400 parent token lookup failed: no parent found");
}

#[test]
fn an_expiring_root_token_makes_no_endless_ones() {
    let (tokens, _) = tokens();
    let root = created(&tokens, &Caller::Host, r#"{"policies":["root"],"ttl":"1h"}"#);
    let root = bearer(&tokens, &root.client_token);
    check(&tokens, &root, "{}", "400 expiring root tokens cannot create non-expiring root tokens");
    assert_eq!(created(&tokens, &root, r#"{"ttl":"30m"}"#).policies, ["root"]);
    let sudo = created(&tokens, &Caller::Host, r#"{"policies":["dev"]}"#);
    let Caller::Token(mut sudo) = bearer(&tokens, &sudo.client_token) else { unreachable!() };
    sudo.sudo = true;
    check(
        &tokens,
        &Caller::Token(sudo),
        r#"{"policies":["root"]}"#,
        "400 root tokens may not be created without parent token being root",
    );
}

#[test]
fn ancestors_and_records_are_bounded() {
    let (tokens, _) = tokens();
    let mut caller = Caller::Host;
    for _ in 0..=limits::TOKEN_ANCESTORS {
        let token = created(&tokens, &caller, r#"{"policies":["dev"]}"#).client_token;
        caller = bearer(&tokens, &token);
    }
    let error = create(&tokens, &caller, "{}").err().expect("too deep");
    assert_eq!(error.code(), Code::LimitReached);
    let long = "x".repeat(1_000);
    let meta: Vec<String> = (0..1_100).map(|n| format!("\"{n}\":\"{long}\"")).collect();
    let error =
        create(&tokens, &Caller::Host, &format!("{{\"policies\":\"dev\",\"meta\":{{{}}}}}", meta.join(",")))
            .err();
    assert_eq!(error.expect("too big").code(), Code::TooLarge);
}
