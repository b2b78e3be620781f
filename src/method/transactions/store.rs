//! The rows of transactions: writing, removing and sweeping them, and how many there may be.
//!
//! None of these commits waits for the disk: whoever loses a transaction to a power cut starts another.

use super::record::{Record, parse_end};
use super::users::{OpenTransaction, UserRow};
use super::{Change, Durability, Transactions, failed};

use crate::clock::UnixSeconds;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::method::names;
use crate::okta::User;
use crate::secret::Secret;
use crate::storage::{Batch, Check, Revision, encode};
use serde::de::DeserializeOwned;

/// The first digits of an index: transactions that have them in common are counted together.
const ALIKE_DIGITS: usize = 2;

impl Transactions<'_> {
    /// Reads a record and its user's counters, lets `decide` change them, and commits what becomes of them. After a
    /// lost race all of it is done again. `None`: there is no such record.
    pub(super) fn change<T>(
        &self,
        index: &str,
        mut decide: impl FnMut(&mut Record, &mut UserRow) -> Result<Change<T>>,
    ) -> Result<Option<T>> {
        let method = &self.method;
        method.barrier.update(method.deadline, || {
            let mut batch = Batch { durability: Durability::Relaxed, ..Batch::default() };
            let key = method.record_key(index);
            let Some(stored) = method.barrier.read::<Record>(&key, method.deadline)? else {
                return Ok((batch, None));
            };
            let check = stored.check(&key);
            let mut record = stored.value;
            let expires = record.expires;
            let mut user = self.user_row(record.user_index.clone(), self.clock.now())?;
            let answer = match decide(&mut record, &mut user.row)? {
                Change::Leave(answer) => return Ok((batch, Some(answer))),
                Change::Store(answer) => {
                    if record.expires != expires {
                        batch.puts.push((method.record_end_key(record.expires, index), encode(&())?));
                        batch.deletes.push(method.record_end_key(expires, index));
                        for open in user.row.open.iter_mut().filter(|open| open.index == index) {
                            open.expires = record.expires;
                        }
                    }
                    batch.puts.push((key, encode(&record)?));
                    answer
                }
                Change::Remove(answer) => {
                    batch.deletes.extend([key, method.record_end_key(expires, index)]);
                    user.row.open.retain(|open| open.index != index);
                    answer
                }
            };
            batch.checks.extend(method.guards.iter().cloned());
            batch.checks.push(check);
            self.store_user(user, &mut batch)?;
            Ok((batch, Some(answer)))
        })
    }

    /// Adds the removal of a record that has come to its good end to the commit of its token. The user's count of
    /// wrong codes begins anew.
    ///
    /// # Errors
    /// 404 when it is gone: cancelled, or finished by somebody else.
    pub(super) fn remove_with(&self, index: &str, batch: &mut Batch) -> Result<()> {
        let method = &self.method;
        let key = method.record_key(index);
        let stored = method.barrier.read::<Record>(&key, method.deadline)?.ok_or_else(super::unknown)?;
        batch.checks.push(stored.check(&key));
        let record = stored.value;
        let mut user = self.user_row(record.user_index.clone(), self.clock.now())?;
        user.row.open.retain(|open| open.index != index);
        user.row.wrong = 0;
        batch.deletes.extend([key, method.record_end_key(record.expires, index)]);
        self.store_user(user, batch)
    }

    /// Writes a new record, unless its user has too many; `decide` is as in [`Transactions::change`].
    pub(super) fn insert<T>(
        &self,
        id: &Secret<String>,
        template: &Record,
        mut decide: impl FnMut(&mut Record, &mut UserRow) -> Result<T>,
    ) -> Result<T> {
        let method = &self.method;
        let index = self.index_of(id);
        let now = self.clock.now();
        method.barrier.update(method.deadline, || {
            let mut record = template.clone();
            let mut user = self.user_row(template.user_index.clone(), now)?;
            if user.row.open.len() >= limits::TRANSACTIONS_PER_USER {
                let error = Error::new(
                    429,
                    Code::LimitReached,
                    "this user has as many login transactions open as one may have: finish or cancel one",
                );
                return Err(failed(id, error.with_retry_after(user.row.first_end(now))));
            }
            let answer = decide(&mut record, &mut user.row)?;
            user.row.open.push(OpenTransaction { index: index.clone(), expires: record.expires });
            let key = method.record_key(&index);
            let mut batch = Batch { durability: Durability::Relaxed, ..Batch::default() };
            batch.checks.extend(method.guards.iter().cloned());
            batch.checks.push(Check { key: key.clone(), revision: None });
            batch.puts.push((key, encode(&record)?));
            batch.puts.push((method.record_end_key(record.expires, &index), encode(&())?));
            self.store_user(user, &mut batch)?;
            Ok((batch, answer))
        })
    }

    /// Sees that there is room for another transaction, and removes some of what has expired.
    ///
    /// # Errors
    /// 503 `limit_reached` when there is none.
    pub(super) fn make_room(&self, index: &str) -> Result<()> {
        self.sweep(limits::SWEEP_TRANSACTIONS_ASIDE);
        if !self.is_full(index)? {
            return Ok(());
        }
        self.sweep(limits::SWEEP_TRANSACTIONS);
        if !self.is_full(index)? {
            return Ok(());
        }
        Err(Error::new(
            503,
            Code::LimitReached,
            "as many login transactions are open as there may be: try again when some have ended",
        ))
    }

    /// Whether too many transactions are open. To count all would cost more than the rest of a start; so those are
    /// counted whose index begins alike. Indexes are HMACs, which nobody can steer.
    fn is_full(&self, index: &str) -> Result<bool> {
        let method = &self.method;
        let alike = method.record_key(index.get(..ALIKE_DIGITS).unwrap_or_default());
        let count = method.barrier.count(&alike, limits::TRANSACTIONS_ALIKE, method.deadline)?;
        Ok(count >= limits::TRANSACTIONS_ALIKE)
    }

    /// Whether there is no room for the counters of another user; of one who has some there always is.
    pub(super) fn are_users_full(&self, index: &str) -> Result<bool> {
        let method = &self.method;
        if method.barrier.revision_of(&method.user_key(index), method.deadline)?.is_some() {
            return Ok(false);
        }
        let alike = self.users_alike(index);
        let count = method.barrier.count(&alike, limits::COUNTED_USERS_ALIKE, method.deadline)?;
        Ok(count >= limits::COUNTED_USERS_ALIKE)
    }

    /// What the keys of the users who are counted together begin with.
    pub(super) fn users_alike(&self, index: &str) -> String {
        self.method.user_key(index.get(..ALIKE_DIGITS).unwrap_or_default())
    }

    /// Removes rows of what has expired. A start does not fail for what it did not ask for; the next sweep meets
    /// the fault again.
    pub(super) fn sweep(&self, at_most: usize) {
        let mut left = at_most;
        while left > 0 {
            match self.sweep_page(left.min(limits::SWEEP_TRANSACTIONS_ASIDE)) {
                Ok(swept) if swept > 0 => left = left.saturating_sub(swept),
                _ => return,
            }
        }
    }

    fn sweep_page(&self, limit: usize) -> Result<usize> {
        let method = &self.method;
        let now = self.clock.now();
        let prefix = method.key("transaction/end/", "");
        let due = |key: &str| {
            let (time, is_user, index) = parse_end(key.strip_prefix(&prefix)?)?;
            (time <= now).then(|| (key.to_owned(), is_user, index.to_owned()))
        };
        // Most of the time nothing is due, and one row says so.
        let first = method.barrier.list::<()>(&prefix, "", 1, method.deadline)?;
        if first.iter().find_map(|(key, _)| due(key)).is_none() {
            return Ok(0);
        }
        let page = method.barrier.list::<()>(&prefix, "", limit, method.deadline)?;
        let page: Vec<_> = page.iter().map_while(|(key, _)| due(key)).collect();
        method.barrier.update(method.deadline, || {
            let mut batch = Batch { durability: Durability::Relaxed, ..Batch::default() };
            for (end_key, is_user, index) in &page {
                let key = if *is_user { method.user_key(index) } else { method.record_key(index) };
                batch.deletes.push(end_key.clone());
                // A row that has moved its end on meanwhile has another row for it, and stays. One that cannot be read
                // would come up at every sweep.
                let (revision, end) = if *is_user {
                    self.end_of::<UserRow>(&key, UserRow::end)
                } else {
                    self.end_of::<Record>(&key, |record| Some(record.expires))
                };
                batch
                    .checks
                    .extend(revision.map(|revision| Check { key: key.clone(), revision: Some(revision) }));
                if end.is_none_or(|end| end <= now) {
                    batch.deletes.push(key);
                }
            }
            Ok((batch, page.len()))
        })
    }

    fn end_of<T: DeserializeOwned>(
        &self,
        key: &str,
        end: impl FnOnce(&T) -> Option<UnixSeconds>,
    ) -> (Option<Revision>, Option<UnixSeconds>) {
        match self.method.barrier.read::<T>(key, self.method.deadline) {
            Ok(Some(stored)) => (Some(stored.revision), end(&stored.value)),
            Ok(None) | Err(_) => (None, None),
        }
    }

    /// What the user's counters are found by: Okta's id; where Okta has not named him yet, the name as typed.
    pub(super) fn user_index(&self, user: Option<&User>, username: &str) -> String {
        let name = match user {
            Some(user) => format!("user {}", user.id),
            None => format!("name {}", names::canonical(username)),
        };
        self.method.barrier.index_of(&name)
    }
}
