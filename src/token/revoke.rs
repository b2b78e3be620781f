//! The end of tokens: revocation with all descendants, and the sweep of those whose time is up.
//!
//! A token is revoked by one commit that marks its record; from then on neither it nor a descendant can be used.
//! Removing the rows is what follows, page by page and without waiting for the disk. A mark moves the token's
//! lease row to the front, so what a crash left over is what the next sweep meets first.

use super::record::{self, Record, State};
use super::store::Tokens;
use crate::clock::UnixSeconds;
use crate::deadline::Deadline;
use crate::error::{Error, Result};
use crate::limits;
use crate::storage::{Batch, Check, Durability, Stored, encode};

/// How far a sweep has come.
#[derive(Default)]
pub(super) struct Sweep {
    /// Tokens that it may still remove.
    pub left: usize,
    /// The last failure with a single token.
    pub failure: Option<Error>,
}

impl Tokens {
    /// Revokes a token and all its descendants. Revoking it again changes nothing.
    pub(super) fn revoke_tree(&self, index: &str, deadline: &Deadline) -> Result<()> {
        self.mark(&[index.to_owned()], State::Revoked, Durability::Durable, deadline, |_| true)?;
        // It is revoked; rows that cannot be removed now are left to the sweep.
        let _ = self.remove_tree(index, deadline);
        Ok(())
    }

    /// Revokes a token and makes its children orphans; `false` when it was gone already.
    pub(super) fn revoke_and_orphan(&self, index: &str, deadline: &Deadline) -> Result<bool> {
        // Once revoked, its children are gone with it.
        let lives = |record: &Record| record.state != State::Revoked;
        let marked =
            self.mark(&[index.to_owned()], State::Orphaning, Durability::Durable, deadline, lives)?;
        if marked.is_empty() {
            return Ok(false);
        }
        let _ = self.cut_loose(index, deadline);
        Ok(true)
    }

    /// Revokes every token that logins at this mount made, with all descendants, and forgets the mount's
    /// entities. What a crash left over goes when it is called again.
    ///
    /// The caller sees to it that no login can finish at the mount any more ([`Tokens::issue`] takes checks).
    pub fn revoke_mount(&self, mount_id: &str, deadline: &Deadline) -> Result<()> {
        let prefix = record::lease_prefix(mount_id);
        loop {
            go_on(deadline)?;
            let page = self.barrier.list::<()>(&prefix, "", limits::REVOKE_PAGE, deadline)?;
            if page.is_empty() {
                break;
            }
            let indexes: Vec<String> = page
                .iter()
                .filter_map(|(key, _)| record::parse_lease_key(key))
                .map(|(_, _, index)| index.to_owned())
                .collect();
            self.mark(&indexes, State::Revoked, Durability::Durable, deadline, |_| true)?;
            for index in &indexes {
                self.remove_tree(index, deadline)?;
            }
            for (key, stored) in page {
                self.remove_stray_lease(&key, &stored, deadline)?;
            }
        }
        self.forget_entities(mount_id, deadline)
    }

    /// Removes up to `limit` tokens whose time is up, or whose removal was not finished, and says how many it
    /// was. Nothing depends on it but the size of the storage.
    ///
    /// # Errors
    /// Failures of the storage; one token that cannot be removed keeps no other.
    pub fn sweep(&self, limit: usize, deadline: &Deadline) -> Result<usize> {
        let mut sweep = Sweep { left: limit, ..Sweep::default() };
        let mut after = String::new();
        while sweep.left > 0 {
            let next = self.barrier.list::<()>(record::LEASES, &after, 1, deadline)?;
            let Some((mount_id, _, _)) = next.first().and_then(|(key, _)| record::parse_lease_key(key))
            else {
                break;
            };
            self.sweep_mount(mount_id, &mut sweep, deadline)?;
            // "0" follows "/": the first key after all of this mount's.
            after = format!("{}{mount_id}0", record::LEASES);
        }
        sweep.failure.map_or(Ok(limit - sweep.left), Err)
    }

    pub(super) fn sweep_mount(&self, mount_id: &str, sweep: &mut Sweep, deadline: &Deadline) -> Result<()> {
        let prefix = record::lease_prefix(mount_id);
        let now = self.clock.now();
        let mut after = String::new();
        while sweep.left > 0 {
            let page_size = limits::REVOKE_PAGE.min(sweep.left);
            let page = self.barrier.list::<()>(&prefix, &after, page_size, deadline)?;
            let due: Vec<_> = page.into_iter().take_while(|(key, _)| is_due(key, now)).collect();
            for (key, stored) in &due {
                go_on(deadline)?;
                match self.sweep_one(key, stored, now, deadline) {
                    Ok(()) => sweep.left -= 1,
                    Err(error) => sweep.failure = Some(error),
                }
            }
            match due.last() {
                Some((key, _)) if due.len() == page_size => after.clone_from(key),
                _ => break,
            }
        }
        Ok(())
    }

    fn sweep_one(&self, key: &str, lease: &Stored<()>, now: UnixSeconds, deadline: &Deadline) -> Result<()> {
        let Some((_, _, index)) = record::parse_lease_key(key) else {
            return Ok(());
        };
        // A renewal may have come in between: the record decides, not the row that led here.
        self.mark_expired(index, now, deadline)?;
        self.remove_if_dead(index, deadline)?;
        self.remove_stray_lease(key, lease, deadline)
    }

    /// Notes that a token was seen expired, so that a clock that is set back does not bring it back. When that
    /// fails it is refused all the same, and noted at the next chance.
    pub(super) fn note_expiry(&self, index: &str, deadline: &Deadline) {
        let now = self.clock.now();
        let _ = self.mark_expired(index, now, deadline);
    }

    fn mark_expired(&self, index: &str, now: UnixSeconds, deadline: &Deadline) -> Result<()> {
        let is_due = |record: &Record| record.state == State::Live && record.has_expired(now);
        self.mark(&[index.to_owned()], State::Revoked, Durability::Relaxed, deadline, is_due).map(drop)
    }

    /// Moves those tokens that are `meant` to the state `to`, and their lease rows to the front, in one commit.
    /// Returns the indexes of those that are in this state then; records that are gone are passed over.
    fn mark(
        &self,
        indexes: &[String],
        to: State,
        durability: Durability,
        deadline: &Deadline,
        meant: impl Fn(&Record) -> bool,
    ) -> Result<Vec<String>> {
        self.barrier.update(deadline, || {
            let mut batch = Batch { durability, ..Batch::default() };
            let marked = self.add_marks(&mut batch, indexes, to, deadline, &meant)?;
            Ok((batch, marked))
        })
    }

    fn add_marks(
        &self,
        batch: &mut Batch,
        indexes: &[String],
        to: State,
        deadline: &Deadline,
        meant: &dyn Fn(&Record) -> bool,
    ) -> Result<Vec<String>> {
        let mut marked = Vec::with_capacity(indexes.len());
        for index in indexes {
            let key = record::record_key(index);
            let Some(stored) = self.barrier.read::<Record>(&key, deadline)? else {
                continue;
            };
            let check = stored.check(&key);
            let mut record = stored.value;
            if !meant(&record) {
                continue;
            }
            marked.push(index.clone());
            if record.state != to {
                let lease = record.lease_key(index);
                record.state = to;
                batch.checks.push(check);
                batch.puts.push((key, encode(&record)?));
                batch.puts.push((record.lease_key(index), encode(&())?));
                batch.deletes.extend((lease != record.lease_key(index)).then_some(lease));
            }
        }
        Ok(marked)
    }

    /// Removes the rows of a marked token and of all below it, the lowest first.
    fn remove_tree(&self, index: &str, deadline: &Deadline) -> Result<()> {
        let mut path = vec![index.to_owned()];
        while let Some(top) = path.last().cloned() {
            go_on(deadline)?;
            let children = self.children(&top, limits::REVOKE_PAGE, deadline)?;
            if children.is_empty() {
                self.remove_rows(None, &[top], deadline)?;
                path.pop();
                continue;
            }
            let Some(marked) = self.mark_children(&top, &children, deadline)? else {
                path.pop();
                continue;
            };
            let mut leaves = Vec::new();
            for child in children {
                if marked.contains(&child) && !self.children(&child, 1, deadline)?.is_empty() {
                    path.push(child);
                } else {
                    leaves.push(child);
                }
            }
            self.remove_rows(Some(&top), &leaves, deadline)?;
        }
        Ok(())
    }

    /// Marks children of a marked token, so that none of them can get a child once its children have been looked
    /// at. `None` when it is not marked.
    fn mark_children(
        &self,
        parent: &str,
        children: &[String],
        deadline: &Deadline,
    ) -> Result<Option<Vec<String>>> {
        let parent_key = record::record_key(parent);
        let is_child = |record: &Record| record.parent.as_deref() == Some(parent);
        self.barrier.update(deadline, || {
            let mut batch = Batch { durability: Durability::Relaxed, ..Batch::default() };
            let Some(check) = self.check_marked(&parent_key, deadline)? else {
                return Ok((batch, None));
            };
            batch.checks.push(check);
            let marked = self.add_marks(&mut batch, children, State::Revoked, deadline, &is_child)?;
            Ok((batch, Some(marked)))
        })
    }

    /// Makes the children of a marked token orphans, then removes its rows.
    fn cut_loose(&self, index: &str, deadline: &Deadline) -> Result<()> {
        let parent_key = record::record_key(index);
        loop {
            go_on(deadline)?;
            let children = self.children(index, limits::REVOKE_PAGE, deadline)?;
            if children.is_empty() {
                return self.remove_rows(None, &[index.to_owned()], deadline);
            }
            let is_marked = self.barrier.update(deadline, || {
                let mut batch = Batch { durability: Durability::Relaxed, ..Batch::default() };
                let Some(check) = self.check_marked(&parent_key, deadline)? else {
                    return Ok((batch, false));
                };
                batch.checks.push(check);
                for child in &children {
                    let key = record::record_key(child);
                    batch.deletes.push(record::child_key(index, child));
                    let Some(stored) = self.barrier.read::<Record>(&key, deadline)? else {
                        continue;
                    };
                    batch.checks.push(stored.check(&key));
                    let mut record = stored.value;
                    if record.parent.as_deref() == Some(index) {
                        record.parent = None;
                        batch.puts.push((key, encode(&record)?));
                    }
                }
                Ok((batch, true))
            })?;
            if !is_marked {
                return Ok(());
            }
        }
    }

    /// The condition that a token stays marked or gone; `None` when it lives: it was removed, and another was
    /// created under its custom id.
    fn check_marked(&self, record_key: &str, deadline: &Deadline) -> Result<Option<Check>> {
        let stored = self.barrier.read::<Record>(record_key, deadline)?;
        let lives = stored.as_ref().is_some_and(|stored| stored.value.state == State::Live);
        let revision = stored.map(|stored| stored.revision);
        Ok((!lives).then(|| Check { key: record_key.to_owned(), revision }))
    }

    fn children(&self, parent: &str, limit: usize, deadline: &Deadline) -> Result<Vec<String>> {
        let prefix = record::child_prefix(parent);
        let rows = self.barrier.list::<()>(&prefix, "", limit, deadline)?;
        Ok(rows.iter().filter_map(|(key, _)| key.strip_prefix(&prefix)).map(str::to_owned).collect())
    }

    /// Removes all rows of those tokens that are marked, and rows under `parent` of those that are not its
    /// children (any more).
    fn remove_rows(&self, parent: Option<&str>, indexes: &[String], deadline: &Deadline) -> Result<()> {
        if indexes.is_empty() {
            return Ok(());
        }
        self.barrier.update(deadline, || {
            let mut batch = Batch { durability: Durability::Relaxed, ..Batch::default() };
            for index in indexes {
                let key = record::record_key(index);
                let stored = self.barrier.read::<Record>(&key, deadline)?;
                let revision = stored.as_ref().map(|stored| stored.revision);
                batch.checks.push(Check { key, revision });
                let record = stored.map(|stored| stored.value);
                if record.as_ref().is_none_or(|record| record.parent.as_deref() != parent) {
                    batch.deletes.extend(parent.map(|parent| record::child_key(parent, index)));
                }
                if let Some(record) = record.filter(|record| record.state != State::Live) {
                    batch.deletes.extend(self.keys_of(index, &record));
                }
            }
            Ok((batch, ()))
        })
    }

    /// Finishes the removal of a token that is marked; a living one is left alone.
    pub(super) fn remove_if_dead(&self, index: &str, deadline: &Deadline) -> Result<()> {
        let stored = self.barrier.read::<Record>(&record::record_key(index), deadline)?;
        match stored.map(|stored| stored.value.state) {
            Some(State::Revoked) => self.remove_tree(index, deadline),
            Some(State::Orphaning) => self.cut_loose(index, deadline),
            Some(State::Live) | None => Ok(()),
        }
    }

    /// Removes a lease row that no token has. None should exist, but one would come up at every sweep.
    fn remove_stray_lease(&self, key: &str, lease: &Stored<()>, deadline: &Deadline) -> Result<()> {
        let index = record::parse_lease_key(key).map_or("", |(_, _, index)| index);
        let record_key = record::record_key(index);
        self.barrier.update(deadline, || {
            let mut batch = Batch { durability: Durability::Relaxed, ..Batch::default() };
            let stored = self.barrier.read::<Record>(&record_key, deadline)?;
            let is_stray = stored.as_ref().is_none_or(|stored| stored.value.lease_key(index) != key);
            let row = self.barrier.read::<()>(key, deadline)?;
            if is_stray && row.is_some_and(|row| row.revision == lease.revision) {
                let revision = stored.map(|stored| stored.revision);
                batch.checks.push(Check { key: record_key.clone(), revision });
                batch.deletes.push(key.to_owned());
            }
            Ok((batch, ()))
        })
    }
}

fn go_on(deadline: &Deadline) -> Result<()> {
    deadline.interrupted().map_or(Ok(()), |why| Err(Error::interrupted(why, "removing revoked tokens")))
}

fn is_due(lease_key: &str, now: UnixSeconds) -> bool {
    matches!(record::parse_lease_key(lease_key), Some((_, Some(end), _)) if end <= now)
}
