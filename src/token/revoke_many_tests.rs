//! Whose tokens end when those of a user, a group, a mount or a path do, and whose do not.

use super::entity::AliasOf;
use super::grant::tests::grant;
use super::revoke_many::UNKNOWN;
use super::testing::*;
use super::{Caller, Grant, Tokens};
use crate::limits;
use crate::reply::Reply;
use crate::secret::Secret;
use crate::storage::{Batch, encode};
use crate::token_fields::TokenFields;

/// A login at `m1`: the id and the login that Okta gives the user, what he typed, and his group.
fn log_in(tokens: &Tokens, [id, name, typed, group]: [&str; 4], batch: bool) -> Secret<String> {
    let settings = TokenFields::default();
    let plain = grant(id, &settings);
    let grant = Grant {
        alias: AliasOf { name, typed, ..plain.alias },
        path: format!("auth/okta/login/{typed}"),
        groups: vec![group.to_owned()],
        batch,
        ..plain
    };
    tokens.issue(grant, &mut |_| Ok(()), &deadline()).expect("issued").0.client_token
}

const FRED: [&str; 4] = ["00u1", "fred@acme.com", "Fred", "engineers"];
const FRED_IN_FULL: [&str; 4] = ["00u1", "fred@acme.com", "FRED@acme.com", "engineers"];
const BOB: [&str; 4] = ["00u2", "bob@acme.com", "bob", "Engineers"];
const ANN: [&str; 4] = ["00u3", "ann@acme.com", "ann", "ops"];

/// Service and batch tokens of fred (two each), bob and ann, in this order.
fn all(tokens: &Tokens) -> Vec<Secret<String>> {
    let logins = [FRED, FRED_IN_FULL, BOB, ANN];
    [false, true].iter().flat_map(|batch| logins.map(|login| log_in(tokens, login, *batch))).collect()
}

fn living(tokens: &Tokens, all: &[Secret<String>]) -> Vec<bool> {
    all.iter().map(|token| lives(tokens, token)).collect()
}

fn revoked(reply: Option<Reply>) -> (i64, usize) {
    let reply = reply.expect("an answer");
    (reply.data.expect("data")["revoked"].as_i64().expect("a number"), reply.warnings.len())
}

fn warnings(reply: &Option<Reply>) -> &[String] {
    reply.as_ref().map_or(&[], |reply| &reply.warnings)
}

#[test]
fn a_users_tokens_end_however_he_is_named_and_nobody_elses() {
    for name in ["00u1", "fred@acme.com", "Fred@ACME.com", "fred", "FRED"] {
        let (tokens, _) = tokens();
        let logins = all(&tokens);
        let child = created(&tokens, &bearer(&tokens, &logins[0]), "{}").client_token;
        assert_eq!(revoked(tokens.revoke_user("m1", name, &deadline()).expect("revoked")), (2, 1), "{name}");
        assert_eq!(living(&tokens, &logins), [false, false, true, true, false, false, true, true], "{name}");
        assert!(!lives(&tokens, &child));
        assert_eq!(revoked(tokens.revoke_user("m1", name, &deadline()).expect("again")), (0, 1), "{name}");
        // He can log in again, and what he gets then is good.
        assert!(
            lives(&tokens, &log_in(&tokens, FRED, false)) && lives(&tokens, &log_in(&tokens, FRED, true))
        );
    }
    let (tokens, _) = tokens();
    let logins = all(&tokens);
    for name in ["", "fre", "fred@acme.com/", "engineers", "00u"] {
        let reply = tokens.revoke_user("m1", name, &deadline()).expect("nobody");
        assert_eq!(warnings(&reply), [UNKNOWN], "{name}");
        assert_eq!(revoked(reply).0, 0, "{name}");
    }
    assert!(living(&tokens, &logins).iter().all(|lives| *lives));
}

#[test]
fn a_groups_tokens_end_in_any_letter_case() {
    let (tokens, _) = tokens();
    let logins = all(&tokens);
    assert_eq!(revoked(tokens.revoke_group("m1", "ENGINEERS", &deadline()).expect("revoked")), (3, 1));
    assert_eq!(living(&tokens, &logins), [false, false, false, true, false, false, false, true]);
    // Not of that group any more.
    let moved = ["00u1", "fred@acme.com", "fred", "ops"];
    let (service, batch) = (log_in(&tokens, moved, false), log_in(&tokens, moved, true));
    assert_eq!(revoked(tokens.revoke_group("m1", "engineers", &deadline()).expect("revoked")).0, 0);
    assert!(lives(&tokens, &service) && lives(&tokens, &batch));
}

#[test]
fn a_mounts_tokens_end_and_it_goes_on() {
    let (tokens, _) = tokens();
    let logins = all(&tokens);
    let entity = looked_up(&tokens, &logins[0])["entity_id"].as_str().map(str::to_owned);
    let by_hand = created(&tokens, &Caller::Host, DEV).client_token;
    assert_eq!(revoked(tokens.revoke_all("m1", &deadline()).expect("revoked")), (4, 1));
    assert!(living(&tokens, &logins).iter().all(|lives| !lives) && lives(&tokens, &by_hand));
    for batch in [false, true] {
        let token = log_in(&tokens, FRED, batch);
        assert_eq!(looked_up(&tokens, &token)["entity_id"].as_str().map(str::to_owned), entity);
    }
    // One that never issued batch tokens has none to warn of.
    assert_eq!(revoked(tokens.revoke_all("m2", &deadline()).expect("revoked")), (0, 0));
}

#[test]
fn a_path_is_one_with_all_below_it() {
    let (tokens, _) = tokens();
    let logins = all(&tokens);
    let service = |tokens: &Tokens| living(tokens, &logins[..4]);
    for path in ["auth/okta/login/fre", "auth/okta/log", "auth/okt"] {
        tokens.revoke_path("m1", path, &deadline()).expect("nothing");
        assert_eq!(service(&tokens), [true; 4], "{path}");
    }
    tokens.revoke_path("m1", "auth/okta/login/bob/", &deadline()).expect("revoked");
    assert_eq!(service(&tokens), [true, true, false, true]);
    tokens.revoke_path("m1", "auth/okta", &deadline()).expect("revoked");
    assert_eq!(service(&tokens), [false; 4]);
}

#[test]
fn many_go_page_by_page_and_the_next_call_goes_on() {
    let (tokens, _) = tokens();
    let fred: Vec<_> = (0..250).map(|_| log_in(&tokens, FRED, false)).collect();
    let bob = log_in(&tokens, BOB, false);
    let error = tokens.revoke_user("m1", "fred", &cut_short()).err().expect("no time");
    assert_eq!(error.status(), 503);
    let count = revoked(tokens.revoke_user("m1", "fred", &deadline()).expect("revoked")).0;
    assert_eq!(count, 250);
    assert!(fred.iter().all(|token| !lives(&tokens, token)) && lives(&tokens, &bob));
    assert_eq!(stored_keys(&tokens).len(), 3);
}

#[test]
fn what_is_remembered_of_users_and_groups_is_bounded() {
    let (tokens, _) = tokens();
    let names: Vec<String> = (0..=limits::TYPED_NAMES).map(|number| format!("fred{number}")).collect();
    for typed in &names {
        log_in(&tokens, ["00u1", "fred@acme.com", typed, "ops"], false);
    }
    let [first, .., last] = names.as_slice() else { unreachable!() };
    let reply = tokens.revoke_user("m1", last, &deadline()).expect("unknown");
    assert_eq!(warnings(&reply), [UNKNOWN]);
    assert_eq!(revoked(reply).0, 0);
    assert_eq!(revoked(tokens.revoke_user("m1", first, &deadline()).expect("known")).0, 17);
    for name in [first, "fred@acme.com", "00u1"] {
        let reply = tokens.revoke_user("m1", name, &deadline()).expect("known");
        assert!(warnings(&reply).is_empty(), "{name}");
        assert_eq!(revoked(reply).0, 0, "{name}");
    }

    let (tokens, _) = super::testing::tokens();
    let (fred, bob) = (log_in(&tokens, FRED, true), log_in(&tokens, BOB, true));
    let batch = || {
        let rows = (0..limits::BATCH_ENDS)
            .map(|number| Ok((format!("token/batch/m1/entity/{number}"), encode(&1)?)));
        Ok((Batch { puts: rows.collect::<crate::error::Result<_>>()?, ..Batch::default() }, ()))
    };
    tokens.barrier.update(&deadline(), batch).expect("written");
    tokens.revoke_user("m1", "bob", &deadline()).expect("revoked");
    // There is no room to note bob alone.
    assert!(!lives(&tokens, &bob) && !lives(&tokens, &fred));
    assert!(tokens.barrier.list_keys("token/batch/m1/", "", 9, &deadline()).expect("a listing").is_empty());
    assert!(lives(&tokens, &log_in(&tokens, FRED, true)));
}
