//! Keeps SQLite closed across a fork.
//!
//! SQLite must not be carried into a child: its table of locks and its connections would come along, and a
//! child that closes them drops nothing of its own and trusts what is no longer true. So before a fork every
//! connection of this process is closed, without a checkpoint, and the parent opens them again when it next
//! needs them. A child may then open the same file anew.
//!
//! The gate is atomic words and no mutex, so a child never inherits a lock that nobody will release. Who
//! uses SQLite holds a [`Permit`]; the prepare handler of `pthread_atfork` shuts the gate, waits until nobody
//! is inside, and closes. When somebody stays inside for too long the fork goes on all the same, and the child
//! refuses to open any database: SQLite's own locks may be held there by a thread that does not exist.
//!
//! A fork that runs no handlers (`_Fork`, a raw `clone`) is noticed by the process id and refused likewise.

#![allow(unsafe_code)]

use super::StorageError;
use crate::deadline::Deadline;
use crate::limits;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize};
use std::sync::{Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

/// What has to be closed before a fork.
pub(super) trait CloseForFork: Send + Sync {
    /// Closes every connection without a checkpoint. Nobody else is using them.
    fn close_for_fork(&self);
}

/// The right to use SQLite: a fork waits until it is dropped. Hold it for one call only, never in a sleep.
pub(super) struct Permit(());

/// The process as it was when an engine was opened: a child is another one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Generation(u32);

/// Set in [`GATE`] while a fork is under way; the other bits count the permits.
const FORKING: usize = 1 << (usize::BITS - 1);
const PAUSE: Duration = Duration::from_micros(200);

static GATE: AtomicUsize = AtomicUsize::new(0);
static GENERATION: AtomicU32 = AtomicU32::new(0);
/// The process that the other words belong to; 0 before the first engine.
static PROCESS: AtomicU32 = AtomicU32::new(0);
/// This process is the child of a fork that found SQLite in use.
static TORN: AtomicBool = AtomicBool::new(false);
/// Touched under a permit, or by a fork when nobody holds one: free at every fork that closed all.
static OPEN: Mutex<Vec<Weak<dyn CloseForFork>>> = Mutex::new(Vec::new());

thread_local! {
    /// What the prepare handler reached, for the handlers that follow it on the same thread.
    static FORK: Cell<Preparation> = const { Cell::new(Preparation::NotClaimed) };
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Preparation {
    /// The gate could not even be shut.
    NotClaimed,
    /// The gate is shut, but somebody stayed inside.
    InUse,
    /// The gate is shut and everything is closed.
    Closed,
}

/// Readies this process for forks; to be called before SQLite is first used.
pub(super) fn prepare_process() -> Result<Generation, StorageError> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let _ = PROCESS.compare_exchange(0, std::process::id(), SeqCst, SeqCst);
    // Before the OnceLock is touched: a child of a fork without handlers may have inherited it half done.
    refuse_strange_process()?;
    let registered = REGISTERED.get_or_init(|| {
        // SAFETY: the three functions are 'static, do not unwind, and the library is never unloaded
        // (linked with `-z nodelete`), so they may stay registered for the life of the process.
        unsafe { libc::pthread_atfork(Some(before_fork), Some(in_parent), Some(in_child)) == 0 }
    });
    if *registered {
        Ok(Generation(GENERATION.load(SeqCst)))
    } else {
        Err(StorageError::Failed("out of memory: the fork handlers could not be registered".to_owned()))
    }
}

fn refuse_strange_process() -> Result<(), StorageError> {
    if TORN.load(SeqCst) || PROCESS.load(SeqCst) != std::process::id() {
        return Err(StorageError::Forked(
            "this process was forked while a database was in use, so it can open none: fork again from the \
             parent, or let this process exec",
        ));
    }
    Ok(())
}

/// Waits until no fork is under way and enters.
///
/// # Errors
/// When the engine was opened in another process than this one, or the deadline passes.
pub(super) fn enter(generation: Generation, deadline: &Deadline) -> Result<Permit, StorageError> {
    refuse_strange_process()?;
    if !is_current(generation) {
        return Err(StorageError::Forked(
            "this storage was opened before a fork: open it anew in this process",
        ));
    }
    loop {
        let seen = GATE.load(SeqCst);
        if seen & FORKING == 0 {
            if GATE.compare_exchange(seen, seen + 1, SeqCst, SeqCst).is_ok() {
                return Ok(Permit(()));
            }
        } else if let Some(why) = deadline.interrupted() {
            return Err(why.into());
        } else {
            std::thread::sleep(PAUSE);
        }
    }
}

/// Whether this is still the process in which an engine was opened.
pub(super) fn is_current(generation: Generation) -> bool {
    GENERATION.load(SeqCst) == generation.0 && PROCESS.load(SeqCst) == std::process::id()
}

impl Drop for Permit {
    fn drop(&mut self) {
        GATE.fetch_sub(1, SeqCst);
    }
}

/// Has `engine` closed at every fork from now on. The permit shows that no fork is under way.
pub(super) fn register(engine: Weak<dyn CloseForFork>, _: &Permit) {
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    open.retain(|engine| engine.strong_count() > 0);
    open.push(engine);
}

extern "C" fn before_fork() {
    // A panic must not leave a function that C calls.
    let reached = catch_unwind(AssertUnwindSafe(shut)).unwrap_or(Preparation::InUse);
    FORK.set(reached);
}

fn shut() -> Preparation {
    // In a torn process nothing can be open, and what it inherited must not be touched.
    if refuse_strange_process().is_err() {
        return Preparation::NotClaimed;
    }
    let end = Instant::now() + limits::STORAGE_FORK_WAIT;
    let until_limit = |done: &dyn Fn() -> bool| loop {
        if done() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        std::thread::sleep(PAUSE);
    };
    // Two threads may fork at once: the second waits for the first.
    if !until_limit(&|| GATE.fetch_or(FORKING, SeqCst) & FORKING == 0) {
        return Preparation::NotClaimed;
    }
    if !until_limit(&|| GATE.load(SeqCst) == FORKING) {
        return Preparation::InUse;
    }
    let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    for engine in open.iter().filter_map(Weak::upgrade) {
        engine.close_for_fork();
    }
    Preparation::Closed
}

extern "C" fn in_parent() {
    if FORK.replace(Preparation::NotClaimed) != Preparation::NotClaimed {
        GATE.fetch_and(!FORKING, SeqCst);
    }
}

/// Only stores to atomics: a child of a process with threads may do little more.
extern "C" fn in_child() {
    if FORK.replace(Preparation::NotClaimed) != Preparation::Closed {
        TORN.store(true, SeqCst);
    }
    GENERATION.fetch_add(1, SeqCst);
    PROCESS.store(std::process::id(), SeqCst);
    GATE.store(0, SeqCst);
}
