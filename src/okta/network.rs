//! The one thread that talks to the network. It waits for nothing but the network, least of all for a resolver that
//! hangs.

use crate::deadline::{Deadline, Interrupted};
use crate::limits;
use crate::threads::{self, PanicPayload, Shared, User, lock, panics_caught};
use std::future::Future;
use std::panic::resume_unwind;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::ThreadId;
use std::time::Instant;
use tokio::sync::oneshot;

static SHARED: Shared<NetworkThread> = Shared::new();

/// A user of the network thread. Making one starts nothing.
pub struct Network(User<NetworkThread>);

impl Default for Network {
    fn default() -> Self {
        Self::new()
    }
}

impl Network {
    /// A user of the network thread of this process, which is started when first needed.
    pub fn new() -> Self {
        Self(User::new(&SHARED))
    }

    /// Carries out a future on the network thread and waits for it: until it is done, the deadline has passed or
    /// the operation is cancelled. In the latter cases the future is dropped, and with it a request under way.
    ///
    /// # Errors
    /// Why the future was not finished. [`Interrupted::Unavailable`]: the thread cannot be started, this is a
    /// forked child of the process that made the `Network`, or the call came from the network thread itself, which
    /// would wait for itself.
    ///
    /// # Panics
    /// When the future panics; the panic goes on in the calling thread.
    pub fn run<F>(&self, deadline: &Deadline, future: F) -> Result<F::Output, Interrupted>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        if let Some(why) = deadline.interrupted() {
            return Err(why);
        }
        let thread = self.thread()?;
        if thread.id == std::thread::current().id() {
            return Err(Interrupted::Unavailable);
        }
        let slot = Arc::new(Slot::default());
        let sender = Sender(Some(Arc::clone(&slot)));
        let cancel = deadline.cancel().clone();
        let task = thread.handle.spawn(async move {
            // One turn for others who hand over work at this moment: their calls then go out in one write and come
            // back in one read, which at 64 callers saves a seventh of all CPU.
            tokio::task::yield_now().await;
            let outcome = tokio::select! {
                biased;
                // First, so that nothing goes on that is cancelled.
                () = cancel.cancelled() => Outcome::Interrupted(Interrupted::Cancelled),
                outcome = panics_caught(future) => Outcome::Finished(outcome),
            };
            sender.send(outcome);
        });
        match slot.wait_until(deadline.at()) {
            Some(Outcome::Finished(Ok(value))) => Ok(value),
            Some(Outcome::Finished(Err(panic))) => resume_unwind(panic),
            Some(Outcome::Interrupted(why)) => Err(why),
            None => {
                task.abort();
                Err(Interrupted::TimedOut)
            }
        }
    }

    /// Starts a future on the network thread and does not wait for it. It is dropped when the last `Network` is.
    ///
    /// # Errors
    /// [`Interrupted::Unavailable`], as for [`Network::run`].
    pub fn spawn<F>(&self, future: F) -> Result<(), Interrupted>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.thread()?.handle.spawn(future);
        Ok(())
    }

    fn thread(&self) -> Result<&Arc<NetworkThread>, Interrupted> {
        self.0.get(NetworkThread::start)
    }
}

struct NetworkThread {
    handle: tokio::runtime::Handle,
    id: ThreadId,
    process: u32,
    stop: Option<oneshot::Sender<()>>,
}

impl NetworkThread {
    fn start(process: u32) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            // The system's resolver blocks. It gets one thread, and that only while there is a name to look up.
            .max_blocking_threads(1)
            .thread_keep_alive(limits::RESOLVER_THREAD_KEEP_ALIVE)
            .thread_name("okta_auth-dns")
            .thread_stack_size(limits::RESOLVER_STACK_BYTES)
            .build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = threads::start("okta_auth-net", limits::NETWORK_STACK_BYTES, move || {
            // Sent or dropped, either is the end.
            let _ = runtime.block_on(stopped);
            runtime.shutdown_background();
        })?;
        Ok(Self { handle, id: thread.id(), process, stop: Some(stop) })
    }
}

impl Drop for NetworkThread {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            // Telling it to stop would lock and wake what belongs to the parent.
            std::mem::forget(self.stop.take());
        }
    }
}

enum Outcome<T> {
    Finished(Result<T, PanicPayload>),
    Interrupted(Interrupted),
}

/// Where the network thread puts the outcome and the caller waits for it. The channels of std spin before they
/// sleep, which is a waste here: an answer of Okta's takes milliseconds.
struct Slot<T> {
    outcome: Mutex<Option<Outcome<T>>>,
    filled: Condvar,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { outcome: Mutex::new(None), filled: Condvar::new() }
    }
}

impl<T> Slot<T> {
    /// The outcome, or `None` when there is none by then.
    fn wait_until(&self, at: Instant) -> Option<Outcome<T>> {
        let mut outcome = lock(&self.outcome);
        loop {
            if let Some(outcome) = outcome.take() {
                return Some(outcome);
            }
            let left = at.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            outcome = self.filled.wait_timeout(outcome, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn fill(&self, outcome: Outcome<T>) {
        *lock(&self.outcome) = Some(outcome);
        self.filled.notify_one();
    }
}

/// Fills the slot even when it is dropped unused, so that a task which dies with its runtime leaves nobody waiting.
struct Sender<T>(Option<Arc<Slot<T>>>);

impl<T> Sender<T> {
    fn send(mut self, outcome: Outcome<T>) {
        if let Some(slot) = self.0.take() {
            slot.fill(outcome);
        }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        if let Some(slot) = self.0.take() {
            slot.fill(Outcome::Interrupted(Interrupted::Cancelled));
        }
    }
}
