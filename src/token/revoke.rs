//! The end of tokens: revocation with all descendants.
//!
//! A token is revoked by one commit that marks its record; from then on neither it nor a descendant can be used.
//! Removing the rows is what follows, page by page and without waiting for the disk. A mark moves the token's
//! lease row to the front, so what a crash left over is what the next sweep meets first.

use super::entity;
use super::record::{self, Record, State};
use super::store::Tokens;
use crate::deadline::Deadline;
use crate::error::Result;
use crate::limits;
use crate::storage::{Batch, Check, Durability, Found, Revision, encode};
use std::collections::HashMap;

impl Tokens {
    /// Revokes a token and all its descendants. Revoking it again changes nothing.
    pub(super) fn revoke_tree(&self, index: &str, deadline: &Deadline) -> Result<()> {
        self.mark(&[index.to_owned()], State::Revoked, Durability::Durable, deadline, |_| true)?;
        // It is revoked; rows that cannot be removed now are left to the sweep.
        let _ = self.remove_if_dead(index, deadline);
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
        self.forget_batch(mount_id, deadline)?;
        let prefix = record::lease_prefix(mount_id);
        loop {
            go_on(deadline)?;
            let page = self.barrier.list_keys(&prefix, "", limits::REVOKE_PAGE, deadline)?;
            if page.is_empty() {
                break;
            }
            let indexes: Vec<String> = page
                .iter()
                .filter_map(|(key, _)| record::parse_lease_key(key))
                .map(|(_, _, index)| index.to_owned())
                .collect();
            let is_of_mount = |record: &Record| record.mount_id == mount_id;
            self.mark(&indexes, State::Revoked, Durability::Durable, deadline, is_of_mount)?;
            for index in &indexes {
                self.remove_if_dead(index, deadline)?;
            }
            for (key, revision) in page {
                self.remove_stray_lease(&key, revision, deadline)?;
            }
        }
        entity::forget(&self.barrier, mount_id, deadline)
    }

    /// Notes that a token was seen expired, so that a clock that is set back does not bring it back in another
    /// process. Where that fails, or would take long, it is refused all the same, and noted at the next chance.
    pub(super) fn note_expiry(&self, index: &str, deadline: &Deadline) {
        let time = self.clock.read();
        let is_due = |record: &Record| record.state == State::Live && record.has_expired(time);
        let deadline = deadline.within(limits::EXPIRY_NOTE_WAIT);
        let _ = self.mark(&[index.to_owned()], State::Revoked, Durability::Relaxed, &deadline, is_due);
    }

    /// Moves those tokens that are `meant` to the state `to`, and their lease rows to the front, in one commit. One
    /// that is cutting its children loose stays so. A record that cannot be read is of no use to anybody and is
    /// removed.
    ///
    /// Returns the indexes of those that are marked then, with their states; records that are gone are passed over.
    pub(super) fn mark(
        &self,
        indexes: &[String],
        to: State,
        durability: Durability,
        deadline: &Deadline,
        meant: impl Fn(&Record) -> bool,
    ) -> Result<Vec<(String, State)>> {
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
    ) -> Result<Vec<(String, State)>> {
        let mut marked = Vec::with_capacity(indexes.len());
        for index in indexes {
            let key = record::record_key(index);
            let stored = match self.barrier.look::<Record>(&key, deadline)? {
                Found::Record(stored) => stored,
                Found::Nothing => continue,
                Found::Unreadable(revision) => {
                    remove_unreadable(batch, key, revision);
                    marked.push((index.clone(), State::Revoked));
                    continue;
                }
            };
            let check = stored.check(&key);
            let mut record = stored.value;
            if !meant(&record) {
                continue;
            }
            if record.state == State::Live {
                let lease = record.lease_key(index);
                record.state = to;
                batch.checks.push(check);
                batch.puts.push((key, encode(&record)?));
                batch.puts.push((record.lease_key(index), encode(&())?));
                batch.deletes.extend((lease != record.lease_key(index)).then_some(lease));
            }
            marked.push((index.clone(), record.state));
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
                self.remove_rows(None, &[top], State::Revoked, deadline)?;
                path.pop();
                continue;
            }
            let Some(marked) = self.mark_children(&top, &children, deadline)? else {
                path.pop();
                continue;
            };
            let mut leaves = Vec::new();
            for child in children {
                match marked.get(&child) {
                    Some(State::Orphaning) => self.cut_loose(&child, deadline)?,
                    Some(_) if !self.children(&child, 1, deadline)?.is_empty() => path.push(child),
                    _ => leaves.push(child),
                }
            }
            self.remove_rows(Some(&top), &leaves, State::Revoked, deadline)?;
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
    ) -> Result<Option<HashMap<String, State>>> {
        let parent_key = record::record_key(parent);
        let is_child = |record: &Record| record.parent.as_deref() == Some(parent);
        self.barrier.update(deadline, || {
            let mut batch = Batch { durability: Durability::Relaxed, ..Batch::default() };
            let Some(check) = self.check_marked(&parent_key, deadline)? else {
                return Ok((batch, None));
            };
            batch.checks.push(check);
            let marked = self.add_marks(&mut batch, children, State::Revoked, deadline, &is_child)?;
            Ok((batch, Some(marked.into_iter().collect())))
        })
    }

    /// Makes the children of a marked token orphans, then removes its rows.
    fn cut_loose(&self, index: &str, deadline: &Deadline) -> Result<()> {
        let parent_key = record::record_key(index);
        loop {
            go_on(deadline)?;
            let children = self.children(index, limits::REVOKE_PAGE, deadline)?;
            if children.is_empty() {
                return self.remove_rows(None, &[index.to_owned()], State::Orphaning, deadline);
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
                    let stored = match self.barrier.look::<Record>(&key, deadline)? {
                        Found::Record(stored) => stored,
                        Found::Nothing => continue,
                        Found::Unreadable(revision) => {
                            remove_unreadable(&mut batch, key, revision);
                            continue;
                        }
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
        let revision = match self.barrier.look::<Record>(record_key, deadline)? {
            Found::Record(stored) if stored.value.state == State::Live => return Ok(None),
            Found::Record(stored) => Some(stored.revision),
            Found::Unreadable(revision) => Some(revision),
            Found::Nothing => None,
        };
        Ok(Some(Check { key: record_key.to_owned(), revision }))
    }

    pub(super) fn children(&self, parent: &str, limit: usize, deadline: &Deadline) -> Result<Vec<String>> {
        let prefix = record::child_prefix(parent);
        let rows = self.barrier.list_keys(&prefix, "", limit, deadline)?;
        Ok(rows.iter().filter_map(|(key, _)| key.strip_prefix(&prefix)).map(str::to_owned).collect())
    }

    /// Removes all rows of those tokens that are in the state `marked`, and rows under `parent` of those that are not
    /// its children (any more). They have no children themselves.
    pub(super) fn remove_rows(
        &self,
        parent: Option<&str>,
        indexes: &[String],
        marked: State,
        deadline: &Deadline,
    ) -> Result<()> {
        if indexes.is_empty() {
            return Ok(());
        }
        self.barrier.update(deadline, || {
            let mut batch = Batch { durability: Durability::Relaxed, ..Batch::default() };
            for index in indexes {
                let key = record::record_key(index);
                let (revision, record) = match self.barrier.look::<Record>(&key, deadline)? {
                    Found::Record(stored) => (Some(stored.revision), Some(stored.value)),
                    Found::Nothing => (None, None),
                    Found::Unreadable(revision) => {
                        batch.deletes.push(key.clone());
                        (Some(revision), None)
                    }
                };
                batch.checks.push(Check { key, revision });
                let is_child =
                    |record: &Record| parent.is_none_or(|parent| record.parent.as_deref() == Some(parent));
                match record.filter(is_child) {
                    Some(record) if record.state == marked => {
                        batch.deletes.extend(self.keys_of(index, &record));
                    }
                    Some(_) => {}
                    None => batch.deletes.extend(parent.map(|parent| record::child_key(parent, index))),
                }
            }
            Ok((batch, ()))
        })
    }

    /// Finishes the removal of a token that is marked, or of what is left below one that is gone; a living one is
    /// left alone.
    pub(super) fn remove_if_dead(&self, index: &str, deadline: &Deadline) -> Result<()> {
        match self.barrier.look::<Record>(&record::record_key(index), deadline)? {
            Found::Record(stored) => match stored.value.state {
                State::Revoked => self.remove_tree(index, deadline),
                State::Orphaning => self.cut_loose(index, deadline),
                State::Live => Ok(()),
            },
            Found::Nothing | Found::Unreadable(_) => self.remove_tree(index, deadline),
        }
    }

    /// Removes a lease row, as it was listed, that no token has. None should exist, but one would come up at every
    /// sweep.
    pub(super) fn remove_stray_lease(&self, key: &str, listed: Revision, deadline: &Deadline) -> Result<()> {
        let index = record::parse_lease_key(key).map_or("", |(_, _, index)| index);
        let record_key = record::record_key(index);
        self.barrier.update(deadline, || {
            let mut batch = Batch { durability: Durability::Relaxed, ..Batch::default() };
            let (revision, is_stray) = match self.barrier.look::<Record>(&record_key, deadline)? {
                Found::Record(stored) => (Some(stored.revision), stored.value.lease_key(index) != key),
                Found::Nothing => (None, true),
                Found::Unreadable(revision) => (Some(revision), true),
            };
            if is_stray && self.barrier.revision_of(key, deadline)? == Some(listed) {
                batch.checks.push(Check { key: record_key.clone(), revision });
                batch.deletes.push(key.to_owned());
            }
            Ok((batch, ()))
        })
    }
}

/// Removes a record that cannot be read, and so is of no use to anybody, unless it is written anew.
fn remove_unreadable(batch: &mut Batch, key: String, revision: Revision) {
    batch.checks.push(Check { key: key.clone(), revision: Some(revision) });
    batch.deletes.push(key);
}

pub(super) fn go_on(deadline: &Deadline) -> Result<()> {
    deadline.check("removing revoked tokens")
}
