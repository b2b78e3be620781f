//! How long an operation may go on: until its time is up or somebody cancels it.

use crate::error::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// The end of an operation: a point of monotonic time, and a flag that ends it sooner.
#[derive(Clone)]
pub struct Deadline {
    began: Instant,
    at: Instant,
    cancel: Cancel,
}

impl Deadline {
    /// A deadline `timeout` from now that `cancel` can bring forward.
    pub fn after(timeout: Duration, cancel: Cancel) -> Self {
        let began = Instant::now();
        Self { began, at: later(began, timeout), cancel }
    }

    /// The deadline of an operation that began when this one did and may take `timeout` in all.
    #[must_use]
    pub fn lasting(&self, timeout: Duration) -> Self {
        Self { at: later(self.began, timeout), ..self.clone() }
    }

    /// This deadline, or one `timeout` from now where that is sooner: for what the operation can do without.
    #[must_use]
    pub fn within(&self, timeout: Duration) -> Self {
        Self { at: self.at.min(later(Instant::now(), timeout)), ..self.clone() }
    }

    /// The time left; zero when it is up or the operation was cancelled.
    pub fn remaining(&self) -> Duration {
        if self.cancel.is_cancelled() {
            return Duration::ZERO;
        }
        self.at.saturating_duration_since(Instant::now())
    }

    /// The point in time.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// The flag that ends the operation.
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Lets the operation go on unless it has to end now. `doing` names what it is doing.
    ///
    /// # Errors
    /// As [`Error::interrupted`].
    pub fn check(&self, doing: &str) -> Result<()> {
        self.interrupted().map_or(Ok(()), |why| Err(Error::interrupted(why, doing)))
    }

    /// Why the operation has to end now, if it has to.
    pub fn interrupted(&self) -> Option<Interrupted> {
        if self.cancel.is_cancelled() {
            Some(Interrupted::Cancelled)
        } else if Instant::now() >= self.at {
            Some(Interrupted::TimedOut)
        } else {
            None
        }
    }
}

fn later(began: Instant, timeout: Duration) -> Instant {
    began.checked_add(timeout).unwrap_or(began + Duration::from_secs(86_400 * 365))
}

/// Why an operation ended before it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupted {
    /// Its time was up.
    TimedOut,
    /// It was cancelled, or its handle was closed.
    Cancelled,
    /// There is no thread for it: none could be started, too many wait for it, or the process was forked since.
    Unavailable,
}

/// A flag, shared by all who may end an operation and all who wait in it.
#[derive(Clone, Default)]
pub struct Cancel(Arc<CancelState>);

#[derive(Default)]
struct CancelState {
    cancelled: AtomicBool,
    notify: Notify,
}

impl Cancel {
    /// Ends the operation; further calls change nothing.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::SeqCst);
        self.0.notify.notify_waiters();
    }

    /// Whether it was ended.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::SeqCst)
    }

    /// Returns once it is ended.
    pub async fn cancelled(&self) {
        loop {
            let notified = self.0.notify.notified();
            tokio::pin!(notified);
            // Registered before the flag is read, so that a cancel in between is not missed.
            notified.as_mut().enable();
            if self.is_cancelled() {
                return;
            }
            notified.await;
        }
    }
}
