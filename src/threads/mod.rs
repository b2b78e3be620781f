//! The library's own threads, of which a process has two at most: one for the network and one worker.
//!
//! Each is shared by all clients of the process, starts when first needed and ends when its last user is dropped.
//! Ending it with its users keeps a host that closes its handles free of threads of ours, before a fork for
//! instance. Nobody joins one: its end may wait for nothing, and its last user may be dropped on the thread itself.

mod signals;
mod worker;

pub use worker::Worker;

use crate::deadline::Interrupted;
use once_cell::race::OnceBox;
use signals::SignalsBlocked;
use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::task::Poll;
use std::thread::Thread;

/// A user of a thread that a process shares. Making one starts nothing.
pub struct User<T: 'static> {
    shared: &'static Shared<T>,
    own: OnceLock<Arc<T>>,
    process: u32,
}

impl<T> User<T> {
    /// A user of this process's thread.
    pub fn new(shared: &'static Shared<T>) -> Self {
        Self { shared, own: OnceLock::new(), process: std::process::id() }
    }

    /// The thread, which `start` starts when nobody has it yet. It is told the process id.
    ///
    /// # Errors
    /// [`Interrupted::Unavailable`]: it cannot be started, or this is a forked child of the process that made the
    /// user.
    pub fn get(&self, start: impl FnOnce(u32) -> std::io::Result<T>) -> Result<&Arc<T>, Interrupted> {
        if self.process != std::process::id() {
            return Err(Interrupted::Unavailable);
        }
        if let Some(own) = self.own.get() {
            return Ok(own);
        }
        let thread = self.shared.get(self.process, start).map_err(|_| Interrupted::Unavailable)?;
        Ok(self.own.get_or_init(|| thread))
    }
}

/// What is shared in one process. A forked child must not touch its parent's: locks in it may be held by threads
/// that do not exist there, and its file descriptors are the parent's. So each generation of processes has its own
/// entry in a list that only grows at its end, and nothing in the list itself is ever locked. (A process id that
/// comes again in a descendant would find a thread that is not there; its calls end with their deadline.)
pub struct Shared<T> {
    first: OnceBox<Entry<T>>,
}

struct Entry<T> {
    process: u32,
    value: Mutex<Weak<T>>,
    next: OnceBox<Entry<T>>,
}

impl<T> Shared<T> {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self { first: OnceBox::new() }
    }

    fn get(&self, process: u32, start: impl FnOnce(u32) -> std::io::Result<T>) -> std::io::Result<Arc<T>> {
        let new = || Box::new(Entry { process, value: Mutex::new(Weak::new()), next: OnceBox::new() });
        let mut entry = self.first.get_or_init(new);
        while entry.process != process {
            entry = entry.next.get_or_init(new);
        }
        let mut shared = lock(&entry.value);
        if let Some(value) = shared.upgrade() {
            return Ok(value);
        }
        let value = Arc::new(start(process)?);
        *shared = Arc::downgrade(&value);
        Ok(value)
    }
}

/// Starts a thread that leaves the host's signals to the host's threads. Of its name Linux keeps 15 bytes.
///
/// # Errors
/// Those of the system.
pub fn start(
    name: &str,
    stack_bytes: usize,
    work: impl FnOnce() + Send + 'static,
) -> std::io::Result<Thread> {
    let _signals = SignalsBlocked::new();
    let thread = std::thread::Builder::new().name(name.into()).stack_size(stack_bytes).spawn(work)?;
    Ok(thread.thread().clone())
}

/// What a panic left behind; to be resumed where somebody waits for the result.
pub type PanicPayload = Box<dyn Any + Send>;

/// Polls a future so that its panic becomes a value: tokio would swallow it and the caller would wait in vain.
pub async fn panics_caught<F: Future>(future: F) -> Result<F::Output, PanicPayload> {
    tokio::pin!(future);
    std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

/// No code that can panic runs under these locks, so a poisoned one holds nothing half done.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
