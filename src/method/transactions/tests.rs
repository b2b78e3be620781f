//! Limits that no test reaches through Okta, and what a start and a step look like in their parts.

use super::super::test_support::{Fixture, fields};
use super::users::UserRow;
use super::wish::{CONTINUE_FIELDS, START_FIELDS};
use super::*;
use crate::json;
use crate::method::config::CONFIG_FIELDS;
use crate::method::script::{Script, block_on};
use crate::storage::{Batch, encode};

/// A configured mount and a clock that is driven.
struct Mount {
    fixture: Fixture,
    clock: Clock,
    given_up: GivenUp,
}

impl Mount {
    fn new() -> Self {
        let mount =
            Self { fixture: Fixture::new(), clock: Clock::driven(1_000_000), given_up: GivenUp::default() };
        let config = fields(CONFIG_FIELDS, r#"{"org_name":"acme"}"#).expect("valid");
        mount.fixture.method().write_config(&config, true).expect("written");
        mount
    }

    fn transactions(&self) -> Transactions<'_> {
        Transactions {
            method: self.fixture.method(),
            clock: &self.clock,
            given_up: &self.given_up,
            lockout: Lockout::default(),
        }
    }

    fn begin(&self, script: &Script, request: &str) -> Result<Next> {
        let started = self.transactions().start(&fields(START_FIELDS, request)?, None)?;
        self.transactions().begin(block_on(started.run(script.clone())))
    }

    /// Starts, and gives the id of the open transaction.
    fn open(&self, script: &Script) -> String {
        match self.begin(script, r#"{"username":"fred","password":"s3cret"}"#) {
            Ok(Next::Open(data)) => data["id"].as_str().expect("an id").to_owned(),
            _ => panic!("it is open"),
        }
    }

    fn go_on(&self, id: &str, members: &str) -> Result<Next> {
        let request = format!(r#"{{"id":"{id}",{members}}}"#);
        self.transactions().go_on(&fields(CONTINUE_FIELDS, &request)?, None)
    }

    fn rows(&self, kind: &str) -> usize {
        let prefix = self.fixture.method().key(kind, "");
        self.fixture.barrier.count(&prefix, 1_000_000, &self.fixture.deadline).expect("counted")
    }

    /// As many records as there may be, with these first digits.
    fn fill(&self, digits: &str, expires: i64) {
        let method = self.fixture.method();
        self.fixture
            .barrier
            .update(&self.fixture.deadline, || {
                let mut batch = Batch::default();
                for n in 0..limits::TRANSACTIONS_ALIKE {
                    let index = format!("{digits}{n:062x}");
                    batch.puts.push((method.record_key(&index), encode(&n)?));
                    batch.puts.push((method.record_end_key(expires, &index), encode(&())?));
                }
                Ok((batch, ()))
            })
            .expect("written");
    }
}

fn scripted() -> Script {
    Script::new(&["required push OKTA,totp OKTA"])
}

#[test]
fn the_number_of_open_transactions_is_bounded() {
    let mount = Mount::new();
    let transactions = mount.transactions();
    mount.fill("a7", mount.clock.now() + 100);
    let refused = transactions.make_room(&format!("a7{:062x}", 1 << 20)).expect_err("full");
    assert_eq!((refused.status(), refused.code()), (503, Code::LimitReached));
    assert!(transactions.make_room(&format!("a8{:062x}", 0)).is_ok());
}

#[test]
fn a_start_sweeps_some_of_what_has_expired_beside_its_work() {
    let mount = Mount::new();
    // These records cannot even be read, and are in nobody's way for that.
    mount.fill("a7", mount.clock.now() - 1);
    let id = mount.open(&scripted());
    let left = limits::TRANSACTIONS_ALIKE - limits::SWEEP_TRANSACTIONS_ASIDE;
    assert_eq!((mount.rows("transaction/id/"), mount.rows("transaction/end/")), (left + 1, left + 2));
    mount.clock.advance(std::time::Duration::from_secs(limits::TRANSACTION_LIFETIME_SECONDS.unsigned_abs()));
    assert!(
        mount.go_on(&id, r#""resend":false"#).is_err_and(|error| error.code() == Code::TransactionExpired)
    );
}

#[test]
fn a_start_without_room_sweeps_all_that_has_expired() {
    let mount = Mount::new();
    // The earlier ones are swept first, which makes no room for the index in question.
    mount.fill("00", mount.clock.now() - 2);
    mount.fill("a7", mount.clock.now() - 1);
    mount.transactions().make_room(&format!("a7{:062x}", 1 << 20)).expect("room");
    assert_eq!((mount.rows("transaction/id/"), mount.rows("transaction/end/")), (0, 0));
}

#[test]
fn a_sweep_leaves_alone_what_was_given_more_time() {
    let mount = Mount::new();
    let id = mount.open(&scripted());
    let index = mount.transactions().index_of(&Secret::new(id.clone()));
    // A row that says less than the record: as when another process moved its end on meanwhile.
    let early = mount.fixture.method().record_end_key(mount.clock.now() - 1, &index);
    mount
        .fixture
        .barrier
        .update(&mount.fixture.deadline, || {
            Ok((Batch { puts: vec![(early.clone(), encode(&())?)], ..Batch::default() }, ()))
        })
        .expect("written");
    mount.transactions().make_room("ff").expect("room");
    assert_eq!((mount.rows("transaction/id/"), mount.rows("transaction/end/")), (1, 2));
    assert!(matches!(mount.go_on(&id, r#""resend":false"#), Ok(Next::Open(_))));
}

#[test]
fn a_step_is_claimed_before_okta_is_asked_and_settled_once() {
    let mount = Mount::new();
    let id = mount.open(&scripted());
    let Ok(Next::Ask(first)) = mount.go_on(&id, r#""factor_id":"f0""#) else { panic!("Okta is to be asked") };
    // The second is told the last state.
    let Ok(Next::Open(data)) = mount.go_on(&id, r#""factor_id":"f0""#) else { panic!("it waits") };
    assert_eq!(data["state"].as_str(), Some("mfa_required"));
    assert_eq!(data["last_error"].as_object().expect("one")["code"].as_str(), Some("step_in_progress"));
    let longest = limits::TRANSACTION_STEP.as_secs() + limits::TRANSACTION_CLAIM_SLACK_SECONDS.unsigned_abs();
    mount.clock.advance(std::time::Duration::from_secs(longest));
    let Ok(Next::Ask(second)) = mount.go_on(&id, r#""factor_id":"f0""#) else {
        panic!("the claim has lapsed")
    };
    let script = Script::new(&["challenge waiting 7 of push OKTA"]);
    let late = block_on(first.run(script.clone()));
    // Who comes after his claim has lapsed changes nothing.
    let Ok(Next::Open(data)) = mount.transactions().settle(late) else { panic!("the last state") };
    assert_eq!(data["state"].as_str(), Some("mfa_required"));
    let script = Script::new(&["challenge waiting 7 of push OKTA"]);
    let Ok(Next::Open(data)) = mount.transactions().settle(block_on(second.run(script.clone()))) else {
        panic!("a challenge")
    };
    assert_eq!(data["challenge"].as_object().expect("one")["number"].as_i64(), Some(7));
    // An answer may have been lost, so the state comes first; the push was sent already.
    assert_eq!(script.asked(), ["state"]);
}

#[test]
fn a_poll_that_was_cancelled_keeps_nobody_waiting_and_a_push_that_was_does() {
    let mount = Mount::new();
    let id = mount.open(&scripted());
    let Ok(Next::Ask(step)) = mount.go_on(&id, r#""factor_id":"f0""#) else { panic!("Okta is to be asked") };
    let asked = block_on(step.run(Script::new(&["challenge waiting"])));
    assert!(matches!(mount.transactions().settle(asked), Ok(Next::Open(_))));
    mount.clock.advance(limits::OKTA_POLL_PAUSE);
    let Ok(Next::Ask(poll)) = mount.go_on(&id, r#""resend":false"#) else { panic!("a poll") };
    assert!(matches!(mount.go_on(&id, r#""resend":false"#), Ok(Next::Open(_))));
    drop(poll);
    let Ok(Next::Ask(poll)) = mount.go_on(&id, r#""resend":false"#) else { panic!("another poll") };
    let script = Script::new(&["challenge waiting of push OKTA"]);
    let asked = block_on(poll.run(script.clone()));
    assert_eq!(script.asked(), ["state"]);
    assert!(matches!(mount.transactions().settle(asked), Ok(Next::Open(_))));
    let Ok(Next::Ask(resend)) = mount.go_on(&id, r#""resend":true"#) else { panic!("another push") };
    drop(resend);
    assert!(matches!(mount.go_on(&id, r#""resend":true"#), Ok(Next::Open(_))));
}

#[test]
fn what_is_stored_reads_back_and_the_clock_may_be_set_back() {
    let mount = Mount::new();
    let id = mount.open(&scripted());
    let Ok(Next::Ask(step)) = mount.go_on(&id, r#""factor_id":"f0""#) else { panic!("Okta is to be asked") };
    let asked = block_on(step.run(Script::new(&["challenge waiting"])));
    assert!(matches!(mount.transactions().settle(asked), Ok(Next::Open(_))));
    let early = Transactions { clock: &Clock::driven(900_000), ..mount.transactions() };
    let poll = fields(CONTINUE_FIELDS, &format!(r#"{{"id":"{id}"}}"#)).expect("valid");
    // Neither the pause between polls nor a claim keeps anybody waiting for a day.
    assert!(matches!(early.go_on(&poll, None), Ok(Next::Ask(_))));
}

#[test]
fn a_refused_wish_changes_nothing() {
    let mount = Mount::new();
    let id = mount.open(&scripted());
    let before = mount.go_on(&id, r#""resend":false"#);
    for members in [r#""passcode":"123456""#, r#""factor_id":"nobody""#, r#""resend":true"#] {
        assert!(mount.go_on(&id, members).is_err(), "{members}");
    }
    let (Ok(Next::Open(before)), Ok(Next::Open(after))) = (before, mount.go_on(&id, r#""resend":false"#))
    else {
        panic!("open")
    };
    let text = |data: &Object| {
        let mut text = Vec::new();
        json::write_object(data, &mut text);
        text
    };
    assert_eq!(text(&before), text(&after));
}

fn refused_by_okta() -> Error {
    Error::bad_request(Code::InvalidCredentials, "wrong").with_okta(Default::default())
}

#[test]
fn users_with_failures_are_bounded_in_number() {
    let mount = Mount::new();
    let transactions = mount.transactions();
    let threshold = transactions.lockout.threshold;
    transactions.count_refusal("wilma", &refused_by_okta());
    let alike = transactions.failures_index("fred")[..2].to_owned();
    // Strangers' names, one wrong password each, as far as there is room.
    let row =
        transactions.user_row(transactions.failures_index("wilma"), mount.clock.now()).expect("read").row;
    let write = |keys: Vec<String>, row: &UserRow| {
        let row = encode(row).expect("encoded");
        let puts: Vec<_> = keys.into_iter().map(|key| (key, row.clone())).collect();
        let attempt = || Ok((Batch { puts: puts.clone(), ..Batch::default() }, ()));
        mount.fixture.barrier.update(&mount.fixture.deadline, attempt).expect("written");
    };
    let key = |number: usize| mount.fixture.method().user_key(&format!("{alike}{number:062x}"));
    write((0..limits::COUNTED_USERS_ALIKE).map(key).collect(), &row);
    for _ in 1..threshold {
        transactions.count_refusal("fred", &refused_by_okta());
        transactions.count_refusal("wilma", &refused_by_okta());
    }
    // More of them, who are forgotten before fred is.
    write((0..limits::COUNTED_USERS_ALIKE).map(key).collect(), &row);
    let names = (0..).map(|number| format!("stranger{number}"));
    let stranger = names.into_iter().find(|name| transactions.failures_index(name).starts_with(&alike));
    transactions.count_refusal(&stranger.expect("one of many"), &refused_by_okta());
    transactions.count_refusal("fred", &refused_by_okta());
    let error = transactions.admit_user("fred").expect_err("locked");
    assert_eq!(error.code(), Code::UserLocked);
    assert!(mount.rows("transaction/user/") <= limits::COUNTED_USERS_ALIKE + 3);
    let error = transactions.admit_user(" Wilma").expect_err("locked");
    assert_eq!((error.status(), error.code()), (403, Code::UserLocked));
}

#[test]
fn a_listing_of_locked_users_has_an_end() {
    let mount = Mount::new();
    let lockout = Lockout { threshold: 1, ..Lockout::default() };
    let transactions = Transactions { lockout, ..mount.transactions() };
    for number in 0..=limits::LOCKED_USERS {
        transactions.count_refusal(&format!("user{number}"), &refused_by_okta());
    }
    assert_eq!(transactions.locked_users().expect("listed").len(), limits::LOCKED_USERS);
    // They are swept when their time is up, by those that come later.
    mount.clock.advance(std::time::Duration::from_secs(lockout.duration.unsigned_abs()));
    assert_eq!(transactions.locked_users().expect("listed").len(), 0);
    transactions.sweep(limits::SWEEP_TRANSACTIONS);
    assert_eq!((mount.rows("transaction/user/"), mount.rows("transaction/end/")), (0, 0));
}
