//! The ends of tokens in time: clocks, sweeps, and rows that cannot be read.

use super::grant::tests::{grant, login, of_mount};
use super::testing::*;
use super::{Caller, RENEW_FIELDS, Tokens};
use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::limits;
use crate::log::Logger;
use crate::secret::Secret;
use crate::storage::{Barrier, Batch, Entry, MemoryStorage, Revision, Storage, StorageError, encode};
use crate::token_fields::TokenFields;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn a_token_is_gone_at_its_second_for_good() {
    let (tokens, clock) = tokens();
    let token = login(&tokens, "00u1").client_token;
    let unseen = login(&tokens, "00u1").client_token;
    clock.advance(seconds(3_599));
    assert!(lives(&tokens, &token));
    clock.advance(seconds(1));
    assert!(!lives(&tokens, &token));
    // The clock is set back, and another process looks, which never saw it later.
    let earlier = Tokens::new(tokens.barrier.clone(), Clock::driven(START), Logger::default());
    assert!(!lives(&earlier, &token), "it was noted");
    assert!(lives(&earlier, &unseen), "nobody saw it expire");
    assert_eq!(tokens.sweep(100, &deadline()).expect("a sweep"), 2);
    assert!(stored_keys(&tokens).is_empty());
    assert!(!lives(&earlier, &unseen));
}

#[test]
fn a_clock_that_is_set_back_revives_no_token_and_refuses_no_new_one() {
    let (tokens, clock) = tokens();
    let short = |seconds: i64| {
        let request = format!("{{\"policies\":[\"dev\"],\"ttl\":{seconds}}}");
        created(&tokens, &Caller::Host, &request).client_token
    };
    let (unseen, parent, long) = (short(60), short(60), short(7_200));
    let child = created(&tokens, &bearer(&tokens, &parent), r#"{"ttl":30}"#).client_token;
    clock.advance(seconds(3_600));
    assert!(lives(&tokens, &long), "somebody looks at the clock");
    clock.set(START + 10);
    assert_eq!(
        [&unseen, &parent, &child, &long].map(|token| lives(&tokens, token)),
        [false, false, false, true]
    );
    assert_eq!(accessors(&tokens).len(), 1);
    // Made and renewed after the step back: what was seen before it does not count.
    let new = short(60);
    let new_child = created(&tokens, &bearer(&tokens, &new), r#"{"ttl":40}"#).client_token;
    let renewal = tokens.renewal(
        &fields(RENEW_FIELDS, &format!("{{\"token\":\"{}\",\"increment\":50}}", long.expose())),
        &deadline(),
    );
    tokens.renew(renewal.expect("found"), None, MOUNT, &deadline()).expect("renewed");
    assert_eq!([&new, &new_child, &long].map(|token| lives(&tokens, token)), [true; 3]);
    clock.advance(seconds(40));
    assert_eq!([&new, &new_child, &long].map(|token| lives(&tokens, token)), [true, false, true]);
    clock.advance(seconds(20));
    assert_eq!([&new, &new_child, &long].map(|token| lives(&tokens, token)), [false; 3]);
    // A second step, this time past an end that was set after the first.
    let new = short(60);
    clock.set(START + 3_601);
    assert_eq!(accessors(&tokens).len(), 0);
    clock.set(START + 70);
    assert!(!lives(&tokens, &new));
}

/// An engine whose lock for writing somebody else holds for ever.
struct Held {
    engine: MemoryStorage,
    held: AtomicBool,
}

impl Storage for Arc<Held> {
    fn get(&self, key: &str, deadline: &Deadline) -> Result<Option<Entry>, StorageError> {
        self.engine.get(key, deadline)
    }

    fn list(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
        deadline: &Deadline,
    ) -> Result<Vec<Entry>, StorageError> {
        self.engine.list(prefix, after, limit, deadline)
    }

    fn last_revision(&self, deadline: &Deadline) -> Result<Revision, StorageError> {
        self.engine.last_revision(deadline)
    }

    fn commit(&self, batch: Batch, deadline: &Deadline) -> Result<(), StorageError> {
        if !self.held.load(Ordering::SeqCst) {
            return self.engine.commit(batch, deadline);
        }
        let longest = limits::EXPIRY_NOTE_WAIT.max(limits::SWEEP_TIME);
        assert!(deadline.remaining() <= longest, "it would wait that long");
        Err(StorageError::Busy)
    }

    fn close(&self, deadline: &Deadline) {
        self.engine.close(deadline);
    }
}

#[test]
fn an_expired_token_is_refused_without_waiting_for_a_writer() {
    let engine = Arc::new(Held { engine: MemoryStorage::default(), held: AtomicBool::new(false) });
    let barrier =
        Barrier::open(Box::new(engine.clone()), &Secret::new([7; 32]), &deadline()).expect("opened");
    let clock = Clock::driven(START);
    let tokens = Tokens::new(Arc::new(barrier), clock.clone(), Logger::default());
    let token = login(&tokens, "00u1").client_token;
    clock.advance(seconds(3_600));
    engine.held.store(true, Ordering::SeqCst);
    assert_eq!(refusal(&tokens, token.expose()).0, 403);
    // Nor does an opening wait to remove it.
    tokens.sweep_at_open(&deadline());
    engine.held.store(false, Ordering::SeqCst);
    assert!(!lives(&tokens, &token));
    let earlier = Tokens::new(tokens.barrier.clone(), Clock::driven(START), Logger::default());
    assert!(!lives(&earlier, &token), "noted at the next chance");
}

#[test]
fn expired_tokens_do_not_pile_up() {
    let (tokens, clock) = tokens();
    let settings = TokenFields { ttl: 10, ..TokenFields::default() };
    let login_at = |mount_id: &str| {
        let grant = of_mount(mount_id, grant("00u1", &settings));
        tokens.issue(grant, &mut |_| Ok(()), &deadline()).expect("issued");
    };
    let by_hand = || drop(created(&tokens, &Caller::Host, r#"{"policies":["dev"],"ttl":10}"#));
    let left = |mount_id: &str| {
        let prefix = format!("token/lease/{mount_id}/");
        stored_keys(&tokens).iter().filter(|key| key.starts_with(&prefix)).count()
    };
    for _ in 0..50 {
        login_at("m1");
        login_at("m2");
        by_hand();
    }
    clock.advance(seconds(10));
    // At one mount only, and some more than are needed, should the machine be slow.
    (0..200).for_each(|_| login_at("m2"));
    assert_eq!((left("m1"), left("m2"), left("token")), (0, 200, 0));
    // While they come and go, there are never more than live, and some.
    for _ in 0..40 {
        (0..10).for_each(|_| by_hand());
        clock.advance(seconds(1));
    }
    assert!(left("token") <= 10 * 10 + 50, "{}", left("token"));
}

#[test]
fn opening_sweeps_some() {
    let (tokens, clock) = tokens();
    let count = limits::SWEEP_TOKENS + 10;
    (0..count).for_each(|number| drop(login(&tokens, &format!("00u{number}"))));
    clock.advance(seconds(3_600));
    // A slow machine gets less done in the time.
    let (mut before, patience) = (stored_keys(&tokens).len(), deadline());
    while before > 0 {
        assert!(patience.interrupted().is_none(), "{before} left");
        tokens.sweep_at_open(&deadline());
        let left = stored_keys(&tokens).len();
        assert!(before - left <= 3 * limits::SWEEP_TOKENS, "{before} to {left}");
        before = left;
    }
}

#[test]
fn a_sweep_visits_every_mount_and_removes_damaged_rows() {
    let (tokens, clock) = tokens();
    let settings = TokenFields { ttl: 60, ..TokenFields::default() };
    for mount_id in ["m1", "m1", "m10", "m2"] {
        let grant = of_mount(mount_id, grant("00u1", &settings));
        tokens.issue(grant, &mut |_| Ok(()), &deadline()).expect("issued");
    }
    created(&tokens, &Caller::Host, r#"{"policies":["dev"],"ttl":60}"#);
    let endless = created(&tokens, &Caller::Host, ROOT).client_token;
    let damaged = ["token/id/damaged", "token/lease/m1/000000000001/damaged"];
    let write = |key: &str| (key.to_owned(), b"garbage".to_vec());
    let puts = damaged.map(write);
    let batch = || Ok((Batch { puts: puts.to_vec(), ..Batch::default() }, ()));
    tokens.barrier.update(&deadline(), batch).expect("written");
    clock.advance(seconds(60));
    assert_eq!(tokens.sweep(100, &deadline()).expect("a sweep"), 6);
    assert_eq!(stored_keys(&tokens).len(), 3);
    assert!(lives(&tokens, &endless));
}

#[test]
fn lease_rows_without_a_token_are_removed() {
    for by_mount in [false, true] {
        let (tokens, _) = tokens();
        let token = login(&tokens, "00u1").client_token;
        let index = tokens.barrier.index_of(token.expose());
        let rows = ["000000000001/unknown".to_owned(), format!("000000000002/{index}")];
        let puts = rows.map(|row| (format!("token/lease/m1/{row}"), encode(&()).expect("JSON")));
        let batch = || Ok((Batch { puts: puts.to_vec(), ..Batch::default() }, ()));
        tokens.barrier.update(&deadline(), batch).expect("written");
        if by_mount {
            tokens.revoke_mount("m1", &deadline()).expect("revoked");
        } else {
            sweep_all(&tokens);
        }
        assert_eq!(stored_keys(&tokens).len(), if by_mount { 0 } else { 3 });
        assert_eq!(lives(&tokens, &token), !by_mount);
    }
}

/// Whatever became of single rows, the mount goes, and with it what hangs on them.
#[test]
fn a_mount_goes_with_its_unreadable_rows() {
    let (tokens, clock) = tokens();
    let [first, second, third] = ["00u1", "00u2", "00u3"].map(|user| login(&tokens, user).client_token);
    let child = created(&tokens, &bearer(&tokens, &first), "{}").client_token;
    let grandchild = created(&tokens, &bearer(&tokens, &child), "{}").client_token;
    let id = |token: &Secret<String>| format!("token/id/{}", tokens.barrier.index_of(token.expose()));
    let garbage = [
        id(&child),
        id(&second),
        format!("token/lease/m1/{:012}/{}", START + 3_600, tokens.barrier.index_of(third.expose())),
        "token/lease/m1/garbage".to_owned(),
        "token/lease/m1/000000000001/nobody".to_owned(),
        "entity/user/m1/00u1".to_owned(),
    ];
    let puts = garbage.map(|key| (key, b"garbage".to_vec()));
    let batch = || Ok((Batch { puts: puts.to_vec(), ..Batch::default() }, ()));
    tokens.barrier.update(&deadline(), batch).expect("written");
    tokens.revoke_mount("m1", &deadline()).expect("revoked");
    assert!([&first, &second, &third, &child, &grandchild].iter().all(|token| !lives(&tokens, token)));
    // A row that only an unreadable record knew of goes at its time, and nothing but accessors and a row of
    // an entity's are left, for whoever tidies.
    clock.advance(seconds(MOUNT.max.unsigned_abs()));
    sweep_all(&tokens);
    let left = stored_keys(&tokens);
    let of = |prefix: &str| left.iter().filter(|key| key.starts_with(prefix)).count();
    assert_eq!((of("token/accessor/"), of("token/entity/"), left.len()), (2, 1, 3), "{left:?}");
    assert!(tokens.barrier.list_keys("entity/", "", 9, &deadline()).expect("a listing").is_empty());
}

#[test]
fn one_record_that_cannot_be_read_hides_no_other() {
    let (tokens, _) = tokens();
    let good = created(&tokens, &Caller::Host, DEV);
    let bad = created(&tokens, &Caller::Host, DEV).client_token;
    let key = format!("token/id/{}", tokens.barrier.index_of(bad.expose()));
    let batch = || Ok((Batch { puts: vec![(key.clone(), b"garbage".to_vec())], ..Batch::default() }, ()));
    tokens.barrier.update(&deadline(), batch).expect("written");
    assert_eq!(accessors(&tokens), [good.accessor]);
}
