//! Token roles: what they say counts, and never gives more than either they or the request allow.

use super::role::ROLE_FIELDS;
use super::testing::*;
use super::{By, Caller, RENEW_FIELDS, Tokens};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::reply::{Auth, Reply};
use crate::storage::{Batch, encode};
use std::time::Duration;

fn write(tokens: &Tokens, json: &str) -> Result<Vec<String>> {
    let reply = tokens.write_role(&fields(ROLE_FIELDS, json), MOUNT.max, &deadline())?;
    Ok(reply.map(|reply| reply.warnings).unwrap_or_default())
}

fn by_role(tokens: &Tokens, caller: &Caller, json: &str) -> Result<Reply> {
    create_by(tokens, caller, By::Role("r"), json)
}

fn made(tokens: &Tokens, caller: &Caller, json: &str) -> Auth {
    by_role(tokens, caller, json).expect("made").auth.expect("auth")
}

fn text(error: Option<Error>) -> String {
    error.expect("refused").text().unwrap_or_default().to_owned()
}

/// A caller without `root`.
fn dev(tokens: &Tokens) -> Caller {
    let token = created(tokens, &Caller::Host, DEV).client_token;
    bearer(tokens, &token)
}

#[test]
fn the_lesser_of_two_limits_counts_at_creation_and_at_each_renewal() {
    let (tokens, clock) = tokens();
    write(&tokens, r#"{"role_name":"r","token_period":"1h","token_explicit_max_ttl":"10h"}"#)
        .expect("written");
    let reply =
        by_role(&tokens, &Caller::Host, r#"{"policies":"dev","period":"30m","explicit_max_ttl":"2h"}"#);
    let reply = reply.expect("made");
    assert_eq!(
        reply.warnings,
        [
            "Explicit max TTL specified both during creation call and in role; using the lesser value of 7200 seconds",
            "Period specified both during creation call and in role; using the lesser value of 1800 seconds"
        ]
    );
    let auth = reply.auth.expect("auth");
    let token = auth.client_token;
    assert_eq!(auth.lease_duration, 1_800);
    let renew = |increment: &str| {
        let named = format!("{{\"token\":\"{}\",\"increment\":\"{increment}\"}}", token.expose());
        let renewal = tokens.renewal(&fields(RENEW_FIELDS, &named), &deadline())?;
        let renewed = tokens.renew(renewal, None, MOUNT, &deadline())?;
        Ok(renewed.and_then(|reply| reply.auth).expect("auth").lease_duration)
    };
    clock.advance(seconds(1_000));
    assert_eq!(renew("5h").expect("renewed"), 1_800);
    write(&tokens, r#"{"role_name":"r","token_period":"10m"}"#).expect("written");
    assert_eq!(renew("5h").expect("renewed"), 600);
    // What the creator set holds whatever becomes of the role.
    write(&tokens, r#"{"role_name":"r","token_period":0,"token_explicit_max_ttl":0}"#).expect("written");
    assert_eq!(renew("5h").expect("renewed"), 1_800);
    write(&tokens, r#"{"role_name":"r","token_explicit_max_ttl":"20m"}"#).expect("written");
    assert_eq!(renew("5h").expect("renewed"), 200);
    tokens.delete_role("r", &deadline()).expect("deleted");
    let error: Result<i64> = renew("5h");
    let error = error.expect_err("no role");
    assert_eq!((error.status(), error.code()), (500, Code::ReloginRequired));
    assert!(lives(&tokens, &token));
}

#[test]
fn a_role_gives_what_it_allows_to_whoever_may_use_it_and_root_to_nobody() {
    let (tokens, _) = tokens();
    write(&tokens, r#"{"role_name":"r","allowed_policies":"ops","allowed_policies_glob":"team-*,*","disallowed_policies_glob":"*-admin"}"#)
        .expect("written");
    let dev = dev(&tokens);
    assert_eq!(made(&tokens, &dev, "{}").policies, ["default", "ops"]);
    assert_eq!(
        made(&tokens, &dev, r#"{"policies":["TEAM-a"],"no_default_policy":true}"#).policies,
        ["team-a"]
    );
    for (request, refusal) in [
        (r#"{"policies":["team-admin"]}"#, "token policy \"team-admin\" is disallowed by this role"),
        (r#"{"policies":["root"]}"#, "root tokens may not be created without parent token being root"),
        (r#"{"policies":["response-wrapping"]}"#, "cannot assign policy \"response-wrapping\""),
        (r#"{"policies":["ops"],"period":60}"#, "root or sudo privileges required to create periodic token"),
    ] {
        assert_eq!(text(by_role(&tokens, &dev, request).err()), refusal, "{request}");
    }
    // Without lists the rules of tokens without a role hold.
    write(&tokens, r#"{"role_name":"r","allowed_policies":"","allowed_policies_glob":[],"disallowed_policies_glob":null}"#).expect("written");
    assert_eq!(
        text(by_role(&tokens, &dev, r#"{"policies":["ops"]}"#).err()),
        "child policies must be subset of parent"
    );
}

#[test]
fn parent_addresses_uses_and_path_are_the_roles() {
    let (tokens, _) = tokens();
    write(&tokens, r#"{"role_name":"r","orphan":true,"token_bound_cidrs":"10.0.0.0/8","token_num_uses":3,"path_suffix":"v1.x","renewable":false}"#).expect("written");
    let dev = dev(&tokens);
    let auth = made(&tokens, &dev, r#"{"num_uses":5}"#);
    assert!(auth.orphan && !auth.renewable);
    assert_eq!(auth.num_uses, 3);
    let data = looked_up(&tokens, &auth.client_token);
    assert_eq!((data["path"].as_str(), data["role"].as_str()), (Some("auth/token/create/r/v1.x"), Some("r")));
    let address = |text: &str| Some(text.parse().expect("an address"));
    let caller = tokens.authenticate(&auth.client_token, moment(&tokens), &deadline()).expect("lives");
    assert!(caller.check_address(address("10.1.1.1")).is_ok());
    assert!(caller.check_address(address("11.1.1.1")).is_err());
    // Its batch tokens would be of unlimited uses.
    assert_eq!(
        text(by_role(&tokens, &dev, r#"{"type":"batch"}"#).err()),
        "batch tokens cannot have \"num_uses\" set"
    );
    write(
        &tokens,
        r#"{"role_name":"r","token_num_uses":0,"token_type":"default-batch","token_explicit_max_ttl":60}"#,
    )
    .expect("written");
    let auth = made(&tokens, &dev, "{}");
    assert_eq!((auth.token_type, auth.lease_duration), ("batch", 60));
    assert_eq!(made(&tokens, &dev, r#"{"type":"service"}"#).token_type, "service");
}

#[test]
fn an_entity_of_a_role_is_one_for_each_alias_and_nobody_elses() {
    let (tokens, _) = tokens();
    write(&tokens, r#"{"role_name":"r","allowed_entity_aliases":["Job-*"]}"#).expect("written");
    let dev = dev(&tokens);
    let entity = |alias: &str, kind: &str| {
        made(&tokens, &dev, &format!(r#"{{"entity_alias":"{alias}","type":"{kind}"}}"#)).entity_id
    };
    assert_eq!(entity("job-1", "service"), entity("JOB-1", "batch"));
    assert_ne!(entity("job-1", "service"), entity("job-2", "service"));
    assert_eq!(
        text(by_role(&tokens, &dev, r#"{"entity_alias":"fred"}"#).err()),
        "invalid 'entity_alias' value"
    );
    let long = format!(r#"{{"entity_alias":"job-{}"}}"#, "x".repeat(limits::NAME_BYTES));
    assert_eq!(text(by_role(&tokens, &dev, &long).err()), "invalid 'entity_alias' value");
    let auth = made(&tokens, &dev, r#"{"entity_alias":"job-1"}"#);
    let (_, record) = tokens.find(auth.client_token.expose(), &deadline()).expect("found").expect("lives");
    let entity = tokens.entity(&record, moment(&tokens), &deadline()).expect("read").expect("an entity");
    assert_eq!(
        (entity.aliases[0].name.as_str(), entity.aliases[0].mount_accessor.as_str()),
        ("job-1", "auth_token_1")
    );
}

#[test]
fn what_a_role_cannot_be() {
    let (tokens, _) = tokens();
    for (role, refusal) in [
        (
            r#""token_type":"batch""#,
            "'token_type' cannot be 'batch' when role is set to generate non-orphan tokens",
        ),
        (
            r#""token_type":"batch","orphan":true"#,
            "'token_type' cannot be 'batch' when role is set to generate renewable tokens",
        ),
        (
            r#""token_type":"default-batch","token_num_uses":1"#,
            "'token_type' cannot be 'default-batch' when role is set to generate tokens with limited use count",
        ),
        (r#""token_type":"""#, "invalid 'token_type' value \"\""),
        (r#""path_suffix":"a..b""#, "error registering path suffix: path cannot contain parent references"),
        (
            r#""path_suffix":"ab""#,
            "given role path suffix contains invalid characters; must match \\w[\\w-.]+\\w",
        ),
        (
            r#""path_suffix":"abc/def""#,
            "given role path suffix contains invalid characters; must match \\w[\\w-.]+\\w",
        ),
        (r#""token_num_uses":-1"#, "error parsing role fields: 'token_num_uses' cannot be negative"),
    ] {
        assert_eq!(text(write(&tokens, &format!("{{\"role_name\":\"r\",{role}}}")).err()), refusal, "{role}");
    }
    assert!(tokens.read_role("r", &deadline()).expect("read").is_none());
    let warnings = write(&tokens, r#"{"role_name":"r","token_explicit_max_ttl":"9000h"}"#).expect("written");
    assert!(warnings.concat().contains("explicit maximum"), "{warnings:?}");
}

/// What a role does not add may be wished for, where it allows it.
#[test]
fn a_role_that_adds_no_default_still_allows_it() {
    let (tokens, _) = tokens();
    write(
        &tokens,
        r#"{"role_name":"r","token_no_default_policy":true,"allowed_policies":["default","dev"],"token_type":"service"}"#,
    )
    .expect("written");
    let dev = dev(&tokens);
    for (wish, policies) in [
        ("{}", &["default", "dev"][..]),
        (r#"{"policies":["default"]}"#, &["default"]),
        (r#"{"policies":["dev"]}"#, &["dev"]),
        (r#"{"policies":["default","dev"],"no_default_policy":true}"#, &["dev"]),
    ] {
        assert_eq!(made(&tokens, &dev, wish).policies, policies, "{wish}");
    }
}

#[test]
fn roles_and_their_entities_are_bounded() {
    let (tokens, _) = tokens();
    let fill = |prefix: &str, count: usize| {
        let batch = || {
            let puts = (0..count).map(|number| Ok((format!("{prefix}{number:05}"), encode(&"")?)));
            Ok((Batch { puts: puts.collect::<Result<_>>()?, ..Batch::default() }, ()))
        };
        tokens.barrier.update(&deadline(), batch).expect("written");
    };
    fill("token/role/x", limits::TOKEN_ROLES - 1);
    write(&tokens, r#"{"role_name":"r","allowed_entity_aliases":"*"}"#).expect("one more fits");
    assert_eq!(
        write(&tokens, r#"{"role_name":"s"}"#).err().map(|error| error.code()),
        Some(Code::LimitReached)
    );
    // One that is there can be changed.
    write(&tokens, r#"{"role_name":"r","renewable":false}"#).expect("changed");

    // Of one role, and of all together, each of whom has a token.
    fill("entity/role/r/x", limits::ENTITIES_OF_A_ROLE - 1);
    (0..limits::ENTITIES_OF_A_ROLE - 1).for_each(|number| fill(&format!("token/entity/x{number:05}/"), 1));
    fill("entity/user/token/x", limits::ROLE_ENTITIES - 2);
    let dev = dev(&tokens);
    let refused = |wish: &str| by_role(&tokens, &dev, wish).err().map(|error| error.code());
    let free = |key: &str| {
        let deletes = || Ok((Batch { deletes: vec![key.to_owned()], ..Batch::default() }, ()));
        tokens.barrier.update(&deadline(), deletes).expect("written");
    };
    made(&tokens, &dev, r#"{"entity_alias":"a"}"#);
    assert_eq!(refused(r#"{"entity_alias":"b"}"#), Some(Code::LimitReached));
    free("entity/role/r/x00000");
    made(&tokens, &dev, r#"{"entity_alias":"b"}"#);
    free("entity/role/r/x00001");
    assert_eq!(refused(r#"{"entity_alias":"c"}"#), Some(Code::LimitReached));
    free("entity/user/token/x00000");
    made(&tokens, &dev, r#"{"entity_alias":"c"}"#);
    made(&tokens, &dev, r#"{"entity_alias":"a"}"#);

    let names = vec!["x".repeat(1_000); 1_100]
        .iter()
        .enumerate()
        .map(|(n, x)| format!("\"{n}{x}\""))
        .collect::<Vec<_>>();
    let error =
        write(&tokens, &format!("{{\"role_name\":\"r\",\"allowed_policies\":[{}]}}", names.join(","))).err();
    assert_eq!(error.map(|error| error.code()), Some(Code::TooLarge));
}

/// They are no more than there are tokens, however many aliases there have been.
#[test]
fn entities_of_roles_go_with_their_tokens() {
    let (tokens, clock) = tokens();
    write(&tokens, r#"{"role_name":"r","allowed_entity_aliases":"*","token_type":"default-service"}"#)
        .expect("written");
    let dev = dev(&tokens);
    let make = |alias: &str, more: &str| {
        made(&tokens, &dev, &format!("{{\"entity_alias\":\"{alias}\",\"policies\":[\"dev\"]{more}}}"))
    };
    let rows = |prefix: &str| tokens.barrier.count(prefix, 100_000, &deadline()).expect("counted");
    let all = || {
        ["id/", "user/token/", "name/token/", "role/r/", "typed/token/"]
            .map(|kind| rows(&format!("entity/{kind}")))
    };
    let idle = || tokens.forget_idle_entities(None, &deadline()).expect("looked");
    let short = make("short", r#","ttl":60"#);
    // Folded it would be another.
    let long = make("lo\u{17f}g", r#","ttl":600"#);
    make("batch", r#","ttl":300,"type":"batch""#);
    assert_eq!((idle(), all()), (0, [3; 5]));

    clock.advance(Duration::from_secs(61));
    // Its row goes with the token's others.
    sweep_all(&tokens);
    assert_eq!((idle(), all()), (1, [2; 5]));
    clock.advance(Duration::from_secs(300));
    assert_eq!((idle(), all()), (1, [1; 5]));
    // Whoever has it again is somebody new.
    assert_ne!(make("short", "").entity_id, short.entity_id);
    assert_eq!(make("lo\u{17f}g", "").entity_id, long.entity_id);
    revoke(&tokens, &long.client_token);
    assert_eq!((idle(), all()), (0, [2; 5]));
}

#[test]
fn entities_without_tokens_make_room_for_others_once_in_a_while() {
    let (tokens, clock) = tokens();
    let dev = dev(&tokens);
    let fill = |role: &str| {
        write(&tokens, &format!("{{\"role_name\":\"{role}\",\"allowed_entity_aliases\":\"*\"}}"))
            .expect("written");
        let rows = || {
            let row = |n| Ok((format!("entity/role/{role}/gone{n}"), encode(&())?));
            let puts = (0..limits::ENTITIES_OF_A_ROLE).map(row).collect::<Result<_>>()?;
            Ok((Batch { puts, ..Batch::default() }, ()))
        };
        tokens.barrier.update(&deadline(), rows).expect("written");
    };
    let make = |role: &str| {
        let wish = r#"{"entity_alias":"a","policies":["dev"]}"#;
        create_by(&tokens, &dev, By::Role(role), wish).err().map(|error| error.code())
    };
    let count = |prefix: &str| tokens.barrier.count(prefix, 100_000, &deadline()).expect("counted");
    fill("r");
    assert_eq!((make("r"), count("entity/role/r/")), (None, 1));
    fill("s");
    let asked = r#"{"entity_alias":"b","policies":["dev"]}"#;
    let refused = || create_by(&tokens, &dev, By::Role("s"), asked).err().map(|error| error.code());
    assert_eq!(refused(), Some(Code::LimitReached));
    clock.advance(Duration::from_secs(limits::IDLE_ENTITIES_PAUSE_SECONDS.unsigned_abs()));
    assert_eq!((refused(), count("entity/role/s/")), (None, 1));
}
