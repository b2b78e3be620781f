//! The life of tokens as a whole: their ends, their families, and a plain model to compare with.

use super::grant::tests::{grant, login, of_mount};
use super::testing::*;
use super::{ACCESSOR_FIELDS, Caller, Tokens};
use crate::cidr::Cidr;
use crate::clock::Clock;
use crate::json::{Object, Value};
use crate::log::Logger;
use crate::secret::Secret;
use crate::storage::{Barrier, SqliteStorage};
use crate::token_fields::TokenFields;
use proptest::prelude::*;
use std::sync::Arc;

#[test]
fn only_the_very_token_is_known() {
    let (tokens, _) = tokens();
    let token = created(&tokens, &Caller::Host, DEV).client_token;
    assert!(lives(&tokens, &token));
    let invalid = (403, "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n".to_owned());
    let known = token.expose();
    for other in [format!("{known}\n"), format!(" {known}"), known.to_lowercase(), "x".repeat(10_000)] {
        assert_eq!(refusal(&tokens, &other), invalid);
    }
    assert_eq!(refusal(&tokens, ""), (403, "permission denied".to_owned()));
    let keys = stored_keys(&tokens);
    assert_eq!(keys.len(), 3, "{keys:?}");
    assert!(keys.iter().all(|key| !key.contains(known)));
}

#[test]
fn the_last_use_is_the_last() {
    let (tokens, _) = tokens();
    let token = created(&tokens, &Caller::Host, r#"{"policies":["dev"],"num_uses":2}"#).client_token;
    let shown = |caller: &Caller| {
        let reply = tokens.lookup_self(caller).expect("shown");
        reply.and_then(|reply| reply.data).and_then(|data| data["num_uses"].as_i64())
    };
    assert_eq!(looked_up(&tokens, &token)["num_uses"].as_i64(), Some(2));
    assert_eq!(shown(&bearer(&tokens, &token)), Some(1));
    let last = bearer(&tokens, &token);
    assert_eq!(shown(&last), Some(-1));
    assert_eq!(refusal(&tokens, token.expose()).0, 403);
    let error =
        tokens.lookup(&Caller::Host, &token_field(&token), moment(&tokens), &deadline()).err().expect("gone");
    assert_eq!((error.status(), error.text()), (403, Some("bad token")));
    // The request that took it still sees itself.
    assert!(tokens.lookup(&last, &token_field(&token), moment(&tokens), &deadline()).is_ok());
    assert!(stored_keys(&tokens).is_empty());
}

#[test]
fn bound_tokens_are_refused_elsewhere_and_keep_their_uses() {
    let (tokens, _) = tokens();
    let bound_cidrs = vec![Cidr::parse("10.20.0.0/16").expect("a network")];
    let settings = TokenFields { bound_cidrs, num_uses: 1, ..TokenFields::default() };
    let issued = tokens.issue(grant("00u1", &settings), &mut |_| Ok(()), &deadline());
    let token = issued.expect("issued").0.client_token;
    for remote in [None, Some("10.21.0.1"), Some("::1")] {
        let remote = remote.map(|text| text.parse().expect("an address"));
        let caller = tokens.authenticate(&token, moment(&tokens), &deadline()).expect("lives");
        let error = caller.check_address(remote).expect_err("refused");
        assert_eq!(error.shown(true).as_deref(), Some("1 error occurred:\n\t* permission denied\n\n"));
    }
    let shown = looked_up(&tokens, &token);
    let cidrs = shown["bound_cidrs"].as_array().unwrap_or_default();
    assert_eq!(cidrs.iter().filter_map(Value::as_str).collect::<Vec<_>>(), ["10.20.0.0/16"]);
    let caller = tokens.authenticate(&token, moment(&tokens), &deadline()).expect("lives");
    assert!(caller.check_address("10.20.9.9".parse().ok()).is_ok());
}

/// From the recordings of a root token.
#[test]
fn the_hosts_root_token_has_no_lease() {
    let (tokens, _) = tokens();
    let root = created(&tokens, &Caller::Host, ROOT).client_token;
    let members = |data: &Object| data.keys().collect::<Vec<_>>().join(" ");
    let data = looked_up(&tokens, &root);
    assert_eq!(
        members(&data),
        "accessor creation_time creation_ttl display_name entity_id expire_time explicit_max_ttl id meta \
         num_uses orphan path policies ttl type"
    );
    assert_eq!(data["path"].as_str(), Some("auth/token/root"));
    assert_eq!(data["display_name"].as_str(), Some("root"));
    let child = created(&tokens, &bearer(&tokens, &root), "{}").client_token;
    let data = looked_up(&tokens, &child);
    assert_eq!(data["path"].as_str(), Some("auth/token/create"));
    assert!(matches!(data["renewable"], Value::Bool(false)));
    assert!(data.contains_key("issue_time") && matches!(data["expire_time"], Value::Null));
}

#[test]
fn accessors_find_without_giving_away() {
    let (tokens, clock) = tokens();
    let auth = login(&tokens, "00u1");
    let by_accessor = |accessor: &str| {
        let fields = fields(ACCESSOR_FIELDS, &format!("{{\"accessor\":\"{accessor}\"}}"));
        tokens.lookup_accessor(&Caller::Host, &fields, &deadline())
    };
    let data = by_accessor(&auth.accessor).expect("found").and_then(|reply| reply.data).expect("data");
    assert_eq!(data["id"].as_str(), Some(""));
    for (accessor, text) in [("", "missing accessor"), ("unknown", "invalid accessor")] {
        let error = by_accessor(accessor).err().expect("refused");
        assert_eq!(error.shown(true), Some(format!("1 error occurred:\n\t* {text}\n\n")));
    }
    let other = created(&tokens, &Caller::Host, DEV);
    let mut both = [auth.accessor.clone(), other.accessor.clone()];
    both.sort();
    assert_eq!(accessors(&tokens), both);
    let fields = fields(ACCESSOR_FIELDS, &format!("{{\"accessor\":\"{}\"}}", other.accessor));
    assert!(tokens.revoke_accessor(&fields, &deadline()).expect("revoked").is_none());
    let again = tokens.revoke_accessor(&fields, &deadline()).expect("no error");
    assert_eq!(again.expect("a warning").warnings, ["No token found with this accessor"]);
    assert_eq!(accessors(&tokens), [auth.accessor]);
    clock.advance(seconds(3_600));
    assert!(accessors(&tokens).is_empty());
}

/// A parent, its child, and that one's child.
fn family(tokens: &Tokens) -> [Secret<String>; 3] {
    let parent = created(tokens, &Caller::Host, r#"{"policies":["dev"],"ttl":"1h"}"#).client_token;
    let child = created(tokens, &bearer(tokens, &parent), "{}").client_token;
    let grandchild = created(tokens, &bearer(tokens, &child), "{}").client_token;
    [parent, child, grandchild]
}

#[test]
fn descendants_die_with_their_ancestors() {
    let (tokens, clock) = tokens();
    let [parent, child, grandchild] = family(&tokens);
    revoke(&tokens, &child);
    assert_eq!([&parent, &child, &grandchild].map(|token| lives(&tokens, token)), [true, false, false]);
    assert_eq!(accessors(&tokens).len(), 1);
    revoke(&tokens, &parent);
    assert!(stored_keys(&tokens).is_empty());

    let [parent, child, grandchild] = family(&tokens);
    clock.advance(seconds(3_600));
    assert!(accessors(&tokens).is_empty());
    assert_eq!([&parent, &child, &grandchild].map(|token| lives(&tokens, token)), [false; 3]);
    sweep_all(&tokens);
    assert!(stored_keys(&tokens).is_empty());
}

#[test]
fn a_revocation_that_was_cut_short_holds_and_is_finished_by_the_sweep() {
    let (tokens, _) = tokens();
    let [parent, child, grandchild] = family(&tokens);
    tokens.revoke(&token_field(&parent), &cut_short()).expect("revoked");
    assert!(!stored_keys(&tokens).is_empty());
    assert_eq!([&parent, &child, &grandchild].map(|token| lives(&tokens, token)), [false; 3]);
    assert!(accessors(&tokens).is_empty());
    sweep_all(&tokens);
    assert!(stored_keys(&tokens).is_empty());
}

#[test]
fn orphaned_children_live_on() {
    for cut in [false, true] {
        let (tokens, clock) = tokens();
        let [parent, child, grandchild] = family(&tokens);
        let deadline = if cut { cut_short() } else { deadline() };
        tokens.revoke_orphan(&Caller::Host, &token_field(&parent), &deadline).expect("revoked");
        assert_eq!([&parent, &child, &grandchild].map(|token| lives(&tokens, token)), [false, true, true]);
        assert_eq!(accessors(&tokens).len(), 2);
        sweep_all(&tokens);
        // Past the parent's end.
        clock.advance(seconds(3_600));
        sweep_all(&tokens);
        assert_eq!([&parent, &child, &grandchild].map(|token| lives(&tokens, token)), [false, true, true]);
        assert!(matches!(looked_up(&tokens, &child)["orphan"], Value::Bool(true)));
        revoke(&tokens, &child);
        assert!(stored_keys(&tokens).is_empty());
    }
}

/// A token whose children were to become orphans, but the process died: they are none of its parent's any more.
#[test]
fn children_being_cut_loose_survive_what_is_above_their_parent() {
    for end in ["revoked", "cut short", "orphaned", "expired", "disabled"] {
        let (tokens, clock) = tokens();
        let top = login(&tokens, "00u1").client_token;
        let parent = created(&tokens, &bearer(&tokens, &top), r#"{"ttl":"1h"}"#).client_token;
        let child = created(&tokens, &bearer(&tokens, &parent), r#"{"ttl":"10h"}"#).client_token;
        let grandchild = created(&tokens, &bearer(&tokens, &child), r#"{"ttl":"10h"}"#).client_token;
        tokens.revoke_orphan(&Caller::Host, &token_field(&parent), &cut_short()).expect("revoked");
        match end {
            "revoked" => revoke(&tokens, &top),
            "cut short" => drop(tokens.revoke(&token_field(&top), &cut_short()).expect("revoked")),
            "orphaned" => {
                drop(tokens.revoke_orphan(&Caller::Host, &token_field(&top), &deadline()).expect("revoked"));
            }
            "expired" => clock.advance(seconds(3_600)),
            _ => tokens.revoke_mount("m1", &deadline()).expect("revoked"),
        }
        let living = || [&top, &parent, &child, &grandchild].map(|token| lives(&tokens, token));
        assert_eq!(living(), [false, false, true, true], "{end}");
        assert_eq!(accessors(&tokens).len(), 2, "{end}");
        sweep_all(&tokens);
        assert_eq!(living(), [false, false, true, true], "{end}");
        assert!(matches!(looked_up(&tokens, &child)["orphan"], Value::Bool(true)), "{end}");
        revoke(&tokens, &child);
        assert!(stored_keys(&tokens).is_empty(), "{end}");
    }
}

#[test]
fn an_expired_token_makes_room_for_its_custom_id() {
    let (tokens, clock) = tokens();
    let request = r#"{"policies":["dev"],"id":"mine","ttl":60}"#;
    let first = created(&tokens, &Caller::Host, request);
    let child = created(&tokens, &bearer(&tokens, &first.client_token), "{}").client_token;
    clock.advance(seconds(60));
    assert_ne!(created(&tokens, &Caller::Host, request).accessor, first.accessor);
    assert!(!lives(&tokens, &child));
    assert_eq!(stored_keys(&tokens).len(), 3);
}

#[test]
fn what_was_answered_is_on_the_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || {
        let engine = SqliteStorage::open(&folder.path().join("db"), &deadline()).expect("opened");
        let barrier = Barrier::open(Box::new(engine), &Secret::new([7; 32]), &deadline());
        Tokens::new(Arc::new(barrier.expect("opened")), Clock::driven(START), Logger::default())
    };
    let tokens = open();
    let [parent, child, grandchild] = family(&tokens);
    let gone = login(&tokens, "00u1").client_token;
    revoke(&tokens, &gone);
    tokens.barrier.close(&deadline());
    let tokens = open();
    assert_eq!(
        [&parent, &child, &grandchild, &gone].map(|token| lives(&tokens, token)),
        [true, true, true, false]
    );
    revoke(&tokens, &parent);
    assert!(stored_keys(&tokens).is_empty());
}

#[test]
fn orphaning_needs_sudo_and_a_token() {
    let (tokens, _) = tokens();
    let token = created(&tokens, &Caller::Host, DEV).client_token;
    let caller = bearer(&tokens, &token);
    for (caller, token, text) in [
        (&Caller::Host, "", "missing token ID"),
        (&Caller::Host, "unknown", "token to revoke not found"),
        (&caller, "unknown", "root or sudo privileges required to revoke and orphan"),
    ] {
        let fields = token_field(&Secret::from(token));
        let error = tokens.revoke_orphan(caller, &fields, &deadline()).err().expect("refused");
        assert_eq!((error.status(), error.text()), (400, Some(text)));
    }
}

#[test]
fn a_mount_takes_its_tokens_and_entities_with_it() {
    let (tokens, _) = tokens();
    let settings = TokenFields::default();
    let other = tokens
        .issue(of_mount("m10", grant("00u1", &settings)), &mut |_| Ok(()), &deadline())
        .expect("issued")
        .0;
    let mut dying = Vec::new();
    for number in 0..250 {
        let token = login(&tokens, &format!("00u{number}")).client_token;
        if number % 50 == 0 {
            dying.push(created(&tokens, &bearer(&tokens, &token), "{}").client_token);
        }
        dying.push(token);
    }
    tokens.revoke_mount("m1", &deadline()).expect("revoked");
    assert!(dying.iter().all(|token| !lives(&tokens, token)));
    assert_eq!(accessors(&tokens), [other.accessor.as_str()]);
    assert_eq!(stored_keys(&tokens).len(), 3);
    let entities = tokens.barrier.list_keys("entity/user/", "", 9, &deadline()).expect("a listing");
    assert_eq!(entities.len(), 1);
    assert_ne!(login(&tokens, "00u1").entity_id, other.entity_id);
}

#[test]
fn many_children_go_page_by_page() {
    let (tokens, _) = tokens();
    let parent = created(&tokens, &Caller::Host, DEV).client_token;
    let caller = bearer(&tokens, &parent);
    for number in 0..230 {
        let child = created(&tokens, &caller, "{}").client_token;
        if number % 20 == 0 {
            created(&tokens, &bearer(&tokens, &child), "{}");
        }
    }
    revoke(&tokens, &parent);
    assert!(stored_keys(&tokens).is_empty());
}

/// What a token is, said plainly.
struct Model {
    token: Secret<String>,
    parent: Option<usize>,
    expires: Option<i64>,
    uses: i64,
    revoked: bool,
}

fn model_lives(models: &[Model], number: usize, now: i64) -> bool {
    let model = &models[number];
    !model.revoked
        && model.expires.is_none_or(|expires| now < expires)
        && model.parent.is_none_or(|parent| model_lives(models, parent, now))
}

#[derive(Clone, Debug)]
enum Step {
    Create { parent: Option<usize>, ttl: i64, uses: i64 },
    Advance(u64),
    Use(usize),
    Renew(usize, i64),
    Revoke(usize),
    RevokeCutShort(usize),
    Orphan(usize),
    Sweep,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (proptest::option::of(0..20_usize), 1..200_i64, 0..4_i64)
            .prop_map(|(parent, ttl, uses)| Step::Create { parent, ttl, uses: if uses < 3 { 0 } else { uses } }),
        2 => (1..60_u64).prop_map(Step::Advance),
        2 => (0..20_usize).prop_map(Step::Use),
        2 => (0..20_usize, 1..200_i64).prop_map(|(number, increment)| Step::Renew(number, increment)),
        1 => (0..20_usize).prop_map(Step::Revoke),
        1 => (0..20_usize).prop_map(Step::RevokeCutShort),
        1 => (0..20_usize).prop_map(Step::Orphan),
        1 => Just(Step::Sweep),
    ]
}

fn carry_out(tokens: &Tokens, clock: &Clock, models: &mut Vec<Model>, step: &Step) {
    let now = clock.now();
    let pick = |number: usize| (!models.is_empty()).then(|| number % models.len());
    match *step {
        Step::Create { parent, ttl, uses } => {
            let parent = parent.and_then(pick);
            // Using the parent must not count here.
            if parent.is_some_and(|parent| models[parent].uses > 0 || !model_lives(models, parent, now)) {
                return;
            }
            let caller = parent.map_or(Caller::Host, |parent| bearer(tokens, &models[parent].token));
            let json = format!("{{\"policies\":[\"default\"],\"ttl\":{ttl},\"num_uses\":{uses}}}");
            let token = created(tokens, &caller, &json).client_token;
            models.push(Model { token, parent, expires: Some(now + ttl), uses, revoked: false });
        }
        Step::Advance(by) => clock.advance(seconds(by)),
        Step::Use(number) => {
            let Some(number) = pick(number) else { return };
            let lived = model_lives(models, number, now);
            let used = used(tokens, &models[number].token);
            assert_eq!(used.is_ok(), lived);
            if lived && models[number].uses > 0 {
                models[number].uses -= 1;
                models[number].revoked = models[number].uses == 0;
            }
        }
        Step::Renew(number, increment) => {
            let Some(number) = pick(number) else { return };
            let lived = model_lives(models, number, now);
            let json =
                format!("{{\"token\":\"{}\",\"increment\":{increment}}}", models[number].token.expose());
            let fields = fields(super::RENEW_FIELDS, &json);
            let renewed = tokens
                .renewal(&fields, &deadline())
                .and_then(|renewal| tokens.renew(renewal, None, MOUNT, &deadline()));
            assert_eq!(renewed.is_ok(), lived);
            if lived {
                models[number].expires = Some(now + increment);
            }
        }
        Step::Revoke(number) | Step::RevokeCutShort(number) => {
            let Some(number) = pick(number) else { return };
            let deadline = if matches!(step, Step::Revoke(_)) { deadline() } else { cut_short() };
            tokens.revoke(&token_field(&models[number].token), &deadline).expect("revoked");
            models[number].revoked = true;
        }
        Step::Orphan(number) => {
            let Some(number) = pick(number) else { return };
            let lived = model_lives(models, number, now);
            let revoked =
                tokens.revoke_orphan(&Caller::Host, &token_field(&models[number].token), &deadline());
            assert_eq!(revoked.is_ok(), lived);
            if lived {
                models[number].revoked = true;
                models
                    .iter_mut()
                    .filter(|model| model.parent == Some(number))
                    .for_each(|model| model.parent = None);
            }
        }
        Step::Sweep => {
            tokens.sweep(5, &deadline()).expect("a sweep");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn tokens_live_as_a_plain_model_says(steps in proptest::collection::vec(step(), 1..60)) {
        let (tokens, clock) = tokens();
        let mut models = Vec::new();
        for step in &steps {
            carry_out(&tokens, &clock, &mut models, step);
            let living: Vec<usize> =
                (0..models.len()).filter(|number| model_lives(&models, *number, clock.now())).collect();
            for (number, model) in models.iter().enumerate() {
                prop_assert_eq!(lives(&tokens, &model.token), living.contains(&number), "token {}", number);
            }
            prop_assert_eq!(accessors(&tokens).len(), living.len());
        }
        clock.advance(seconds(1_000));
        sweep_all(&tokens);
        let keys = stored_keys(&tokens);
        prop_assert!(keys.is_empty(), "{:?}", keys);
    }
}
