//! Races: what happens between a look and its commit, and threads at the same tokens.

use super::grant::tests::{grant, login};
use super::testing::*;
use super::{Bearer, By, Caller, Grant, LoginTerms, RENEW_FIELDS, Tokens};
use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::error::Code;
use crate::limits;
use crate::log::Logger;
use crate::secret::Secret;
use crate::storage::{Barrier, Batch, Entry, MemoryStorage, Revision, SqliteStorage, Storage, StorageError};
use crate::token_fields::TokenFields;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

type Step = Box<dyn FnOnce() + Send>;

/// An engine that lets somebody else go first, once, when a commit comes.
struct Interposed {
    engine: Arc<MemoryStorage>,
    first: Arc<Mutex<Option<Step>>>,
}

impl Storage for Interposed {
    fn get(&self, key: &str, deadline: &Deadline) -> std::result::Result<Option<Entry>, StorageError> {
        self.engine.get(key, deadline)
    }

    fn list(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
        deadline: &Deadline,
    ) -> std::result::Result<Vec<Entry>, StorageError> {
        self.engine.list(prefix, after, limit, deadline)
    }

    fn last_revision(&self, deadline: &Deadline) -> std::result::Result<Revision, StorageError> {
        self.engine.last_revision(deadline)
    }

    fn commit(&self, batch: Batch, deadline: &Deadline) -> std::result::Result<(), StorageError> {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        first.into_iter().for_each(|first| first());
        self.engine.commit(batch, deadline)
    }

    fn close(&self, deadline: &Deadline) {
        self.engine.close(deadline);
    }
}

/// Two processes at one storage; the first can be made to let the second go before it commits.
struct Race {
    slow: Tokens,
    quick: Arc<Tokens>,
    first: Arc<Mutex<Option<Step>>>,
}

impl Race {
    fn new() -> Self {
        let engine = Arc::new(MemoryStorage::default());
        let first = Arc::default();
        let open = |first: &Arc<Mutex<Option<Step>>>| {
            let engine = Interposed { engine: engine.clone(), first: first.clone() };
            let barrier = Barrier::open(Box::new(engine), &Secret::new([7; 32]), &deadline());
            Tokens::new(
                Arc::new(barrier.expect("the storage opens")),
                Clock::driven(START),
                Logger::default(),
            )
        };
        Self { slow: open(&first), quick: Arc::new(open(&Arc::default())), first }
    }

    fn before_commit(&self, step: impl FnOnce(&Tokens) + Send + 'static) {
        let quick = self.quick.clone();
        *self.first.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(move || step(&quick)));
    }

    /// As [`Race::before_commit`], when the first commit is done and the second one comes.
    fn before_second_commit(&self, step: impl FnOnce(&Tokens) + Send + 'static) {
        let (first, quick) = (self.first.clone(), self.quick.clone());
        self.before_commit(move |_| {
            let step: Step = Box::new(move || step(&quick));
            *first.lock().unwrap_or_else(PoisonError::into_inner) = Some(step);
        });
    }

    fn token(&self, json: &str) -> Secret<String> {
        created(&self.quick, &Caller::Host, json).client_token
    }
}

/// A step that waits may hold the place that it waits in.
impl Drop for Race {
    fn drop(&mut self) {
        drop(self.first.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// The batch token of a login at `m1`.
fn batch_login(tokens: &Tokens, user_id: &str) -> Secret<String> {
    let settings = TokenFields::default();
    let grant = Grant { batch: true, ..grant(user_id, &settings) };
    tokens.issue(grant, &mut |_| Ok(()), &deadline()).expect("issued").0.client_token
}

/// What the method of a login that is renewed says.
fn a_minute() -> LoginTerms {
    LoginTerms { mount_ttls: MOUNT, ttl: 60, max_ttl: 0, period: 0, groups: Vec::new(), warnings: Vec::new() }
}

#[test]
fn the_end_of_a_users_batch_tokens_outlives_that_of_all_before() {
    let race = Race::new();
    batch_login(&race.quick, "00u1");
    race.quick.revoke_user("m1", "00u1", &deadline()).expect("revoked");
    let later = Arc::new(Mutex::new(None));
    let issued = later.clone();
    race.before_second_commit(move |quick| {
        *issued.lock().expect("a place") = Some(batch_login(quick, "00u1"));
        quick.revoke_user("m1", "00u1", &deadline()).expect("revoked");
    });
    race.slow.revoke_all("m1", &deadline()).expect("revoked");
    let later = later.lock().expect("a place").take().expect("issued between the two commits");
    assert!(!lives(&race.quick, &later) && !lives(&race.slow, &later));
    assert!(lives(&race.slow, &batch_login(&race.quick, "00u1")));
}

/// Has somebody log in before each commit of the slow one, nine times at most.
fn keep_coming(first: Arc<Mutex<Option<Step>>>, quick: Arc<Tokens>, came: Arc<Mutex<Vec<Secret<String>>>>) {
    let step = Box::new({
        let first = first.clone();
        move || {
            came.lock().expect("no panic").push(login(&quick, "00u2").client_token);
            if came.lock().expect("no panic").len() < 9 {
                keep_coming(first, quick, came);
            }
        }
    });
    *first.lock().expect("no panic") = Some(step);
}

#[test]
fn who_logs_in_during_a_revocation_stays() {
    let race = Race::new();
    let before = login(&race.quick, "00u1").client_token;
    let came = Arc::default();
    keep_coming(race.first.clone(), race.quick.clone(), Arc::clone(&came));
    let reply = race.slow.revoke_all("m1", &deadline()).expect("revoked").expect("an answer");
    assert_eq!(reply.data.expect("data")["revoked"].as_i64(), Some(1));
    assert!(!lives(&race.quick, &before));
    let came = came.lock().expect("no panic");
    assert!(!came.is_empty() && came.iter().all(|token| lives(&race.quick, token)));
}

#[test]
fn a_token_that_is_renewed_during_a_revocation_ends() {
    let race = Race::new();
    let issue = |user_id, ttl| {
        let settings = TokenFields { ttl, ..TokenFields::default() };
        let issued = race.quick.issue(grant(user_id, &settings), &mut |_| Ok(()), &deadline());
        issued.expect("issued").0.client_token
    };
    let first = issue("00u1", 600);
    let others: Vec<_> = (0..limits::REVOKE_PAGE).map(|_| issue("00u2", 700)).collect();
    let last = issue("00u1", 3_600);
    let renewed = last.clone();
    // It comes after all others, and moves before all of them while those are looked at.
    race.before_commit(move |tokens| {
        let renewal = tokens.renewal_of_caller(&bearer(tokens, &renewed), &fields(RENEW_FIELDS, "{}"));
        tokens.renew(renewal.expect("found"), Some(a_minute()), MOUNT, &deadline()).expect("renewed");
    });
    race.slow.revoke_user("m1", "00u1", &deadline()).expect("revoked");
    assert!(!lives(&race.quick, &first) && !lives(&race.quick, &last));
    assert!(others.iter().all(|token| lives(&race.quick, token)));
}

#[test]
fn an_ended_batch_token_is_refused_while_what_is_noted_of_it_goes() {
    let (tokens, _) = tokens();
    let token = batch_login(&tokens, "00u1");
    let other = batch_login(&tokens, "00u2");
    tokens.revoke_user("m1", "00u1", &deadline()).expect("revoked");
    assert!(lives(&tokens, &other));
    let moment = moment(&tokens);
    let can_be_used = |token| tokens.authenticate(token, moment, &deadline()).is_ok();
    assert!(!can_be_used(&token) && can_be_used(&other));
    tokens.revoke_all("m1", &deadline()).expect("revoked");
    // A request that took its moment before.
    assert!(!can_be_used(&token));
}

#[test]
fn no_child_is_born_to_a_token_that_goes_meanwhile() {
    for orphaning in [false, true] {
        for orphan in [false, true] {
            let race = Race::new();
            let parent = race.token(DEV);
            let caller = bearer(&race.slow, &parent);
            race.before_commit(move |tokens| {
                if orphaning {
                    tokens.revoke_orphan(&Caller::Host, &token_field(&parent), &deadline()).expect("revoked");
                } else {
                    revoke(tokens, &parent);
                }
            });
            let by = if orphan { By::CallerAsOrphan } else { By::Caller };
            let made = create_by(&race.slow, &caller, by, "{}");
            assert_eq!(
                made.err().expect("refused").text(),
                Some("parent token lookup failed: no parent found")
            );
            assert!(stored_keys(&race.quick).is_empty());
        }
    }
}

#[test]
fn a_child_that_came_just_before_goes_with_its_parent() {
    let race = Race::new();
    let parent = race.token(DEV);
    let caller = bearer(&race.slow, &parent);
    race.before_commit(move |tokens| {
        let child = created(tokens, &caller, "{}").client_token;
        created(tokens, &bearer(tokens, &child), "{}");
    });
    revoke(&race.slow, &parent);
    assert!(stored_keys(&race.quick).is_empty());
}

#[test]
fn a_renewal_does_not_bring_back_what_was_revoked() {
    let race = Race::new();
    let token = login(&race.quick, "00u1").client_token;
    let gone = token.clone();
    race.before_commit(move |tokens| revoke(tokens, &gone));
    let caller = bearer(&race.slow, &token);
    let renewal = race.slow.renewal_of_caller(&caller, &fields(RENEW_FIELDS, "{}")).expect("found");
    let renewed = race.slow.renew(renewal, Some(a_minute()), MOUNT, &deadline());
    assert_eq!(renewed.err().expect("gone").text(), Some("token not found"));
    assert!(stored_keys(&race.quick).is_empty());
}

#[test]
fn a_use_is_not_counted_twice() {
    for uses in [1, 2] {
        let race = Race::new();
        let token = race.token(&format!("{{\"policies\":[\"dev\"],\"num_uses\":{uses}}}"));
        let same = token.clone();
        race.before_commit(move |tokens| drop(bearer(tokens, &same)));
        let used = used(&race.slow, &token);
        let left = used.map(|caller| caller.record().map(|record| record.num_uses));
        match uses {
            1 => assert_eq!(left.expect_err("used up").code(), Code::InvalidToken),
            _ => assert_eq!(left.expect("one was left"), Some(-1)),
        }
        assert!(stored_keys(&race.quick).is_empty());
    }
}

#[test]
fn two_first_logins_are_of_one_entity() {
    let race = Race::new();
    race.before_commit(|tokens| drop(login(tokens, "00u1")));
    let mut asked = 0;
    let settings = TokenFields::default();
    let mut prepare = |_: &mut Batch| {
        asked += 1;
        Ok(())
    };
    let issued = race.slow.issue(grant("00u1", &settings), &mut prepare, &deadline()).expect("issued");
    assert_eq!(issued.0.entity_id, login(&race.quick, "00u1").entity_id);
    assert_eq!(asked, 2);
}

#[test]
fn two_tokens_do_not_get_one_custom_id() {
    let race = Race::new();
    let request = r#"{"policies":["dev"],"id":"mine"}"#;
    race.before_commit(move |tokens| drop(created(tokens, &Caller::Host, request)));
    let error = create(&race.slow, &Caller::Host, request).err().expect("refused");
    assert_eq!(error.text(), Some("cannot create a token with a duplicate ID"));
    revoke(&race.quick, &Secret::from("mine"));
    assert!(create(&race.slow, &Caller::Host, request).is_ok());
}

/// All write one record, and none gives up before its time.
#[test]
fn uses_are_counted_once_each_by_many_threads() {
    const THREADS: usize = 64;
    const USES: usize = 5;
    let folder = tempfile::tempdir().expect("a folder");
    let sqlite = SqliteStorage::open(&folder.path().join("db"), &deadline()).expect("opened");
    let engines: [Box<dyn Storage>; 2] = [Box::new(MemoryStorage::default()), Box::new(sqlite)];
    for engine in engines {
        let barrier = Barrier::open(engine, &Secret::new([7; 32]), &deadline()).expect("opened");
        let tokens = Tokens::new(Arc::new(barrier), Clock::driven(START), Logger::default());
        let request = format!("{{\"policies\":[\"dev\"],\"num_uses\":{}}}", THREADS * USES);
        let token = created(&tokens, &Caller::Host, &request).client_token;
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| (0..USES).for_each(|_| drop(bearer(&tokens, &token))));
            }
        });
        let error = used(&tokens, &token).err().expect("used up");
        assert_eq!(error.code(), Code::InvalidToken);
        assert!(stored_keys(&tokens).is_empty());
    }
}

/// One process removes what is left of a revoked token while another gives its custom id to a new one.
#[test]
fn a_removal_spares_a_new_token_of_the_same_custom_id() {
    for (old_child, orphaning) in [(false, false), (true, false), (false, true), (true, true)] {
        let race = Race::new();
        let request = r#"{"policies":["dev"],"id":"mine"}"#;
        let mine = race.token(request);
        if old_child {
            created(&race.quick, &bearer(&race.quick, &mine), "{}");
        }
        if orphaning {
            race.quick.revoke_orphan(&Caller::Host, &token_field(&mine), &cut_short()).expect("revoked");
        } else {
            race.quick.revoke(&token_field(&mine), &cut_short()).expect("revoked");
        }
        let new_child = Arc::new(Mutex::new(None));
        let kept = new_child.clone();
        race.before_commit(move |tokens| {
            let mine = created(tokens, &Caller::Host, request).client_token;
            let child = created(tokens, &bearer(tokens, &mine), "{}").client_token;
            *kept.lock().expect("no panic") = Some(child);
        });
        race.slow.remove_if_dead(&race.slow.barrier.index_of("mine"), &deadline()).expect("removed");
        let child = new_child.lock().expect("no panic").take().expect("created meanwhile");
        assert!(lives(&race.quick, &mine) && lives(&race.quick, &child));
        // Three rows of each token and one of the child under its parent.
        let old_rows = if old_child && orphaning { 3 } else { 0 };
        assert_eq!(stored_keys(&race.quick).len(), 7 + old_rows);
        revoke(&race.quick, &mine);
        assert_eq!(stored_keys(&race.quick).len(), old_rows);
    }
}

/// Threads create children and grandchildren while the parent is revoked, or its children are cut loose.
#[test]
fn no_child_outlives_a_revocation_that_it_raced() {
    for round in 0..20 {
        let (tokens, _) = tokens();
        let parent = created(&tokens, &Caller::Host, DEV).client_token;
        let Caller::Token(caller) = bearer(&tokens, &parent) else { unreachable!() };
        let begun = AtomicUsize::new(0);
        let descendants: Vec<Secret<String>> = std::thread::scope(|scope| {
            let creators: Vec<_> =
                (0..3).map(|_| scope.spawn(|| children_of(&tokens, &caller, &begun))).collect();
            while begun.load(Ordering::SeqCst) < round {
                std::thread::yield_now();
            }
            revoke(&tokens, &parent);
            creators.into_iter().flat_map(|creator| creator.join().expect("no panic")).collect()
        });
        assert!(descendants.iter().all(|token| !lives(&tokens, token)));
        sweep_all(&tokens);
        let keys = stored_keys(&tokens);
        assert!(keys.is_empty(), "left in round {round}: {keys:?}");
    }
}

/// Children and grandchildren, until the creator is refused.
fn children_of(tokens: &Tokens, caller: &Bearer, begun: &AtomicUsize) -> Vec<Secret<String>> {
    let copy = |bearer: &Bearer| {
        let (token, index, record) = (bearer.token.clone(), bearer.index.clone(), bearer.record.clone());
        Caller::Token(Box::new(Bearer { token, index, record, wrapped: None, sudo: false }))
    };
    let mut made = Vec::new();
    loop {
        begun.fetch_add(1, Ordering::SeqCst);
        match create(tokens, &copy(caller), "{}") {
            Ok(reply) => {
                let child = reply.auth.expect("auth").client_token;
                if let Ok(parent) = tokens.authenticate(&child, moment(tokens), &deadline())
                    && let Ok(reply) = create(tokens, &parent, "{}")
                {
                    made.push(reply.auth.expect("auth").client_token);
                }
                made.push(child);
            }
            Err(error) => {
                assert_eq!(error.text(), Some("parent token lookup failed: no parent found"));
                return made;
            }
        }
    }
}
