//! A function of the host's: registered, exchanged and let go of while others are calling it.

use crate::in_flight::{InFlight, Inside};
use std::cell::Cell;
use std::sync::{Arc, PoisonError, RwLock};

/// The place of a function of the host's, or of nothing.
pub struct Callback<F>(RwLock<Option<Arc<Registered<F>>>>);

struct Registered<F> {
    function: F,
    running: Arc<InFlight>,
}

impl<F> Default for Callback<F> {
    fn default() -> Self {
        Self(RwLock::new(None))
    }
}

impl<F> Callback<F> {
    /// Puts a function, or nothing, in the place of what was there. When it returns, the function before is not
    /// running and never runs again: a call of it that is under way is waited for. `in_step` is done together with
    /// the exchange, so that what it notes always goes with the function that is there.
    ///
    /// Returns the new function, which cannot be let go of as long as this is kept.
    pub fn replace(&self, new: Option<F>, in_step: impl FnOnce()) -> Option<InUse<F>> {
        let new = new.map(|function| Arc::new(Registered { function, running: Arc::default() }));
        // Entered before anybody can replace it, so that whoever does waits for what it is told by our caller.
        let first = new.as_ref().map(InUse::enter);
        let old = {
            let mut registered = self.0.write().unwrap_or_else(PoisonError::into_inner);
            in_step();
            std::mem::replace(&mut *registered, new)
        };
        if let Some(old) = old {
            old.running.drain(None);
        }
        first
    }

    /// The function that is registered, to be called.
    pub fn get(&self) -> Option<InUse<F>> {
        // Entered under the lock, so that whoever swaps the function under it sees us.
        self.0.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(InUse::enter)
    }

    /// Whether there is one.
    pub fn is_set(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

/// A function that is registered, or was until a moment ago; whoever took it away waits until this is dropped.
pub struct InUse<F> {
    registered: Arc<Registered<F>>,
    _inside: Inside,
}

impl<F> InUse<F> {
    fn enter(registered: &Arc<Registered<F>>) -> Self {
        Self { _inside: registered.running.enter(), registered: Arc::clone(registered) }
    }

    /// The function, to be looked at.
    pub fn function(&self) -> &F {
        &self.registered.function
    }

    /// Calls it. The caller holds no lock: it is the host's code, and the host may be waiting for us in another
    /// thread.
    pub fn call<R>(&self, call: impl FnOnce(&F) -> R) -> R {
        let _running = Running::enter();
        call(&self.registered.function)
    }
}

thread_local! {
    static RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside of a function of the host's: the C functions refuse to be called from there.
pub fn is_running() -> bool {
    RUNNING.get()
}

/// Marks the thread; dropped also when the function panics.
struct Running;

impl Running {
    fn enter() -> Self {
        RUNNING.set(true);
        Self
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.set(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::sync::mpsc;

    #[test]
    fn a_function_that_runs_is_waited_for() {
        let (started, has_started) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let state = Mutex::new((started, may_go_on, false));
        let callback = Callback::default();
        callback.replace(Some(&state), || {});
        std::thread::scope(|scope| {
            scope.spawn(|| {
                callback.get().expect("there").call(|state| {
                    let mut state = state.lock().expect("no panic");
                    state.0.send(is_running()).expect("the test listens");
                    state.1.recv().expect("the test answers");
                    state.2 = true;
                });
            });
            assert!(has_started.recv().expect("the function runs"));
            let replacer = scope.spawn(|| {
                callback.replace(None, || {});
                state.try_lock().is_ok_and(|state| state.2)
            });
            go_on.send(()).expect("the function waits");
            assert!(replacer.join().expect("no panic"), "replaced while the function was running");
        });
        assert!(!callback.is_set() && callback.get().is_none() && !is_running());
    }
}
