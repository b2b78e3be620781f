//! What is counted for one user over all his transactions: how many are open, wrong codes, messages sent and when;
//! and, in a row of its own, how often his logins failed.

use super::Transactions;
use super::lockout::Failures;
use crate::clock::UnixSeconds;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::method::{Chosen, Pending};
use crate::okta::Factor;
use crate::storage::{Batch, Check, Durability, Revision, encode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The counters of one user at one mount. A user without any has no row.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRow {
    /// His open transactions, as far as nobody has swept them.
    pub open: Vec<OpenTransaction>,
    /// When `wrong` and `sent` began to count.
    pub since: UnixSeconds,
    /// Wrong passcodes and answers since then.
    pub wrong: u32,
    /// Pushes and messages since then.
    pub sent: u32,
    /// By factor: Okta sends no other message before this.
    pub cool_downs: BTreeMap<String, UnixSeconds>,
    /// Wrong passwords and codes of whoever types his name; they stand in a row without anything else.
    #[serde(default)]
    pub failures: Option<Failures>,
}

/// An open transaction of a user.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenTransaction {
    pub index: String,
    pub expires: UnixSeconds,
}

/// A row as it was read.
pub(super) struct StoredUser {
    pub row: UserRow,
    index: String,
    revision: Option<Revision>,
    before: Option<UserRow>,
}

impl UserRow {
    /// Forgets what is over.
    fn tidy(&mut self, now: UnixSeconds) {
        self.open.retain(|open| open.expires > now);
        self.cool_downs.retain(|_, until| *until > now);
        self.failures.take_if(|failures| !failures.count_at(now));
        // Also after the clock was set back.
        if !(0..limits::TRANSACTION_USER_WINDOW_SECONDS).contains(&(now - self.since)) {
            (self.since, self.wrong, self.sent) = (0, 0, 0);
        }
    }

    /// Counts a passcode or answer as wrong.
    pub fn count_wrong(&mut self, now: UnixSeconds) {
        self.begin(now);
        self.wrong = self.wrong.saturating_add(1);
    }

    /// Counts a push or message that is about to be sent.
    ///
    /// # Errors
    /// 429 `rate_limited` when there were too many.
    pub fn charge_sent(&mut self, now: UnixSeconds) -> Result<()> {
        if self.sent >= limits::TRANSACTION_USER_SENDS {
            let text = "too many pushes and messages were sent to this user";
            return Err(Error::new(429, Code::RateLimited, text).with_retry_after(self.window_left(now)));
        }
        self.begin(now);
        self.sent += 1;
        Ok(())
    }

    fn begin(&mut self, now: UnixSeconds) {
        if self.wrong == 0 && self.sent == 0 {
            self.since = now;
        }
    }

    /// Okta sends no other message of this factor for so long.
    pub fn cool_down(&mut self, factor: &Factor, seconds: i64, now: UnixSeconds) {
        self.cool_downs.insert(factor.id.clone(), now.saturating_add(seconds));
    }

    /// Seconds until another message of this factor may be sent.
    pub fn cooling(&self, factor: &Factor, now: UnixSeconds) -> i64 {
        let until = self.cool_downs.get(&factor.id).copied().unwrap_or_default();
        // Also after the clock was set back.
        (until - now).clamp(0, limits::MESSAGE_COOL_DOWN_SECONDS)
    }

    /// Seconds until the counters begin anew.
    pub fn window_left(&self, now: UnixSeconds) -> u64 {
        let left = self.since + limits::TRANSACTION_USER_WINDOW_SECONDS - now;
        u64::try_from(left.max(1)).unwrap_or(1)
    }

    /// Seconds until the first of the open transactions ends.
    pub fn first_end(&self, now: UnixSeconds) -> u64 {
        let first = self.open.iter().map(|open| open.expires).min().unwrap_or(now);
        u64::try_from((first - now).max(1)).unwrap_or(1)
    }

    /// When nothing of it counts any more; `None`: nothing counts even now.
    pub fn end(&self) -> Option<UnixSeconds> {
        let counted = (self.wrong > 0 || self.sent > 0)
            .then_some(self.since.saturating_add(limits::TRANSACTION_USER_WINDOW_SECONDS));
        let failures = self.failures.as_ref().map(|failures| failures.ends);
        let ends = self.open.iter().map(|open| open.expires).chain(counted).chain(failures);
        ends.chain(self.cool_downs.values().copied()).max()
    }
}

impl Transactions<'_> {
    /// Counts the push that a login is about to send, which is no transaction of ours, with those of the user's
    /// transactions.
    ///
    /// # Errors
    /// 429 `rate_limited` when there were too many; storage errors. Nothing is to be sent then.
    pub fn count_login(&self, pending: &Pending, chosen: &Chosen) -> Result<()> {
        // Where nobody starts a transaction, only logins remove what logins leave.
        self.sweep(limits::SWEEP_TRANSACTIONS_ASIDE);
        let index = self.user_index(chosen.user(), &pending.username);
        let (method, now) = (&self.method, self.clock.now());
        method.barrier.update(method.deadline, || {
            let mut user = self.user_row(index.clone(), now)?;
            user.row.charge_sent(now)?;
            let mut batch = Batch { durability: Durability::Relaxed, ..Batch::default() };
            batch.checks.extend(method.guards.iter().cloned());
            self.store_user(user, &mut batch)?;
            Ok((batch, ()))
        })
    }

    /// The row of the user with this index.
    pub(super) fn user_row(&self, index: String, now: UnixSeconds) -> Result<StoredUser> {
        let method = &self.method;
        let stored = method.barrier.read::<UserRow>(&method.user_key(&index), method.deadline)?;
        let (revision, before) = match stored {
            Some(stored) => (Some(stored.revision), Some(stored.value)),
            None => (None, None),
        };
        let mut row = before.clone().unwrap_or_default();
        row.tidy(now);
        Ok(StoredUser { row, index, revision, before })
    }

    /// Adds what has changed of a row to a commit.
    pub(super) fn store_user(&self, user: StoredUser, batch: &mut Batch) -> Result<()> {
        let StoredUser { row, index, revision, before } = user;
        if before.as_ref() == Some(&row) || (before.is_none() && row.end().is_none()) {
            return Ok(());
        }
        let method = &self.method;
        let key = method.user_key(&index);
        let end_before = before.as_ref().and_then(UserRow::end);
        batch.checks.push(Check { key: key.clone(), revision });
        match row.end() {
            Some(end) => {
                batch.puts.push((key, encode(&row)?));
                if end_before != Some(end) {
                    batch.puts.push((method.user_end_key(end, &index), encode(&())?));
                }
            }
            None => batch.deletes.push(key),
        }
        if let Some(end_before) = end_before.filter(|before| row.end() != Some(*before)) {
            batch.deletes.push(method.user_end_key(end_before, &index));
        }
        Ok(())
    }
}
