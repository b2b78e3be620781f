//! Counts who is inside of something, so that whoever closes it can wait until all have left.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The count. Entering and leaving take no lock as long as nobody drains.
#[derive(Default)]
pub struct InFlight {
    inside: AtomicUsize,
    draining: AtomicBool,
    lock: Mutex<()>,
    left: Condvar,
}

impl InFlight {
    /// Comes in; dropping the guard leaves.
    pub fn enter(self: &Arc<Self>) -> Inside {
        self.inside.fetch_add(1, Ordering::SeqCst);
        Inside(Arc::clone(self))
    }

    /// Waits until nobody is inside, at most `limit` (for ever when `None`). Whether nobody is left.
    ///
    /// The caller sees to it that nobody comes in any more.
    pub fn drain(&self, limit: Option<Duration>) -> bool {
        self.draining.store(true, Ordering::SeqCst);
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        // The clock is asked only by those who have to wait.
        let mut until = None;
        while self.inside.load(Ordering::SeqCst) > 0 {
            let Some(limit) = limit else {
                guard = self.left.wait(guard).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let now = Instant::now();
            let left = until.get_or_insert(now + limit).saturating_duration_since(now);
            if left.is_zero() {
                return false;
            }
            let waited = self.left.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner);
            guard = waited.0;
        }
        true
    }
}

/// Somebody inside.
pub struct Inside(Arc<InFlight>);

impl Drop for Inside {
    fn drop(&mut self) {
        // Both sides use the same total order: either we see the drainer's flag, or it sees our count.
        let last = self.0.inside.fetch_sub(1, Ordering::SeqCst) == 1;
        if last && self.0.draining.load(Ordering::SeqCst) {
            let _guard = self.0.lock.lock().unwrap_or_else(PoisonError::into_inner);
            self.0.left.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draining_waits_for_the_last_and_gives_up_at_its_limit() {
        let in_flight = Arc::new(InFlight::default());
        assert!(in_flight.drain(Some(Duration::ZERO)));
        let inside = in_flight.enter();
        assert!(!in_flight.drain(Some(Duration::from_millis(1))));
        let waiter = std::thread::spawn({
            let in_flight = Arc::clone(&in_flight);
            move || in_flight.drain(None)
        });
        drop(inside);
        assert!(waiter.join().expect("no panic"));
    }
}
