//! The sweep: removes the rows of tokens whose time is up, a few at a time. Nothing depends on it but the size of the
//! storage.
//!
//! Whoever creates a token removes more than one that has expired, at the same mount first: so the rows of expired
//! tokens do not grow with time, and nobody waits for a thousand of them.

use super::record::{self, Record, State};
use super::revoke::go_on;
use super::store::Tokens;
use crate::clock::UnixSeconds;
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::json::Value;
use crate::limits;
use crate::log::Level;
use crate::storage::{Batch, Durability, Found, Revision};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, TryLockError};

/// What this process has still to sweep, and where.
#[derive(Default)]
pub(super) struct Sweeper {
    /// Tokens whose removal came with creations and was not done yet.
    owed: AtomicUsize,
    /// The mount that was swept last beside a creator's own; held by the one who sweeps.
    last_mount: Mutex<String>,
}

/// How far a sweep has come.
struct Sweep {
    /// Tokens that it may still look at.
    left: usize,
    /// How many of them at once.
    page: usize,
    removed: usize,
    /// The last failure with single tokens.
    failure: Option<Error>,
}

impl Sweep {
    fn of(tokens: usize, page: usize) -> Self {
        Self { left: tokens, page, removed: 0, failure: None }
    }
}

impl Tokens {
    /// Removes a few expired tokens, those of this mount first, then those of one other. One creation at a time does
    /// it, for all that came meanwhile. Failures are logged: the creation did not ask for it.
    pub(super) fn sweep_aside(&self, mount_id: &str, deadline: &Deadline) {
        let sweeper = &self.sweeper;
        sweeper.owed.fetch_add(limits::SWEEP_PER_TOKEN, Ordering::Relaxed);
        let result = {
            let mut last_mount = match sweeper.last_mount.try_lock() {
                Ok(last_mount) => last_mount,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => return,
            };
            let tokens = sweeper.owed.swap(0, Ordering::Relaxed).min(limits::SWEEP_TOKENS);
            self.sweep_own_and_next(
                mount_id,
                &mut last_mount,
                tokens,
                &deadline.within(limits::SWEEP_ASIDE_TIME),
            )
        };
        // No lock is held any more: the log is the host's code.
        self.log_failure(result);
    }

    /// Removes a few expired tokens of any mount. Failures are logged: the storage opens all the same.
    pub fn sweep_at_open(&self, deadline: &Deadline) {
        let result = self.sweep(limits::SWEEP_TOKENS, &deadline.within(limits::SWEEP_TIME));
        self.log_failure(result.map(drop));
    }

    /// Removes up to `limit` tokens whose time is up, or whose removal was not finished, and says how many it was.
    ///
    /// # Errors
    /// Failures of the storage; one token that cannot be removed keeps no other.
    pub(super) fn sweep(&self, limit: usize, deadline: &Deadline) -> Result<usize> {
        let mut sweep = Sweep::of(limit, limits::SWEEP_PAGE);
        let mut mount_id = String::new();
        while sweep.left > 0 {
            go_on(deadline)?;
            let Some(next) = self.mount_after(&mount_id, deadline)? else {
                break;
            };
            self.sweep_mount(&next, &mut sweep, deadline)?;
            mount_id = next;
        }
        sweep.failure.map_or(Ok(sweep.removed), Err)
    }

    fn sweep_own_and_next(
        &self,
        mount_id: &str,
        last_mount: &mut String,
        tokens: usize,
        deadline: &Deadline,
    ) -> Result<()> {
        // By one commit: the more creations come at once, the more each sweep has to remove in the same time.
        let mut sweep = Sweep::of(tokens, tokens);
        self.sweep_mount(mount_id, &mut sweep, deadline)?;
        if sweep.left > 0 {
            let mut next = self.mount_after(last_mount, deadline)?;
            if next.as_deref() == Some(mount_id) {
                next = self.mount_after(mount_id, deadline)?;
            }
            // After the last mount it starts anew with the first.
            *last_mount = next.unwrap_or_default();
            if !last_mount.is_empty() {
                self.sweep_mount(last_mount, &mut sweep, deadline)?;
            }
        }
        sweep.failure.map_or(Ok(()), Err)
    }

    /// The first mount with a lease row after this one; of all where it is empty.
    fn mount_after(&self, mount_id: &str, deadline: &Deadline) -> Result<Option<String>> {
        // "0" follows "/": the first key after all of the mount's.
        let after =
            if mount_id.is_empty() { String::new() } else { format!("{}{mount_id}0", record::LEASES) };
        let first = self.barrier.list_keys(record::LEASES, &after, 1, deadline)?;
        let mount_id = first.first().and_then(|(key, _)| key.strip_prefix(record::LEASES)?.split_once('/'));
        Ok(mount_id.map(|(mount_id, _)| mount_id.to_owned()))
    }

    fn sweep_mount(&self, mount_id: &str, sweep: &mut Sweep, deadline: &Deadline) -> Result<()> {
        let prefix = record::lease_prefix(mount_id);
        let now = self.clock.now();
        let mut after = String::new();
        while sweep.left > 0 {
            let page_size = sweep.page.min(sweep.left);
            let page = self.barrier.list_keys(&prefix, &after, page_size, deadline)?;
            let due: Vec<_> = page.into_iter().take_while(|(key, _)| is_due(key, now)).collect();
            let Some((last, _)) = due.last() else {
                break;
            };
            after.clone_from(last);
            sweep.left -= due.len();
            match self.sweep_page(&due, deadline) {
                Ok(()) => sweep.removed += due.len(),
                Err(error) if deadline.interrupted().is_some() => return Err(error),
                Err(error) => sweep.failure = Some(error),
            }
            if due.len() < page_size {
                break;
            }
        }
        Ok(())
    }

    /// Removes the tokens of lease rows that are due, by one commit where they have no children. A renewal may have
    /// come in between: the record decides, not the row that led here.
    fn sweep_page(&self, due: &[(String, Revision)], deadline: &Deadline) -> Result<()> {
        let time = self.clock.read();
        let is_up = |record: &Record| match record.state {
            State::Live => record.has_expired(time),
            State::Revoked => true,
            State::Orphaning => false,
        };
        let others = self.barrier.update(deadline, || {
            let mut batch = Batch { durability: Durability::Relaxed, ..Batch::default() };
            let mut others = Vec::new();
            for row in due {
                let (_, _, index) = record::parse_lease_key(&row.0).unwrap_or_default();
                let record_key = record::record_key(index);
                match self.barrier.look::<Record>(&record_key, deadline)? {
                    // Nobody makes a child of it any more. One that a process with a slow clock makes all the same
                    // has no parent and is swept at its own end.
                    Found::Record(stored)
                        if is_up(&stored.value)
                            && stored.value.lease_key(index) == row.0
                            && self.children(index, 1, deadline)?.is_empty() =>
                    {
                        batch.checks.push(stored.check(&record_key));
                        batch.deletes.extend(self.keys_of(index, &stored.value));
                    }
                    _ => others.push(row),
                }
            }
            Ok((batch, others))
        })?;
        for (key, listed) in others {
            go_on(deadline)?;
            if let Some((_, _, index)) = record::parse_lease_key(key) {
                self.mark(&[index.to_owned()], State::Revoked, Durability::Relaxed, deadline, is_up)?;
                self.remove_if_dead(index, deadline)?;
            }
            self.remove_stray_lease(key, *listed, deadline)?;
        }
        Ok(())
    }

    fn log_failure(&self, result: Result<()>) {
        let Err(error) = result else { return };
        // What was busy, or not done in its time, is done by the next.
        if !matches!(error.code(), Code::Cancelled | Code::DeadlineExceeded | Code::StorageBusy) {
            let text = error.text().unwrap_or_default();
            self.logger.log(Level::Warn, "token_sweep_failed", &[("error", Value::from(text))]);
        }
    }
}

/// A row that names no end belongs to no token.
fn is_due(lease_key: &str, now: UnixSeconds) -> bool {
    match record::parse_lease_key(lease_key) {
        Some((_, Some(end), _)) => end <= now,
        Some((_, None, _)) => false,
        None => true,
    }
}
