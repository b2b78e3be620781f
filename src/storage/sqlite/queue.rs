//! Gathers commits that come at the same time, so that they share one transaction and one wait for the disk.
//!
//! The first caller leads: he commits what is queued, group by group, until his own batch is answered, then
//! hands over to the caller who waits longest. There is no thread of our own.

use crate::deadline::Deadline;
use crate::limits;
use crate::storage::{Batch, Durability, StorageError};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The commits that wait for their turn.
#[derive(Default)]
pub(super) struct CommitQueue {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Arc<Waiter>>,
    /// Somebody leads, or was told to.
    led: bool,
}

/// A caller in the queue.
struct Waiter {
    durability: Durability,
    slot: Mutex<Slot>,
    changed: Condvar,
}

struct Slot {
    /// Gone once a leader has taken it: from then on the caller must wait for the result.
    batch: Option<Batch>,
    leads: bool,
    result: Option<Result<(), StorageError>>,
}

/// Batches that a leader has taken. Each gets a result, in the worst case when this is dropped.
pub(super) struct Group {
    waiters: Vec<Arc<Waiter>>,
    batches: Vec<Batch>,
}

impl CommitQueue {
    /// Queues a batch and returns its result. `commit_group` is called while this caller leads: it takes a group
    /// and answers it; its error says that it took none.
    pub(super) fn commit(
        &self,
        batch: Batch,
        deadline: &Deadline,
        commit_group: impl Fn() -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        let waiter = self.join(batch);
        loop {
            match waiter.wait(deadline) {
                Event::Answered(result) => return result,
                Event::Leads => {
                    let _leadership = Leadership { queue: self, waiter: &waiter };
                    while !waiter.is_answered() {
                        if let Err(error) = commit_group() {
                            self.withdraw(&waiter);
                            return Err(error);
                        }
                    }
                }
                Event::Interrupted(error) => {
                    if self.withdraw(&waiter) {
                        // He may have been told to lead just now.
                        if waiter.slot().leads {
                            drop(Leadership { queue: self, waiter: &waiter });
                        }
                        return Err(error);
                    }
                }
            }
        }
    }

    /// The durability of the batch that waits longest; the next group is made of its kind, so that what need
    /// not wait for the disk does not.
    pub(super) fn next_durability(&self) -> Option<Durability> {
        self.state().waiting.front().map(|waiter| waiter.durability)
    }

    /// Takes waiting batches of one kind, in their order.
    pub(super) fn take(&self, durability: Durability) -> Group {
        let mut state = self.state();
        let mut group = Group { waiters: Vec::new(), batches: Vec::new() };
        let mut left = VecDeque::with_capacity(state.waiting.len());
        for waiter in std::mem::take(&mut state.waiting) {
            let fits = waiter.durability == durability && group.waiters.len() < limits::STORAGE_GROUP;
            let batch = if fits { waiter.slot().batch.take() } else { None };
            match batch {
                Some(batch) => {
                    group.batches.push(batch);
                    group.waiters.push(waiter);
                }
                None => left.push_back(waiter),
            }
        }
        state.waiting = left;
        group
    }

    fn join(&self, batch: Batch) -> Arc<Waiter> {
        let mut state = self.state();
        let durability = batch.durability;
        let slot = Slot { batch: Some(batch), leads: !state.led, result: None };
        let waiter = Arc::new(Waiter { durability, slot: Mutex::new(slot), changed: Condvar::new() });
        state.led = true;
        state.waiting.push_back(waiter.clone());
        waiter
    }

    /// Takes a caller out of the queue; false when a leader has already taken his batch.
    fn withdraw(&self, waiter: &Arc<Waiter>) -> bool {
        let mut state = self.state();
        let Some(position) = state.waiting.iter().position(|other| Arc::ptr_eq(other, waiter)) else {
            return false;
        };
        state.waiting.remove(position);
        true
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
impl CommitQueue {
    pub(super) fn waiting(&self) -> usize {
        self.state().waiting.len()
    }
}

/// One caller's time as leader. When dropped, after a panic too, the caller who waits longest is told to lead.
struct Leadership<'a> {
    queue: &'a CommitQueue,
    waiter: &'a Waiter,
}

impl Drop for Leadership<'_> {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        self.waiter.slot().leads = false;
        state.led = match state.waiting.front() {
            Some(next) => {
                next.slot().leads = true;
                next.changed.notify_one();
                true
            }
            None => false,
        };
    }
}

enum Event {
    Answered(Result<(), StorageError>),
    Leads,
    Interrupted(StorageError),
}

impl Waiter {
    fn wait(&self, deadline: &Deadline) -> Event {
        let mut slot = self.slot();
        loop {
            if let Some(result) = slot.result.take() {
                return Event::Answered(result);
            }
            if slot.leads {
                return Event::Leads;
            }
            if slot.batch.is_some()
                && let Some(why) = deadline.interrupted()
            {
                return Event::Interrupted(why.into());
            }
            let waited = self.changed.wait_timeout(slot, limits::STORAGE_POLL);
            slot = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn is_answered(&self) -> bool {
        self.slot().result.is_some()
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Group {
    /// What is to be committed.
    pub(super) fn batches(&self) -> &[Batch] {
        &self.batches
    }

    /// Wakes the callers with their results, which come in the order of the batches.
    pub(super) fn answer(mut self, results: Vec<Result<(), StorageError>>) {
        for (waiter, result) in self.waiters.drain(..).zip(results) {
            answer(&waiter, result);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for waiter in self.waiters.drain(..) {
            answer(&waiter, Err(without_result()));
        }
    }
}

/// The error of a commit that is neither known to have happened nor to have failed.
pub(super) fn without_result() -> StorageError {
    let text = "the commit ended without a result: read again to see what is stored";
    StorageError::Failed(text.to_owned())
}

fn answer(waiter: &Waiter, result: Result<(), StorageError>) {
    waiter.slot().result = Some(result);
    waiter.changed.notify_one();
}
