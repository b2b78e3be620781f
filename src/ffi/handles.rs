//! Handles: numbers that stand for open clients, never reused, recognised when stale or of another process.
//!
//! How the numbers are made stands in [`super::numbers`]. The table is bounded by [`crate::limits::OPEN_HANDLES`].

use super::codes::Code;
use super::numbers::{self, Kind};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// Stands for an open client, see HANDLES above.
pub type Handle = u64;

/// The last sequence number that was issued in this process or before its fork. A fork copies it.
static ISSUED: AtomicU64 = AtomicU64::new(0);

/// The open handles of one process.
pub struct Handles<T> {
    epoch: u16,
    /// Sequence numbers up to this one were issued before the fork.
    inherited: u64,
    capacity: usize,
    /// Open handles and those being opened.
    reserved: AtomicUsize,
    open: RwLock<HashMap<u64, Arc<T>>>,
}

/// Room for one handle, given back on drop unless it was filled.
pub struct Reservation<'a, T> {
    table: &'a Handles<T>,
}

impl<T> Handles<T> {
    /// An empty table of the process with this epoch.
    pub fn new(epoch: u16, capacity: usize) -> Self {
        Self {
            epoch,
            inherited: ISSUED.load(Ordering::Relaxed),
            capacity,
            reserved: AtomicUsize::new(0),
            open: RwLock::default(),
        }
    }

    /// How many forks lie before this process.
    pub fn epoch(&self) -> u16 {
        self.epoch
    }

    /// Room for one more handle; `None` when the table is full.
    pub fn reserve(&self) -> Option<Reservation<'_, T>> {
        let more = |reserved| (reserved < self.capacity).then_some(reserved + 1);
        self.reserved.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Reservation { table: self })
    }

    /// What a handle stands for.
    ///
    /// # Errors
    /// [`Code::Forked`] for a handle from before the fork, without taking a lock; [`Code::Closed`] or
    /// [`Code::InvalidHandle`].
    pub fn find(&self, handle: Handle) -> Result<Arc<T>, Code> {
        let sequence = self.sequence(handle)?;
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.get(&sequence).cloned().ok_or_else(|| self.absent(sequence))
    }

    /// Ends a handle; those who found its value before keep it until they are done.
    ///
    /// # Errors
    /// As [`Handles::find`].
    pub fn take(&self, handle: Handle) -> Result<Arc<T>, Code> {
        let sequence = self.sequence(handle)?;
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        let value = open.remove(&sequence).ok_or_else(|| self.absent(sequence))?;
        self.reserved.fetch_sub(1, Ordering::Relaxed);
        Ok(value)
    }

    /// The sequence number of a handle that this process may have issued.
    fn sequence(&self, handle: Handle) -> Result<u64, Code> {
        let (epoch, sequence) = numbers::split(Kind::Handle, handle).ok_or(Code::InvalidHandle)?;
        match (epoch, sequence <= self.inherited) {
            (epoch, false) if epoch == self.epoch => Ok(sequence),
            (epoch, true) if epoch != 0 && epoch <= self.epoch => Err(Code::Forked),
            _ => Err(Code::InvalidHandle),
        }
    }

    /// Called under the lock, under which numbers are issued as well.
    fn absent(&self, sequence: u64) -> Code {
        if sequence <= ISSUED.load(Ordering::Relaxed) { Code::Closed } else { Code::InvalidHandle }
    }
}

impl<T> Reservation<'_, T> {
    /// Issues a handle for the value.
    pub fn fill(self, value: T) -> Handle {
        let mut open = self.table.open.write().unwrap_or_else(PoisonError::into_inner);
        let sequence = ISSUED.fetch_add(1, Ordering::Relaxed) + 1;
        open.insert(sequence, Arc::new(value));
        drop(open);
        let epoch = self.table.epoch;
        // The room stays taken until the handle is.
        std::mem::forget(self);
        numbers::join(Kind::Handle, epoch, sequence)
    }
}

impl<T> Drop for Reservation<'_, T> {
    fn drop(&mut self) {
        self.table.reserved.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Step {
        Open,
        Close(prop::sample::Index),
        Find(prop::sample::Index),
        Invent(Handle),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            Just(Step::Open),
            any::<prop::sample::Index>().prop_map(Step::Close),
            any::<prop::sample::Index>().prop_map(Step::Find),
            any::<Handle>().prop_map(Step::Invent),
        ];
        prop::collection::vec(step, 0..60)
    }

    proptest! {
        /// Against a plain list of all handles ever issued and what became of them.
        #[test]
        fn a_handle_means_what_was_opened_or_nothing(steps in steps()) {
            const CAPACITY: usize = 5;
            let table = Handles::new(7, CAPACITY);
            let mut issued: Vec<(Handle, bool)> = Vec::new();
            for step in steps {
                match step {
                    Step::Open => {
                        let open = issued.iter().filter(|(_, open)| *open).count();
                        match table.reserve() {
                            Some(room) => {
                                prop_assert!(open < CAPACITY);
                                let handle = room.fill(issued.len());
                                prop_assert!(handle != 0 && issued.iter().all(|(other, _)| *other != handle));
                                issued.push((handle, true));
                            }
                            None => prop_assert_eq!(open, CAPACITY),
                        }
                    }
                    Step::Close(index) if !issued.is_empty() => {
                        let index = index.index(issued.len());
                        let (handle, open) = issued[index];
                        let taken = table.take(handle).map(|taken| *taken);
                        prop_assert_eq!(taken, if open { Ok(index) } else { Err(Code::Closed) });
                        issued[index].1 = false;
                    }
                    Step::Find(index) if !issued.is_empty() => {
                        let index = index.index(issued.len());
                        let (handle, open) = issued[index];
                        let found = table.find(handle).map(|found| *found);
                        prop_assert_eq!(found, if open { Ok(index) } else { Err(Code::Closed) });
                    }
                    Step::Invent(handle) if issued.iter().all(|(other, _)| *other != handle) => {
                        prop_assert!(table.find(handle).is_err() && table.take(handle).is_err());
                    }
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn a_table_after_a_fork_knows_the_handles_before_it() {
        let parent = Handles::new(11, 2);
        let inherited = parent.reserve().expect("room").fill(());
        let child = Handles::new(12, 2);
        assert_eq!(child.find(inherited).err(), Some(Code::Forked));
        assert_eq!(child.take(inherited).err(), Some(Code::Forked));
        let own = child.reserve().expect("room").fill(());
        assert!(child.find(own).is_ok());
        // Issued in the parent after the fork, or never.
        let later = parent.reserve().expect("room").fill(());
        assert_eq!(child.find(later).err(), Some(Code::InvalidHandle));
        assert_eq!(child.find(own | 1).err(), Some(Code::InvalidHandle));
    }

    #[test]
    fn room_that_was_not_filled_is_given_back() {
        let table = Handles::<()>::new(1, 1);
        drop(table.reserve().expect("room"));
        let room = table.reserve().expect("room");
        assert!(table.reserve().is_none());
        let handle = room.fill(());
        assert!(table.take(handle).is_ok());
        assert!(table.reserve().is_some());
    }
}
