//! Users who are refused for a while, after too many passwords and codes that Okta called wrong. They are counted by
//! the name as it was typed, in one form for all its spellings, as Okta names nobody whose password is wrong.

use super::{
    Transactions,
    users::{StoredUser, UserRow},
};
use crate::clock::UnixSeconds;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::method::names;
use crate::storage::{Batch, Durability};
use serde::{Deserialize, Serialize};

/// What is counted of a user's wrong passwords and codes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failures {
    /// The name in its one form.
    name: String,
    count: u32,
    /// The last of them.
    last: UnixSeconds,
    /// When they count no more, and when the lock ends, if there is one.
    pub(super) ends: UnixSeconds,
    locked: bool,
}

impl Failures {
    /// Whether they still count; not after the clock was set back.
    pub(super) fn count_at(&self, now: UnixSeconds) -> bool {
        (self.last..self.ends).contains(&now)
    }
}

impl Transactions<'_> {
    /// Lets a user come to Okta, and says how many wrong ones he has left before he is locked.
    ///
    /// # Errors
    /// 403 `user_locked` where he is locked, whether or not there is such a user; storage errors.
    pub fn admit_user(&self, username: &str) -> Result<u32> {
        if self.lockout.disabled {
            return Ok(u32::MAX);
        }
        let user = self.failures_row(username)?;
        self.refuse_locked(&user)?;
        let count = user.row.failures.map_or(0, |failures| failures.count);
        Ok(self.lockout.threshold.saturating_sub(count))
    }

    fn refuse_locked(&self, user: &StoredUser) -> Result<()> {
        match &user.row.failures {
            Some(Failures { locked: true, ends, .. }) => {
                let left = u64::try_from((ends - self.clock.now()).max(1)).unwrap_or(1);
                Err(Error::new(403, Code::UserLocked, "permission denied").with_retry_after(left))
            }
            _ => Ok(()),
        }
    }

    /// Counts a login or a step of one that ended with this error, when it is that Okta called what the user gave
    /// wrong. The login has failed in any case: where it cannot be counted, that is all.
    pub fn count_refusal(&self, username: &str, error: &Error) {
        let is_wrong = matches!(error.code(), Code::InvalidCredentials | Code::PasscodeInvalid);
        // Without a word of Okta's it was refused here.
        if is_wrong && error.okta().is_some() && !self.lockout.disabled {
            let _ = self.count_failure(username);
        }
    }

    fn count_failure(&self, username: &str) -> Result<()> {
        let index = self.failures_index(username);
        self.make_room_for_failures(&index)?;
        let (method, lockout, now) = (&self.method, &self.lockout, self.clock.now());
        method.barrier.update(method.deadline, || {
            let mut user = self.user_row(index.clone(), now)?;
            let count = user.row.failures.as_ref().map_or(0, |failures| failures.count).saturating_add(1);
            let locked = count >= lockout.threshold;
            let lasts = if locked { lockout.duration } else { lockout.counter_reset };
            user.row.failures = Some(Failures {
                name: names::canonical(username),
                count,
                last: now,
                ends: now.saturating_add(lasts),
                locked,
            });
            let mut batch = Batch { durability: Durability::Relaxed, ..Batch::default() };
            batch.checks.extend(method.guards.iter().cloned());
            self.store_user(user, &mut batch)?;
            Ok((batch, ()))
        })
    }

    /// Sees that another user's failures can be stored. Names are strangers' texts, and there is no end of them.
    fn make_room_for_failures(&self, index: &str) -> Result<()> {
        self.sweep(limits::SWEEP_TRANSACTIONS_ASIDE);
        if !self.are_users_full(index)? {
            return Ok(());
        }
        self.sweep(limits::SWEEP_TRANSACTIONS);
        if !self.are_users_full(index)? {
            return Ok(());
        }
        self.forget_least(index)
    }

    /// Forgets those failures that say least, so that invented names cannot keep the next user from being locked: few
    /// and long ago first, those that lock somebody last.
    fn forget_least(&self, index: &str) -> Result<()> {
        let (method, prefix) = (&self.method, self.method.user_key(""));
        let (alike, limit) = (self.users_alike(index), limits::COUNTED_USERS_ALIKE);
        method.barrier.update(method.deadline, || {
            let page = method.barrier.list::<UserRow>(&alike, "", limit, method.deadline)?;
            let mut found: Vec<_> = page
                .iter()
                .filter_map(|(key, stored)| {
                    let failures = stored.value.failures.as_ref()?;
                    Some(((failures.locked, failures.count, failures.last), key, stored))
                })
                .collect();
            found.sort_unstable_by_key(|(worth, ..)| *worth);
            let mut batch = Batch { durability: Durability::Relaxed, ..Batch::default() };
            for (_, key, stored) in found.into_iter().take(limits::FORGOTTEN_FAILURES) {
                let ends = stored.value.end().zip(key.strip_prefix(&prefix));
                batch.checks.push(stored.check(key));
                batch.deletes.push(key.clone());
                batch.deletes.extend(ends.map(|(end, index)| method.user_end_key(end, index)));
            }
            Ok((batch, ()))
        })
    }

    /// Adds to the commit of a login's token that the user's failures are forgotten.
    ///
    /// # Errors
    /// 403 `user_locked` where he was locked meanwhile: of the guesses that came to Okta at once, none that is answered
    /// after the lock may be the right one. Storage errors.
    pub fn forgive(&self, username: &str, batch: &mut Batch) -> Result<()> {
        let user = self.failures_row(username)?;
        if !self.lockout.disabled {
            self.refuse_locked(&user)?;
        }
        self.forget_failures(user, batch)
    }

    fn forget_failures(&self, mut user: StoredUser, batch: &mut Batch) -> Result<()> {
        user.row.failures = None;
        self.store_user(user, batch)
    }

    /// The names of users who are locked now, sorted, as far as the first [`limits::LOCKED_USERS`] go.
    ///
    /// # Errors
    /// Storage errors.
    pub fn locked_users(&self) -> Result<Vec<String>> {
        let (method, now) = (&self.method, self.clock.now());
        let (prefix, mut after, mut names) = (method.user_key(""), String::new(), Vec::new());
        loop {
            let page =
                method.barrier.list::<UserRow>(&prefix, &after, limits::STORAGE_PAGE, method.deadline)?;
            let is_last = page.len() < limits::STORAGE_PAGE;
            after = page.last().map(|(key, _)| key.clone()).unwrap_or_default();
            let failures = page.into_iter().filter_map(|(_, stored)| stored.value.failures);
            let locked = failures.filter(|failures| failures.locked && failures.count_at(now));
            names.extend(locked.map(|failures| failures.name));
            if is_last || names.len() >= limits::LOCKED_USERS {
                names.truncate(limits::LOCKED_USERS);
                names.sort_unstable();
                return Ok(names);
            }
        }
    }

    /// Lets a user in again, whether or not he was locked.
    ///
    /// # Errors
    /// Storage errors.
    pub fn unlock(&self, username: &str) -> Result<()> {
        let method = &self.method;
        method.barrier.update(method.deadline, || {
            let mut batch = Batch::default();
            batch.checks.extend(method.guards.iter().cloned());
            self.forget_failures(self.failures_row(username)?, &mut batch)?;
            Ok((if batch.writes() { batch } else { Batch::default() }, ()))
        })
    }

    fn failures_row(&self, username: &str) -> Result<StoredUser> {
        self.user_row(self.failures_index(username), self.clock.now())
    }

    /// Not the index of the counters of his transactions, so that one commit can write both.
    pub(super) fn failures_index(&self, username: &str) -> String {
        self.method.barrier.index_of(&format!("failures of {}", names::canonical(username)))
    }
}
