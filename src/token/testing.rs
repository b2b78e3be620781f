//! What the tests of this module share.

use super::record::{CREATED, Record, State};
use super::{By, CREATE_FIELDS, Caller, Creation, TOKEN_FIELDS, Tokens};
use crate::clock::Clock;
use crate::deadline::{Cancel, Deadline};
use crate::error::Result;
use crate::field::{Field, Fields};
use crate::json::{self, Object, Value};
use crate::log::Logger;
use crate::reply::{Auth, Reply};
use crate::secret::Secret;
use crate::storage::{Barrier, MemoryStorage, Moment};
use crate::ttls::Ttls;
use std::sync::Arc;
use std::time::Duration;

pub const START: i64 = 1_800_000_000;
/// A request for a token of the policy `dev`.
pub const DEV: &str = r#"{"policies":["dev"]}"#;
/// A request for a root token without end.
pub const ROOT: &str = r#"{"policies":["root"]}"#;
pub const MOUNT: Ttls = Ttls { default: 2_764_800, max: 2_764_800 };

pub fn moment(tokens: &Tokens) -> Moment {
    tokens.barrier.moment(&deadline()).expect("a moment")
}

pub fn deadline() -> Deadline {
    Deadline::after(Duration::from_secs(60), Cancel::default())
}

/// A deadline under which a revocation is noted, but not one row is removed: as if the process died then.
pub fn cut_short() -> Deadline {
    let cancel = Cancel::default();
    cancel.cancel();
    Deadline::after(Duration::from_secs(60), cancel)
}

pub fn barrier() -> Arc<Barrier> {
    let engine = Box::new(MemoryStorage::default());
    Arc::new(Barrier::open(engine, &Secret::new([7; 32]), &deadline()).expect("an empty storage opens"))
}

pub fn tokens() -> (Tokens, Clock) {
    let clock = Clock::driven(START);
    (Tokens::new(barrier(), clock.clone(), Logger::default()), clock)
}

pub fn fields(schema: &'static [Field], json: &str) -> Fields {
    let members = json::parse(json).expect("valid JSON").as_object().expect("an object").clone();
    Fields::new(schema, members)
}

pub fn record() -> Record {
    Record {
        batch: false,
        accessor: "a".to_owned(),
        policies: vec!["default".to_owned()],
        path: "auth/token/create".to_owned(),
        display_name: "token".to_owned(),
        meta: None,
        entity_id: String::new(),
        mount_id: CREATED.to_owned(),
        role: None,
        groups: Vec::new(),
        parent: None,
        depth: 0,
        created: START,
        ttl: 60,
        expires: Some(START + 60),
        ahead: None,
        explicit_max: 0,
        period: 0,
        num_uses: 0,
        bound_cidrs: Vec::new(),
        wrapped_for: None,
        leased: true,
        renewable: true,
        renewed: None,
        renewed_ttl: None,
        state: State::Live,
    }
}

/// Creates a token; every policy but those called `unknown` exists.
pub fn create(tokens: &Tokens, caller: &Caller, json: &str) -> Result<Reply> {
    create_by(tokens, caller, By::Caller, json)
}

pub fn create_by(tokens: &Tokens, caller: &Caller, by: By, json: &str) -> Result<Reply> {
    let creation = Creation {
        caller,
        fields: &fields(CREATE_FIELDS, json),
        by,
        mount_ttls: MOUNT,
        mount_accessor: "auth_token_1",
        policy_exists: &|policy| Ok(policy != "unknown"),
    };
    Ok(tokens.create(&creation, &deadline())?.expect("creating answers"))
}

pub fn created(tokens: &Tokens, caller: &Caller, json: &str) -> Auth {
    create(tokens, caller, json).expect("created").auth.expect("auth")
}

/// The bearer of a token, with one use taken.
pub fn bearer(tokens: &Tokens, token: &Secret<String>) -> Caller {
    used(tokens, token).expect("a valid token")
}

/// As [`bearer`], of a token that may not be valid.
pub fn used(tokens: &Tokens, token: &Secret<String>) -> Result<Caller> {
    let mut caller = tokens.authenticate(token, moment(tokens), &deadline())?;
    tokens.charge(&mut caller, &deadline())?;
    Ok(caller)
}

pub fn lives(tokens: &Tokens, token: &Secret<String>) -> bool {
    tokens.find(token.expose(), &deadline()).expect("a look-up").is_some()
}

pub fn looked_up(tokens: &Tokens, token: &Secret<String>) -> Object {
    let reply =
        tokens.lookup(&Caller::Host, &token_field(token), moment(tokens), &deadline()).expect("found");
    reply.and_then(|reply| reply.data).expect("data")
}

pub fn revoke(tokens: &Tokens, token: &Secret<String>) {
    let reply = tokens.revoke(&token_field(token), &deadline()).expect("revoked");
    assert!(reply.is_none());
}

/// The keys of everything that is stored of tokens.
pub fn stored_keys(tokens: &Tokens) -> Vec<String> {
    let all = tokens.barrier.list_all::<serde_json::Value>("token/", &deadline()).expect("a listing");
    all.into_iter().map(|(key, _)| key).collect()
}

pub fn token_field(token: &Secret<String>) -> Fields {
    fields(TOKEN_FIELDS, &format!("{{\"token\":\"{}\"}}", token.expose()))
}

pub fn sweep_all(tokens: &Tokens) {
    while tokens.sweep(7, &deadline()).expect("a sweep") > 0 {}
}

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub fn refusal(tokens: &Tokens, token: &str) -> (u16, String) {
    let error =
        tokens.authenticate(&Secret::from(token), moment(tokens), &deadline()).err().expect("refused");
    (error.status(), error.text().unwrap_or_default().to_owned())
}

pub fn accessors(tokens: &Tokens) -> Vec<String> {
    let reply = tokens.list_accessors(&deadline()).expect("a listing");
    let keys = reply.and_then(|reply| reply.data).and_then(|mut data| data.remove("keys"));
    let texts = keys.as_ref().and_then(Value::as_array).unwrap_or_default();
    texts.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
