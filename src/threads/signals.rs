//! The signal mask of the threads this library starts: a shim over the system, and the only `unsafe` of this module.

#![allow(unsafe_code)]

use std::mem::MaybeUninit;

/// What stays open: `SIGPROF`, so that profilers see these threads as well, and a thread's own faults, which cannot be
/// blocked sensibly. Everything else is sent to a process, whose own threads are there for it.
const OPEN: &[libc::c_int] = &[
    libc::SIGPROF,
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGILL,
    libc::SIGABRT,
    libc::SIGTRAP,
    libc::SIGSYS,
];

/// Blocks them for the calling thread until it is dropped: a thread that is started meanwhile inherits the mask from
/// its first instruction on, which a mask set by the new thread itself could not give.
pub(super) struct SignalsBlocked {
    before: libc::sigset_t,
}

impl SignalsBlocked {
    pub(super) fn new() -> Self {
        let mut block = MaybeUninit::<libc::sigset_t>::uninit();
        let mut before = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: both sets are written before they are read (sigfillset initialises the first; pthread_sigmask
        // fails only for an unknown `how`, so it writes the second), and both outlive the calls.
        unsafe {
            libc::sigfillset(block.as_mut_ptr());
            for &signal in OPEN {
                libc::sigdelset(block.as_mut_ptr(), signal);
            }
            libc::sigemptyset(before.as_mut_ptr());
            libc::pthread_sigmask(libc::SIG_BLOCK, block.as_ptr(), before.as_mut_ptr());
            Self { before: before.assume_init() }
        }
    }
}

impl Drop for SignalsBlocked {
    fn drop(&mut self) {
        // SAFETY: `before` is a set that the system wrote; the old mask is not asked for.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.before, std::ptr::null_mut());
        }
    }
}
