//! Batch tokens: what they can, how they end, and that none can be made by others.

use super::grant::tests::{grant, of_mount};
use super::testing::*;
use super::{Caller, Grant, RENEW_FIELDS, Tokens};
use crate::cidr::Cidr;
use crate::error::Code;
use crate::limits;
use crate::log::Logger;
use crate::secret::Secret;
use crate::storage::{Barrier, MemoryStorage};
use crate::token_fields::TokenFields;
use proptest::prelude::*;
use std::sync::Arc;

const BATCH: &str = r#"{"policies":["dev"],"type":"batch","ttl":"1h","meta":{"k":"v"}}"#;

/// The batch token of a login of one hour.
fn login(tokens: &Tokens, mount_id: &str, user_id: &str) -> Secret<String> {
    let settings = TokenFields { ttl: 3_600, ..TokenFields::default() };
    let grant = Grant { batch: true, ..of_mount(mount_id, grant(user_id, &settings)) };
    tokens.issue(grant, &mut |_| Ok(()), &deadline()).expect("issued").0.client_token
}

#[test]
fn nothing_is_stored_of_it_and_all_is_shown() {
    let (tokens, clock) = tokens();
    let parent = created(&tokens, &Caller::Host, DEV).client_token;
    let rows = stored_keys(&tokens).len();
    let auth = created(&tokens, &bearer(&tokens, &parent), BATCH);
    assert_eq!(stored_keys(&tokens).len(), rows);
    assert_eq!((auth.token_type, auth.accessor.as_str(), auth.orphan), ("batch", "", false));
    assert!(!auth.renewable && auth.client_token.expose().starts_with("hvb."));
    clock.advance(seconds(100));
    let data = looked_up(&tokens, &auth.client_token);
    let number = |name: &str| data[name].as_i64();
    assert_eq!(
        (number("ttl"), number("creation_ttl"), number("num_uses")),
        (Some(3_500), Some(3_600), Some(0))
    );
    assert_eq!(data["type"].as_str(), Some("batch"));
    assert_eq!(data["meta"].as_object().and_then(|meta| meta["k"].as_str()), Some("v"));
    // It can be used, and each time anew.
    for _ in 0..3 {
        let caller = bearer(&tokens, &auth.client_token);
        assert_eq!(caller.record().expect("a token").policies, ["default", "dev"]);
    }
    clock.advance(seconds(3_499));
    assert!(lives(&tokens, &auth.client_token));
    clock.advance(seconds(1));
    assert!(!lives(&tokens, &auth.client_token));
    // Seen expired, it stays so.
    clock.set(START);
    assert!(!lives(&tokens, &auth.client_token));
}

#[test]
fn what_cannot_be_done_to_it() {
    let (tokens, _) = tokens();
    let token = created(&tokens, &Caller::Host, BATCH).client_token;
    let caller = bearer(&tokens, &token);
    let named = token_field(&token);
    let renewal = fields(RENEW_FIELDS, &format!("{{\"token\":\"{}\"}}", token.expose()));
    for (error, text) in [
        (create(&tokens, &caller, "{}").err(), "batch tokens cannot create more tokens"),
        (tokens.renewal(&renewal, &deadline()).err(), "batch tokens cannot be renewed"),
        (tokens.renewal_of_caller(&caller, &renewal).err(), "batch tokens cannot be renewed"),
        (tokens.revoke(&named, &deadline()).err(), "batch tokens cannot be revoked"),
        (tokens.revoke_self(&caller, &deadline()).err(), "batch tokens cannot be revoked"),
        (tokens.revoke_orphan(&Caller::Host, &named, &deadline()).err(), "batch tokens cannot be revoked"),
    ] {
        let error = error.expect(text);
        assert_eq!((error.status(), error.text()), (400, Some(text)));
    }
    assert!(lives(&tokens, &token));
    assert!(accessors(&tokens).is_empty());
}

#[test]
fn it_dies_with_its_parent_however_that_ends() {
    for by_time in [true, false] {
        let (tokens, clock) = tokens();
        let parent = created(&tokens, &Caller::Host, r#"{"policies":["dev"],"ttl":"10m"}"#).client_token;
        let child = created(&tokens, &bearer(&tokens, &parent), BATCH).client_token;
        assert!(lives(&tokens, &child));
        if by_time {
            clock.advance(seconds(600));
        } else {
            let orphaned = tokens.revoke_orphan(&Caller::Host, &token_field(&parent), &deadline());
            assert!(orphaned.expect("revoked").is_none());
        }
        assert!(!lives(&tokens, &child));
    }
}

#[test]
fn a_logins_dies_with_its_mount() {
    let (tokens, _) = tokens();
    let [fred, bob, other] =
        [("m1", "00u1"), ("m1", "00u2"), ("m10", "00u1")].map(|(mount, user)| login(&tokens, mount, user));
    assert_eq!(looked_up(&tokens, &fred)["path"].as_str(), Some("auth/okta/login/fred"));
    assert!(!looked_up(&tokens, &fred)["entity_id"].as_str().unwrap_or_default().is_empty());
    tokens.revoke_mount("m1", &deadline()).expect("revoked");
    assert!(!lives(&tokens, &fred) && !lives(&tokens, &bob) && lives(&tokens, &other));
}

#[test]
fn it_is_bound_to_addresses_as_its_parent_is() {
    let (tokens, _) = tokens();
    let bound_cidrs = vec![Cidr::parse("10.20.0.0/16").expect("a network")];
    let settings = TokenFields { bound_cidrs, ..TokenFields::default() };
    let from = |token: &Secret<String>, address: &str| {
        let address = address.parse().expect("an address");
        let caller = tokens.authenticate(token, moment(&tokens), &deadline());
        let caller = caller.and_then(|caller| caller.check_address(Some(address)).map(|()| caller));
        caller.map_err(|error| error.status())
    };
    let (parent, _) = tokens.issue(grant("00u1", &settings), &mut |_| Ok(()), &deadline()).expect("issued");
    let caller = from(&parent.client_token, "10.20.0.1").expect("from there");
    let child = created(&tokens, &caller, "{}").client_token;
    let batch = created(&tokens, &caller, r#"{"type":"batch"}"#).client_token;
    for token in [&child, &batch] {
        assert!(from(token, "10.20.0.1").is_ok());
        assert_eq!(from(token, "10.21.0.1").err(), Some(403));
    }
}

#[test]
fn uses_cannot_be_counted() {
    let (tokens, _) = tokens();
    let settings = TokenFields { num_uses: 2, ..TokenFields::default() };
    let grant = Grant { batch: true, ..grant("00u1", &settings) };
    let error = tokens.issue(grant, &mut |_| Ok(()), &deadline()).err().expect("refused");
    assert_eq!(error.text(), Some("batch tokens cannot have \"num_uses\" set"));
}

#[test]
fn its_length_is_bounded() {
    let (tokens, _) = tokens();
    let with = |bytes: usize| {
        format!(r#"{{"policies":["dev"],"type":"batch","meta":{{"k":"{}"}}}}"#, "x".repeat(bytes))
    };
    let long = created(&tokens, &Caller::Host, &with(limits::BATCH_TOKEN_BYTES / 2)).client_token;
    assert!(lives(&tokens, &long));
    let error = create(&tokens, &Caller::Host, &with(limits::BATCH_TOKEN_BYTES)).err().expect("refused");
    assert_eq!((error.status(), error.code()), (400, Code::TooLarge));
    assert!(!lives(&tokens, &Secret::new(format!("hvb.{}", "A".repeat(limits::BATCH_TOKEN_BYTES)))));
}

#[test]
fn it_is_of_its_storage_alone_though_the_key_is_the_same() {
    let (own, _) = tokens();
    let (other, _) = tokens();
    let token = created(&own, &Caller::Host, BATCH).client_token;
    assert!(lives(&own, &token) && !lives(&other, &token));
    let engine = Box::new(MemoryStorage::default());
    let barrier = Barrier::open(engine, &Secret::new([8; 32]), &deadline()).expect("opens");
    let other = Tokens::new(Arc::new(barrier), own.clock.clone(), Logger::default());
    assert!(!lives(&other, &token));
}

proptest! {
    #[test]
    fn a_changed_one_is_none(place in 0_usize..10_000, with in "[ -~\n]{0,2}", cut in any::<bool>()) {
        let (tokens, _) = tokens();
        let token = created(&tokens, &Caller::Host, BATCH).client_token;
        let known = token.expose();
        let place = place % (known.len() + 1);
        let (start, end) = known.split_at(place);
        let changed = if cut { start.to_owned() } else { format!("{start}{with}{}", end.get(with.len().min(end.len())..).unwrap_or_default()) };
        prop_assume!(changed != *known && !changed.is_empty());
        prop_assert_eq!(refusal(&tokens, &changed).0, 403);
    }
}
